//! Spaces the requests to one host.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use tokio::time::{Instant, sleep_until};

/// Hosts remembered before those whose turn is long past are forgotten.
const MAX_HOSTS: usize = 256;

#[derive(Debug)]
pub(crate) struct Pace {
    spacing: TimeDelta,
    clock: Clock,
    /// When the next request to each host may begin.
    next_at: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Pace {
    pub fn new(spacing: Duration, clock: Clock) -> Self {
        let spacing = TimeDelta::from_std(spacing).unwrap_or(TimeDelta::zero());
        Self { spacing, clock, next_at: Mutex::default() }
    }

    pub async fn wait_for_turn(&self, host: &str) {
        let pause = self.take_turn(host);
        if !pause.is_zero() {
            sleep_until(Instant::now() + pause).await;
        }
    }

    /// Takes the next turn; returns how long it is until then.
    fn take_turn(&self, host: &str) -> Duration {
        let now = self.clock.now();
        let mut next_at = self.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        if next_at.len() >= MAX_HOSTS {
            next_at.retain(|_, at| *at > now);
        }
        let turn = next_at.get(host).copied().unwrap_or(now).max(now);
        next_at.insert(host.to_owned(), turn + self.spacing);
        (turn - now).to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_one_host_are_spaced_and_hosts_do_not_wait_for_each_other() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let pace = Pace::new(Duration::from_millis(100), clock.clone());
        let turns = [pace.take_turn("a"), pace.take_turn("a"), pace.take_turn("b")];
        assert_eq!(turns, [0, 100, 0].map(Duration::from_millis));
        clock.advance(Duration::from_millis(150));
        assert_eq!(pace.take_turn("a"), Duration::from_millis(50));
    }
}
