//! Items and sets of Plex.

use std::collections::{BTreeMap, HashMap};

use catalog::arrival::Shape;

use super::lists;
use crate::source::sqlite::Database;
use crate::source::{
    Collection, Household, MAX_ITEMS, MAX_SET_ITEMS, MAX_SETS, Playlist, Thing, Unreadable,
    bounded, words,
};

/// What tells a tag to be the name of a set.
const COLLECTION_TAG: i64 = 2;
/// What tells a tag to be an id of a provider.
const ID_TAG: i64 = 314;
/// `metadata_items.metadata_type`.
const PLAYLIST: i64 = 15;
const COLLECTION: i64 = 18;
/// Ids that an item has at the most.
const MAX_IDS: usize = 8;

/// Everything but the people.
#[derive(Default)]
pub struct Library {
    pub household: Household,
    /// Items by GUID; of several libraries, the first.
    pub by_guid: HashMap<String, u32>,
}

/// The rows by which other rows name items.
#[derive(Default)]
struct Rows {
    /// Items by row.
    places: HashMap<i64, u32>,
    /// What a row is in, by row.
    parents: HashMap<i64, i64>,
    /// Words on sets, by name.
    overviews: HashMap<String, String>,
    /// Playlists by row.
    lists: BTreeMap<i64, Playlist>,
}

pub fn read(database: &Database) -> Result<Library, Unreadable> {
    let mut library = Library::default();
    let mut rows = Rows::default();
    let column = |name: &'static str| -> Result<&'static str, Unreadable> {
        Ok(if database.has("metadata_items", &[name])? { name } else { "NULL" })
    };
    let (original, summary) = (column("original_title")?, column("summary")?);
    let (year, deleted) = (column("year")?, column("deleted_at")?);
    let sql = format!(
        "SELECT id, parent_id, metadata_type, guid, title, {original}, {year}, \"index\", {summary} FROM metadata_items \
         WHERE metadata_type IN (1, 2, 3, 4, 15, 18) AND {deleted} IS NULL ORDER BY metadata_type, id"
    );
    database.each(&sql, |row| {
        let (Some(id), Some(kind)) = (row.integer(0), row.integer(2)) else { return Ok(()) };
        let title = row.text(4).and_then(words::text).unwrap_or_default();
        let shape = match kind {
            1 => Shape::Film,
            2 => Shape::Series,
            3 => Shape::Season,
            4 => Shape::Episode,
            COLLECTION => {
                bounded("collections", rows.overviews.len(), MAX_SETS)?;
                let words = row.text(8).and_then(words::text);
                rows.overviews.extend(words.map(|it| (title, it)));
                return Ok(());
            }
            PLAYLIST => {
                bounded("playlists", rows.lists.len(), MAX_SETS)?;
                let guid = row.text(3).filter(|it| !it.is_empty()).map(str::to_owned);
                let list = Playlist {
                    id: guid.unwrap_or_else(|| id.to_string()),
                    name: title,
                    overview: row.text(8).and_then(words::text),
                    ..Playlist::default()
                };
                rows.lists.insert(id, list);
                return Ok(());
            }
            _ => return Ok(()),
        };
        bounded("items", library.household.items.len(), MAX_ITEMS)?;
        let place = library.household.items.len() as u32;
        rows.places.insert(id, place);
        rows.parents.extend(row.integer(1).map(|parent| (id, parent)));
        let guid = row.text(3).unwrap_or_default();
        if !guid.is_empty() {
            library.by_guid.entry(guid.to_owned()).or_insert(place);
        }
        let number = row.integer(7).and_then(words::number);
        library.household.items.push(Thing {
            id: id.to_string(),
            shape: Some(shape),
            ids: id_in_guid(guid, shape).into_iter().collect(),
            title,
            original_title: row.text(5).and_then(words::text),
            year: row.integer(6).and_then(words::year),
            season: number.filter(|_| shape == Shape::Season),
            episode: number.filter(|_| shape == Shape::Episode),
            ..Thing::default()
        });
        Ok(())
    })?;
    join(&mut library.household, &rows);
    read_tags(database, &mut library.household, &rows)?;
    read_paths(database, &mut library.household, &rows)?;
    lists::read(database, &mut library.household, rows.lists, &rows.places)?;
    Ok(library)
}

