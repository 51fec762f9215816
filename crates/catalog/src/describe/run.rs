//! Asks providers about one item: finds out what it is, keeps what they say, and makes the rows of it anew.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use kernel::{Error, Result};
use metadata::provider::FoundBy;
use metadata::providers::{Lineup, SourceAnswer};
use metadata::{Facts, Locale, ProviderError, Query, Subject};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::remake::remake;
use super::rows::kept;
use super::score::{Scored, Verdict, Wanted, decide};
use super::source::{NAME, NFO, Source};
use super::sources::LibraryMetadata;
use super::store::due::{self, Asked, Match, TargetRow};
use super::store::source::{SourceRow, delete_providers, list_sources_unscoped, upsert_sources};
use super::store::{guide, out};
use super::when;
use crate::Catalog;

/// Candidates kept for a person to choose from.
const MAX_CANDIDATES: usize = 12;

/// What asking about an item came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was described.
    Described,
    /// It may be several things, or none that is known: a person decides.
    Doubt,
    /// There was nothing to ask: it is gone, or a person decided that nothing fits.
    Nothing,
    /// No provider is in use.
    Nobody,
    /// Providers want to be asked later.
    Later(Duration),
}

/// What an item is taken for.
enum Identified {
    /// The thing with these ids.
    Known(BTreeMap<String, String>),
    /// One of these, or nothing.
    Doubt(Vec<Scored>),
    /// Nobody could be asked now.
    Later(Duration),
}

impl Catalog {
    /// Asks about one item; whoever asks twice changes nothing by it. The caller announces what changed: not every film of a
    /// thousand for itself.
    pub(crate) async fn describe_item(&self, id: ItemId) -> Result<Outcome> {
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let Some(target) = due::find_target_unscoped(&mut db, id).await? else {
            return Ok(Outcome::Nothing);
        };
        let Some(subject) = self.subject_of(&target.library_kind).filter(|_| target.is_top) else {
            due::update_due(&mut db, &[id.0], None).await?;
            return Ok(Outcome::Nothing);
        };
        if target.is_fixed && target.provider.is_none() {
            due::update_due(&mut db, &[id.0], None).await?;
            return Ok(Outcome::Nothing);
        }
        let library = LibraryMetadata::of(&target.settings);
        let lineup = self.sources.lineup(&library);
        if lineup.is_empty() {
            return Ok(Outcome::Nobody);
        }
        let own = list_sources_unscoped(&mut db, &[id.0]).await?;
        let own: Vec<Source> = own.into_iter().map(|it| it.source).collect();
        // Nothing is held while others are waited for.
        drop(db);
        let locale = self.sources.locale(&library);
        let ask = Ask { subject, target: &target, own: &own, lineup: &lineup, locale: &locale };
        match ask.identify().await {
            Identified::Later(pause) => self.put_off(&target, pause).await,
            Identified::Doubt(candidates) => self.doubt(&target, candidates).await,
            Identified::Known(ids) => {
                let answers = lineup.describe_all(subject, &ids, &locale).await;
                self.keep(&target, answers).await
            }
        }
    }

    /// What providers call the topmost things of a library of this kind.
    pub(crate) fn subject_of(&self, library_kind: &str) -> Option<Subject> {
        self.kinds.iter().find(|it| it.id == library_kind)?.subject
    }

    async fn put_off(&self, target: &TargetRow, pause: Duration) -> Result<Outcome> {
        let mut db = self.connection().await?;
        let at = self.clock.now() + pause;
        due::update_due(&mut db, &[target.id.0], Some(at)).await?;
        Ok(Outcome::Later(pause))
    }

    async fn doubt(&self, target: &TargetRow, mut candidates: Vec<Scored>) -> Result<Outcome> {
        let now = self.clock.now();
        candidates.truncate(MAX_CANDIDATES);
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        if !is_as_it_was(&mut tx, target).await? {
            return Ok(Outcome::Nothing);
        }
        // What became known of its files while others were waited for may settle it.
        let found = due::find_target_unscoped(&mut tx, target.id).await?;
        let is_more_known = found.is_some_and(|it| it.hashes() != target.hashes());
        due::replace_candidates(&mut tx, target.id, &candidates).await?;
        let asked = Asked {
            match_state: "review",
            is_described: false,
            problem: None,
            due_at: Some(if is_more_known { now } else { when::after_doubt(now) }),
        };
        due::update_asked(&mut tx, target.id, &asked, now).await?;
        out::note_change(&mut tx, target.library_id, &[target.id.0]).await?;
        tx.commit().await?;
        Ok(Outcome::Doubt)
    }

