//! Making the sheets of a film.

use std::sync::Arc;

use catalog::analysis::{DueFile, Trickplay};
use jobs::{Context, JobError};
use kernel::id::FileId;
use media::tool::Limits;
use media::trickplay::{self, MAKING, TILES, interval_ms, tile_size};
use uuid::Uuid;

use super::shelf::Sheet;
use super::{Analyst, Failure};
use crate::films::OpenFilm;

impl Analyst {
    /// Makes all sheets that a film lacks, a piece at a time.
    pub(super) async fn make_sheets(
        &self,
        context: &Context,
        file: &DueFile,
    ) -> Result<(), Failure> {
        let opened = self.open(context, file).await?;
        let version = format!("{MAKING}-{:x}-{:x}", file.size_bytes, file.modified_ns);
        let duration_ms = opened.film.plan.end_ns / 1_000_000;
        let moments = trickplay::moments_ms(duration_ms);
        for (number, moments) in moments.chunks(TILES).enumerate() {
            self.make_sheet(context, file.id, &opened, &version, Sheet::Along(number), moments)
                .await?;
        }
        let chapters = self.catalog.list_chapters(file.id).await?;
        let begins: Vec<i64> = chapters.iter().take(TILES).map(|it| it.0).collect();
        if !begins.is_empty() {
            self.make_sheet(context, file.id, &opened, &version, Sheet::Chapters, &begins).await?;
        }
        let (width, height) = tile_size(&opened.film.video().stream);
        let made = Trickplay {
            version,
            interval_ms: interval_ms(duration_ms) as i32,
            tile_width: width.cast_signed(),
            tile_height: height.cast_signed(),
            tile_count: i32::try_from(moments.len()).unwrap_or(i32::MAX),
            chapter_count: begins.len() as i16,
        };
        self.catalog.note_trickplay(file.id, &made).await?;
        let (shelf, id) = (self.shelf.clone(), file.id);
        self.on_disk(move || shelf.keep_only(id, &made.version)).await
    }

    async fn make_sheet(
        &self,
        context: &Context,
        file: FileId,
        opened: &Arc<OpenFilm>,
        version: &str,
        sheet: Sheet,
        moments: &[i64],
    ) -> Result<(), Failure> {
        let (shelf, of) = (self.shelf.clone(), version.to_owned());
        let (is_there, has_room) =
            self.on_disk(move || Ok((shelf.has(file, &of, sheet), shelf.has_room()?))).await?;
        if is_there {
            return Ok(());
        }
        if !has_room {
            return Err(Failure::Passing("there is no room for more pictures".to_owned()));
        }
        self.wait(context).await?;
        let (film, moments) = (Arc::clone(opened), moments.to_vec());
        let abilities = self.settings.abilities;
        let work = self
            .films
            .read_at_leisure(move || trickplay::sheet(&film.film, &*film.file, &moments, abilities))
            .await?;
        let output = self.run(context, opened, &work.args, work.feed, Limits::SHEET).await?;
        let Some(picture) = trickplay::finish(&output.stdout) else {
            return Err(Failure::File(format!("FFmpeg gave no pictures: {}", output.stderr)));
        };
        let (shelf, of, picture) = (self.shelf.clone(), version.to_owned(), picture.to_vec());
        self.on_disk(move || shelf.write(file, &of, sheet, &picture)).await
    }

    /// Deletes sheets of files that are gone, and has those made again that somebody deleted.
    pub(super) async fn tidy_shelf(&self, context: &Context) -> Result<(), JobError> {
        let shelf = self.shelf.clone();
        let lying = tokio::task::spawn_blocking(move || shelf.list());
        let lying = lying.await.map_err(anyhow::Error::from)??;
        let mut unused: std::collections::HashMap<_, _> =
            lying.into_iter().map(|it| ((it.file, it.version.clone()), it)).collect();
        let mut after = FileId(Uuid::nil());
        loop {
            context.check()?;
            let page = self.catalog.list_trickplay_versions(after).await?;
            let Some(last) = page.last() else { break };
            after = last.0;
            for known in page {
                let file = known.0;
                if unused.remove(&known).is_none() {
                    self.catalog.forget_trickplay(file).await?;
                }
            }
        }
        let (shelf, now) = (self.shelf.clone(), self.catalog.clock.now().into());
        let deleting = tokio::task::spawn_blocking(move || {
            unused.values().try_for_each(|it| shelf.delete(it, now))
        });
        deleting.await.map_err(anyhow::Error::from)??;
        Ok(())
    }

    /// What waits for our own disk, off the runtime. Its failures stop all of the work.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let done = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from);
        Ok(done.map_err(JobError::from)?.map_err(JobError::from)?)
    }
}
