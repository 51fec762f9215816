//! Rows become cards: two statements a page, whatever its length.

use std::collections::HashMap;

use kernel::id::ItemId;
use kernel::{Area, Result, Viewer};
use sqlx::PgConnection;
use uuid::Uuid;

use super::store::{self, ImageRow, ItemRow, PersonalRow, SeenRow};
use super::{Form, ImageRef, ItemCard, SeriesRef};
use crate::Catalog;
use crate::personal::Progress;

/// The cards of `rows`, in their order.
pub(crate) async fn of_rows(
    db: &mut PgConnection,
    viewer: &Viewer,
    rows: Vec<ItemRow>,
) -> Result<Vec<ItemCard>> {
    let pictures = Pictures::of(db, viewer, &rows).await?;
    let own = Own::of(db, viewer, &rows).await?;
    Ok(own.cards(rows, &pictures))
}

/// The cards of `rows` with what `viewer` made of them.
pub(super) async fn for_viewer(
    catalog: &Catalog,
    viewer: &Viewer,
    rows: Vec<ItemRow>,
    pictures: &Pictures,
) -> Result<Vec<ItemCard>> {
    let asked = &rows;
    let own = catalog.reading(|mut db| async move { Own::of(&mut db, viewer, asked).await });
    Ok(own.await?.cards(rows, pictures))
}

/// What a person made of some items, and sees of groups.
struct Own {
    personal: HashMap<ItemId, PersonalRow>,
    /// Of groups what exists for the person, where that may be less than all.
    seen: Vec<SeenRow>,
}

impl Own {
    async fn of(db: &mut PgConnection, viewer: &Viewer, rows: &[ItemRow]) -> Result<Self> {
        let (scope, person) = (&viewer.scope, viewer.person_id);
        let ids: Vec<Uuid> = rows.iter().map(|it| it.id.0).collect();
        let personal = store::list_personal(db, scope, person, &ids).await?;
        let personal = personal.into_iter().map(|it| (it.item_id, it)).collect();
        let groups = rows.iter().filter(|it| it.form == Form::Group && scope.is_guarded());
        let groups: Vec<Uuid> = groups.map(|it| it.id.0).collect();
        let seen = if groups.is_empty() {
            Vec::new()
        } else {
            store::list_seen(db, scope, person, &groups).await?
        };
        Ok(Self { personal, seen })
    }

    fn cards(mut self, mut rows: Vec<ItemRow>, pictures: &Pictures) -> Vec<ItemCard> {
        for seen in self.seen {
            if let Some(row) = rows.iter_mut().find(|it| it.id == seen.id) {
                (row.child_count, row.leaf_count) = (seen.child_count, seen.leaf_count);
            }
            if let Some(own) = self.personal.get_mut(&seen.id) {
                own.played_count = own.played_count.map(|_| seen.played_count);
            }
        }
        let cards = rows.into_iter().map(|row| {
            let own = self.personal.remove(&row.id);
            card(row, own, pictures)
        });
        cards.collect()
    }
}

/// The cards of the items with these ids that exist for `viewer`, in the order of the ids.
pub(crate) async fn of_ids(
    db: &mut PgConnection,
    viewer: &Viewer,
    ids: &[ItemId],
) -> Result<Vec<ItemCard>> {
    let wanted: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
    let mut rows: HashMap<_, _> = store::list_items_by_id(db, &viewer.scope, &wanted)
        .await?
        .into_iter()
        .map(|it| (it.id, it))
        .collect();
    let rows = ids.iter().filter_map(|id| rows.remove(id)).collect();
    of_rows(db, viewer, rows).await
}

/// The pictures of a page's items and of the groups they are in.
pub(super) struct Pictures {
    area: Area,
    rows: HashMap<(ItemId, String), ImageRow>,
}

