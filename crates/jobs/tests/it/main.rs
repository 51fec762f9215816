//! The queue on a real database.

mod abandoned;
mod bouncer;
mod cap;
mod enqueue;
mod interop;
mod look;
mod outcome;
mod pace;
mod stop;

use std::time::Duration;

use jobs::{Config, Context, JobError, JobId, JobState, JobView, Jobs, Registry, Work};
use sqlx::PgPool;
use testkit::database::TestDatabase;
use tokio::sync::mpsc;

struct TestQueue {
    jobs: Jobs,
    pool: PgPool,
    database: TestDatabase,
}

impl TestQueue {
    async fn new() -> Self {
        let database = TestDatabase::create(&[]).await;
        let pool = database.pool("river").await;
        Self { jobs: Jobs::new(pool.clone()).expect("a queue"), pool, database }
    }

    async fn enqueue<W: Work>(&self, work: &W) -> JobId {
        let mut db = self.pool.acquire().await.expect("a connection");
        self.jobs.enqueue(&mut db, work).await.expect("enqueued")
    }

    async fn get(&self, id: JobId) -> JobView {
        self.jobs.get(id).await.expect("it exists")
    }

    /// The job, as soon as it `fits`.
    async fn when(&self, id: JobId, fits: impl Fn(&JobView) -> bool) -> JobView {
        let wait = async {
            loop {
                let view = self.get(id).await;
                if fits(&view) {
                    return view;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if let Ok(view) = tokio::time::timeout(Duration::from_secs(20), wait).await {
            return view;
        }
        panic!("never came to be: {:?}", self.get(id).await)
    }

    async fn when_in(&self, id: JobId, state: JobState) -> JobView {
        self.when(id, |view| view.state == state).await
    }
}

/// Declares a kind of work without much of its own.
macro_rules! work {
    ($name:ident, $kind:literal $(, const $constant:ident: $type:ty = $value:expr)*) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct $name(pub u32);

        impl jobs::Work for $name {
            const KIND: &'static str = $kind;
            $(const $constant: $type = $value;)*
        }
    };
}
pub(crate) use work;

/// Works that say when they have begun, then wait to be told to stop.
fn waiting<W: Work>(registry: &mut Registry) -> mpsc::UnboundedReceiver<JobId> {
    let (begun, begins) = mpsc::unbounded_channel();
    registry.add::<W, _, _>(move |_, context: Context| {
        let begun = begun.clone();
        async move {
            begun.send(context.job_id()).expect("the test listens");
            context.cancelled().await;
            Err(JobError::Cancelled)
        }
    });
    begins
}

fn config() -> Config {
    Config::new("node-1")
}
