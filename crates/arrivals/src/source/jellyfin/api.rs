//! Jellyfin's API: the same as its database has, asked page by page of a server that runs.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Clock, Rng};
use outbound::{Outbound, Request, Settings};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::people::Played;
use super::{Gathered, Linked, shape_of};
use crate::source::sqlite::guid_of_text;
use crate::source::{
    Household, MAX_PEOPLE, MAX_SET_ITEMS, MAX_SETS, MAX_STATES, Person, Playlist, Thing,
    Unreadable, bounded, words,
};

/// Where items are listed.
const ITEMS: &str = "Items";
/// Items of one page.
const PAGE: usize = 500;
/// An answer at the most.
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// It is the owner's own server; it is left some air.
const SPACING: Duration = Duration::from_millis(20);
/// A server that asks for a longer pause is asked again when a person says so.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A page of a large library on a small machine.
const PATIENCE: Duration = Duration::from_secs(90);
const TOKEN: HeaderName = HeaderName::from_static("x-emby-token");

/// A server that is asked.
pub struct Server {
    client: Outbound,
    base: Url,
    headers: HeaderMap,
}

/// How far it is: done, all, at what.
pub type Report<'a> = &'a (dyn Fn(usize, usize, &str) -> bool + Send + Sync);

impl Server {
    /// The server at `address`, asked in the name of `key`. An administrator named it, so it may be in the house: that host
    /// and no other.
    pub fn new(address: &str, key: &str, clock: Clock, rng: Rng) -> Result<Self, Unreadable> {
        let wrong = |why: &str| Unreadable::Wrong(format!("the address of the server: {why}"));
        let mut base: Url = address.trim().parse().map_err(|_| wrong("is not an address"))?;
        let host = base.host_str().ok_or_else(|| wrong("names no host"))?.to_owned();
        if !matches!(base.scheme(), "http" | "https") || !base.username().is_empty() {
            return Err(wrong("must be http://... or https://... without a name in it"));
        }
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        let settings = Settings {
            allowed_hosts: HashSet::from([host]),
            attempt_time: PATIENCE,
            max_body_bytes: MAX_ANSWER_BYTES,
            longest_pause: LONGEST_PAUSE,
            spacing: SPACING,
            ..Settings::default()
        };
        let client = Outbound::new(settings, clock, rng)
            .map_err(|error| Unreadable::Wrong(error.to_string()))?;
        let mut value = HeaderValue::from_str(key.trim())
            .map_err(|_| Unreadable::Wrong("the API key has letters that no key has".into()))?;
        value.set_sensitive(true);
        Ok(Self { client, base, headers: HeaderMap::from_iter([(TOKEN, value)]) })
    }