    /// Keeps what providers answered about a thing that is known.
    async fn keep(&self, target: &TargetRow, answers: Vec<SourceAnswer>) -> Result<Outcome> {
        let now = self.clock.now();
        let pause = answers.iter().filter_map(|it| it.outcome.as_ref().err()?.retry_after()).max();
        let refusal = answers.iter().find_map(|it| match &it.outcome {
            Err(error) if !matches!(error, ProviderError::NotFound) => {
                Some(format!("{}: {error}", it.provider))
            }
            _ => None,
        });
        // Who gave no answer this time keeps their word of last time.
        let stays = |it: &SourceAnswer| !matches!(it.outcome, Err(ProviderError::NotFound));
        let keep: Vec<String> =
            answers.iter().filter(|it| stays(it)).map(|it| it.provider.to_owned()).collect();
        let said: Vec<_> = answers
            .into_iter()
            .filter_map(|it| Some((it.provider, it.id, it.outcome.ok()?)))
            .collect();
        let Some((first, first_id)) =
            said.iter().find_map(|(name, id, _)| Some((*name, id.clone()?)))
        else {
            return match pause {
                Some(pause) => self.put_off(target, when::at_least(pause)).await,
                None if target.is_fixed => self.fail(target, refusal, now).await,
                None => self.doubt(target, Vec::new()).await,
            };
        };
        let facts =
            said.iter().map(|(.., it)| it.facts.clone()).reduce(Facts::or).unwrap_or_default();
        let due_at = match pause {
            Some(pause) => now + when::at_least(pause),
            None => when::next(&facts, target.id, now),
        };
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        if !is_as_it_was(&mut tx, target).await? {
            return Ok(Outcome::Nothing);
        }
        delete_providers(&mut tx, target.id, &keep).await?;
        let mut rows = Vec::new();
        for (provider, id, said) in said {
            guide::replace_guide(&mut tx, target.id, provider, &said.seasons, &said.episodes)
                .await?;
            let source = provider.to_owned();
            rows.push(SourceRow { item_id: target.id, source, provider_id: id, facts: kept(said) });
        }
        upsert_sources(&mut tx, &rows, now).await?;
        if !target.is_fixed {
            let found =
                Match { provider: Some(first), provider_id: Some(&first_id), is_fixed: false };
            due::upsert_match(&mut tx, target.id, &found, now).await?;
        }
        due::replace_candidates(&mut tx, target.id, &[]).await?;
        let asked = Asked {
            match_state: if target.is_fixed { "fixed" } else { "matched" },
            is_described: true,
            problem: refusal.as_deref(),
            due_at: Some(due_at),
        };
        due::update_asked(&mut tx, target.id, &asked, now).await?;
        let tree = out::list_tree_unscoped(&mut tx, target.id).await?;
        remake(&mut tx, &self.sources, &tree, now).await?;
        out::note_change(&mut tx, target.library_id, &tree).await?;
        tx.commit().await?;
        Ok(Outcome::Described)
    }

    /// What a person chose is known to nobody: they are told, and it is tried again another day.
    async fn fail(
        &self,
        target: &TargetRow,
        refusal: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Outcome> {
        let mut db = self.connection().await?;
        let problem = refusal.unwrap_or_else(|| "no provider knows it".to_owned());
        let asked = Asked {
            match_state: "fixed",
            is_described: false,
            problem: Some(&problem),
            due_at: Some(when::after_failure(now)),
        };
        due::update_asked(&mut db, target.id, &asked, now).await?;
        Ok(Outcome::Doubt)
    }
}

/// Whether the item is still there and matched with what it was when providers were asked: a person may have decided
/// otherwise meanwhile, and the job that this put on the queue is the one that counts.
async fn is_as_it_was(db: &mut PgConnection, target: &TargetRow) -> Result<bool> {
    let now = due::lock_match(db, target.id).await?;
    let before = (target.provider.clone(), target.provider_id.clone(), target.is_fixed);
    Ok(now.is_some_and(|it| it == before))
}

/// One asking.
struct Ask<'a> {
    subject: Subject,
    target: &'a TargetRow,
    own: &'a [Source],
    lineup: &'a Lineup,
    locale: &'a Locale,
}

