//! Letters as people type them: without case, accents, ligatures and punctuation.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::numerals::is_number;

/// The words of `text`, folded, one space between them.
///
/// Apostrophes vanish ("Ocean's" is "oceans"), `&` is "and", every other sign parts words. Letters of scripts that write no
/// spaces are words of their own.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        for letter in text.chars() {
            push(&mut folded, letter);
        }
    } else {
        text.nfkd().filter(|it| !is_combining_mark(*it)).for_each(|it| push(&mut folded, it));
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// Each word of `text`, folded, with the bytes of `text` that it was made of.
pub(crate) fn words_with_places(text: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut words: Vec<(String, std::ops::Range<usize>)> = Vec::new();
    let mut is_open = false;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let mut piece = String::new();
        let mut letters = letter.nfkd().filter(|it| !is_combining_mark(*it)).peekable();
        if letters.peek().is_none() {
            // An accent of its own belongs to the letter before.
            if let Some((_, place)) = words.last_mut().filter(|_| is_open) {
                place.end = end;
            }
            continue;
        }
        // A letter in front, so that a space at the beginning is seen.
        piece.push('x');
        letters.for_each(|it| push(&mut piece, it));
        let piece = piece.split_at(1).1;
        for (nth, part) in piece.split(' ').enumerate() {
            if nth > 0 {
                is_open = false;
            }
            if part.is_empty() {
                continue;
            }
            match words.last_mut().filter(|_| is_open) {
                Some((word, place)) => {
                    word.push_str(part);
                    place.end = end;
                }
                None => words.push((part.to_owned(), at..end)),
            }
            is_open = true;
        }
    }
    words
}

fn push(folded: &mut String, letter: char) {
    let spelled = match letter {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        '\'' | '’' | '‘' | '`' | 'ʼ' => return,
        '&' => " and ",
        _ => "",
    };
    if !spelled.is_empty() {
        append(folded, spelled.chars());
    } else if !letter.is_alphanumeric() {
        append(folded, [' ']);
    } else if is_a_word_alone(letter) {
        append(folded, [' ', letter, ' ']);
    } else {
        append(folded, letter.to_lowercase());
    }
}

/// Appends letters that are folded already; a space only after a word.
fn append(folded: &mut String, letters: impl IntoIterator<Item = char>) {
    for letter in letters {
        if letter != ' ' || !(folded.is_empty() || folded.ends_with(' ')) {
            folded.push(letter);
        }
    }
}

/// Kana and Han: scripts without spaces.
fn is_a_word_alone(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// What a folded title becomes when spaces are left out: each two neighbours, and each run of single letters; and apart from
/// those, what was joined with a number, in which no typing error is forgiven.
pub(crate) fn joined_and_numbered(folded: &str) -> (Vec<String>, Vec<String>) {
    let words: Vec<&str> = folded.split(' ').filter(|it| !it.is_empty()).collect();
    let pairs = words.windows(2);
    let (numbered, joined): (Vec<&[&str]>, Vec<&[&str]>) =
        pairs.partition(|pair| pair.iter().any(|it| is_number(it)));
    let concat =
        |pairs: Vec<&[&str]>| -> Vec<String> { pairs.into_iter().map(<[&str]>::concat).collect() };
    let (mut joined, numbered) = (concat(joined), concat(numbered));
    let runs = words.chunk_by(|a, b| a.chars().count() == 1 && b.chars().count() == 1);
    joined.extend(runs.filter(|run| run.len() > 2).map(<[&str]>::concat));
    (joined, numbered)
}

/// Whether a number is in the word.
pub(crate) fn has_digit(word: &str) -> bool {
    word.bytes().any(|it| it.is_ascii_digit())
}

/// How many typing errors a word may have: one from 4 letters, two from 8. A number means itself, also as part of a word.
pub(crate) fn allowed_typos(word: &str) -> u8 {
    match word.chars().count() {
        _ if has_digit(word) => 0,
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_and_what_is_written_fold_to_the_same() {
        for (written, typed) in [
            ("Amélie", "amelie"),
            ("Œuvre", "oeuvre"),
            ("Cœur", "coeur"),
            ("Łódź", "lodz"),
            ("Straße", "strasse"),
            ("Ångström", "angstrom"),
            ("Ocean’s Eleven", "oceans eleven"),
            ("Spider-Man: No Way Home", "spider man no way home"),
            ("Fast & Furious", "fast and furious"),
            ("S.W.A.T.", "s w a t"),
            ("  WALL·E  ", "wall e"),
            ("Ⅱ", "ii"),
            ("千と千尋", "千 と 千 尋"),
            ("Cafe\u{301}", "cafe"),
            ("…", ""),
        ] {
            assert_eq!(fold(written), typed, "of {written:?}");
        }
    }

    #[test]
    fn words_have_their_places_and_are_those_of_the_folded_text() {
        for text in [
            "Amélie",
            "Œuvre au noir",
            "Spider-Man: No Way",
            "Ocean’s 11",
            "Fast & Furious",
            "千と千尋",
            "Cafe\u{301} noir",
            "  WALL·E ",
            "…",
            "ﬁn ﬁ",
        ] {
            let words = words_with_places(text);
            let folded: Vec<&str> = words.iter().map(|it| it.0.as_str()).collect();
            assert_eq!(folded.join(" "), fold(text), "of {text:?}");
        }
        let words = words_with_places("Le Fabuleux d'Amélie");
        assert_eq!(words[2], ("damelie".to_owned(), 12..21));
    }

    #[test]
    fn joined_words_are_neighbours_and_runs_of_letters() {
        let joined = |text| joined_and_numbered(text).0;
        assert_eq!(joined("spider man"), ["spiderman"]);
        assert_eq!(joined("s w a t"), ["sw", "wa", "at", "swat"]);
        assert!(joined("heat").is_empty() && joined("").is_empty());
        let numbered = ["man2", "2ii"].map(str::to_owned).to_vec();
        assert_eq!(joined_and_numbered("spider man 2 ii"), (vec!["spiderman".into()], numbered));
    }

    #[test]
    fn typos_are_allowed_by_length_and_never_in_numbers() {
        let words = ["abc", "abcd", "abcdefg", "abcdefgh", "1994", "12345678", "äöüß", "rocky3"];
        assert_eq!(words.map(allowed_typos), [0, 1, 1, 2, 0, 0, 1, 0]);
    }
}
