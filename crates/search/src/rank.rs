//! How hits are ordered: one rule for all engines, which only propose candidates.
//!
//! Fewer typing errors first; then the very title, a title that begins so, a title with these words, the words elsewhere;
//! then the more popular, the newer, the title.

use std::cmp::{Ordering, Reverse};

use crate::document::{Card, Hit};
use crate::fold::{allowed_typos, fold, joined_words};

/// What a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needle {
    /// Folded; the last one may be unfinished.
    pub words: Vec<String>,
}

impl Needle {
    /// More words than this nobody types; the rest is left out, so that a query costs a bounded time.
    const MAX_WORDS: usize = 12;
    /// Longer words are not in any title.
    const MAX_LETTERS: usize = 40;

    pub fn new(text: &str) -> Self {
        let words = fold(text);
        let words = words.split(' ').filter(|it| !it.is_empty()).take(Self::MAX_WORDS);
        Self { words: words.map(|it| it.chars().take(Self::MAX_LETTERS).collect()).collect() }
    }

    pub fn text(&self) -> String {
        self.words.join(" ")
    }
}

/// Where the words of a query are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    ExactTitle,
    TitleStart,
    TitleWords,
    Elsewhere,
}

#[derive(Debug)]
struct Rank {
    typos: u32,
    place: Place,
    matched: Option<String>,
}

/// Orders `cards` and makes hits of them.
pub(crate) fn order(needle: &Needle, cards: Vec<Card>) -> Vec<Hit> {
    let mut ranked: Vec<(Rank, Card)> =
        cards.into_iter().map(|card| (rank(needle, &card), card)).collect();
    ranked.sort_by(|(a, one), (b, other)| {
        (a.typos, a.place)
            .cmp(&(b.typos, b.place))
            .then_with(|| other.popularity.partial_cmp(&one.popularity).unwrap_or(Ordering::Equal))
            .then_with(|| Reverse(one.added_at).cmp(&Reverse(other.added_at)))
            .then_with(|| (&one.titles, one.id).cmp(&(&other.titles, other.id)))
    });
    ranked.into_iter().map(|(rank, card)| hit(rank, card)).collect()
}

fn hit(rank: Rank, card: Card) -> Hit {
    let steps = f32::from(u16::try_from(rank.typos).unwrap_or(u16::MAX)) * 4.0;
    let score = 1.0 / (1.0 + steps + f32::from(rank.place as u8));
    Hit { id: card.id, kind: card.kind, score, matched: rank.matched }
}

fn rank(needle: &Needle, card: &Card) -> Rank {
    let (text, run_together) = (needle.text(), needle.words.concat());
    let titles: Vec<String> = card.titles.iter().map(|it| fold(it)).collect();
    let alternative = |at: usize| (at > 0).then(|| card.titles[at].clone());

    let is_exact = |title: &String| *title == text || title.replace(' ', "") == run_together;
    if let Some(at) = titles.iter().position(is_exact) {
        return Rank { typos: 0, place: Place::ExactTitle, matched: alternative(at) };
    }
    let begins = |title: &String| {
        title.starts_with(&text) || title.replace(' ', "").starts_with(&run_together)
    };
    if begins(&fold(&card.sort_title)) {
        return Rank { typos: 0, place: Place::TitleStart, matched: None };
    }
    if let Some(at) = titles.iter().position(begins) {
        return Rank { typos: 0, place: Place::TitleStart, matched: alternative(at) };
    }
    let best_title = titles
        .iter()
        .enumerate()
        .filter_map(|(at, title)| Some((typos_of_all(needle, title)?, at)))
        .min();
    if let Some((typos, at)) = best_title {
        return Rank { typos, place: Place::TitleWords, matched: alternative(at) };
    }
    let as_one = titles.iter().enumerate();
    let as_one = as_one.filter_map(|(at, title)| Some((typos_of(&run_together, true, title)?, at)));
    if let Some((typos, at)) = as_one.min() {
        return Rank { typos, place: Place::TitleWords, matched: alternative(at) };
    }
    elsewhere(needle, card, &titles)
}

/// The words are spread over titles, people and tags; what is in none of them was found in the overview as it is.
fn elsewhere(needle: &Needle, card: &Card, titles: &[String]) -> Rank {
    let names: Vec<(&String, String)> =
        card.people.iter().chain(&card.genres).map(|it| (it, fold(it))).collect();
    let mut typos = 0;
    let mut matched = None;
    for (word, is_last) in words(needle) {
        let in_titles = titles.iter().filter_map(|it| typos_of(word, is_last, it)).min();
        let in_names = names
            .iter()
            .filter_map(|(shown, folded)| Some((typos_of(word, is_last, folded)?, *shown)))
            .min_by_key(|(typos, _)| *typos);
        match (in_titles, in_names) {
            (Some(title), name) if name.is_none_or(|(name, _)| title <= name) => typos += title,
            (_, Some((name, shown))) => {
                typos += name;
                matched.get_or_insert_with(|| shown.clone());
            }
            _ => {}
        }
    }
    Rank { typos, place: Place::Elsewhere, matched }
}

