//! Jellyfin: its databases of before and of 10.11, and its API.
//!
//! Until 10.10, `library.db` has the items (`TypedBaseItems`) and what people made of them (`UserDatas`, by a key that the item
//! names too and the person's number), and `jellyfin.db` has the people (`Users`). Since 10.11 all of it is in `jellyfin.db`
//! (`BaseItems`, `BaseItemProviders`, `UserData`, `Users`).

pub mod api;
mod library;
mod people;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use catalog::arrival::Shape;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::sqlite::{Database, Fields, guid_of_text};
use super::{
    Collection, Household, MAX_ITEMS, MAX_SET_ITEMS, MAX_SETS, Playlist, Thing, Unreadable,
    bounded, words,
};

/// What the file with the items is called until 10.10.
const LIBRARY: &str = "library.db";
/// What the file with the people is called, and since 10.11 the one with everything.
const SERVER: &str = "jellyfin.db";
/// A tick of .NET: 100 ns.
const TICKS_PER_MS: i64 = 10_000;

/// The files of a data folder, or those that belong to one of them, that are to be copied.
pub fn files(path: &Path) -> Vec<PathBuf> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let mut files: Vec<PathBuf> = Vec::new();
    if path.is_file() {
        files.push(path.to_owned());
    }
    // A folder of a whole installation keeps them in `data`.
    for place in [folder.to_owned(), folder.join("data")] {
        for name in [SERVER, LIBRARY] {
            let file = place.join(name);
            if file.is_file() && !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

/// Reads what these copies have.
pub fn read(files: &[PathBuf], now: DateTime<Utc>) -> Result<Household, Unreadable> {
    let databases: Vec<Database> =
        files.iter().map(|it| Database::open(it)).collect::<Result<_, _>>()?;
    let with = |table: &str| -> Result<Option<&Database>, Unreadable> {
        for database in &databases {
            if database.has(table, &[])? && !database.columns(table)?.is_empty() {
                return Ok(Some(database));
            }
        }
        Ok(None)
    };
    let users = with("Users")?;
    // A migration leaves an empty table behind, or the old file beside the new one: what has the items counts.
    if let Some(database) = with("BaseItems")?
        && library::count(database, "BaseItems")? > 0
    {
        return library::read_entities(database, now);
    }
    match with("TypedBaseItems")? {
        Some(database) => library::read_typed(database, users, now),
        None => Err(Unreadable::Wrong(
            "this is no database of Jellyfin 10.8 to 10.11: it has neither TypedBaseItems nor BaseItems".into(),
        )),
    }
}

/// What an item is by the name of its class.
fn shape_of(class: &str) -> Option<Shape> {
    match class.rsplit('.').next().unwrap_or_default() {
        "Movie" => Some(Shape::Film),
        "Series" => Some(Shape::Series),
        "Season" => Some(Shape::Season),
        "Episode" => Some(Shape::Episode),
        _ => None,
    }
}

/// Items with their ids, while they are gathered.
#[derive(Default)]
struct Gathered {
    household: Household,
    /// By id.
    places: HashMap<String, u32>,
    /// By path: how sets of before name what is in them.
    by_path: HashMap<String, u32>,
    /// The series of an item, by its id.
    series: Vec<(u32, String)>,
    sets: Vec<(Collection, Vec<Linked>)>,
    lists: Vec<(Playlist, Vec<Linked>)>,
}

impl Gathered {
    fn add(&mut self, thing: Thing, series_id: Option<String>) -> Result<u32, Unreadable> {
        bounded("items", self.household.items.len(), MAX_ITEMS)?;
        let place = self.household.items.len() as u32;
        if let Some(id) = series_id {
            self.series.push((place, id));
        }
        self.places.insert(thing.id.clone(), place);
        if let Some(path) = &thing.path {
            self.by_path.insert(path.clone(), place);
        }
        self.household.items.push(thing);
        Ok(place)
    }

    fn add_set(
        &mut self,
        name: &str,
        overview: Option<&str>,
        data: &str,
    ) -> Result<(), Unreadable> {
        bounded("collections", self.sets.len(), MAX_SETS)?;
        let Some(name) = words::text(name) else { return Ok(()) };
        let overview = overview.and_then(words::text);
        let linked = serde_json::from_str::<Kept>(data).map(|it| it.linked).unwrap_or_default();
        self.sets.push((Collection { name, overview, items: Vec::new() }, linked));
        Ok(())
    }

    fn add_playlist(&mut self, list: Playlist, linked: Vec<Linked>) -> Result<(), Unreadable> {
        bounded("playlists", self.lists.len(), MAX_SETS)?;
        if !list.name.is_empty() {
            self.lists.push((list, linked));
        }
        Ok(())
    }

    /// The items that a set names.
    fn named<'a>(&'a self, linked: &'a [Linked]) -> impl Iterator<Item = u32> + 'a {
        linked.iter().take(MAX_SET_ITEMS).filter_map(|it| {
            let id = it.item_id.as_deref().or(it.library_item_id.as_deref());
            let by_id = id.and_then(guid_of_text).and_then(|it| self.places.get(&it));
            by_id.or_else(|| self.by_path.get(it.path.as_deref()?)).copied()
        })
    }

    /// Joins what names each other.
    fn finished(mut self) -> Household {
        for (place, id) in std::mem::take(&mut self.series) {
            self.household.items[place as usize].series = self.places.get(&id).copied();
        }
        for (mut set, linked) in std::mem::take(&mut self.sets) {
            set.items = self.named(&linked).collect();
            self.household.collections.push(set);
        }
        for (mut list, linked) in std::mem::take(&mut self.lists) {
            list.items = self.named(&linked).collect();
            self.household.lists.push(list);
        }
        self.household
    }
}

/// What an item keeps as JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(rename = "LinkedChildren")]
    linked: Vec<Linked>,
    /// Whose playlist it is.
    #[serde(rename = "OwnerUserId")]
    owner: Option<String>,
    /// Whether everybody sees it.
    #[serde(rename = "OpenAccess")]
    is_open: bool,
}

/// The playlist of this name, as what it keeps says.
fn playlist(id: String, name: &str, overview: Option<&str>, data: &str) -> (Playlist, Vec<Linked>) {
    let kept = serde_json::from_str::<Kept>(data).unwrap_or_default();
    let list = Playlist {
        id,
        person: kept.owner.as_deref().and_then(guid_of_text).unwrap_or_default(),
        name: words::text(name).unwrap_or_default(),
        overview: overview.and_then(words::text),
        is_shared: kept.is_open,
        items: Vec::new(),
    };
    (list, kept.linked)
}

/// Names those playlists that are nobody's whom we know, in place of keeping them.
fn tell_those_of_nobody(household: &mut Household) {
    let is_known = |it: &Playlist| household.people.iter().any(|person| person.id == it.person);
    let (known, others) = std::mem::take(&mut household.lists).into_iter().partition(is_known);
    household.lists = known;
    household.playlists.extend(others.into_iter().map(|it: Playlist| it.name));
}

/// An item in a set.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Linked {
    path: Option<String>,
    item_id: Option<String>,
    library_item_id: Option<String>,
}

/// `Tmdb=603|Imdb=tt0133093`, as it was until 10.10.
fn ids_of(text: &str) -> Vec<(String, String)> {
    text.split('|')
        .filter_map(|it| it.split_once('='))
        .filter_map(|(provider, id)| words::provider_id(provider, id))
        .collect()
}

/// A date as text.
fn date(row: &Fields<'_>, at: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    row.text(at).and_then(|it| words::date(it, now))
}
