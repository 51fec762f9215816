//! People of Jellyfin, and what they made of items.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::TICKS_PER_MS;
use super::library::played;
use crate::source::sqlite::Database;
use crate::source::{Household, MAX_PEOPLE, MAX_STATES, Person, State, Unreadable, bounded, words};

/// What somebody made of an item, as Jellyfin has it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "as it is called wherever it is kept")]
pub struct Played {
    /// Played to its end.
    pub is_played: bool,
    /// How often.
    pub play_count: i64,
    /// Where to go on.
    pub position_ticks: i64,
    /// When last.
    pub last_played_at: Option<DateTime<Utc>>,
    /// Among the favourites.
    pub is_favourite: bool,
    /// From 0 to 10.
    pub rating: Option<f64>,
}

impl Played {
    /// The same in our words, of the item at this place.
    pub fn state(self, item: u32) -> State {
        let Self { is_played, play_count, position_ticks, last_played_at, is_favourite, rating } =
            self;
        // It counts what was begun, too: only what was played to its end was played.
        let play_count = if is_played { words::count(play_count).max(1) } else { 0 };
        State {
            item,
            is_played,
            play_count,
            position_ms: words::position_ms(position_ticks / TICKS_PER_MS),
            last_played_at,
            is_favourite,
            rating: rating.and_then(words::half_stars),
            plays: last_played_at.filter(|_| is_played).into_iter().collect(),
        }
    }
}

/// The people of before 10.11 by their numbers.
pub fn read_typed(users: Option<&Database>) -> Result<HashMap<i64, Person>, Unreadable> {
    let mut people = HashMap::new();
    let Some(database) = users else { return Ok(people) };
    if !database.has("Users", &["id", "username", "internalid"])? {
        return Ok(people);
    }
    database.each("SELECT Id, Username, InternalId FROM Users", |row| {
        bounded("people", people.len(), MAX_PEOPLE)?;
        if let (Some(id), Some(name), Some(number)) =
            (row.guid(0), row.text(1).and_then(words::text), row.integer(2))
        {
            people.insert(number, Person { id, name, states: Vec::new() });
        }
        Ok(())
    })?;
    Ok(people)
}

/// What the people made of items before 10.11. Who is in no file of people is called by the number.
pub fn read_user_datas(
    database: &Database,
    household: &mut Household,
    mut people: HashMap<i64, Person>,
    by_key: &HashMap<String, u32>,
    now: DateTime<Utc>,
) -> Result<(), Unreadable> {
    let has_names = !people.is_empty();
    if !has_names {
        household.warnings.push(
            "without jellyfin.db beside library.db the names of the people are not known".into(),
        );
    }
    if !database.has("UserDatas", &["key", "userid", "played", "playcount"])? {
        return Err(Unreadable::Wrong("library.db has no table UserDatas".into()));
    }
    let mut n = 0;
    let sql = "SELECT key, userId, played, playCount, playbackPositionTicks, lastPlayedDate, isFavorite, rating \
         FROM UserDatas";
    database.each(sql, |row| {
        let (Some(key), Some(number)) = (row.text(0), row.integer(1)) else { return Ok(()) };
        let Some(place) = by_key.get(key) else { return Ok(()) };
        let state = played(row, 2, now).state(*place);
        if state.is_empty() {
            return Ok(());
        }
        n += 1;
        bounded("entries of what people made of items", n, MAX_STATES)?;
        // With names, whoever has none was deleted there.
        if !has_names && !people.contains_key(&number) {
            bounded("people", people.len(), MAX_PEOPLE)?;
            let name = format!("Jellyfin {number}");
            people.insert(number, Person { id: number.to_string(), name, states: Vec::new() });
        }
        if let Some(person) = people.get_mut(&number) {
            person.states.push(state);
        }
        Ok(())
    })?;
    household.people = people.into_values().collect();
    household.people.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    Ok(())
}

/// The people of 10.11, and what they made of items.
pub fn read_entities(
    database: &Database,
    household: &mut Household,
    places: &HashMap<String, u32>,
    now: DateTime<Utc>,
) -> Result<(), Unreadable> {
    let mut people: HashMap<String, Person> = HashMap::new();
    database.each("SELECT Id, Username FROM Users", |row| {
        bounded("people", people.len(), MAX_PEOPLE)?;
        if let (Some(id), Some(name)) = (row.guid(0), row.text(1).and_then(words::text)) {
            people.insert(id.clone(), Person { id, name, states: Vec::new() });
        }
        Ok(())
    })?;
    let mut n = 0;
    let sql = "SELECT UserId, ItemId, Played, PlayCount, PlaybackPositionTicks, LastPlayedDate, IsFavorite, Rating \
         FROM UserData";
    // One item may have several rows for a person, one for each of its keys: who brings them puts them together.
    database.each(sql, |row| {
        let (Some(user), Some(item)) = (row.guid(0), row.guid(1)) else { return Ok(()) };
        let (Some(person), Some(place)) = (people.get_mut(&user), places.get(&item)) else {
            return Ok(());
        };
        let state = played(row, 2, now).state(*place);
        if !state.is_empty() {
            n += 1;
            bounded("entries of what people made of items", n, MAX_STATES)?;
            person.states.push(state);
        }
        Ok(())
    })?;
    household.people = people.into_values().collect();
    household.people.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    Ok(())
}
