//! How alike two titles are. Pure, and linear but for one product of two short lengths.

/// Letters that are compared: no title needs more, and the cost is their product.
const MAX_LETTERS: usize = 120;
/// What is at most said for titles whose numbers differ: "Alien 3" is not "Alien".
const OTHER_NUMBER: f32 = 0.5;
/// What a title is worth that is the other's beginning up to a colon or dash.
const MAIN_TITLE: f32 = 0.88;
/// What a title is worth that is the other but for a country behind it.
const OF_COUNTRY: f32 = 0.86;

/// How far the further titles of a thing are trusted.
const FURTHER: f32 = 0.97;

/// How alike the best pair of `ours` and `theirs` is, 0 to 1. A title further down `ours` is a little less sure.
pub fn best(ours: &[&str], theirs: &[&str]) -> f32 {
    let mut best = 0.0_f32;
    for (place, our) in ours.iter().enumerate() {
        let trust = if place == 0 { 1.0 } else { FURTHER };
        for (their_place, their) in theirs.iter().enumerate() {
            // Of the other names people use for a thing some are used for others too.
            let theirs_trust = if their_place < 2 { 1.0 } else { FURTHER };
            best = best.max(alike(our, their) * trust * theirs_trust);
        }
    }
    best
}

/// How alike two titles are, 0 to 1.
pub fn alike(one: &str, other: &str) -> f32 {
    let (first, second) = (naming::fold(one), naming::fold(other));
    if first.is_empty() || second.is_empty() {
        return 0.0;
    }
    if first == second {
        return 1.0;
    }
    let (our_words, their_words) = (words(one), words(other));
    if our_words == their_words {
        return 1.0;
    }
    // "The Office US" is one of those called "The Office".
    if let Some((true, rest)) = our_words.split_last().map(|(last, rest)| (is_country(last), rest))
        && rest == their_words
    {
        return OF_COUNTRY;
    }
    let (our_numbers, their_numbers) = (numbers(&our_words), numbers(&their_words));
    if our_numbers != their_numbers {
        return near(&first, &second).min(OTHER_NUMBER);
    }
    if is_main(one, &second) || is_main(other, &first) {
        return MAIN_TITLE;
    }
    let whole = near(&our_words.concat(), &their_words.concat());
    near(&first, &second).max(whole).max(of_words(&our_words, &their_words))
}

/// The country that tells series of one name apart.
fn is_country(word: &str) -> bool {
    matches!(
        word,
        "us" | "usa" | "uk" | "gb" | "au" | "nz" | "ca" | "ie" | "de" | "fr" | "jp" | "kr" | "in"
    )
}

/// Whether `whole` up to a colon or dash is `part`.
fn is_main(whole: &str, part: &str) -> bool {
    let cuts = [":", " - ", " – ", " — "];
    cuts.iter().any(|cut| {
        whole.split_once(cut).is_some_and(|(main, rest)| {
            !rest.trim().is_empty() && part.chars().count() > 3 && naming::fold(main) == *part
        })
    })
}

/// The folded words with numbers in one form: `II`, `Two`, `Part 2` and `2` are the same, and the first of a row is called
/// without its number.
fn words(title: &str) -> Vec<String> {
    let sorted = naming::sort_title(title);
    let (rest, _) = sorted.split_once(", ").unwrap_or((&sorted, ""));
    let bare = |word: &str| match word.trim_start_matches('0') {
        "" => "0".to_owned(),
        word => word.to_owned(),
    };
    let raw: Vec<String> = rest.split_whitespace().map(bare).collect();
    // "V" and "I" at the beginning are words.
    let number = |place: usize| {
        let word = raw.get(place)?;
        counted(word).or_else(|| roman(word).filter(|_| place > 0))
    };
    let is_digits = |place: usize| {
        raw.get(place).is_some_and(|it| it.chars().all(|sign| sign.is_ascii_digit()))
    };
    let mut words = Vec::new();
    for (place, word) in raw.iter().enumerate() {
        let is_part = |it: &String| matches!(it.as_str(), "part" | "volume" | "vol" | "chapter");
        let counts_next = number(place + 1).is_some() || is_digits(place + 1);
        if place > 0 && is_part(word) && counts_next {
            continue;
        }
        let follows_part = place > 0 && is_part(&raw[place - 1]);
        let is_first = matches!(word.as_str(), "1" | "i") || word == "one" && follows_part;
        if place > 0 && is_first {
            continue;
        }
        words.push(number(place).map_or_else(|| word.clone(), str::to_owned));
    }
    words
}

