//! Whether the server is there for somebody at this moment, by the clock on its wall.
//!
//! Hours begin and end at what that clock shows. Where it shows a time twice, the first one counts; where it skips one, the
//! moment it does so.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use kernel::{Error, Hours, Permission, Result};

use crate::Accounts;
use crate::person::Person;

const DAY: u32 = 24 * 60;

/// How it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The server is there.
    Open {
        /// Until then; `None` for good.
        closes_at: Option<DateTime<Utc>>,
    },
    /// It is not.
    Closed {
        /// Until then.
        opens_at: DateTime<Utc>,
    },
}

impl Accounts {
    /// How it is for somebody with these hours.
    pub(crate) fn door(&self, hours: &Hours) -> Result<Door> {
        door(hours, &self.0.time_zone, self.0.clock.now())
    }

    /// How it is for `person`.
    pub(crate) fn door_of(&self, person: &Person) -> Result<Door> {
        self.door(&binding(person.parental.hours.clone(), &person.role.permissions))
    }

    /// Until when these hours last, by the clock of this server; refused outside of them.
    pub fn within_hours(&self, hours: &Hours) -> Result<Option<DateTime<Utc>>> {
        match self.door(hours)? {
            Door::Open { closes_at } => Ok(closes_at),
            Door::Closed { opens_at } => Err(Error::OutsideHours { opens_at }),
        }
    }

    /// What the time zone of everybody's hours is called.
    pub(crate) fn time_zone_name(&self) -> String {
        self.0.time_zone.iana_name().unwrap_or("UTC").to_owned()
    }
}

/// The time zone of this name, as the tz database has it; the machine's own without one, and where that is not said either, UTC.
pub fn time_zone(name: Option<&str>) -> anyhow::Result<TimeZone> {
    match name {
        Some(name) => TimeZone::get(name).with_context(|| format!("no time zone is called {name}")),
        None => Ok(TimeZone::try_system().unwrap_or_else(|error| {
            tracing::warn!(%error, "time_zone.unknown");
            TimeZone::UTC
        })),
    }
}

/// The hours that hold for somebody: who could give themselves others is not shut out by theirs.
pub(crate) fn binding(hours: Hours, permissions: &[Permission]) -> Hours {
    if permissions.contains(&Permission::Administer) { Hours::default() } else { hours }
}

fn door(hours: &Hours, zone: &TimeZone, now: DateTime<Utc>) -> Result<Door> {
    let Some(stretches) = hours.stretches() else { return Ok(Door::Open { closes_at: None }) };
    find_door(&stretches, zone, now).map_err(|error| Error::Internal(error.into()))
}

fn find_door(
    stretches: &[(u32, u32)],
    zone: &TimeZone,
    now: DateTime<Utc>,
) -> Result<Door, jiff::Error> {
    let at = Timestamp::from_microsecond(now.timestamp_micros())?;
    let today = zone.to_datetime(at).date();
    let monday = today.checked_sub(today.weekday().to_monday_zero_offset().days())?;
    // What began last week may reach into this one; what begins in the next is no later than a week from now.
    for week in -1..=2 {
        let monday = monday.checked_add(week.weeks())?;
        for (from, until) in stretches {
            let (begins, ends) = (moment(zone, monday, *from)?, moment(zone, monday, *until)?);
            // A clock that skips all of it leaves nothing.
            if ends <= at || ends <= begins {
                continue;
            }
            return Ok(if begins <= at {
                Door::Open { closes_at: Some(to_chrono(ends)) }
            } else {
                Door::Closed { opens_at: to_chrono(begins) }
            });
        }
    }
    Err(jiff::Error::from_args(format_args!("no hours within two weeks")))
}

