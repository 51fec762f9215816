//! The heart-beat of what runs, and what becomes of work whose node has none any more.
//!
//! Each node writes into the rows of its running jobs that it is alive, by the database's clock; a job that nobody has told
//! anything of for long is put back by whichever node sees it first. Only kinds that we know are: other clients of River that
//! work on the same tables do not tell. A node that was away so long that its work was taken from it (a machine that slept)
//! goes on with it beside the other: work may be done twice.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{Instant, MissedTickBehavior};

use crate::store;

/// A node that has told nothing for so many beats is gone.
const MISSED_MAX: u32 = 4;

/// Tells that `node` is alive, and looks after the work of others, until it is dropped.
pub(crate) async fn keep(
    pool: PgPool,
    node: String,
    kinds: BTreeSet<&'static str>,
    every: Duration,
) {
    let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
    let patience = every * MISSED_MAX;
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Where the database was away, nobody could tell: first everybody gets the time to.
    let mut told_since: Option<Instant> = None;
    loop {
        ticks.tick().await;
        if let Err(error) = store::beat(&pool, &node, every).await {
            tracing::debug!(%error, "jobs.no_heart_beat");
            told_since = None;
            continue;
        }
        if told_since.get_or_insert_with(Instant::now).elapsed() < patience {
            continue;
        }
        match store::put_back_silent(&pool, &node, &kinds, patience).await {
            Ok(0) => {}
            Ok(jobs) => tracing::warn!(jobs, "put back what was running on a node that is gone"),
            Err(error) => tracing::debug!(%error, "jobs.not_looked_after"),
        }
    }
}
