//! Files that wait to be read: one folder an import, bounded, gone once they were read.

use std::io;
use std::path::PathBuf;

use axum::body::Body;
use catalog::arrival::{ArrivalId, ArrivalState};
use futures::StreamExt as _;
use kernel::{Error, Result, Viewer};
use tokio::io::AsyncWriteExt as _;

use super::{Arrivals, require_state};

/// All files of one import together.
pub const MAX_UPLOAD_BYTES: u64 = 16 << 30;
/// A database, one of people, and what is not yet in them.
const MAX_FILES: usize = 8;
/// Letters of a name.
const MAX_NAME: usize = 100;

impl Arrivals {
    /// Keeps a file until it is read.
    pub async fn upload(
        &self,
        viewer: &Viewer,
        id: ArrivalId,
        name: &str,
        body: Body,
    ) -> Result<()> {
        let import = self.find_import(viewer, id).await?;
        require_state(&import.arrival, &[ArrivalState::New])?;
        let is_name = (1..=MAX_NAME).contains(&name.len())
            && !name.starts_with('.')
            && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it));
        if !is_name {
            return Err(Error::invalid(
                "name",
                "must be the name of a file: letters, digits, . _ -",
            ));
        }
        let mut n_bytes = 0;
        let files = self.uploaded(id).await?;
        let target = self.folder_of(id).join(name);
        for file in &files {
            if *file != target {
                n_bytes += tokio::fs::metadata(file).await.map_err(anyhow::Error::from)?.len();
            }
        }
        if files.len() >= MAX_FILES && !files.contains(&target) {
            return Err(Error::invalid("name", format!("at most {MAX_FILES} files")));
        }
        let written = self.write(&target, body, MAX_UPLOAD_BYTES.saturating_sub(n_bytes)).await;
        if written.is_err() {
            let _ = tokio::fs::remove_file(&target).await;
        }
        written
    }

    async fn write(&self, target: &std::path::Path, body: Body, most: u64) -> Result<()> {
        let folder = target.parent().unwrap_or(&self.folder);
        tokio::fs::create_dir_all(folder).await.map_err(anyhow::Error::from)?;
        let mut file = tokio::fs::File::create(target).await.map_err(anyhow::Error::from)?;
        let mut pieces = body.into_data_stream();
        let mut n_bytes = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Error::invalid("body", "it broke off"))?;
            n_bytes += piece.len() as u64;
            if n_bytes > most {
                return Err(Error::invalid("body", "larger than any database of a household"));
            }
            file.write_all(&piece).await.map_err(anyhow::Error::from)?;
        }
        file.flush().await.map_err(anyhow::Error::from)?;
        Ok(())
    }

    /// The files of an import that wait, by name.
    pub(super) async fn uploaded(&self, id: ArrivalId) -> Result<Vec<PathBuf>> {
        let mut listed = match tokio::fs::read_dir(self.folder_of(id)).await {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(anyhow::Error::from(error).into()),
        };
        let mut files = Vec::new();
        while let Some(entry) = listed.next_entry().await.map_err(anyhow::Error::from)? {
            files.push(entry.path());
        }
        files.sort_unstable();
        Ok(files)
    }

    /// Deletes them.
    pub(super) async fn forget_uploads(&self, id: ArrivalId) -> Result<()> {
        match tokio::fs::remove_dir_all(self.folder_of(id)).await {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(anyhow::Error::from(error).into()),
        }
    }

    pub(super) fn folder_of(&self, id: ArrivalId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}
