//! From files to units of work: what changed is arranged by its content kind, together with everything that lies beside it,
//! and what comes out as it was before is dropped. Pure.

use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

use kernel::id::FileId;
use xxhash_rust::xxh3::Xxh3Default;

use super::compare::{Entry, State};
use crate::kind::{Candidate, Kind, Listed};

/// Raise it when a change of the rules (of names or of a kind) should be seen in libraries that did not change.
pub const REVISION: i32 = 2;

/// Files that no item claims are written so many at a time.
const UNCLAIMED_AT_ONCE: usize = 200;

/// What is written in one piece: a topmost item with all below it and all their files, or files of no item.
#[derive(Debug)]
pub struct Unit {
    /// The item; its positions count in `files`.
    pub candidate: Option<Candidate>,
    /// The files.
    pub files: Vec<UnitFile>,
}

/// A file of a unit.
#[derive(Debug)]
pub struct UnitFile {
    /// The file.
    pub entry: Entry,
    /// What it is taken for; see `file.placement`.
    pub placement: i64,
    /// Why no item can be made of it.
    pub refusal: Option<&'static str>,
}

/// The units that must be written. With `all`, every group is arranged anew, changed or not.
pub fn units(
    kind: &Kind,
    entries: Vec<Entry>,
    vanished: &[(FileId, String)],
    all: bool,
) -> Vec<Unit> {
    let touched: HashSet<&str> = vanished.iter().map(|(_, path)| group(path)).collect();
    let mut groups: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        groups.entry(group(&entry.found.path).to_owned()).or_default().push(entry);
    }
    let mut units = Vec::new();
    for (name, entries) in groups {
        let is_touched = all
            || touched.contains(name.as_str())
            || entries.iter().any(|it| it.state != State::Same || it.placement.is_none());
        if is_touched {
            arrange(kind, entries, &mut units);
        }
    }
    units
}

/// The part of a library that is arranged together: a folder of the library's folder with all below, or the files that lie
/// in none.
fn group(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

fn arrange(kind: &Kind, entries: Vec<Entry>, units: &mut Vec<Unit>) {
    let paths: Vec<&str> = entries.iter().map(|it| it.found.path.as_str()).collect();
    let parsed = naming::parse_listing(&paths, kind.hint);
    let listed: Vec<Listed<'_>> = entries
        .iter()
        .zip(&parsed)
        .map(|(entry, parsed)| Listed { path: &entry.found.path, parsed, class: entry.found.class })
        .collect();
    let arrangement = (kind.arrange)(&listed);
    let mut files: Vec<Option<UnitFile>> = entries
        .into_iter()
        .map(|entry| Some(UnitFile { entry, placement: 0, refusal: None }))
        .collect();
    for mut candidate in arrangement.items {
        let mut placements = BTreeMap::new();
        place(&candidate, &mut Vec::new(), &mut placements);
        let is_same = placements.iter().all(|(position, placement)| {
            files[*position].as_ref().is_none_or(|it| {
                it.entry.state == State::Same && it.entry.placement == Some(*placement)
            })
        });
        let mut unit = Vec::new();
        let mut moved = BTreeMap::new();
        for (position, placement) in placements {
            // A file belongs to the first item that claims it.
            let Some(file) = files[position].take() else { continue };
            moved.insert(position, unit.len());
            unit.push(UnitFile { placement, ..file });
        }
        if !is_same && !unit.is_empty() {
            renumber(&mut candidate, &moved);
            units.push(Unit { candidate: Some(candidate), files: unit });
        }
    }
    for (position, reason) in arrangement.refused {
        if let Some(file) = &mut files[position] {
            file.refusal = Some(reason);
        }
    }
    let mut unclaimed = files
        .into_iter()
        .flatten()
        .filter(|it| it.entry.state != State::Same || it.entry.placement != Some(0))
        .peekable();
    while unclaimed.peek().is_some() {
        let files = unclaimed.by_ref().take(UNCLAIMED_AT_ONCE).collect();
        units.push(Unit { candidate: None, files });
    }
}

/// Positions in the listing become positions in the unit; files that another item took are left out.
fn renumber(candidate: &mut Candidate, moved: &BTreeMap<usize, usize>) {
    candidate.files.retain_mut(|it| match moved.get(&it.position) {
        Some(position) => {
            it.position = *position;
            true
        }
        None => false,
    });
    candidate.nfo = candidate.nfo.iter().filter_map(|it| moved.get(it).copied()).collect();
    candidate.artwork =
        candidate.artwork.iter().filter_map(|(role, it)| Some((*role, *moved.get(it)?))).collect();
    for child in &mut candidate.children {
        renumber(child, moved);
    }
}

/// Hashes, for each file, all that its rows are made of, so that equal hashes mean that nothing is to be written.
fn place(candidate: &Candidate, above: &mut Vec<String>, placements: &mut BTreeMap<usize, i64>) {
    let mut item = Xxh3Default::new();
    above.hash(&mut item);
    let Candidate { kind, identity, number, number_end, parent_number, absolute_number, .. } =
        candidate;
    (kind.name, identity, number, number_end, parent_number, absolute_number).hash(&mut item);
    let Candidate { title, is_title_weak, sort_title, year, released_on, ids, .. } = candidate;
    (title, is_title_weak, sort_title, year, released_on, ids).hash(&mut item);
    let mut put = |position: usize, part: &dyn Fn(&mut Xxh3Default)| {
        let mut hash = item.clone();
        part(&mut hash);
        // 0 stands for "no item".
        placements.entry(position).or_insert(match hash.finish().cast_signed() {
            0 => 1,
            hash => hash,
        });
    };
    for file in &candidate.files {
        let anywhere = crate::kind::CandidateFile { position: 0, ..file.clone() };
        put(file.position, &|hash| anywhere.hash(hash));
    }
    for (rank, position) in candidate.nfo.iter().enumerate() {
        put(*position, &|hash| ("nfo", rank).hash(hash));
    }
    for (rank, (role, position)) in candidate.artwork.iter().enumerate() {
        put(*position, &|hash| (role, rank).hash(hash));
    }
    above.push(identity.clone());
    for child in &candidate.children {
        place(child, above, placements);
    }
    above.pop();
}
