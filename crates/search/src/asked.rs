//! The box as a person types into it: words, and what narrows them.
//!
//! `genre:comedy`, `studio:"Warner Bros."`, `genre:comedy,drama` (one of them), `-genre:horror`, `year:1990-1999`,
//! `year:>2000`, `rating:7-`, `is:unwatched`; `watched` and `unwatched` also by themselves. What is between quotes are
//! words. What only looks like a filter ("Mission: Impossible") are words, too.

use crate::facet::{Facet, Number};

/// Filters that are taken from one box; further ones are words.
const MAX_FILTERS: usize = 16;
/// Values of one filter.
const MAX_VALUES: usize = 16;

/// What was typed, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The words to look for.
    pub words: String,
    /// What narrows them, in the order typed.
    pub filters: Vec<Narrowing>,
    /// Filters whose value says nothing: `year:soon`.
    pub ignored: Vec<String>,
}

/// One filter as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// The piece of the text that it was read from.
    pub written: String,
    /// Leaves in what is not so.
    pub is_not: bool,
    /// What is asked.
    pub wanted: Wanted,
}

/// What a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One of these values.
    Value(Facet, Vec<String>),
    /// A number at least the first and at most the second; tenths for ratings.
    Range(Number, Option<i64>, Option<i64>),
    /// What the person made of it.
    Own(Own),
}

/// What a person made of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Played to its end; of a group all of it.
    Watched,
    /// Not so.
    Unwatched,
    /// Begun.
    InProgress,
    /// Among the favourites.
    Favourite,
}

impl Own {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Watched, Self::Unwatched, Self::InProgress, Self::Favourite];

    /// Its name in a query: `is:watched`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Unwatched => "unwatched",
            Self::InProgress => "in-progress",
            Self::Favourite => "favourite",
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        match key {
            "watched" | "played" => Some(Self::Watched),
            "unwatched" | "unplayed" => Some(Self::Unwatched),
            "in-progress" | "inprogress" | "started" => Some(Self::InProgress),
            "favourite" | "favorite" | "favourites" | "favorites" => Some(Self::Favourite),
            _ => None,
        }
    }
}

impl Asked {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Self {
        let mut asked = Self::default();
        let mut words: Vec<&str> = Vec::new();
        for piece in pieces(text) {
            let is_room = asked.filters.len() < MAX_FILTERS;
            match read(piece).filter(|_| is_room) {
                None => words.push(piece),
                Some(Read::Filter(filter)) => asked.filters.push(filter),
                Some(Read::Unfinished) => {}
                Some(Read::Nonsense) => asked.ignored.push(piece.to_owned()),
            }
        }
        let words = words.join(" ").replace('"', " ");
        Self { words: words.trim().to_owned(), ..asked }
    }
}

/// What a person types for this value of a facet.
pub fn written(facet: Facet, value: &str) -> String {
    format!("{}:{}", facet.key(), quoted(value))
}

/// A value as it stands behind a key or a comma: between quotes where it must.
pub fn quoted(value: &str) -> String {
    if value.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '.') && !value.is_empty() {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('"', ""))
    }
}

/// The facet that a key asks for, by whichever of its names; `None` of a number, and of what is no key.
pub fn facet_called(key: &str) -> Option<Facet> {
    match facet(key)? {
        Asking::Facet(facet) => Some(facet),
        Asking::Number(_) => None,
    }
}

/// The pieces between spaces; what is between quotes is not parted.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut begin, mut is_quoted) = (Vec::new(), None, false);
    for (at, letter) in text.char_indices() {
        if letter == '"' {
            is_quoted = !is_quoted;
        }
        if letter.is_whitespace() && !is_quoted {
            if let Some(begin) = begin.take() {
                pieces.push(&text[begin..at]);
            }
        } else if begin.is_none() {
            begin = Some(at);
        }
    }
    pieces.extend(begin.map(|it| &text[it..]));
    pieces
}

enum Read {
    Filter(Narrowing),
    /// A key whose value is yet to come.
    Unfinished,
    Nonsense,
}

