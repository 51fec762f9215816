//! The hours of the week in which a server is there for somebody.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result};

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;

/// The most spans somebody has.
const MAX_SPANS: usize = 50;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Some time of one day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Span {
    /// The day on which it begins.
    pub weekday: Weekday,
    /// When it begins, in minutes after midnight: 0 to 1439.
    pub from_minute: u16,
    /// When it is over, in minutes after midnight: 1 to 1440. Where that is no later than its beginning, it is over on the
    /// day after.
    pub until_minute: u16,
}

/// The spans of the week in which somebody may be here; none is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(Vec<Span>);

impl Hours {
    /// These, if they are some: sorted, each once.
    pub fn checked(field: &'static str, mut spans: Vec<Span>) -> Result<Self> {
        if spans.len() > MAX_SPANS {
            return Err(Error::invalid(field, "must be 50 spans at the most"));
        }
        if spans.iter().any(|it| u32::from(it.from_minute) >= DAY) {
            return Err(Error::invalid(field, "from_minute must be from 0 to 1439"));
        }
        if spans.iter().any(|it| !(1..=DAY).contains(&u32::from(it.until_minute))) {
            return Err(Error::invalid(field, "until_minute must be from 1 to 1440"));
        }
        spans.sort_unstable();
        spans.dedup();
        Ok(Self(spans))
    }

    /// These, as somebody gave them: [`Hours::checked`] says whether there are such.
    pub fn given(spans: Vec<Span>) -> Self {
        Self(spans)
    }

    /// As they were given.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether there is a time at which they keep somebody out.
    pub fn is_limit(&self) -> bool {
        self.stretches().is_some()
    }

    /// When one may be here, in minutes since the week began on Monday: from, until. They do not touch each other, are in order,
    /// and the last may reach into the next week. `None` for always.
    pub fn stretches(&self) -> Option<Vec<(u32, u32)>> {
        let mut all: Vec<(u32, u32)> = self.0.iter().map(|it| it.minutes()).collect();
        all.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (from, until) in all {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => joined.push((from, until)),
            }
        }
        // Where the last one reaches into the next week, it goes on with the first ones.
        while let [first, .., last] = joined.as_mut_slice()
            && first.0 + WEEK <= last.1
        {
            last.1 = last.1.max(first.1 + WEEK);
            joined.remove(0);
        }
        let is_always = joined.is_empty() || joined.iter().any(|it| it.1 - it.0 >= WEEK);
        (!is_always).then_some(joined)
    }

    /// Whether they keep somebody out whenever `other` does.
    pub fn is_within(&self, other: &Self) -> bool {
        let Some(around) = other.stretches() else { return true };
        let Some(own) = self.stretches() else { return false };
        let holds =
            |(from, until): (u32, u32)| around.iter().any(|it| it.0 <= from && until <= it.1);
        own.iter().all(|(from, until)| {
            // The beginning of a week may be the end of what began in the one before.
            holds((*from, *until)) || holds((from + WEEK, until + WEEK))
        })
    }
}

impl Span {
    fn minutes(self) -> (u32, u32) {
        let day = DAY * self.weekday as u32;
        let (from, until) = (u32::from(self.from_minute), u32::from(self.until_minute));
        let next_day = if until <= from { DAY } else { 0 };
        (day + from, day + until + next_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(spans: &[(Weekday, u16, u16)]) -> Hours {
        let spans = spans.iter().map(|(weekday, from_minute, until_minute)| Span {
            weekday: *weekday,
            from_minute: *from_minute,
            until_minute: *until_minute,
        });
        Hours::checked("hours", spans.collect()).expect("hours")
    }

    #[test]
    fn stretches_are_joined_across_midnight_and_across_the_week() {
        use Weekday::{Monday, Saturday, Sunday, Tuesday};
        let evening = hours(&[(Monday, 1200, 60), (Tuesday, 60, 120), (Tuesday, 100, 110)]);
        assert_eq!(evening.stretches(), Some(vec![(1200, DAY + 120)]));
        let weekend = hours(&[(Monday, 0, 60), (Saturday, 600, 1440), (Sunday, 0, 1440)]);
        assert_eq!(weekend.stretches(), Some(vec![(5 * DAY + 600, WEEK + 60)]));
        let long_night = hours(&[(Monday, 30, 90), (Sunday, 1380, 60), (Tuesday, 0, 10)]);
        assert_eq!(long_night.stretches(), Some(vec![(DAY, DAY + 10), (WEEK - 60, WEEK + 90)]));
    }

    #[test]
    fn no_span_and_a_whole_week_of_them_limit_nobody() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let week = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
        let whole: Vec<_> = week.iter().map(|it| (*it, 480, 480)).collect();
        assert!(!hours(&whole).is_limit() && !Hours::default().is_limit());
        assert!(hours(&whole[..6]).is_limit());
    }

    #[test]
    fn who_is_kept_out_longer_is_within() {
        use Weekday::{Monday, Sunday, Tuesday};
        let free = Hours::default();
        let night = hours(&[(Sunday, 1200, 600), (Tuesday, 600, 900)]);
        let part = hours(&[(Monday, 60, 120), (Sunday, 1300, 1400)]);
        assert!(part.is_within(&night) && part.is_within(&free) && night.is_within(&night));
        assert!(free.is_within(&free) && !free.is_within(&night) && !night.is_within(&part));
        assert!(!hours(&[(Monday, 60, 601)]).is_within(&night));
    }

    #[test]
    fn minutes_that_no_day_has_are_refused() {
        for (from_minute, until_minute, is_one) in
            [(0, 1440, true), (1439, 1, true), (1440, 10, false), (0, 0, false), (0, 1441, false)]
        {
            let span = Span { weekday: Weekday::Monday, from_minute, until_minute };
            assert_eq!(Hours::checked("hours", vec![span]).is_ok(), is_one, "{span:?}");
        }
        let span = |n: u16| Span { weekday: Weekday::Monday, from_minute: n, until_minute: n + 1 };
        assert!(Hours::checked("hours", (0..51).map(span).collect()).is_err());
    }
}
