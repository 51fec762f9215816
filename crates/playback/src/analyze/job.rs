//! The work as a job.

use std::time::Duration;

use catalog::analysis::{Analysis, AnalyzeFiles, DueFile};
use jobs::{Context, JobError, Registry};
use media::likeness;
use media::trickplay::MAKING;

use super::likeness::BYTES;
use super::loudness::MEASURING;
use super::{Analyst, Failure};
use crate::Playback;

/// What failed for a passing reason is tried again so often, and what no scan told of is found.
const EVERY: Duration = Duration::from_hours(1);

/// Registers the work of looking and listening.
pub fn register(registry: &mut Registry, playback: &Playback) -> kernel::Result<()> {
    let analyst = playback.analyst();
    registry.add::<AnalyzeFiles, _, _>(move |_, context| {
        let analyst = analyst.clone();
        async move { analyst.work(&context).await }
    });
    registry.every(EVERY, || AnalyzeFiles {})?;
    Ok(())
}

impl Analyst {
    async fn work(&self, context: &Context) -> Result<(), JobError> {
        if self.settings.finds_duplicates {
            self.for_all(context, Analysis::Bytes, BYTES).await?;
            self.group_alike(context).await?;
        }
        if self.settings.ffmpeg.is_none() {
            context.log("nothing is analyzed: it is switched off, or there is no FFmpeg");
            return Ok(());
        }
        self.tidy_shelf(context).await?;
        self.for_all(context, Analysis::Trickplay, MAKING).await?;
        self.find_all_segments(context).await?;
        if self.settings.finds_duplicates {
            self.for_all(context, Analysis::Likeness, likeness::MAKING).await?;
            self.group_alike(context).await?;
        }
        self.for_all(context, Analysis::Loudness, MEASURING).await
    }

    async fn act(&self, context: &Context, what: Analysis, file: &DueFile) -> Result<(), Failure> {
        match what {
            Analysis::Trickplay => self.make_sheets(context, file).await,
            Analysis::Loudness => self.measure_loudness(context, file).await,
            Analysis::Bytes => self.read_bytes(context, file).await,
            Analysis::Likeness => self.look_at(context, file).await,
            // Season by season, elsewhere.
            Analysis::Segments => Ok(()),
        }
    }

    /// Does something with every file for which it is due. What goes wrong with one is noted, and the next one follows.
    async fn for_all(
        &self,
        context: &Context,
        what: Analysis,
        made_by: i32,
    ) -> Result<(), JobError> {
        let total = self.catalog.count_due_files(what, made_by).await?.unsigned_abs();
        let (mut n_done, mut n_failed, mut after) = (0, 0, None);
        loop {
            let page = self.catalog.list_due_files(what, made_by, after.as_ref()).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for file in &page {
                context.check()?;
                // More may have come since it was counted.
                context.progress(n_done, total.max(n_done + 1), &*file.title);
                let problem = match self.act(context, what, file).await {
                    Ok(()) => None,
                    Err(Failure::File(problem)) => Some(problem),
                    Err(Failure::Passing(reason)) => {
                        n_failed += 1;
                        context.log(format!("{}: {reason}", file.title));
                        continue;
                    }
                    Err(Failure::Work(error)) => return Err(error),
                };
                if let Some(problem) = &problem {
                    n_failed += 1;
                    context.log(format!("{}: {problem}", file.title));
                }
                self.catalog.note_analysis(file, what, made_by, problem.as_deref()).await?;
                n_done += 1;
            }
        }
        if n_done + n_failed > 0 {
            tracing::info!(what = ?what, done = n_done, failed = n_failed, "analyze.done");
        }
        Ok(())
    }
}
