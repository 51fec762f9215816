//! What a film is told by, so that it is found when it is there twice.

use std::sync::Arc;

use catalog::analysis::DueFile;
use jobs::{Context, JobError};
use media::likeness::{self, Picture};
use media::tool::Limits;

use super::{Analyst, Failure, stamp};

/// Counts up when the same bytes would be told by another number.
pub(super) const BYTES: i32 = 1;

impl Analyst {
    /// Keeps the hash of a file's bytes: two short reads.
    pub(super) async fn read_bytes(
        &self,
        context: &Context,
        file: &DueFile,
    ) -> Result<(), Failure> {
        context.check()?;
        let (path, listed) = (file.path.clone(), (file.size_bytes, file.modified_ns));
        let read = move || {
            if stamp(&path)? != listed {
                return Ok(None);
            }
            Ok(Some(likeness::oshash(&std::fs::File::open(&path)?)?))
        };
        let Some(oshash) = self.films.read_at_leisure(read).await? else {
            return Err(Failure::Passing("it changed since the last scan".to_owned()));
        };
        let Some(oshash) = oshash else { return Err(Failure::File("it is empty".to_owned())) };
        Ok(self.catalog.keep_oshash(file.id, oshash).await?)
    }

    /// Takes pictures along a film, one after the other, and keeps the hash of all.
    pub(super) async fn look_at(&self, context: &Context, file: &DueFile) -> Result<(), Failure> {
        let opened = self.open(context, file).await?;
        let (width, height) = likeness::picture_size(&opened.film.video().stream);
        let (width, height) = (width as usize, height as usize);
        let mut pictures = Vec::new();
        for moment_ns in likeness::moments_ns(opened.film.plan.end_ns) {
            self.wait(context).await?;
            let film = Arc::clone(&opened);
            let work = self
                .films
                .read_at_leisure(move || likeness::look(&film.film, &*film.file, moment_ns))
                .await?;
            let mut output =
                self.run(context, &opened, &work.args, work.feed, Limits::SHEET).await?;
            if output.stdout.len() < width * height * 3 {
                return Err(Failure::File(format!("FFmpeg gave no picture: {}", output.stderr)));
            }
            output.stdout.truncate(width * height * 3);
            pictures.push(Picture { width, height, pixels: output.stdout });
        }
        let hashing = tokio::task::spawn_blocking(move || likeness::hash(&pictures));
        let hash = hashing.await.map_err(anyhow::Error::from).map_err(JobError::from)?;
        Ok(self.catalog.keep_picture_hash(file.id, hash).await?)
    }

    /// Puts into groups what is alike, by all that is known now.
    pub(super) async fn group_alike(&self, context: &Context) -> Result<(), JobError> {
        let asked = context.clone();
        match self.catalog.group_alike(move || asked.check().is_ok()).await? {
            Some(files) => {
                tracing::debug!(files, "duplicates.grouped");
                // By what a film is told, providers may know it.
                Ok(self.catalog.ask_about_due().await?)
            }
            None => context.check().and(Err(JobError::Cancelled)),
        }
    }
}
