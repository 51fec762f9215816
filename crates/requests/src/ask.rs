//! What people do with their own requests: ask, join others who asked, withdraw, look.

use std::collections::{BTreeMap, HashSet};

use catalog::cursor;
use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use kernel::notice::Notice;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use serde::Serialize;
use sqlx::PgConnection;

use crate::Requests;
use crate::request::{Kind, MyRequest, RequestId, RequestRow, State, Wish};
use crate::store::request::NewTitle;
use crate::store::{here, known, request, wish};
use crate::wanted::{Form, Told, Wanted};

/// Requests of one person that nothing came of yet.
pub const MAX_OPEN: i64 = 50;

/// What is asked for, once it is known what that is.
struct Named {
    title: String,
    year: Option<i32>,
    poster: Option<String>,
    /// Provider to id; none where the title is all that is known.
    ids: BTreeMap<String, String>,
}

/// What a person asked for, for them to take along.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    kind: Kind,
    title: String,
    year: Option<i32>,
    word: Option<String>,
    seasons: Vec<i32>,
    asked_at: DateTime<Utc>,
    state: State,
}

impl Requests {
    /// Asks for a title, or joins those who asked for it.
    pub(crate) async fn ask(&self, viewer: &Viewer, form: Form) -> Result<MyRequest> {
        viewer.require(Permission::Request)?;
        let wanted = Wanted::of(form)?;
        let named = self.named(&wanted).await?;
        let (name, _) = self.0.accounts.find_names(viewer.person_id, None).await?;
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        known::take_turn(&mut tx).await?;
        let known = find_same(&mut tx, &wanted, &named).await?;
        let id = match known {
            Some(id) => id,
            None => self.make(&mut tx, &wanted, &named).await?,
        };
        known::insert_ids(&mut tx, id, wanted.kind, &named.ids).await?;
        if !named.ids.is_empty() {
            request::note_offer(&mut tx, id, named.poster.as_deref()).await?;
        }
        let kinds = self.library_kinds();
        let there =
            here::list_items_of(&mut tx, &viewer.scope, &kinds, id, &wanted.seasons).await?;
        if !there.is_empty() {
            let message = "it is here already; look for it in your libraries";
            return Err(Error::conflict("requests.already_here", message));
        }
        let own = wish::find_wish(&mut tx, id, viewer.person_id).await?;
        // Whoever wants other seasons of what they wait for asks for nothing more.
        let is_open = own.as_ref().is_some_and(|it| it.here_at.is_none());
        if !is_open && wish::count_open(&mut tx, viewer.person_id).await? >= MAX_OPEN {
            let message = format!("{MAX_OPEN} open requests are the most; withdraw one first");
            return Err(Error::conflict("requests.too_many", message));
        }
        let said = (wanted.word.as_deref(), wanted.seasons.as_slice());
        wish::upsert_wish(&mut tx, id, viewer.person_id, said, now).await?;
        request::settle(&mut tx, &[id.0], now).await?;
        let title = request::lock_request(&mut tx, id).await?.ok_or(Error::NotFound("request"))?;
        if known.is_none() {
            let notice = Notice::RequestMade {
                person_id: viewer.person_id,
                person: name,
                title: title.requested(),
                word: wanted.word.clone(),
            };
            self.0.teller.tell(&mut tx, notice).await?;
        }
        let own = wish::find_wish(&mut tx, id, viewer.person_id).await?;
        tx.commit().await?;
        self.announce([viewer.person_id]).await;
        let own = own.ok_or(Error::NotFound("request"))?;
        self.mine(viewer, vec![(title, own)]).await?.pop().ok_or(Error::NotFound("request"))
    }

    /// The caller's requests, the newest first.
    pub async fn list_mine(
        &self,
        viewer: &Viewer,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<MyRequest>> {
        viewer.require(Permission::Request)?;
        let before: Option<RequestId> = cursor.map(cursor::decode).transpose()?;
        let mut db = self.0.pool.acquire().await?;
        let rows = wish::list_mine(&mut db, viewer.person_id, before, limit).await?;
        drop(db);
        let page = Page::of(rows, limit, |(title, _)| title.id);
        Ok(Page { items: self.mine(viewer, page.items).await?, next: page.next })
    }

    /// All that a person asked for, for them to take along.
    pub async fn export(&self, viewer: &Viewer) -> Result<Vec<Exported>> {
        let limit = Limit::new(Some(Limit::MAX));
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let mut db = self.0.pool.acquire().await?;
            let rows = wish::list_mine(&mut db, viewer.person_id, before, limit).await?;
            let page = Page::of(rows, limit, |(title, _)| title.id);
            before = page.items.last().map(|it| it.0.id);
            all.extend(page.items.into_iter().map(|(title, wish)| Exported {
                state: state_for(&title, &wish),
                kind: title.kind,
                title: title.title,
                year: title.year,
                word: wish.word,
                seasons: wish.seasons,
                asked_at: wish.wished_at,
            }));
            if page.next.is_none() {
                return Ok(all);
            }
        }
    }