impl Pictures {
    pub(super) async fn of(
        db: &mut PgConnection,
        viewer: &Viewer,
        rows: &[ItemRow],
    ) -> Result<Self> {
        let mut ids: Vec<Uuid> = rows
            .iter()
            .flat_map(|it| [Some(it.id), it.parent_id, Some(it.root_id)])
            .flatten()
            .map(|it| it.0)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let images = store::list_images(db, &viewer.scope, &ids).await?;
        Ok(Self::of_images(viewer.area, images))
    }

    /// Of what [`Pictures::into_images`] gave.
    pub(super) fn of_images(area: Area, images: Vec<ImageRow>) -> Self {
        let rows = images.into_iter().map(|it| ((it.item_id, it.role.clone()), it)).collect();
        Self { area, rows }
    }

    pub(super) fn into_images(self) -> Vec<ImageRow> {
        self.rows.into_values().collect()
    }

    pub(super) fn find(&self, item: ItemId, role: &str) -> Option<ImageRef> {
        let row = self.rows.get(&(item, role.to_owned()))?;
        let size = (row.width, row.height);
        Some(ImageRef::of(self.area, row.id, size, row.blurhash.clone(), row.color.clone()))
    }

    /// The item's own, else that of the group it is in, else that of its root.
    fn inherited(&self, row: &ItemRow, role: &str) -> Option<ImageRef> {
        [Some(row.id), row.parent_id, Some(row.root_id)]
            .into_iter()
            .flatten()
            .find_map(|id| self.find(id, role))
    }

    /// The backdrop of an item or of the groups it is in.
    pub(super) fn backdrop(&self, row: &ItemRow) -> Option<ImageRef> {
        self.inherited(row, "backdrop")
    }
}

/// The card of a row as nobody has made anything of it.
pub(super) fn bare(row: ItemRow, pictures: &Pictures) -> ItemCard {
    card(row, None, pictures)
}

fn card(row: ItemRow, own: Option<PersonalRow>, pictures: &Pictures) -> ItemCard {
    let poster = pictures.inherited(&row, "poster");
    let thumb = pictures.find(row.id, "thumb").or_else(|| pictures.find(row.id, "backdrop"));
    let is_group = row.form == Form::Group;
    let is_root = row.id == row.root_id;
    // A group below a root carries its own number, a leaf that of its group beside it.
    let (season_number, episode_number) = match (is_root, is_group) {
        (true, _) => (None, None),
        (false, true) => (row.number, None),
        (false, false) => (row.parent_number, row.number),
    };
    let series = own
        .as_ref()
        .and_then(|it| it.series_title.clone())
        .map(|title| SeriesRef { id: row.root_id, title });
    let played_count = own.as_ref().and_then(|it| it.played_count).unwrap_or(0);
    let progress = own.as_ref().map_or_else(Progress::default, |it| {
        if is_group { of_group(it, row.leaf_count) } else { of_leaf(it) }
    });
    ItemCard {
        id: row.id,
        kind: row.kind,
        form: row.form,
        library_id: row.library_id,
        parent_id: row.parent_id,
        title: row.title,
        sort_title: row.sort_title,
        year: row.year,
        released_on: row.released_on,
        runtime_ms: row.runtime_ms,
        season_number,
        episode_number,
        episode_number_end: episode_number.and(row.number_end),
        series,
        poster,
        thumb,
        progress,
        is_favourite: own.is_some_and(|it| it.is_favourite),
        unplayed_count: is_group.then(|| (row.leaf_count - played_count).max(0)),
        child_count: is_group.then_some(row.child_count),
        added_at: row.added_at,
        is_missing: row.missing_since.is_some(),
    }
}

fn of_leaf(own: &PersonalRow) -> Progress {
    Progress {
        position_ms: own.position_ms.unwrap_or(0),
        duration_ms: own.duration_ms,
        is_played: own.is_played.unwrap_or(false),
        play_count: own.play_count.unwrap_or(0),
        last_played_at: own.last_played_at,
    }
}

fn of_group(own: &PersonalRow, leaf_count: i32) -> Progress {
    Progress {
        is_played: leaf_count > 0 && own.played_count.unwrap_or(0) >= leaf_count,
        last_played_at: own.group_last_played_at,
        ..Progress::default()
    }
}
