//! Items of Jellyfin's databases.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::people::{self, Played};
use super::{Gathered, ids_of, shape_of, tell_those_of_nobody};
use crate::source::sqlite::{Database, Fields};
use crate::source::{Household, MAX_SET_ITEMS, Thing, Unreadable, words};

/// Rows of a table.
pub fn count(database: &Database, table: &str) -> Result<i64, Unreadable> {
    let mut n = 0;
    database.each(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)"), |row| {
        n = row.integer(0).unwrap_or_default();
        Ok(())
    })?;
    Ok(n)
}

/// The part of a question that both have: columns 0 to 12.
const COLUMNS: &str = "Type, Name, OriginalTitle, Path, ProductionYear, IndexNumber, ParentIndexNumber, SeriesName, \
     Overview, Data, Id, SeriesId, UserKey";

/// Those classes of items that say anything to us.
const CLASSES: &str = "Type LIKE '%.Movies.Movie' OR Type LIKE '%.TV.Series' OR Type LIKE '%.TV.Season' OR \
     Type LIKE '%.TV.Episode' OR Type LIKE '%.BoxSet' OR Type LIKE '%.Playlist'";

/// Reads the databases of Jellyfin until 10.10.
pub fn read_typed(
    database: &Database,
    users: Option<&Database>,
    now: DateTime<Utc>,
) -> Result<Household, Unreadable> {
    let needed = ["guid", "type", "name", "path", "providerids", "userdatakey"];
    if !database.has("TypedBaseItems", &needed)? {
        return Err(Unreadable::Wrong(
            "TypedBaseItems lacks columns of Jellyfin 10.8 to 10.10; update Jellyfin first".into(),
        ));
    }
    let has_original = database.has("TypedBaseItems", &["originaltitle"])?;
    let original = if has_original { "OriginalTitle" } else { "NULL" };
    let sql = format!(
        "SELECT {COLUMNS}, ProviderIds FROM (
             SELECT type AS Type, Name, {original} AS OriginalTitle, Path, ProductionYear, IndexNumber, ParentIndexNumber,
                 SeriesName, Overview, data AS Data, guid AS Id, SeriesId, UserDataKey AS UserKey, ProviderIds
             FROM TypedBaseItems WHERE {CLASSES})"
    );
    let mut gathered = Gathered::default();
    // Versions of a film and an episode in two libraries share a key: the first is as good as the others.
    let mut by_key: HashMap<String, u32> = HashMap::new();
    database.each(&sql, |row| {
        let ids = row.text(13).map(ids_of).unwrap_or_default();
        if let Some(place) = add(&mut gathered, row, ids)?
            && let Some(key) = row.text(12)
        {
            by_key.entry(key.to_owned()).or_insert(place);
        }
        Ok(())
    })?;
    let mut household = gathered.finished();
    let known = people::read_typed(users)?;
    people::read_user_datas(database, &mut household, known, &by_key, now)?;
    tell_those_of_nobody(&mut household);
    Ok(household)
}

/// Reads the database of Jellyfin since 10.11.
pub fn read_entities(database: &Database, now: DateTime<Utc>) -> Result<Household, Unreadable> {
    let needed = ["id", "type", "name", "path", "indexnumber", "parentindexnumber"];
    let has_all = database.has("BaseItems", &needed)?
        && database.has("UserData", &["itemid", "userid", "played", "playcount"])?
        && database.has("Users", &["id", "username"])?;
    if !has_all {
        return Err(Unreadable::Wrong(
            "the tables BaseItems, UserData and Users are not those of Jellyfin 10.11".into(),
        ));
    }
    let mut ids: HashMap<String, Vec<(String, String)>> = HashMap::new();
    if database.has("BaseItemProviders", &["itemid", "providerid", "providervalue"])? {
        let sql = "SELECT ItemId, ProviderId, ProviderValue FROM BaseItemProviders";
        database.each(sql, |row| {
            if let (Some(item), Some(provider), Some(value)) =
                (row.guid(0), row.text(1), row.text(2))
                && let Some(id) = words::provider_id(provider, value)
            {
                ids.entry(item).or_default().push(id);
            }
            Ok(())
        })?;
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM (
             SELECT Type, Name, OriginalTitle, Path, ProductionYear, IndexNumber, ParentIndexNumber, SeriesName, Overview,
                 Data, Id, SeriesId, NULL AS UserKey
             FROM BaseItems WHERE {CLASSES})"
    );
    let mut gathered = Gathered::default();
    database.each(&sql, |row| {
        let ids = row.guid(10).and_then(|it| ids.remove(&it)).unwrap_or_default();
        add(&mut gathered, row, ids).map(drop)
    })?;
    let linked = read_linked(database)?;
    let places = gathered.places.clone();
    let mut household = gathered.finished();
    for Children { id, name, items } in linked {
        let known = || items.iter().filter_map(|it| places.get(it).copied()).take(MAX_SET_ITEMS);
        let set = household.collections.iter_mut().find(|it| it.name == name);
        if let Some(set) = set.filter(|it| it.items.is_empty()) {
            set.items = known().collect();
        }
        let list = household.lists.iter_mut().find(|it| it.id == id);
        if let Some(list) = list.filter(|it| it.items.is_empty()) {
            list.items = known().collect();
        }
    }
    people::read_entities(database, &mut household, &places, now)?;
    tell_those_of_nobody(&mut household);
    Ok(household)
}

