//! Equal titles get equal keys: folding for comparison and for sorting.

use unicode_normalization::char::{compose, decompose_canonical, is_combining_mark};

/// Words that begin a title without adding to it.
const ARTICLES: &[&str] = &[
    "the", "a", "an", // English
    "le", "la", "les", "un", "une", "des", // French
    "der", "die", "das", "ein", "eine", // German
    "el", "los", "las", "una", "unos", "unas", // Spanish
    "il", "lo", "gli", "uno", // Italian
    "os", "um", "uma", // Portuguese
    "de", "het", "een", // Dutch
    "den", "det", "en", "et", // Scandinavian
];

/// Articles that a sort key moves to the end. Short: what is an article in one language is a word in another
/// ("Die Hard", "Das Boot", "En man som heter Ove").
const SORT_ARTICLES: &[&str] =
    &["the", "a", "an", "le", "la", "les", "der", "das", "el", "los", "las", "il"];

/// Digits that a number in a sort key is padded to.
const SORT_DIGITS: usize = 6;

/// Key under which the files of one film or series are found: two titles that differ in case, diacritics, punctuation,
/// spacing, a leading article (also one moved behind a comma), `&` for `and`, or full-width forms have the same key.
///
/// A title of nothing but signs is its own key, so the key of a title that is not empty is not empty.
pub fn fold(title: &str) -> String {
    let words = words(title);
    let mut rest = words.as_slice();
    if rest.len() > 1 {
        if ARTICLES.contains(&rest[0].as_str()) {
            rest = &rest[1..];
        } else if title.contains(',') && ARTICLES.contains(&rest[rest.len() - 1].as_str()) {
            rest = &rest[..rest.len() - 1];
        }
    }
    let key = rest.concat();
    if key.is_empty() { title.trim().to_lowercase() } else { key }
}

/// Key by which titles are put in order: folded words with single spaces, a leading article moved behind a comma, every
/// number padded with zeros to six digits. `The Matrix` gives `matrix, the`, `Alien 3` gives `alien 000003`.
pub fn sort_title(title: &str) -> String {
    let words = words(title);
    let (article, rest) = match words.split_first() {
        Some((first, rest)) if !rest.is_empty() && SORT_ARTICLES.contains(&first.as_str()) => {
            (Some(first), rest)
        }
        _ => (None, words.as_slice()),
    };
    let mut key = String::with_capacity(title.len() + 8);
    for word in rest {
        if !key.is_empty() {
            key.push(' ');
        }
        push_padded(&mut key, word);
    }
    if let Some(article) = article {
        key.push_str(", ");
        key.push_str(article);
    }
    if key.is_empty() { title.trim().to_lowercase() } else { key }
}

/// The folded words of a title; letters of an acronym with dots are one word.
fn words(title: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut after_dot = false;
    // Whether the last complete word is an acronym that a further single letter may join.
    let mut acronym = false;
    let mut flush = |word: &mut String, after_dot: bool| {
        if word.is_empty() {
            return;
        }
        let is_letter = word.chars().nth(1).is_none() && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if is_letter && acronym && after_dot => last.push_str(word),
            _ => words.push(word.clone()),
        }
        acronym = is_letter;
        word.clear();
    };
    for sign in title.chars() {
        if sign.is_alphanumeric() || is_mark(sign) {
            push_char(&mut word, sign);
        } else if sign == '&' {
            flush(&mut word, after_dot);
            word.push_str("and");
            flush(&mut word, false);
            after_dot = false;
        } else if !matches!(sign, '\'' | '’' | '‘' | '`' | '´') {
            if !word.is_empty() {
                flush(&mut word, after_dot);
                after_dot = sign == '.';
            } else if sign != '.' {
                after_dot = false;
            }
        }
    }
    flush(&mut word, after_dot);
    words
}

