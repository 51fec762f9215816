//! Which row each candidate is: by identity; else the row its files played until now, when nothing else holds that row (its
//! files were renamed); else a new one.

use std::collections::{HashMap, HashSet};

use kernel::Result;
use kernel::id::{Ids, ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::compare::State;
use super::read::ReadUnit;
use super::store::items::{find_items, list_ancestors, list_staying};
use crate::kind::{Candidate, FileRole};

/// A candidate among all of a batch, parents before children.
#[derive(Debug)]
pub struct Node<'a> {
    /// The unit it is of.
    pub unit: &'a ReadUnit,
    /// The item.
    pub candidate: &'a Candidate,
    /// The node above it.
    pub parent: Option<usize>,
    /// Its row.
    pub id: ItemId,
    /// How the row was found.
    pub origin: Origin,
}

/// How a row was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It has this identity already.
    Known,
    /// It had another identity: its files were renamed.
    Renamed,
    /// There was none.
    New,
    /// Another candidate of the batch is the same item and comes first.
    Repeated,
}

/// The candidates of a batch with their rows.
pub async fn resolve<'a>(
    db: &mut PgConnection,
    library: LibraryId,
    units: &'a [ReadUnit],
    ids: &Ids,
) -> Result<Vec<Node<'a>>> {
    let mut nodes = Vec::new();
    for unit in units {
        if let Some(candidate) = &unit.unit.candidate {
            flatten(unit, candidate, None, &mut nodes);
        }
    }
    let (kinds, identities) = nodes
        .iter()
        .map(|it| (it.candidate.kind.name.to_owned(), it.candidate.identity.clone()))
        .unzip::<_, _, Vec<_>, Vec<_>>();
    let mut rows: HashMap<(String, String), ItemId> = find_items(db, library, &kinds, &identities)
        .await?
        .into_iter()
        .map(|(kind, identity, id)| ((kind, identity), id))
        .collect();
    let mut history = History::load(db, &nodes, &rows, units).await?;
    let mut seen = HashSet::new();
    for node in &mut nodes {
        let candidate = node.candidate;
        let key = (candidate.kind.name.to_owned(), candidate.identity.clone());
        (node.id, node.origin) = match rows.get(&key) {
            Some(id) if seen.contains(id) => (*id, Origin::Repeated),
            Some(id) => (*id, Origin::Known),
            None => match history.predecessor(node.unit, candidate) {
                Some(id) => (id, Origin::Renamed),
                None => (ids.next(), Origin::New),
            },
        };
        // A guest leaves the word to the host, in whichever order they come.
        if !candidate.is_guest || node.origin == Origin::New {
            seen.insert(node.id);
        }
        rows.insert(key, node.id);
    }
    Ok(nodes)
}

fn flatten<'a>(
    unit: &'a ReadUnit,
    candidate: &'a Candidate,
    parent: Option<usize>,
    nodes: &mut Vec<Node<'a>>,
) {
    let place = nodes.len();
    nodes.push(Node { unit, candidate, parent, id: ItemId(Uuid::nil()), origin: Origin::New });
    for child in &candidate.children {
        flatten(unit, child, Some(place), nodes);
    }
}

/// Which rows the files of a batch played until now.
#[derive(Default)]
struct History {
    by_file: HashMap<Uuid, Vec<(ItemId, String)>>,
    taken: HashSet<ItemId>,
}

impl History {
    async fn load(
        db: &mut PgConnection,
        nodes: &[Node<'_>],
        rows: &HashMap<(String, String), ItemId>,
        units: &[ReadUnit],
    ) -> Result<Self> {
        let is_known =
            |it: &Candidate| rows.contains_key(&(it.kind.name.to_owned(), it.identity.clone()));
        let old_files = |unit: &ReadUnit| -> Vec<Uuid> {
            let files = unit.unit.files.iter().filter(|it| it.entry.state != State::New);
            files.map(|it| it.entry.id.0).collect()
        };
        let files: Vec<Uuid> = nodes
            .iter()
            .filter(|it| it.parent.is_none() && !it.is_whole(&is_known))
            .flat_map(|it| old_files(it.unit))
            .collect();
        if files.is_empty() {
            return Ok(Self::default());
        }
        let ancestors = list_ancestors(db, &files).await?;
        let items: Vec<Uuid> = ancestors.iter().map(|it| it.id.0).collect();
        let batch: Vec<Uuid> = units.iter().flat_map(old_files).collect();
        let mut history = Self::default();
        // A row that some other file holds, or that a candidate has by identity, is nobody's to take over.
        history.taken.extend(list_staying(db, &items, &batch).await?);
        history.taken.extend(rows.values());
        for it in ancestors {
            history.by_file.entry(it.file_id).or_default().push((it.id, it.kind));
        }
        Ok(history)
    }

    /// The row of the same kind that the files of `candidate` played, if it is free.
    fn predecessor(&mut self, unit: &ReadUnit, candidate: &Candidate) -> Option<ItemId> {
        let mut files = Vec::new();
        main_files(unit, candidate, &mut files);
        let found = files
            .iter()
            .filter_map(|it| self.by_file.get(it))
            .flatten()
            .find(|(id, kind)| kind == candidate.kind.name && !self.taken.contains(id))
            .map(|(id, _)| *id)?;
        self.taken.insert(found);
        Some(found)
    }
}

fn main_files(unit: &ReadUnit, candidate: &Candidate, files: &mut Vec<Uuid>) {
    let mains = candidate.files.iter().filter(|it| it.role == FileRole::Main);
    files.extend(mains.filter_map(|it| unit.unit.files.get(it.position)).map(|it| it.entry.id.0));
    for child in &candidate.children {
        main_files(unit, child, files);
    }
}

impl Node<'_> {
    /// Whether its names and what lies beside it speak of the item: not where another candidate came first.
    pub fn is_its_own(&self) -> bool {
        self.origin != Origin::Repeated && (!self.candidate.is_guest || self.origin == Origin::New)
    }

    /// Whether it and everything below it is known.
    fn is_whole(&self, is_known: &impl Fn(&Candidate) -> bool) -> bool {
        fn whole(candidate: &Candidate, is_known: &impl Fn(&Candidate) -> bool) -> bool {
            is_known(candidate) && candidate.children.iter().all(|it| whole(it, is_known))
        }
        whole(self.candidate, is_known)
    }
}
