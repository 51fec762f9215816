//! Databases of scenes that speak the GraphQL of stash-box. There are many, run by many people: the owner names those that
//! are asked. A scene is found by the hashes of its file, or by words, which prove nothing.

mod scene;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderName;
use kernel::{Clock, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::client::{Client, Limits, Place, Workshop};
use crate::document::{Many, Maybe, Text};
use crate::provider::{Attribution, FileHash, FoundBy, HashKind};
use crate::settings::{BoxSettings, is_at_home};
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

use scene::{FIELDS, Scene};

/// What boxes are called in what is kept, by their place in the settings.
pub const BOXES: [&str; 6] = ["box1", "box2", "box3", "box4", "box5", "box6"];

/// They publish no limit; none of them is asked more than twice in a second.
const SPACING: Duration = Duration::from_millis(500);
/// Scenes that are asked for by one request.
const MAX_BATCH: usize = 40;
/// Scenes that are listed for words.
const MAX_FOUND: usize = 12;
/// Scenes that a search brought are described from what it said, so long.
const REMEMBERED: usize = 256;
const REMEMBERED_FOR: TimeDelta = TimeDelta::minutes(10);
/// A box that says it was asked too much inside of an answer.
const PAUSE: Duration = Duration::from_mins(5);

/// One box.
#[derive(Debug)]
pub(crate) struct SceneBox {
    name: &'static str,
    client: Client,
    clock: Clock,
    /// Whoever waits to be asked about together with others.
    waiting: Mutex<Vec<Waiting>>,
    /// Held by whoever sends a request for all of them.
    turn: tokio::sync::Mutex<()>,
    remembered: Mutex<VecDeque<(DateTime<Utc>, Scene)>>,
}

#[derive(Debug)]
struct Waiting {
    hashes: Vec<FileHash>,
    answer: oneshot::Sender<Result<Vec<Scene>, ProviderError>>,
}

#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned + Default", default)]
struct Answer<T> {
    data: Maybe<T>,
    errors: Many<Complaint>,
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self { data: Maybe(None), errors: Many(Vec::new()) }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Complaint {
    message: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ByHashes {
    find_scenes_by_scene_fingerprints: Maybe<Many<Many<Scene>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ByWords {
    search_scene: Many<Scene>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ById {
    find_scene: Maybe<Scene>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Whoever {
    me: Maybe<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Text,
}

impl SceneBox {
    pub fn new(settings: &BoxSettings, workshop: &Workshop) -> Result<Option<Self>> {
        let Some(name) = BOXES.into_iter().find(|it| *it == settings.name) else { return Ok(None) };
        let place = Place {
            name,
            url: &settings.url,
            is_own: is_at_home(&settings.url),
            spacing: SPACING,
            limits: Limits::THING,
        };
        let client = Client::new(workshop, &place)?
            .with_header(HeaderName::from_static("apikey"), &settings.key);
        Ok(Some(Self {
            name,
            client,
            clock: workshop.clock.clone(),
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            remembered: Mutex::default(),
        }))
    }

    async fn ask<T: DeserializeOwned + Default + Send + 'static>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<T, ProviderError> {
        let body = json!({ "query": query, "variables": variables });
        let answer: Answer<T> = self.client.post("", &body).await.map_err(discreet)?;
        if let Some(complaint) = answer.errors.first() {
            return Err(refusal(complaint.message.get().unwrap_or_default()));
        }
        answer.data.0.ok_or_else(garbage)
    }

    /// Scenes that have any of these hashes. What is asked while another request is on its way goes together with the next.
    async fn by_hashes(&self, hashes: Vec<FileHash>) -> Result<Vec<Scene>, ProviderError> {
        let (answer, answered) = oneshot::channel();
        locked(&self.waiting).push(Waiting { hashes, answer });
        {
            let _turn = self.turn.lock().await;
            let taken: Vec<Waiting> = {
                let mut waiting = locked(&self.waiting);
                let n = waiting.len().min(MAX_BATCH);
                waiting.drain(..n).collect()
            };
            if !taken.is_empty() {
                self.ask_for(taken).await;
            }
        }
        // Whoever took it along and was stopped says nothing.
        answered.await.unwrap_or_else(|_| Err(away()))
    }

    async fn ask_for(&self, taken: Vec<Waiting>) {
        let sets: Vec<Vec<Value>> = taken
            .iter()
            .map(|it| {
                let hashes = it.hashes.iter();
                hashes.map(|it| json!({ "hash": it.text(), "algorithm": algorithm(it) })).collect()
            })
            .collect();
        let query = format!(
            "query ($sets: [[FingerprintQueryInput!]!]!) \
             {{ findScenesBySceneFingerprints(fingerprints: $sets) {{ {FIELDS} }} }}"
        );
        let found = self.ask::<ByHashes>(&query, &json!({ "sets": sets })).await;
        let found = found.and_then(|it| {
            let lists = it.find_scenes_by_scene_fingerprints.0.ok_or_else(garbage)?.0;
            if lists.len() == taken.len() { Ok(lists) } else { Err(garbage()) }
        });
        match found {
            Ok(lists) => {
                for (waiting, list) in taken.into_iter().zip(lists) {
                    // Who does not wait any more needs no answer.
                    let _ = waiting.answer.send(Ok(list.0));
                }
            }
            Err(error) => {
                for waiting in taken {
                    let _ = waiting.answer.send(Err(error.clone()));
                }
            }
        }
    }

    async fn by_words(&self, words: &str) -> Result<Vec<Scene>, ProviderError> {
        let query = format!(
            "query ($term: String!, $limit: Int) \
             {{ searchScene(term: $term, limit: $limit) {{ {FIELDS} }} }}"
        );
        let variables = json!({ "term": words, "limit": MAX_FOUND });
        Ok(self.ask::<ByWords>(&query, &variables).await?.search_scene.0)
    }

    async fn by_id(&self, id: &str) -> Result<Scene, ProviderError> {
        let now = self.clock.now();
        {
            let mut remembered = locked(&self.remembered);
            remembered.retain(|it| now - it.0 < REMEMBERED_FOR);
            if let Some(at) = remembered.iter().position(|it| it.1.id.get() == Some(id)) {
                return remembered.remove(at).map(|it| it.1).ok_or_else(garbage);
            }
        }
        let query = format!("query ($id: ID!) {{ findScene(id: $id) {{ {FIELDS} }} }}");
        let found = self.ask::<ById>(&query, &json!({ "id": id })).await?.find_scene.0;
        found
            .filter(|it| it.id.get() == Some(id) && !it.is_deleted())
            .ok_or(ProviderError::NotFound)
    }

    fn remember(&self, scenes: Vec<Scene>) {
        let now = self.clock.now();
        let mut remembered = locked(&self.remembered);
        remembered.extend(scenes.into_iter().map(|it| (now, it)));
        let n_too_many = remembered.len().saturating_sub(REMEMBERED);
        remembered.drain(..n_too_many);
    }
}

#[async_trait]
impl Provider for SceneBox {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "stash-box",
            text: "From a database of scenes that its users keep.",
            url: "https://github.com/stashapp/stash-box",
        }
    }

    fn knows(&self, subject: Subject) -> bool {
        subject == Subject::Movie
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        if !query.hashes.is_empty() {
            let scenes = self.by_hashes(query.hashes.clone()).await?;
            let scenes: Vec<Scene> =
                scenes.into_iter().filter(|it| !it.is_deleted()).take(MAX_FOUND).collect();
            let hits: Vec<Hit> = scenes
                .iter()
                .filter_map(|it| it.hit(self.name, &query.hashes, FoundBy::Fingerprint))
                .collect();
            if !hits.is_empty() {
                self.remember(scenes);
                return Ok(hits);
            }
        }
        let scenes = self.by_words(&query.title).await?;
        let scenes = scenes.into_iter().filter(|it| !it.is_deleted()).take(MAX_FOUND);
        Ok(scenes.filter_map(|it| it.hit(self.name, &[], FoundBy::Words)).collect())
    }

    async fn find(
        &self,
        _: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let Some(id) = ids.get(self.name) else { return Ok(None) };
        let scene = self.by_id(id).await?;
        let hit = scene.hit(self.name, &[], FoundBy::Id);
        self.remember(vec![scene]);
        Ok(hit)
    }

    async fn describe(&self, _: Subject, id: &str, _: &Locale) -> Result<Described, ProviderError> {
        Ok(self.by_id(id).await?.describe(self.name))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        let found: Whoever = self.ask("{ me { id } }", &json!({})).await?;
        let is_known = found.me.as_ref().is_some_and(|it| it.id.get().is_some());
        if is_known { Ok(()) } else { Err(ProviderError::KeyRefused) }
    }
}

fn algorithm(hash: &FileHash) -> &'static str {
    match hash.kind {
        HashKind::Bytes => "OSHASH",
        HashKind::Pictures => "PHASH",
    }
}

fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a box complains of inside of an answer; its own words may name what was asked for, and are told to nobody.
fn refusal(message: &str) -> ProviderError {
    let message = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| message.contains(it));
    if has(&["not authorized", "unauthorized", "unauthenticated", "forbidden", "access denied"]) {
        return ProviderError::KeyRefused;
    }
    if has(&["rate limit", "too many", "throttl"]) {
        return ProviderError::Busy { retry_after: PAUSE };
    }
    ProviderError::Garbage("it answered with an error".to_owned())
}

/// An error without words of the document.
fn discreet(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Garbage(_) => garbage(),
        other => other,
    }
}

fn garbage() -> ProviderError {
    ProviderError::Garbage("not the document that was expected".to_owned())
}

fn away() -> ProviderError {
    ProviderError::Unavailable {
        reason: "the request was given up".to_owned(),
        retry_after: Duration::from_secs(1),
    }
}
