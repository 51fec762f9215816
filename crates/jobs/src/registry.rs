//! The list of kinds of work. Every node registers all of them: River's leader throws away what it does not know.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use riverqueue::jiff::Timestamp;
use riverqueue::{
    CronSchedule, InsertOpts, IntervalSchedule, PeriodicJob, PeriodicJobOpts, PeriodicSchedule,
    Workers,
};

use crate::apart::Apart;
use crate::envelope::Envelope;
use crate::worker::Adapter;
use crate::{Context, JobError, Work};

/// Kinds of work with their handlers, and what comes around by itself.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(crate) workers: Workers,
    pub(crate) periodic: Vec<PeriodicJob>,
    kinds: BTreeSet<&'static str>,
    /// Of the slowest kind.
    pub(crate) longest_timeout: Duration,
    /// What is added now is set apart.
    is_apart: bool,
}

impl Registry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What `add` adds is set apart: [`Jobs::apart`](crate::Jobs::apart) writes it down and lists it.
    pub fn apart<T>(&mut self, add: impl FnOnce(&mut Self) -> T) -> T {
        self.is_apart = true;
        let added = add(self);
        self.is_apart = false;
        added
    }

    /// Work of kind `W` is done by `handler`.
    ///
    /// # Panics
    /// When the kind is there already, or its name is none: a mistake in the list of kinds, seen at the first start.
    pub fn add<W, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        W: Work,
        F: Fn(W, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let (kind, added) = if self.is_apart {
            let handler = move |Apart(work): Apart<W>, context| handler(work, context);
            let worker = Adapter::new(handler);
            (Apart::<W>::KIND, self.workers.add::<Envelope<Apart<W>>, _>(worker).map(|_| ()))
        } else {
            let worker = Adapter::new(handler);
            (W::KIND, self.workers.add::<Envelope<W>, _>(worker).map(|_| ()))
        };
        added.unwrap_or_else(|error| panic!("{kind} cannot be registered: {error}"));
        self.kinds.insert(kind);
        self.longest_timeout = self.longest_timeout.max(W::TIMEOUT);
        self
    }

    /// The names of all kinds, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().copied()
    }

    /// Enqueues what `make` gives when a leader takes over (so at every start of a single node), and then every
    /// `interval`. Give the work a unique key if it may take longer than that.
    pub fn every<W: Work>(&mut self, interval: Duration, make: fn() -> W) -> Result<&mut Self> {
        let schedule =
            IntervalSchedule::new(interval).map_err(|error| wrong_schedule(W::KIND, &error))?;
        let options = PeriodicJobOpts::new().with_run_on_start(true);
        Ok(self.push(schedule, make, options))
    }

    /// Enqueues what `make` gives at the times of a cron `expression`, in UTC.
    pub fn cron<W: Work>(&mut self, expression: &str, make: fn() -> W) -> Result<&mut Self> {
        let schedule =
            CronSchedule::parse(expression).map_err(|error| wrong_schedule(W::KIND, &error))?;
        Ok(self.push(schedule, make, PeriodicJobOpts::new()))
    }

    fn push<W: Work>(
        &mut self,
        schedule: impl PeriodicSchedule,
        make: fn() -> W,
        options: PeriodicJobOpts,
    ) -> &mut Self {
        let sealed = move || -> Option<(Envelope<W>, InsertOpts)> {
            let envelope = Envelope::seal(&make())
                .inspect_err(|error| tracing::error!(%error, job.kind = W::KIND, "not enqueued"))
                .ok()?;
            let options = envelope.options();
            Some((envelope, options))
        };
        let job = if self.is_apart {
            let sealed = move || sealed().map(|(envelope, options)| (envelope.apart(), options));
            PeriodicJob::conditional_with_options(schedule, sealed, options)
        } else {
            PeriodicJob::conditional_with_options(schedule, sealed, options)
        };
        self.periodic.push(job);
        self
    }
}

/// The first time after `after` that a cron `expression` names, in UTC; none where it is no schedule, or never comes.
pub fn next_time(expression: &str, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let schedule = CronSchedule::parse(expression).ok()?;
    let after = Timestamp::from_microsecond(after.timestamp_micros()).ok()?;
    DateTime::from_timestamp_micros(schedule.next(after)?.as_microsecond())
}

fn wrong_schedule(kind: &str, error: &dyn std::fmt::Display) -> Error {
    Error::invalid(kind, format!("not a schedule: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_tells_its_next_time_in_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let now = at("2026-01-02T03:04:05Z");
        assert_eq!(next_time("0 3 * * *", now), Some(at("2026-01-03T03:00:00Z")));
        assert_eq!(next_time("30 4 * * 0", now), Some(at("2026-01-04T04:30:00Z")));
        assert_eq!(next_time("tomorrow", now), None);
    }
}
