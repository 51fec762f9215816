//! What people do with playlists. Whoever changes what is in one holds its row, so the order is never written by two.

use kernel::event::{Audience, Event};
use kernel::id::{ItemId, PersonId};
use kernel::{Error, Permission, Result, Viewer};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::store::{self, Gap, OwnRow};
use super::{
    Added, Addition, EntryId, MAX_AT_ONCE, MAX_ENTRIES, MAX_LISTS, MAX_NAME, MAX_OVERVIEW,
    NewPlaylist, PlaylistCard, PlaylistId, PlaylistPatch,
};
use crate::Catalog;

/// Between two entries that were put in one behind the other: twenty may come between them before anything has to be moved.
const GAP: i64 = 1 << 20;

impl Catalog {
    /// Makes a list, with what shall be in it.
    pub async fn create_playlist(
        &self,
        viewer: &Viewer,
        new: &NewPlaylist,
    ) -> Result<PlaylistCard> {
        let name = checked_name(&new.name)?;
        let overview = new.overview.as_deref().map(checked_overview).transpose()?.flatten();
        let now = self.clock.now();
        let id: PlaylistId = self.ids.next();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        store::lock_lists(&mut tx, viewer.person_id).await?;
        if store::count_lists(&mut tx, viewer.person_id).await? >= MAX_LISTS {
            return Err(Error::conflict(
                "playlists.too_many",
                format!("a person has at most {MAX_LISTS} playlists; delete one first"),
            ));
        }
        let list = store::NewRow {
            id,
            person_id: viewer.person_id,
            name: &name,
            sort_name: &naming::sort_title(&name),
            overview: overview.as_deref(),
            is_shared: new.is_shared,
            origin: None,
        };
        store::insert_playlist(&mut tx, &list, now).await?;
        if !new.item_ids.is_empty() || new.collection_id.is_some() {
            let (item_ids, collection_id) = (new.item_ids.clone(), new.collection_id);
            let addition = Addition { item_ids, collection_id, after: None };
            let items = find_leaves(&mut tx, viewer, &addition, MAX_ENTRIES).await?;
            put(&mut tx, id, Place::End, &items, now).await?;
        }
        tx.commit().await?;
        drop(db);
        self.announce_playlists(viewer.person_id, new.is_shared).await;
        self.find_playlist(viewer, id).await
    }

    /// Changes what is said of a list.
    pub async fn update_playlist(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        patch: PlaylistPatch,
    ) -> Result<PlaylistCard> {
        let name = patch.name.as_deref().map(checked_name).transpose()?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let mut list = lock(&mut tx, viewer, id).await?;
        let was_shared = list.is_shared;
        if let Some(name) = name {
            list.sort_name = naming::sort_title(&name);
            list.name = name;
        }
        if let Ok(overview) = patch.overview.said() {
            list.overview = overview.as_deref().map(checked_overview).transpose()?.flatten();
        }
        list.is_shared = patch.is_shared.unwrap_or(list.is_shared);
        store::update_playlist(&mut tx, id, &list, self.clock.now()).await?;
        tx.commit().await?;
        drop(db);
        self.announce_playlists(list.person_id, was_shared || list.is_shared).await;
        self.find_playlist(viewer, id).await
    }

