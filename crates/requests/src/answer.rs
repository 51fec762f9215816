//! What those do who answer: see all requests, and say what becomes of each.

use std::collections::{BTreeMap, HashMap};

use catalog::cursor;
use kernel::id::PersonId;
use kernel::notice::Notice;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use uuid::Uuid;

use crate::Requests;
use crate::request::{Asker, Request, RequestId, RequestRow, State};
use crate::store::{known, request, wish};
use crate::wanted::checked_word;

impl Requests {
    /// All requests, the newest first; those in one state with `state`.
    pub async fn list_requests(
        &self,
        viewer: &Viewer,
        state: Option<State>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<Request>> {
        viewer.require(Permission::ManageRequests)?;
        let before: Option<RequestId> = cursor.map(cursor::decode).transpose()?;
        let mut db = self.0.pool.acquire().await?;
        let rows = match state {
            Some(state) => request::list_requests_in(&mut db, state, before, limit).await?,
            None => request::list_requests(&mut db, before, limit).await?,
        };
        drop(db);
        let page = Page::of(rows, limit, |it| it.id);
        Ok(Page { items: self.shown(viewer, page.items).await?, next: page.next })
    }

    /// Answers a request: it shall come, it shall not, or it is here. Everybody who waits for it is told.
    pub async fn answer(
        &self,
        viewer: &Viewer,
        id: RequestId,
        state: State,
        word: Option<String>,
    ) -> Result<Request> {
        viewer.require(Permission::ManageRequests)?;
        if state == State::Waiting {
            return Err(Error::invalid("state", "must be approved, declined or available"));
        }
        let word = checked_word(word)?;
        let missing = || Error::NotFound("request");
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        known::take_turn(&mut tx).await?;
        let before = request::lock_request(&mut tx, id).await?.ok_or_else(missing)?;
        if state != State::Available {
            wish::take_back_by_hand(&mut tx, id).await?;
        }
        let told = wish::list_waiting_for(&mut tx, id).await?;
        let answer = if state == State::Available { State::Approved } else { state };
        request::update_answer(&mut tx, id, answer, word.as_deref(), now).await?;
        if state == State::Available {
            let people: Vec<Uuid> = told.iter().map(|it| it.0).collect();
            wish::mark_here(&mut tx, id, &people, None, now).await?;
        }
        request::settle(&mut tx, &[id.0], now).await?;
        let after = request::lock_request(&mut tx, id).await?.ok_or_else(missing)?;
        if (before.state, &before.word) != (after.state, &after.word) {
            for person_id in told.iter().copied() {
                let notice = Notice::RequestAnswered {
                    person_id,
                    title: after.requested(),
                    state: state.name().to_owned(),
                    word: word.clone(),
                    item_id: None,
                };
                self.0.teller.tell(&mut tx, notice).await?;
            }
        }
        tx.commit().await?;
        self.announce(told).await;
        self.shown(viewer, vec![after]).await?.pop().ok_or_else(missing)
    }

    async fn shown(&self, viewer: &Viewer, titles: Vec<RequestRow>) -> Result<Vec<Request>> {
        let ids: Vec<Uuid> = titles.iter().map(|it| it.id.0).collect();
        let mut db = self.0.pool.acquire().await?;
        let wishes = wish::list_askers(&mut db, &ids).await?;
        let known = known::list_ids(&mut db, &ids).await?;
        drop(db);
        let people: Vec<PersonId> = wishes.iter().map(|it| it.1.person_id).collect();
        let names = self.0.accounts.list_names(&people).await?;
        let mut askers: HashMap<RequestId, (i64, Vec<Asker>)> = HashMap::new();
        for (total, wish) in wishes {
            let entry = askers.entry(wish.request_id).or_default();
            entry.0 = total;
            entry.1.push(Asker {
                person_id: wish.person_id,
                name: names.get(&wish.person_id).cloned().unwrap_or_default(),
                word: wish.word,
                seasons: wish.seasons,
                asked_at: wish.wished_at,
                is_here: wish.here_at.is_some(),
            });
        }
        let mut ids: HashMap<RequestId, BTreeMap<String, String>> = HashMap::new();
        for (id, provider, value) in known {
            ids.entry(id).or_default().insert(provider, value);
        }
        let posters = self.poster_urls(viewer, titles.iter().map(|it| &it.poster)).await;
        let shown = titles.into_iter().map(|it| {
            let (asker_count, askers) = askers.remove(&it.id).unwrap_or_default();
            Request {
                id: it.id,
                kind: it.kind,
                title: it.title,
                year: it.year,
                ids: ids.remove(&it.id).unwrap_or_default(),
                poster_url: it.poster.and_then(|it| posters.get(&it).cloned()),
                state: it.state,
                answer: it.word,
                answered_at: it.answered_at,
                asked_at: it.created_at,
                asker_count,
                askers,
            }
        });
        Ok(shown.collect())
    }
}
