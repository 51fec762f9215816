//! From the times of a stream of packets, which wrap, jump and begin anew, to the time of the film.

use crate::samples::saturate;
use crate::ts::{CLOCK, ticks_between};

/// Times that are further ahead of those before are of another clock.
const AHEAD: i64 = 10 * CLOCK as i64;
/// So are those that are further behind; pictures are out of order by less.
const BEHIND: i64 = 3 * CLOCK as i64;
/// More clocks than this have no film.
const MAX_EPOCHS: usize = 10_000;

/// A stretch of the file in which times go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::samples) struct Epoch {
    /// Where it begins.
    pub offset: u64,
    /// A time of its clock, from which its others are counted.
    pub anchor: u64,
    /// The earliest and the latest of its times, counted from there.
    pub low: i64,
    pub high: i64,
}

/// Finds epochs while the file is read from its beginning.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    pub all: Vec<Epoch>,
}

/// A time in its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub epoch: usize,
    pub ticks: i64,
}

impl Epochs {
    /// Places a time of a stream whose time before was `last`. A stream that begins with a time of another clock has none.
    pub fn place(&mut self, at: u64, raw: u64, last: Option<Moment>) -> Option<Moment> {
        let in_epoch = |epoch: usize, all: &[Epoch]| {
            let ticks = ticks_between(all.get(epoch)?.anchor, raw);
            Some(Moment { epoch, ticks })
        };
        let goes_on = |it: &Moment, from: i64| (-BEHIND..AHEAD).contains(&(it.ticks - from));
        let own = last
            .and_then(|last| in_epoch(last.epoch, &self.all).filter(|it| goes_on(it, last.ticks)));
        let current = self.all.len().checked_sub(1);
        let joins = || {
            let epoch = current?;
            in_epoch(epoch, &self.all).filter(|it| goes_on(it, self.all[epoch].high))
        };
        let moment = match own.or_else(joins) {
            Some(moment) => moment,
            None if (last.is_some() || self.all.is_empty()) && self.all.len() < MAX_EPOCHS => {
                self.all.push(Epoch { offset: at, anchor: raw, low: 0, high: 0 });
                Moment { epoch: self.all.len() - 1, ticks: 0 }
            }
            None => return None,
        };
        let epoch = &mut self.all[moment.epoch];
        epoch.low = epoch.low.min(moment.ticks);
        epoch.high = epoch.high.max(moment.ticks);
        Some(moment)
    }
}

/// Where each epoch is in the film.
#[derive(Debug)]
pub(in crate::samples) struct Clock {
    /// With the time in the film of its anchor.
    epochs: Vec<(Epoch, i64)>,
}

impl Clock {
    /// `zero` is the time at which the film begins, as a clock without one would count it.
    pub fn new(epochs: &[Epoch], zero: i64) -> Self {
        let mut end = 0_i64;
        let mut placed = Vec::with_capacity(epochs.len());
        for epoch in epochs {
            // Each begins where the one before ends, as if nothing were missing between them.
            let anchor = end.saturating_sub(epoch.low);
            end = anchor.saturating_add(epoch.high).saturating_add(CLOCK as i64 / 25);
            placed.push((*epoch, anchor.saturating_sub(zero)));
        }
        Self { epochs: placed }
    }

    /// The time in the film of a moment.
    pub fn of(&self, moment: Moment) -> i64 {
        self.epochs.get(moment.epoch).map_or(0, |it| it.1.saturating_add(moment.ticks))
    }

    /// The time in the film of a time that stands at a place of the file, about where `near` is in the film.
    pub fn film(&self, at: u64, raw: u64, near: i64) -> i64 {
        /// Times may stray a little beyond what was seen of their epoch.
        const SLACK: i64 = CLOCK as i64;
        /// Stretches of which something may still come: streams lie about a second apart in the file.
        const MAX_OPEN: usize = 3;
        let n_begun = self.epochs.partition_point(|it| it.0.offset <= at).max(1);
        let begun = &self.epochs[..n_begun.min(self.epochs.len())];
        let last = || begun.iter().rev().take(MAX_OPEN);
        let fits = |it: &&(Epoch, i64)| {
            let ticks = ticks_between(it.0.anchor, raw);
            (it.0.low - SLACK..=it.0.high + SLACK).contains(&ticks)
        };
        let time = |it: &(Epoch, i64)| it.1.saturating_add(ticks_between(it.0.anchor, raw));
        let found = last().filter(fits).map(time).min_by_key(|it| it.abs_diff(near));
        found.or_else(|| last().next().map(time)).unwrap_or(0)
    }
}

/// Nanoseconds of ticks.
pub(super) fn ns(ticks: i64) -> i64 {
    saturate(i128::from(ticks) * 100_000 / 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = CLOCK;

    #[test]
    fn times_that_wrap_go_on_and_those_that_jump_begin_an_epoch() {
        let mut epochs = Epochs::default();
        let wrap = 1 << 33;
        let mut last = None;
        // Two seconds before the end of the clock, two behind it; then another recording.
        for (at, raw) in [(0, wrap - 2 * S), (10, 0), (20, 2 * S), (30, 5000 * S), (40, 5001 * S)] {
            last = epochs.place(at, raw, last);
        }
        let offsets: Vec<_> = epochs.all.iter().map(|it| it.offset).collect();
        assert_eq!(offsets, [0, 30]);
        let clock = Clock::new(&epochs.all, 0);
        assert_eq!(clock.film(10, 0, 0), 2 * S as i64);
        let joint = 4 * S as i64 + S as i64 / 25;
        assert_eq!(clock.film(30, 5000 * S, joint), joint);
        assert_eq!(
            clock.film(32, 2 * S, joint),
            4 * S as i64,
            "a straggler of the recording before"
        );
        assert_eq!(clock.of(last.expect("placed")), joint + S as i64);
    }

    #[test]
    fn a_straggler_of_a_stretch_that_another_resembles_is_placed_near_its_neighbours() {
        let mut epochs = Epochs::default();
        let mut last = None;
        // Two cells of a disc, each of a minute, both from nought.
        for at in 0..120 {
            last = epochs.place(at, at % 60 * S, last);
        }
        assert_eq!(epochs.all.len(), 2);
        let clock = Clock::new(&epochs.all, 0);
        let joint = clock.film(60, 0, 60 * S as i64);
        assert_eq!(clock.film(61, 59 * S, joint), 59 * S as i64);
        assert_eq!(clock.film(118, 59 * S, joint + 58 * S as i64), joint + 59 * S as i64);
    }

    #[test]
    fn the_same_recording_again_is_behind_itself() {
        let mut epochs = Epochs::default();
        let (mut picture, mut sound) = (None, None);
        for (at, raw) in [(0, 0), (10, 13 * S), (20, 0), (30, 13 * S)] {
            picture = epochs.place(at, raw, picture);
            sound = epochs.place(at + 1, raw + 10, sound);
        }
        // Steps of thirteen seconds are jumps, too.
        assert_eq!(epochs.all.len(), 4);
        assert_eq!(sound.map(|it| it.epoch), picture.map(|it| it.epoch));
        assert_eq!(epochs.place(40, 77 * S, None), None, "a stream with a clock of its own");
    }
}
