//! The queue: writing work down, looking at it, changing its fate. Working it off is [`crate::run`].

use kernel::error::OnConstraint as _;
use kernel::{Cursor, Error, Limit, Page, Result};
use riverqueue::database::PostgresDatabase;
use riverqueue::{Client, JobListParams, QueueListParams, SortDirection};
use sqlx::{PgConnection, PgPool};

use crate::apart::{PREFIX, is_apart};
use crate::cause::Cause;
use crate::migrate::schema;
use crate::outcome::from_river;
use crate::run::FETCH_COOLDOWN;
use crate::store::{GivenUp, NewJob, Rows};
use crate::{JobCounts, JobId, JobState, JobView, Queue, Schedules, Work, store};

/// Rows written by one statement: a few megabytes.
const BATCH: usize = 10_000;
/// More jobs of a state than this are so many.
const MAX_COUNTED: i64 = 100_000;

/// One of the queues, as administrators see it.
#[derive(Clone, Debug)]
pub struct QueueView {
    /// Which one.
    pub queue: Queue,
    /// Whether it stands still: what runs goes on, and nothing new begins.
    pub is_paused: bool,
    /// Jobs being worked on.
    pub running: i64,
    /// Jobs that wait for a worker.
    pub waiting: i64,
    /// Jobs that wait for their time, those that are tried again among them.
    pub later: i64,
}

/// The queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Jobs {
    pub(crate) pool: PgPool,
    /// Looks and changes only, so that it can be handed to the rooms before their handlers exist.
    client: Client,
    /// Work that is written down and looked at here is set apart; without it, that work does not exist.
    is_apart: bool,
}

impl Jobs {
    /// The queue in the database of `pool`, where [`crate::migrate`] has run. Workers take two connections of it for
    /// themselves.
    pub fn new(pool: PgPool) -> Result<Self> {
        // Of what is tried again more often than this nobody is told, and it waits until somebody looks by chance.
        let client = Client::builder(database(&pool)).fetch_cooldown(FETCH_COOLDOWN);
        let client = client.build().map_err(from_river)?;
        Ok(Self { pool, client, is_apart: false })
    }

    /// The same queue for work that is set apart.
    pub fn apart(&self) -> Self {
        Self { is_apart: true, ..self.clone() }
    }

    /// Writes `work` down in the caller's transaction: it exists when that commits. Returns the id of the one that is
    /// there already if its key is taken.
    pub async fn enqueue<W: Work>(&self, db: &mut PgConnection, work: &W) -> Result<JobId> {
        let ids = self.enqueue_many(db, std::slice::from_ref(work)).await?;
        ids.first().copied().ok_or_else(|| anyhow::anyhow!("River returned no row").into())
    }

    /// As [`Jobs::enqueue`], many at once; ids in the order of `works`.
    pub async fn enqueue_many<W: Work>(
        &self,
        db: &mut PgConnection,
        works: &[W],
    ) -> Result<Vec<JobId>> {
        let metadata = Cause::current().metadata().unwrap_or_default();
        let prefix = if self.is_apart { PREFIX } else { "" };
        let kind = format!("{prefix}{}", W::KIND);
        let mut ids = Vec::with_capacity(works.len());
        for chunk in works.chunks(BATCH) {
            let sealed = chunk.iter().map(|it| NewJob::of(it, &kind));
            let jobs =
                sealed.collect::<serde_json::Result<Vec<_>>>().map_err(anyhow::Error::from)?;
            let attempts = i16::try_from(W::MAX_ATTEMPTS).unwrap_or(i16::MAX);
            let rows = Rows { kind: &kind, queue: W::QUEUE.name(), attempts, metadata: &metadata };
            ids.extend(store::insert(db, &rows, &jobs).await?.into_iter().map(JobId));
        }
        Ok(ids)
    }

    /// As [`Jobs::enqueue`], in a transaction of its own: for work that a person asks for and nothing else causes.
    pub async fn enqueue_alone<W: Work>(&self, work: &W) -> Result<JobId> {
        let mut db = self.pool.acquire().await?;
        self.enqueue(&mut db, work).await
    }

