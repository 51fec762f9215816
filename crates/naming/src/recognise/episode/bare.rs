//! Numbers that count episodes without a word: "02 - Title", "Title - 012", "[01]".

use super::{LONGEST_RANGE, Numbering, Style, digits, tail};
use crate::name::{Gap, Name};

/// The bare number of `from..to` that counts an episode, with its tokens. Used where numbers count episodes at all: anime
/// releases, season folders.
pub fn trailing_number(name: &Name, from: usize, to: usize) -> Option<(usize, usize, Numbering)> {
    let mut best: Option<(usize, usize, Numbering, bool)> = None;
    let mut i = from;
    while i < to {
        let Some((number, n)) = bare_number(name, i, to) else {
            i += 1;
            continue;
        };
        let (at, is_dashed) = (i, i > from && name.gap(i) == Gap::Dash);
        i += n;
        // "02 - Title", "02 - 3 Men": a number that leads counts, unless it is a title before the number ("86 - 05").
        let is_title_of = |next: (Numbering, usize)| {
            let end = i + next.1;
            end >= to || name.gap(end) == Gap::Dash
        };
        let is_title =
            || name.gap(i) == Gap::Dash && bare_number(name, i, to).is_some_and(is_title_of);
        let is_padded = name.word(at).len() > 1 && name.word(at).starts_with('0');
        let leads = at == 0 && i < to && (is_padded || !is_title());
        if leads && (name.word(at).len() > 1 || matches!(name.gap(i), Gap::Dash | Gap::Dot)) {
            return Some((at, i, number));
        }
        // Among the others the first behind a dash, else the last.
        if best.as_ref().is_none_or(|it| !it.3) {
            best = Some((at, i, number, is_dashed));
        }
    }
    best.map(|it| (it.0, it.1, it.2))
}

fn bare_number(name: &Name, i: usize, to: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    let (number, rest) = digits(word, 4)?;
    let mut numbers = tail(
        Numbering { style: Style::Number, episode: Some(number), ..Numbering::default() },
        rest,
    )?;
    if rest.starts_with(['a', 'b', 'c', 'd', 'e', 'x']) {
        return None;
    }
    // "12.5": a recap between two episodes; not an episode of its own number.
    if name.gap(i + 1) == Gap::Dot
        && name.word(i + 1) == "5"
        && i + 1 < to
        && word.len() >= 2
        && name.gap(i) != Gap::Dot
    {
        numbers.is_between = true;
        return Some((numbers, 2));
    }
    let mut n = 1;
    let is_next =
        |end: u16| end == number + 1 && name.text[name.bytes(i, i + 2)].contains(['&', '+']);
    // "01 ~ 26"
    let is_span = || name.text[name.bytes(i, i + 2)].contains(['~', '〜', '～']);
    if i + 1 < to
        && let Some((end, rest)) = digits(name.word(i + 1), 4)
        && (name.gap(i + 1) == Gap::Hyphen || is_next(end) || is_span())
        && end > number
        && end - number <= LONGEST_RANGE
        && (rest.is_empty() || rest.starts_with('v'))
    {
        numbers.episode_end = Some(end);
        n = 2;
    }
    Some((numbers, n))
}
