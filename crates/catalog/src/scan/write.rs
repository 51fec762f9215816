//! Writes a batch of units in one transaction: files with their content, items, parts, descriptions, and what follows from
//! them. A batch is there as a whole or not at all, so a scan that is killed is simply done again.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{FileId, Ids, ItemId, LibraryId};
use kernel::notice::{Notice, Teller};
use naming::MediaClass;
use sqlx::PgConnection;
use uuid::Uuid;

use super::compare::State;
use super::describe::Words;
use super::facts::{self, Local};
use super::identity::{Node, Origin, resolve};
use super::read::ReadUnit;
use super::store::files::{FileRow, LinkRow, delete_links, insert_links, upsert_files};
use super::store::items::{ItemRow, insert_items, rename_keys, update_items};
use super::store::presence::{New, settle_with_new};
use super::store::progress::{Counts, find_settings};
use super::store::streams::{delete_content, insert_chapters, insert_streams};
use super::{describe, rows};
use crate::describe::remake::Made;
use crate::describe::rows::facts as facts_row;
use crate::describe::store::due;
use crate::describe::{LibraryMetadata, Sources};
use crate::edit;
use crate::item::Form;
use crate::kind::{CandidateFile, Described, FileRole, Kind};
use crate::personal;

/// What all batches of a scan share.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The content kind.
    pub kind: &'static Kind,
    /// The library.
    pub library: LibraryId,
    /// Whether it was never scanned before: then a film is as old as its file, not as new as the library.
    pub is_first: bool,
    /// Makes the ids of items.
    pub ids: &'a Ids,
    /// The folder of the library.
    pub folder: Uuid,
    /// Whose word counts more.
    pub sources: &'a Sources,
    /// Writes down what people may want to be told of.
    pub teller: &'a Teller,
}

/// Writes `units`; the caller commits. Returns what it adds to the scan's counts.
///
/// What is new is inserted once, as it shall be: most of a first scan is the work of writing rows and their indexes.
pub async fn write(
    db: &mut PgConnection,
    target: Target<'_>,
    units: &[ReadUnit],
    now: DateTime<Utc>,
) -> Result<Counts> {
    let counts = count(units);
    let old_files = write_files(db, target, units, now).await?;

    let nodes = resolve(db, target.library, units, target.ids).await?;
    let local: Vec<Local> = nodes.iter().map(|it| facts::of(it.unit, it.candidate)).collect();
    let words: Vec<Option<Words>> = nodes
        .iter()
        .zip(&local)
        .map(|(node, local)| node.is_its_own().then(|| describe::words(node, local)))
        .collect();
    let made = write_items(db, target, &nodes, &words, now).await?;
    let mut touched = delete_links(db, &old_files).await?;
    insert_links(db, &links(&nodes)).await?;
    describe::describe(db, target.sources, &nodes, &words, &made, &old_files, now).await?;
    let merged: Vec<_> = local.iter().map(Local::merged).collect();
    let described: Vec<Described<'_>> = nodes
        .iter()
        .zip(&merged)
        .filter(|(node, _)| node.is_its_own())
        .map(|(node, facts)| Described { item_id: node.id, candidate: node.candidate, facts })
        .collect();
    (target.kind.describe)(db, &described).await?;
    edit::adopt(db, &new_items(&nodes), now).await?;

    let new = new_of(&nodes, &made);
    let is_new: HashSet<Uuid> = new.items.iter().copied().collect();
    touched.extend(nodes.iter().map(|it| it.id.0).filter(|it| !is_new.contains(it)));
    touched.sort_unstable();
    touched.dedup();
    settle_with_new(db, target.library, &touched, &new, now).await?;
    tell(db, target, &nodes).await?;
    Ok(counts)
}

/// Writes down what is new and can be played, for those who want to be told.
async fn tell(db: &mut PgConnection, target: Target<'_>, nodes: &[Node<'_>]) -> Result<()> {
    let plays = |it: &&Node<'_>| {
        it.origin == Origin::New && it.is_its_own() && it.candidate.kind.form != Form::Group
    };
    let item_ids: Vec<ItemId> = nodes.iter().filter(plays).map(|it| it.id).collect();
    if item_ids.is_empty() {
        return Ok(());
    }
    let count = item_ids.len() as u64;
    let notice = Notice::ItemsAdded { library_id: target.library, item_ids, count };
    target.teller.tell(db, notice).await
}

