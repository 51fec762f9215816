//! Letters as people type them: without case, accents, ligatures and punctuation.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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

/// What a folded title becomes when spaces are left out: each two neighbours, and each run of single letters.
pub(crate) fn joined_words(folded: &str) -> Vec<String> {
    let words: Vec<&str> = folded.split(' ').filter(|it| !it.is_empty()).collect();
    let mut joined: Vec<String> = words.windows(2).map(<[&str]>::concat).collect();
    let runs = words.chunk_by(|a, b| a.chars().count() == 1 && b.chars().count() == 1);
    joined.extend(runs.filter(|run| run.len() > 2).map(<[&str]>::concat));
    joined
}

/// How many typing errors a word may have: one from 4 letters, two from 8. A number means itself.
pub(crate) fn allowed_typos(word: &str) -> u8 {
    match word.chars().count() {
        _ if word.bytes().all(|it| it.is_ascii_digit()) => 0,
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
    fn joined_words_are_neighbours_and_runs_of_letters() {
        assert_eq!(joined_words("spider man 2"), ["spiderman", "man2"]);
        assert_eq!(joined_words("s w a t"), ["sw", "wa", "at", "swat"]);
        assert!(joined_words("heat").is_empty());
        assert!(joined_words("").is_empty());
    }

    #[test]
    fn typos_are_allowed_by_length_and_never_in_numbers() {
        let words = ["abc", "abcd", "abcdefg", "abcdefgh", "1994", "12345678", "äöüß"];
        assert_eq!(words.map(allowed_typos), [0, 1, 1, 2, 0, 0, 1]);
    }
}
