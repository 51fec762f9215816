//! Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, which is what all apps know.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use fast_qr::{ECL, QRBuilder};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Error, Result};
use serde::Serialize;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use url::Url;
use utoipa::ToSchema;

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;

const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;

/// How many steps a clock may be off, either way.
const SKEW: i64 = 1;

/// The step that `now` lies in.
pub fn step_at(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP_SECONDS)
}

/// The code of one step (RFC 4226, section 5.3).
pub fn code(secret: &[u8], step: i64, digits: u32) -> Result<String> {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret).map_err(|error| Error::Internal(error.into()))?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 0xf);
    let word = [hash[offset], hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 10_u32.pow(digits);
    Ok(format!("{number:0width$}", width = digits as usize))
}

/// The step whose code `given` is, of those around `now` that come after `last_step`. Each step is looked at, so that the
/// time it takes tells nothing.
pub fn fitting_step(
    secret: &[u8],
    given: &str,
    now: DateTime<Utc>,
    last_step: i64,
) -> Result<Option<i64>> {
    let given: String = given.chars().filter(|it| !it.is_whitespace()).collect();
    let mut fitting = None;
    for step in step_at(now) - SKEW..=step_at(now) + SKEW {
        let right = code(secret, step, DIGITS)?;
        let is_right = bool::from(right.as_bytes().ct_eq(given.as_bytes()));
        if is_right && step > last_step {
            fitting = Some(step);
        }
    }
    Ok(fitting)
}

/// The secret as people type it.
pub fn to_text(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The address that an authenticator app reads from the picture.
pub fn address(secret: &[u8], name: &str) -> Result<String> {
    let mut url = Url::parse("otpauth://totp/").map_err(|error| Error::Internal(error.into()))?;
    url.path_segments_mut()
        .map_err(|()| Error::Internal(anyhow::anyhow!("the address has no path")))?
        .pop_if_empty()
        .push(&format!("Revenge:{name}"));
    url.query_pairs_mut()
        .append_pair("secret", &to_text(secret))
        .append_pair("issuer", "Revenge")
        .append_pair("algorithm", "SHA1")
        .append_pair("digits", &DIGITS.to_string())
        .append_pair("period", &STEP_SECONDS.to_string());
    Ok(url.into())
}

/// A QR code, to be drawn as one shape of SVG: dark squares on a light ground of `size` by `size`.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QrCode {
    /// Squares on each side, the quiet zone of four on every side included.
    pub size: usize,
    /// The dark squares as data of an SVG path.
    pub path: String,
}

impl QrCode {
    /// The picture of `text`.
    pub fn of(text: &str) -> Result<Self> {
        const QUIET: usize = 4;
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|error| {
            Error::Internal(anyhow::anyhow!("no QR code holds that: {error:?}"))
        })?;
        let mut path = String::new();
        for y in 0..code.size {
            let row = &code[y][..code.size];
            let mut x = 0;
            while x < code.size {
                let run = row[x..].iter().take_while(|it| it.value()).count();
                if run > 0 {
                    write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET)
                        .map_err(|error| Error::Internal(error.into()))?;
                }
                x += run.max(1);
            }
        }
        Ok(Self { size: code.size + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, right) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let at = DateTime::from_timestamp(seconds, 0).expect("a time");
            assert_eq!(code(RFC_SECRET, step_at(at), 8).expect("a code"), right, "{seconds}");
        }
    }

    #[test]
    fn the_codes_are_those_of_rfc_4226_appendix_d() {
        let right = ["755224", "287082", "359152", "969429", "338314", "254676", "287922"];
        for (step, right) in right.iter().enumerate() {
            assert_eq!(code(RFC_SECRET, step as i64, 6).expect("a code"), *right);
        }
    }

    #[test]
    fn a_clock_may_be_a_step_off_and_a_step_is_accepted_once() {
        let now = DateTime::from_timestamp(1_000_000, 0).expect("a time");
        let step = step_at(now);
        let check = |offset: i64, last_step: i64| {
            let given = code(RFC_SECRET, step + offset, 6).expect("a code");
            fitting_step(RFC_SECRET, &given, now, last_step).expect("looked at")
        };
        assert_eq!(check(0, 0), Some(step));
        assert_eq!(check(-1, 0), Some(step - 1));
        assert_eq!(check(1, 0), Some(step + 1));
        assert_eq!(check(2, 0), None);
        assert_eq!(check(-2, 0), None);
        assert_eq!(check(0, step), None, "the same code again");
        assert_eq!(check(-1, step), None, "an older code after a newer");
        assert_eq!(fitting_step(RFC_SECRET, "", now, 0).expect("looked at"), None);
        let spoken = code(RFC_SECRET, step, 6).expect("a code");
        let spoken = format!("{} {}", &spoken[..3], &spoken[3..]);
        assert_eq!(fitting_step(RFC_SECRET, &spoken, now, 0).expect("looked at"), Some(step));
    }

    #[test]
    fn the_address_is_what_apps_read() {
        assert_eq!(
            address(RFC_SECRET, "Ana B/é").expect("an address"),
            "otpauth://totp/Revenge:Ana%20B%2F%C3%A9?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Revenge\
             &algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn the_picture_has_the_three_eyes_of_a_qr_code_in_a_quiet_zone() {
        let code = QrCode::of("otpauth://totp/x").expect("a picture");
        // Version 2 has 25 squares.
        assert_eq!(code.size, 25 + 8);
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", code.path);
        assert!(code.path.contains(&format!("M{} 4h7v1h-7z", 4 + 25 - 7)));
        assert!(code.path.contains(&format!("M4 {}h7v1h-7z", 4 + 25 - 1)));
    }
}
