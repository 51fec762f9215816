//! What administrators change about items, and how they take it back.

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use metadata::{Credit, Facts, Role};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::field::{self, LISTS, Values};
use super::history::{self, Change};
use super::store::{self, EditRow, EditableRow};
use super::{EditView, ItemPatch};
use crate::describe::LibraryMetadata;
use crate::describe::remake::{remake, write_credits};
use crate::describe::source::ordering;
use crate::describe::store::due::Match;
use crate::describe::store::{out, setting};
use crate::item::ItemDetail;
use crate::review::find_top;
use crate::{Catalog, Describe, cursor};

/// The field under which what an item is stands in the history.
const MATCH: &str = "match";
/// The field under which splitting and merging stand in the history.
pub(super) const FILES: &str = "files";

impl Catalog {
    /// Changes an item; what is changed is locked.
    pub async fn update_item(
        &self,
        viewer: &Viewer,
        id: ItemId,
        patch: &ItemPatch,
    ) -> Result<ItemDetail> {
        viewer.require(Permission::EditMetadata)?;
        let entered = field::changes(patch)?;
        let locked = patch.locked.as_deref().map(field::checked_locked).transpose()?;
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let item = store::lock_editable(&mut tx, &viewer.scope, id).await?;
        let item = item.ok_or(Error::NotFound("item"))?;
        let mut touched = vec![id.0];
        if let Some(order) = &patch.episode_order {
            touched.extend(self.set_order(&mut tx, &item, order).await?);
        }
        let plan = plan(&item, entered, locked.as_deref());
        write(&mut tx, &item, &plan, now).await?;
        let reordered = patch.episode_order.is_some();
        if plan.leaves_open(&item) || reordered {
            remake(&mut tx, &self.sources, &touched, now).await?;
        }
        let changes = self.noted(&mut tx, viewer, &item, &plan).await?;
        history::insert_edits(&mut tx, viewer.person_id, id, &changes, now).await?;
        if !changes.is_empty() || reordered {
            out::note_change(&mut tx, item.library_id, &touched).await?;
            self.write_down(&mut tx, viewer, &item).await?;
        }
        tx.commit().await?;
        drop(db);
        self.announce_library(item.library_id).await;
        self.find_item(viewer, id).await
    }

    /// Has the NFO files of an item written, where its library wants them.
    async fn write_down(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        item: &EditableRow,
    ) -> Result<()> {
        let settings = setting::find_library_settings(db, &viewer.scope, item.library_id).await?;
        if settings.is_some_and(|it| LibraryMetadata::of(&it).write_nfo) {
            (self.enqueue_describe)(db, Describe::Nfo(item.root_id)).await?;
        }
        Ok(())
    }

    /// Says how the numbers of a series' files count; gives the items that are described anew by it.
    async fn set_order(
        &self,
        db: &mut PgConnection,
        item: &EditableRow,
        order: &str,
    ) -> Result<Vec<Uuid>> {
        if ordering(order).is_none() {
            let known = "aired, dvd, absolute, story, alternate";
            return Err(Error::invalid("episode_order", format!("one of {known}")));
        }
        if item.id != item.root_id || !item.is_group {
            return Err(Error::invalid("episode_order", "only a series has an order of episodes"));
        }
        store::update_episode_order(db, item.id, order).await?;
        out::list_tree_unscoped(db, item.id).await
    }

    /// What to note of what was done: what stands in the fields now, whoever wrote it.
    async fn noted(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        item: &EditableRow,
        plan: &Plan,
    ) -> Result<Vec<Change>> {
        let after = store::lock_editable(db, &viewer.scope, item.id).await?;
        let after = after.ok_or(Error::NotFound("item"))?.values;
        let changed = field::LOCKABLE.into_iter().filter(|field| plan.touches(item, field));
        let changes = changed.map(|field| Change {
            field,
            before: item.values.get(field),
            after: after.get(field),
            was_locked: item.locked.iter().any(|it| it == field),
            is_locked: plan.locked.iter().any(|it| it == field),
        });
        Ok(changes.collect())
    }

