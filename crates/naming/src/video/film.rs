//! A film: its title, year, part and version out of the file and its folders.

use std::ops::Range;

use super::{Siblings, fill_from, is_set_off_film, note_year};
use crate::{
    context::Folders,
    fold,
    folder::Folder,
    lexicon::{self, Term},
    name::Gap,
    parsed::{Fact, Kind, Parsed},
    reading::Reading,
    recognise::{Numbering, Tag},
    title,
};

pub fn film(reading: &mut Reading, folders: &Folders, siblings: Siblings, facts: &mut Parsed) {
    facts.kind = Kind::Movie;
    let owner = folders.owner();
    let own = reading.title_text().filter(|it| owner.is_none() || !says_nothing(it));
    if let Some(part) = reading.marks.iter().find_map(|it| match it.tag {
        Tag::Part(number) => Some((number, it)),
        // "Film (1939) (1 of 2)"
        Tag::Episode(Numbering { episode: Some(number), of: Some(_), .. })
            if it.from >= reading.cut =>
        {
            Some((number, it))
        }
        _ => None,
    }) {
        facts.part = Some(part.0);
        facts.note(Fact::Part, reading.name.offset, reading.name.bytes(part.1.from, part.1.to));
    }
    facts.part = facts.part.or(folders.part());
    let own = match (own, owner) {
        (Some(own), Some(owner)) => Some(without_part(own, owner, facts)),
        (own, _) => own,
    };
    match (own, owner) {
        (Some(own), Some(owner)) => {
            let owned = owner.reading.title_text().unwrap_or_default();
            // "Death Race 2000 (1975)/Death Race 2000": the folder knows that the number is no year.
            // So in "2001 Maniacs (2005)/2001 Maniacs".
            let is_with_year = reading.year.is_some_and(|(_, at)| {
                let Range { start, end } = reading.title;
                let whole = match at {
                    _ if at == end => start..at + 1,
                    _ if at + 1 == start => at..end,
                    _ => return false,
                };
                title::text(&reading.name, whole.start, whole.end)
                    .is_some_and(|it| fold(&it) == fold(&owned))
            });
            if is_with_year {
                reading.year = None;
            }
            let same = is_with_year || fold(&own) == fold(&owned);
            let is_film_folder = is_set_off_film(&owner.reading) && !siblings.is_collection;
            let years_agree = reading.year.is_none()
                || owner.reading.year.map(|it| it.0) == reading.year.map(|it| it.0);
            if same || is_film_folder && years_agree {
                adopt_owner(reading, owner, facts);
                if !same && facts.edition.is_none() {
                    edition_behind(reading, &owned, facts);
                }
                facts.title = Some(owned);
                if !same && reading.year.is_some() {
                    facts.alternative = Some(own);
                }
            } else {
                adopt_own(reading, facts, own);
                facts.year = facts.year.or_else(|| year_alone(owner));
            }
        }
        (Some(own), None) => adopt_own(reading, facts, own),
        (None, Some(owner)) => {
            adopt_owner(reading, owner, facts);
            facts.title = owner.reading.title_text();
            facts.alternative = owner.reading.alternative_text();
        }
        (None, None) => {
            facts.title = title::text(&reading.name, 0, reading.name.len());
            note_year(reading, facts);
        }
    }
    if let Some((date, _)) = &reading.date {
        facts.date = Some(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day));
    }
    if facts.version.is_none() {
        version_label(reading, owner, facts);
    }
}

/// "Gladiator (2000)/Gladiator.Extended": the folder knows where the title ends.
fn edition_behind(reading: &Reading, owned: &str, facts: &mut Parsed) {
    const LONGEST: usize = 4;
    let Range { start, end } = reading.title;
    let name = &reading.name;
    let edition = (end.saturating_sub(LONGEST).max(start + 1)..end).find_map(|from| {
        match lexicon::term(name.phrase(from, end - from)) {
            Some((Term::Edition(it), _)) => Some((it, from)),
            _ => None,
        }
    });
    if let Some((edition, from)) = edition
        && title::text(name, start, from).is_some_and(|it| fold(&it) == fold(owned))
    {
        facts.edition = Some(edition.to_owned());
        facts.note(Fact::Edition, name.offset, name.bytes(from, end));
    }
}

