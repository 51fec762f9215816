//! How fast this machine makes pictures, learned while it does, and how hard its encoder may therefore try.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use media::transcode::{Effort, Rung};

/// As many seconds of film a second are needed: what is made hardly faster than it plays stalls when anything else happens.
pub(super) const LEAST: f64 = 1.5;
/// With as many there is room for the next effort, which takes about a sixth longer.
pub(super) const AMPLE: f64 = 2.5;
/// How much the newest run counts against all before it.
const NEWEST: f64 = 0.3;
/// Afterwards the machine may have less, or more, to do.
const REMEMBERED: Duration = Duration::from_hours(1);

/// What was learned, by the size and the effort.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<(Rung, Effort), Learned>>);

/// Seconds of film made in a second.
#[derive(Debug, Clone, Copy)]
struct Learned {
    speed: f64,
    at: Instant,
}

impl Pace {
    /// A run was made with this speed.
    pub fn learn(&self, (rung, effort): (Rung, Effort), speed: f64, now: Instant) {
        let mut learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = learned.entry((rung, effort)).or_insert(Learned { speed, at: now });
        if now.duration_since(entry.at) > REMEMBERED {
            entry.speed = speed;
        }
        *entry = Learned { speed: entry.speed + (speed - entry.speed) * NEWEST, at: now };
    }

    /// Seconds of film made in a second, where that was learned not too long ago.
    pub fn speed(&self, picture: (Rung, Effort), now: Instant) -> Option<f64> {
        let learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let it = learned.get(&picture)?;
        (now.duration_since(it.at) <= REMEMBERED).then_some(it.speed)
    }

    /// The most effort with which a size is made fast enough, beginning with what a machine of so many cores is believed to
    /// bear.
    pub fn effort(&self, rung: Rung, n_cores: usize, now: Instant) -> Effort {
        let speed = |effort: Effort| self.speed((rung, effort), now);
        let is_too_slow = |effort: Effort| speed(effort).is_some_and(|it| it < LEAST);
        let mut effort = Effort::for_cores(rung, n_cores);
        while let Some(less) = effort.less().filter(|_| is_too_slow(effort)) {
            effort = less;
        }
        while speed(effort).is_some_and(|it| it > AMPLE)
            && let Some(more) = effort.more().filter(|it| !is_too_slow(*it))
        {
            effort = more;
        }
        effort
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNG: Rung = Rung::P720;

    fn picture(effort: Effort) -> (Rung, Effort) {
        (RUNG, effort)
    }

    #[test]
    fn the_effort_follows_what_was_learned_and_comes_to_rest() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Superfast, "as believed");
        pace.learn(picture(Effort::Superfast), 2.8, now);
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Veryfast, "there is room");
        assert_eq!(
            pace.effort(Rung::P1080, 2, now),
            Effort::Ultrafast,
            "of another size nothing is known"
        );
        pace.learn(picture(Effort::Veryfast), 1.2, now);
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Superfast, "that was too much");
        for _ in 0..9 {
            pace.learn(picture(Effort::Superfast), 1.0, now);
        }
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Ultrafast);
        pace.learn(picture(Effort::Ultrafast), 9.0, now);
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Ultrafast, "more is known to be too slow");
    }

    #[test]
    fn one_slow_run_among_fast_ones_changes_nothing_and_an_hour_all() {
        let (pace, now) = (Pace::default(), Instant::now());
        for _ in 0..5 {
            pace.learn(picture(Effort::Superfast), 2.2, now);
        }
        pace.learn(picture(Effort::Superfast), 0.9, now);
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Superfast);
        pace.learn(picture(Effort::Superfast), 0.1, now);
        assert_eq!(pace.effort(RUNG, 2, now), Effort::Ultrafast);
        let later = now + REMEMBERED + Duration::from_secs(1);
        assert_eq!(pace.effort(RUNG, 2, later), Effort::Superfast);
    }
}