    /// What people changed about an item, the newest first.
    pub async fn list_edits(
        &self,
        viewer: &Viewer,
        id: ItemId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<EditView>> {
        viewer.require(Permission::EditMetadata)?;
        let after: Option<Uuid> = cursor.map(cursor::decode).transpose()?;
        let mut db = self.connection().await?;
        crate::review::find_top(&mut db, viewer, id).await?;
        let rows = store::list_edits(&mut db, &viewer.scope, id, after, limit).await?;
        Ok(Page::of(rows, limit, |it| it.id).map(view))
    }

    /// Takes a change back: what was there before is there again, locked as it was.
    pub async fn undo_edit(&self, viewer: &Viewer, id: ItemId, edit: Uuid) -> Result<ItemDetail> {
        viewer.require(Permission::EditMetadata)?;
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let item = store::lock_editable(&mut tx, &viewer.scope, id).await?;
        let item = item.ok_or(Error::NotFound("item"))?;
        let found = store::find_edit(&mut tx, &viewer.scope, id, edit).await?;
        let found = found.ok_or(Error::NotFound("edit"))?;
        if found.undone_at.is_some() {
            return Err(Error::conflict("item.edit_undone", "this was undone already"));
        }
        if !found.is_last || found.field == FILES {
            return Err(Error::conflict(
                "item.edit_not_last",
                "only the last change of a field can be undone; splitting and merging are undone by the other",
            ));
        }
        store::mark_undone(&mut tx, edit, viewer.person_id, now).await?;
        if found.field == MATCH {
            tx.commit().await?;
            self.undo_match(&mut db, viewer, id, &found).await?;
        } else {
            self.restore(&mut tx, &item, &found, now).await?;
            self.write_down(&mut tx, viewer, &item).await?;
            tx.commit().await?;
            self.announce_library(item.library_id).await;
        }
        drop(db);
        self.find_item(viewer, id).await
    }

    async fn restore(
        &self,
        db: &mut PgConnection,
        item: &EditableRow,
        edit: &EditRow,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let field = field::LOCKABLE.into_iter().find(|it| *it == edit.field);
        let field = field.ok_or(Error::NotFound("edit"))?;
        let mut locked: Vec<String> =
            item.locked.iter().filter(|it| *it != field).cloned().collect();
        if edit.was_locked {
            locked.push(field.to_owned());
        }
        let mut values = item.values.clone();
        values.set(field, edit.before.clone());
        if field == "title" && !item.locked.iter().any(|it| it == "sort_title") {
            values.sort_title = naming::sort_title(&values.title);
        }
        let plan = Plan { values, locked, edited: vec![field] };
        write(db, item, &plan, now).await?;
        if !edit.was_locked {
            remake(db, &self.sources, &[item.id.0], now).await?;
        }
        out::note_change(db, item.library_id, &[item.id.0]).await
    }

    async fn undo_match(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        id: ItemId,
        edit: &EditRow,
    ) -> Result<()> {
        let text = |field: &str| edit.before.get(field).and_then(Value::as_str);
        let is_fixed = edit.before.get("is_fixed").and_then(Value::as_bool).unwrap_or(false);
        let before = Match { provider: text("provider"), provider_id: text("id"), is_fixed };
        let state = find_top(db, viewer, id).await?;
        // What was found without a person is found again.
        self.decide(db, viewer, &state, Some(&before).filter(|_| is_fixed)).await?;
        Ok(())
    }
}

/// What an item's fields shall be.
struct Plan {
    values: Values,
    locked: Vec<String>,
    /// The fields that were entered.
    edited: Vec<&'static str>,
}

impl Plan {
    /// Whether some field is not locked that was, or was entered without being: what sources say of it is to be written.
    fn leaves_open(&self, item: &EditableRow) -> bool {
        let is_locked = |field: &str| self.locked.iter().any(|it| it == field);
        item.locked.iter().any(|it| !is_locked(it)) || self.edited.iter().any(|it| !is_locked(it))
    }

