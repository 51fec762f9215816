//! What a walk found, held against what the database knows: unchanged, changed, new, moved, vanished. Pure.
//!
//! Both lists are sorted by path and read side by side, so that a library in which nothing happened costs one pass.

use std::collections::HashMap;

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
    /// Hash of size, head, middle and tail, where it could be read.
    pub fingerprint: Option<i64>,
    /// What it was taken for; see `file.placement`.
    pub placement: Option<i64>,
    /// Whether the last scan missed it.
    pub is_missing: bool,
    /// Whether it must be read anew though it did not change: somebody asked to try again what could not be read.
    pub is_read_again: bool,
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
    /// Paths that moved rows had before.
    pub left: Vec<String>,
}

/// Compares what is there, sorted by path, with the rows in any order. `fingerprint` reads a new file of a size that some
/// vanished file had; `next_id` makes ids.
pub fn compare(
    found: Vec<Found>,
    mut known: Vec<Known>,
    mut fingerprint: impl FnMut(&Found) -> Option<i64>,
    mut next_id: impl FnMut() -> FileId,
) -> Comparison {
    known.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    let rows = pair(&found, &known);
    let is_seeking = |file: &Found, row: Option<usize>| {
        row.is_none_or(|it| !same_content(&known[it].stamp, &file.stamp))
    };
    let mut origins: HashMap<usize, usize> = HashMap::new();
    let mut is_moved = vec![false; known.len()];
    if found.iter().zip(&rows).any(|(file, row)| is_seeking(file, *row)) {
        let homeless = Homeless::of(&found, &rows, &known);
        for (position, (file, row)) in found.iter().zip(&rows).enumerate() {
            // A path that is known keeps its row unless that row's content went elsewhere: a film replaced in place by a
            // better copy is the same film.
            if !is_seeking(file, *row) || row.is_some_and(|it| !homeless.has_left[it]) {
                continue;
            }
            if let Some(origin) = homeless.origin(file, &is_moved, &mut fingerprint) {
                is_moved[origin] = true;
                origins.insert(position, origin);
            }
        }
    }
    let mut is_kept = is_moved.clone();
    let mut entries = Vec::with_capacity(found.len());
    for (position, (found, row)) in found.into_iter().zip(rows).enumerate() {
        let (id, state, placement) = match (origins.get(&position), row) {
            (Some(origin), _) => (known[*origin].id, State::Moved, None),
            (None, Some(row)) if !is_moved[row] => {
                is_kept[row] = true;
                let row = &known[row];
                (row.id, state(row, &found), row.placement)
            }
            _ => (next_id(), State::New, None),
        };
        entries.push(Entry { found, id, state, placement });
    }
    let left = origins.values().map(|it| known[*it].path.clone()).collect();
    let gone = known.into_iter().zip(is_kept).filter(|(row, is_kept)| !is_kept && !row.is_missing);
    Comparison { entries, vanished: gone.map(|(row, _)| (row.id, row.path)).collect(), left }
}

/// For each file the row that has its path.
fn pair(found: &[Found], known: &[Known]) -> Vec<Option<usize>> {
    let mut next = 0;
    let row = |file: &Found| {
        while known.get(next).is_some_and(|it| it.path < file.path) {
            next += 1;
        }
        known.get(next).filter(|it| it.path == file.path).map(|_| next)
    };
    found.iter().map(row).collect()
}

fn state(row: &Known, file: &Found) -> State {
    match (same_content(&row.stamp, &file.stamp) && !row.is_read_again, row.is_missing) {
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
    known: &'a [Known],
    has_left: Vec<bool>,
    by_inode: HashMap<(i64, i64), usize>,
    by_size: HashMap<i64, Vec<usize>>,
}

impl<'a> Homeless<'a> {
    fn of(found: &[Found], rows: &[Option<usize>], known: &'a [Known]) -> Self {
        let mut has_left = vec![true; known.len()];
        for (file, row) in found.iter().zip(rows) {
            if let Some(row) = *row {
                let (stamp, before) = (&file.stamp, &known[row].stamp);
                has_left[row] =
                    stamp.inode != before.inode && stamp.size_bytes != before.size_bytes;
            }
        }
        let (mut by_inode, mut by_size) = (HashMap::new(), HashMap::<i64, Vec<usize>>::new());
        for (row, stamp) in known.iter().map(|it| &it.stamp).enumerate() {
            if has_left[row] {
                by_inode.insert((stamp.inode, stamp.size_bytes), row);
                by_size.entry(stamp.size_bytes).or_default().push(row);
            }
        }
        Self { known, has_left, by_inode, by_size }
    }

    /// The row whose content `file` holds now: same inode, size and time, else same fingerprint.
    fn origin(
        &self,
        file: &Found,
        is_taken: &[bool],
        fingerprint: &mut impl FnMut(&Found) -> Option<i64>,
    ) -> Option<usize> {
        let by_inode = self.by_inode.get(&(file.stamp.inode, file.stamp.size_bytes)).copied();
        if let Some(row) = by_inode
            && self.known[row].stamp.modified_ns == file.stamp.modified_ns
            && !is_taken[row]
        {
            return Some(row);
        }
        let mut alike = self
            .by_size
            .get(&file.stamp.size_bytes)?
            .iter()
            .filter(|it| self.known[**it].fingerprint.is_some() && !is_taken[**it])
            .peekable();
        alike.peek()?;
        let print = fingerprint(file)?;
        alike.find(|it| self.known[**it].fingerprint == Some(print)).copied()
    }
}

#[cfg(test)]
mod tests;
