//! Chapters: the top level of the default edition, which is what a player shows.

use super::ebml::{Child, Children};
use crate::probe::{Chapter, MAX_ENTRIES};

const EDITION: u32 = 0x45b9;
const EDITION_DEFAULT: u32 = 0x45db;
const EDITION_HIDDEN: u32 = 0x45bd;
const ATOM: u32 = 0xb6;
const ATOM_START_NS: u32 = 0x91;
const ATOM_END_NS: u32 = 0x92;
const ATOM_HIDDEN: u32 = 0x98;
const DISPLAY: u32 = 0x80;
const DISPLAY_TEXT: u32 = 0x85;

const NS_PER_MS: u64 = 1_000_000;

pub(super) fn read(body: &[u8]) -> Vec<Chapter> {
    let editions = || Children(body).filter(|it| it.id == EDITION && !is_set(*it, EDITION_HIDDEN));
    let edition = editions().find(|it| is_set(*it, EDITION_DEFAULT)).or_else(|| editions().next());
    let atoms = edition.into_iter().flat_map(Child::children);
    atoms
        .filter(|it| it.id == ATOM && !is_set(*it, ATOM_HIDDEN))
        .filter_map(chapter)
        .take(MAX_ENTRIES)
        .collect()
}

fn is_set(parent: Child<'_>, flag: u32) -> bool {
    parent.children().any(|it| it.id == flag && it.uint() != 0)
}

fn chapter(atom: Child<'_>) -> Option<Chapter> {
    let find = |id: u32| atom.children().find(|it| it.id == id);
    let display = find(DISPLAY).and_then(|it| it.children().find(|it| it.id == DISPLAY_TEXT));
    let ms = |it: Child<'_>| (it.uint() / NS_PER_MS) as i64;
    Some(Chapter {
        start_ms: ms(find(ATOM_START_NS)?),
        end_ms: find(ATOM_END_NS).map(ms),
        title: display.map(Child::text).filter(|it| !it.is_empty()),
    })
}
