//! How hits are ordered: one rule for all engines, which only propose candidates.
//!
//! Fewer typing errors first; then the very title, a title that begins so, a title with these words, the words in names, too,
//! the words in what it is about;
//! then the more popular, the newer, the title.

use std::cmp::{Ordering, Reverse};

use crate::curation::Curation;
use crate::document::{Card, Hit, Matched};
use crate::fold::{allowed_typos, fold, joined_and_numbered, words_with_places};
use crate::numerals::is_number;
use crate::sort::Sort;

/// Words that titles begin with and people leave out or add. "Die" is none: "Die Hard" is no "Hard".
const ARTICLES: [&str; 20] = [
    "the", "a", "an", "der", "das", "ein", "eine", "le", "la", "les", "un", "une", "el", "los",
    "las", "il", "lo", "gli", "het", "een",
];

/// What a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needle {
    /// Folded; the last one may be unfinished.
    pub words: Vec<String>,
    /// Those that must be there: without a leading article and stop words, unless nothing else is left.
    pub core: Vec<String>,
}

impl Needle {
    /// More words than this nobody types; the rest is left out, so that a query costs a bounded time.
    const MAX_WORDS: usize = 12;
    /// Longer words are not in any title.
    const MAX_LETTERS: usize = 40;

    pub fn new(text: &str, curation: &Curation) -> Self {
        let words = fold(text);
        let words = words.split(' ').filter(|it| !it.is_empty()).take(Self::MAX_WORDS);
        let words: Vec<String> =
            words.map(|it| it.chars().take(Self::MAX_LETTERS).collect()).collect();
        let core = match words.split_first() {
            Some((first, rest)) if !rest.is_empty() && is_article(first) => rest.to_vec(),
            _ => words.clone(),
        };
        Self { core: curation.without_stop_words(core), words }
    }

    /// All words.
    pub fn text(&self) -> String {
        self.words.join(" ")
    }

    /// Those that must be there.
    pub fn core_text(&self) -> String {
        self.core.join(" ")
    }
}

fn is_article(word: &str) -> bool {
    ARTICLES.contains(&word)
}

/// A folded title without its article.
fn bare(title: &str) -> &str {
    match title.split_once(' ') {
        Some((first, rest)) if is_article(first) => rest,
        _ => title,
    }
}

/// Where the words of a query are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    ExactTitle,
    TitleStart,
    /// The very title but for an article that was typed, or typing errors.
    ExactBare,
    StartBare,
    TitleWords,
    /// In names too: of people, characters, genres.
    Named,
    /// Some of them only in what it is about.
    Elsewhere,
}

#[derive(Debug)]
struct Rank {
    typos: u32,
    place: Place,
    matched: Option<Matched>,
    /// Every word is somewhere.
    is_explained: bool,
}

impl Rank {
    fn at(typos: u32, place: Place, matched: Option<Matched>) -> Self {
        Self { typos, place, matched, is_explained: true }
    }
}

/// The hits that `cards` are, in order, and the words as the best one has them, if they were typed otherwise. A card that
/// does not have the words, by our rules of spelling, is none.
///
/// With a `sort` that order comes first.
pub(crate) fn order(
    needle: &Needle,
    cards: Vec<Card>,
    sort: Option<Sort>,
) -> (Vec<Hit>, Option<String>) {
    let ranks = cards.into_iter().map(|card| (rank(needle, &card), card));
    let mut ranked: Vec<(Rank, Card)> = ranks.filter(|(rank, _)| rank.is_explained).collect();
    ranked.sort_by(|(a, one), (b, other)| {
        // What is called so comes before what is called so elsewhere.
        let of_other_title = |it: &Rank| matches!(it.matched, Some(Matched::Title(_)));
        let by_match =
            (a.typos, a.place, of_other_title(a)).cmp(&(b.typos, b.place, of_other_title(b)));
        sort.map_or(by_match, |it| it.compare(one, other))
            .then_with(|| other.popularity.partial_cmp(&one.popularity).unwrap_or(Ordering::Equal))
            .then_with(|| Reverse(one.added_at).cmp(&Reverse(other.added_at)))
            .then_with(|| (&one.titles, one.id).cmp(&(&other.titles, other.id)))
    });
    // What was meant is in all that was found, in whatever order.
    let best = ranked.iter().min_by_key(|it| it.0.typos).filter(|(rank, _)| rank.typos > 0);
    let meant = best.map(|(_, card)| meant(needle, card)).filter(|it| fold(it) != needle.text());
    (ranked.into_iter().map(|(rank, card)| hit(rank, card)).collect(), meant)
}

fn hit(rank: Rank, card: Card) -> Hit {
    let steps = f32::from(u16::try_from(rank.typos).unwrap_or(u16::MAX)) * 7.0;
    let score = 1.0 / (1.0 + steps + f32::from(rank.place as u8));
    Hit { id: card.id, kind: card.kind, score, matched: rank.matched }
}

