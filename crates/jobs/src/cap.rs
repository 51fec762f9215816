//! The cap over all queues.
//!
//! Each queue has a number of its own in River; together they may be more than the machine shall do at once. So a job
//! that River has fetched waits here for a place, before its time-out starts to count. Work of the other queues never
//! takes the last place: what a person waits for starts at once, or after one job of its own queue. While somebody plays,
//! one job of the low queue runs at a time: another does not begin, and one that runs beside it goes back to the queue where
//! it next asks whether it may go on.

use riverqueue::{
    JobRow, WorkCancelled, WorkContext, WorkError, WorkMiddleware, WorkNext, WorkOutcome,
};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::{JobId, Pace, Queue};

#[derive(Debug)]
pub(crate) struct Cap {
    all: Semaphore,
    /// Places that work nobody waits for may take.
    background: Semaphore,
    low: Low,
}

/// How much of [`Queue::Low`] runs: one at a time while somebody plays.
#[derive(Debug)]
struct Low {
    pace: Pace,
    ended: Notify,
}

/// Held by a job of [`Queue::Low`] as long as it runs.
#[derive(Debug)]
struct LowPlace<'a>(&'a Low, JobId);

/// What a job holds while it runs.
type Place<'a> = (Option<LowPlace<'a>>, [Option<SemaphorePermit<'a>>; 2]);

impl Cap {
    /// With a single place there is none to keep free.
    pub fn new(workers: usize, pace: Pace) -> Self {
        Self {
            all: Semaphore::new(workers.max(1)),
            background: Semaphore::new(workers.saturating_sub(1).max(1)),
            low: Low { pace, ended: Notify::new() },
        }
    }

    async fn place(&self, queue: &str, job: JobId) -> Place<'_> {
        // First, so that what waits for it keeps nobody else from a place.
        let low = if queue == Queue::Low.name() { Some(self.low.place(job).await) } else { None };
        // Semaphores that nobody closes do not fail.
        let background =
            if queue == Queue::High.name() { None } else { self.background.acquire().await.ok() };
        (low, [background, self.all.acquire().await.ok()])
    }
}

impl Low {
    async fn place(&self, job: JobId) -> LowPlace<'_> {
        let mut demands = self.pace.watch();
        loop {
            let ended = self.ended.notified();
            if let Some(place) = self.try_place(job, demands.borrow_and_update().is_anybody_playing)
            {
                return place;
            }
            tokio::select! {
                () = ended => {}
                // The pace is ours as long as we are.
                _ = demands.changed() => {}
            }
        }
    }

    fn try_place(&self, job: JobId, is_anybody_playing: bool) -> Option<LowPlace<'_>> {
        let mut running = self.pace.low();
        if is_anybody_playing && !running.is_empty() {
            return None;
        }
        running.push(job);
        Some(LowPlace(self, job))
    }
}

impl Drop for LowPlace<'_> {
    fn drop(&mut self) {
        self.0.pace.low().retain(|it| *it != self.1);
        self.0.ended.notify_waiters();
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
            place = self.place(&job.queue, JobId(job.id)) => place,
            () = context.cancellation_token().cancelled() => return Err(WorkError::new(WorkCancelled)),
        };
        next.run(job).await
    }
}
