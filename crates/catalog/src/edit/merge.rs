//! Making one item of several.

use std::collections::HashMap;

use kernel::id::ItemId;
use kernel::{Error, Permission, Result, Viewer};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::Merge;
use super::history::{self, Change};
use super::service::FILES;
use super::split::{MAX_FILES, ids, rename_keys, stem};
use super::store::{self, DecisionRow, MoveRow, PartMove, PartRow, TreeRow};
use crate::Catalog;
use crate::describe::remake::remake;
use crate::item::ItemDetail;
use crate::personal;
use crate::scan::settle;

/// Items that become one at once.
const MAX_ITEMS: usize = 50;

impl Catalog {
    /// Makes one item of several; the first one stays. They stay one, whatever their files are called.
    pub async fn merge_items(&self, viewer: &Viewer, merge: &Merge) -> Result<ItemDetail> {
        viewer.require(Permission::EditMetadata)?;
        let [into, rest @ ..] = merge.item_ids.as_slice() else {
            return Err(Error::invalid("item_ids", "two items at least"));
        };
        let is_twice = |(place, id): (usize, &ItemId)| merge.item_ids[..place].contains(id);
        if rest.is_empty()
            || rest.len() > MAX_ITEMS
            || merge.item_ids.iter().enumerate().any(is_twice)
        {
            return Err(Error::invalid("item_ids", format!("2 to {MAX_ITEMS} different items")));
        }
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let roots: Vec<Uuid> = merge.item_ids.iter().map(|it| it.0).collect();
        let trees = store::lock_trees(&mut tx, &viewer.scope, &roots).await?;
        let root_of = |id: &ItemId| trees.iter().find(|it| it.id == *id);
        let target = root_of(into).ok_or(Error::NotFound("item"))?.clone();
        for id in &merge.item_ids {
            let item = root_of(id).ok_or(Error::NotFound("item"))?;
            let is_alike = item.kind == target.kind && item.library_id == target.library_id;
            if !item.is_top || !is_alike {
                return Err(Error::invalid(
                    "item_ids",
                    "only films, or only series, of one library can be one",
                ));
            }
        }
        let parts = store::list_parts_unscoped(&mut tx, &ids(&trees)).await?;
        if parts.len() > MAX_FILES * 4 {
            return Err(Error::invalid("item_ids", "these have too many files to be one"));
        }
        let mut merged = Merging::new(&target, &trees, &parts);
        for id in rest {
            merged.add(*id);
        }
        self.write_merged(&mut tx, viewer, &merged, now).await?;
        for id in rest {
            let identity = &root_of(id).ok_or(Error::NotFound("item"))?.identity;
            store::redirect_decisions(&mut tx, target.library_id, identity, &target.identity)
                .await?;
        }
        let change = Change {
            field: FILES,
            before: json!(null),
            after: json!({ "merged": rest }),
            was_locked: false,
            is_locked: false,
        };
        history::insert_edits(&mut tx, viewer.person_id, target.id, &[change], now).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(target.library_id).await;
        self.find_item(viewer, target.id).await
    }

    async fn write_merged(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        merged: &Merging<'_>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<()> {
        store::move_items(db, &merged.moves).await?;
        store::move_parts(db, &merged.moved_parts).await?;
        let (from, to): (Vec<Uuid>, Vec<Uuid>) =
            merged.gone.iter().map(|(from, to)| (from.0, to.0)).unzip();
        let moved: Vec<Uuid> = merged.moves.iter().map(|it| it.id.0).collect();
        rename_keys(db, &moved).await?;
        personal::carry_over(db, &from, &to).await?;
        store::upsert_decisions(db, viewer.person_id, &merged.decisions, now).await?;
        store::delete_merged(db, &from, &to).await?;
        let tree = crate::describe::store::out::list_tree_unscoped(db, merged.target.id).await?;
        settle(db, merged.target.library_id, &tree, now).await?;
        remake(db, &self.sources, &tree, now).await
    }
}

/// What is to be written.
struct Merging<'a> {
    target: &'a TreeRow,
    trees: &'a [TreeRow],
    parts: &'a [PartRow],
    /// What is below the target, by what follows its identity; grows.
    known: HashMap<String, ItemId>,
    moves: Vec<MoveRow>,
    moved_parts: Vec<PartMove>,
    decisions: Vec<DecisionRow>,
    /// Items that go, with those that they go into.
    gone: Vec<(ItemId, ItemId)>,
}

impl<'a> Merging<'a> {
    fn new(target: &'a TreeRow, trees: &'a [TreeRow], parts: &'a [PartRow]) -> Self {
        let known = trees
            .iter()
            .filter(|it| it.root_id == target.id)
            .map(|it| (rest(&it.identity, &target.identity), it.id))
            .collect();
        Self {
            target,
            trees,
            parts,
            known,
            moves: Vec::new(),
            moved_parts: Vec::new(),
            decisions: Vec::new(),
            gone: Vec::new(),
        }
    }

    fn add(&mut self, root: ItemId) {
        let trees = self.trees;
        let Some(root) = trees.iter().find(|it| it.id == root) else { return };
        // Roots first, then groups, then leaves: what is above is known when what is below comes.
        for item in trees.iter().filter(|it| it.root_id == root.id) {
            let below = rest(&item.identity, &root.identity);
            if let Some(same) = self.known.get(&below).copied() {
                self.join(item, same);
            } else {
                let parent = item.parent_id.and_then(|it| trees.iter().find(|row| row.id == it));
                let parent = parent.map(|it| rest(&it.identity, &root.identity));
                let parent = parent.and_then(|it| self.known.get(&it).copied());
                self.moves.push(MoveRow {
                    id: item.id,
                    parent_id: Some(parent.unwrap_or(self.target.id)),
                    root_id: self.target.id,
                    identity: format!("{}{below}", self.target.identity),
                });
                self.decide(item, item.id, false);
                self.known.insert(below, item.id);
            }
        }
    }

    fn join(&mut self, item: &TreeRow, same: ItemId) {
        self.gone.push((item.id, same));
        self.decide(item, same, true);
    }

    /// Keeps the files of `item` with `to`; beside others a file needs a name of its own to be chosen by.
    fn decide(&mut self, item: &TreeRow, to: ItemId, is_beside_others: bool) {
        for part in self.parts.iter().filter(|it| it.item_id == item.id) {
            let is_main = part.role == "main";
            let version = match &part.version {
                None if is_main && is_beside_others => Some(name(&part.path).to_owned()),
                version => version.clone(),
            };
            self.moved_parts.push(PartMove {
                file_id: part.file_id,
                from: item.id,
                to,
                version: version.clone(),
            });
            if is_main {
                self.decisions.push(DecisionRow {
                    file_id: part.file_id,
                    folder_id: part.folder_id,
                    path: part.path.clone(),
                    identity: self.target.identity.clone(),
                    is_whole: true,
                    version: version.filter(|_| is_beside_others),
                });
            }
        }
    }
}

/// What follows the root's identity in that of an item below it.
fn rest(identity: &str, root: &str) -> String {
    identity.strip_prefix(root).map_or_else(|| format!("|{identity}"), str::to_owned)
}

fn name(path: &str) -> &str {
    let stem = stem(path);
    stem.rsplit_once('/').map_or(stem, |(_, name)| name)
}
