//! Writes what was read of a folder, batch after batch. Where all of it is new, several transactions run side by side, each with
//! a process of PostgreSQL to itself: nothing that was there before is at stake then, and of what two would make the second
//! finds what the first made.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::{Clock, Error, Result};
use sqlx::error::DatabaseError;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::mpsc::Receiver;

use super::pace::Pace;
use super::read::ReadUnit;
use super::run::{Stop, Watch};
use super::store::progress::commit_lazily;
use super::write::{Target, write};

/// A transaction holds about so many files: enough to make its cost small, few enough to keep it short.
pub(super) const FILES_AT_ONCE: usize = 400;
/// Transactions side by side: while PostgreSQL works on two, the rows of the next are made.
const N_LANES: usize = 3;
/// A further connection is worth no longer wait.
const PATIENCE: Duration = Duration::from_secs(1);
/// Tries of a batch beside others. What fails then waits, in memory, until it is alone.
const MAX_TRIES: usize = 4;
/// PostgreSQL's codes for transactions that were in each other's way: `unique_violation`, `deadlock_detected`.
const COLLISIONS: [&str; 2] = ["23505", "40P01"];

/// The writing of one folder.
pub(super) struct Lanes<'a> {
    pub target: Target<'a>,
    pub clock: &'a Clock,
    pub watch: &'a Watch,
    pub pace: Mutex<&'a mut Pace>,
}

type Batch = Vec<ReadUnit>;
type Reading = tokio::sync::Mutex<Receiver<Result<Vec<ReadUnit>>>>;

/// What lanes have to tell each other.
#[derive(Default)]
struct Beside {
    is_over: AtomicBool,
    /// Batches that another was in the way of.
    again: Mutex<Vec<Batch>>,
}

impl Lanes<'_> {
    /// Writes all that comes out of `read`. With `is_new`, no file of it was known before, and there are many.
    pub async fn write_all(
        &self,
        db: &mut PgConnection,
        pool: &PgPool,
        read: Receiver<Result<Vec<ReadUnit>>>,
        is_new: bool,
    ) -> Result<(), Stop> {
        let (read, beside) = (Reading::new(read), Beside::default());
        let mut others = Vec::new();
        while is_new && others.len() + 1 < N_LANES {
            let Ok(Ok(other)) = tokio::time::timeout(PATIENCE, pool.acquire()).await else { break };
            others.push(other);
        }
        if others.is_empty() {
            return self.lane(db, &read, None).await;
        }
        let mut lanes = vec![self.lane(db, &read, Some(&beside))];
        lanes.extend(others.iter_mut().map(|it| self.lane(it, &read, Some(&beside))));
        futures::future::join_all(lanes).await.into_iter().collect::<Result<(), Stop>>()?;
        drop(others);
        let again = beside.again.into_inner().unwrap_or_else(PoisonError::into_inner);
        for batch in again {
            self.write(db, &batch).await?;
        }
        Ok(())
    }

    async fn lane(
        &self,
        db: &mut PgConnection,
        read: &Reading,
        beside: Option<&Beside>,
    ) -> Result<(), Stop> {
        let is_over = || beside.is_some_and(|it| it.is_over.load(Ordering::Relaxed));
        let done = async {
            while let Some(batch) = next(read).await? {
                if is_over() {
                    break;
                }
                match (self.try_write(db, &batch, beside.is_some()).await, beside) {
                    (Err(Stop::Failed(error)), Some(beside)) if is_collision(&error) => {
                        let mut again = beside.again.lock().unwrap_or_else(PoisonError::into_inner);
                        again.push(batch);
                    }
                    (done, _) => done?,
                }
            }
            Ok(())
        }
        .await;
        if let (Err(_), Some(beside)) = (&done, beside) {
            beside.is_over.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Writes a batch; with others beside, some times if need be: whom it was in the way of has mostly committed by then.
    async fn try_write(
        &self,
        db: &mut PgConnection,
        batch: &[ReadUnit],
        has_others: bool,
    ) -> Result<(), Stop> {
        let n_tries = if has_others { MAX_TRIES } else { 1 };
        for _ in 1..n_tries {
            match self.write(db, batch).await {
                Err(Stop::Failed(error)) if is_collision(&error) => {}
                done => return done,
            }
        }
        self.write(db, batch).await
    }

    async fn write(&self, db: &mut PgConnection, batch: &[ReadUnit]) -> Result<(), Stop> {
        if (self.watch.is_stopped)() {
            return Err(Stop::Cancelled);
        }
        let now = self.clock.now();
        let mut tx = db.begin().await?;
        commit_lazily(&mut tx).await?;
        let counts = write(&mut tx, self.target, batch, now).await?;
        tx.commit().await?;
        let due = {
            let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
            pace.add(counts);
            pace.mark(now);
            pace.is_due(now).then(|| pace.clone())
        };
        if let Some(pace) = due {
            pace.save(db, None, now).await?;
            (self.watch.report)(pace.snapshot(now));
        }
        Ok(())
    }
}

/// The next batch; none after the last.
async fn next(read: &Reading) -> Result<Option<Batch>> {
    let mut read = read.lock().await;
    let (mut batch, mut n_files) = (Vec::new(), 0);
    while n_files < FILES_AT_ONCE
        && let Some(units) = read.recv().await
    {
        let units = units?;
        n_files += units.iter().map(|it| it.unit.files.len()).sum::<usize>();
        batch.extend(units);
    }
    Ok(Some(batch).filter(|it| !it.is_empty()))
}

fn is_collision(error: &Error) -> bool {
    let Error::Internal(source) = error else { return false };
    let refusal = source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    refusal.and_then(DatabaseError::code).is_some_and(|it| COLLISIONS.contains(&&*it))
}
