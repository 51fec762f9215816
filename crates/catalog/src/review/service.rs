//! What administrators do about matches.

use std::collections::{BTreeMap, HashMap};

use kernel::id::{ItemId, LibraryId};
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use metadata::providers::Lineup;
use metadata::{Query, Subject};
use postgres::Reading;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::api::MatchQuery;
use super::store::{self, ReviewPlace, StateRow};
use super::{
    ItemSources, MatchCandidate, MatchView, Matches, NewMatch, ProviderFailure, ReviewItem,
    SourceView, given,
};
use crate::describe::LibraryMetadata;
use crate::describe::remake::remake;
use crate::describe::run::raw;
use crate::describe::score::{Scored, Wanted, rank};
use crate::describe::source::{NAME, Source, sort};
use crate::describe::store::due::{self, Asked, Match};
use crate::describe::store::out;
use crate::describe::store::source::{delete_providers, list_sources_unscoped};
use crate::edit::history::{self, Change};
use crate::{Catalog, Describe, cursor, item};

/// Letters of a title to look for.
const MAX_TITLE: usize = 300;
/// Candidates in an answer.
const MAX_CANDIDATES: usize = 30;

impl Catalog {
    /// The items in doubt by title, with what they may be.
    pub async fn list_review(
        &self,
        viewer: &Viewer,
        library: Option<LibraryId>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<ReviewItem>> {
        viewer.require(Permission::EditMetadata)?;
        let after: Option<ReviewPlace> = cursor.map(cursor::decode).transpose()?;
        let scope = library.map_or_else(|| viewer.scope.clone(), |it| viewer.scope.narrowed(it));
        let (scope, after) = (&scope, after.as_ref());
        let read = |mut db: Reading| async move {
            let rows = store::list_review(&mut db, scope, after, limit).await?;
            let page = Page::of(rows, limit, |row| ReviewPlace {
                sort_title: row.sort_title.clone(),
                id: row.id,
            });
            let ids: Vec<ItemId> = page.items.iter().map(|it| it.id).collect();
            let candidates = store::list_candidates_unscoped(&mut db, &raw(&ids)).await?;
            Ok((page, candidates, item::cards_of_ids(&mut db, viewer, &ids).await?))
        };
        let (page, found, cards) = self.reading(read).await?;
        let mut offered = Vec::new();
        let mut candidates: HashMap<ItemId, Vec<MatchCandidate>> = HashMap::new();
        for (id, value) in found {
            // What an older version wrote and we cannot read is searched again soon.
            if let Ok(Scored { hit, score }) = serde_json::from_value(value) {
                offered.push((id, hit, score));
            }
        }
        self.remember_posters(offered.iter().map(|it| &it.1)).await;
        for (id, hit, score) in offered {
            candidates.entry(id).or_default().push(MatchCandidate::of(viewer.area, hit, score));
        }
        let mut posters: HashMap<ItemId, _> =
            cards.into_iter().map(|it| (it.id, it.poster)).collect();
        Ok(page.map(|row| ReviewItem {
            id: row.id,
            kind: row.kind,
            library_id: row.library_id,
            title: row.title,
            year: row.year,
            runtime_ms: row.runtime_ms,
            path: row.path,
            poster: posters.remove(&row.id).flatten(),
            candidates: candidates.remove(&row.id).unwrap_or_default(),
        }))
    }

    /// Asks the providers what an item may be.
    pub async fn list_matches(
        &self,
        viewer: &Viewer,
        id: ItemId,
        asked: &MatchQuery,
    ) -> Result<Matches> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let state = find_top(&mut db, viewer, id).await?;
        let (lineup, subject) = self.lineup_of(&mut db, &state).await?;
        let lineup = match &asked.provider {
            Some(name) => lineup.only(name),
            None => lineup,
        };
        let locale = self.sources.locale(&LibraryMetadata::of(&state.settings));
        let target = due::find_target_unscoped(&mut db, state.id).await?;
        let target = target.ok_or(Error::NotFound("item"))?;
        let own = list_sources_unscoped(&mut db, &[state.id.0]).await?;
        drop(db);
        let named =
            own.into_iter().find(|it| it.source.name == NAME).map(|it| it.source.said.facts);
        let named = named.unwrap_or_default();
        let found = if let Some(text) = asked.id.as_deref().filter(|it| !it.trim().is_empty()) {
            let (provider, id) = given::parse(text).ok_or_else(|| {
                Error::invalid("id", "neither an id with its provider nor a page of one")
            })?;
            lineup.find(subject, &BTreeMap::from([(provider.to_owned(), id)]), &locale).await
        } else {
            let title = match asked.title.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
                Some(title) => checked_title(title)?.to_owned(),
                None => named.title.clone().unwrap_or(target.title.clone()),
            };
            let year = asked.year.or(named.year.filter(|_| asked.title.is_none()));
            let query = Query {
                subject,
                title,
                other_titles: Vec::new(),
                year,
                ids: BTreeMap::new(),
                hashes: target.hashes(),
                paths: target.paths.clone(),
                locale,
            };
            lineup.search(&query).await
        };
        let title = asked.title.clone().or(named.title).unwrap_or(target.title);
        let wanted = Wanted {
            subject,
            titles: vec![&title],
            year: asked.year.or(named.year),
            runtime_ms: target.runtime_ms.filter(|_| subject == Subject::Movie),
            episode_count: i32::try_from(target.episode_count).ok().filter(|it| *it > 0),
        };
        let mut candidates = rank(&wanted, found.hits);
        candidates.truncate(MAX_CANDIDATES);
        self.remember_posters(candidates.iter().map(|it| &it.hit)).await;
        let failure = |(provider, error): (&str, metadata::ProviderError)| ProviderFailure {
            provider: provider.to_owned(),
            reason: error.to_string(),
        };
        Ok(Matches {
            candidates: candidates
                .into_iter()
                .map(|it| MatchCandidate::of(viewer.area, it.hit, it.score))
                .collect(),
            failures: found.failures.into_iter().map(failure).collect(),
        })
    }

    /// Says what an item is, for good; the job describes it.
    pub async fn set_match(&self, viewer: &Viewer, id: ItemId, new: &NewMatch) -> Result<i64> {
        viewer.require(Permission::EditMetadata)?;
        if !given::is_possible(&new.provider, &new.id) {
            return Err(Error::invalid("id", "no provider has such an id"));
        }
        let mut db = self.connection().await?;
        let state = find_top(&mut db, viewer, id).await?;
        self.lineup_of(&mut db, &state).await?;
        let found =
            Match { provider: Some(&new.provider), provider_id: Some(&new.id), is_fixed: true };
        self.decide(&mut db, viewer, &state, Some(&found)).await
    }

    /// Says that no provider knows an item; what they said of it is forgotten.
    pub async fn delete_match(&self, viewer: &Viewer, id: ItemId) -> Result<()> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let state = find_top(&mut db, viewer, id).await?;
        let nothing = Match { provider: None, provider_id: None, is_fixed: true };
        let now = self.clock.now();
        let mut tx = db.begin().await?;
        note_match(&mut tx, viewer, &state, Some(&nothing), now).await?;
        due::upsert_match(&mut tx, state.id, &nothing, now).await?;
        delete_providers(&mut tx, state.id, &[]).await?;
        due::replace_candidates(&mut tx, state.id, &[]).await?;
        let asked =
            Asked { match_state: "fixed", is_described: false, problem: None, due_at: None };
        due::update_asked(&mut tx, state.id, &asked, now).await?;
        let tree = out::list_tree_unscoped(&mut tx, state.id).await?;
        remake(&mut tx, &self.sources, &tree, now).await?;
        out::note_change(&mut tx, state.library_id, &tree).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(state.library_id).await;
        Ok(())
    }

    /// Asks the providers about an item again; where a person had decided that nothing fits, that is open again.
    pub async fn refresh_item(&self, viewer: &Viewer, id: ItemId) -> Result<i64> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let state = find_top(&mut db, viewer, id).await?;
        self.lineup_of(&mut db, &state).await?;
        if state.is_fixed && state.provider.is_none() {
            return self.decide(&mut db, viewer, &state, None).await;
        }
        let mut tx = db.begin().await?;
        due::update_due(&mut tx, &[state.id.0], Some(self.clock.now())).await?;
        let job_id = (self.enqueue_describe)(&mut tx, Describe::Item(state.id)).await?;
        tx.commit().await?;
        Ok(job_id)
    }

    /// Notes what an item is, or that it is open again, and has it described.
    pub(crate) async fn decide(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        state: &StateRow,
        found: Option<&Match<'_>>,
    ) -> Result<i64> {
        let now = self.clock.now();
        let mut tx = db.begin().await?;
        note_match(&mut tx, viewer, state, found, now).await?;
        match found {
            Some(found) => due::upsert_match(&mut tx, state.id, found, now).await?,
            None => due::delete_match(&mut tx, state.id).await?,
        }
        due::replace_candidates(&mut tx, state.id, &[]).await?;
        let match_state = if found.is_some_and(|it| it.is_fixed) { "fixed" } else { "parsed" };
        let asked = Asked { match_state, is_described: false, problem: None, due_at: Some(now) };
        due::update_asked(&mut tx, state.id, &asked, now).await?;
        let job_id = (self.enqueue_describe)(&mut tx, Describe::Item(state.id)).await?;
        out::note_change(&mut tx, state.library_id, &[state.id.0]).await?;
        tx.commit().await?;
        self.announce_library(state.library_id).await;
        Ok(job_id)
    }

    /// What every source says of an item.
    pub async fn list_item_sources(&self, viewer: &Viewer, id: ItemId) -> Result<ItemSources> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let state = store::find_state(&mut db, &viewer.scope, id).await?;
        let state = state.ok_or(Error::NotFound("item"))?;
        let library = LibraryMetadata::of(&state.settings);
        let mut kept = list_sources_unscoped(&mut db, &[id.0]).await?;
        let order = self.sources.order(&library);
        let mut times: HashMap<String, _> = HashMap::new();
        for it in &kept {
            times.insert(it.source.name.clone(), it.fetched_at);
        }
        let mut sources: Vec<Source> = kept.drain(..).map(|it| it.source).collect();
        sort(&mut sources, &order);
        let mut episode_orders: Vec<String> = Vec::new();
        for order in sources.iter().flat_map(|it| &it.said.orders) {
            let name = order.kind.as_str().to_owned();
            if !episode_orders.contains(&name) {
                episode_orders.push(name);
            }
        }
        let attributions: HashMap<&str, _> =
            self.sources.lineup(&library).attributions().into_iter().collect();
        let views = sources.into_iter().filter_map(|it| {
            let facts = serde_json::to_value(&it.said.facts).ok()?;
            Some(SourceView {
                fetched_at: *times.get(&it.name)?,
                attribution: attributions.get(it.name.as_str()).map(|it| (*it).into()),
                source: it.name,
                provider_id: it.provider_id,
                facts: said(facts),
            })
        });
        Ok(ItemSources {
            r#match: view(&state),
            described_at: state.described_at,
            due_at: state.due_at,
            locked: state.locked.clone(),
            episode_orders,
            sources: views.collect(),
        })
    }

    /// The providers to ask about an item; refused where there are none.
    async fn lineup_of(
        &self,
        db: &mut PgConnection,
        state: &StateRow,
    ) -> Result<(Lineup, Subject)> {
        self.sources.refresh(db).await?;
        let lineup = self.sources.lineup(&LibraryMetadata::of(&state.settings));
        let subject = self.subject_of(&state.library_kind);
        match subject.filter(|_| !lineup.is_empty()) {
            Some(subject) => Ok((lineup, subject)),
            None => Err(Error::conflict(
                "metadata.no_provider",
                "no provider is in use: enter a key in the settings first",
            )),
        }
    }
}