fn adopt_own(reading: &Reading, facts: &mut Parsed, own: String) {
    facts.title = Some(own);
    facts.alternative = reading.alternative_text();
    let bytes = title::bytes(&reading.name, reading.title.start, reading.title.end);
    facts.note(Fact::Title, reading.name.offset, bytes);
    note_year(reading, facts);
}

fn adopt_owner(reading: &Reading, owner: &Folder, facts: &mut Parsed) {
    note_year(reading, facts);
    let folder = &owner.reading;
    facts.note(
        Fact::Title,
        folder.name.offset,
        title::bytes(&folder.name, folder.title.start, folder.title.end),
    );
    facts.alternative = reading.alternative_text().or_else(|| folder.alternative_text());
    if facts.year.is_none() {
        note_year(folder, facts);
    }
    fill_from(folder, facts);
}

/// The year that a folder consists of, by which films are sorted.
fn year_alone(owner: &Folder) -> Option<u16> {
    let name = &owner.reading.name;
    let number = name.number(0).filter(|it| name.len() == 1 && (1880..=2035).contains(it))?;
    Some(number as u16)
}

/// "Film Part 1" in the folder "Film" is a part of it.
fn without_part(own: String, owner: &Folder, facts: &mut Parsed) -> String {
    if facts.part.is_some() {
        return own;
    }
    let mut words: Vec<&str> = own.split(' ').collect();
    let number = words.pop().and_then(crate::recognise::part_number_of);
    let is_part =
        words.pop().is_some_and(|it| matches!(it.to_lowercase().as_str(), "part" | "pt" | "pt."));
    let rest = words.join(" ");
    if let (Some(number), true) = (number, is_part)
        && owner.reading.title_text().is_some_and(|it| fold(&it) == fold(&rest))
    {
        facts.part = Some(number);
        return title::clean(&rest);
    }
    own
}

/// Titles that programs give to files, and numbers of discs: nothing a person calls a film.
fn says_nothing(title: &str) -> bool {
    let key = fold(title);
    let is_number = title.len() >= 5 && title.bytes().all(|it| it.is_ascii_digit());
    is_number
        || matches!(
            key.as_str(),
            "movie"
                | "film"
                | "video"
                | "feature"
                | "main"
                | "mainfeature"
                | "mainmovie"
                | "index"
                | "untitled"
                | "title"
                | "file"
                | "videots"
                | "movieobject"
                | "disc"
                | "dvd"
                | "disc1"
                | "cd1"
                | "cd2"
        )
        || key.strip_prefix("titlet").is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
        || key
            .strip_prefix("vts")
            .is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// What stands behind the film's name and a dash, or in one bracket: "Film (2010) - 2160p", "Film [1080p]".
fn version_label(reading: &Reading, owner: Option<&Folder>, facts: &mut Parsed) {
    let name = &reading.name;
    let mut from = reading.cut;
    // Behind the year and the ids.
    while let Some(mark) = reading.marks.iter().find(|it| {
        it.from == from && matches!(it.tag, Tag::Year(_) | Tag::Id(_) | Tag::EditionText)
    }) {
        from = mark.to;
    }
    if from >= name.len() || from == 0 {
        return;
    }
    let stop = reading.marks.iter().find(|it| {
        it.from >= from
            && matches!(it.tag, Tag::Part(_) | Tag::Id(_) | Tag::EditionText | Tag::Sample)
    });
    let to = stop.map_or(name.len(), |it| it.from);
    if to <= from {
        return;
    }
    let is_owned = owner.is_some_and(|it| {
        it.reading.title_text().map(|it| fold(&it)) == facts.title.as_deref().map(fold)
    });
    let alone = name.bracket(from).filter(|it| it.from == from && it.to == to && it.sign == '[');
    let is_label = match (name.gap(from), alone) {
        (_, Some(bracket)) => is_owned || bracket.to - bracket.from <= 2,
        (Gap::Dash, None) if name.bracket(from).is_none() => {
            is_owned
                || (from..to).all(|i| reading.marks.iter().any(|it| (it.from..it.to).contains(&i)))
        }
        _ => false,
    };
    if is_label {
        let bytes = name.bytes(from, to);
        facts.version = Some(name.text[bytes.clone()].to_owned());
        facts.note(Fact::Version, name.offset, bytes);
    }
}
