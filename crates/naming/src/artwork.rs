//! Local artwork: pictures whose names say what they show of a film or series.

use crate::{
    Hint,
    context::Folders,
    name::Name,
    parsed::{Fact, Kind, Parsed},
    video::{self, Siblings},
};

/// Reads an image. `None` when nothing says that it is artwork.
pub fn parse(
    stem: &str,
    offset: usize,
    folders: &Folders,
    siblings: Siblings,
    is_named_as_video: bool,
) -> Option<Parsed> {
    let name = Name::new(stem, offset);
    if name.len() == 0 {
        return None;
    }
    if let Some(role) = folders.artwork() {
        let mut facts = of_folder(folders, siblings, role);
        if role == "portrait" {
            // "Jo_Field.jpg": the person's name as players write it there.
            facts.label = Some(stem.replace('_', " ").trim().to_owned());
            facts.note(Fact::Label, offset, 0..stem.len());
        }
        return Some(facts);
    }
    if let Some(found) = set_artwork(&name, folders, siblings) {
        return Some(found);
    }
    if let Some(found) = season_artwork(&name, folders, siblings) {
        return Some(found);
    }
    // "poster", "Film (2010)-poster", "S01E02-thumb", "fanart2"
    let last = name.len() - 1;
    let (word, from) = match name.number(last) {
        Some(_) if last > 0 => (name.word(last - 1), last - 1),
        _ => (name.word(last).trim_end_matches(|it: char| it.is_ascii_digit()), last),
    };
    if let Some(role) = role(word) {
        if from == 0 {
            let mut facts = of_folder(folders, siblings, role);
            facts.note(Fact::Artwork, offset, name.bytes(0, name.len()));
            return Some(facts);
        }
        let is_set_off = matches!(
            name.text[..name.bytes(from, from + 1).start].chars().next_back(),
            Some('-' | '.' | '_')
        );
        if is_set_off && !matches!(word, "show" | "movie" | "default" | "art") {
            let base = &stem[..name.bytes(0, from).end + closing(&name, from)];
            let mut facts = video::parse(base, offset, folders, siblings);
            facts.kind = Kind::Other;
            facts.artwork = Some(role);
            facts.note(Fact::Artwork, offset, name.bytes(from, name.len()));
            return Some(facts);
        }
    }
    // Named as the video itself: a still of an episode, the poster of a film.
    let mut facts = video::parse(stem, offset, folders, siblings);
    let is_numbered = facts.episode.is_some() || facts.absolute.is_some();
    let is_artwork = is_named_as_video
        || folders.hint == Hint::Shows && is_numbered
        || folders.hint == Hint::Movies && facts.year.is_some();
    if !is_artwork {
        return None;
    }
    facts.artwork = Some(if facts.kind == Kind::Episode { "thumb" } else { "poster" });
    facts.kind = Kind::Other;
    Some(facts)
}

fn closing(name: &Name, from: usize) -> usize {
    let end = name.bytes(0, from).end;
    name.text[end..]
        .chars()
        .take_while(|it| matches!(it, ')' | ']' | '}' | '!' | '?'))
        .map(char::len_utf8)
        .sum()
}

/// The artwork of the film, series or season that the folder is.
fn of_folder(folders: &Folders, siblings: Siblings, role: &'static str) -> Parsed {
    let mut facts = video::parse("", 0, folders, siblings);
    facts.kind = Kind::Other;
    facts.artwork = Some(role);
    facts
}

/// `season01-poster`, `season-specials-banner`, `season2`.
fn season_artwork(name: &Name, folders: &Folders, siblings: Siblings) -> Option<Parsed> {
    let first = name.word(0);
    let (season, n) = match first.strip_prefix("season")? {
        "" => match name.word(1) {
            "specials" => (Some(0), 2),
            "all" => (None, 2),
            _ => (Some(u16::try_from(name.number(1)?).ok()?), 2),
        },
        number => (Some(number.parse().ok()?), 1),
    };
    let role = if name.len() == n {
        "poster"
    } else {
        role(name.word(n)).filter(|_| name.len() == n + 1)?
    };
    let mut facts = of_folder(folders, siblings, role);
    if facts.series.is_none() {
        facts.series = facts.title.take();
    }
    facts.season = season.or(facts.season);
    facts.note(Fact::Artwork, name.offset, name.bytes(0, name.len()));
    Some(facts)
}

/// `movieset-poster`, `movieset-fanart`: of the collection that a film is part of.
fn set_artwork(name: &Name, folders: &Folders, siblings: Siblings) -> Option<Parsed> {
    if name.len() != 2 || name.word(0) != "movieset" {
        return None;
    }
    let role = match role(name.word(1).trim_end_matches(|it: char| it.is_ascii_digit()))? {
        "poster" => "set_poster",
        "backdrop" => "set_backdrop",
        _ => return None,
    };
    let mut facts = of_folder(folders, siblings, role);
    facts.note(Fact::Artwork, name.offset, name.bytes(0, name.len()));
    Some(facts)
}

fn role(word: &str) -> Option<&'static str> {
    Some(match word {
        "poster" | "folder" | "cover" | "movie" | "show" | "default" | "front" => "poster",
        "fanart" | "backdrop" | "background" | "art" => "backdrop",
        "banner" => "banner",
        "logo" | "clearlogo" => "logo",
        "clearart" => "clearart",
        "thumb" | "landscape" | "still" => "thumb",
        "disc" | "discart" | "cdart" => "disc",
        "keyart" => "keyart",
        "characterart" => "characterart",
        _ => return None,
    })
}
