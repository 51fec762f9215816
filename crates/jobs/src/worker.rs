//! One attempt, from River's hands into a handler's and back.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::FutureExt as _;
use riverqueue::jiff::Timestamp;
use riverqueue::{
    BoxError, Job, JobRow, WorkCancelled, WorkContext, WorkError, WorkOutcome, Worker,
    WorkerTimeout,
};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::apart::{PREFIX, is_apart};
use crate::cause::{self, Cause};
use crate::envelope::Envelope;
use crate::outcome::Postponed;
use crate::pace::Pace;
use crate::report::{ANYTIME, GAVE_UP, Report};
use crate::{Context, JobError, JobId, Work};

/// How often River put a job off, as it keeps that in the job's metadata.
const SNOOZES: &str = "snoozes";
/// How long work that was told to stop may take to do so.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// Work that was put off this often fails when it is put off again.
const PUT_OFF_MAX: i64 = 30;
/// River starts the clock of the time-out a moment before we start ours.
const CLOCK_SLACK: Duration = Duration::from_millis(50);

/// The work of one attempt, begun.
type Handled = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;

/// What does work of one kind. Erased: River's many layers around it are compiled once for a kind, not once more for all that
/// the kind's handler waits for.
type Handler<W> = Arc<dyn Fn(W, Context) -> Handled + Send + Sync>;

/// A handler as River's worker.
pub(crate) struct Adapter<W> {
    handler: Handler<W>,
    pace: Pace,
}

impl<W: Work> Adapter<W> {
    pub fn new<F, Fut>(handler: F, pace: Pace) -> Self
    where
        F: Fn(W, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Self { handler: Arc::new(move |work, context| Box::pin(handler(work, context))), pace }
    }
}

impl<W: Work> Worker<Envelope<W>> for Adapter<W> {
    type Error = BoxError;

    fn next_retry(
        &self,
        _: &Job<Envelope<W>>,
        error: &WorkError,
        _: Timestamp,
    ) -> Option<Duration> {
        error.downcast_ref::<Postponed>().map(|it| it.after)
    }

    fn timeout(&self, _: &Job<Envelope<W>>) -> WorkerTimeout {
        WorkerTimeout::After(W::TIMEOUT)
    }

    async fn work(
        &self,
        river: WorkContext,
        job: Job<Envelope<W>>,
    ) -> Result<WorkOutcome, BoxError> {
        let (handler, work) = (Arc::clone(&self.handler), job.args.open()?);
        let about = About { kind: W::KIND, timeout: W::TIMEOUT, is_heavy: W::IS_HEAVY };
        let begin = Box::new(move |context| handler(work, context));
        Box::pin(work_off(river, &job.row, about, &self.pace, begin)).await
    }
}

/// What an attempt needs to know of its kind.
#[derive(Clone, Copy)]
struct About {
    kind: &'static str,
    timeout: Duration,
    is_heavy: bool,
}

async fn work_off(
    river: WorkContext,
    row: &JobRow,
    about: About,
    pace: &Pace,
    begin: Box<dyn FnOnce(Context) -> Handled + Send>,
) -> Result<WorkOutcome, BoxError> {
    let started = Instant::now();
    let id = JobId(row.id);
    let report = Arc::new(Report::of(row));
    let keeps_hours = about.is_heavy && row.metadata.get(ANYTIME).ok().flatten() != Some(true);
    let context = Context {
        id,
        attempt: u16::try_from(row.attempt).unwrap_or(u16::MAX),
        max_attempts: u16::try_from(row.max_attempts).unwrap_or(u16::MAX),
        report: Arc::clone(&report),
        cancellation: river.cancellation_token().clone(),
        pace: pace.clone(),
        keeps_hours,
        later: Arc::default(),
    };
    let asked = context.clone();
    let cause = Cause::of(row);
    // River's own span has the kind and the id.
    let span = match &cause.request_id {
        Some(request) => tracing::info_span!("caused_by", request = %request),
        None => tracing::Span::none(),
    };
    let trace = cause.begin(about.kind, id, context.attempt);
    let mut outcome = match context.check() {
        Ok(()) => {
            let handled = cause.lead_to(begin(context));
            let handled = handled.with_context(trace.clone()).instrument(span.clone());
            attempt(&river, &report, id, handled).await
        }
        Err(error) => Err(error),
    };
    if let Err(JobError::Later { after, message }) = outcome {
        report.log(&message);
        let n_put_off: i64 = row.metadata.get(SNOOZES).ok().flatten().unwrap_or_default();
        outcome = Err(if keeps_hours || asked.made_room() || n_put_off < PUT_OFF_MAX {
            JobError::Later { after, message }
        } else {
            JobError::Retry { after, message }
        });
    }
    for (key, value) in report.metadata() {
        river.metadata_set(key, value)?;
    }
    let stopped = matches!(outcome, Err(JobError::Cancelled));
    if stopped && started.elapsed() + CLOCK_SLACK >= about.timeout {
        let seconds = about.timeout.as_secs_f32();
        outcome = Err(anyhow::anyhow!("ran longer than {seconds} s and was stopped").into());
    }
    if is_apart(about.kind) {
        outcome = outcome.map_err(|error| without_words(&error));
    }
    span.in_scope(|| log_outcome(about.kind, id, started.elapsed(), &outcome));
    measure(about.kind, started.elapsed(), &outcome);
    cause::end(&trace, &outcome);
    translate(&river, outcome)
}

