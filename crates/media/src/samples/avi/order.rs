//! When pictures are shown that a file lists in the order of decoding.

use crate::samples::pictures::{Coding, Picture};

/// A picture of no more bytes may say only that the chunk before had two.
const MAX_EMPTY_BYTES: usize = 24;

/// Gives every picture of a segment its slot of time.
#[derive(Debug)]
pub(super) struct Ordering {
    coding: Coding,
    /// The slot of the segment's first picture.
    first: u64,
    /// Bits of the numbers that tell the order of showing.
    order_bits: u32,
    /// Slots in the order of decoding, with what tells the order of showing.
    taken: Vec<Taken>,
}

#[derive(Debug, Clone, Copy)]
struct Taken {
    slot: u64,
    is_between: bool,
    is_idr: bool,
    order: Option<u32>,
}

impl Ordering {
    pub fn new(coding: Coding, first: u64, order_bits: u32) -> Self {
        Self { coding, first, order_bits: order_bits.clamp(4, 16), taken: Vec::new() }
    }

    /// Takes a picture whose chunk has this slot. `false`: it shows nothing, and is left out.
    ///
    /// Some files keep a picture and the one that is shown before it in one chunk, and let an empty one follow, whose slot is
    /// taken by then.
    pub fn take(&mut self, picture: &Picture, slot: u64) -> bool {
        let next = self.taken.last().map(|it| it.slot + 1);
        let is_taken = next.is_some_and(|it| it > slot);
        if self.coding == Coding::Mpeg4 && picture.size <= MAX_EMPTY_BYTES && is_taken {
            return false;
        }
        let slot = slot.max(next.unwrap_or(self.first));
        let Picture { is_between, is_idr, order, .. } = *picture;
        self.taken.push(Taken { slot, is_between, is_idr, order });
        true
    }

    /// The slots in which the pictures are shown.
    pub fn finish(self) -> Vec<u64> {
        if self.coding == Coding::Avc { self.by_number() } else { self.by_kind() }
    }

    /// A picture that is shown between two others comes behind both: it is shown a slot earlier, and the later of the two
    /// behind all of them.
    fn by_kind(&self) -> Vec<u64> {
        let taken = self.taken.iter().enumerate();
        let shown = taken.map(|(at, it)| {
            if it.is_between && at > 0 {
                return it.slot - 1;
            }
            let behind = &self.taken[at + 1..];
            let n_between = behind.iter().take_while(|it| it.is_between).count();
            behind[..n_between].last().map_or(it.slot, |it| it.slot)
        });
        shown.collect()
    }

    /// Pictures of H.264 have numbers in the order of showing, which begin anew behind some key frames.
    fn by_number(&self) -> Vec<u64> {
        let range = 1_i64 << self.order_bits;
        let mut keys: Vec<(u32, i64, usize)> = Vec::new();
        let (mut period, mut last) = (0, 0_i64);
        for (at, it) in self.taken.iter().enumerate() {
            let Some(order) = it.order.map(i64::from) else {
                keys.push((period, at as i64, at));
                continue;
            };
            if it.is_idr || at == 0 {
                period += 1;
                last = order;
            } else {
                // The nearest number that ends in these bits.
                let near = last - last.rem_euclid(range) + order;
                let candidates = [near - range, near, near + range];
                // Half of the range away, it is ahead.
                let distance = |it: &i64| ((it - last).abs(), *it < last);
                last = candidates.into_iter().min_by_key(distance).unwrap_or(near);
            }
            keys.push((period, last, at));
        }
        keys.sort_unstable();
        let mut shown = vec![0; self.taken.len()];
        let slots = self.taken.iter().map(|it| it.slot);
        for (slot, (_, _, at)) in slots.zip(keys) {
            shown[at] = slot;
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots of pictures by letters: K and P are shown in the order of decoding, B before the one in front of it, `n` is
    /// empty; each with the slot of its chunk.
    fn shown(pictures: &[(char, u64)]) -> Vec<u64> {
        let mut ordering = Ordering::new(Coding::Mpeg4, pictures[0].1, 0);
        for (kind, slot) in pictures {
            let size = if *kind == 'n' { 7 } else { 1000 };
            let mut picture = Picture::default();
            (picture.is_between, picture.size) = (*kind == 'B', size);
            ordering.take(&picture, *slot);
        }
        ordering.finish()
    }

    #[test]
    fn pictures_between_others_are_shown_before_the_one_that_comes_first() {
        assert_eq!(shown(&[('K', 0), ('P', 1), ('P', 2)]), [0, 1, 2]);
        assert_eq!(shown(&[('K', 5), ('P', 6), ('B', 7), ('B', 8), ('P', 9)]), [5, 8, 6, 7, 9]);
        // Two in one chunk, and an empty one behind.
        assert_eq!(shown(&[('K', 0), ('P', 1), ('B', 1), ('n', 2), ('P', 3)]), [0, 2, 1, 3]);
        // A picture that stays.
        assert_eq!(shown(&[('K', 0), ('n', 1), ('P', 2)]), [0, 1, 2]);
        // A chunk without a picture.
        assert_eq!(shown(&[('K', 0), ('P', 2)]), [0, 2]);
        // A key frame that others are shown before.
        assert_eq!(shown(&[('K', 9), ('B', 10), ('P', 11)]), [10, 9, 11]);
    }

    #[test]
    fn numbers_that_wrap_and_begin_anew_keep_the_order() {
        let mut ordering = Ordering::new(Coding::Avc, 100, 4);
        // Numbers of four bits: 18 is written as 2.
        let numbers = [0, 4, 2, 8, 6, 14, 12, 2, 0, 2];
        let orders = numbers.into_iter().enumerate().map(|(at, it)| (at == 0 || at == 8, it));
        for ((is_idr, order), slot) in orders.zip(100..) {
            let mut picture = Picture::default();
            (picture.is_idr, picture.order) = (is_idr, Some(order));
            assert!(ordering.take(&picture, slot));
        }
        assert_eq!(ordering.finish(), [100, 102, 101, 104, 103, 106, 105, 107, 108, 109]);
    }
}
