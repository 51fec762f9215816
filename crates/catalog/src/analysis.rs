//! What is found out about files after a scan, at leisure: which of it is due, what came of it, and what people said
//! instead. The looking and listening itself is the playback room's, which can read films.

pub mod api;
mod segment;
mod store;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use jobs::{Queue, Work};
use kernel::id::{FileId, ItemId};
use kernel::{Result, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::Connection as _;

pub use segment::{NewSegment, Segment, SegmentKind, SegmentSource, Segments};
pub use store::Trickplay;
pub use store::sound::{Loudness, Print, PrintPart};

use self::store::{segment as segment_store, sound};
use crate::{Catalog, stored_path};

/// Looks at and listens to all files that are due, one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnalyzeFiles {}

impl Work for AnalyzeFiles {
    const KIND: &'static str = "catalog.analyze_files";
    const QUEUE: Queue = Queue::Low;
    /// A large library takes days; what is done stays, and the next job goes on with the rest.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;
    const IS_HEAVY: bool = true;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// A player that spoke since then is playing.
const PLAYERS_SPOKE: chrono::TimeDelta = chrono::TimeDelta::seconds(45);

/// What can be found out about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Analysis {
    /// Small pictures along it, and of its chapters.
    Trickplay,
    /// Where intro, recap and credits are.
    Segments,
    /// How loud its sound tracks are.
    Loudness,
    /// What its bytes are told by.
    Bytes,
    /// What its pictures are told by.
    Likeness,
}

impl Analysis {
    /// Its name in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Trickplay => "trickplay",
            Self::Segments => "segments",
            Self::Loudness => "loudness",
            Self::Bytes => "bytes",
            Self::Likeness => "likeness",
        }
    }
}

/// A file that is to be looked at or listened to.
#[derive(Clone, Debug)]
pub struct DueFile {
    /// Its id.
    pub id: FileId,
    /// Where it is.
    pub path: PathBuf,
    /// As the scan found it.
    pub size_bytes: i64,
    /// As the scan found it, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// As its container says.
    pub duration_ms: Option<i64>,
    /// What it is a film of.
    pub title: String,
    /// The season that it is an episode of.
    pub group_id: Option<ItemId>,
}

impl From<store::DueRow> for DueFile {
    fn from(row: store::DueRow) -> Self {
        let store::DueRow {
            id,
            folder,
            path,
            size_bytes,
            modified_ns,
            duration_ms,
            title,
            group_id,
        } = row;
        let path = stored_path::from_text(&folder).join(stored_path::from_text(&path));
        Self { id, path, size_bytes, modified_ns, duration_ms, title, group_id }
    }
}

impl Catalog {
    /// Whether somebody plays something, on whatever node.
    pub async fn is_anybody_playing(&self) -> Result<bool> {
        let since = self.clock.now() - PLAYERS_SPOKE;
        let mut db = self.connection().await?;
        crate::scan::is_anybody_playing(&mut db, since).await
    }

    /// How many files are due.
    pub async fn count_due_files(&self, what: Analysis, made_by: i32) -> Result<i64> {
        store::count_due(&mut *self.connection().await?, what.as_str(), made_by).await
    }

    /// A few of them, seasons together, behind `after`.
    pub async fn list_due_files(
        &self,
        what: Analysis,
        made_by: i32,
        after: Option<&DueFile>,
    ) -> Result<Vec<DueFile>> {
        let mut db = self.connection().await?;
        let after = after.map(|it| (it.group_id, it.id));
        let rows = store::list_due(&mut db, what.as_str(), made_by, after).await?;
        Ok(rows.into_iter().map(DueFile::from).collect())
    }

    /// Notes that a file as it was listed is done, or why nothing came of it.
    pub async fn note_analysis(
        &self,
        file: &DueFile,
        what: Analysis,
        made_by: i32,
        problem: Option<&str>,
    ) -> Result<()> {
        let mut db = self.connection().await?;
        let problem = problem.map(|it| it.replace('\0', ""));
        let now = self.clock.now();
        store::upsert_analysis(&mut db, file, what.as_str(), made_by, problem.as_deref(), now).await
    }

    /// Notes the sheets that were made.
    pub async fn note_trickplay(&self, file: FileId, made: &Trickplay) -> Result<()> {
        store::upsert_trickplay(&mut *self.connection().await?, file, made).await
    }

    /// The sheets of a file that the viewer may see.
    pub async fn find_trickplay(&self, viewer: &Viewer, file: FileId) -> Result<Option<Trickplay>> {
        store::find_trickplay(&mut *self.connection().await?, &viewer.scope, file).await
    }

    /// Which sheets belong to files that are known, for telling what else lies on the disk; a page of them behind `after`.
    pub async fn list_trickplay_versions(&self, after: FileId) -> Result<Vec<(FileId, String)>> {
        store::list_versions_unscoped(&mut *self.connection().await?, after).await
    }

    /// Has the sheets of a file made again: they are gone.
    pub async fn forget_trickplay(&self, file: FileId) -> Result<()> {
        store::delete_trickplay(&mut *self.connection().await?, file).await
    }

    /// When the chapters of a file begin, and their titles.
    pub async fn list_chapters(&self, file: FileId) -> Result<Vec<(i64, Option<String>)>> {
        let mut db = self.connection().await?;
        store::list_chapters_unscoped(&mut db, file).await
    }

    /// How long a file is, as its container says.
    pub async fn find_duration(&self, file: FileId) -> Result<Option<i64>> {
        store::find_duration_unscoped(&mut *self.connection().await?, file).await
    }

    /// Keeps how a part of a file sounds.
    pub async fn keep_print(&self, file: &DueFile, print: &Print) -> Result<()> {
        sound::upsert_print(&mut *self.connection().await?, file, print).await
    }

    /// How all episodes of a season sound as far as that is known, by file. Only the first version of each.
    pub async fn list_prints(&self, group: ItemId) -> Result<Vec<(FileId, Print)>> {
        sound::list_prints_unscoped(&mut *self.connection().await?, group).await
    }

    /// Which parts of a file's sound as it was listed are known.
    pub async fn list_known_prints(&self, file: &DueFile) -> Result<Vec<PrintPart>> {
        sound::list_known_prints_unscoped(&mut *self.connection().await?, file).await
    }

    /// Writes what was found in place of what was found before; where a person said something, that stays.
    pub async fn note_segments(&self, file: FileId, found: &[Segment]) -> Result<()> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        segment_store::replace_found_segments(&mut tx, file, found).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps how loud the sound tracks of a file are.
    pub async fn note_loudness(&self, file: FileId, measured: &[Loudness]) -> Result<()> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        sound::replace_loudness(&mut tx, file, measured).await?;
        Ok(tx.commit().await?)
    }
}
