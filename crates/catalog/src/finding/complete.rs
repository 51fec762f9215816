//! What the text in the box may go on to be: keys of filters, and values that are there to be found.

use std::collections::HashMap;

use kernel::{Guard, Result, Viewer};
use search::{Asked, Counts, Facet, Of, Own, Query, facet_called, quoted};
use uuid::Uuid;

use super::narrow::OwnSets;
use super::service::{checked, names_query};
use super::{Completion, store};
use crate::Catalog;

/// Completions at the most.
const MAX_COMPLETIONS: usize = 10;

/// Keys that are offered, the most useful first.
const KEYS: [&str; 19] = [
    "genre",
    "year",
    "is",
    "kind",
    "rating",
    "director",
    "person",
    "studio",
    "network",
    "country",
    "audio",
    "subtitle",
    "resolution",
    "hdr",
    "codec",
    "tag",
    "age",
    "library",
    "decade",
];

impl Catalog {
    /// What `text` may go on to be; empty where it ends with a space or with words of its own.
    pub async fn complete_search(&self, viewer: &Viewer, text: &str) -> Result<Vec<Completion>> {
        checked(text)?;
        let (before, last) = last_piece(text);
        let (not, piece) = match last.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", last),
        };
        let Some((key, value)) = piece.split_once(':') else {
            return Ok(keys(before, not, piece));
        };
        let (chosen, value) = last_value(value);
        let start = value.trim_matches('"');
        let whole = |piece: &str| format!("{before}{not}{piece} ");
        let key = key.to_lowercase();
        if key == "is" {
            let start = start.to_lowercase();
            let own = Own::ALL.into_iter().filter(|it| it.key().starts_with(&start));
            let complete = |own: Own| Completion {
                text: whole(&format!("is:{}", own.key())),
                label: own.key().to_owned(),
                count: None,
            };
            return Ok(own.map(complete).collect());
        }
        let Some(facet) = facet_called(&key) else { return Ok(Vec::new()) };
        let values = match facet {
            Facet::Person | Facet::Actor | Facet::Director | Facet::Writer | Facet::Composer => {
                self.people_called(viewer, start).await?
            }
            _ => self.values(viewer, before, facet, start).await?,
        };
        let values = values.into_iter().take(MAX_COMPLETIONS);
        Ok(values
            .map(|(label, count)| {
                let text = whole(&format!("{key}:{chosen}{}", quoted(&label)));
                Completion { text, label, count }
            })
            .collect())
    }

    /// Values of a facet among what the text before it finds.
    async fn values(
        &self,
        viewer: &Viewer,
        before: &str,
        facet: Facet,
        start: &str,
    ) -> Result<Vec<(String, Option<u64>)>> {
        let asked = &Asked::parse(before);
        let filters = self.reading(|mut db| async move {
            self.narrow(&mut db, viewer, asked, &mut OwnSets::default()).await
        });
        let filters = filters.await?;
        let is_library = facet == Facet::Library;
        let query = Query {
            text: &asked.words,
            libraries: viewer.scope.ids(),
            guard: viewer.scope.marks(),
            of: Of::Items,
            kinds: None,
            filters: &filters,
            counts: Counts::Of(facet, if is_library { "" } else { start }),
            limit: 0,
            offset: 0,
            sort: None,
        };
        let hits = self.search.query(&query).await?;
        let values = hits.facets.into_iter().flat_map(|it| it.values);
        if !is_library {
            return Ok(values.map(|(value, count)| (value, Some(count))).collect());
        }
        let names = self.library_names_unscoped().await?;
        let names: HashMap<String, String> = names
            .into_iter()
            .filter(|(id, _)| viewer.scope.contains(*id))
            .map(|(id, name)| (id.0.to_string(), name))
            .collect();
        let start = naming::fold(start);
        let named = values.filter_map(|(id, count)| {
            let name = names.get(&id)?;
            naming::fold(name).starts_with(&start).then(|| (name.clone(), Some(count)))
        });
        Ok(named.collect())
    }

    /// People whose names begin so.
    async fn people_called(
        &self,
        viewer: &Viewer,
        start: &str,
    ) -> Result<Vec<(String, Option<u64>)>> {
        let all = Guard::default();
        let query = Query {
            guard: &all,
            kinds: Some(vec!["person".to_owned()]),
            ..names_query(viewer, start, &[])
        };
        let hits = self.search.query(&query).await?;
        let ids: Vec<Uuid> = hits.hits.iter().map(|it| it.id).collect();
        let found = &ids;
        let seen = self.reading(|mut db| async move {
            store::names::list_seen_names(&mut db, &viewer.scope, found).await
        });
        let seen = seen.await?;
        let mut seen: HashMap<Uuid, String> =
            seen.into_iter().map(|(id, _, name)| (id, name)).collect();
        Ok(ids.iter().filter_map(|id| Some((seen.remove(id)?, None))).collect())
    }
}

