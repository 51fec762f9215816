//! Leaves a service in peace that fails again and again or asked for a pause.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;

use crate::{Failure, Reason};

/// After so many failures in a row nobody asks for a while.
const MAX_FAILURES: u32 = 5;
/// The first while; doubled each time the trial after it fails too.
const FIRST_REST: TimeDelta = TimeDelta::seconds(30);
/// The longest while, and the longest wish to wait that is believed.
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);

/// Whether a service may be asked now. Closed after several failures in a row, it lets one trial through when its time is
/// over, and opens when that succeeds.
#[derive(Debug)]
pub struct Gate {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    n_failures: u32,
    n_rests: u32,
    closed_until: Option<DateTime<Utc>>,
}

impl Gate {
    /// An open gate.
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// Lets a request through, or says how long to wait.
    pub fn enter(&self) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.closed_until {
            Some(until) if until > now => Err((until - now).to_std().unwrap_or_default()),
            Some(_) => {
                // The others wait for what becomes of this one.
                state.closed_until = Some(now + FIRST_REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes note of an answer: any that shows that the service works.
    pub fn answered(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// Takes note of a failure.
    pub fn failed(&self, failure: &Failure) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = match &failure.reason {
            Reason::Status { status: 429, retry_after } => {
                let asked = retry_after.and_then(|it| TimeDelta::from_std(it).ok());
                Some(asked.unwrap_or(FIRST_REST))
            }
            Reason::Status { status: 503, retry_after: Some(asked) } => {
                TimeDelta::from_std(*asked).ok()
            }
            Reason::Status { status: 500.., .. } | Reason::Unreachable(_) | Reason::TimedOut => {
                state.n_failures = state.n_failures.saturating_add(1);
                let is_trial = state.n_rests > 0;
                (is_trial || state.n_failures >= MAX_FAILURES).then(|| {
                    let rest = FIRST_REST * (1 << state.n_rests.min(10));
                    state.n_rests = state.n_rests.saturating_add(1);
                    rest
                })
            }
            // It answered; what it said is another matter.
            _ => {
                *state = State::default();
                return;
            }
        };
        if let Some(rest) = rest {
            let until = now + rest.min(LONGEST_REST);
            state.closed_until = Some(until);
            tracing::warn!(host = failure.host, reason = %failure.reason, until = %until, "outbound.rest");
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn failure(reason: Reason) -> Failure {
        Failure { host: "host".to_owned(), reason, body: Bytes::new() }
    }

    fn broken() -> Failure {
        failure(Reason::Status { status: 500, retry_after: None })
    }

    fn gate() -> (Gate, Clock) {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        (Gate::new(clock.clone()), clock)
    }

    #[test]
    fn a_service_that_fails_again_and_again_is_left_in_peace_for_longer_and_longer() {
        let (gate, clock) = gate();
        for _ in 0..MAX_FAILURES {
            assert_eq!(gate.enter(), Ok(()));
            gate.failed(&broken());
        }
        assert_eq!(gate.enter(), Err(Duration::from_secs(30)));
        clock.advance(Duration::from_secs(30));
        assert_eq!(gate.enter(), Ok(()), "one trial");
        assert!(gate.enter().is_err(), "and no other meanwhile");
        gate.failed(&broken());
        assert_eq!(gate.enter(), Err(Duration::from_mins(1)));
        clock.advance(Duration::from_mins(1));
        assert_eq!(gate.enter(), Ok(()));
        gate.answered();
        gate.failed(&broken());
        assert_eq!(gate.enter(), Ok(()), "one failure is none");
    }

    #[test]
    fn a_wish_to_wait_is_granted_within_reason() {
        let (gate, clock) = gate();
        let busy = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            failure(Reason::Status { status: 429, retry_after })
        };
        gate.failed(&busy(90));
        assert_eq!(gate.enter(), Err(Duration::from_secs(90)));
        clock.advance(Duration::from_secs(90));
        assert_eq!(gate.enter(), Ok(()));
        gate.failed(&busy(1_000_000));
        assert_eq!(gate.enter(), Err(Duration::from_hours(1)));
    }

    #[test]
    fn an_answer_that_refuses_is_an_answer() {
        let (gate, _) = gate();
        for _ in 0..20 {
            gate.failed(&failure(Reason::Status { status: 404, retry_after: None }));
            gate.failed(&broken());
        }
        assert_eq!(gate.enter(), Ok(()));
    }
}