impl Ask<'_> {
    /// Finds out what the item is: what a person decided; else by ids in its name or NFO file; else what it was found to be
    /// before; else by its titles.
    async fn identify(&self) -> Identified {
        let matched = self.target.provider.clone().zip(self.target.provider_id.clone());
        if let (true, Some((provider, id))) = (self.target.is_fixed, matched.clone()) {
            return Identified::Known(BTreeMap::from([(provider, id)]));
        }
        let ids = self.given_ids();
        if !ids.is_empty() {
            let found = self.lineup.find(self.subject, &ids, self.locale).await;
            if !found.hits.is_empty() {
                return Identified::Known(ids);
            }
            if let Some(pause) = longest_pause(&found.failures) {
                return Identified::Later(pause);
            }
        }
        if let Some((provider, id)) = matched
            && self.lineup.names().contains(&provider.as_str())
        {
            return Identified::Known(BTreeMap::from([(provider, id)]));
        }
        self.search().await
    }

    /// Ids that the name or an NFO file gives; those of the name win.
    fn given_ids(&self) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for name in [NFO, NAME] {
            if let Some(source) = self.own.iter().find(|it| it.name == name) {
                ids.extend(source.said.facts.ids.clone());
            }
        }
        ids
    }

    async fn search(&self) -> Identified {
        let titles = self.titles();
        let Some((title, other_titles)) = titles.split_first() else {
            return Identified::Doubt(Vec::new());
        };
        let year = self.year();
        let query = Query {
            subject: self.subject,
            title: title.clone(),
            other_titles: other_titles.to_vec(),
            year,
            ids: self.given_ids(),
            paths: self.target.paths.clone(),
            hashes: self.target.hashes(),
            locale: self.locale.clone(),
        };
        let found = self.lineup.search(&query).await;
        let wanted = Wanted {
            subject: self.subject,
            titles: titles.iter().map(String::as_str).collect(),
            year,
            runtime_ms: self.target.runtime_ms.filter(|_| self.subject == Subject::Movie),
            episode_count: i32::try_from(self.target.episode_count)
                .ok()
                .filter(|it| *it > 0 && self.subject == Subject::Series),
        };
        let mut candidates: Vec<Scored> = Vec::new();
        let mut best: Option<Box<Scored>> = None;
        for name in self.lineup.names() {
            let hits = found.hits.iter().filter(|it| it.provider == name).cloned().collect();
            match decide(&wanted, hits) {
                Verdict::Match(it) if it.hit.found_by != FoundBy::Title => return known(it),
                Verdict::Match(it) => best = best.or(Some(it)),
                Verdict::Doubt(more) => candidates.extend(more),
            }
        }
        if let Some(best) = best {
            return known(best);
        }
        if candidates.is_empty()
            && let Some(pause) = longest_pause(&found.failures)
        {
            return Identified::Later(pause);
        }
        candidates.sort_by(|one, other| other.score.total_cmp(&one.score));
        Identified::Doubt(candidates)
    }

    /// The titles that the names of files, and what lies beside them, give; the likeliest first.
    fn titles(&self) -> Vec<String> {
        let mut titles: Vec<String> = Vec::new();
        for name in [NFO, NAME] {
            let Some(source) = self.own.iter().find(|it| it.name == name) else { continue };
            let facts = &source.said.facts;
            let others = source.said.other_titles.iter().map(|it| Some(it.title.clone()));
            for title in [facts.title.clone(), facts.original_title.clone()]
                .into_iter()
                .chain(others)
                .flatten()
            {
                if !title.trim().is_empty() && !titles.contains(&title) {
                    titles.push(title);
                }
            }
        }
        if titles.is_empty() {
            titles.push(self.target.title.clone());
        }
        titles
    }

    fn year(&self) -> Option<i32> {
        let of = |name: &str| self.own.iter().find(|it| it.name == name)?.said.facts.year;
        of(NFO).or_else(|| of(NAME))
    }
}

fn known(found: Box<Scored>) -> Identified {
    let found = *found;
    let mut ids = found.hit.ids;
    ids.insert(found.hit.provider, found.hit.id);
    Identified::Known(ids)
}

fn longest_pause(failures: &[(&'static str, ProviderError)]) -> Option<Duration> {
    failures.iter().filter_map(|(_, error)| error.retry_after()).max().map(when::at_least)
}

/// As a person is told of it.
pub(crate) fn refusal(provider: &str, error: &ProviderError) -> Error {
    match error {
        ProviderError::NotFound => Error::NotFound("thing at this provider"),
        ProviderError::Busy { retry_after } => Error::Busy { retry_after: *retry_after },
        ProviderError::KeyRefused => {
            Error::conflict("metadata.key_refused", format!("{provider} does not accept its key"))
        }
        ProviderError::Unavailable { .. } | ProviderError::Garbage(_) => {
            Error::conflict("metadata.provider_failed", format!("{provider}: {error}"))
        }
    }
}

/// Ids of a tree of items, as rows are asked for.
pub(crate) fn raw(ids: &[ItemId]) -> Vec<Uuid> {
    ids.iter().map(|it| it.0).collect()
}