    /// What the server is called in reports: its address without anything secret.
    pub fn name(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Reads everything.
    pub async fn read(
        &self,
        now: DateTime<Utc>,
        report: Report<'_>,
    ) -> Result<Household, Unreadable> {
        let users: Vec<User> = self.get("Users", &[]).await?;
        bounded("people", users.len(), MAX_PEOPLE)?;
        let mut gathered = Gathered::default();
        let mut people = Vec::new();
        let mut named = NamedSets::default();
        let mut n_states = 0;
        for (n, user) in users.iter().enumerate() {
            let (Some(id), Some(name)) = (guid_of_text(&user.id), words::text(&user.name)) else {
                continue;
            };
            if !report(n, users.len(), &name) {
                return Err(Unreadable::Stopped);
            }
            let mut states = HashMap::new();
            let query = [
                ("userId", id.as_str()),
                ("recursive", "true"),
                ("includeItemTypes", "Movie,Series,Season,Episode,BoxSet,Playlist"),
                ("fields", "ProviderIds,Path,OriginalTitle,Overview,CanDelete"),
                ("enableUserData", "true"),
                ("enableImages", "false"),
                ("sortBy", "DateCreated,SortName"),
            ];
            let is_admin = user.policy.as_ref().is_some_and(|it| it.is_administrator);
            self.pages(
                ITEMS,
                &query,
                |item| {
                    let place = add(&mut gathered, &mut named, &item, (&id, is_admin))?;
                    let played = item.user.unwrap_or_default().played(now);
                    if let Some(place) = place {
                        let state = played.state(place);
                        if !state.is_empty() && states.insert(place, state).is_none() {
                            n_states += 1;
                            bounded("entries of what people made of items", n_states, MAX_STATES)?;
                        }
                    }
                    Ok(())
                },
                &|| report(n, users.len(), &name),
            )
            .await?;
            let mut states: Vec<_> = states.into_values().collect();
            states.sort_by_key(|it| it.item);
            people.push((Person { id: id.clone(), name, states }, id));
        }
        let viewer = people.first().map(|it| it.1.clone()).unwrap_or_default();
        for set in named.sets {
            let mut linked = Vec::new();
            let query = [("userId", viewer.as_str()), ("parentId", set.id.as_str())];
            let going_on = || report(users.len(), users.len(), &set.name);
            self.pages(
                ITEMS,
                &query,
                |item| {
                    if linked.len() < MAX_SET_ITEMS {
                        linked.push(Linked { item_id: Some(item.id), ..Linked::default() });
                    }
                    Ok(())
                },
                &going_on,
            )
            .await?;
            gathered.add_set(&set.name, set.overview.as_deref(), "{}")?;
            if let Some(last) = gathered.sets.last_mut() {
                last.1 = linked;
            }
        }
        for list in named.lists {
            let name = list.name.clone();
            let going_on = || report(users.len(), users.len(), &name);
            self.read_list(&mut gathered, list, &going_on).await?;
        }
        let mut household = gathered.finished();
        household.people = people.into_iter().map(|it| it.0).collect();
        Ok(household)
    }

    /// Reads what is in a playlist, as whoever it is said to belong to sees it.
    async fn read_list(
        &self,
        gathered: &mut Gathered,
        list: NamedList,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Unreadable> {
        let person = list.owner();
        let mut linked = Vec::new();
        let path = format!("Playlists/{}/Items", list.id);
        let query = [("userId", person.as_str())];
        self.pages(
            &path,
            &query,
            |item| {
                if linked.len() < MAX_SET_ITEMS {
                    linked.push(Linked { item_id: Some(item.id), ..Linked::default() });
                }
                Ok(())
            },
            goes_on,
        )
        .await?;
        let NamedList { id, name, overview, seen_by } = list;
        let list = Playlist {
            id,
            person,
            name: words::text(&name).unwrap_or_default(),
            overview: overview.as_deref().and_then(words::text),
            is_shared: seen_by.len() > 1,
            items: Vec::new(),
        };
        gathered.add_playlist(list, linked)
    }

    /// Hands every item of a list to `each`, page by page.
    async fn pages(
        &self,
        path: &str,
        query: &[(&str, &str)],
        mut each: impl FnMut(Item) -> Result<(), Unreadable>,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Unreadable> {
        let mut start = 0;
        loop {
            if !goes_on() {
                return Err(Unreadable::Stopped);
            }
            let (from, limit) = (start.to_string(), PAGE.to_string());
            let mut query = query.to_vec();
            query.extend([("startIndex", from.as_str()), ("limit", limit.as_str())]);
            let page: Items = self.get(path, &query).await?;
            let n = page.items.len();
            for item in page.items {
                each(item)?;
            }
            start += n;
            // Whatever it says there is in all: a page that is not full is the last, and an empty one is never asked twice.
            if n < PAGE {
                return Ok(());
            }
            bounded("items", start, crate::source::MAX_ITEMS)?;
        }
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Unreadable> {
        let mut url = self
            .base
            .join(path)
            .map_err(|_| Unreadable::Wrong("the address of the server is none".into()))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::get(url).headers(self.headers.clone());
        self.client.json(request).await.map_err(|failure| {
            let why = match failure.reason {
                outbound::Reason::Status { status: 401 | 403, .. } => {
                    "it does not accept the API key, or that may not see everything".to_owned()
                }
                outbound::Reason::Garbage(ref error) => {
                    format!("its answer is not that of Jellyfin: {error}")
                }
                ref other => other.to_string(),
            };
            Unreadable::Wrong(format!("{}: {why}", self.name()))
        })
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("base", &self.name()).finish_non_exhaustive()
    }
}

/// Sets and playlists that are to be looked into.
#[derive(Default)]
struct NamedSets {
    sets: Vec<Named>,
    lists: Vec<NamedList>,
}

/// A playlist with who sees it: whose it is, no answer says.
struct NamedList {
    id: String,
    name: String,
    overview: Option<String>,
    seen_by: Vec<Sees>,
}

/// Somebody who sees a playlist.
struct Sees {
    person: String,
    may_delete: bool,
    is_admin: bool,
}

impl NamedList {
    /// Whose it is: of those who see it whoever may delete it, an administrator, who may delete all, after the others.
    fn owner(&self) -> String {
        let owner = self.seen_by.iter().min_by_key(|it| (!it.may_delete, it.is_admin));
        owner.map(|it| it.person.clone()).unwrap_or_default()
    }
}

/// A set that is to be looked into.
struct Named {
    id: String,
    name: String,
    overview: Option<String>,
}

/// Adds what an item is; where it is one of ours, its place. Everybody's list has the same items: each is added once.
fn add(
    gathered: &mut Gathered,
    named: &mut NamedSets,
    item: &Item,
    (person, is_admin): (&str, bool),
) -> Result<Option<u32>, Unreadable> {
    let NamedSets { sets, lists } = named;
    let Some(id) = guid_of_text(&item.id) else { return Ok(None) };
    let name = item.name.clone().unwrap_or_default();
    if item.class == "BoxSet" {
        if !sets.iter().any(|it| it.id == id) {
            bounded("collections", sets.len(), MAX_SETS)?;
            sets.push(Named { id, name, overview: item.overview.clone() });
        }
        return Ok(None);
    }
    if item.class == "Playlist" {
        let (person, may_delete) = (person.to_owned(), item.can_delete);
        let sees = Sees { person, may_delete, is_admin };
        if let Some(known) = lists.iter_mut().find(|it| it.id == id) {
            known.seen_by.push(sees);
        } else {
            bounded("playlists", lists.len(), MAX_SETS)?;
            let overview = item.overview.clone();
            lists.push(NamedList { id, name, overview, seen_by: vec![sees] });
        }
        return Ok(None);
    }
    if let Some(place) = gathered.places.get(&id) {
        return Ok(Some(*place));
    }
    let Some(shape) = shape_of(&item.class) else { return Ok(None) };
    let is_season = shape == catalog::arrival::Shape::Season;
    let index = item.index.and_then(words::number);
    let thing = Thing {
        id,
        shape: Some(shape),
        ids: item
            .ids
            .iter()
            .filter_map(|(it, id)| words::provider_id(it, id.as_deref()?))
            .collect(),
        title: words::text(&name).unwrap_or_default(),
        original_title: item.original_title.as_deref().and_then(words::text),
        year: item.year.and_then(words::year),
        series: None,
        series_title: item.series_name.as_deref().and_then(words::text),
        season: if is_season { index } else { item.parent_index.and_then(words::number) },
        episode: index.filter(|_| !is_season),
        path: item.path.as_deref().and_then(words::path),
    };
    let series = item.series_id.as_deref().and_then(guid_of_text);
    gathered.add(thing, series).map(Some)
}

#[derive(Deserialize)]
struct User {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Policy", default)]
    policy: Option<Policy>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Policy {
    #[serde(rename = "IsAdministrator")]
    is_administrator: bool,
}

#[derive(Deserialize)]
struct Items {
    #[serde(rename = "Items")]
    items: Vec<Item>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Item {
    id: String,
    #[serde(rename = "Type")]
    class: String,
    name: Option<String>,
    original_title: Option<String>,
    overview: Option<String>,
    path: Option<String>,
    #[serde(rename = "ProductionYear")]
    year: Option<i64>,
    #[serde(rename = "IndexNumber")]
    index: Option<i64>,
    #[serde(rename = "ParentIndexNumber")]
    parent_index: Option<i64>,
    series_name: Option<String>,
    series_id: Option<String>,
    can_delete: bool,
    #[serde(rename = "ProviderIds")]
    ids: HashMap<String, Option<String>>,
    #[serde(rename = "UserData")]
    user: Option<UserItem>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct UserItem {
    played: bool,
    play_count: i64,
    playback_position_ticks: i64,
    last_played_date: Option<String>,
    is_favorite: bool,
    rating: Option<f64>,
}

impl UserItem {
    fn played(self, now: DateTime<Utc>) -> Played {
        Played {
            is_played: self.played,
            play_count: self.play_count,
            position_ticks: self.playback_position_ticks,
            last_played_at: self.last_played_date.and_then(|it| words::date(&it, now)),
            is_favourite: self.is_favorite,
            rating: self.rating,
        }
    }
}
