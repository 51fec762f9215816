//! Music, books, comics and photos: their kind, and the title that the name carries.

use crate::{
    Hint,
    context::Folders,
    lexicon::number_word,
    name::{Gap, Name},
    parsed::{Fact, Kind, Parsed},
    reading::Reading,
    title,
};

/// Reads a file that is no video: the kind is known, the title is what stands behind numbers and the artist.
pub fn parse(stem: &str, offset: usize, kind: Kind, folders: &Folders) -> Parsed {
    let mut facts = Parsed { kind, ..Parsed::default() };
    let reading = Reading::new(stem, offset, Hint::Movies);
    let name = &reading.name;
    if let Some((year, at)) = reading.year {
        facts.year = Some(year);
        facts.note(Fact::Year, offset, name.bytes(at, at + 1));
    }
    let (from, to) = match kind {
        Kind::Track => (behind_track_number(name), name.len()),
        Kind::Comic => comic(&reading, folders, &mut facts),
        Kind::Photo => (0, name.len()),
        _ => (reading.title.start, reading.title.end),
    };
    facts.title = title::text(name, from, to);
    facts.note(Fact::Title, offset, title::bytes(name, from, to));
    if kind == Kind::Audiobook {
        facts.part = part(name);
        let is_numbered = facts.part.is_some() || name.number(0).is_some();
        if is_numbered && let (Some(book), _) = folders.innermost_titles() {
            facts.title = Some(book);
            facts.spans.clear();
        }
    }
    facts
}

/// "01 - Title", "1-03 Title", "03. Title", "Artist - 03 - Title".
fn behind_track_number(name: &Name) -> usize {
    let is_number =
        |i: usize| name.number(i).is_some_and(|it| it < 1000) && name.word(i).len() <= 3;
    let mut i = 0;
    if is_number(0) && is_number(1) && name.gap(1) == Gap::Hyphen {
        i = 2;
    } else if is_number(0)
        && (name.word(0).len() == 2 || matches!(name.gap(1), Gap::Dot | Gap::Dash))
    {
        i = 1;
    }
    let dashed = (i.max(1)..name.len())
        .find(|it| name.gap(*it) == Gap::Dash && is_number(*it) && name.gap(it + 1) == Gap::Dash);
    let i = dashed.map_or(i, |it| it + 1);
    if i < name.len() { i } else { 0 }
}

/// "Series 012 (2019)", "Series #12", "Series v03": the issue is kept as `absolute`.
fn comic(reading: &Reading, folders: &Folders, facts: &mut Parsed) -> (usize, usize) {
    let name = &reading.name;
    let end = reading.title.end;
    let issue = (reading.title.start + 1..end).rev().find_map(|i| {
        let word = name.word(i);
        let digits = word.trim_start_matches(['v', 'c', '#']);
        let number: u16 = digits.parse().ok().filter(|_| digits.len() <= 4)?;
        Some((i, number))
    });
    let to = if let Some((i, number)) = issue {
        facts.absolute = Some(number);
        facts.note(Fact::Absolute, name.offset, name.bytes(i, i + 1));
        i
    } else {
        end
    };
    let is_word_before = to > reading.title.start + 1
        && matches!(name.word(to - 1), "vol" | "volume" | "issue" | "no" | "chapter" | "ch");
    let to = if is_word_before { to - 1 } else { to };
    facts.series = title::text(name, reading.title.start, to).or(folders.innermost_titles().0);
    (reading.title.start, end)
}

fn part(name: &Name) -> Option<u16> {
    (0..name.len()).find_map(|i| {
        let is_word =
            matches!(name.word(i), "part" | "pt" | "cd" | "disc" | "disk" | "chapter" | "track");
        let number = name
            .number(i + 1)
            .and_then(|it| u16::try_from(it).ok())
            .or_else(|| number_word(name.word(i + 1)));
        number.filter(|_| is_word)
    })
}
