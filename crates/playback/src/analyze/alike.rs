//! What the sounds of episodes have in common. Pure.
//!
//! A print is a list of numbers, one for each step of time, that differ in few bits where the sound is the same. Two prints
//! are laid over each other at the shifts at which most of their numbers agree; the longest stretch in which they go on
//! agreeing is what the episodes share.

use std::collections::HashMap;

/// Seconds from number to number.
pub(super) const STEP_S: f64 = 4096.0 / 3.0 / 11_025.0;
/// Numbers that differ in no more bits are of the same sound.
const MAX_BITS: u32 = 6;
/// So long may the sound differ in between: somebody speaks over the music.
const MAX_GAP: usize = 28;
/// Shorter stretches are chance.
const MIN_LENGTH: usize = 121;
/// Of a stretch at least so many in a hundred agree.
const MIN_SHARE: usize = 60;
/// A stretch begins and ends where so many of so many neighbours agree: a single one may by chance.
const DENSE: usize = 7;
const WINDOW: usize = 8;
/// Shifts that are looked at.
const MAX_SHIFTS: usize = 24;
/// A number that occurs more often is silence or noise, and says nothing about the shift.
const MAX_REPEATS: usize = 16;

/// What two prints share, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    /// Where it begins in the first.
    pub from: usize,
    /// Where it begins in the second.
    pub other_from: usize,
    /// How long it is.
    pub length: usize,
}

/// The longest stretch that two prints share.
pub(super) fn shared(print: &[u32], other: &[u32]) -> Option<Shared> {
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, number) in other.iter().enumerate() {
        places.entry(*number).or_default().push(at);
    }
    places.retain(|_, it| it.len() <= MAX_REPEATS);
    let mut votes: HashMap<isize, usize> = HashMap::new();
    for (at, number) in print.iter().enumerate() {
        for there in places.get(number).into_iter().flatten() {
            *votes.entry(there.cast_signed() - at.cast_signed()).or_default() += 1;
        }
    }
    let mut shifts: Vec<(isize, usize)> = votes.into_iter().collect();
    // The same order every time, whatever the map's.
    shifts.sort_unstable_by_key(|it| (std::cmp::Reverse(it.1), it.0));
    let stretches = shifts.iter().take(MAX_SHIFTS).filter_map(|it| at_shift(print, other, it.0));
    stretches.max_by_key(|it| (it.length, std::cmp::Reverse(it.from)))
}

/// The longest stretch where `other` is laid over at a shift.
fn at_shift(print: &[u32], other: &[u32], shift: isize) -> Option<Shared> {
    let start = shift.min(0).unsigned_abs();
    let end = print.len().min(other.len().checked_add_signed(-shift).unwrap_or(0));
    let same: Vec<bool> = (start..end)
        .filter_map(|at| {
            let there = other.get(at.checked_add_signed(shift)?)?;
            Some((print.get(at)? ^ there).count_ones() <= MAX_BITS)
        })
        .collect();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for at in (0..same.len()).filter(|it| same[*it]) {
        match runs.last_mut() {
            Some(run) if at - run.1 <= MAX_GAP => run.1 = at,
            _ => runs.push((at, at)),
        }
    }
    let best = runs.into_iter().filter_map(|it| trimmed(&same, it)).max_by_key(|it| it.1 - it.0)?;
    let from = start + best.0;
    let other_from = from.checked_add_signed(shift)?;
    Some(Shared { from, other_from, length: best.1 - best.0 })
}

/// A run without what is only chance at its ends, as beginning and end, if enough is left that agrees.
fn trimmed(same: &[bool], (first, last): (usize, usize)) -> Option<(usize, usize)> {
    let is_dense = |it: &&[bool]| it.iter().filter(|it| **it).count() >= DENSE;
    let run = same.get(first..=last)?;
    let from = run.windows(WINDOW).position(|it| is_dense(&it))?;
    let to = run.windows(WINDOW).rposition(|it| is_dense(&it))? + WINDOW;
    let kept = run.get(from..to)?;
    let n_same = kept.iter().filter(|it| **it).count();
    let is_shared = kept.len() >= MIN_LENGTH && n_same * 100 >= kept.len() * MIN_SHARE;
    is_shared.then_some((first + from, first + to))
}

