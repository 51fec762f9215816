//! What the playback room asks of the catalog: the files of an item that somebody may play, and where they are.

mod store;

use std::path::PathBuf;

use kernel::id::{FileId, ItemId};
use kernel::{Error, Limits, Result, Viewer};
use media::{Container, Stream};

use crate::{Catalog, stored_path};

/// A file of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayableFile {
    /// Its id.
    pub id: FileId,
    /// Where it is.
    pub path: PathBuf,
    /// `main`, `subtitle`, `trailer`, ...
    pub role: String,
    /// As a page hands it to `canPlayType`.
    pub mime: Option<String>,
    /// Its container by the prober's name.
    pub container: Option<Container>,
    /// How long it runs.
    pub duration_ms: Option<i64>,
    /// All streams together.
    pub bitrate_bps: Option<i64>,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// Not there right now.
    pub is_missing: bool,
    /// What the item's name for it says: a version, a featurette's title, a subtitle's title.
    pub title: Option<String>,
    /// Of a subtitle, BCP 47.
    pub language: Option<String>,
    /// Of a subtitle: only what is foreign to the film's audience.
    pub is_forced: bool,
    /// Of a subtitle: also the sounds.
    pub is_hearing_impaired: bool,
    /// Of a subtitle: shown unless the person chose otherwise.
    pub is_default: bool,
    /// Which part of the item it is, where it is in several.
    pub part: Option<i16>,
    /// How much of its library may be played.
    pub limits: Limits,
}

/// A row of the store, its path still as text.
pub(crate) struct FileRow {
    pub id: FileId,
    pub folder_path: String,
    pub path: String,
    pub role: String,
    pub mime: Option<String>,
    pub container: Option<String>,
    pub duration_ms: Option<i64>,
    pub bitrate_bps: Option<i64>,
    pub problem: Option<String>,
    pub is_missing: bool,
    pub title: Option<String>,
    pub language: Option<String>,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_default: bool,
    pub part: Option<i16>,
    pub max_bitrate_bps: Option<i64>,
    pub max_local_bitrate_bps: Option<i64>,
}

impl From<FileRow> for PlayableFile {
    fn from(row: FileRow) -> Self {
        let FileRow {
            id,
            folder_path,
            path,
            role,
            mime,
            container,
            duration_ms,
            bitrate_bps,
            problem,
            is_missing,
            title,
            language,
            is_forced,
            is_hearing_impaired,
            is_default,
            part,
            max_bitrate_bps,
            max_local_bitrate_bps,
        } = row;
        Self {
            id,
            path: stored_path::from_text(&folder_path).join(stored_path::from_text(&path)),
            role,
            mime,
            container: container.map(Container::from),
            duration_ms,
            bitrate_bps,
            problem,
            is_missing,
            title,
            language,
            is_forced,
            is_hearing_impaired,
            is_default,
            part,
            limits: Limits { max_streams: None, max_bitrate_bps, max_local_bitrate_bps },
        }
    }
}

impl Catalog {
    /// The files of an item, in the order of part, version and path.
    pub async fn list_playable(&self, viewer: &Viewer, item: ItemId) -> Result<Vec<PlayableFile>> {
        let mut db = self.connection().await?;
        let rows = store::list_files(&mut db, &viewer.scope, item).await?;
        Ok(rows.into_iter().map(PlayableFile::from).collect())
    }

    /// What the prober knows of the streams of files, in the order of the files' ids and of each file.
    pub async fn list_streams(
        &self,
        viewer: &Viewer,
        files: &[FileId],
    ) -> Result<Vec<(FileId, Stream)>> {
        let mut db = self.connection().await?;
        let rows = store::list_streams(&mut db, &viewer.scope, files).await?;
        // What an older version wrote and this one does not read is missing until the next scan.
        let streams = rows
            .into_iter()
            .filter_map(|(file, detail)| Some((file, serde_json::from_value(detail).ok()?)));
        Ok(streams.collect())
    }

    /// One file; what a signed URL leads to.
    pub async fn find_playable(&self, viewer: &Viewer, file: FileId) -> Result<PlayableFile> {
        let mut db = self.connection().await?;
        let row =
            store::find_file(&mut db, &viewer.scope, file).await?.ok_or(Error::NotFound("file"))?;
        Ok(row.into())
    }
}