fn count(units: &[ReadUnit]) -> Counts {
    let mut counts = Counts::default();
    for (file, reading) in units.iter().flat_map(|it| it.unit.files.iter().zip(&it.readings)) {
        counts.done += 1;
        counts.added += i64::from(file.entry.state == State::New);
        counts.changed += i64::from(!matches!(file.entry.state, State::New | State::Same));
        counts.problems += i64::from(
            reading.as_ref().is_some_and(|it| it.problem.is_some()) || file.refusal.is_some(),
        );
    }
    counts
}

/// Writes the files with what was read of them. Returns those that had rows before.
async fn write_files(
    db: &mut PgConnection,
    target: Target<'_>,
    units: &[ReadUnit],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let (mut files, mut streams, mut chapters) = (Vec::new(), Vec::new(), Vec::new());
    let (mut old, mut read_again) = (Vec::new(), Vec::new());
    for (file, reading) in units.iter().flat_map(|it| it.unit.files.iter().zip(&it.readings)) {
        let (id, found) = (file.entry.id, &file.entry.found);
        let reading = reading.as_ref();
        files.push(FileRow {
            id,
            path: found.path.clone(),
            size_bytes: found.stamp.size_bytes,
            // What was not read is no known content: the next scan finds it changed.
            modified_ns: if reading.is_some_and(|it| it.is_unread) {
                0
            } else {
                found.stamp.modified_ns
            },
            inode: found.stamp.inode,
            device: found.stamp.device,
            class: class(found.class),
            placement: file.placement,
            content: reading.map(rows::content),
            refusal: file.refusal,
        });
        if file.entry.state != State::New {
            old.push(id.0);
            read_again.extend(reading.map(|_| id.0));
        }
        if let Some(probe) = reading.and_then(|it| it.probe.as_ref()) {
            streams.extend(rows::streams(id, probe));
            chapters.extend(rows::chapters(id, probe));
        }
    }
    upsert_files(db, target.library, target.folder, &files, now).await?;
    delete_content(db, &read_again).await?;
    insert_streams(db, &streams).await?;
    insert_chapters(db, &chapters).await?;
    Ok(old)
}

/// Writes the rows of items. Returns the new ones of which nothing is known but what local sources say, and of which nobody
/// ever made anything: their rows are as they shall be.
async fn write_items(
    db: &mut PgConnection,
    target: Target<'_>,
    nodes: &[Node<'_>],
    words: &[Option<Words>],
    now: DateTime<Utc>,
) -> Result<Vec<Made>> {
    let row = |node: &Node<'_>| item_row(node, nodes, target.is_first, now);
    // Renamed rows give their old identity free before anything new could want it.
    let old = nodes.iter().filter(|it| matches!(it.origin, Origin::Known | Origin::Renamed));
    let old: Vec<ItemRow> = old.map(row).collect();
    update_items(db, target.library, &old, now).await?;

    let library = find_settings(db, target.library).await?;
    let order = target.sources.order(&LibraryMetadata::of(&library));
    let mut seen = HashSet::new();
    let shared: HashSet<ItemId> =
        nodes.iter().map(|it| it.id).filter(|it| !seen.insert(*it)).collect();
    let (mut inserted, mut inserted_facts, mut made) = (Vec::new(), Vec::new(), Vec::new());
    for (node, words) in nodes.iter().zip(words) {
        let (Origin::New, Some(words)) = (node.origin, words) else { continue };
        let said = Made::of_local(node.id, node.candidate.kind.is_top, words.own.clone(), &order);
        let mut facts = facts_row(node.id, &said.said.facts);
        let mut row = row(node);
        row.title = facts.title.take().unwrap_or(row.title);
        row.sort_title = facts.sort_title.take().unwrap_or(row.sort_title);
        facts.runtime_ms = running_time(node).or(facts.runtime_ms);
        let is_all = !shared.contains(&node.id) && root(node, nodes).origin == Origin::New;
        if is_all && is_read(node) {
            made.push(said);
        }
        inserted.push(row);
        inserted_facts.push(facts);
    }
    insert_items(db, target.library, &inserted, &inserted_facts, now).await?;

    let renamed: Vec<Uuid> =
        nodes.iter().filter(|it| it.origin == Origin::Renamed).map(|it| it.id.0).collect();
    if !renamed.is_empty() {
        rename_keys(db, &renamed).await?;
        due::rename_keys(db, &renamed).await?;
    }
    let new: Vec<ItemId> = inserted.iter().map(|it| it.id).collect();
    let begun = personal::adopt(db, &new).await?;
    let decided = due::adopt_matches(db, &new_items(nodes)).await?;
    made.retain(|it| !begun.contains(&it.id) && !decided.contains(&it.id.0));
    Ok(made)
}

fn item_row(node: &Node<'_>, nodes: &[Node<'_>], is_first: bool, now: DateTime<Utc>) -> ItemRow {
    let candidate = node.candidate;
    let parent = node.parent.map(|it| &nodes[it]);
    ItemRow {
        id: node.id,
        kind: candidate.kind.name,
        form: candidate.kind.form,
        parent_id: parent.map(|it| it.id),
        root_id: root(node, nodes).id,
        is_top: candidate.kind.is_top,
        identity: candidate.identity.clone(),
        number: candidate.number,
        number_end: candidate.number_end,
        parent_number: candidate.parent_number,
        absolute_number: candidate.absolute_number,
        title: candidate.title.clone(),
        sort_title: candidate.sort_title.clone(),
        added_at: if is_first { newest_file(node).map_or(now, |it| it.min(now)) } else { now },
    }
}