fn counted(word: &str) -> Option<&'static str> {
    Some(match word {
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "thirteen" => "13",
        _ => return None,
    })
}

fn roman(word: &str) -> Option<&'static str> {
    Some(match word {
        "i" => "1",
        "ii" => "2",
        "iii" => "3",
        "iv" => "4",
        "v" => "5",
        "vi" => "6",
        "vii" => "7",
        "viii" => "8",
        "ix" => "9",
        "x" => "10",
        "xi" => "11",
        "xii" => "12",
        _ => return None,
    })
}

/// The numbers that tell one of a row from the others. "1" tells nothing: the first of a row is called without it.
fn numbers(words: &[String]) -> Vec<&str> {
    let numbers = words.iter().map(String::as_str);
    numbers.filter(|it| *it != "1" && it.chars().all(|sign| sign.is_ascii_digit())).collect()
}

/// The part of the words that both have.
fn of_words(ours: &[String], theirs: &[String]) -> f32 {
    let both = ours.iter().filter(|it| theirs.contains(it)).count();
    let all = ours.len().max(theirs.len());
    // Words in another order, or one left out; never as good as the same.
    if all < 2 { 0.0 } else { both as f32 / all as f32 * 0.95 }
}

/// One less the part of the letters that must change for the one to be the other (Damerau and Levenshtein, neighbours
/// swapped as one change).
fn near(one: &str, other: &str) -> f32 {
    let one: Vec<char> = one.chars().take(MAX_LETTERS).collect();
    let other: Vec<char> = other.chars().take(MAX_LETTERS).collect();
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 0.0;
    }
    let width = other.len() + 1;
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..width).collect();
    for (i, ours) in one.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, theirs) in other.iter().enumerate() {
            let change = usize::from(ours != theirs);
            let mut cost = (previous[j] + change).min(previous[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *ours == other[j - 1] && one[i - 1] == *theirs {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        before = std::mem::replace(&mut previous, row);
    }
    1.0 - previous[width - 1] as f32 / longest as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_titles_are_equal_whatever_their_dress() {
        for (one, other) in [
            ("The Matrix", "Matrix, The"),
            ("Rocky II", "Rocky 2"),
            ("Ocean's Eleven", "Oceans 11"),
            ("Kill Bill: Volume Two", "Kill Bill Volume 2"),
            ("Amélie", "AMELIE"),
            ("Fast & Furious", "Fast and Furious"),
            ("The Godfather Part II", "Godfather Part 2"),
        ] {
            assert!((alike(one, other) - 1.0).abs() < f32::EPSILON, "{one} | {other}");
        }
    }

    #[test]
    fn another_of_a_row_is_another_title() {
        for (one, other) in [
            ("Alien", "Alien 3"),
            ("Alien 3", "Alien 4"),
            ("Rocky II", "Rocky III"),
            ("Blade Runner 2049", "Blade Runner"),
            ("Toy Story 2", "Toy Story 4"),
        ] {
            assert!(alike(one, other) <= OTHER_NUMBER, "{one} | {other}: {}", alike(one, other));
        }
    }

    #[test]
    fn a_slip_of_the_pen_costs_little_and_another_word_much() {
        assert!(alike("The Shawshank Redemption", "The Shawshenk Redemption") > 0.9);
        assert!(alike("Inception", "Incpetion") > 0.85);
        assert!(alike("Heat", "Cold") < 0.5);
        assert!(alike("Alien", "Aliens") < 0.9);
        assert!((alike("Star Wars", "Star Wars: A New Hope") - MAIN_TITLE).abs() < f32::EPSILON);
    }

    #[test]
    fn distance_counts_swapped_neighbours_once() {
        assert!((near("abcd", "abdc") - 0.75).abs() < f32::EPSILON);
        assert!((near("abc", "abc") - 1.0).abs() < f32::EPSILON);
        assert!((near("abcd", "") - 0.0).abs() < f32::EPSILON);
        assert!((near("ca", "abc") - 0.0).abs() < 0.34);
    }
}
