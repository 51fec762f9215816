//! A text in pieces, those that were looked for apart: what a page shows in bold.

use crate::curation::Curation;
use crate::fold::{allowed_typos, words_with_places};
use crate::numerals;
use crate::rank::{Needle, distance};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// As it is in the text; all pieces one after the other are the text.
    pub text: String,
    /// Whether it was looked for.
    pub is_match: bool,
}

/// The pieces of `text` for who typed `words`.
///
/// Words are found as the search finds them: in other spellings, as beginnings, nearly, run together.
pub fn pieces(text: &str, words: &str) -> Vec<Piece> {
    let needle = Needle::new(words, &Curation::default());
    let places = words_with_places(text);
    let mut is_match: Vec<bool> = vec![false; places.len()];
    for (at, (word, _)) in places.iter().enumerate() {
        is_match[at] = is_looked_for(&needle, word);
    }
    if !needle.words.is_empty() && !is_match.contains(&true) {
        mark_run_together(&needle, &places, &mut is_match);
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = 0;
    let mut was_match = false;
    for ((_, place), is_match) in places.iter().zip(is_match) {
        // A space between two words that were looked for belongs to them.
        push(&mut pieces, &text[end..place.start], is_match && was_match);
        push(&mut pieces, &text[place.clone()], is_match);
        (end, was_match) = (place.end, is_match);
    }
    push(&mut pieces, &text[end..], false);
    pieces
}

/// The part of a long text around the first words that were looked for, about `letters` long.
pub fn excerpt(text: &str, words: &str, letters: usize) -> Vec<Piece> {
    let mut before: usize = 0;
    for piece in pieces(text, words) {
        if piece.is_match {
            break;
        }
        before += piece.text.chars().count();
    }
    let length = text.chars().count();
    if length <= letters {
        return pieces(text, words);
    }
    let first = if before >= length { 0 } else { before.saturating_sub(letters / 3) };
    let cut: String = text.chars().skip(first).take(letters).collect();
    // Whole words only.
    let cut = if first > 0 { cut.split_once(' ').map_or(&*cut, |it| it.1) } else { &cut };
    let is_end = first + letters >= length;
    let cut = if is_end { cut } else { cut.rsplit_once(' ').map_or(cut, |it| it.0) };
    let (head, tail) = (if first > 0 { "… " } else { "" }, if is_end { "" } else { " …" });
    pieces(&format!("{head}{cut}{tail}"), words)
}

fn is_looked_for(needle: &Needle, word: &str) -> bool {
    let other = numerals::variants(&format!("x {word}"));
    let last = needle.words.len().saturating_sub(1);
    needle.core.iter().any(|typed| {
        let is_last = needle.words.get(last) == Some(typed);
        let is_there = if is_last { word.starts_with(typed.as_str()) } else { word == typed };
        let is_number = || other.iter().any(|it| it.strip_prefix("x ") == Some(typed));
        let allowed = u32::from(allowed_typos(typed));
        is_there || is_number() || allowed > 0 && distance(typed, word, is_last) <= allowed
    })
}

/// Neighbours that are one word of what was typed, or of all of it: "spiderman" in "Spider-Man".
fn mark_run_together(
    needle: &Needle,
    places: &[(String, std::ops::Range<usize>)],
    is_match: &mut [bool],
) {
    let typed = needle.words.concat();
    for begin in 0..places.len() {
        let mut joined = String::new();
        for end in begin..places.len().min(begin + 6) {
            joined.push_str(&places[end].0);
            if joined.starts_with(&typed) || joined == typed {
                is_match[begin..=end].fill(true);
                return;
            }
        }
    }
}

fn push(pieces: &mut Vec<Piece>, text: &str, is_match: bool) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut().filter(|it| it.is_match == is_match) {
        Some(last) => last.text.push_str(text),
        None => pieces.push(Piece { text: text.to_owned(), is_match }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let show =
            |it: &Piece| if it.is_match { format!("[{}]", it.text) } else { it.text.clone() };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn what_was_looked_for_stands_apart() {
        for (text, words, expected) in [
            ("The Matrix", "matr", "The [Matrix]"),
            ("The Matrix Reloaded", "matrix reloaded", "The [Matrix Reloaded]"),
            (
                "Le Fabuleux Destin d'Amélie Poulain",
                "fabuleux",
                "Le [Fabuleux] Destin d'Amélie Poulain",
            ),
            ("Œuvre au noir", "oeuvre", "[Œuvre] au noir"),
            ("Cafe\u{301} Noir", "cafe", "[Cafe\u{301}] Noir"),
            ("The Matrix", "matrxi", "The [Matrix]"),
            ("Spider-Man: No Way Home", "spiderman", "[Spider-Man]: No Way Home"),
            ("Rocky II", "rocky 2", "[Rocky II]"),
            ("Rocky III", "rocky 2", "[Rocky] III"),
            ("千と千尋", "千", "[千]と[千]尋"),
            ("Heat", "other", "Heat"),
            ("Heat", "", "Heat"),
            ("", "heat", ""),
        ] {
            let pieces = pieces(text, words);
            assert_eq!(shown(&pieces), expected, "of {words:?}");
            assert_eq!(pieces.iter().map(|it| it.text.as_str()).collect::<String>(), text);
        }
    }

    #[test]
    fn an_excerpt_is_around_the_words() {
        let text =
            format!("{}a hacker learns the truth {}", "before ".repeat(60), "after ".repeat(60));
        let found = excerpt(&text, "hacker", 80);
        let found = shown(&found);
        assert!(found.starts_with("… ") && found.ends_with(" …"), "{found}");
        assert!(found.contains("a [hacker] learns"), "{found}");
        assert!(found.chars().count() < 100, "{found}");
        assert_eq!(shown(&excerpt("short hacker", "hacker", 80)), "short [hacker]");
    }
}
