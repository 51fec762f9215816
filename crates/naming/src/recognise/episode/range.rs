//! What follows the first number: the episode behind a season, further seasons, further episodes.

use super::{LONGEST_RANGE, Numbering, Style, digits, tail, words::episode_words};
use crate::{
    lexicon::number_word,
    name::{Gap, Name},
};

/// The episode right behind a season.
pub fn behind_season(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    if name.gap(i) == Gap::List {
        return None;
    }
    if let Some(found) = episode_words(name, i) {
        return Some(found);
    }
    // "Season Two Episode Five"
    if name.word(i) == "episode" && name.word(i + 1).len() > 2 {
        let number = number_word(name.word(i + 1))?;
        return Some((Numbering::episode(number), 2));
    }
    let word = name.word(i);
    if let Some(rest) = word
        .strip_prefix("ep")
        .or_else(|| word.strip_prefix('e'))
        .or_else(|| word.strip_prefix('x'))
    {
        let (episode, rest) = digits(rest, 4)?;
        return tail(Numbering::episode(episode), rest).map(|it| (it, 1));
    }
    None
}

/// "S01-S03", "Seasons 1-5", "S01 to S03".
pub fn season_range(name: &Name, i: usize, n: usize, season: u16) -> Option<(u16, usize)> {
    let at = i + n;
    let (at, is_word) = if matches!(name.word(at), "to" | "thru" | "bis" | "a") {
        (at + 1, true)
    } else {
        (at, false)
    };
    if !is_word && !matches!(name.gap(at), Gap::Hyphen | Gap::Dash | Gap::List) {
        return None;
    }
    let word = name.word(at);
    let end = if let Some((end, "")) = word.strip_prefix('s').and_then(|it| digits(it, 4)) {
        end
    } else if is_word
        || name.gap(at) == Gap::Hyphen
        || matches!(name.word(i), "seasons" | "saisons" | "staffeln" | "temporadas" | "stagioni")
    {
        digits(word, 2).filter(|it| it.1.is_empty() && (n == 2 || word.len() == 2))?.0
    } else {
        return None;
    };
    // "Show S02 - 05" in a tight form is an episode behind its season; a bare number is no season there.
    (end > season && end - season < 50).then_some((end, at + 1 - i - n))
}

/// "S01.S02.S03": each season named, in order.
pub fn season_list(name: &Name, i: usize, season: u16) -> Option<(u16, usize)> {
    let next = |n: usize| match name.word(i + n).strip_prefix('s').and_then(|it| digits(it, 2)) {
        Some((number, "")) => Some(number),
        _ => None,
    };
    let n = (0..usize::from(LONGEST_RANGE))
        .zip(season + 1..)
        .take_while(|(n, season)| next(*n) == Some(*season))
        .count();
    (n > 0).then(|| (season + n as u16, n))
}

/// Further episodes behind the first: "-E03", "-03", "+E03", ".E03", "-S01E03", "-1x03". Gives the tokens it took.
pub fn range(name: &Name, i: usize, n: usize, numbers: &mut Numbering) -> usize {
    let mut taken = 0;
    loop {
        let at = i + n + taken;
        let gap = name.gap(at);
        let word = name.word(at);
        if at >= name.len() || word.is_empty() {
            return taken;
        }
        let last = numbers.episode_end.or(numbers.episode).unwrap_or(0);
        // "S01E01a-b": the halves of one.
        let before = name.word(at - 1);
        if gap == Gap::Hyphen
            && matches!(word, "b" | "c" | "d")
            && before.ends_with(['a', 'b', 'c'])
            && before.contains(|it: char| it.is_ascii_digit())
        {
            taken += 1;
            continue;
        }
        // "S01E01 and E02"
        if matches!(word, "and" | "und" | "et" | "y" | "e" | "to")
            && let Some(end) = next_in_range(name.word(at + 1), Gap::Other, numbers)
            && end > last
            && end - last <= LONGEST_RANGE
        {
            numbers.episode_end = Some(end);
            taken += 2;
            continue;
        }
        // "s01e01_02": the next one, written as long as the first.
        if gap == Gap::Underscore
            && word.len() == 2
            && numbers.style == Style::Full
            && digits(word, 2) == Some((last + 1, ""))
        {
            numbers.episode_end = Some(last + 1);
            taken += 1;
            continue;
        }
        let end = next_in_range(word, gap, numbers);
        match end {
            Some(end) if end > last && end - last <= LONGEST_RANGE => {
                numbers.episode_end = Some(end);
            }
            // The same number again ("S01E01-E01") adds nothing but belongs here.
            Some(end) if end == last && word.starts_with(['e', 's']) => {}
            _ => return taken,
        }
        taken += 1;
    }
}

fn next_in_range(word: &str, gap: Gap, numbers: &Numbering) -> Option<u16> {
    let whole = |it: Option<(u16, &str)>| it.filter(|it| it.1.is_empty()).map(|it| it.0);
    // With the season again.
    if let Some((season, rest)) = word.strip_prefix('s').and_then(|it| digits(it, 4)) {
        let rest = rest.strip_prefix("ep").or_else(|| rest.strip_prefix('e'))?;
        return whole(digits(rest, 4)).filter(|_| Some(season) == numbers.season);
    }
    if let Some((season, rest)) =
        digits(word, 4).and_then(|(season, rest)| Some((season, rest.strip_prefix('x')?)))
    {
        return whole(digits(rest, 3)).filter(|_| Some(season) == numbers.season);
    }
    if let Some(rest) = word.strip_prefix("ep").or_else(|| word.strip_prefix('e')) {
        return whole(digits(rest, 4));
    }
    let is_tight = matches!(gap, Gap::Hyphen) || (gap == Gap::List && numbers.style == Style::Full);
    if is_tight && word.len() <= 3 && word.len() >= 2
        || is_tight && word.len() == 1 && numbers.episode < Some(10)
    {
        return whole(digits(word, 3));
    }
    None
}
