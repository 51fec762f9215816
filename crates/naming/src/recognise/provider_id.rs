//! Ids of outside catalogs: `{tmdb-603}`, `[imdbid=tt0133093]`, `tt0133093`.

use super::{Provider, Tag};
use crate::name::{Gap, Name};

/// Shortest and longest number behind IMDb's `tt`.
const IMDB_DIGITS: std::ops::RangeInclusive<usize> = 7..=9;

pub fn read(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let word = name.word(i);
    if is_imdb(word) {
        return Some((Tag::Id(Provider::Imdb), 1));
    }
    if let ("edition", Some(bracket)) = (word, name.bracket(i))
        && bracket.sign == '{'
        && bracket.from == i
        && bracket.to > i + 1
    {
        return Some((Tag::EditionText, bracket.to - i));
    }
    let provider = match word {
        "imdb" | "imdbid" => Provider::Imdb,
        "tmdb" | "tmdbid" | "themoviedb" | "moviedb" => Provider::Tmdb,
        "tvdb" | "tvdbid" | "thetvdb" | "tvdb2" | "tvdb3" | "tvdb4" => Provider::Tvdb,
        "tvmaze" | "tvmazeid" => Provider::Tvmaze,
        "anidb" | "anidbid" | "anidb2" | "anidb3" | "anidb4" => Provider::Anidb,
        "anilist" | "anilistid" => Provider::Anilist,
        "mal" | "malid" | "myanimelist" => Provider::Mal,
        _ => return None,
    };
    // "tmdb id 603" and "tmdb_id=603" put one more word between.
    let value = if name.word(i + 1) == "id" { i + 2 } else { i + 1 };
    let fits = if provider == Provider::Imdb {
        is_imdb(name.word(value))
    } else {
        name.number(value).is_some()
    };
    let is_joined = matches!(name.gap(value), Gap::Hyphen | Gap::Other | Gap::Underscore)
        || name.bracket(i).is_some();
    (fits && is_joined).then_some((Tag::Id(provider), value + 1 - i))
}

fn is_imdb(word: &str) -> bool {
    word.strip_prefix("tt").is_some_and(|it| {
        IMDB_DIGITS.contains(&it.len()) && it.bytes().all(|digit| digit.is_ascii_digit())
    })
}
