//! Importing, step by step: reading the other server, looking for its items here, saying what would become of it, writing it.

mod bring;
mod command;
mod people;
mod read;
mod uploads;

use std::path::PathBuf;
use std::sync::Arc;

use ::jobs::{Context, JobError, JobId, JobState, Jobs};
use accounts::Accounts;
use catalog::Catalog;
use catalog::arrival::{Arrival, ArrivalId, ArrivalState, EnqueueArrival, NewArrival};
use kernel::{Clock, Error, Permission, Result, Rng, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jobs::{ImportHousehold, Stage};
use crate::plan::Plan;
use crate::report::{MissingItem, Report};
use crate::source::{Household, Source};

pub use command::{Commanded, Mapping};
pub use read::Asked;
pub use uploads::MAX_UPLOAD_BYTES;

/// What was read is at the most so large, unpacked.
const MAX_CONTENT_BYTES: usize = 1 << 30;
/// How hard it is packed: it is written once and read a few times.
const LEVEL: i32 = 6;

/// States in which it may be said who is who.
const PLANNABLE: [ArrivalState; 3] =
    [ArrivalState::Ready, ArrivalState::Done, ArrivalState::Failed];
/// States in which it may be written.
const RUNNABLE: [ArrivalState; 2] = [ArrivalState::Ready, ArrivalState::Done];

/// The room. Cheap to clone.
#[derive(Clone)]
pub struct Arrivals(Arc<Parts>);

/// What it is made of.
pub struct Parts {
    /// Where everything goes.
    pub catalog: Catalog,
    /// Who people are.
    pub accounts: Accounts,
    /// Where the work waits.
    pub jobs: Jobs,
    /// Tells the time.
    pub clock: Clock,
    /// For passwords that nobody knows, and for pauses.
    pub rng: Rng,
    /// Where uploads wait to be read.
    pub folder: PathBuf,
}

impl std::ops::Deref for Arrivals {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrivals").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Who is told how far an import is, and may stop it.
pub trait Watch: Send + Sync {
    /// So much is done, of so much in all (0 where nobody knows), at this.
    fn progress(&self, done: u64, total: u64, note: &str);
    /// What came of it.
    fn log(&self, line: String);
    /// Goes on only if the work shall not stop.
    fn check(&self) -> Result<(), JobError>;
}

impl Watch for Context {
    fn progress(&self, done: u64, total: u64, note: &str) {
        Self::progress(self, done, total, note);
    }

    fn log(&self, line: String) {
        Self::log(self, line);
    }

    fn check(&self) -> Result<(), JobError> {
        Self::check(self)
    }
}

/// An import as an administrator sees it.
#[derive(Clone, Debug)]
pub struct Import {
    /// What is kept of it.
    pub arrival: Arrival,
    /// Which kind of server it comes from.
    pub source: Source,
    /// Who is who; none before it was read.
    pub plan: Option<Plan>,
    /// What would become of it.
    pub report: Option<Report>,
}

/// Where to read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum From {
    /// Files that will be uploaded.
    Upload,
    /// A file or folder of this machine.
    Path {
        /// Which.
        path: String,
    },
    /// A server that runs.
    Server {
        /// Where it is.
        address: String,
        /// In whose name it is asked.
        api_key: String,
    },
}

impl Arrivals {
    /// The room made of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// All imports, the last first.
    pub async fn list_imports(&self, viewer: &Viewer) -> Result<Vec<Import>> {
        viewer.require(Permission::Administer)?;
        let mut imports = Vec::new();
        for arrival in self.catalog.list_arrivals().await? {
            imports.push(import(self.settled(arrival).await?)?);
        }
        Ok(imports)
    }

    /// One import.
    pub async fn find_import(&self, viewer: &Viewer, id: ArrivalId) -> Result<Import> {
        viewer.require(Permission::Administer)?;
        import(self.settled(self.catalog.find_arrival(id).await?).await?)
    }

    /// Begins an import. What is uploaded is read when [`Arrivals::read_uploads`] says that all is there.
    pub async fn create_import(
        &self,
        viewer: &Viewer,
        source: Source,
        from: From,
    ) -> Result<Import> {
        viewer.require(Permission::Administer)?;
        let (asked, origin) = self.asked(source, from)?;
        let is_upload = matches!(asked, Asked::Upload);
        let new = NewArrival {
            source: source.as_str().to_owned(),
            origin,
            asked: self.seal(&asked).await?,
        };
        let arrival = self.catalog.create_arrival(new).await?;
        if !is_upload {
            self.begin(arrival.id, &[ArrivalState::New], Stage::Read).await?;
        }
        self.find_import(viewer, arrival.id).await
    }

    /// Begins to read what was uploaded.
    pub async fn read_uploads(&self, viewer: &Viewer, id: ArrivalId) -> Result<Import> {
        let import = self.find_import(viewer, id).await?;
        require_state(&import.arrival, &[ArrivalState::New])?;
        if self.uploaded(id).await?.is_empty() {
            return Err(Error::conflict("imports.no_files", "upload the database first"));
        }
        self.begin(id, &[ArrivalState::New], Stage::Read).await?;
        self.find_import(viewer, id).await
    }

    /// Keeps who is who, and looks again what would become of it.
    pub async fn plan_import(&self, viewer: &Viewer, id: ArrivalId, plan: Plan) -> Result<Import> {
        let import = self.find_import(viewer, id).await?;
        require_state(&import.arrival, &PLANNABLE)?;
        let before = import.plan.ok_or_else(|| not_read(&import.arrival))?;
        let plan = plan.checked(&before, &self.people().await?)?;
        self.keep_plan(id, &plan).await?;
        self.begin(id, &PLANNABLE, Stage::Check).await?;
        self.find_import(viewer, id).await
    }

    /// Makes the accounts that the plan names, and begins to write. One that was stopped goes on.
    pub async fn run_import(&self, viewer: &Viewer, id: ArrivalId) -> Result<Import> {
        let import = self.find_import(viewer, id).await?;
        require_state(&import.arrival, &RUNNABLE)?;
        let plan = import.plan.ok_or_else(|| not_read(&import.arrival))?;
        let settled = self.make_people(Some(viewer), plan.clone()).await?;
        if settled != plan || import.arrival.state == ArrivalState::Done {
            self.keep_plan(id, &settled).await?;
        }
        self.begin(id, &RUNNABLE, Stage::Bring).await?;
        self.find_import(viewer, id).await
    }

    /// Forgets an import and what was uploaded for it. What it brought stays.
    pub async fn delete_import(&self, viewer: &Viewer, id: ArrivalId) -> Result<()> {
        let import = self.find_import(viewer, id).await?;
        if import.arrival.state.is_at_work() {
            return Err(at_work());
        }
        self.catalog.delete_arrival(id).await?;
        self.forget_uploads(id).await
    }

    /// What of it is not here.
    pub async fn list_missing(&self, viewer: &Viewer, id: ArrivalId) -> Result<Vec<MissingItem>> {
        self.find_import(viewer, id).await?;
        let missing = self.catalog.find_arrival_missing(id).await?;
        Ok(missing
            .map(serde_json::from_value)
            .transpose()
            .map_err(anyhow::Error::from)?
            .unwrap_or_default())
    }

    /// Puts a stage on the queue, where the import is in one of these states.
    async fn begin(&self, id: ArrivalId, from: &[ArrivalState], stage: Stage) -> Result<()> {
        let state = match stage {
            Stage::Read => ArrivalState::Reading,
            Stage::Check => ArrivalState::Checking,
            Stage::Bring => ArrivalState::Bringing,
        };
        let jobs = self.jobs.clone();
        let enqueue: EnqueueArrival = Box::new(move |db| {
            Box::pin(async move {
                Ok(jobs.enqueue(db, &ImportHousehold { import_id: id, stage }).await?.0)
            })
        });
        let has_begun = self.catalog.begin_arrival(id, from, state, enqueue).await?;
        if has_begun { Ok(()) } else { Err(at_work()) }
    }

    /// An import whose job ended without a word of its own (stopped while it waited, killed too often) is at work no more.
    async fn settled(&self, arrival: Arrival) -> Result<Arrival> {
        let Some(job) = arrival.job_id.filter(|_| arrival.state.is_at_work()) else {
            return Ok(arrival);
        };
        let (state, problem) = match self.jobs.get(JobId(job)).await.map(|it| it.state) {
            Ok(JobState::Cancelled) if arrival.state == ArrivalState::Bringing => {
                (ArrivalState::Ready, None)
            }
            Ok(JobState::Cancelled) => (ArrivalState::Failed, Some("it was stopped")),
            Ok(JobState::Discarded) | Err(Error::NotFound(_)) => {
                (ArrivalState::Failed, Some("its job ended before its time; see the jobs"))
            }
            Ok(_) => return Ok(arrival),
            Err(error) => return Err(error),
        };
        self.catalog.set_arrival_state(arrival.id, state, problem).await?;
        self.catalog.find_arrival(arrival.id).await
    }

    /// Does a stage: what its job calls.
    pub(crate) async fn work(
        &self,
        work: &ImportHousehold,
        context: &Context,
    ) -> Result<(), JobError> {
        let id = work.import_id;
        let Ok(arrival) = self.catalog.find_arrival(id).await else {
            context.log("this import was deleted");
            return Ok(());
        };
        let done = match work.stage {
            Stage::Read => self.read(&arrival, context).await,
            Stage::Check => self.check(&arrival, context).await,
            Stage::Bring => self.bring(&arrival, context).await,
        };
        let (state, problem) = match &done {
            Ok(()) if work.stage == Stage::Bring => (ArrivalState::Done, None),
            Ok(()) => (ArrivalState::Ready, None),
            // Whoever stopped it may go on from where it was.
            Err(JobError::Cancelled) if work.stage == Stage::Bring => (ArrivalState::Ready, None),
            Err(JobError::Cancelled) => (ArrivalState::Failed, Some("it was stopped".to_owned())),
            Err(JobError::GiveUp { message }) => (ArrivalState::Failed, Some(message.clone())),
            Err(_) if !context.is_last_attempt() => return done,
            Err(JobError::Retry { message, .. } | JobError::Later { message, .. }) => {
                (ArrivalState::Failed, Some(message.clone()))
            }
            Err(JobError::Failed(error)) => (ArrivalState::Failed, Some(error.to_string())),
        };
        self.catalog.set_arrival_state(id, state, problem.as_deref()).await?;
        done
    }

    async fn keep_plan(&self, id: ArrivalId, plan: &Plan) -> Result<()> {
        let plan = serde_json::to_value(plan).map_err(anyhow::Error::from)?;
        self.catalog.plan_arrival(id, &plan).await
    }

    /// What was read.
    async fn household(&self, id: ArrivalId) -> Result<Household> {
        let content = self.catalog.find_arrival_content(id).await?;
        let content = content.ok_or(Error::NotFound("import"))?;
        let unpacked = tokio::task::spawn_blocking(move || {
            let bytes = zstd::bulk::decompress(&content, MAX_CONTENT_BYTES)?;
            Ok::<Household, anyhow::Error>(serde_json::from_slice(&bytes)?)
        });
        Ok(unpacked.await.map_err(anyhow::Error::from)??)
    }
}

/// Packs what was read. Slow: call it on a thread that may block.
fn pack(household: &Household) -> anyhow::Result<Vec<u8>> {
    let bytes = serde_json::to_vec(household)?;
    anyhow::ensure!(bytes.len() <= MAX_CONTENT_BYTES, "there is more than a gigabyte of it");
    Ok(zstd::bulk::compress(&bytes, LEVEL)?)
}

fn import(arrival: Arrival) -> Result<Import> {
    let source = Source::of(&arrival.source).ok_or(Error::NotFound("import"))?;
    let read = |it: &Value| it.as_object().is_some_and(|it| !it.is_empty());
    let plan = Some(&arrival.plan).filter(|it| read(it)).cloned();
    let plan = plan.map(serde_json::from_value).transpose().map_err(anyhow::Error::from)?;
    let report = arrival.report.clone();
    let report = report.map(serde_json::from_value).transpose().map_err(anyhow::Error::from)?;
    Ok(Import { arrival, source, plan, report })
}

fn require_state(arrival: &Arrival, states: &[ArrivalState]) -> Result<()> {
    if arrival.state.is_at_work() {
        return Err(at_work());
    }
    if states.contains(&arrival.state) { Ok(()) } else { Err(not_read(arrival)) }
}

fn at_work() -> Error {
    Error::conflict("imports.at_work", "this import is at work; wait for it, or stop its job")
}

fn not_read(arrival: &Arrival) -> Error {
    let message = match arrival.state {
        ArrivalState::Failed => "this import failed; begin a new one",
        ArrivalState::New => "nothing was read yet",
        _ => "this import was read already",
    };
    Error::conflict("imports.not_now", message)
}
