//! Whom a notice reaches outside of the app: a person as they would be if they asked now.

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Area, LibraryScope, Result, Viewer};

use crate::hours::Door;
use crate::seal::Seal;
use crate::{Accounts, store};

/// A person who is told something.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// What exists for them and what they may do, as of now. They did not ask: there is neither session nor address.
    pub viewer: Viewer,
    /// The language of their interface.
    pub language: String,
    /// Outside of their hours: when those begin again.
    pub opens_at: Option<DateTime<Utc>>,
}

impl Accounts {
    /// The person, as they would be if they asked now; nobody whose account is gone, disabled, or barred because their role
    /// demands a second factor that they do not have.
    pub async fn find_recipient(&self, id: PersonId) -> Result<Option<Recipient>> {
        let mut db = self.0.pool.acquire().await?;
        let Some(person) = store::person::find_person(&mut db, id).await? else { return Ok(None) };
        let Some(row) = store::recipient::find_recipient(&mut db, id).await? else {
            return Ok(None);
        };
        drop(db);
        if person.is_disabled || row.lacks_factor {
            return Ok(None);
        }
        let opens_at = match self.door_of(&person)? {
            Door::Open { .. } => None,
            Door::Closed { opens_at } => Some(opens_at),
        };
        let libraries =
            if person.all_libraries { (self.0.libraries)().await? } else { person.library_ids };
        let guard = person.parental.guard(&row.blocked_marks, &row.allowed_marks);
        let viewer = Viewer {
            person_id: id,
            session_id: None,
            api_key_id: None,
            scope: LibraryScope::of(libraries).guarded(guard),
            permissions: person.role.permissions,
            limits: person.limits,
            hours_end: None,
            address: None,
            area: Area::Main,
        };
        Ok(Some(Recipient { viewer, language: person.language, opens_at }))
    }

    /// The seal of another room for secrets that it must read again, by a key of its own.
    pub async fn seal_for(&self, purpose: &str) -> Result<Seal> {
        Seal::new(&self.signing_key().await?, purpose)
    }
}
