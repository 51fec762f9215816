//! Writes a batch of units in one transaction: files with their content, items, parts, descriptions, and what follows from
//! them. A batch is there as a whole or not at all, so a scan that is killed is simply done again.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{FileId, Ids, ItemId, LibraryId};
use naming::MediaClass;
use sqlx::PgConnection;
use uuid::Uuid;

use super::compare::State;
use super::facts::{self, Local};
use super::identity::{Node, Origin, resolve};
use super::read::ReadUnit;
use super::store::files::{FileRow, LinkRow, replace_content, replace_links, upsert_files};
use super::store::items::{ItemRow, insert_items, rename_keys, update_items};
use super::store::presence::settle;
use super::store::progress::Counts;
use super::{describe, rows};
use crate::describe::Sources;
use crate::describe::store::due;
use crate::edit;
use crate::kind::{Described, Kind};
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
}

/// Writes `units`; the caller commits. Returns what it adds to the scan's counts.
pub async fn write(
    db: &mut PgConnection,
    target: Target<'_>,
    units: &[ReadUnit],
    now: DateTime<Utc>,
) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut files = Vec::new();
    for (file, reading) in units.iter().flat_map(|it| it.unit.files.iter().zip(&it.readings)) {
        counts.done += 1;
        counts.added += i64::from(file.entry.state == State::New);
        counts.changed += i64::from(!matches!(file.entry.state, State::New | State::Same));
        counts.problems += i64::from(
            reading.as_ref().is_some_and(|it| it.problem.is_some()) || file.refusal.is_some(),
        );
        files.push(FileRow {
            id: file.entry.id,
            path: file.entry.found.path.clone(),
            size_bytes: file.entry.found.stamp.size_bytes,
            // What was not read is no known content: the next scan finds it changed.
            modified_ns: if reading.as_ref().is_some_and(|it| it.is_unread) {
                0
            } else {
                file.entry.found.stamp.modified_ns
            },
            inode: file.entry.found.stamp.inode,
            device: file.entry.found.stamp.device,
            class: class(file.entry.found.class),
            placement: file.placement,
            refusal: file.refusal,
        });
    }
    upsert_files(db, target.library, target.folder, &files, now).await?;
    write_content(db, units, now).await?;

    let nodes = resolve(db, target.library, units, target.ids).await?;
    write_items(db, target, &nodes, now).await?;
    let file_ids: Vec<Uuid> = files.iter().map(|it| it.id.0).collect();
    let mut touched = replace_links(db, &file_ids, &links(&nodes)).await?;

    let local: Vec<Local> = nodes.iter().map(|it| facts::of(it.unit, it.candidate)).collect();
    describe::describe(db, target.sources, &nodes, &local, &file_ids, now).await?;
    let merged: Vec<_> = local.iter().map(Local::merged).collect();
    let described: Vec<Described<'_>> = nodes
        .iter()
        .zip(&merged)
        .filter(|(node, _)| node.is_its_own())
        .map(|(node, facts)| Described { item_id: node.id, candidate: node.candidate, facts })
        .collect();
    (target.kind.describe)(db, &described).await?;
    let new: Vec<Uuid> =
        nodes.iter().filter(|it| it.origin == Origin::New).map(|it| it.id.0).collect();
    edit::adopt(db, &new, now).await?;

    touched.extend(nodes.iter().map(|it| it.id.0));
    touched.sort_unstable();
    touched.dedup();
    settle(db, target.library, &touched, now).await?;
    Ok(counts)
}

async fn write_content(
    db: &mut PgConnection,
    units: &[ReadUnit],
    now: DateTime<Utc>,
) -> Result<()> {
    let (mut contents, mut streams, mut chapters) = (Vec::new(), Vec::new(), Vec::new());
    for (file, reading) in units.iter().flat_map(|it| it.unit.files.iter().zip(&it.readings)) {
        let Some(reading) = reading else { continue };
        contents.push(rows::content(file.entry.id, reading, file.refusal));
        if let Some(probe) = &reading.probe {
            streams.extend(rows::streams(file.entry.id, probe));
            chapters.extend(rows::chapters(file.entry.id, probe));
        }
    }
    replace_content(db, &contents, &streams, &chapters, now).await
}

async fn write_items(
    db: &mut PgConnection,
    target: Target<'_>,
    nodes: &[Node<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let rows_of = |origin: &dyn Fn(Origin) -> bool| -> Vec<ItemRow> {
        let wanted = nodes.iter().filter(|it| origin(it.origin));
        wanted.map(|it| item_row(it, nodes, target.is_first, now)).collect()
    };
    // Renamed rows give their old identity free before anything new could want it.
    let old = rows_of(&|it| matches!(it, Origin::Known | Origin::Renamed));
    update_items(db, target.library, &old, now).await?;
    insert_items(db, target.library, &rows_of(&|it| it == Origin::New), now).await?;
    let renamed: Vec<Uuid> =
        nodes.iter().filter(|it| it.origin == Origin::Renamed).map(|it| it.id.0).collect();
    if !renamed.is_empty() {
        rename_keys(db, &renamed).await?;
        due::rename_keys(db, &renamed).await?;
    }
    let new: Vec<ItemId> =
        nodes.iter().filter(|it| it.origin == Origin::New).map(|it| it.id).collect();
    personal::adopt(db, &new).await?;
    let new: Vec<Uuid> = new.iter().map(|it| it.0).collect();
    due::adopt_matches(db, &new).await?;
    Ok(())
}

fn item_row(node: &Node<'_>, nodes: &[Node<'_>], is_first: bool, now: DateTime<Utc>) -> ItemRow {
    let candidate = node.candidate;
    let parent = node.parent.map(|it| &nodes[it]);
    let mut root = node;
    while let Some(above) = root.parent {
        root = &nodes[above];
    }
    ItemRow {
        id: node.id,
        kind: candidate.kind.name,
        form: candidate.kind.form,
        parent_id: parent.map(|it| it.id),
        root_id: root.id,
        is_top: candidate.kind.is_top,
        identity: candidate.identity.clone(),
        number: candidate.number,
        number_end: candidate.number_end,
        parent_number: candidate.parent_number,
        absolute_number: candidate.absolute_number,
        title: candidate.title.clone(),
        sort_title: candidate.sort_title.clone(),
        year: candidate.year,
        released_on: candidate.released_on,
        added_at: if is_first { newest_file(node).map_or(now, |it| it.min(now)) } else { now },
    }
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
