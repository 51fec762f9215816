//! New files that are old ones: moved here from another folder of the library, another library or another file system. They
//! are known by their inode or, copied, by their fingerprint, and only if they are no longer where they were.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use kernel::Result;
use kernel::id::LibraryId;
use naming::MediaClass;
use sqlx::PgConnection;
use uuid::Uuid;

use super::compare::{Entry, State};
use super::look::print;
use super::store::files::{Elsewhere, list_of_size_unscoped};
use super::walk::Found;
use crate::door::Door;
use crate::stored_path;

/// Rows looked at for one folder: a library that is moved as a whole is not larger.
const MAX_ROWS: i64 = 500_000;

/// For entries that are new, by position, the rows they were.
pub async fn find(
    db: &mut PgConnection,
    door: &Door,
    root: &Path,
    entries: &[Entry],
) -> Result<Vec<(usize, Elsewhere)>> {
    let is_sought = |it: &Entry| {
        it.state == State::New
            && it.found.stamp.size_bytes > 0
            && matches!(it.found.class, MediaClass::Video | MediaClass::Audio)
    };
    let sizes: BTreeSet<i64> =
        entries.iter().filter(|it| is_sought(it)).map(|it| it.found.stamp.size_bytes).collect();
    if sizes.is_empty() {
        return Ok(Vec::new());
    }
    let sizes: Vec<i64> = sizes.into_iter().collect();
    let mut by_size: HashMap<i64, Vec<Elsewhere>> = HashMap::new();
    for row in gone(door, list_of_size_unscoped(db, &sizes, MAX_ROWS).await?).await {
        by_size.entry(row.size_bytes).or_default().push(row);
    }
    let sought: Vec<(usize, Found)> = entries
        .iter()
        .enumerate()
        .filter(|(_, it)| is_sought(it) && by_size.contains_key(&it.found.stamp.size_bytes))
        .map(|(position, it)| (position, it.found.clone()))
        .collect();
    let root = root.to_owned();
    let found = tokio::task::spawn_blocking(move || pair(&root, sought, &by_size)).await;
    Ok(found.map_err(anyhow::Error::from)?)
}

/// The libraries that lose files.
pub fn libraries(origins: &[(usize, Elsewhere)]) -> BTreeSet<LibraryId> {
    origins.iter().map(|(_, it)| it.library_id).collect()
}

fn pair(
    root: &Path,
    sought: Vec<(usize, Found)>,
    by_size: &HashMap<i64, Vec<Elsewhere>>,
) -> Vec<(usize, Elsewhere)> {
    let mut taken: HashSet<Uuid> = HashSet::new();
    let mut pairs = Vec::new();
    for (position, found) in sought {
        let stamp = found.stamp;
        let Some(rows) = by_size.get(&stamp.size_bytes) else { continue };
        let free = |it: &&Elsewhere| !taken.contains(&it.id);
        let is_renamed =
            |it: &&Elsewhere| (it.inode, it.modified_ns) == (stamp.inode, stamp.modified_ns);
        let origin = rows.iter().filter(free).find(is_renamed).or_else(|| {
            rows.iter().find(free)?;
            let print = print(root, &found)?;
            rows.iter().filter(free).find(|it| it.fingerprint == print)
        });
        if let Some(origin) = origin {
            taken.insert(origin.id);
            pairs.push((position, origin.clone()));
        }
    }
    pairs
}

/// Those rows whose files are gone: missed already, or not where they were though the folder they were in is there with
/// something in it. Of a folder that does not answer, none is.
async fn gone(door: &Door, rows: Vec<Elsewhere>) -> Vec<Elsewhere> {
    let (mut gone, present): (Vec<_>, Vec<_>) = rows.into_iter().partition(|it| it.is_missing);
    let mut by_root: HashMap<String, Vec<Elsewhere>> = HashMap::new();
    for row in present {
        by_root.entry(row.root.clone()).or_default().push(row);
    }
    for (root, rows) in by_root {
        let root = stored_path::from_text(&root);
        let below = root.clone();
        let asked = door.ask(&root, move || {
            if !std::fs::read_dir(&below).is_ok_and(|mut it| it.next().is_some()) {
                return Vec::new();
            }
            let is_gone = |it: &Elsewhere| {
                let path = below.join(stored_path::from_text(&it.path));
                std::fs::symlink_metadata(path)
                    .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
            };
            rows.into_iter().filter(is_gone).collect()
        });
        gone.extend(asked.await.unwrap_or_default());
    }
    gone
}
