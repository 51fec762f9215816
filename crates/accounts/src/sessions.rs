//! What people do with their sessions: list them, end them, renew their tokens.

use std::time::Duration;

use kernel::id::{PersonId, SessionId};
use kernel::{Error, Limit, Page, Result, Viewer};

use crate::device::{self, Device, KNOWN_DAYS};
use crate::service::shortened;
use crate::session::{IDLE, LONGEST, Session, Token};
use crate::{Accounts, store};

/// Devices of a person that are known again.
const MAX_DEVICES: i64 = 50;

/// A browser's token is made anew when it is older.
const TOKEN_AGE: Duration = Duration::from_hours(24);

impl Accounts {
    /// A person's own signed-in devices.
    pub async fn list_sessions(
        &self,
        viewer: &Viewer,
        after: Option<SessionId>,
        limit: Limit,
    ) -> Result<Page<Session>> {
        let mut db = self.0.pool.acquire().await?;
        let now = self.0.clock.now();
        let sessions =
            store::session::list_sessions(&mut db, viewer.person_id, after, limit, now).await?;
        Ok(Page::of(sessions, limit, |it| it.id))
    }

    /// Signs one of one's own devices out.
    pub async fn end_session(&self, viewer: &Viewer, id: SessionId) -> Result<()> {
        let mut tx = self.0.pool.begin().await?;
        if !store::session::delete_session(&mut tx, viewer.person_id, id).await? {
            return Err(Error::NotFound("session"));
        }
        let action = if viewer.session_id == Some(id) { "sign_out" } else { "session_ended" };
        self.note(&mut tx, viewer, action, "").await?;
        tx.commit().await?;
        self.forget_viewers(&[id]).await;
        Ok(())
    }

    /// Signs all of one's own devices out but the one that asks.
    pub async fn end_other_sessions(&self, viewer: &Viewer) -> Result<()> {
        let mut tx = self.0.pool.begin().await?;
        let ended =
            store::session::delete_sessions(&mut tx, viewer.person_id, viewer.session_id).await?;
        let subject = ended.len().to_string();
        self.note(&mut tx, viewer, "other_sessions_ended", &subject).await?;
        tx.commit().await?;
        self.forget_viewers(&ended).await;
        Ok(())
    }

    /// A new token for the session that asks; the one before is good until the new one was seen, so that an answer that
    /// got lost shuts nobody out.
    pub async fn renew_token(&self, viewer: &Viewer) -> Result<String> {
        let id = viewer.session_id.ok_or(Error::Unauthenticated)?;
        let token = Token::new(id, &self.0.rng);
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        if !store::session::rotate_token(&mut db, id, &token.hash(), now, now).await? {
            return Err(Error::Unauthenticated);
        }
        self.forget_viewers(&[id]).await;
        Ok(token.to_text())
    }

    /// The same for a browser, once a day.
    pub(crate) async fn renew_old_token(&self, viewer: &Viewer) -> Result<Option<String>> {
        let Some(id) = viewer.session_id else { return Ok(None) };
        let token = Token::new(id, &self.0.rng);
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        if !store::session::rotate_token(&mut db, id, &token.hash(), now, now - TOKEN_AGE).await? {
            return Ok(None);
        }
        self.forget_viewers(&[id]).await;
        Ok(Some(token.to_text()))
    }

    /// Forgets what is over: sessions, questions nobody answered, devices, failures and
    /// invitations nobody saw for long. Periodic work calls it.
    pub async fn delete_expired_sessions(&self) -> Result<u64> {
        let now = self.0.clock.now();
        self.delete_expired_invitations().await?;
        let mut db = self.0.pool.acquire().await?;
        store::challenge::delete_expired_challenges(&mut db, now).await?;
        store::quick_connect::delete_expired(&mut db, now).await?;
        let unseen = now - chrono::Duration::days(KNOWN_DAYS);
        store::device::delete_old(&mut db, unseen, now - chrono::Duration::days(2)).await?;
        store::session::delete_expired_sessions(&mut db, now).await
    }

    /// Opens a session on `device`: its id and token, and where the device was not known, what it is to keep.
    pub(crate) async fn open_session(
        &self,
        db: &mut sqlx::PgConnection,
        person_id: PersonId,
        device: &Device,
    ) -> Result<(SessionId, String, Option<String>)> {
        let now = self.0.clock.now();
        let session = Session {
            id: self.ids().next(),
            person_id,
            device: shortened(&device.name),
            kind: device.kind,
            created_at: now,
            last_seen_at: now,
        };
        let token = Token::new(session.id, &self.0.rng);
        let times = (now + IDLE, now + LONGEST);
        store::session::insert_session(db, &session, &token.hash(), &device.address, times).await?;
        // Who is known on a shared device is gone to there as they signed in last.
        if let Some(hash) = device.profiles_hash()
            && let Some(before) =
                store::profile::replace_session(db, &hash, person_id, session.id).await?
        {
            store::session::delete_session(db, person_id, before).await?;
            self.forget_viewers(&[before]).await;
        }
        let secret = if self.is_known(db, person_id, device).await? {
            None
        } else {
            let (secret, hash) = device::new_secret(&self.0.rng);
            store::device::insert_device(db, person_id, &hash, now, MAX_DEVICES).await?;
            Some(secret)
        };
        Ok((session.id, token.to_text(), secret))
    }
}