/// A piece as a filter; `None` where it is words.
fn read(piece: &str) -> Option<Read> {
    let (is_not, text) = match piece.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, piece),
    };
    let filter = |is_not, wanted| {
        Some(Read::Filter(Narrowing { written: piece.to_owned(), is_not, wanted }))
    };
    let Some((key, value)) = text.split_once(':') else {
        return match text {
            "watched" => filter(is_not, Wanted::Own(Own::Watched)),
            "unwatched" => filter(is_not, Wanted::Own(Own::Unwatched)),
            _ => None,
        };
    };
    let key = key.to_lowercase();
    if key == "is" {
        return match Own::of_key(&value.to_lowercase()) {
            Some(own) => filter(is_not, Wanted::Own(own)),
            None if value.is_empty() => Some(Read::Unfinished),
            None => Some(Read::Nonsense),
        };
    }
    let facet = facet(&key)?;
    if value.is_empty() || value == "\"" {
        return Some(Read::Unfinished);
    }
    let wanted = match facet {
        Asking::Number(number) => {
            range(number, value).map(|(from, to)| Wanted::Range(number, from, to))
        }
        Asking::Facet(Facet::Decade) => {
            let decade: Option<i64> = value.trim_end_matches(['s', 'S']).parse().ok();
            let from = decade.filter(|it| (0..10_000).contains(it)).map(|it| it / 10 * 10);
            from.map(|it| Wanted::Range(Number::Year, Some(it), Some(it + 9)))
        }
        Asking::Facet(facet) => {
            let values = values(value);
            (!values.is_empty()).then_some(Wanted::Value(facet, values))
        }
    };
    match wanted {
        Some(wanted) => filter(is_not, wanted),
        None => Some(Read::Nonsense),
    }
}

enum Asking {
    Facet(Facet),
    Number(Number),
}

fn facet(key: &str) -> Option<Asking> {
    Some(match key {
        "year" => Asking::Number(Number::Year),
        "rating" => Asking::Number(Number::Rating),
        "age" => Asking::Number(Number::Age),
        "with" => Asking::Facet(Facet::Person),
        "type" => Asking::Facet(Facet::Kind),
        "language" => Asking::Facet(Facet::Audio),
        "subtitles" => Asking::Facet(Facet::Subtitle),
        "quality" => Asking::Facet(Facet::Resolution),
        key => Asking::Facet(Facet::of_key(key)?),
    })
}

/// Values parted by commas; what is between quotes is not parted.
fn values(text: &str) -> Vec<String> {
    let (mut values, mut value, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => values.push(std::mem::take(&mut value)),
            _ => value.push(letter),
        }
    }
    values.push(value);
    values.retain(|it| !crate::fold::fold(it).is_empty());
    values.truncate(MAX_VALUES);
    values
}

/// `1994`, `1990-1999`, `1990-`, `-1999`, `>1990`, `>=1990`, `<7.5`.
fn range(number: Number, text: &str) -> Option<(Option<i64>, Option<i64>)> {
    let text = text.trim_matches('"');
    let is_rating = number == Number::Rating;
    let scale = if is_rating { 10.0 } else { 1.0 };
    let whole = |text: &str| -> Option<i64> {
        let number: f64 = text.parse().ok().filter(|it: &f64| it.is_finite())?;
        let is_whole = number.fract() == 0.0;
        let fits = (0.0..=10_000.0).contains(&number) && (is_rating || is_whole);
        fits.then_some((number * scale).round() as i64)
    };
    if let Some(rest) = text.strip_prefix(">=") {
        return Some((Some(whole(rest)?), None));
    }
    if let Some(rest) = text.strip_prefix("<=") {
        return Some((None, Some(whole(rest)?)));
    }
    if let Some(rest) = text.strip_prefix('>') {
        return Some((Some(whole(rest)? + 1), None));
    }
    if let Some(rest) = text.strip_prefix('<') {
        return Some((None, Some(whole(rest)? - 1)));
    }
    if let Some((from, to)) = text.split_once("..").or_else(|| text.split_once(['-', '–'])) {
        let end = |text: &str| if text.is_empty() { Some(None) } else { whole(text).map(Some) };
        let (from, to) = (end(from)?, end(to)?);
        return (from.is_some() || to.is_some()).then_some((from, to));
    }
    let exact = whole(text)?;
    // A whole point of the rating is all of it: 7 is 7.0 to 7.9.
    let is_point = is_rating && !text.contains('.');
    Some((Some(exact), Some(if is_point { exact + 9 } else { exact })))
}

#[cfg(test)]
mod tests;
