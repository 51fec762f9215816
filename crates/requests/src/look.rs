//! What came by itself: titles that are in a library now, for those of the askers for whom they exist.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::TimeDelta;
use kernel::Result;
use kernel::id::PersonId;
use kernel::notice::Notice;
use kernel::{LibraryScope, Permission};

use crate::Requests;
use crate::request::State;
use crate::store::here::{self, Candidate};
use crate::store::{request, wish};

/// Wishes that are looked at at a time.
const AT_ONCE: i64 = 500;
/// What was answered for good, or came, is forgotten after so long.
const KEPT: TimeDelta = TimeDelta::days(365);

impl Requests {
    /// Looks for what came, and says it to those who asked and may see it. How many were told.
    pub(crate) async fn look(&self) -> Result<usize> {
        let mut scopes: HashMap<PersonId, Option<LibraryScope>> = HashMap::new();
        let (mut after, mut n_told) = (None, 0);
        loop {
            let mut db = self.0.pool.acquire().await?;
            let page = here::list_open_unscoped(&mut db, after, AT_ONCE).await?;
            drop(db);
            let Some(last) = page.last() else { return Ok(n_told) };
            after = Some((last.request_id, last.person_id));
            for candidate in page.into_iter().filter(|it| it.is_anywhere) {
                let scope = match scopes.entry(candidate.person_id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => {
                        unknown.insert(self.scope_of(candidate.person_id).await?)
                    }
                };
                if let Some(scope) = scope
                    && self.look_for(scope, &candidate).await?
                {
                    n_told += 1;
                }
            }
        }
    }

    /// Forgets what is long past, and what nobody wants any more.
    pub(crate) async fn forget(&self) -> Result<u64> {
        let before = self.0.clock.now() - KEPT;
        request::forget_old(&mut *self.0.pool.acquire().await?, before).await
    }

    /// What exists for a person; nothing for those who may not look.
    async fn scope_of(&self, person: PersonId) -> Result<Option<LibraryScope>> {
        let recipient = self.0.accounts.find_recipient(person).await?;
        let viewer = recipient.map(|it| it.viewer).filter(|it| it.can(Permission::Browse));
        Ok(viewer.map(|it| it.scope))
    }

    async fn look_for(&self, scope: &LibraryScope, candidate: &Candidate) -> Result<bool> {
        let (id, person_id) = (candidate.request_id, candidate.person_id);
        let kinds = self.library_kinds();
        let mut tx = self.0.pool.begin().await?;
        let items = here::list_items_of(&mut tx, scope, &kinds, id, &candidate.seasons).await?;
        let Some(item) = items.first().copied() else { return Ok(false) };
        let now = self.0.clock.now();
        let Some(title) = request::lock_request(&mut tx, id).await? else { return Ok(false) };
        if !wish::mark_here(&mut tx, id, &[person_id.0], Some(item), now).await? {
            return Ok(false);
        }
        request::settle(&mut tx, &[id.0], now).await?;
        let notice = Notice::RequestAnswered {
            person_id,
            title: title.requested(),
            state: State::Available.name().to_owned(),
            word: None,
            item_id: Some(item),
        };
        self.0.teller.tell(&mut tx, notice).await?;
        tx.commit().await?;
        self.announce([person_id]).await;
        Ok(true)
    }
}
