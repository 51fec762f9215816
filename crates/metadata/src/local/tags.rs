//! The tags that a media file carries.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{Credit, Facts, Role};

/// What `tags` (lower-case names as FFmpeg writes them) say about the work.
///
/// Titles of release files are often advertising; whether to believe the one here is for the caller to decide, who knows
/// what the name says.
pub fn read(tags: &BTreeMap<String, String>) -> Facts {
    let get = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| tags.get(*name).map(|it| it.trim()).filter(|it| !it.is_empty()))
    };
    let list = |names: &[&str]| get(names).map(split).unwrap_or_default();
    let people =
        |names: &[&str], role| list(names).into_iter().map(move |name| Credit::new(name, role));
    let date = get(&["date_released", "date_release", "date", "year", "creation_date"]);
    Facts {
        title: get(&["title"]).map(str::to_owned),
        original_title: get(&["original_title"]).map(str::to_owned),
        sort_title: get(&["sort_name", "title_sort"]).map(str::to_owned),
        overview: get(&["synopsis", "description", "summary"]).map(str::to_owned),
        year: date.and_then(year),
        released_on: date.and_then(|it| NaiveDate::parse_from_str(it.get(..10)?, "%Y-%m-%d").ok()),
        content_rating: get(&["law_rating", "content_rating"]).map(str::to_owned),
        genres: list(&["genre"]),
        tags: list(&["keywords"]),
        studios: list(&["production_studio", "studio"]),
        credits: people(&["actor", "cast"], Role::Actor)
            .chain(people(&["director"], Role::Director))
            .chain(people(&["written_by", "screenplay_by", "writer"], Role::Writer))
            .chain(people(&["composer"], Role::Composer))
            .collect(),
        ids: ["imdb", "tmdb", "tvdb"]
            .into_iter()
            .filter_map(|it| {
                // Matroska's rules write "movie/949" and "tv/1399"; the number is the id.
                let value = get(&[it])?.rsplit('/').next()?.trim();
                Some((it.to_owned(), value.to_owned())).filter(|(_, value)| !value.is_empty())
            })
            .collect(),
        ..Facts::default()
    }
}

fn year(date: &str) -> Option<i32> {
    let digits = date.get(..4)?;
    digits.parse().ok().filter(|it| (1870..=2200).contains(it))
}

/// Several values in one tag, as writers of tags separate them.
fn split(value: &str) -> Vec<String> {
    value
        .split([';', ',', '\0'])
        .flat_map(|it| it.split(" / "))
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_pairs(pairs: &[(&str, &str)]) -> Facts {
        read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn tags_of_matroska_and_mp4_become_facts() {
        let facts = read_pairs(&[
            ("title", " Sintel "),
            ("date_released", "2010-09-30"),
            ("genre", "Fantasy; Short / Adventure"),
            ("director", "Colin Levy"),
            ("tmdb", "movie/45745"),
            ("synopsis", "A girl looks for a dragon."),
        ]);
        assert_eq!(facts.title.as_deref(), Some("Sintel"));
        assert_eq!(facts.year, Some(2010));
        assert_eq!(facts.released_on, NaiveDate::from_ymd_opt(2010, 9, 30));
        assert_eq!(facts.genres, ["Fantasy", "Short", "Adventure"]);
        assert_eq!(facts.credits[0].role, Role::Director);
        assert_eq!(facts.ids["tmdb"], "45745");
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        let facts = read_pairs(&[("date", "soon"), ("title", "  "), ("imdb", "movie/")]);
        assert!(facts.is_empty(), "{facts:?}");
        assert_eq!(read_pairs(&[("date", "2ö10")]).year, None);
    }
}
