//! Numbers that are written in several ways: "Rocky II", "Rocky 2", "Ocean's Eleven".

use crate::fold::has_digit;

/// In digits, in Roman letters, in words.
const NUMBERS: [(&str, &str, &str); 20] = [
    ("1", "i", "one"),
    ("2", "ii", "two"),
    ("3", "iii", "three"),
    ("4", "iv", "four"),
    ("5", "v", "five"),
    ("6", "vi", "six"),
    ("7", "vii", "seven"),
    ("8", "viii", "eight"),
    ("9", "ix", "nine"),
    ("10", "x", "ten"),
    ("11", "xi", "eleven"),
    ("12", "xii", "twelve"),
    ("13", "xiii", "thirteen"),
    ("14", "xiv", "fourteen"),
    ("15", "xv", "fifteen"),
    ("16", "xvi", "sixteen"),
    ("17", "xvii", "seventeen"),
    ("18", "xviii", "eighteen"),
    ("19", "xix", "nineteen"),
    ("20", "xx", "twenty"),
];

/// Whether a folded word is a number, or has one in it.
pub(crate) fn is_number(word: &str) -> bool {
    has_digit(word) || NUMBERS.iter().any(|it| it.1 == word)
}

/// A folded title with its numbers written otherwise: in digits, in Roman letters, in words.
pub(crate) fn variants(folded: &str) -> Vec<String> {
    let words: Vec<&str> = folded.split(' ').collect();
    let numbers: Vec<_> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            NUMBERS.iter().find(|it| {
                // "V for Vendetta" and "I, Robot" begin with a letter, not with a number.
                it.0 == *word || it.2 == *word || it.1 == *word && (at > 0 || word.len() > 1)
            })
        })
        .collect();
    let write = |number: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        let written = words.iter().zip(&numbers).map(|(word, it)| it.map_or(*word, number));
        written.collect::<Vec<&str>>().join(" ")
    };
    // A single Roman letter is as good as any letter: nobody means "v" by "5".
    let mut variants = vec![write(|it| it.0), write(|it| if it.1.len() > 1 { it.1 } else { it.0 })];
    variants.push(write(|it| it.2));
    variants.retain(|it| it != folded);
    variants.dedup();
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_other_ways() {
        for (title, expected) in [
            ("rocky ii", vec!["rocky 2", "rocky two"]),
            ("rocky 2", vec!["rocky ii", "rocky two"]),
            ("rocky v", vec!["rocky 5", "rocky five"]),
            ("v for vendetta", vec![]),
            ("i robot", vec![]),
            ("oceans eleven", vec!["oceans 11", "oceans xi"]),
            ("2001 a space odyssey", vec![]),
            ("12 monkeys", vec!["xii monkeys", "twelve monkeys"]),
            ("heat", vec![]),
            (
                "part iii chapter 2",
                vec!["part 3 chapter 2", "part iii chapter ii", "part three chapter two"],
            ),
        ] {
            assert_eq!(variants(title), expected, "of {title:?}");
        }
    }
}
