//! When a library is scanned by itself.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When a library is scanned without anybody asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Schedule {
    /// Never.
    Never,
    /// Again and again.
    Interval {
        /// Minutes between two scans: 5 to 525600.
        minutes: u32,
    },
    /// Once a day.
    Daily {
        /// `HH:MM`, in the time zone of the server.
        at: String,
    },
}

/// A [`Schedule`] as the database has it: minutes between scans, or minute of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub every_minutes: Option<i32>,
    pub at_minute: Option<i32>,
}

impl Schedule {
    /// At night, when nobody watches.
    pub(super) const USUAL: Times = Times { every_minutes: None, at_minute: Some(4 * 60) };

    pub(super) fn of(times: Times) -> Self {
        match times {
            Times { every_minutes: Some(minutes), .. } => {
                Self::Interval { minutes: minutes.unsigned_abs() }
            }
            Times { at_minute: Some(at), .. } => {
                Self::Daily { at: format!("{:02}:{:02}", at / 60, at % 60) }
            }
            Times { .. } => Self::Never,
        }
    }

    /// As the database has it, or what is wrong with it.
    pub(super) fn checked(&self) -> Result<Times> {
        match self {
            Self::Never => Ok(Times::default()),
            Self::Interval { minutes } if (5..=525_600).contains(minutes) => {
                Ok(Times { every_minutes: Some(minutes.cast_signed()), at_minute: None })
            }
            Self::Interval { .. } => Err(Error::invalid(
                "schedule.minutes",
                "say between 5 minutes and a year (525600 minutes)",
            )),
            Self::Daily { at } => {
                let minute = minute_of_day(at).ok_or_else(|| {
                    Error::invalid("schedule.at", format!("{at} is no time of day: say 04:00"))
                })?;
                Ok(Times { every_minutes: None, at_minute: Some(minute) })
            }
        }
    }
}

fn minute_of_day(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |it: &str| it.len() == 2 && it.bytes().all(|byte| byte.is_ascii_digit());
    let (hour, minute) = (is_plain(hour).then_some(hour)?, is_plain(minute).then_some(minute)?);
    let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

impl Times {
    /// Whether a scan is due at `now`, when the last one was asked for at `last`; times of day are those of `zone`.
    pub fn is_due(self, last: DateTime<Utc>, now: DateTime<Utc>, zone: &impl TimeZone) -> bool {
        if let Some(minutes) = self.every_minutes {
            return now - last >= chrono::TimeDelta::minutes(minutes.into());
        }
        self.latest(now, zone).is_some_and(|it| last < it)
    }

    /// The last time of day that is past.
    fn latest(self, now: DateTime<Utc>, zone: &impl TimeZone) -> Option<DateTime<Utc>> {
        let at = self.at_minute?.unsigned_abs();
        let time = NaiveTime::from_num_seconds_from_midnight_opt(at * 60, 0)?;
        let today = now.with_timezone(zone).date_naive();
        // On the day on which an hour is left out it may not exist; then it was the day before.
        let days = [
            Some(today),
            today.checked_sub_days(Days::new(1)),
            today.checked_sub_days(Days::new(2)),
        ];
        let times = days.into_iter().flatten();
        let mut times =
            times.filter_map(|it| zone.from_local_datetime(&it.and_time(time)).earliest());
        times.find_map(|it| Some(it.with_timezone(&Utc)).filter(|it| *it <= now))
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn a_schedule_survives_the_database_and_nonsense_does_not() {
        for schedule in [
            Schedule::Never,
            Schedule::Interval { minutes: 60 },
            Schedule::Daily { at: "04:05".to_owned() },
        ] {
            assert_eq!(Schedule::of(schedule.checked().expect("a schedule")), schedule);
        }
        for (schedule, field) in [
            (Schedule::Interval { minutes: 4 }, "schedule.minutes"),
            (Schedule::Interval { minutes: u32::MAX }, "schedule.minutes"),
            (Schedule::Daily { at: "24:00".to_owned() }, "schedule.at"),
            (Schedule::Daily { at: "4:00".to_owned() }, "schedule.at"),
            (Schedule::Daily { at: "+4:-1".to_owned() }, "schedule.at"),
            (Schedule::Daily { at: String::new() }, "schedule.at"),
        ] {
            let refusal = schedule.checked().expect_err("refused");
            assert!(matches!(refusal, Error::Invalid { field: it, .. } if it == field));
        }
    }

    #[test]
    fn a_scan_is_due_once_for_each_of_its_times() {
        let zone = FixedOffset::east_opt(2 * 3600).expect("a zone");
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let daily = Times { every_minutes: None, at_minute: Some(240) };
        // Four o'clock there is two o'clock here.
        for (last, now, is_due) in [
            ("2026-01-10T12:00:00Z", "2026-01-11T01:59:59Z", false),
            ("2026-01-10T12:00:00Z", "2026-01-11T02:00:00Z", true),
            ("2026-01-11T02:00:00Z", "2026-01-11T23:00:00Z", false),
            ("2026-01-01T00:00:00Z", "2026-01-11T12:00:00Z", true),
            ("2026-01-10T01:00:00Z", "2026-01-10T23:30:00Z", true),
        ] {
            assert_eq!(daily.is_due(at(last), at(now), &zone), is_due, "{last} {now}");
        }
        let hourly = Times { every_minutes: Some(60), at_minute: None };
        let noon = at("2026-01-10T12:00:00Z");
        assert!(!hourly.is_due(noon, at("2026-01-10T12:59:59Z"), &zone));
        assert!(hourly.is_due(noon, at("2026-01-10T13:00:00Z"), &zone));
        assert!(!Times::default().is_due(noon, at("2030-01-01T00:00:00Z"), &zone));
    }
}
