//! Playlists of Plex: what is in them stands in `play_queue_generators`, one row an item; whose they are in
//! `metadata_item_accounts`. One that puts itself together has an address to ask in place of items.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::source::sqlite::Database;
use crate::source::{Household, MAX_ITEMS, MAX_SET_ITEMS, Playlist, Unreadable, bounded};

/// Whose everything is of which nobody else is said to have it: the owner of the server.
const OWNER: i64 = 1;

/// Reads what is in these playlists, by row, and keeps them.
pub fn read(
    database: &Database,
    household: &mut Household,
    mut lists: BTreeMap<i64, Playlist>,
    places: &HashMap<i64, u32>,
) -> Result<(), Unreadable> {
    if lists.is_empty() {
        return Ok(());
    }
    if !database.has("play_queue_generators", &["id", "playlist_id", "metadata_item_id", "uri"])? {
        household.warnings.push("the table of playlists is not as expected: none are read".into());
        household.playlists.extend(lists.into_values().map(|it| it.name));
        return Ok(());
    }
    read_owners(database, &mut lists)?;
    let has_order = database.has("play_queue_generators", &["order"])?;
    let order = if has_order { "\"order\", id" } else { "id" };
    let sql = format!(
        "SELECT playlist_id, metadata_item_id, uri FROM play_queue_generators ORDER BY playlist_id, {order}"
    );
    let mut smart: HashSet<i64> = HashSet::new();
    let mut n = 0;
    database.each(&sql, |row| {
        n += 1;
        bounded("items in playlists", n, MAX_ITEMS)?;
        let Some(list) = row.integer(0) else { return Ok(()) };
        let Some(known) = lists.get_mut(&list) else { return Ok(()) };
        match row.integer(1) {
            Some(item) => {
                if let Some(place) = places.get(&item)
                    && known.items.len() < MAX_SET_ITEMS
                {
                    known.items.push(*place);
                }
            }
            None if row.text(2).is_some_and(|it| !it.is_empty()) => {
                smart.insert(list);
            }
            None => {}
        }
        Ok(())
    })?;
    for (row, list) in lists {
        if smart.contains(&row) && list.items.is_empty() {
            household.playlists.push(list.name);
        } else if !list.name.is_empty() {
            household.lists.push(list);
        }
    }
    Ok(())
}

/// Whose they are.
fn read_owners(database: &Database, lists: &mut BTreeMap<i64, Playlist>) -> Result<(), Unreadable> {
    for list in lists.values_mut() {
        list.person = OWNER.to_string();
    }
    if !database.has("metadata_item_accounts", &["account_id", "metadata_item_id"])? {
        return Ok(());
    }
    let sql = "SELECT metadata_item_id, account_id FROM metadata_item_accounts ORDER BY id DESC";
    database.each(sql, |row| {
        if let (Some(item), Some(account)) = (row.integer(0), row.integer(1))
            && let Some(list) = lists.get_mut(&item)
        {
            list.person = account.to_string();
        }
        Ok(())
    })
}
