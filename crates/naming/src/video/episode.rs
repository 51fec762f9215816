//! An episode: its numbers, series and own title out of the file and its folders.

use super::{fill_from, is_set_off_film, note_year};
use crate::{
    Hint,
    context::Folders,
    fold,
    name::Gap,
    parsed::{Fact, Kind, Parsed},
    reading::Reading,
    recognise::{Style, Tag},
    title,
};

pub fn episode(reading: &Reading, folders: &Folders, facts: &mut Parsed) {
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
