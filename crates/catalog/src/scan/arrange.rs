//! From files to units of work: what changed is arranged by its content kind, together with everything that lies beside it,
//! and what comes out as it was before is dropped. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use kernel::id::FileId;
use naming::MediaClass;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3Default;

use super::compare::{Entry, State};
use crate::edit::{self, Decision};
use crate::kind::{Candidate, Kind, Listed};

/// Raise it when a change of the rules (of names or of a kind) should be seen in libraries that did not change.
pub const REVISION: i32 = 4;

/// From so many groups on a thread is worth its start.
const MANY_GROUPS: usize = 500;

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

/// What people decided about the files of one folder of a library.
#[derive(Debug, Default)]
pub struct Decisions {
    by_file: HashMap<FileId, Decision>,
    /// Of files whose rows were forgotten since.
    by_path: HashMap<String, Decision>,
}

impl Decisions {
    /// Those of `all` that are about `entries` of `folder`: of a file by its row, which moved with it, and by its path where
    /// the row is gone.
    pub(crate) fn of_folder(all: &[Decision], folder: Uuid, entries: &[Entry]) -> Self {
        let here: HashSet<FileId> = entries.iter().map(|it| it.id).collect();
        let mut decisions = Self::default();
        for decision in all {
            if here.contains(&decision.file_id) {
                decisions.by_file.insert(decision.file_id, decision.clone());
            } else if decision.folder_id == folder {
                decisions.by_path.insert(decision.path.clone(), decision.clone());
            }
        }
        decisions
    }

    fn is_empty(&self) -> bool {
        self.by_file.is_empty() && self.by_path.is_empty()
    }

    fn of(&self, entry: &Entry) -> Option<&Decision> {
        self.by_file.get(&entry.id).or_else(|| self.by_path.get(&entry.found.path))
    }
}

/// The units that must be written. `left` are paths at which something was and is no longer; `decisions` go over names. With
/// `all`, every group is arranged anew, changed or not.
pub fn units<'a>(
    kind: &Kind,
    entries: Vec<Entry>,
    left: impl Iterator<Item = &'a str> + Clone,
    decisions: &Decisions,
    all: bool,
) -> Vec<Unit> {
    let touched: HashSet<&str> = left.clone().map(group).collect();
    // What a description said that is gone must be said no more: its item is written anew, whatever else is as it was.
    let silenced: HashSet<&str> = left.filter(|it| is_description(it)).map(group).collect();
    let is_touched = |entries: &[Entry]| {
        all || entries.iter().any(|it| it.state != State::Same || it.placement.is_none())
            || entries.first().is_some_and(|it| touched.contains(group(&it.found.path)))
    };
    let mut groups = Vec::new();
    let mut together = |mut entries: Vec<Entry>| {
        if entries.first().is_some_and(|it| silenced.contains(group(&it.found.path))) {
            for it in &mut entries {
                it.placement = None;
            }
        }
        if is_touched(&entries) {
            groups.push(entries);
        }
    };
    let (loose, inside): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|it| group(&it.found.path).is_empty());
    together(loose);
    // In the order of paths, what lies below one folder stands together.
    let mut run: Vec<Entry> = Vec::new();
    for entry in inside {
        if run.first().is_some_and(|it| group(&it.found.path) != group(&entry.found.path)) {
            together(std::mem::take(&mut run));
        }
        run.push(entry);
    }
    together(run);
    arrange_all(kind, groups, decisions)
}

/// Arranges groups, many of them on all processors. The outcome has their order.
fn arrange_all(kind: &Kind, mut groups: Vec<Vec<Entry>>, decisions: &Decisions) -> Vec<Unit> {
    let some = |groups: Vec<Vec<Entry>>| {
        let mut units = Vec::new();
        for entries in groups {
            arrange(kind, entries, decisions, &mut units);
        }
        units
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    if n_threads == 1 || groups.len() < MANY_GROUPS {
        return some(groups);
    }
    let n_each = groups.len().div_ceil(n_threads);
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        while !groups.is_empty() {
            let rest = groups.split_off(n_each.min(groups.len()));
            let mine = std::mem::replace(&mut groups, rest);
            threads.push(scope.spawn(move || some(mine)));
        }
        let done = threads
            .into_iter()
            .map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.flatten().collect()
    })
}

fn is_description(path: &str) -> bool {
    MediaClass::of(path) == MediaClass::Nfo
}

/// The part of a library that is arranged together: a folder of the library's folder with all below, or the files that lie
/// in none.
fn group(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

fn arrange(kind: &Kind, entries: Vec<Entry>, decisions: &Decisions, units: &mut Vec<Unit>) {
    let paths: Vec<&str> = entries.iter().map(|it| it.found.path.as_str()).collect();
    let parsed = naming::parse_listing(&paths, kind.hint);
    let listed: Vec<Listed<'_>> = entries
        .iter()
        .zip(&parsed)
        .map(|(entry, parsed)| Listed {
            path: &entry.found.path,
            parsed,
            class: entry.found.class,
            size_bytes: entry.found.stamp.size_bytes,
        })
        .collect();
    let mut arrangement = (kind.arrange)(&listed);
    if !decisions.is_empty() {
        let here = entries.iter().enumerate();
        let here = here.filter_map(|(place, it)| Some((place, decisions.of(it)?))).collect();
        arrangement.items = edit::apply(arrangement.items, &here, |it| listed[it].path);
    }
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
    candidate.portraits = std::mem::take(&mut candidate.portraits)
        .into_iter()
        .filter_map(|(name, it)| Some((name, *moved.get(&it)?)))
        .collect();
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
    let Candidate { studios, cast, .. } = candidate;
    // Kinds whose names say neither are hashed as ever.
    if !studios.is_empty() || !cast.is_empty() {
        (studios, cast).hash(&mut item);
    }
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
    for (name, position) in &candidate.portraits {
        put(*position, &|hash| ("portrait", name).hash(hash));
    }
    above.push(identity.clone());
    for child in &candidate.children {
        place(child, above, placements);
    }
    above.pop();
}
