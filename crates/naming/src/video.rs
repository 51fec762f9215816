//! A film or an episode: the file's own reading and that of its folders, put together.

use std::ops::Range;

use crate::{
    Hint,
    context::Folders,
    fold,
    folder::Folder,
    lexicon::{self, Term},
    name::Gap,
    parsed::{Fact, Kind, Parsed},
    reading::Reading,
    recognise::{Mark, Numbering, Style, Tag},
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

fn film(reading: &mut Reading, folders: &Folders, siblings: Siblings, facts: &mut Parsed) {
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
            let is_with_year = reading.year.is_some_and(|(_, at)| {
                at == reading.title.end
                    && title::text(&reading.name, reading.title.start, at + 1)
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
    while let Some(mark) = reading
        .marks
        .iter()
        .find(|it| it.from == from && matches!(it.tag, Tag::Year(_) | Tag::Id(_) | Tag::EditionText))
    {
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

fn episode(reading: &Reading, folders: &Folders, facts: &mut Parsed) {
    facts.kind = Kind::Episode;
    reading.tell_numbers(facts);
    let season = folders.season();
    bare_number(reading, folders, facts);
    if facts.season.is_none()
        && facts.absolute.is_none()
        && let Some((number, _)) = season
    {
        facts.season = Some(number);
    }
    name_series(reading, folders, facts);
    // In a folder of its own, a release's facts stand in the folder's name.
    if let Some(owner) = folders.owner() {
        fill_from(&owner.reading, facts);
    }
    if let Some((_, folder)) = season {
        fill_from(&folder.reading, facts);
    }
    if reading.numbering.is_none() && reading.date.is_none() && facts.series.is_some() {
        // No numbers: what the file says beside the series is the episode's title.
        let own =
            reading.title_text().filter(|it| facts.series.as_deref().map(fold) != Some(fold(it)));
        facts.episode_title = own;
    } else if let Some(text) =
        reading.episode_title_text().filter(|it| !is_repeated_series(it, facts))
    {
        facts.episode_title = Some(text);
        let bytes =
            title::bytes(&reading.name, reading.episode_title.start, reading.episode_title.end);
        facts.note(Fact::EpisodeTitle, reading.name.offset, bytes);
    }
    facts.title.clone_from(&facts.episode_title);
}

fn is_repeated_series(text: &str, facts: &Parsed) -> bool {
    facts.series.as_deref().is_some_and(|it| fold(it) == fold(text)) && facts.season.is_none()
}

/// Decides what a number without any word counts: "103" season 1, episode 3; "- 012" absolute.
fn bare_number(reading: &Reading, folders: &Folders, facts: &mut Parsed) {
    let Some((numbers, tokens)) = &reading.numbering else { return };
    let is_bare = numbers.style == Style::Number && !numbers.is_between;
    let Some(number) = numbers.episode.filter(|_| is_bare) else { return };
    let name = &reading.name;
    let season = folders.season().map(|it| it.0);
    let n_digits = name.word(tokens.start).len();
    let is_anime = reading.leading_bracket.is_some()
        || folders.mention(&["anime", "animes"])
        || reading.marks.iter().any(|it| it.tag == Tag::Checksum);
    let (hundreds, rest) = (number / 100, number % 100);
    let is_joint = (3..=4).contains(&n_digits)
        && hundreds > 0
        && (1..=40).contains(&rest)
        && numbers.episode_end.is_none();
    let is_off_air = matches!(facts.source, Some("HDTV" | "PDTV" | "SDTV" | "SATRip"));
    let splits = match season {
        Some(season) => is_joint && hundreds == season,
        None => {
            is_joint
                && (n_digits == 3 || is_off_air)
                && !is_anime
                && name.gap(tokens.start) != Gap::Dash
                && tokens.start > 0
        }
    };
    if splits {
        facts.season = Some(hundreds);
        facts.episode = Some(rest);
    } else if season.is_none() && (is_anime || folders.hint == Hint::Any || n_digits >= 3) {
        facts.absolute = facts.episode.take();
        facts.absolute_end = facts.episode_end.take();
        for span in facts.spans.iter_mut().filter(|it| it.fact == Fact::Episode) {
            span.fact = Fact::Absolute;
        }
    }
}

/// Chooses between the series' name in the file and that of its folder.
fn name_series(reading: &Reading, folders: &Folders, facts: &mut Parsed) {
    let own = if reading.is_episode() { reading.title_text() } else { None };
    let season_folder = folders.season().map(|it| it.1);
    let from_season =
        season_folder.filter(|it| it.reading.numbering.is_some() && !it.reading.title.is_empty());
    let folder = folders.series();
    let chosen = match (&own, folder, from_season) {
        (_, Some(folder), from_season) => {
            let key = fold(&folder.reading.title_text().unwrap_or_default());
            let agrees = |it: &str| {
                let own = fold(it);
                own == key || own.starts_with(&key) || key.starts_with(&own)
            };
            let is_curated = season_folder.is_some() && from_season.is_none()
                || folder.reading.year.is_some()
                || is_set_off_film(&folder.reading);
            match (&own, from_season) {
                (Some(own), _)
                    if !is_curated && fold(own) != key && !key.starts_with(&fold(own)) =>
                {
                    None
                }
                (None, Some(season))
                    if !agrees(&season.reading.title_text().unwrap_or_default()) =>
                {
                    Some(season)
                }
                _ => Some(folder),
            }
        }
        (None, None, Some(season)) => Some(season),
        // "Show.Name.S01.1080p-GRP/show.name.s01e02": the folder keeps the capitals.
        (Some(own), None, Some(season)) => {
            let written = season.reading.title_text().unwrap_or_default();
            (fold(own) == fold(&written) && *own == own.to_lowercase()).then_some(season)
        }
        _ => None,
    };
    let source = chosen.map_or(reading, |it| &it.reading);
    facts.series = source.title_text();
    let bytes = title::bytes(&source.name, source.title.start, source.title.end);
    if facts.series.is_some() {
        facts.note(Fact::Series, source.name.offset, bytes);
    }
    note_year(source, facts);
    if facts.year.is_none() {
        note_year(reading, facts);
    }
    facts.alternative = source.alternative_text();
}
