//! What people looked for last.

use kernel::{Area, Error, Result, Viewer};

use super::service::checked;
use super::{RecentSearch, store};
use crate::Catalog;

/// Searches that are kept of each person.
const KEPT: i64 = 20;

impl Catalog {
    /// What the person looked for, the newest first.
    pub async fn list_recent_searches(&self, viewer: &Viewer) -> Result<Vec<RecentSearch>> {
        let mut db = self.connection().await?;
        let rows = store::recent::list_recent(&mut db, viewer.person_id, KEPT).await?;
        Ok(rows.into_iter().map(|(text, searched_at)| RecentSearch { text, searched_at }).collect())
    }

    /// Keeps what the person looked for. In the adult area nothing is kept.
    pub async fn add_recent_search(&self, viewer: &Viewer, text: &str) -> Result<()> {
        let text = checked(text)?;
        if text.is_empty() {
            return Err(Error::invalid("text", "at least a letter"));
        }
        if viewer.area == Area::Adult {
            return Ok(());
        }
        let mut db = self.connection().await?;
        let now = self.clock.now();
        store::recent::insert_recent(&mut db, viewer.person_id, text, now, KEPT).await
    }

    /// Forgets one of what the person looked for, or all of it.
    pub async fn delete_recent_searches(&self, viewer: &Viewer, text: Option<&str>) -> Result<()> {
        let text = text.map(checked).transpose()?;
        let mut db = self.connection().await?;
        store::recent::delete_recent(&mut db, viewer.person_id, text).await
    }

    /// Forgets what somebody looked for whose account is gone.
    pub async fn forget_searches_of(&self, person: kernel::id::PersonId) -> Result<()> {
        let mut db = self.connection().await?;
        store::recent::delete_recent(&mut db, person, None).await
    }
}