    /// Deletes a list.
    pub async fn delete_playlist(&self, viewer: &Viewer, id: PlaylistId) -> Result<()> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let list = lock(&mut tx, viewer, id).await?;
        store::delete_playlist(&mut tx, id).await?;
        tx.commit().await?;
        drop(db);
        self.announce_playlists(list.person_id, list.is_shared).await;
        Ok(())
    }

    /// Puts items into a list: of groups and sets what of them plays.
    pub async fn add_to_playlist(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        addition: &Addition,
    ) -> Result<Added> {
        if addition.item_ids.is_empty() && addition.collection_id.is_none() {
            return Err(Error::invalid("item_ids", "at least one item, or a collection"));
        }
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let list = lock(&mut tx, viewer, id).await?;
        let room = MAX_ENTRIES - store::count_entries(&mut tx, id).await?;
        let items = find_leaves(&mut tx, viewer, addition, room).await?;
        let place = addition.after.map_or(Place::End, Place::After);
        put(&mut tx, id, place, &items, self.clock.now()).await?;
        tx.commit().await?;
        drop(db);
        self.announce_playlists(list.person_id, list.is_shared).await;
        Ok(Added { n_entries: items.len() as i64 })
    }

    /// Takes entries out of a list.
    pub async fn remove_from_playlist(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        entries: &[EntryId],
    ) -> Result<()> {
        if entries.is_empty() || entries.len() > MAX_AT_ONCE {
            return Err(Error::invalid("entry_ids", format!("1 to {MAX_AT_ONCE} entries")));
        }
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let list = lock(&mut tx, viewer, id).await?;
        let ids: Vec<Uuid> = entries.iter().map(|it| it.0).collect();
        store::delete_entries(&mut tx, id, &ids).await?;
        store::touch_playlist(&mut tx, id, self.clock.now()).await?;
        tx.commit().await?;
        drop(db);
        self.announce_playlists(list.person_id, list.is_shared).await;
        Ok(())
    }

    /// Puts an entry behind another one, or before all.
    pub async fn move_in_playlist(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        entry: EntryId,
        after: Option<EntryId>,
    ) -> Result<()> {
        if after == Some(entry) {
            return Err(Error::invalid("after", "an entry cannot stand behind itself"));
        }
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let list = lock(&mut tx, viewer, id).await?;
        if !store::has_entry(&mut tx, &viewer.scope, id, entry).await? {
            return Err(Error::NotFound("entry"));
        }
        let place = after.map_or(Place::Start, Place::After);
        let (first, _) = find_room(&mut tx, id, place, Some(entry), 1).await?;
        store::update_position(&mut tx, entry, first).await?;
        store::touch_playlist(&mut tx, id, self.clock.now()).await?;
        tx.commit().await?;
        drop(db);
        self.announce_playlists(list.person_id, list.is_shared).await;
        Ok(())
    }

    /// Deletes the lists of somebody whose account is gone.
    pub async fn forget_playlists_of(&self, person: PersonId) -> Result<()> {
        store::delete_playlists_of(&mut *self.connection().await?, person).await
    }

    /// Tells open pages that lists changed. Which one is not told: not everybody may know of it.
    async fn announce_playlists(&self, owner: PersonId, is_shared: bool) {
        let audience = if is_shared {
            Audience::Permitted(Permission::Browse)
        } else {
            Audience::Person(owner)
        };
        let name = "playlists.changed".to_owned();
        self.publish(Event { name, audience, data: json!({}) }).await;
    }
}

/// Where entries go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Start,
    End,
    After(EntryId),
}

/// The list, if the viewer may change it, locked until the transaction ends.
async fn lock(db: &mut PgConnection, viewer: &Viewer, id: PlaylistId) -> Result<OwnRow> {
    viewer.require(Permission::Personalize)?;
    let list = store::lock_playlist(db, &viewer.scope, viewer.person_id, id).await?;
    let list = list.ok_or(Error::NotFound("playlist"))?;
    if list.person_id != viewer.person_id {
        viewer.require(Permission::Administer)?;
    }
    Ok(list)
}

/// What plays of what is to be added, in order.
async fn find_leaves(
    db: &mut PgConnection,
    viewer: &Viewer,
    addition: &Addition,
    room: i64,
) -> Result<Vec<ItemId>> {
    if addition.item_ids.len() > MAX_AT_ONCE {
        return Err(Error::invalid("item_ids", format!("at most {MAX_AT_ONCE} items at once")));
    }
    let mut wanted: Vec<Uuid> = addition.item_ids.iter().map(|it| it.0).collect();
    let known = store::count_items(db, &viewer.scope, &wanted).await?;
    let mut different = wanted.clone();
    different.sort_unstable();
    different.dedup();
    if known < different.len() as i64 {
        return Err(Error::NotFound("item"));
    }
    if let Some(set) = addition.collection_id {
        let found = crate::collection::store::find_collection(db, &viewer.scope, set).await?;
        found.ok_or(Error::NotFound("collection"))?;
        let items =
            crate::collection::store::list_items(db, &viewer.scope, set, MAX_ENTRIES).await?;
        wanted.extend(items.iter().map(|it| it.0));
    }
    let leaves = store::list_leaves(db, &viewer.scope, &wanted, room + 1).await?;
    if leaves.len() as i64 > room {
        return Err(Error::conflict(
            "playlists.full",
            format!("a playlist has at most {MAX_ENTRIES} entries"),
        ));
    }
    Ok(leaves)
}