/// Keys that begin with what is typed, and the filters that need none.
fn keys(before: &str, not: &str, piece: &str) -> Vec<Completion> {
    let piece = piece.to_lowercase();
    let begun = KEYS.into_iter().filter(|it| !piece.is_empty() && it.starts_with(&piece));
    begun
        .map(|key| Completion {
            text: format!("{before}{not}{key}:"),
            label: format!("{key}:"),
            count: None,
        })
        .chain(bare(before, not, &piece))
        .collect()
}

/// The filters that are understood without a key.
fn bare(before: &str, not: &str, piece: &str) -> Vec<Completion> {
    let begun = [Own::Watched, Own::Unwatched].map(Own::key).into_iter();
    begun
        .filter(|it| !piece.is_empty() && it.starts_with(piece))
        .map(|it| Completion {
            text: format!("{before}{not}{it} "),
            label: it.to_owned(),
            count: None,
        })
        .collect()
}

/// The text up to its last piece, and that piece. A space between quotes does not part.
fn last_piece(text: &str) -> (&str, &str) {
    behind_last(text, char::is_whitespace)
}

/// The values up to the last comma, with it, and what is behind. A comma between quotes does not part.
fn last_value(values: &str) -> (&str, &str) {
    behind_last(values, |it| it == ',')
}

/// The text up to and with the last letter outside of quotes that `parts`, and what is behind it.
fn behind_last(text: &str, parts: impl Fn(char) -> bool) -> (&str, &str) {
    let (mut begin, mut is_quoted) = (0, false);
    for (at, letter) in text.char_indices() {
        if letter == '"' {
            is_quoted = !is_quoted;
        }
        if parts(letter) && !is_quoted {
            begin = at + letter.len_utf8();
        }
    }
    text.split_at(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_is_what_is_typed_now() {
        for (text, before, last) in [
            ("star ge", "star ", "ge"),
            ("star ", "star ", ""),
            ("genre:\"Science F", "", "genre:\"Science F"),
            ("a genre:\"Science Fiction\" b", "a genre:\"Science Fiction\" ", "b"),
            ("", "", ""),
        ] {
            assert_eq!(last_piece(text), (before, last), "{text:?}");
        }
    }

    #[test]
    fn keys_are_offered_as_they_are_begun() {
        let labels =
            |text| keys("star ", "", text).into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(labels("ge"), ["star genre:"]);
        assert_eq!(labels("R"), ["star rating:", "star resolution:"]);
        assert!(labels("").is_empty() && labels("matrix").is_empty());
        assert_eq!(labels("Un"), ["star unwatched "]);
        assert_eq!(labels("wa"), ["star watched "]);
    }

    #[test]
    fn behind_a_comma_another_value_begins() {
        for (values, chosen, last) in [
            ("comedy,dr", "comedy,", "dr"),
            ("a,\"b, c\",\"d, e", "a,\"b, c\",", "\"d, e"),
            ("dr", "", "dr"),
            ("dr,", "dr,", ""),
        ] {
            assert_eq!(last_value(values), (chosen, last), "{values}");
        }
    }

    #[test]
    fn every_key_that_is_offered_is_understood() {
        for key in KEYS {
            let value = match key {
                "year" | "rating" | "age" | "decade" => "1990",
                "is" => "watched",
                _ => "x",
            };
            assert_eq!(Asked::parse(&format!("{key}:{value}")).filters.len(), 1, "{key}");
        }
    }
}