fn words(needle: &Needle) -> impl Iterator<Item = (&str, bool)> {
    let last = needle.words.len().saturating_sub(1);
    needle.words.iter().enumerate().map(move |(at, word)| (word.as_str(), at == last))
}

/// The typing errors of all words in one folded text; `None` when a word is not in it.
fn typos_of_all(needle: &Needle, text: &str) -> Option<u32> {
    words(needle).map(|(word, is_last)| typos_of(word, is_last, text)).sum()
}

/// The typing errors of one word in a folded text: 0 when it is there, `None` when nothing is near enough.
fn typos_of(word: &str, is_last: bool, text: &str) -> Option<u32> {
    let is_there = |candidate: &str| {
        if is_last { candidate.starts_with(word) } else { candidate == word }
    };
    if text.split(' ').any(is_there) {
        return Some(0);
    }
    let joined = joined_words(text);
    if joined.iter().any(|it| is_there(it)) {
        return Some(0);
    }
    let allowed = u32::from(allowed_typos(word));
    if allowed == 0 {
        return None;
    }
    let candidates = text.split(' ').chain(joined.iter().map(String::as_str));
    candidates.map(|it| distance(word, it, is_last)).min().filter(|it| *it <= allowed)
}

/// Insertions, deletions, replacements and swaps of neighbours that make `typed` of `meant`, or of its beginning.
fn distance(typed: &str, meant: &str, or_beginning: bool) -> u32 {
    let typed: Vec<char> = typed.chars().collect();
    let meant: Vec<char> = meant.chars().collect();
    // rows[i][j]: what it costs to make the first i typed letters of the first j meant ones.
    let mut rows: Vec<Vec<u32>> = vec![(0..=meant.len() as u32).collect()];
    for (i, letter) in typed.iter().enumerate() {
        let mut row = vec![i as u32 + 1];
        for (j, other) in meant.iter().enumerate() {
            let mut cost =
                (rows[i][j] + u32::from(letter != other)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == meant[j - 1] && typed[i - 1] == *other {
                cost = cost.min(rows[i - 1][j - 1] + 1);
            }
            row.push(cost);
        }
        rows.push(row);
    }
    let last = &rows[typed.len()];
    if or_beginning { last.iter().copied().min().unwrap_or(0) } else { last[meant.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str, popularity: f32) -> Card {
        Card {
            id: uuid::Uuid::nil(),
            kind: "movie".into(),
            titles: vec![title.into(), "Alternative".into()],
            sort_title: title.trim_start_matches("The ").into(),
            people: vec!["Tom Hanks".into()],
            genres: vec!["Comedy".into()],
            year: Some(1994),
            popularity,
            added_at: 0,
        }
    }

    fn check(text: &str, title: &str, expected: Option<(u32, Place, Option<&str>)>) {
        let rank = rank(&Needle::new(text), &card(title, 1.0));
        let (typos, place, matched) = expected.expect("a rank");
        assert_eq!(
            (rank.typos, rank.place, rank.matched.as_deref()),
            (typos, place, matched),
            "{text:?} in {title:?}"
        );
    }

    #[test]
    fn places_and_typing_errors_are_told_apart() {
        use Place::{Elsewhere, ExactTitle, TitleStart, TitleWords};
        for (text, title, expected) in [
            ("the matrix", "The Matrix", (0, ExactTitle, None)),
            ("spiderman", "Spider-Man", (0, ExactTitle, None)),
            ("spider man", "Spiderman", (0, ExactTitle, None)),
            ("alternative", "The Matrix", (0, ExactTitle, Some("Alternative"))),
            ("matr", "The Matrix", (0, TitleStart, None)),
            ("altern", "The Matrix", (0, TitleStart, Some("Alternative"))),
            ("matrix the", "The Matrix", (0, TitleWords, None)),
            ("matrxi", "The Matrix", (1, TitleWords, None)),
            ("star wrs", "Star Wars", (1, TitleWords, None)),
            ("tom hanks", "Forrest Gump", (0, Elsewhere, Some("Tom Hanks"))),
            ("gump 1994 comedy", "Forrest Gump", (0, Elsewhere, Some("Comedy"))),
            ("in the overview", "Forrest Gump", (0, Elsewhere, None)),
        ] {
            check(text, title, Some(expected));
        }
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert_eq!(distance("teh", "the", false), 1);
        assert_eq!(distance("matrx", "matrix", false), 1);
        assert_eq!(distance("matr", "matrix", true), 0);
        assert_eq!(distance("mtar", "matrix", true), 1);
        assert_eq!(distance("", "abc", false), 3);
    }
}
