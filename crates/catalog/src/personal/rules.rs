//! What a report of a player means. Pure.

use super::{PlayState, ProgressReport};

/// From here on an item counts as played: what follows is credits.
const PLAYED_PERCENT: i64 = 90;
/// Credits that begin before are none.
const CREDITS_PERCENT: i64 = 60;
/// Before this nothing is worth going on from.
const STARTED_PERCENT: i64 = 5;
/// How much further than the time that passed a position may go and still be watched, not jumped over: double speed and
/// a player's late report.
const FASTEST: i64 = 2;
const SLACK_MS: i64 = 2_000;

/// What becomes of an item's progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Where to go on.
    pub position_ms: i64,
    /// How long it runs.
    pub duration_ms: Option<i64>,
    /// Whether this position counts as having played it.
    pub is_completed: bool,
    /// Whether this play is over.
    pub is_over: bool,
}

/// What `report` means for an item that runs for `runtime_ms` where the player does not say, and whose credits begin at
/// `credits_ms`, where that is known.
pub(super) fn outcome(
    report: &ProgressReport,
    runtime_ms: Option<i64>,
    credits_ms: Option<i64>,
) -> Outcome {
    let duration_ms = report.duration_ms.or(runtime_ms).filter(|it| *it > 0);
    let position_ms = report.position_ms.max(0).min(duration_ms.unwrap_or(i64::MAX));
    let is_over = report.state == PlayState::Stopped;
    let Some(duration) = duration_ms else {
        return Outcome { position_ms, duration_ms, is_completed: false, is_over };
    };
    // Credits in the middle are those of something else.
    let is_in_credits =
        credits_ms.is_some_and(|it| position_ms >= it && reaches(it, duration, CREDITS_PERCENT));
    let is_completed = is_in_credits || reaches(position_ms, duration, PLAYED_PERCENT);
    let is_kept = !is_completed && reaches(position_ms, duration, STARTED_PERCENT);
    Outcome {
        position_ms: if is_kept { position_ms } else { 0 },
        duration_ms,
        is_completed,
        is_over,
    }
}

/// In a wide type: a made-up duration must not overflow.
fn reaches(position_ms: i64, duration_ms: i64, percent: i64) -> bool {
    i128::from(position_ms) * 100 >= i128::from(duration_ms) * i128::from(percent)
}

/// How much was watched between two reports `elapsed_ms` apart: nothing where the position jumped.
pub(super) fn watched_ms(from_ms: i64, to_ms: i64, elapsed_ms: i64) -> i64 {
    let forward = to_ms - from_ms;
    if forward > 0 && forward <= elapsed_ms.saturating_mul(FASTEST).saturating_add(SLACK_MS) {
        forward
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_position_is_kept_between_five_and_ninety_percent() {
        let check = |position_ms, duration_ms, runtime_ms, expect: (i64, bool)| {
            let report = ProgressReport {
                position_ms,
                duration_ms,
                state: PlayState::Playing,
                file_id: None,
            };
            let outcome = outcome(&report, runtime_ms, None);
            assert_eq!(
                (outcome.position_ms, outcome.is_completed),
                expect,
                "{position_ms} of {duration_ms:?}"
            );
        };
        check(0, Some(HOUR), None, (0, false));
        check(HOUR / 20 - 1, Some(HOUR), None, (0, false));
        check(HOUR / 20, Some(HOUR), None, (HOUR / 20, false));
        check(HOUR / 2, Some(HOUR), None, (HOUR / 2, false));
        check(HOUR / 10 * 9 - 1, Some(HOUR), None, (HOUR / 10 * 9 - 1, false));
        check(HOUR / 10 * 9, Some(HOUR), None, (0, true));
        check(HOUR, Some(HOUR), None, (0, true));
        check(HOUR * 2, Some(HOUR), None, (0, true));
        check(-5, Some(HOUR), None, (0, false));
        check(HOUR / 2, None, Some(HOUR), (HOUR / 2, false));
        check(HOUR, None, Some(HOUR), (0, true));
        check(HOUR, None, None, (HOUR, false));
        check(HOUR, Some(0), None, (HOUR, false));
        check(i64::MAX, Some(i64::MAX), None, (0, true));
        check(1, Some(i64::MAX), None, (0, false));
    }

    #[test]
    fn who_sees_the_credits_has_seen_the_film() {
        let at = |position_ms, credits_ms| {
            let report = ProgressReport {
                position_ms,
                duration_ms: Some(HOUR),
                state: PlayState::Playing,
                file_id: None,
            };
            outcome(&report, None, credits_ms).is_completed
        };
        assert!(at(HOUR / 10 * 8, Some(HOUR / 10 * 8)));
        assert!(!at(HOUR / 10 * 8 - 1, Some(HOUR / 10 * 8)));
        assert!(!at(HOUR / 10 * 8, Some(HOUR / 10 * 5)), "in the middle of the film");
        assert!(at(HOUR / 10 * 9, Some(HOUR / 100 * 98)), "at ninety percent in any case");
    }

    #[test]
    fn only_a_stop_ends_a_play() {
        for (state, is_over) in
            [(PlayState::Playing, false), (PlayState::Paused, false), (PlayState::Stopped, true)]
        {
            let report = ProgressReport { position_ms: 0, duration_ms: None, state, file_id: None };
            assert_eq!(outcome(&report, None, None).is_over, is_over, "{state:?}");
        }
    }

    #[test]
    fn a_jump_is_not_watched() {
        assert_eq!(watched_ms(0, 10_000, 10_000), 10_000);
        assert_eq!(watched_ms(0, 20_000, 10_000), 20_000, "at double speed");
        assert_eq!(watched_ms(0, 600_000, 10_000), 0, "forward");
        assert_eq!(watched_ms(600_000, 0, 10_000), 0, "back");
    }
}
