//! The cap over all queues.
//!
//! Each queue has a number of its own in River; together they may be more than the machine shall do at once. So a job
//! that River has fetched waits here for a place, before its time-out starts to count. Work of the other queues never
//! takes the last place: what a person waits for starts at once, or after one job of its own queue.

use riverqueue::{
    JobRow, WorkCancelled, WorkContext, WorkError, WorkMiddleware, WorkNext, WorkOutcome,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Queue;

#[derive(Debug)]
pub(crate) struct Cap {
    all: Semaphore,
    /// Places that work nobody waits for may take.
    background: Semaphore,
}

impl Cap {
    /// With a single place there is none to keep free.
    pub fn new(workers: usize) -> Self {
        Self {
            all: Semaphore::new(workers.max(1)),
            background: Semaphore::new(workers.saturating_sub(1).max(1)),
        }
    }

    async fn place(&self, queue: &str) -> [Option<SemaphorePermit<'_>>; 2] {
        // Semaphores that nobody closes do not fail.
        let background =
            if queue == Queue::High.name() { None } else { self.background.acquire().await.ok() };
        [background, self.all.acquire().await.ok()]
    }
}

impl WorkMiddleware for Cap {
    async fn work(
        &self,
        context: &WorkContext,
        job: JobRow,
        next: WorkNext<'_>,
    ) -> Result<WorkOutcome, WorkError> {
        let _place = tokio::select! {
            place = self.place(&job.queue) => place,
            () = context.cancellation_token().cancelled() => return Err(WorkError::new(WorkCancelled)),
        };
        next.run(job).await
    }
}