    /// As [`Jobs::enqueue_alone`], and where it is heavy work, outside of its hours, too.
    pub(crate) async fn enqueue_at_any_time<W: Work>(&self, work: &W) -> Result<JobId> {
        let mut tx = self.pool.begin().await?;
        let id = self.enqueue(&mut tx, work).await?;
        store::want_anytime(&mut tx, id.0).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// One job with its progress, failures and log.
    pub async fn get(&self, id: JobId) -> Result<JobView> {
        let row = self.client.jobs().get(id.0).await.map_err(from_river)?;
        if is_apart(&row.kind) == self.is_apart {
            Ok(row.into())
        } else {
            Err(Error::NotFound("job"))
        }
    }

    /// Jobs in any of `states` (all if empty), newest first.
    pub async fn list(
        &self,
        states: &[JobState],
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<JobView>> {
        let wanted = limit.probe().unsigned_abs() as usize;
        let mut after = cursor.map(Cursor::decode::<i64>).transpose()?;
        let mut views: Vec<JobView> = Vec::new();
        // River cannot leave kinds out: what is not for these eyes is passed over.
        loop {
            let mut params = JobListParams::default()
                .direction(SortDirection::Descending)
                .limit(u32::try_from(wanted).unwrap_or(u32::MAX));
            if !states.is_empty() {
                params = params.states(states.iter().map(|it| riverqueue::JobState::from(*it)));
            }
            if let Some(after) = after {
                params = params.after_id(after);
            }
            let rows = self.client.jobs().list(params).await.map_err(from_river)?.jobs;
            let is_last = rows.len() < wanted;
            after = rows.last().map(|it| it.id);
            let ours = rows.into_iter().filter(|it| is_apart(&it.kind) == self.is_apart);
            views.extend(ours.map(JobView::from));
            if is_last || views.len() >= wanted {
                break;
            }
        }
        views.truncate(wanted);
        Ok(Page::of(views, limit, |view: &JobView| view.id))
    }

    /// The last job of kind `W` that was written down, as long as the queue remembers it.
    pub async fn last_of<W: Work>(&self) -> Result<Option<JobView>> {
        match store::find_last_of(&self.pool, W::KIND).await? {
            Some(id) => self.get(JobId(id)).await.map(Some),
            None => Ok(None),
        }
    }

    /// The last job of each of these kinds, as far as the queue remembers them.
    pub async fn last_of_each(&self, kinds: &[&str]) -> Result<Vec<JobView>> {
        let prefix = if self.is_apart { PREFIX } else { "" };
        let names: Vec<String> = kinds.iter().map(|it| format!("{prefix}{it}")).collect();
        let ids = store::list_last_of(&self.pool, &names).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let params = JobListParams::default().ids(ids).limit(limit);
        let rows = self.client.jobs().list(params).await.map_err(from_river)?.jobs;
        Ok(rows.into_iter().map(JobView::from).collect())
    }

    /// What failed for good within the last day, the newest first. What is set apart is never among it.
    pub async fn list_given_up(&self, limit: u16) -> Result<Vec<GivenUp>> {
        store::list_given_up(&self.pool, i64::from(limit)).await
    }

    /// Puts a kind of work that comes around on the queue now.
    pub async fn enqueue_now(&self, schedules: &Schedules, kind: &str) -> Result<JobId> {
        schedules.enqueue(self.clone(), kind, self.is_apart).await
    }

    /// The queues, with how much there is in them of what may be seen here.
    pub async fn queues(&self) -> Result<Vec<QueueView>> {
        let listed = self.client.queues().list(QueueListParams::default()).await;
        let paused: Vec<String> = listed
            .map_err(from_river)?
            .into_iter()
            .filter(|it| it.paused_at.is_some())
            .map(|it| it.name)
            .collect();
        let counts = store::count_by_queue(&self.pool, self.is_apart).await?;
        let view = |queue: Queue| {
            let count = |wanted: &[&str]| {
                let of = |it: &&(String, String, i64)| {
                    it.0 == queue.name() && wanted.contains(&it.1.as_str())
                };
                counts.iter().filter(of).map(|it| it.2).sum()
            };
            QueueView {
                queue,
                is_paused: paused.iter().any(|it| it == queue.name()),
                running: count(&["running"]),
                waiting: count(&["available", "pending"]),
                later: count(&["scheduled", "retryable"]),
            }
        };
        Ok(Queue::ALL.map(view).to_vec())
    }

    /// Lets a queue stand still, on all nodes and also after they were started anew, or go on.
    pub async fn pause(&self, queue: Queue, is_paused: bool) -> Result<()> {
        let queues = self.client.queues();
        if is_paused {
            queues.pause(queue.name()).await.map_err(from_river)
        } else {
            queues.resume(queue.name()).await.map_err(from_river)
        }
    }

    /// Puts back all that seems to run, in a database that was just restored: nothing runs there.
    pub async fn put_back_all(&self) -> Result<u64> {
        store::put_back_all(&self.pool).await
    }

    /// How many jobs are in each state, counted up to 100,000.
    pub async fn counts(&self) -> Result<JobCounts> {
        store::count_by_state(&self.pool, self.is_apart, MAX_COUNTED).await
    }

    /// Ends a job: at once if it waits, by asking its worker if it runs. One that is finished stays as it is.
    pub async fn cancel(&self, id: JobId) -> Result<JobView> {
        self.get(id).await?;
        let row = self.client.jobs().cancel(id.0).await.map_err(from_river)?;
        Ok(row.into())
    }

    /// Makes a job that waits or is finished due now, with one more attempt if it had used them up; heavy work outside of
    /// its hours, too.
    pub async fn retry(&self, id: JobId) -> Result<JobView> {
        self.get(id).await?;
        let mut db = self.pool.acquire().await?;
        store::want_anytime(&mut db, id.0).await?;
        drop(db);
        let row = match self.client.jobs().retry(id.0).await {
            Err(riverqueue::Error::Database(error)) => {
                Err(error).on_constraint("river_job_unique_idx", || {
                    let why = "the same work waits or runs already";
                    Error::conflict("jobs.under_way", why)
                })
            }
            other => other.map_err(from_river),
        };
        Ok(row?.into())
    }
}

pub(crate) fn database(pool: &PgPool) -> PostgresDatabase {
    PostgresDatabase::new(pool.clone()).with_schema(schema())
}