/// Has episodes know their season's number, and both their series.
fn join(household: &mut Household, rows: &Rows) {
    let above = |id: i64| {
        let parent = *rows.parents.get(&id)?;
        Some((parent, *rows.places.get(&parent)?))
    };
    for (id, place) in &rows.places {
        let Some((parent, parent_place)) = above(*id) else { continue };
        let (season, series) = match household.items[*place as usize].shape {
            Some(Shape::Season) => (None, Some(parent_place)),
            Some(Shape::Episode) => {
                (household.items[parent_place as usize].season, above(parent).map(|it| it.1))
            }
            _ => continue,
        };
        let thing = &mut household.items[*place as usize];
        thing.series = series;
        thing.season = thing.season.or(season);
    }
}

/// Ids of providers, and sets with what is in them.
fn read_tags(
    database: &Database,
    household: &mut Household,
    rows: &Rows,
) -> Result<(), Unreadable> {
    let has_tags = database.has("tags", &["id", "tag", "tag_type"])?
        && database.has("taggings", &["id", "metadata_item_id", "tag_id"])?;
    if !has_tags {
        household.warnings.push("the tables of tags are not as expected: no collections".into());
        return Ok(());
    }
    let sql = format!(
        "SELECT taggings.metadata_item_id, tags.tag_type, tags.tag FROM taggings JOIN tags ON tags.id = taggings.tag_id \
         WHERE tags.tag_type IN ({COLLECTION_TAG}, {ID_TAG}) ORDER BY taggings.id"
    );
    let mut sets: HashMap<String, usize> = HashMap::new();
    database.each(&sql, |row| {
        let (Some(item), Some(kind), Some(tag)) = (row.integer(0), row.integer(1), row.text(2))
        else {
            return Ok(());
        };
        let Some(place) = rows.places.get(&item).copied() else { return Ok(()) };
        if kind == ID_TAG {
            let ids = &mut household.items[place as usize].ids;
            let id = tag.split_once("://").and_then(|(it, id)| words::provider_id(it, id));
            if let Some(id) = id.filter(|it| ids.len() < MAX_IDS && !ids.contains(it)) {
                ids.push(id);
            }
            return Ok(());
        }
        let Some(name) = words::text(tag) else { return Ok(()) };
        let set = if let Some(set) = sets.get(&name) {
            *set
        } else {
            bounded("collections", sets.len(), MAX_SETS)?;
            let overview = rows.overviews.get(&name).cloned();
            let set = Collection { name: name.clone(), overview, items: Vec::new() };
            household.collections.push(set);
            let set = household.collections.len() - 1;
            sets.insert(name, set);
            set
        };
        let items = &mut household.collections[set].items;
        if items.len() < MAX_SET_ITEMS {
            items.push(place);
        }
        Ok(())
    })
}

/// The first file of each item.
fn read_paths(
    database: &Database,
    household: &mut Household,
    rows: &Rows,
) -> Result<(), Unreadable> {
    let has_files = database.has("media_items", &["id", "metadata_item_id"])?
        && database.has("media_parts", &["id", "media_item_id", "file"])?;
    if !has_files {
        household.warnings.push("the tables of files are not as expected: no paths".into());
        return Ok(());
    }
    let sql = "SELECT media_items.metadata_item_id, media_parts.file FROM media_parts \
         JOIN media_items ON media_items.id = media_parts.media_item_id ORDER BY media_parts.id";
    database.each(sql, |row| {
        if let (Some(item), Some(file)) = (row.integer(0), row.text(1))
            && let Some(place) = rows.places.get(&item)
        {
            let thing = &mut household.items[*place as usize];
            if thing.path.is_none() {
                thing.path = words::path(file);
            }
        }
        Ok(())
    })
}

/// The id that a GUID of an older agent holds: `com.plexapp.agents.imdb://tt0133093?lang=en`. That of a series is in the
/// GUIDs of its episodes too, and says nothing of them.
pub fn id_in_guid(guid: &str, shape: Shape) -> Option<(String, String)> {
    let (agent, rest) = guid.split_once("://")?;
    let agent = agent.strip_prefix("com.plexapp.agents.")?;
    let id = rest.split('?').next().filter(|it| !it.contains('/'))?;
    let is_own = matches!(shape, Shape::Film | Shape::Series);
    is_own.then(|| words::provider_id(agent, id)).flatten()
}
