//! Phrases of the lexicon, longest first, and the numbers around them: pixel sizes, channels.

use super::Tag;
use crate::{
    lexicon::{self, Term, Trust},
    name::{Gap, Name},
};

pub fn read(name: &Name, i: usize) -> Option<(Tag, usize)> {
    if let Some(found) =
        anniversary(name, i).or_else(|| pixels(name, i)).or_else(|| channels(name, i))
    {
        return Some(found);
    }
    for n in (1..=lexicon::longest_phrase(name.word(i))).rev() {
        let phrase = name.phrase(i, n);
        // A phrase does not run across " - " or into a bracket.
        let is_whole = (1..n).all(|it| {
            !matches!(name.gap(i + it), Gap::Dash)
                && name.bracket(i + it).map(|it| it.open) == name.bracket(i).map(|it| it.open)
        });
        if !is_whole {
            continue;
        }
        if let Some((term, trust)) = lexicon::term(phrase) {
            return Some(refine(name, i, n, term, trust));
        }
    }
    None
}

/// What the sign right behind a phrase adds to it.
fn refine(name: &Name, i: usize, n: usize, term: Term, trust: Trust) -> (Tag, usize) {
    let behind = name.text[name.bytes(i, i + n).end..].chars().next();
    match term {
        Term::Hdr("HDR10" | "HDR") if behind == Some('+') && name.word(i + n) != "dv" => {
            (Tag::Term(Term::Hdr("HDR10+"), trust), n)
        }
        // "DD+5.1", "DD+ 5.1", "DD+"
        Term::AudioWithChannels("ac3", layout)
            if name.text[name.bytes(i, i + 1).end..].starts_with('+') =>
        {
            (Tag::Term(Term::AudioWithChannels("eac3", layout), Trust::Anchor), n)
        }
        // "The 4K Man": a resolution has facts, a bracket or nothing behind it.
        Term::Resolution(_) if n == 1 && name.word(i) == "4k" && is_plain(name, i + 1) => {
            (Tag::Term(term, Trust::Context), n)
        }
        Term::Audio("ac3") if behind == Some('+') => {
            (Tag::Term(Term::Audio("eac3"), Trust::Anchor), n)
        }
        _ => (Tag::Term(term, trust), n),
    }
}

/// Whether token `i` follows in the same run of words and is none of the lexicon.
fn is_plain(name: &Name, i: usize) -> bool {
    i < name.len()
        && matches!(name.gap(i), Gap::Space | Gap::Dot | Gap::Underscore)
        && name.bracket(i).map(|it| it.open) == name.bracket(i - 1).map(|it| it.open)
        && lexicon::longest_phrase(name.word(i)) == 0
        && name.word(i).bytes().all(|it| it.is_ascii_lowercase())
        && (i + 1 < name.len() || i > 1 && lexicon::JOINING_WORDS.contains(&name.word(i - 2)))
}

/// `1920x1080`.
fn pixels(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let (width, height) = name.word(i).split_once('x')?;
    let width: u32 = width.parse().ok().filter(|_| width.len() >= 3)?;
    let height: u32 = height.parse().ok().filter(|it| *it >= 200)?;
    let resolution = match (width, height) {
        (7000.., _) => "4320p",
        (3200.., _) | (_, 2000..) => "2160p",
        (2300.., _) => "1440p",
        (1700.., _) | (_, 1000..) => "1080p",
        (1200.., _) | (_, 700..) => "720p",
        (_, 570..) => "576p",
        (_, 470..) => "480p",
        (_, 350..) => "360p",
        _ => "240p",
    };
    Some((Tag::Term(Term::Resolution(resolution), Trust::Anchor), 1))
}

/// `5.1` and `DD5`'s ".1", which is left when the codec was written apart; `2ch` lies in the lexicon.
fn channels(name: &Name, i: usize) -> Option<(Tag, usize)> {
    if !matches!(name.gap(i + 1), Gap::Dot | Gap::Underscore) {
        return None;
    }
    let layout = match name.phrase(i, 2) {
        "1 0" => "1.0",
        "2 0" => "2.0",
        "2 1" => "2.1",
        "5 0" => "5.0",
        "5 1" => "5.1",
        "6 1" => "6.1",
        "7 1" => "7.1",
        _ => return None,
    };
    Some((Tag::Term(Term::Channels(layout), Trust::Context), 2))
}

/// `25th Anniversary Edition`.
fn anniversary(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let word = name.word(i);
    let is_ordinal = word.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && ["th", "st", "nd", "rd"].iter().any(|it| word.ends_with(it));
    if !is_ordinal || name.word(i + 1) != "anniversary" {
        return None;
    }
    let n = if name.word(i + 2) == "edition" { 3 } else { 2 };
    Some((Tag::Term(Term::Edition("Anniversary Edition"), Trust::Edition), n))
}
