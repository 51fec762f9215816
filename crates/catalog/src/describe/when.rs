//! When providers are asked about an item again. Pure.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::id::ItemId;
use metadata::{Facts, Status};

/// No provider is asked about one item more often.
const SHORTEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_hours(6);
/// New things appear at providers in this time; what was in doubt may be clear then.
const AFTER_DOUBT: TimeDelta = TimeDelta::days(14);
const AFTER_FAILURE: TimeDelta = TimeDelta::days(1);

/// A pause that helps: not shorter than makes sense, nor so long that an error of a provider costs days.
pub fn at_least(pause: Duration) -> Duration {
    pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}

/// When to ask again about what was in doubt.
pub fn after_doubt(now: DateTime<Utc>) -> DateTime<Utc> {
    now + AFTER_DOUBT
}

/// When to ask again about what nobody knew.
pub fn after_failure(now: DateTime<Utc>) -> DateTime<Utc> {
    now + AFTER_FAILURE
}

/// When to ask again about what was described: the more is to come of it, the sooner.
pub fn next(facts: &Facts, item: ItemId, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive();
    let age_days = facts.released_on.map(|it| (today - it).num_days());
    let days = match (facts.status, age_days) {
        (Some(Status::Continuing), _) => {
            // The day after an episode comes its title, still and rating are known.
            let until = facts.next_air_on.map(|it| (it - today).num_days() + 1);
            until.filter(|it| *it > 0).map_or(3, |it| it.min(3))
        }
        (Some(Status::Upcoming), _) => 5,
        (None, Some(age)) if age < 30 => 3,
        (None, Some(age)) if age < 365 => 14,
        (Some(Status::Ended) | None, _) => 60,
    };
    // A library described in one night is not asked about in one night again.
    let spread = item.0.as_u128() % 24;
    now + TimeDelta::days(days) + TimeDelta::hours(i64::try_from(spread).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeZone as _};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_not_over_is_asked_about_sooner() {
        let now = Utc.with_ymd_and_hms(2026, 1, 20, 12, 0, 0).single().expect("a time");
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day);
        let series =
            |status, next_air_on| Facts { status: Some(status), next_air_on, ..Facts::default() };
        let film = |released_on| Facts { released_on, ..Facts::default() };
        for (facts, days) in [
            (series(Status::Continuing, None), 3),
            (series(Status::Continuing, day(1, 20)), 1),
            (series(Status::Continuing, day(1, 10)), 3),
            (series(Status::Continuing, day(3, 1)), 3),
            (series(Status::Upcoming, None), 5),
            (series(Status::Ended, None), 60),
            (film(day(1, 10)), 3),
            (film(NaiveDate::from_ymd_opt(2025, 8, 1)), 14),
            (film(NaiveDate::from_ymd_opt(1995, 12, 15)), 60),
            (film(None), 60),
        ] {
            assert_eq!(
                (next(&facts, ItemId(Uuid::nil()), now) - now).num_days(),
                days,
                "{facts:?}"
            );
        }
    }

    #[test]
    fn pauses_are_held_in_bounds() {
        assert_eq!(at_least(Duration::ZERO), SHORTEST_PAUSE);
        assert_eq!(at_least(Duration::from_hours(99)), LONGEST_PAUSE);
    }
}
