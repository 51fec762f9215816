//! Taking files out of an item.

use std::collections::{HashMap, HashSet};

use kernel::id::{FileId, ItemId};
use kernel::{Error, Permission, Result, Viewer};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::history::{self, Change};
use super::service::FILES;
use super::store::{self, CopyRow, DecisionRow, MoveRow, PartMove, PartRow, TreeRow};
use super::{Split, SplitFile, SplitFiles};
use crate::describe::remake::remake;
use crate::describe::store::{due, out};
use crate::review::find_top;
use crate::scan::{self, settle};
use crate::{Catalog, Describe};

/// Files that are moved at once: a whole long series. A list of files is as long as its item.
pub(super) const MAX_FILES: usize = 5000;

impl Catalog {
    /// The files that an item can be split by: of an episode, those of its whole series.
    pub async fn list_split_files(&self, viewer: &Viewer, id: ItemId) -> Result<SplitFiles> {
        viewer.require(Permission::EditMetadata)?;
        let mut db = self.connection().await?;
        let root = find_top(&mut db, viewer, id).await?.id;
        let tree = out::list_tree_unscoped(&mut db, root).await?;
        let parts = store::list_parts_unscoped(&mut db, &tree).await?;
        let mains = parts.into_iter().filter(|it| it.role == "main");
        let mut files: Vec<SplitFile> =
            mains.map(|it| SplitFile { id: it.file_id, path: it.path }).collect();
        files.sort_by(|one, other| (&one.path, one.id.0).cmp(&(&other.path, other.id.0)));
        Ok(SplitFiles { files })
    }

    /// Makes some of an item's files one of their own. It stays one, whatever their names say.
    pub async fn split_item(&self, viewer: &Viewer, id: ItemId, split: &Split) -> Result<ItemId> {
        viewer.require(Permission::EditMetadata)?;
        let wanted: HashSet<FileId> = split.file_ids.iter().copied().collect();
        if wanted.is_empty() || wanted.len() > MAX_FILES {
            return Err(Error::invalid("file_ids", format!("1 to {MAX_FILES} files")));
        }
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let root = find_top(&mut tx, viewer, id).await?.id;
        let tree = store::lock_trees(&mut tx, &viewer.scope, &[root.0]).await?;
        let parts = store::list_parts_unscoped(&mut tx, &ids(&tree)).await?;
        let mains: Vec<&PartRow> = parts.iter().filter(|it| it.role == "main").collect();
        let here: HashSet<FileId> = mains.iter().map(|it| it.file_id).collect();
        if !wanted.is_subset(&here) {
            return Err(Error::invalid("file_ids", "only files that play in this item"));
        }
        if here.is_subset(&wanted) {
            return Err(Error::invalid("file_ids", "some file must stay"));
        }
        let new_root: ItemId = self.ids.next();
        let plan = Plan::of(&tree, &parts, &wanted, new_root, &mut || self.ids.next());
        let old = tree.first().ok_or(Error::NotFound("item"))?;
        store::insert_copies(&mut tx, &plan.copies, now).await?;
        store::move_items(&mut tx, &plan.moves).await?;
        store::move_parts(&mut tx, &plan.parts).await?;
        let decisions: Vec<DecisionRow> = mains
            .iter()
            .filter(|it| wanted.contains(&it.file_id))
            .map(|it| DecisionRow {
                file_id: it.file_id,
                folder_id: it.folder_id,
                path: it.path.clone(),
                identity: plan.identity.clone(),
                is_whole: false,
                version: it.version.clone(),
            })
            .collect();
        store::upsert_decisions(&mut tx, viewer.person_id, &decisions, now).await?;
        let moved: Vec<Uuid> = plan.moves.iter().map(|it| it.id.0).collect();
        rename_keys(&mut tx, &moved).await?;
        let changed: Vec<Uuid> =
            ids(&tree).into_iter().chain(plan.copies.iter().map(|it| it.id.0)).collect();
        settle(&mut tx, old.library_id, &changed, now).await?;
        remake(&mut tx, &self.sources, &changed, now).await?;
        due::update_due(&mut tx, &[new_root.0], Some(now)).await?;
        let files = json!(decisions.iter().map(|it| it.file_id).collect::<Vec<_>>());
        for (item, before, after) in [
            (root, json!({ "files": files }), json!({ "split_off": new_root })),
            (new_root, json!({ "split_from": root }), json!({ "files": files })),
        ] {
            let change =
                Change { field: FILES, before, after, was_locked: false, is_locked: false };
            history::insert_edits(&mut tx, viewer.person_id, item, &[change], now).await?;
        }
        if !self.sources.providers().lineup(&[]).is_empty() {
            (self.enqueue_describe)(&mut tx, Describe::Item(new_root)).await?;
        }
        tx.commit().await?;
        drop(db);
        self.announce_library(old.library_id).await;
        Ok(new_root)
    }
}