/// Puts items into a list whose row is locked.
pub(crate) async fn put(
    db: &mut PgConnection,
    id: PlaylistId,
    place: Place,
    items: &[ItemId],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let (first, step) = find_room(db, id, place, None, items.len() as i64).await?;
    let items: Vec<Uuid> = items.iter().map(|it| it.0).collect();
    store::insert_entries(db, id, &items, first, step, now).await?;
    store::touch_playlist(db, id, now).await
}

/// Where the first of `n` entries goes, and how far the others are from each other. Where there is no room the whole list is
/// spread out once. `moved` is on its way, and in nobody's way.
async fn find_room(
    db: &mut PgConnection,
    id: PlaylistId,
    place: Place,
    moved: Option<EntryId>,
    n: i64,
) -> Result<(i64, i64)> {
    let gap = find_gap(db, id, place, moved).await?;
    if let Some(room) = room_in(gap, n) {
        return Ok(room);
    }
    store::spread(db, id, GAP).await?;
    let gap = find_gap(db, id, place, moved).await?;
    room_in(gap, n).ok_or_else(|| anyhow::anyhow!("no room in playlist {id}").into())
}

async fn find_gap(
    db: &mut PgConnection,
    id: PlaylistId,
    place: Place,
    moved: Option<EntryId>,
) -> Result<Gap> {
    match place {
        Place::Start => Ok(Gap { before: None, after: store::find_first(db, id, moved).await? }),
        Place::End => Ok(Gap { before: store::find_last(db, id, moved).await?, after: None }),
        Place::After(entry) => {
            store::find_gap_after(db, id, entry, moved).await?.ok_or(Error::NotFound("entry"))
        }
    }
}

/// The first place and the step for `n` entries in a gap; none where it is too narrow.
fn room_in(gap: Gap, n: i64) -> Option<(i64, i64)> {
    match (gap.before, gap.after) {
        (None, None) => Some((GAP, GAP)),
        (Some(before), None) => Some((before + GAP, GAP)),
        (None, Some(after)) => Some((after - n * GAP, GAP)),
        (Some(before), Some(after)) => {
            let step = (after - before) / (n + 1);
            (step > 0).then_some((before + step, step))
        }
    }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let is_name = (1..=MAX_NAME).contains(&name.chars().count()) && !name.contains('\0');
    if is_name {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid("name", format!("a name has 1 to {MAX_NAME} letters")))
    }
}

fn checked_overview(text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.chars().count() > MAX_OVERVIEW || text.contains('\0') {
        return Err(Error::invalid("overview", format!("at most {MAX_OVERVIEW} letters")));
    }
    Ok(Some(text).filter(|it| !it.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_spread_over_the_gap_that_they_go_into() {
        let check = |before, after, n, expect| {
            assert_eq!(room_in(Gap { before, after }, n), expect, "{before:?} {after:?} {n}");
        };
        check(None, None, 3, Some((GAP, GAP)));
        check(Some(5), None, 3, Some((5 + GAP, GAP)));
        check(None, Some(5), 2, Some((5 - 2 * GAP, GAP)));
        check(Some(0), Some(10), 1, Some((5, 5)));
        check(Some(0), Some(10), 4, Some((2, 2)));
        check(Some(-4), Some(4), 3, Some((-2, 2)));
        check(Some(0), Some(10), 10, None);
        check(Some(7), Some(8), 1, None);
    }
}
