//! People of Plex, and what they made of items.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::items::Library;
use super::time;
use crate::source::sqlite::Database;
use crate::source::{MAX_PEOPLE, MAX_PLAYS, MAX_STATES, Person, State, Unreadable, bounded, words};

/// What the people made, by account and item.
type States = HashMap<(i64, u32), State>;

pub fn read(
    database: &Database,
    library: &mut Library,
    now: DateTime<Utc>,
) -> Result<(), Unreadable> {
    let mut people: HashMap<i64, Person> = HashMap::new();
    database.each("SELECT id, name FROM accounts", |row| {
        bounded("people", people.len(), MAX_PEOPLE)?;
        // Account 0 is what the server does for nobody.
        if let Some(id) = row.integer(0).filter(|it| *it > 0) {
            let name = row.text(1).and_then(words::text).unwrap_or_else(|| format!("Plex {id}"));
            people.insert(id, Person { id: id.to_string(), name, states: Vec::new() });
        }
        Ok(())
    })?;
    let mut states = States::new();
    read_settings(database, library, &mut states, now)?;
    read_views(database, library, &mut states, now)?;
    let mut states: Vec<_> = states.into_iter().filter(|it| !it.1.is_empty()).collect();
    states.sort_by_key(|it| it.0);
    for ((account, _), mut state) in states {
        state.plays.sort_unstable();
        state.plays.dedup();
        if let Some(person) = people.get_mut(&account) {
            person.states.push(state);
        }
    }
    let mut people: Vec<Person> = people.into_values().collect();
    people.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    library.household.people = people;
    Ok(())
}

fn read_settings(
    database: &Database,
    library: &Library,
    states: &mut States,
    now: DateTime<Utc>,
) -> Result<(), Unreadable> {
    let rating =
        if database.has("metadata_item_settings", &["rating"])? { "rating" } else { "NULL" };
    let sql = format!(
        "SELECT account_id, guid, view_count, view_offset, last_viewed_at, {rating} FROM metadata_item_settings"
    );
    database.each(&sql, |row| {
        let (Some(account), Some(guid)) = (row.integer(0), row.text(1)) else { return Ok(()) };
        let Some(place) = library.by_guid.get(guid) else { return Ok(()) };
        bounded("entries of what people made of items", states.len(), MAX_STATES)?;
        let play_count = row.integer(2).map_or(0, words::count);
        let state = State {
            item: *place,
            is_played: play_count > 0,
            play_count,
            position_ms: row.integer(3).map_or(0, words::position_ms),
            last_played_at: time(row, 4, now),
            rating: row.real(5).and_then(words::half_stars),
            ..State::default()
        };
        states.insert((account, *place), state);
        Ok(())
    })
}

/// Each play: more than the last one, which is all that the settings know.
fn read_views(
    database: &Database,
    library: &Library,
    states: &mut States,
    now: DateTime<Utc>,
) -> Result<(), Unreadable> {
    if !database.has("metadata_item_views", &["account_id", "guid", "viewed_at"])? {
        return Ok(());
    }
    let mut n = 0;
    let sql = "SELECT account_id, guid, viewed_at FROM metadata_item_views";
    database.each(sql, |row| {
        let (Some(account), Some(guid)) = (row.integer(0), row.text(1)) else { return Ok(()) };
        let (Some(place), Some(at)) = (library.by_guid.get(guid), time(row, 2, now)) else {
            return Ok(());
        };
        n += 1;
        bounded("plays", n, MAX_PLAYS)?;
        bounded("entries of what people made of items", states.len(), MAX_STATES)?;
        let state = states
            .entry((account, *place))
            .or_insert_with(|| State { item: *place, ..State::default() });
        state.plays.push(at);
        state.last_played_at = state.last_played_at.max(Some(at));
        Ok(())
    })
}