    /// Withdraws a request of the caller's. The last one who leaves takes it along.
    pub async fn withdraw(&self, viewer: &Viewer, id: RequestId) -> Result<()> {
        viewer.require(Permission::Request)?;
        let missing = || Error::NotFound("request");
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        known::take_turn(&mut tx).await?;
        let title = request::lock_request(&mut tx, id).await?.ok_or_else(missing)?;
        let own = wish::find_wish(&mut tx, id, viewer.person_id).await?.ok_or_else(missing)?;
        if state_for(&title, &own) != State::Waiting {
            let message = "it was answered; ask those who answered";
            return Err(Error::conflict("requests.answered", message));
        }
        wish::delete_wish(&mut tx, id, viewer.person_id).await?;
        request::settle(&mut tx, &[id.0], now).await?;
        request::delete_unwanted(&mut tx, id).await?;
        tx.commit().await?;
        self.announce([viewer.person_id]).await;
        Ok(())
    }

    /// What `wanted` is: by the providers' word where it is told by an id.
    async fn named(&self, wanted: &Wanted) -> Result<Named> {
        match &wanted.told {
            Told::ByTitle(title, year) => Ok(Named {
                title: title.clone(),
                year: Some(*year),
                poster: None,
                ids: BTreeMap::new(),
            }),
            Told::ById(provider, id) => {
                let found = self.0.catalog.find_offer(wanted.kind.subject(), provider, id).await?;
                let offer = found.filter(|it| !it.title.trim().is_empty()).ok_or_else(|| {
                    let message = "no provider in use knows it; ask by title and year";
                    Error::invalid("id", message)
                })?;
                let (title, year) = (shortened(&offer.title), offer.year);
                Ok(Named { title, year, poster: offer.poster, ids: offer.ids })
            }
        }
    }

    async fn make(
        &self,
        db: &mut PgConnection,
        wanted: &Wanted,
        named: &Named,
    ) -> Result<RequestId> {
        let new = NewTitle {
            id: self.0.ids.next(),
            kind: wanted.kind,
            title: &named.title,
            sort_title: &naming::sort_title(&named.title),
            year: named.year,
            is_by_title: named.ids.is_empty(),
            poster: named.poster.as_deref(),
        };
        request::insert_request(db, &new, self.0.clock.now()).await?;
        Ok(new.id)
    }

    async fn mine(&self, viewer: &Viewer, rows: Vec<(RequestRow, Wish)>) -> Result<Vec<MyRequest>> {
        let posters = self.poster_urls(viewer, rows.iter().map(|it| &it.0.poster)).await;
        let items: Vec<ItemId> = rows.iter().filter_map(|it| it.1.item_id).collect();
        let cards = match items.as_slice() {
            [] => Vec::new(),
            items => self.0.catalog.list_cards(viewer, items).await?,
        };
        let seen: HashSet<ItemId> = cards.into_iter().map(|it| it.id).collect();
        let mine = rows.into_iter().map(|(title, wish)| {
            let state = state_for(&title, &wish);
            MyRequest {
                id: title.id,
                kind: title.kind,
                title: title.title,
                year: title.year,
                poster_url: title.poster.and_then(|it| posters.get(&it).cloned()),
                state,
                answer: title.word,
                answered_at: title.answered_at,
                asked_at: wish.wished_at,
                word: wish.word,
                seasons: wish.seasons,
                item_id: wish.item_id.filter(|it| seen.contains(it)),
            }
        });
        Ok(mine.collect())
    }
}

/// How a request stands for one who wants it.
fn state_for(title: &RequestRow, wish: &Wish) -> State {
    if wish.here_at.is_some() { State::Available } else { title.answer }
}

/// The request of the same title. Whoever tells an id joins those who knew only its name; whoever knows only its name joins
/// those who asked for something of that name.
async fn find_same(
    db: &mut PgConnection,
    wanted: &Wanted,
    named: &Named,
) -> Result<Option<RequestId>> {
    if let Some(id) = known::find_by_ids(db, wanted.kind, &named.ids).await? {
        return Ok(Some(id));
    }
    let Some(year) = named.year else { return Ok(None) };
    let sort_title = naming::sort_title(&named.title);
    known::find_by_title(db, wanted.kind, (&sort_title, year), !named.ids.is_empty()).await
}

/// A provider's title as a request may have it.
fn shortened(title: &str) -> String {
    title.trim().chars().filter(|it| !it.is_control()).take(300).collect()
}
