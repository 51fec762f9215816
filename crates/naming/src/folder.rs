//! What a folder in front of a file says: season, film or series, extras, subtitles, disc, or nothing.

use crate::{
    Hint,
    ignored::ACTORS,
    lexicon::{GENERIC_FOLDERS, SPECIAL_WORDS, SUBTITLE_FOLDERS, extra_of_folder},
    reading::Reading,
    recognise::{self, Style},
};

/// One folder of a path, read.
pub struct Folder<'a> {
    /// Its reading.
    pub reading: Reading<'a>,
    /// What it is for.
    pub role: Role,
}

/// What a folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says nothing about one title; perhaps what kind of things lie below.
    Generic(Option<Hint>),
    /// A season. Its reading may carry the series' title, too.
    Season(u16),
    /// Extras of what lies beside it.
    Extras(&'static str),
    /// Subtitles of what lies beside it.
    Subtitles,
    /// A disc structure (`dvd` or `bluray`).
    Disc(&'static str),
    /// One of several discs or parts ("CD1", "Disc 2").
    Part(u16),
    /// Pictures, of this role where their names do not say it.
    Artwork(&'static str),
    /// Specials that are an extra or a season, whichever the library holds.
    Specials,
    /// A film, a series, or something else with a title.
    Title,
}

impl<'a> Folder<'a> {
    /// Reads the folder `text`, which begins at byte `offset` of the path.
    pub fn new(text: &'a str, offset: usize, hint: Hint) -> Self {
        let reading = Reading::of_folder(text, offset, hint);
        let is_of_actors = text.eq_ignore_ascii_case(ACTORS);
        let role = if is_of_actors { Role::Artwork("portrait") } else { role(&reading, hint) };
        Self { reading, role }
    }

    /// Whether the folder is named as a release is, and then as one of subtitles.
    pub fn is_subtitles_of_video(&self) -> bool {
        let name = &self.reading.name;
        self.role == Role::Title
            && name.len() > 2
            && matches!(name.word(name.len() - 1), "subs" | "subtitles")
            && (self.reading.is_episode() || self.reading.year.is_some())
    }
}

fn role(reading: &Reading, hint: Hint) -> Role {
    let name = &reading.name;
    let all = if name.len() == 0 { "" } else { name.phrase(0, name.len()) };
    match all {
        "" => return Role::Generic(None),
        // A hidden folder in the middle of a path is some program's or person's way of sorting.
        _ if name.text.starts_with('.') && !name.text.contains(' ') => return Role::Generic(None),
        "video ts" | "hvdvd ts" | "audio ts" => return Role::Disc("dvd"),
        "bdmv" | "stream" | "playlist" | "clipinf" | "auxdata" | "backup"
            if all != "backup" || name.text == "BACKUP" =>
        {
            return Role::Disc("bluray");
        }
        "extrafanart" | "artwork" | "metadata" => return Role::Artwork("backdrop"),
        "extrathumbs" => return Role::Artwork("thumb"),
        _ => {}
    }
    if SUBTITLE_FOLDERS.contains(&all) {
        return Role::Subtitles;
    }
    if SPECIAL_WORDS.contains(&all)
        || matches!(
            all,
            "season 0" | "season 00" | "specials 1" | "tv specials" | "especiales" | "hors serie"
        )
    {
        return if hint == Hint::Movies { Role::Extras("other") } else { Role::Specials };
    }
    // "Show.S01.Extras", "Show S01 Bonus"
    let last = name.word(name.len() - 1);
    let is_of_season = reading.numbering.as_ref().is_some_and(|it| it.1.end + 1 == name.len());
    if let Some(kind) = extra_of_folder(all)
        .or_else(|| extra_of_folder(last).filter(|_| is_of_season && last.ends_with('s')))
    {
        return Role::Extras(kind);
    }
    if let Some((_, hint)) = GENERIC_FOLDERS.iter().find(|it| it.0.contains(&all)) {
        return Role::Generic(*hint);
    }
    // A drive or a year sorts films and says nothing more.
    if name.len() == 1 && (all.len() == 1 && all.bytes().all(|it| it.is_ascii_alphabetic())) {
        return Role::Generic(None);
    }
    if let Some(number) = recognise::whole_part(name) {
        return Role::Part(number);
    }
    if let Some((numbers, _)) = &reading.numbering
        && numbers.style == Style::Season
        && numbers.season_end.is_none()
        && let Some(season) = numbers.season
    {
        return Role::Season(season);
    }
    if hint == Hint::Shows
        && name.len() == 1
        && name.number(0).is_some_and(|it| it < 60)
        && all.len() <= 2
    {
        return Role::Season(name.number(0).unwrap_or(0) as u16);
    }
    Role::Title
}
