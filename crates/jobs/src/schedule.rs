//! What comes around by itself: at its usual times, or at those that an administrator gave it.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Error, Result};
use riverqueue::jiff::Timestamp;
use riverqueue::{
    CronSchedule, InsertOpts, IntervalSchedule, PeriodicJob, PeriodicJobOpts, PeriodicJobs,
    PeriodicSchedule,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::apart::Apart;
use crate::envelope::Envelope;
use crate::outcome::from_river;
use crate::{JobId, Jobs, Work};

/// What an administrator may give: nothing comes more often than each minute, or is due once in more than a year.
const INTERVALS_S: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;
const MAX_EXPRESSION: usize = 100;

/// When work comes around.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Rule {
    /// When a leader takes over (so at every start of a single node), and after each interval.
    Every {
        /// From one to the next.
        seconds: u64,
    },
    /// At the times of a cron expression of five fields, in UTC.
    Cron {
        /// `30 4 * * 0` is half past four on Sundays.
        expression: String,
    },
    /// Only when somebody asks for it.
    Never,
}

impl Rule {
    /// Refuses what an administrator may not give.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Every { seconds } if !INTERVALS_S.contains(seconds) => {
                Err(Error::invalid("rule.seconds", "from a minute to 366 days"))
            }
            Self::Cron { expression } if expression.len() > MAX_EXPRESSION => {
                Err(Error::invalid("rule.expression", "too long for a schedule"))
            }
            _ => self.times().map(|_| ()),
        }
    }

    /// When it comes around again after it did at `last`.
    pub fn next_after(&self, last: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every { seconds } => {
                let seconds = TimeDelta::try_seconds(i64::try_from(*seconds).ok()?)?;
                last.checked_add_signed(seconds)
            }
            Self::Cron { expression } => {
                let schedule = CronSchedule::parse(expression).ok()?;
                let after = Timestamp::from_microsecond(last.timestamp_micros()).ok()?;
                DateTime::from_timestamp_micros(schedule.next(after)?.as_microsecond())
            }
            Self::Never => None,
        }
    }

    fn times(&self) -> Result<Option<Times>> {
        let wrong = |field: &'static str, error: &dyn fmt::Display| {
            Error::invalid(field, format!("not a schedule: {error}"))
        };
        Ok(match self {
            Self::Every { seconds } => {
                let interval = IntervalSchedule::new(Duration::from_secs(*seconds));
                Some(Times::Every(interval.map_err(|it| wrong("rule.seconds", &it))?))
            }
            Self::Cron { expression } => {
                let cron = CronSchedule::parse(expression);
                Some(Times::Cron(Box::new(cron.map_err(|it| wrong("rule.expression", &it))?)))
            }
            Self::Never => None,
        })
    }
}

enum Times {
    Every(IntervalSchedule),
    Cron(Box<CronSchedule>),
}

impl PeriodicSchedule for Times {
    fn next(&self, current: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(it) => it.next(current),
            Self::Cron(it) => it.next(current),
        }
    }
}

type Enqueued = Pin<Box<dyn Future<Output = Result<JobId>> + Send>>;

/// One kind of work that comes around.
#[derive(Clone)]
pub(crate) struct Periodic {
    /// As River knows it.
    pub(crate) name: &'static str,
    kind: &'static str,
    is_apart: bool,
    pub(crate) usual: Rule,
    build: Arc<dyn Fn(Times, PeriodicJobOpts) -> PeriodicJob + Send + Sync>,
    enqueue: Arc<dyn Fn(Jobs) -> Enqueued + Send + Sync>,
}

impl Periodic {
    pub fn new<W: Work>(usual: Rule, make: fn() -> W, is_apart: bool) -> Result<Self> {
        usual.times()?;
        let sealed = move || -> Option<(Envelope<W>, InsertOpts)> {
            let envelope = Envelope::seal(&make())
                .inspect_err(|error| tracing::error!(%error, job.kind = W::KIND, "not enqueued"))
                .ok()?;
            let options = envelope.options();
            Some((envelope, options))
        };
        let build = move |times: Times, options: PeriodicJobOpts| {
            if is_apart {
                let sealed =
                    move || sealed().map(|(envelope, options)| (envelope.apart(), options));
                PeriodicJob::conditional_with_options(times, sealed, options)
            } else {
                PeriodicJob::conditional_with_options(times, sealed, options)
            }
        };
        let enqueue = move |jobs: Jobs| -> Enqueued {
            Box::pin(async move { jobs.enqueue_at_any_time(&make()).await })
        };
        Ok(Self {
            name: if is_apart { Apart::<W>::KIND } else { W::KIND },
            kind: W::KIND,
            is_apart,
            usual,
            build: Arc::new(build),
            enqueue: Arc::new(enqueue),
        })
    }

    /// Nothing where it never comes around.
    fn job(&self, rule: &Rule, is_start: bool) -> Result<Option<PeriodicJob>> {
        let runs_now = is_start && matches!(rule, Rule::Every { .. });
        let options = PeriodicJobOpts::new().with_id(self.name).with_run_on_start(runs_now);
        Ok(rule.times()?.map(|times| (self.build)(times, options)))
    }
}

/// A kind of work that comes around, as administrators see it.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The kind of work.
    pub kind: &'static str,
    /// When it comes around.
    pub rule: Rule,
    /// When it does where nobody says otherwise.
    pub usual: Rule,
}

