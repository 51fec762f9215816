//! Intro, recap, credits of a file: what was found, and what a person said instead.

use kernel::id::FileId;
use kernel::{Error, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::Connection as _;
use utoipa::ToSchema;

use super::store::delete_analysis;
use super::store::segment as store;
use crate::Catalog;

/// A file has no more parts than this that one would skip.
const MAX_SEGMENTS: usize = 20;

/// What a part of a film is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SegmentKind {
    /// The titles at the beginning.
    Intro,
    /// What happened in earlier episodes.
    Recap,
    /// The names at the end.
    Credits,
    /// What happens in the next episode.
    Preview,
}

/// Who says where a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SegmentSource {
    /// The titles of the file's chapters.
    Chapters,
    /// What episodes of a season have in common to be heard.
    Sound,
    /// Pictures of words on dark ground at the end of a film.
    Pictures,
    /// A person.
    Person,
}

/// A part of a film that one may want to skip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Where it begins.
    pub start_ms: i64,
    /// Where it ends.
    pub end_ms: i64,
    /// How sure that is: from 0 to 1, which is a person's word.
    pub confidence: f32,
    /// Who says so.
    pub source: SegmentSource,
}

/// All of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segments {
    /// Whether a person said where they are: then nothing else changes them.
    pub is_edited: bool,
    /// In the order of time.
    pub segments: Vec<Segment>,
}

/// What a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    /// What it is.
    pub kind: SegmentKind,
    /// Where it begins.
    pub start_ms: i64,
    /// Where it ends.
    pub end_ms: i64,
}

impl Catalog {
    /// Intro, recap and credits of a file.
    pub async fn find_segments(&self, viewer: &Viewer, file: FileId) -> Result<Segments> {
        let mut db = self.connection().await?;
        let facts = store::find_file(&mut db, &viewer.scope, file).await?;
        let facts = facts.ok_or(Error::NotFound("file"))?;
        let segments = store::list_segments_unscoped(&mut db, &[file.0]).await?;
        let segments = segments.into_iter().map(|it| it.1).collect();
        Ok(Segments { is_edited: facts.is_edited, segments })
    }

    /// Says where they are. Nothing overwrites that.
    pub async fn set_segments(
        &self,
        viewer: &Viewer,
        file: FileId,
        new: &[NewSegment],
    ) -> Result<Segments> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let facts = store::find_file(&mut tx, &viewer.scope, file).await?;
        let facts = facts.ok_or(Error::NotFound("file"))?;
        check(new, facts.duration_ms)?;
        let said = new.iter().map(|it| Segment {
            kind: it.kind,
            start_ms: it.start_ms,
            end_ms: it.end_ms,
            confidence: 1.0,
            source: SegmentSource::Person,
        });
        let said: Vec<Segment> = said.collect();
        store::replace_segments(&mut tx, file, &said).await?;
        store::update_edited(&mut tx, file, Some(self.clock.now())).await?;
        tx.commit().await?;
        drop(db);
        self.find_segments(viewer, file).await
    }

    /// Forgets what a person said: what is found counts again, and is looked for anew.
    pub async fn reset_segments(&self, viewer: &Viewer, file: FileId) -> Result<()> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let facts = store::find_file(&mut tx, &viewer.scope, file).await?;
        if !facts.ok_or(Error::NotFound("file"))?.is_edited {
            return Ok(());
        }
        store::replace_segments(&mut tx, file, &[]).await?;
        store::update_edited(&mut tx, file, None).await?;
        delete_analysis(&mut tx, file, super::Analysis::Segments.as_str()).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check(new: &[NewSegment], duration_ms: Option<i64>) -> Result<()> {
    let most = duration_ms.unwrap_or(i64::MAX);
    if new.len() > MAX_SEGMENTS {
        return Err(Error::invalid("segments", format!("at most {MAX_SEGMENTS} of them")));
    }
    for it in new {
        if it.start_ms < 0 || it.start_ms >= it.end_ms || it.start_ms >= most {
            let message = "each begins within the film and ends behind its beginning";
            return Err(Error::invalid("segments", message));
        }
    }
    Ok(())
}