fn rank(needle: &Needle, card: &Card) -> Rank {
    if needle.words.is_empty() {
        return Rank::at(0, Place::Elsewhere, None);
    }
    let (text, run_together) = (needle.text(), needle.words.concat());
    // The titles as shown, then the other ways to write them, each with the place of the title it is of.
    let titles: Vec<(usize, String)> = (0..)
        .zip(card.titles.iter().map(|it| fold(it)))
        .chain(card.variants.iter().cloned())
        .collect();
    let of_title =
        |at: usize| (at > 0).then(|| card.titles.get(at).cloned()).flatten().map(Matched::Title);
    let find = |is_so: &dyn Fn(&str) -> bool| {
        titles.iter().find(|(_, title)| is_so(title)).map(|(at, _)| of_title(*at))
    };
    let sort_title = fold(&card.sort_title);

    let is_exact = |title: &str| title == text || title.replace(' ', "") == run_together;
    if let Some(matched) = find(&is_exact) {
        return Rank::at(0, Place::ExactTitle, matched);
    }
    let begins =
        |title: &str| title.starts_with(&text) || title.replace(' ', "").starts_with(&run_together);
    if begins(&sort_title) {
        return Rank::at(0, Place::TitleStart, None);
    }
    if let Some(matched) = find(&begins) {
        return Rank::at(0, Place::TitleStart, matched);
    }
    if needle.core != needle.words {
        let core = needle.core_text();
        let is_exact = |title: &str| bare(title) == core;
        if let Some(matched) = find(&is_exact) {
            return Rank::at(0, Place::ExactBare, matched);
        }
        if let Some(matched) = find(&|title: &str| bare(title).starts_with(&core)) {
            return Rank::at(0, Place::StartBare, matched);
        }
    }
    let best_title = titles
        .iter()
        .filter_map(|(at, title)| {
            let typos = typos_of_all(needle, title)?;
            // All of the title but for typing errors.
            let is_whole = typos > 0 && bare(title).split(' ').count() == needle.core.len();
            let place = if is_whole { Place::ExactBare } else { Place::TitleWords };
            Some((typos, place, *at))
        })
        .min();
    if let Some((typos, place, at)) = best_title {
        return Rank::at(typos, place, of_title(at));
    }
    let run_together = needle.core.concat();
    let has_number = needle.core.iter().any(|it| is_number(it));
    let as_one = titles
        .iter()
        .filter_map(|(at, title)| Some((typos_of(&run_together, true, title)?, *at)))
        .filter(|(typos, _)| *typos == 0 || !has_number);
    if let Some((typos, at)) = as_one.min() {
        return Rank::at(typos, Place::TitleWords, of_title(at));
    }
    elsewhere(needle, card, &titles)
}

/// The words are spread over titles, people and labels; what is in none of them was found in the overview as it is.
fn elsewhere(needle: &Needle, card: &Card, titles: &[(usize, String)]) -> Rank {
    let people = card.people.iter().map(|it| (fold(it), Matched::Person(it.clone())));
    let characters = card.characters.iter().map(|it| (fold(it), Matched::Character(it.clone())));
    let labels = card.labels.iter().map(|it| (fold(it), Matched::Label(it.clone())));
    let others = card.label_variants.iter().filter_map(|(at, folded)| {
        Some((folded.clone(), Matched::Label(card.labels.get(*at)?.clone())))
    });
    let names: Vec<(String, Matched)> =
        people.chain(characters).chain(labels).chain(others).collect();
    let year = card.year.map(|it| it.to_string()).unwrap_or_default();
    let mut typos = 0;
    let mut matched = None;
    let (mut is_in_overview, mut is_explained) = (false, true);
    for (word, is_last) in words(needle) {
        let in_titles = titles
            .iter()
            .filter_map(|(_, it)| typos_of(word, is_last, it))
            .chain(typos_of(word, is_last, &year))
            .min();
        let in_names = names
            .iter()
            .filter_map(|(folded, shown)| Some((typos_of(word, is_last, folded)?, shown)))
            .min_by_key(|(typos, _)| *typos);
        match (in_titles, in_names) {
            (Some(title), name) if name.is_none_or(|(name, _)| title <= name) => typos += title,
            (_, Some((name, shown))) => {
                typos += name;
                matched.get_or_insert_with(|| shown.clone());
            }
            _ => {
                is_in_overview = true;
                let overview = card.overview.as_ref();
                is_explained &= overview.is_none_or(|it| it.split(' ').any(|it| it == word));
            }
        }
    }
    let matched = matched.or_else(|| is_in_overview.then_some(Matched::Overview));
    let place = if is_in_overview { Place::Elsewhere } else { Place::Named };
    Rank { typos, place, matched, is_explained }
}

/// The words that were typed, each as the card has it where that is near.
fn meant(needle: &Needle, card: &Card) -> String {
    let Card { titles, people, characters, labels, .. } = card;
    let texts: Vec<&String> = titles.iter().chain(people).chain(characters).chain(labels).collect();
    let last = needle.words.len().saturating_sub(1);
    let words = needle.words.iter().enumerate().map(|(at, word)| {
        let near = texts.iter().flat_map(|text| {
            let words = words_with_places(text).into_iter();
            words.map(|(folded, place)| {
                (distance(word, &folded, at == last), text[place].to_lowercase())
            })
        });
        let nearest = near.min_by_key(|(typos, _)| *typos);
        nearest
            .filter(|(typos, _)| (1..=u32::from(allowed_typos(word))).contains(typos))
            .map_or_else(|| word.clone(), |(_, shown)| shown)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn words(needle: &Needle) -> impl Iterator<Item = (&str, bool)> {
    let last = needle.core.len().saturating_sub(1);
    needle.core.iter().enumerate().map(move |(at, word)| (word.as_str(), at == last))
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
    let (joined, numbered) = joined_and_numbered(text);
    if joined.iter().chain(&numbered).any(|it| is_there(it)) {
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
pub(crate) fn distance(typed: &str, meant: &str, or_beginning: bool) -> u32 {
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
mod tests;
