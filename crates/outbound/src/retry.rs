//! Whether and when a failed request is sent again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Rng;

use crate::{Failure, Reason, Settings};

/// The pause before the next attempt; `None` when another one has no sense.
pub(crate) fn pause(
    failure: &Failure,
    attempt: u32,
    settings: &Settings,
    rng: &Rng,
) -> Option<Duration> {
    let asked = match &failure.reason {
        Reason::Status { status: 429 | 500 | 502..=504, retry_after } => *retry_after,
        Reason::Unreachable(_) | Reason::TimedOut => None,
        _ => return None,
    };
    if let Some(asked) = asked {
        return (asked <= settings.longest_pause).then_some(asked);
    }
    let pause = settings.first_pause.saturating_mul(1 << (attempt - 1).min(16));
    let pause = pause.min(settings.longest_pause);
    // Between half and whole, so that many who failed together do not come back together.
    let jitter = f64::from(u16::from_le_bytes(rng.bytes())) / f64::from(u16::MAX);
    Some(pause.mul_f64(0.5 + jitter / 2.0))
}

/// Seconds, or a date.
pub(crate) fn parse_retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, retry_after: Option<u64>) -> Failure {
        let retry_after = retry_after.map(Duration::from_secs);
        let reason = Reason::Status { status, retry_after };
        Failure { host: "host".into(), reason, body: bytes::Bytes::new() }
    }

    #[test]
    fn pauses_grow_and_are_never_equal() {
        let (settings, rng) = (Settings::default(), Rng::seeded(1));
        let pauses: Vec<Duration> =
            (1..4).filter_map(|it| pause(&failure(503, None), it, &settings, &rng)).collect();
        for (pause, most) in pauses.iter().zip([500, 1000, 2000]) {
            assert!((most / 2..=most).contains(&(pause.as_millis() as u64)), "{pauses:?}");
        }
        let again = pause(&failure(503, None), 1, &settings, &rng);
        assert_ne!(again, Some(pauses[0]));
    }

    #[test]
    fn a_short_wish_is_granted_and_a_long_one_is_the_callers() {
        let (settings, rng) = (Settings::default(), Rng::seeded(1));
        assert_eq!(pause(&failure(429, Some(2)), 1, &settings, &rng), Some(Duration::from_secs(2)));
        assert_eq!(pause(&failure(429, Some(3600)), 1, &settings, &rng), None);
        assert_eq!(pause(&failure(404, None), 1, &settings, &rng), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        let parse = |value| parse_retry_after(value, now).map(|it| it.as_secs());
        assert_eq!(parse("120"), Some(120));
        assert_eq!(parse("Thu, 01 Jan 2026 00:01:00 GMT"), Some(60));
        assert_eq!(parse("Wed, 31 Dec 2025 00:00:00 GMT"), Some(0));
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("-1"), None);
    }
}