/// The topmost node above a node; itself where there is none.
fn root<'a, 'b>(node: &'a Node<'b>, nodes: &'a [Node<'b>]) -> &'a Node<'b> {
    let mut root = node;
    while let Some(above) = root.parent {
        root = &nodes[above];
    }
    root
}

fn new_items(nodes: &[Node<'_>]) -> Vec<Uuid> {
    nodes.iter().filter(|it| it.origin == Origin::New).map(|it| it.id.0).collect()
}

/// What the counts of `made` need.
fn new_of(nodes: &[Node<'_>], made: &[Made]) -> New {
    let items: Vec<Uuid> = made.iter().map(|it| it.id.0).collect();
    let is_made: HashSet<Uuid> = items.iter().copied().collect();
    let roots = nodes.iter().filter(|it| is_made.contains(&it.id.0)).map(|it| root(it, nodes));
    let groups: HashSet<ItemId> =
        roots.filter(|it| it.candidate.kind.form == Form::Group).map(|it| it.id).collect();
    New { items, groups: groups.into_iter().collect() }
}

/// Whether all that plays of an item was read just now; of what was not, only the rows know how long it is.
fn is_read(node: &Node<'_>) -> bool {
    mains(node).all(|it| node.unit.readings.get(it.position).is_some_and(Option::is_some))
}

/// How long the longest version of an item is, by its files. As `describe::remake` has it.
fn running_time(node: &Node<'_>) -> Option<i64> {
    let mut by_version: HashMap<Option<&str>, i64> = HashMap::new();
    for file in mains(node) {
        let reading = node.unit.readings.get(file.position).and_then(Option::as_ref);
        if let Some(ms) = reading.and_then(|it| it.probe.as_ref()?.duration_ms) {
            let sum = by_version.entry(file.version.as_deref()).or_default();
            *sum = sum.saturating_add(ms);
        }
    }
    by_version.into_values().max()
}

fn mains<'a>(node: &Node<'a>) -> impl Iterator<Item = &'a CandidateFile> {
    node.candidate.files.iter().filter(|it| it.role == FileRole::Main)
}

/// When the newest file of an item was last written.
fn newest_file(node: &Node<'_>) -> Option<DateTime<Utc>> {
    let positions = node.candidate.positions();
    let files = positions.iter().filter_map(|it| node.unit.unit.files.get(*it));
    let plays =
        files.filter(|it| matches!(it.entry.found.class, MediaClass::Video | MediaClass::Audio));
    plays.map(|it| DateTime::from_timestamp_nanos(it.entry.found.stamp.modified_ns)).max()
}

fn links(nodes: &[Node<'_>]) -> Vec<LinkRow> {
    let mut links = Vec::new();
    for node in nodes {
        for file in &node.candidate.files {
            links.push(LinkRow {
                item_id: node.id,
                file_id: file_id(node, file.position),
                role: file.role.as_str(),
                version: file.version.clone(),
                part: file.part,
                extra_type: file.extra_type.clone(),
                title: file.title.clone(),
                language: file.language.clone(),
                is_forced: file.is_forced,
                is_hearing_impaired: file.is_hearing_impaired,
                is_default: file.is_default,
            });
        }
    }
    links
}

/// The row of the file at `position` of a node's unit.
pub fn file_id(node: &Node<'_>, position: usize) -> FileId {
    node.unit.unit.files[position].entry.id
}

fn class(class: MediaClass) -> &'static str {
    match class {
        MediaClass::Video => "video",
        MediaClass::Audio => "audio",
        MediaClass::Subtitle => "subtitle",
        MediaClass::Image => "image",
        MediaClass::Book => "book",
        MediaClass::Comic => "comic",
        MediaClass::Nfo => "nfo",
        MediaClass::Other => "other",
    }
}