fn push_padded(key: &mut String, word: &str) {
    let mut digits = String::new();
    for sign in word.chars().chain(std::iter::once('\0')) {
        if sign.is_ascii_digit() {
            digits.push(sign);
            continue;
        }
        if !digits.is_empty() {
            for _ in digits.len()..SORT_DIGITS {
                key.push('0');
            }
            key.push_str(&digits);
            digits.clear();
        }
        if sign != '\0' {
            key.push(sign);
        }
    }
}

/// Adds `sign` in lower case, without diacritics, full-width forms made ordinary.
pub(crate) fn push_char(folded: &mut String, sign: char) {
    if sign.is_ascii() {
        folded.push(sign.to_ascii_lowercase());
        return;
    }
    match sign {
        '\u{ff01}'..='\u{ff5e}' => {
            let ordinary = char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign);
            folded.push(ordinary.to_ascii_lowercase());
        }
        // Korean syllables and voiced kana would fall apart, and words differ by them: kept, or put together.
        '\u{ac00}'..='\u{d7a3}' | '\u{3040}'..='\u{3098}' | '\u{309b}'..='\u{30ff}' => {
            folded.push(sign);
        }
        '\u{3099}' | '\u{309a}' | '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}' => {
            let whole = folded.chars().next_back().and_then(|it| compose(it, sign));
            if whole.is_some() {
                folded.pop();
            }
            folded.push(whole.unwrap_or(sign));
        }
        _ => decompose_canonical(sign, |part| {
            if is_accent(part) {
                return;
            }
            for letter in part.to_lowercase().filter(|it| !is_accent(*it)) {
                match spelled(letter) {
                    Some(plain) => folded.push_str(plain),
                    None => folded.push(letter),
                }
            }
        }),
    }
}

/// How a small letter is written where it is missing. After taking off its accent: `ǽ` is an `æ` too.
fn spelled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ı' => "i",
        _ => return None,
    })
}

/// Whether `sign` belongs to the letter before it.
pub(crate) fn is_mark(sign: char) -> bool {
    !sign.is_ascii() && is_combining_mark(sign)
}

/// Whether `sign` is a mark that people leave out: accents, points of Hebrew and Arabic. The vowel signs of Indic scripts
/// are marks too, but words differ by them.
fn is_accent(sign: char) -> bool {
    matches!(sign,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{20d0}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use super::{fold, sort_title};

    #[test]
    fn titles_that_people_take_for_equal_have_one_key() {
        let check =
            |left: &str, right: &str| assert_eq!(fold(left), fold(right), "{left} | {right}");
        check("The Matrix", "matrix");
        check("Matrix, The", "The Matrix");
        check("Amélie", "AMELIE");
        check("Ame\u{301}lie", "Amélie");
        check("Spider-Man", "Spider Man");
        check("Fast & Furious", "Fast and Furious");
        check("S.W.A.T.", "SWAT");
        check("Marvel's Agents of S.H.I.E.L.D.", "Marvels Agents of SHIELD");
        check("ＡＫＩＲＡ", "Akira");
        check("Ocean's Eleven", "Oceans Eleven");
        check("Straße", "STRASSE");
        check("STRAẞE", "Straße");
        check("\u{1fc}on Flux", "Aeon Flux");
    }

    #[test]
    fn different_titles_have_different_keys() {
        let check =
            |left: &str, right: &str| assert_ne!(fold(left), fold(right), "{left} | {right}");
        check("Alien", "Aliens");
        check("It", "It Follows");
        check("The", "A");
        check("!!!", "???");
        check("東京", "京都");
    }

    #[test]
    fn sort_keys_move_articles_and_pad_numbers() {
        let check = |title: &str, key: &str| assert_eq!(sort_title(title), key);
        check("The Matrix", "matrix, the");
        check("Alien 3", "alien 000003");
        check("Die Hard", "die hard");
        check("2001: A Space Odyssey", "002001 a space odyssey");
        check("The", "the");
        check("Ōkami", "okami");
        check("Se7en", "se000007en");
    }
}
