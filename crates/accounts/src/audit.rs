//! The record of security-relevant acts, as administrators read it.

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Area, Limit, Page, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Accounts, store};

/// A change of settings in the adult area: only who has it open on their device reads of it, so that nobody else learns
/// that there is anything.
pub(crate) const ADULT_CHANGE: &str = "adult_setting_changed";

/// One act.
#[derive(Clone, Debug)]
pub struct Act {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// By or upon whom; nobody we know, for a failed sign-in under an unknown name.
    pub person_id: Option<PersonId>,
    /// What they are called, if they still have an account.
    pub person_name: Option<String>,
    /// What was done: `sign_in`, `password_changed`.
    pub action: String,
    /// To what, in words.
    pub subject: String,
    /// From where; empty for acts that come from no address.
    pub address: String,
}

/// Which acts.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of one person.
    pub person: Option<PersonId>,
    /// Of one kind.
    pub action: Option<String>,
    /// Not before this.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub until: Option<DateTime<Utc>>,
}

/// Where in the record a page ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AuditKey(pub DateTime<Utc>, pub Uuid);

impl Accounts {
    /// What happened, the newest first.
    pub async fn list_audit(
        &self,
        viewer: &Viewer,
        filter: &AuditFilter,
        after: Option<AuditKey>,
        limit: Limit,
    ) -> Result<Page<Act>> {
        viewer.require(Permission::SeeAudit)?;
        let is_inside = self.is_adult_open(viewer, false).await;
        let mut db = self.0.pool.acquire().await?;
        let acts = store::audit::list_audit(&mut db, filter, is_inside, after, limit).await?;
        Ok(Page::of(acts, limit, |it| AuditKey(it.at, it.id)))
    }

    /// Notes what somebody who is signed in did, and from where.
    pub(crate) async fn note(
        &self,
        db: &mut sqlx::PgConnection,
        viewer: &Viewer,
        action: &str,
        subject: &str,
    ) -> Result<()> {
        let address = viewer.address.map(|it| it.to_string()).unwrap_or_default();
        let (now, person) = (self.0.clock.now(), Some(viewer.person_id));
        store::audit::insert_audit(db, now, person, action, subject, &address).await
    }

    /// Notes a change of the server's settings, which happened in another room. `what` names no content.
    pub async fn note_change(&self, viewer: &Viewer, area: Area, what: &str) -> Result<()> {
        let action = match area {
            Area::Main => "setting_changed",
            Area::Adult => ADULT_CHANGE,
        };
        let mut db = self.0.pool.acquire().await?;
        self.note(&mut db, viewer, action, what).await
    }
}
