//! A film or an episode: the file's own reading and that of its folders, put together.

mod episode;
mod film;

use std::ops::Range;

use self::{episode::episode, film::film};
use crate::{
    Hint,
    context::Folders,
    fold,
    name::Gap,
    parsed::{Fact, Parsed},
    reading::Reading,
    recognise::{Mark, Tag},
    title,
};

/// What the other files of the folder say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Siblings {
    /// The folder holds films of different titles, so that its own name is none of them.
    pub is_collection: bool,
}

/// Reads the video `stem` (no extension) at byte `offset`.
pub fn parse(stem: &str, offset: usize, folders: &Folders, siblings: Siblings) -> Parsed {
    let mut reading = Reading::new(stem, offset, folders.hint);
    let mut facts = Parsed::default();
    reading.tell_release(&mut facts);
    if folders.disc().is_some() {
        // The names inside of a disc are the disc's business.
        facts = Parsed::default();
    }
    let is_episode = match folders.hint {
        Hint::Shows => true,
        Hint::Movies => reading.numbering.is_some(),
        Hint::Any => reading.is_episode() && !is_dated_film(&reading, folders),
    };
    if !is_episode && folders.hint == Hint::Any && counts_in_folder(&reading, folders) {
        reading = Reading::new(stem, offset, Hint::Shows);
        episode(&reading, folders, &mut facts);
    } else if is_episode {
        episode(&reading, folders, &mut facts);
    } else {
        drop_place_in_collection(&mut reading, folders);
        film(&mut reading, folders, siblings, &mut facts);
    }
    facts
}

/// "21 - Casino Royale (2006)" in a folder of several films, "01. Iron Man (2008)" anywhere: the number orders files.
fn drop_place_in_collection(reading: &mut Reading, folders: &Folders) {
    let name = &reading.name;
    let at = reading.title.start;
    let is_place = name.number(at).is_some() && name.word(at).len() <= 2;
    let signs = &name.text[name.bytes(at, at + 1).end..];
    let is_set_off = name.gap(at + 1) == Gap::Dash
        || signs.starts_with(". ")
        || name.word(at).starts_with('0') && signs.starts_with(' ');
    if !is_place || !is_set_off || at + 1 >= reading.title.end || reading.year.is_none() {
        return;
    }
    let is_own_folder = || {
        let own = reading.title_text().map(|it| fold(&it));
        folders.owner().map(|it| it.reading.title_text().map(|it| fold(&it)) == own)
    };
    if name.word(at).starts_with('0') || is_own_folder() == Some(false) {
        reading.title.start = at + 1;
    }
}

/// "Utopia/Utopia 103": season and episode in one number behind the name of the folder.
fn counts_in_folder(reading: &Reading, folders: &Folders) -> bool {
    let Range { start, end } = reading.title;
    let is_joint = |i: usize| {
        let number = reading.name.number(i).filter(|_| reading.name.word(i).len() == 3);
        number.is_some_and(|it| it >= 101 && (1..=40).contains(&(it % 100)))
    };
    let Some(last) = end.checked_sub(1).filter(|it| *it > start && is_joint(*it)) else {
        return false;
    };
    let owner = folders.owner().and_then(|it| it.reading.title_text());
    reading.year.is_none()
        && owner.is_some()
        && owner.map(|it| fold(&it)) == title::text(&reading.name, start, last).map(|it| fold(&it))
}

/// "2015-03-04 Birthday" alone is a home video, not the broadcast of a series.
fn is_dated_film(reading: &Reading, folders: &Folders) -> bool {
    reading.numbering.is_none() && reading.title.is_empty() && folders.owner().is_none()
}

/// Facts that only the folder says: ids always, the release when the file says nothing of its own.
fn fill_from(folder: &Reading, facts: &mut Parsed) {
    let mut more = Parsed::default();
    folder.tell_release(&mut more);
    if facts.ids.is_empty() {
        facts.ids = more.ids;
    }
    facts.edition = facts.edition.take().or(more.edition);
    facts.group = facts.group.take().or(more.group);
    if !facts.has_release_facts() {
        facts.resolution = more.resolution;
        facts.source = more.source;
        facts.remux = more.remux;
        facts.service = more.service;
        facts.video_codec = more.video_codec;
        facts.bit_depth = more.bit_depth;
        facts.audio_codec = more.audio_codec;
        facts.audio_channels = more.audio_channels;
        facts.atmos = more.atmos;
        facts.hdr = more.hdr;
        facts.three_d = facts.three_d.or(more.three_d);
        facts.language = facts.language.or(more.language);
        facts.proper |= more.proper;
    }
    facts.spans.append(&mut more.spans);
}

fn note_year(reading: &Reading, facts: &mut Parsed) {
    if let Some((year, at)) = reading.year {
        facts.year = Some(year);
        facts.note(Fact::Year, reading.name.offset, reading.name.bytes(at, at + 1));
    }
}

/// Whether a folder is named as a film is: with its year in brackets, an id, or as a release.
fn is_set_off_film(reading: &Reading) -> bool {
    let has_id = reading.marks.iter().any(|it| matches!(it.tag, Tag::Id(_)));
    let has_facts = reading.marks.iter().any(Mark::is_anchor);
    let has_year = reading.year.is_some_and(|it| reading.name.bracket(it.1).is_some() || has_facts);
    has_id || has_year
}
