//! What a walk found, held against what the database knows: unchanged, changed, new, moved, vanished. Pure.

use std::collections::{HashMap, HashSet};

use kernel::id::FileId;

use super::walk::{Found, Stamp};

/// A file row as the last scan left it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its row.
    pub id: FileId,
    /// Relative path.
    pub path: String,
    /// As it was when it was read.
    pub stamp: Stamp,
    /// Hash of size, head and tail, where it could be read.
    pub fingerprint: Option<i64>,
    /// What it was taken for; see `file.placement`.
    pub placement: Option<i64>,
    /// Whether the last scan missed it.
    pub is_missing: bool,
}

/// A file that is there, with its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What the walk saw.
    pub found: Found,
    /// The row it has or shall have.
    pub id: FileId,
    /// What must be done with it.
    pub state: State,
    /// See [`Known::placement`]; `None` for new and moved files.
    pub placement: Option<i64>,
}

/// What became of a file since the last scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as it was.
    Same,
    /// It was missing, and is there again as it was.
    Returned,
    /// Other content under the same path.
    Changed,
    /// The same content under another path.
    Moved,
    /// Never seen.
    New,
}

impl State {
    /// Whether its content must be read.
    pub fn must_read(self) -> bool {
        matches!(self, Self::New | Self::Changed)
    }
}

/// A walk held against the database.
#[derive(Debug, Default)]
pub struct Comparison {
    /// All files that are there, in the order of their paths.
    pub entries: Vec<Entry>,
    /// Rows whose file is gone and that were not missed before, with their paths.
    pub vanished: Vec<(FileId, String)>,
}

/// Compares. `fingerprint` reads a new file of a size that some vanished file had; `next_id` makes ids.
pub fn compare(
    found: Vec<Found>,
    known: &[Known],
    mut fingerprint: impl FnMut(&Found) -> Option<i64>,
    mut next_id: impl FnMut() -> FileId,
) -> Comparison {
    let here: HashMap<&str, &Stamp> =
        found.iter().map(|it| (it.path.as_str(), &it.stamp)).collect();
    let homeless = Homeless::of(known, &here);
    let mut moved = HashSet::new();
    let mut origins: HashMap<&str, &Known> = HashMap::new();
    let by_path: HashMap<&str, &Known> = known.iter().map(|it| (it.path.as_str(), it)).collect();
    for file in &found {
        if by_path.get(file.path.as_str()).is_some_and(|it| same_content(&it.stamp, &file.stamp)) {
            continue;
        }
        // A path that is known keeps its row unless that row's content went elsewhere: a film replaced in place by a better
        // copy is the same film.
        if by_path.contains_key(file.path.as_str()) && !homeless.left(file) {
            continue;
        }
        if let Some(origin) = homeless.origin(file, &moved, &mut fingerprint) {
            moved.insert(origin.id);
            origins.insert(&file.path, origin);
        }
    }
    let mut entries = Vec::with_capacity(found.len());
    let mut kept = HashSet::new();
    let resolved: Vec<(FileId, State, Option<i64>)> = found
        .iter()
        .map(|file| {
            if let Some(origin) = origins.get(file.path.as_str()) {
                return (origin.id, State::Moved, None);
            }
            match by_path.get(file.path.as_str()) {
                Some(row) if !moved.contains(&row.id) => {
                    kept.insert(row.id);
                    (row.id, state(row, file), row.placement)
                }
                _ => (next_id(), State::New, None),
            }
        })
        .collect();
    let vanished = known
        .iter()
        .filter(|it| !it.is_missing && !kept.contains(&it.id) && !moved.contains(&it.id))
        .map(|it| (it.id, it.path.clone()))
        .collect();
    drop(here);
    drop(origins);
    for (found, (id, state, placement)) in found.into_iter().zip(resolved) {
        entries.push(Entry { found, id, state, placement });
    }
    Comparison { entries, vanished }
}

fn state(row: &Known, file: &Found) -> State {
    match (same_content(&row.stamp, &file.stamp), row.is_missing) {
        (false, _) => State::Changed,
        (true, true) => State::Returned,
        (true, false) => State::Same,
    }
}

/// The device is left out: a disk that is plugged in again, or a container started again, often gets another number.
fn same_content(left: &Stamp, right: &Stamp) -> bool {
    (left.size_bytes, left.modified_ns, left.inode)
        == (right.size_bytes, right.modified_ns, right.inode)
}

/// Rows whose path no longer holds their content.
struct Homeless<'a> {
    by_inode: HashMap<(i64, i64), &'a Known>,
    by_size: HashMap<i64, Vec<&'a Known>>,
    paths: HashSet<&'a str>,
}

impl<'a> Homeless<'a> {
    fn of(known: &'a [Known], here: &HashMap<&str, &Stamp>) -> Self {
        let mut homeless =
            Self { by_inode: HashMap::new(), by_size: HashMap::new(), paths: HashSet::new() };
        for row in known {
            let is_home = here.get(row.path.as_str()).is_some_and(|stamp| {
                stamp.inode == row.stamp.inode || stamp.size_bytes == row.stamp.size_bytes
            });
            if !is_home {
                homeless.by_inode.insert((row.stamp.inode, row.stamp.size_bytes), row);
                homeless.by_size.entry(row.stamp.size_bytes).or_default().push(row);
                homeless.paths.insert(&row.path);
            }
        }
        homeless
    }

    /// Whether the row at the path of `file` may have gone elsewhere.
    fn left(&self, file: &Found) -> bool {
        self.paths.contains(file.path.as_str())
    }

    /// The row whose content `file` holds now: same inode, size and time, else same fingerprint.
    fn origin(
        &self,
        file: &Found,
        taken: &HashSet<FileId>,
        fingerprint: &mut impl FnMut(&Found) -> Option<i64>,
    ) -> Option<&'a Known> {
        let by_inode = self.by_inode.get(&(file.stamp.inode, file.stamp.size_bytes)).copied();
        if let Some(row) = by_inode
            && row.stamp.modified_ns == file.stamp.modified_ns
            && !taken.contains(&row.id)
        {
            return Some(row);
        }
        let mut alike = self
            .by_size
            .get(&file.stamp.size_bytes)?
            .iter()
            .filter(|it| it.fingerprint.is_some() && !taken.contains(&it.id))
            .peekable();
        alike.peek()?;
        let print = fingerprint(file)?;
        alike.find(|it| it.fingerprint == Some(print)).copied()
    }
}

#[cfg(test)]
mod tests;
