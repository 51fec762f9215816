//! Music, books, comics and photos: their kind, and the title that the name carries.

use std::ops::Range;

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
    // A song may be called "1969".
    let is_told = |at: usize| kind != Kind::Track || reading.year_is_set_off(at);
    if let Some((year, at)) = reading.year.filter(|it| is_told(it.1)) {
        facts.year = Some(year);
        facts.note(Fact::Year, offset, name.bytes(at, at + 1));
    }
    let (from, to) = match kind {
        Kind::Track => (behind_artist(name, behind_track_number(name), folders), name.len()),
        Kind::Book | Kind::Audiobook if let Some(title) = behind_author(name, folders) => {
            let stop = reading.title.end;
            (
                title.start,
                if title.contains(&stop) && stop > title.start { stop } else { title.end },
            )
        }
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
    // "A1 Come Together": the side of a record.
    let is_side = |it: &str| {
        let mut signs = it.bytes();
        matches!(signs.next(), Some(b'a'..=b'h'))
            && (2..=3).contains(&it.len())
            && signs.all(|it| it.is_ascii_digit())
    };
    let mut i = usize::from(is_side(name.word(0)) && name.gap(1) != Gap::Hyphen);
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

/// "01 - Artist - Title": the title, where the folders name the artist, too, or nobody in particular.
fn behind_artist(name: &Name, from: usize, folders: &Folders) -> usize {
    let Some(dash) = (from + 1..name.len()).find(|it| name.gap(*it) == Gap::Dash) else {
        return from;
    };
    let is_only_one = (dash + 1..name.len()).all(|it| name.gap(it) != Gap::Dash);
    let is_plain = (from..dash).all(|it| name.number(it).is_none());
    let is_artist = match title::text(name, from, dash) {
        Some(it) if folders.are_of(&it) => true,
        _ => is_only_one && is_plain && !folders.name_an_artist(),
    };
    if is_artist { dash } else { from }
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
    // "X-Men (1991) 001"
    let behind_year = reading.year.map(|it| it.1 + 1).filter(|it| *it > end);
    let issue = issue.or_else(|| {
        let i = behind_year.filter(|it| name.bracket(*it).is_none())?;
        Some((i, name.number(i).filter(|it| *it < 10_000)? as u16))
    });
    let to = if let Some((i, number)) = issue {
        facts.absolute = Some(number);
        facts.note(Fact::Absolute, name.offset, name.bytes(i, i + 1));
        i.min(end)
    } else {
        end
    };
    // "Naruto v01 c003"
    let is_volume = |it: &str| {
        let number = it.strip_prefix('v').unwrap_or_default();
        !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())
    };
    let to = if to > reading.title.start + 1 && is_volume(name.word(to - 1)) { to - 1 } else { to };
    let is_word_before = to > reading.title.start
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

/// The parts of a name between its dashes, up to the brackets at its end.
fn fields(name: &Name) -> Vec<Range<usize>> {
    let end = name
        .brackets()
        .iter()
        .rev()
        .find(|it| it.sign == '(' && it.to == name.len() && it.from > 0)
        .map_or(name.len(), |it| it.from);
    let mut fields = Vec::new();
    let mut from = 0;
    for i in 1..=end {
        if i == end || name.gap(i) == Gap::Dash {
            fields.push(from..i);
            from = i;
        }
    }
    fields
}

/// "Frank Herbert - Dune", "Dune - Frank Herbert" in the folder of Frank Herbert, "Frank Herbert - [Dune 01] - Dune": what
/// of it is the title. `None` when no part can be told to be the author.
fn behind_author(name: &Name, folders: &Folders) -> Option<Range<usize>> {
    let mut fields = fields(name);
    // "02 - Foundation and Empire": its place in a series of books.
    if fields.len() > 1 && fields[0].len() == 1 && name.number(0).is_some_and(|it| it < 1_000) {
        fields.remove(0);
        if let [title] = fields.as_slice() {
            return Some(title.clone());
        }
    }
    let [first, .., last] = fields.as_slice() else { return None };
    let is_folder = |field: &Range<usize>| {
        title::text(name, field.start, field.end).is_some_and(|it| folders.are_of(&it))
    };
    let second = &fields[1];
    let is_counted = fields.len() > 2 && name.number(second.end - 1).is_some();
    match fields.len() {
        2 if is_folder(last) && !is_folder(first) && is_person(name, last) => Some(first.clone()),
        _ if is_person(name, first) || is_folder(first) => {
            Some(if is_counted { last.start..last.end } else { second.start..last.end })
        }
        _ => None,
    }
}

/// Whether a field reads as the name of a person: two to four words with capitals, none of them a number or an article.
fn is_person(name: &Name, field: &Range<usize>) -> bool {
    const PARTICLES: &[&str] =
        &["de", "von", "van", "der", "den", "da", "di", "del", "la", "le", "al", "ten", "y"];
    const NO_NAMES: &[&str] =
        &["the", "a", "an", "of", "and", "in", "on", "to", "my", "le", "les", "das", "die", "el"];
    let words = || field.clone();
    let is_capital = |i: usize| name.raw(i).chars().next().is_some_and(char::is_uppercase);
    (2..=5).contains(&field.len())
        && is_capital(field.start)
        && words().all(|it| is_capital(it) || PARTICLES.contains(&name.word(it)))
        && words().all(|it| name.word(it).bytes().all(|it| !it.is_ascii_digit()))
        && !NO_NAMES.contains(&name.word(field.start))
        && words().all(|it| !matches!(name.word(it), "the" | "of" | "and"))
}