/// When the clock first shows what it shows so many minutes after this Monday began, on a day without changes.
fn moment(zone: &TimeZone, monday: Date, minutes: u32) -> Result<Timestamp, jiff::Error> {
    let (day, minute) = (minutes / DAY, minutes % DAY);
    let [hour, minute] = [minute / 60, minute % 60].map(|it| i8::try_from(it).unwrap_or_default());
    let shown = monday.checked_add(i64::from(day).days())?.at(hour, minute, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(shown);
    let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let moment = ambiguous.compatible()?;
    if !is_skipped {
        return Ok(moment);
    }
    let skip = zone.preceding(moment.checked_add(1.second())?).next();
    Ok(skip.map_or(moment, |it| it.timestamp()))
}

fn to_chrono(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use kernel::{Span, Weekday};

    use super::*;

    fn hours(spans: &[(Weekday, u16, u16)]) -> Hours {
        let spans = spans.iter().map(|(weekday, from_minute, until_minute)| Span {
            weekday: *weekday,
            from_minute: *from_minute,
            until_minute: *until_minute,
        });
        Hours::checked("hours", spans.collect()).expect("hours")
    }

    /// In Berlin, by the clock there, with its offset: `2026-01-05T07:00:00+01:00`.
    fn check(hours: &Hours, now: &str, is_open: bool, changes_at: &str) {
        let time = |it: &str| DateTime::parse_from_rfc3339(it).expect("a time").to_utc();
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let expect = if is_open {
            Door::Open { closes_at: Some(time(changes_at)) }
        } else {
            Door::Closed { opens_at: time(changes_at) }
        };
        assert_eq!(door(hours, &berlin, time(now)).expect("a door"), expect, "{now}");
    }

    #[test]
    fn hours_begin_and_end_by_the_clock_on_the_wall() {
        // The fifth of January 2026 is a Monday.
        let school = hours(&[(Weekday::Monday, 7 * 60, 20 * 60), (Weekday::Friday, 19 * 60, 60)]);
        check(&school, "2026-01-05T06:59:59+01:00", false, "2026-01-05T07:00:00+01:00");
        check(&school, "2026-01-05T07:00:00+01:00", true, "2026-01-05T20:00:00+01:00");
        check(&school, "2026-01-05T19:59:59+01:00", true, "2026-01-05T20:00:00+01:00");
        check(&school, "2026-01-05T20:00:00+01:00", false, "2026-01-09T19:00:00+01:00");
        check(&school, "2026-01-10T00:59:00+01:00", true, "2026-01-10T01:00:00+01:00");
        check(&school, "2026-01-10T01:00:00+01:00", false, "2026-01-12T07:00:00+01:00");
        check(&school, "2026-07-06T06:30:00Z", true, "2026-07-06T20:00:00+02:00");
    }

    #[test]
    fn a_night_across_the_end_of_the_week_is_one() {
        let night = hours(&[(Weekday::Sunday, 22 * 60, 6 * 60), (Weekday::Monday, 5 * 60, 420)]);
        check(&night, "2026-01-04T23:00:00+01:00", true, "2026-01-05T07:00:00+01:00");
        check(&night, "2026-01-05T06:30:00+01:00", true, "2026-01-05T07:00:00+01:00");
        check(&night, "2026-01-05T07:00:00+01:00", false, "2026-01-11T22:00:00+01:00");
    }

    #[test]
    fn in_the_night_that_skips_an_hour_what_is_skipped_is_gone() {
        // On the 29th of March 2026, a Sunday, 02:00 is 03:00.
        let short = hours(&[(Weekday::Sunday, 60, 150)]);
        check(&short, "2026-03-29T01:59:00+01:00", true, "2026-03-29T03:00:00+02:00");
        let gone = hours(&[(Weekday::Sunday, 120, 180)]);
        check(&gone, "2026-03-29T01:59:00+01:00", false, "2026-04-05T02:00:00+02:00");
        let late = hours(&[(Weekday::Sunday, 150, 240)]);
        check(&late, "2026-03-29T01:59:00+01:00", false, "2026-03-29T03:00:00+02:00");
        check(&late, "2026-03-29T03:10:00+02:00", true, "2026-03-29T04:00:00+02:00");
    }

    #[test]
    fn in_the_night_that_has_an_hour_twice_the_first_one_counts() {
        // On the 25th of October 2026, a Sunday, 03:00 is 02:00 again.
        let early = hours(&[(Weekday::Sunday, 60, 150)]);
        check(&early, "2026-10-25T02:10:00+02:00", true, "2026-10-25T02:30:00+02:00");
        check(&early, "2026-10-25T02:10:00+01:00", false, "2026-11-01T01:00:00+01:00");
        let long = hours(&[(Weekday::Sunday, 150, 240)]);
        check(&long, "2026-10-25T02:10:00+01:00", true, "2026-10-25T04:00:00+01:00");
    }

    #[test]
    fn who_has_no_hours_or_may_change_them_is_never_shut_out() {
        let short = hours(&[(Weekday::Monday, 0, 1)]);
        let now = DateTime::UNIX_EPOCH;
        let open = Door::Open { closes_at: None };
        assert_eq!(door(&Hours::default(), &TimeZone::UTC, now).expect("a door"), open);
        let free = binding(short.clone(), &[Permission::Browse, Permission::Administer]);
        assert_eq!(door(&free, &TimeZone::UTC, now).expect("a door"), open);
        assert_eq!(binding(short.clone(), &[Permission::ManagePeople]), short);
    }
}