    /// Whether the value or the lock of `field` changes.
    fn touches(&self, item: &EditableRow, field: &str) -> bool {
        let was_locked = item.locked.iter().any(|it| it == field);
        let is_locked = self.locked.iter().any(|it| it == field);
        let is_edited = self.edited.contains(&field);
        was_locked != is_locked || is_edited && self.values.get(field) != item.values.get(field)
    }
}

fn plan(
    item: &EditableRow,
    entered: Vec<(&'static str, Value)>,
    locked: Option<&[&'static str]>,
) -> Plan {
    let mut values = item.values.clone();
    let edited: Vec<&'static str> = entered.iter().map(|(field, _)| *field).collect();
    for (field, value) in entered {
        if field == "sort_title" {
            let text = value.as_str().map(naming::sort_title);
            let text = text.unwrap_or_else(|| naming::sort_title(&values.title));
            values.set(field, json!(text));
            continue;
        }
        values.set(field, value);
        // A title sorts itself, unless a person said by what it is sorted.
        let keeps =
            item.locked.iter().any(|it| it == "sort_title") || edited.contains(&"sort_title");
        if field == "title" && !keeps {
            values.sort_title = naming::sort_title(&values.title);
        }
    }
    let mut now_locked: Vec<String> = match locked {
        Some(locked) => locked.iter().map(|it| (*it).to_owned()).collect(),
        None => item.locked.clone(),
    };
    // What was entered is locked, unless the same request says that it is not.
    if locked.is_none() {
        now_locked.extend(edited.iter().map(|it| (*it).to_owned()));
    }
    now_locked.sort_unstable();
    now_locked.dedup();
    Plan { values, locked: now_locked, edited }
}

/// Writes the planned fields and locks.
async fn write(
    db: &mut PgConnection,
    item: &EditableRow,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<()> {
    if plan.edited.contains(&"credits") {
        // Written as sources' are, so unlocked for the moment.
        store::update_locked(db, item.id, &[]).await?;
        let credits = [(item.id, plan.values.named_credits())];
        write_credits(db, &[item.id.0], &credits).await?;
    }
    for (field, kind) in LISTS {
        if plan.edited.contains(&field) {
            let rows = plan.values.labels(item.id, field, kind);
            store::replace_labels(db, item.id, kind, &rows).await?;
        }
    }
    store::update_values(db, item.id, &plan.values, &plan.locked, now).await
}

fn view(row: EditRow) -> EditView {
    EditView {
        can_undo: row.is_last && row.field != FILES,
        id: row.id,
        person_id: row.person_id,
        edited_at: row.edited_at,
        field: row.field,
        before: row.before,
        after: row.after,
        was_locked: row.was_locked,
        is_locked: row.is_locked,
        undone_at: row.undone_at,
    }
}

/// Puts what people once edited about items that were just made into them again, locked as it was.
pub(crate) async fn adopt(db: &mut PgConnection, items: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let mut edits = store::adopt(db, items).await?.into_iter().peekable();
    while let Some((id, field, value)) = edits.next() {
        let mut fields = vec![(field, value)];
        while let Some((_, field, value)) = edits.next_if(|it| it.0 == id) {
            fields.push((field, value));
        }
        let scope = store::scope_of_unscoped(db, id).await?;
        let Some(item) = store::lock_editable(db, &scope, id).await? else { continue };
        let mut values = item.values.clone();
        let mut edited = Vec::new();
        for (field, value) in fields {
            if let Some(field) = field::LOCKABLE.into_iter().find(|it| **it == field) {
                values.set(field, value);
                edited.push(field);
            }
        }
        let locked = edited.iter().map(|it| (*it).to_owned()).collect();
        write(db, &item, &Plan { values, locked, edited }, now).await?;
    }
    Ok(())
}

/// Puts what a person edited about an item over what sources say of it.
pub(crate) async fn overlay(db: &mut PgConnection, item: ItemId, facts: &mut Facts) -> Result<()> {
    let scope = store::scope_of_unscoped(db, item).await?;
    let Some(row) = store::lock_editable(db, &scope, item).await? else { return Ok(()) };
    let values = row.values;
    for field in &row.locked {
        match field.as_str() {
            "title" => facts.title = Some(values.title.clone()),
            "sort_title" => facts.sort_title = Some(values.sort_title.clone()),
            "original_title" => facts.original_title.clone_from(&values.original_title),
            "tagline" => facts.tagline.clone_from(&values.tagline),
            "overview" => facts.overview.clone_from(&values.overview),
            "year" => facts.year = values.year,
            "released_on" => facts.released_on = values.released_on,
            "rating" => facts.rating = values.rating,
            "content_rating" => facts.content_rating.clone_from(&values.content_rating),
            "genres" => facts.genres.clone_from(&values.genres),
            "tags" => facts.tags.clone_from(&values.tags),
            "studios" => facts.studios.clone_from(&values.studios),
            "networks" => facts.networks.clone_from(&values.networks),
            "countries" => facts.countries.clone_from(&values.countries),
            "credits" => {
                let credits = values.credits.iter().filter_map(|it| {
                    let credit = Credit::new(it.name.clone(), Role::of(&it.role)?);
                    Some(Credit { character: it.character.clone(), ..credit })
                });
                facts.credits = credits.collect();
            }
            _ => {}
        }
    }
    Ok(())
}