/// All work that comes around. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub struct Schedules {
    all: Arc<[Periodic]>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Other rules than the usual ones, by name.
    changed: BTreeMap<String, Rule>,
    /// While workers are at work.
    river: Option<PeriodicJobs>,
}

impl Schedules {
    pub(crate) fn new(all: &[Periodic]) -> Self {
        Self { all: all.into(), state: Arc::default() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The rule of a kind of the rooms that are not set apart.
    pub fn rule_of<W: Work>(&self) -> Rule {
        let state = self.state();
        let found = self.all.iter().find(|it| it.name == W::KIND);
        found.map_or(Rule::Never, |it| state.rule(it).clone())
    }

    /// Those of the rooms that are set apart, or of the others, by kind.
    pub fn list(&self, is_apart: bool) -> Vec<Schedule> {
        let state = self.state();
        let ours = self.all.iter().filter(|it| it.is_apart == is_apart);
        let mut views: Vec<_> = ours
            .map(|it| Schedule {
                kind: it.kind,
                rule: state.rule(it).clone(),
                usual: it.usual.clone(),
            })
            .collect();
        views.sort_by_key(|it| it.kind);
        views
    }

    /// Under which name the rule of a kind is kept.
    pub fn name_of(&self, kind: &str, is_apart: bool) -> Result<&'static str> {
        self.find(kind, is_apart).map(|it| it.name)
    }

    /// From now on these names have these rules, and all others the usual ones. Names that nothing has, and rules that are
    /// none, are passed over: another version may have written them.
    pub fn apply(&self, rules: &BTreeMap<String, Rule>) -> Result<()> {
        let mut state = self.state();
        let fits = |(_, rule): &(&String, &Rule)| rule.check().is_ok();
        let rules = rules.iter().filter(fits).map(|(name, rule)| (name.clone(), rule.clone()));
        let before = std::mem::replace(&mut state.changed, rules.collect());
        let Some(river) = state.river.clone() else { return Ok(()) };
        for it in self.all.iter() {
            let now = state.rule(it);
            if before.get(it.name).unwrap_or(&it.usual) == now {
                continue;
            }
            river.remove_by_id(it.name);
            if let Some(job) = it.job(now, false)? {
                river.add(job).map_err(from_river)?;
            }
        }
        Ok(())
    }

    /// Workers begin: everything comes around from now on.
    pub(crate) fn begin(&self, river: PeriodicJobs) -> Result<()> {
        let mut state = self.state();
        river.clear();
        for it in self.all.iter() {
            if let Some(job) = it.job(state.rule(it), true)? {
                river.add(job).map_err(from_river)?;
            }
        }
        state.river = Some(river);
        Ok(())
    }

    /// Puts a kind on the queue now, whatever its rule says.
    pub(crate) async fn enqueue(&self, jobs: Jobs, kind: &str, is_apart: bool) -> Result<JobId> {
        let enqueued = (self.find(kind, is_apart)?.enqueue)(jobs);
        enqueued.await
    }

    fn find(&self, kind: &str, is_apart: bool) -> Result<&Periodic> {
        let found = self.all.iter().find(|it| it.kind == kind && it.is_apart == is_apart);
        found.ok_or(Error::NotFound("schedule"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn rule<'a>(&'a self, periodic: &'a Periodic) -> &'a Rule {
        self.changed.get(periodic.name).unwrap_or(&periodic.usual)
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedules").field("n", &self.all.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Periodic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodic").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_tells_its_next_time_in_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let now = at("2026-01-02T03:04:05Z");
        let next =
            |expression: &str| Rule::Cron { expression: expression.to_owned() }.next_after(now);
        assert_eq!(next("0 3 * * *"), Some(at("2026-01-03T03:00:00Z")));
        assert_eq!(next("30 4 * * 0"), Some(at("2026-01-04T04:30:00Z")));
        assert_eq!(next("tomorrow"), None);
        let hourly = Rule::Every { seconds: 3600 };
        assert_eq!(hourly.next_after(now), Some(at("2026-01-02T04:04:05Z")));
        assert_eq!(Rule::Every { seconds: u64::MAX }.next_after(now), None);
        assert_eq!(Rule::Never.next_after(now), None);
    }

    #[test]
    fn rules_are_read_and_wrong_ones_refused_by_name() {
        let read = |text: &str| serde_json::from_str::<Rule>(text).expect("a rule").check();
        for fine in [
            r#"{"when":"every","seconds":60}"#,
            r#"{"when":"cron","expression":"*/5 * * * *"}"#,
            r#"{"when":"never"}"#,
        ] {
            read(fine).unwrap_or_else(|error| panic!("{fine}: {error}"));
        }
        let long = format!(r#"{{"when":"cron","expression":"{}"}}"#, "1,".repeat(200));
        for (wrong, field) in [
            (r#"{"when":"every","seconds":59}"#, "rule.seconds"),
            (r#"{"when":"every","seconds":18446744073709551615}"#, "rule.seconds"),
            (r#"{"when":"cron","expression":"at tea time"}"#, "rule.expression"),
            (&long, "rule.expression"),
        ] {
            let refused = read(wrong).expect_err(wrong);
            assert!(
                matches!(&refused, Error::Invalid { field: it, .. } if it == field),
                "{refused:?}"
            );
        }
    }
}