/// Ids of a tree's rows.
pub(super) fn ids(tree: &[TreeRow]) -> Vec<Uuid> {
    tree.iter().map(|it| it.id.0).collect()
}

/// What people made and decided of items that have another identity now stays under it.
pub(super) async fn rename_keys(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    scan::rename_keys(db, items).await?;
    due::rename_keys(db, items).await
}

/// What is to be written.
struct Plan {
    identity: String,
    copies: Vec<CopyRow>,
    moves: Vec<MoveRow>,
    parts: Vec<PartMove>,
}

impl Plan {
    fn of(
        tree: &[TreeRow],
        parts: &[PartRow],
        wanted: &HashSet<FileId>,
        new_root: ItemId,
        next_id: &mut dyn FnMut() -> ItemId,
    ) -> Self {
        let root = &tree[0];
        let identity = format!("{}#{}", root.identity, &new_root.0.simple().to_string()[20..]);
        let below = |it: &TreeRow| {
            let rest = it.identity.strip_prefix(&root.identity).map(str::to_owned);
            format!("{identity}{}", rest.unwrap_or_else(|| format!("|{}", it.identity)))
        };
        let mut plan = Self {
            copies: vec![CopyRow {
                id: new_root,
                like: root.id,
                parent_id: None,
                root_id: new_root,
                identity: identity.clone(),
            }],
            moves: Vec::new(),
            parts: Vec::new(),
            identity: identity.clone(),
        };
        let mut places: HashMap<ItemId, ItemId> = HashMap::from([(root.id, new_root)]);
        for leaf in tree.iter().filter(|it| !it.is_group) {
            let own: Vec<&PartRow> = parts.iter().filter(|it| it.item_id == leaf.id).collect();
            let mains = || own.iter().filter(|it| it.role == "main");
            if !mains().any(|it| wanted.contains(&it.file_id)) {
                continue;
            }
            let is_whole = mains().all(|it| wanted.contains(&it.file_id)) && leaf.id != root.id;
            let parent = leaf.parent_id.map(|parent| {
                *places.entry(parent).or_insert_with(|| {
                    let id = next_id();
                    if let Some(like) = tree.iter().find(|it| it.id == parent) {
                        plan.copies.push(CopyRow {
                            id,
                            like: parent,
                            parent_id: Some(new_root),
                            root_id: new_root,
                            identity: below(like),
                        });
                    }
                    id
                })
            });
            if is_whole {
                // The episode itself goes, with all that people made of it.
                plan.moves.push(MoveRow {
                    id: leaf.id,
                    parent_id: parent,
                    root_id: new_root,
                    identity: below(leaf),
                });
                plan.parts.extend(own.iter().map(|it| PartMove {
                    file_id: it.file_id,
                    from: leaf.id,
                    to: leaf.id,
                    version: it.version.clone(),
                }));
                continue;
            }
            let to = if leaf.id == root.id { new_root } else { next_id() };
            if leaf.id != root.id {
                plan.copies.push(CopyRow {
                    id: to,
                    like: leaf.id,
                    parent_id: parent,
                    root_id: new_root,
                    identity: below(leaf),
                });
            }
            let stems: Vec<&str> = mains()
                .filter(|it| wanted.contains(&it.file_id))
                .map(|it| stem(&it.path))
                .collect();
            for part in own {
                let goes = if part.role == "main" {
                    wanted.contains(&part.file_id)
                } else {
                    stems.iter().any(|it| is_beside(&part.path, it))
                };
                if goes {
                    plan.parts.push(PartMove {
                        file_id: part.file_id,
                        from: leaf.id,
                        to,
                        version: part.version.clone(),
                    });
                }
            }
        }
        plan
    }
}

/// A path without what follows the last dot of its name.
pub(super) fn stem(path: &str) -> &str {
    let name_at = path.rfind('/').map_or(0, |it| it + 1);
    path[name_at..].rfind('.').map_or(path, |it| &path[..name_at + it])
}

/// Whether a file lies beside the one with this stem, called after it.
pub(super) fn is_beside(path: &str, stem: &str) -> bool {
    path.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['.', '-', ' ', '_']))
}