/// What is in a set or a playlist, by ids.
struct Children {
    id: String,
    /// Empty for a playlist: only its id tells which one it is.
    name: String,
    items: Vec<String>,
}

/// What sets and playlists have in a table of its own, as versions after 10.11 keep it.
fn read_linked(database: &Database) -> Result<Vec<Children>, Unreadable> {
    let mut linked: Vec<Children> = Vec::new();
    if !database.has("LinkedChildren", &["parentid", "childid"])? {
        return Ok(linked);
    }
    let has_order = database.has("LinkedChildren", &["sortorder"])?;
    let order = if has_order { "LinkedChildren.SortOrder" } else { "LinkedChildren.rowid" };
    let sql = format!(
        "SELECT BaseItems.Name, LinkedChildren.ChildId, LinkedChildren.ParentId, BaseItems.Type LIKE '%.BoxSet' \
         FROM LinkedChildren JOIN BaseItems ON BaseItems.Id = LinkedChildren.ParentId \
         WHERE BaseItems.Type LIKE '%.BoxSet' OR BaseItems.Type LIKE '%.Playlist' \
         ORDER BY LinkedChildren.ParentId, {order}"
    );
    let mut n = 0;
    database.each(&sql, |row| {
        n += 1;
        crate::source::bounded("items in collections", n, crate::source::MAX_ITEMS)?;
        let (Some(child), Some(id)) = (row.guid(1), row.guid(2)) else { return Ok(()) };
        match linked.last_mut() {
            Some(last) if last.id == id => last.items.push(child),
            _ => {
                let name = row.text(0).and_then(words::text).filter(|_| row.flag(3));
                let name = name.unwrap_or_default();
                linked.push(Children { id, name, items: vec![child] });
            }
        }
        Ok(())
    })?;
    Ok(linked)
}

/// Adds what a row of [`COLUMNS`] is; where it is an item, its place.
fn add(
    gathered: &mut Gathered,
    row: &Fields<'_>,
    ids: Vec<(String, String)>,
) -> Result<Option<u32>, Unreadable> {
    let (Some(class), Some(id)) = (row.text(0), row.guid(10)) else { return Ok(None) };
    let name = row.text(1).unwrap_or_default();
    if class.ends_with(".BoxSet") {
        let data = row.bytes(9).and_then(|it| std::str::from_utf8(it).ok());
        gathered.add_set(name, row.text(8), data.unwrap_or("{}"))?;
        return Ok(None);
    }
    if class.ends_with(".Playlist") {
        let data = row.bytes(9).and_then(|it| std::str::from_utf8(it).ok());
        let (list, linked) = super::playlist(id, name, row.text(8), data.unwrap_or("{}"));
        gathered.add_playlist(list, linked)?;
        return Ok(None);
    }
    let Some(shape) = shape_of(class) else { return Ok(None) };
    let is_season = shape == catalog::arrival::Shape::Season;
    let index = row.integer(5).and_then(words::number);
    let thing = Thing {
        id,
        shape: Some(shape),
        ids,
        title: words::text(name).unwrap_or_default(),
        original_title: row.text(2).and_then(words::text),
        year: row.integer(4).and_then(words::year),
        series: None,
        series_title: row.text(7).and_then(words::text),
        season: if is_season { index } else { row.integer(6).and_then(words::number) },
        episode: index.filter(|_| !is_season),
        path: row.text(3).and_then(words::path),
    };
    gathered.add(thing, row.guid(11)).map(Some)
}

/// What one row says somebody made of an item.
pub fn played(row: &Fields<'_>, from: usize, now: DateTime<Utc>) -> Played {
    Played {
        is_played: row.flag(from),
        play_count: row.integer(from + 1).unwrap_or_default(),
        position_ticks: row.integer(from + 2).unwrap_or_default(),
        last_played_at: super::date(row, from + 3, now),
        is_favourite: row.flag(from + 4),
        rating: row.real(from + 5),
    }
}
