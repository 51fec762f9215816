//! Rate limits by the generic cell rate algorithm: per key one number, the time at which the bucket is empty again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Clock;

/// How many keys a process counts at once: about 10 MB. A flood from more addresses than that forgets the least busy ones.
const MAX_KEYS: usize = 100_000;

/// How many events are fine in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Events that may come at once; one more becomes free every `per / limit`.
    pub limit: u32,
    /// The time in which `limit` events become free again.
    pub per: Duration,
}

impl Rate {
    /// `limit` events per second.
    pub const fn per_second(limit: u32) -> Self {
        Self { limit, per: Duration::from_secs(1) }
    }

    /// `limit` events per minute.
    pub const fn per_minute(limit: u32) -> Self {
        Self { limit, per: Duration::from_mins(1) }
    }

    /// Microseconds in which all of the limit is free again; at least one per event.
    pub(crate) fn span_us(self) -> i64 {
        let per = i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
        per.max(i64::from(self.limit.max(1)))
    }

    /// Microseconds that one event takes up.
    pub(crate) fn step_us(self) -> i64 {
        self.span_us() / i64::from(self.limit.max(1))
    }
}

/// What a rate limit says to one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the event is within the limit. One that is not was not counted.
    pub allowed: bool,
    /// How many more would be fine right now.
    pub remaining: u32,
    /// After what time one would be allowed again; zero for an allowed event.
    pub retry_after: Duration,
}

impl Decision {
    pub(crate) fn from_parts(allowed: bool, remaining: i64, retry_after_us: i64) -> Self {
        Self {
            allowed,
            remaining: u32::try_from(remaining).unwrap_or(0),
            retry_after: Duration::from_micros(u64::try_from(retry_after_us).unwrap_or(0)),
        }
    }
}

/// Counts the rate limits of this process.
#[derive(Debug)]
pub(crate) struct Limiter {
    clock: Clock,
    /// Per key the time, in microseconds, at which its whole limit is free again.
    free_at: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    pub fn new(clock: Clock) -> Self {
        Self { clock, free_at: Mutex::default() }
    }

    pub fn allow(&self, key: &str, rate: Rate) -> Decision {
        let now = self.clock.now().timestamp_micros();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= MAX_KEYS && !free_at.contains_key(key) {
            make_room(&mut free_at, now);
        }
        let before = free_at.get(key).copied().unwrap_or(now).max(now);
        let after = before + rate.step_us();
        let wait = after - now - rate.span_us();
        if rate.limit == 0 || wait > 0 {
            return Decision::from_parts(false, 0, wait.max(rate.step_us()).min(rate.span_us()));
        }
        free_at.insert(key.to_owned(), after);
        Decision::from_parts(true, -wait / rate.step_us(), 0)
    }
}

/// Forgets the keys whose limit is free again, and where that is not enough the half that would be soonest.
fn make_room(free_at: &mut HashMap<String, i64>, now: i64) {
    free_at.retain(|_, at| *at > now);
    if free_at.len() > MAX_KEYS / 2 {
        let mut times: Vec<i64> = free_at.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        free_at.retain(|_, at| *at > median);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_flood_of_keys_keeps_the_busiest_and_stays_bounded() {
        let limiter = Limiter::new(Clock::manual(DateTime::UNIX_EPOCH));
        let rate = Rate::per_minute(2);
        limiter.allow("busy", rate);
        limiter.allow("busy", rate);
        for n in 0..MAX_KEYS + 10 {
            limiter.allow(&n.to_string(), rate);
        }
        assert!(!limiter.allow("busy", rate).allowed);
        assert!(limiter.free_at.lock().expect("no test panicked").len() <= MAX_KEYS);
    }

    #[test]
    fn a_limit_of_nothing_refuses_everything_and_an_endless_span_does_not_overflow() {
        let limiter = Limiter::new(Clock::manual(DateTime::UNIX_EPOCH));
        assert!(!limiter.allow("none", Rate::per_second(0)).allowed);
        let endless = Rate { limit: 1, per: Duration::MAX };
        assert!(limiter.allow("endless", endless).allowed);
        assert!(!limiter.allow("endless", endless).allowed);
    }
}
