//! How much somebody may play.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How much may be played; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Films at once.
    pub max_streams: Option<u16>,
    /// Bits per second of a film that leaves the house.
    pub max_bitrate_bps: Option<i64>,
    /// Bits per second of a film that stays in it.
    pub max_local_bitrate_bps: Option<i64>,
}

impl Limits {
    /// Bits per second of a film, by whether its player is in the house.
    pub fn bitrate_bps(self, is_near: bool) -> Option<i64> {
        if is_near { self.max_local_bitrate_bps } else { self.max_bitrate_bps }
    }
}

/// Bits per second that no film exceeds.
const MAX_BPS: i64 = 10_000_000_000;

/// Refuses a limit of bits per second that is none; `field` names it to whoever sent it.
pub fn check_bitrate(field: &'static str, bps: Option<i64>) -> Result<()> {
    if bps.is_some_and(|it| !(1..=MAX_BPS).contains(&it)) {
        return Err(Error::invalid(field, "must be from 1 to 10000000000"));
    }
    Ok(())
}

/// Whether an address is of the house: this machine's own, or of a network that the internet does not reach (RFC 1918, RFC
/// 3927, RFC 4193, RFC 4291).
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => it.is_loopback() || it.is_private() || it.is_link_local(),
        IpAddr::V6(it) => it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_has_its_own_addresses() {
        let near = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.9",
            "169.254.7.7",
            "::1",
            "fe80::1",
            "fd00::7",
            "::ffff:192.168.1.9",
        ];
        let far = [
            "192.0.2.7",
            "172.32.0.1",
            "100.64.0.1",
            "9.255.255.255",
            "2001:db8::1",
            "fec0::1",
            "::ffff:192.0.2.7",
            "::",
        ];
        let is_near = |it: &str| is_near(it.parse().expect("an address"));
        assert_eq!(near.iter().find(|it| !is_near(it)), None);
        assert_eq!(far.iter().find(|it| is_near(it)), None);
    }

    #[test]
    fn a_film_in_the_house_has_a_limit_of_its_own() {
        let limits = Limits { max_bitrate_bps: Some(1), ..Limits::default() };
        assert_eq!((limits.bitrate_bps(false), limits.bitrate_bps(true)), (Some(1), None));
    }
}
