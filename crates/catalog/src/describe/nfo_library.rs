//! Has NFO files written for many items of a library: for all when somebody asks for such files, later for what a scan changed.
//! Needs no provider: names, tags and edits are worth keeping too.

use chrono::{DateTime, Utc};
use jobs::{Context, JobError, Jobs, Queue, Work};
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};

use super::nfo::WriteNfo;
use super::sources::LibraryMetadata;
use super::store::place::list_tops_unscoped;
use crate::Catalog;
use crate::scan::find_settings;

/// Items whose files are asked for at once.
const AT_ONCE: i64 = 500;

/// Writes the NFO files of a library, if it wants such files by then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WriteLibraryNfo {
    /// Which.
    pub library_id: LibraryId,
    /// Only of items that changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

impl Work for WriteLibraryNfo {
    const KIND: &'static str = "catalog.write_library_nfo";
    const QUEUE: Queue = Queue::Low;
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("library");

    fn unique_key(&self) -> Option<String> {
        Some(format!("{} {}", self.library_id, self.since.unwrap_or_default().to_rfc3339()))
    }
}

pub(super) async fn work(
    catalog: &Catalog,
    jobs: &Jobs,
    work: &WriteLibraryNfo,
    context: &Context,
) -> Result<(), JobError> {
    let mut after = None;
    let mut n_asked = 0;
    loop {
        context.check()?;
        let mut db = catalog.connection().await?;
        let settings = find_settings(&mut db, work.library_id).await?;
        if !LibraryMetadata::of(&settings).write_nfo {
            break;
        }
        let (library, since) = (work.library_id, work.since);
        let items = list_tops_unscoped(&mut db, library, since, after, AT_ONCE).await?;
        let Some(last) = items.last() else { break };
        after = Some(*last);
        n_asked += items.len();
        let works: Vec<_> = items.iter().map(|id| WriteNfo { item_id: *id }).collect();
        jobs.enqueue_many(&mut db, &works).await?;
    }
    context.log(format!("{n_asked} items are to be written down"));
    Ok(())
}
