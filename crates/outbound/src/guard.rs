//! Keeps requests out of the private network, whatever name or redirect leads there.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::Reason;

/// Somebody wanted us to ask in a private network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("its address is not a public one")]
pub(crate) struct NotPublic;

/// Resolves names to public addresses only, and knows the hosts that are exempt.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    allowed_hosts: Arc<HashSet<String>>,
    /// The proxy's own host, which may be in a private network; it is reached by us, never asked for as a target.
    proxy_host: Option<Arc<str>>,
}

impl Guard {
    pub fn new(allowed_hosts: HashSet<String>, proxy: Option<&Url>) -> Self {
        let allowed = allowed_hosts.into_iter().map(|it| it.to_ascii_lowercase());
        let proxy_host = proxy.and_then(|it| Some(it.host_str()?.to_ascii_lowercase().into()));
        Self { allowed_hosts: Arc::new(allowed.collect()), proxy_host }
    }

    /// Behind a proxy it is the proxy that resolves names: those that mean a private address here are refused before. What
    /// only the proxy can resolve is left to it.
    pub async fn check_for_proxy(&self, url: &Url) -> Result<(), Reason> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        if self.proxy_host.is_none() || self.allowed_hosts.contains(&name.to_ascii_lowercase()) {
            return Ok(());
        }
        let Ok(mut found) = tokio::net::lookup_host((name, 0)).await else { return Ok(()) };
        if found.any(|it| !is_public(it.ip())) {
            return Err(Reason::Refused(NotPublic.to_string()));
        }
        Ok(())
    }

    /// Whether `url` may be asked, as far as it tells without resolving: names are checked when they are resolved.
    pub fn check(&self, url: &Url) -> Result<(), Reason> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Reason::Refused(format!("{} is not HTTP", url.scheme())));
        }
        let address: IpAddr = match url.host() {
            None => return Err(Reason::Refused("it names no host".into())),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
        };
        let is_allowed = is_public(address) || self.allowed_hosts.contains(&address.to_string());
        if is_allowed { Ok(()) } else { Err(Reason::Refused(NotPublic.to_string())) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let is_exempt =
            self.allowed_hosts.contains(&host) || self.proxy_host.as_deref() == Some(host.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is a trick too.
            if !is_exempt && found.iter().any(|it| !is_public(it.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = a == 192 && b == 0 && c == 0;
    let is_for_benchmarks = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 240
        || is_shared
        || is_for_protocols
        || is_for_benchmarks
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Only what is given out to the world, and none of the forms that hide an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    let is_global = segments[0] & 0xe000 == 0x2000;
    let is_6to4 = segments[0] == 0x2002;
    let is_special = segments[0] == 0x2001 && (segments[1] < 0x0200 || segments[1] == 0x0db8);
    is_global && !is_6to4 && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_world_are_public() {
        for (address, expected) in [
            ("1.1.1.1", true),
            ("93.184.215.14", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("192.0.0.8", false),
            ("198.18.0.1", false),
            ("2606:4700::1111", true),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("2002:7f00:1::", false),
            ("64:ff9b::7f00:1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), expected, "{address}");
        }
    }

    #[test]
    fn an_address_by_number_is_refused_in_every_spelling() {
        let guard = Guard::new(HashSet::new(), None);
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "file:///etc/passwd",
            "gopher://example.org/",
        ] {
            let url = Url::parse(url).expect("a URL");
            assert!(matches!(guard.check(&url), Err(Reason::Refused(_))), "{url}");
        }
    }
}