/// The same end, told by no word that could say what the work was about.
fn without_words(error: &JobError) -> JobError {
    let message = "not told: work of a private area".to_owned();
    match error {
        JobError::Retry { after, message: _ } => JobError::Retry { after: *after, message },
        JobError::Later { after, message: _ } => JobError::Later { after: *after, message },
        JobError::GiveUp { message: _ } => JobError::GiveUp { message },
        JobError::Cancelled => JobError::Cancelled,
        JobError::Failed(_) => JobError::Failed(anyhow::anyhow!(message)),
    }
}

/// Runs the handler beside the writing of its report.
async fn attempt(
    river: &WorkContext,
    report: &Report,
    id: JobId,
    handled: impl Future<Output = Result<(), JobError>>,
) -> Result<(), JobError> {
    let handled = async {
        let outcome = stoppable(river, handled).await;
        report.finish();
        outcome
    };
    match river.client() {
        Some(client) => tokio::join!(handled, report.write_until_finished(client, id.0)).0,
        None => handled.await,
    }
}

/// Lets the handler see for itself that it shall stop; drops it when it does not.
async fn stoppable(
    river: &WorkContext,
    handled: impl Future<Output = Result<(), JobError>>,
) -> Result<(), JobError> {
    let mut handled = std::pin::pin!(handled);
    tokio::select! {
        outcome = &mut handled => return outcome,
        () = river.cancellation_token().cancelled() => {}
    }
    tokio::time::timeout(GRACE, handled).await.unwrap_or(Err(JobError::Cancelled))
}

fn translate(river: &WorkContext, outcome: Result<(), JobError>) -> Result<WorkOutcome, BoxError> {
    match outcome {
        Ok(()) => Ok(WorkOutcome::Complete),
        // River knows why it cancelled: by a person for good, by our end for the next start.
        Err(JobError::Cancelled) if river.cancellation_token().is_cancelled() => {
            Err(WorkCancelled.into())
        }
        Err(JobError::Cancelled) => Ok(WorkOutcome::Cancel),
        Err(JobError::Retry { after, message }) => Err(Postponed { after, message }.into()),
        Err(JobError::Later { after, message: _ }) => Ok(WorkOutcome::Snooze(after)),
        Err(JobError::GiveUp { message }) => {
            river.metadata_set(GAVE_UP, message)?;
            Ok(WorkOutcome::Discard)
        }
        Err(JobError::Failed(error)) => Err(error.into()),
    }
}

/// What is set apart is counted with the rest of its kind.
fn measure(kind: &'static str, took: Duration, outcome: &Result<(), JobError>) {
    let outcome = match outcome {
        Ok(()) => "done",
        Err(JobError::Cancelled) => "stopped",
        Err(JobError::Retry { .. } | JobError::Later { .. }) => "postponed",
        Err(JobError::GiveUp { .. }) => "given_up",
        Err(JobError::Failed(_)) => "failed",
    };
    let kind = kind.strip_prefix(PREFIX).unwrap_or(kind);
    metrics::histogram!("revenge_job_seconds", "kind" => kind, "outcome" => outcome)
        .record(took.as_secs_f64());
}

fn log_outcome(kind: &str, id: JobId, took: Duration, outcome: &Result<(), JobError>) {
    let duration_ms = took.as_millis() as u64;
    match outcome {
        Ok(()) => tracing::info!(job.kind = kind, job.id = id.0, duration_ms, "job done"),
        Err(JobError::Cancelled) => {
            tracing::info!(job.kind = kind, job.id = id.0, duration_ms, "job stopped");
        }
        Err(JobError::Retry { after, message } | JobError::Later { after, message }) => {
            tracing::info!(
                job.kind = kind,
                job.id = id.0,
                duration_ms,
                ?after,
                message,
                "job postponed"
            );
        }
        Err(JobError::GiveUp { message }) => {
            tracing::warn!(job.kind = kind, job.id = id.0, duration_ms, message, "job given up");
        }
        Err(JobError::Failed(error)) => {
            tracing::warn!(
                job.kind = kind,
                job.id = id.0,
                duration_ms,
                error = format!("{error:#}"),
                "job failed"
            );
        }
    }
}
