//! Days of broadcast: `2015.03.04`, `04-03-2015`, `20150304`, `March 4 2015`.

use super::{FIRST_BROADCAST, LAST_YEAR, Tag};
use crate::{
    lexicon,
    name::{Gap, Name},
};

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

pub fn read(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let word = name.word(i);
    let first = word.as_bytes().first()?;
    if !first.is_ascii_digit() {
        // "March 4 2015": the month leads.
        name.word(i + 1).as_bytes().first().filter(|it| it.is_ascii_digit())?;
        lexicon::month_of(word)?;
    }
    if word.len() == 8 {
        let number = name.number(i)?;
        // "VID_20200101_120000": when a camera took it, not when it was broadcast.
        let is_stamp = name.word(i + 1).len() == 6
            && name.number(i + 1).is_some()
            && matches!(name.gap(i + 1), Gap::Underscore | Gap::Hyphen);
        if is_stamp && i <= 1 {
            return None;
        }
        return date(number / 10_000, number / 100 % 100, number % 100)
            .map(|it| (Tag::Date(it), 1));
    }
    if let Some(found) = recorder_stamp(name, i) {
        return Some(found);
    }
    // "E01.191214": Korean releases put the day behind the episode. Elsewhere six digits are too weak.
    if word.len() == 6 && i > 0 && is_episode_code(name.word(i - 1)) {
        let number = name.number(i)?;
        return date(2000 + number / 10_000, number / 100 % 100, number % 100)
            .map(|it| (Tag::Date(it), 1));
    }
    if name.len() < i + 3 || !joined(name, i + 1) || !joined(name, i + 2) {
        return None;
    }
    let same_sign = name.gap(i + 1) == name.gap(i + 2);
    // "14th June 2021"
    let words = [i, i + 1, i + 2].map(|it| without_ordinal(name.word(it)));
    let number = |word: &str| word.parse::<u32>().ok().filter(|_| word.len() <= 4);
    let numbers = words.map(number);
    let lengths = words.map(str::len);
    // "22.July.2018.1080p", "2.22.2017.1080p" begin with their title: a series stands in front of the day.
    let is_dotted = name.gap(1) == Gap::Dot && (numbers[1].is_none() || name.gap(3) == Gap::Dot);
    if i == 0 && is_dotted && lengths[0] <= 2 {
        return None;
    }
    // "Fahrenheit.9.11.2004", "Jackass.3.5.2011": among dots a day without its zero is rather a number of the title.
    if i > 0 && name.gap(i) == Gap::Dot && lengths[2] == 4 && lengths.contains(&1) {
        return None;
    }
    let found = match (numbers, lengths) {
        // Which order is meant shows only when one of the two is above 12; else the month stands between year and day.
        ([Some(year), Some(month), Some(day)], [4, 1..=2, 1..=2])
        | ([Some(day), Some(month), Some(year)], [1..=2, 1..=2, 4])
            if same_sign =>
        {
            date(year, month, day).or_else(|| date(year, day, month))
        }
        // "15.03.04" and its like are too weak to be told from other numbers, but for two leading digits of a year.
        ([Some(day), None, Some(year)], [1..=2, _, 4])
        | ([Some(year), None, Some(day)], [4, _, 1..=2]) => {
            date(year, lexicon::month_of(words[1])?.into(), day)
        }
        ([None, Some(day), Some(year)], [_, 1..=2, 4]) => {
            date(year, lexicon::month_of(words[0])?.into(), day)
        }
        _ => None,
    };
    found.map(|it| (Tag::Date(it), 3 + time(name, i + 3)))
}

/// "13.02.03_20-15_ard_90_TVOON_DE": day, hour, station and minutes, as a recorder of German television names its files.
fn recorder_stamp(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let two = |i: usize| name.number(i).filter(|_| name.word(i).len() == 2);
    let (year, month, day) = (two(i)?, two(i + 1)?, two(i + 2)?);
    let is_dotted = name.gap(i + 1) == Gap::Dot && name.gap(i + 2) == Gap::Dot;
    let is_timed = name.gap(i + 3) == Gap::Underscore && name.gap(i + 4) == Gap::Hyphen;
    if !is_dotted || !is_timed || two(i + 3)? >= 24 || two(i + 4)? >= 60 {
        return None;
    }
    // Behind the station only technical words follow.
    let is_marked = (i + 5..i + 11).any(|it| name.word(it) == "tvoon");
    let end = if is_marked { name.len() } else { i + 5 };
    date(2000 + year, month, day).map(|it| (Tag::Date(it), end - i))
}

/// Tokens of a time of day right behind a day: "2021-02-03 20 00 00 - Title", "2021-02-03 20-00".
fn time(name: &Name, i: usize) -> usize {
    let below =
        |i: usize, most: u32| name.word(i).len() == 2 && name.number(i).is_some_and(|it| it < most);
    let ends = |i: usize| i >= name.len() || matches!(name.gap(i), Gap::Dash | Gap::Underscore);
    let is_time = below(i, 24) && below(i + 1, 60);
    if is_time && below(i + 2, 60) && ends(i + 3) {
        3
    } else if is_time && name.gap(i + 1) == Gap::Hyphen && ends(i + 2) {
        2
    } else {
        0
    }
}

fn without_ordinal(word: &str) -> &str {
    let number = word.trim_end_matches(|it: char| it.is_ascii_lowercase());
    let is_ordinal = (1..=2).contains(&number.len())
        && matches!(&word[number.len()..], "st" | "nd" | "rd" | "th");
    if is_ordinal { number } else { word }
}

fn is_episode_code(word: &str) -> bool {
    word.strip_prefix('e')
        .is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

fn joined(name: &Name, i: usize) -> bool {
    matches!(name.gap(i), Gap::Dot | Gap::Hyphen | Gap::Underscore | Gap::Space | Gap::List)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let plausible = (u32::from(FIRST_BROADCAST)..=LAST_YEAR).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && !(matches!(month, 4 | 6 | 9 | 11) && day > 30)
        && !(month == 2 && day > 29);
    plausible.then_some(Date { year: year as u16, month: month as u8, day: day as u8 })
}