/// Where an episode has what it shares with others, by what most of them say, and how many do.
pub(super) fn agreed(stretches: &[(usize, usize)]) -> Option<((usize, usize), usize)> {
    let overlaps = |one: &(usize, usize), other: &(usize, usize)| {
        let common = one.1.min(other.1).saturating_sub(one.0.max(other.0));
        // At least half of the longer one.
        common * 2 >= (one.1 - one.0).max(other.1 - other.0)
    };
    let supporters = |it: &(usize, usize)| -> Vec<(usize, usize)> {
        stretches.iter().filter(|other| overlaps(it, other)).copied().collect()
    };
    let best = stretches.iter().map(supporters).max_by_key(Vec::len)?;
    let median = |mut values: Vec<usize>| {
        values.sort_unstable();
        values[values.len() / 2]
    };
    let from = median(best.iter().map(|it| it.0).collect());
    let to = median(best.iter().map(|it| it.1).collect());
    (to > from).then_some(((from, to), best.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers as chance makes them, always the same for a seed.
    fn noise(seed: u32, length: usize) -> Vec<u32> {
        let mut state = seed.wrapping_mul(2_654_435_761).max(1);
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state
            })
            .collect()
    }

    fn with(mut print: Vec<u32>, at: usize, jingle: &[u32]) -> Vec<u32> {
        print.splice(at..at + jingle.len(), jingle.iter().copied());
        print
    }

    #[test]
    fn a_jingle_at_different_places_is_found_in_both() {
        let jingle = noise(9, 240);
        let (one, other) =
            (with(noise(1, 2000), 300, &jingle), with(noise(2, 1500), 1100, &jingle));
        let found = shared(&one, &other);
        assert_eq!(found, Some(Shared { from: 300, other_from: 1100, length: 240 }));
        let found = shared(&other, &one);
        assert_eq!(found, Some(Shared { from: 1100, other_from: 300, length: 240 }));
    }

    #[test]
    fn what_differs_in_some_bits_and_for_a_moment_is_still_the_same() {
        let jingle = noise(9, 240);
        let mut spoken_over: Vec<u32> = jingle.iter().map(|it| it ^ 0b1001).collect();
        spoken_over[100..120].copy_from_slice(&noise(5, 20));
        // The shift is found where numbers agree to the bit.
        spoken_over[30..60].copy_from_slice(&jingle[30..60]);
        let (one, other) =
            (with(noise(1, 900), 50, &jingle), with(noise(2, 900), 80, &spoken_over));
        assert_eq!(shared(&one, &other), Some(Shared { from: 50, other_from: 80, length: 240 }));
    }

    #[test]
    fn nothing_is_found_in_different_sounds_silence_or_a_short_sting() {
        assert_eq!(shared(&noise(1, 3000), &noise(2, 3000)), None);
        assert_eq!(shared(&[7; 2000], &[7; 2000]), None, "silence");
        let sting = noise(9, 60);
        let (one, other) = (with(noise(1, 900), 50, &sting), with(noise(2, 900), 80, &sting));
        assert_eq!(shared(&one, &other), None);
        assert_eq!(shared(&[], &noise(1, 10)), None);
    }

    #[test]
    fn most_of_the_others_are_believed() {
        assert_eq!(agreed(&[]), None);
        assert_eq!(agreed(&[(10, 250)]), Some(((10, 250), 1)));
        let stretches = [(10, 250), (12, 255), (700, 900), (11, 251)];
        assert_eq!(agreed(&stretches), Some(((11, 251), 3)));
    }
}