/// The topmost item that `id` is or is in, or that there is no such item for `viewer`.
pub(crate) async fn find_top(
    db: &mut PgConnection,
    viewer: &Viewer,
    id: ItemId,
) -> Result<StateRow> {
    let state = store::find_state(db, &viewer.scope, id).await?.ok_or(Error::NotFound("item"))?;
    if state.root_id == state.id {
        return Ok(state);
    }
    let root = store::find_state(db, &viewer.scope, state.root_id).await?;
    root.ok_or(Error::NotFound("item"))
}

/// Writes a decision into the history.
async fn note_match(
    db: &mut PgConnection,
    viewer: &Viewer,
    state: &StateRow,
    found: Option<&Match<'_>>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let before = state.matched_at.map_or(serde_json::Value::Null, |_| {
        json!({ "provider": state.provider, "id": state.provider_id, "is_fixed": state.is_fixed })
    });
    let after = found.map_or(
        serde_json::Value::Null,
        |it| json!({ "provider": it.provider, "id": it.provider_id, "is_fixed": it.is_fixed }),
    );
    let change = Change {
        field: "match",
        before,
        after,
        was_locked: state.is_fixed,
        is_locked: found.is_some_and(|it| it.is_fixed),
    };
    history::insert_edits(db, viewer.person_id, state.id, &[change], now).await
}

fn view(state: &StateRow) -> MatchView {
    MatchView {
        state: state.match_state.clone(),
        provider: state.provider.clone(),
        id: state.provider_id.clone(),
        matched_at: state.matched_at,
        problem: state.problem.clone(),
    }
}

/// The fields of which something is said.
fn said(facts: serde_json::Value) -> HashMap<String, serde_json::Value> {
    let serde_json::Value::Object(fields) = facts else { return HashMap::new() };
    let is_said = |it: &serde_json::Value| match it {
        serde_json::Value::Null => false,
        serde_json::Value::Array(values) => !values.is_empty(),
        serde_json::Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    fields.into_iter().filter(|(_, value)| is_said(value)).collect()
}

fn checked_title(title: &str) -> Result<&str> {
    if title.chars().count() > MAX_TITLE || title.contains(char::is_control) {
        return Err(Error::invalid("title", format!("a title has 1 to {MAX_TITLE} letters")));
    }
    Ok(title)
}
