//! Comparing one vector with many, exactly: each is looked at, by as many threads as there are cores to spare.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Rows, Seen};
use crate::likeness::{DIMENSIONS, Neighbour, Vector};

/// So many are looked at in about the time that a thread takes to begin.
pub(crate) const ROWS_A_THREAD: usize = 8192;

/// The `limit` nearest to `vector` of what is seen, the nearest first, of equals the smaller id.
pub(crate) fn nearest(
    vector: &Vector,
    seen: &[Seen],
    limit: usize,
    n_threads: usize,
) -> Vec<Neighbour> {
    let asked = Asked::of(vector);
    let mut parts = parts(seen, n_threads).into_iter();
    let first = parts.next().unwrap_or_default();
    let look = |part: Vec<(&Rows, &[u32])>| {
        let mut best = Best::new(limit);
        for (rows, places) in part {
            asked.look(rows, places, &mut best);
        }
        best
    };
    let found = std::thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(move || look(part))).collect();
        let mut found = vec![look(first)];
        for other in others {
            match other.join() {
                Ok(best) => found.push(best),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    let mut best = Best::new(limit);
    found.into_iter().flat_map(|it| it.heap).for_each(|it| best.offer(it.0));
    best.heap.into_sorted_vec().into_iter().map(|it| it.0).collect()
}

impl Seen {
    /// How many rows there are to look at.
    pub fn n_rows(&self) -> usize {
        self.places.len()
    }
}

/// The rows in `n` parts of about the same size, or fewer.
fn parts(seen: &[Seen], n: usize) -> Vec<Vec<(&Rows, &[u32])>> {
    let n_rows: usize = seen.iter().map(Seen::n_rows).sum();
    let size = n_rows.div_ceil(n.max(1)).max(1);
    let mut parts = vec![Vec::new()];
    let mut left = size;
    for Seen { rows, places } in seen {
        let mut places = &places[..];
        while !places.is_empty() {
            if left == 0 {
                parts.push(Vec::new());
                left = size;
            }
            let (taken, rest) = places.split_at(left.min(places.len()));
            left -= taken.len();
            places = rest;
            if let Some(part) = parts.last_mut() {
                part.push((&**rows, taken));
            }
        }
    }
    parts
}

/// What is asked for, in the form in which it is multiplied.
struct Asked {
    numbers: [i16; DIMENSIONS],
    length: f32,
}

impl Asked {
    fn of(vector: &Vector) -> Self {
        Self { numbers: vector.numbers().map(i16::from), length: vector.length() }
    }

    fn look(&self, rows: &Rows, places: &[u32], best: &mut Best) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor was just asked whether it has AVX2.
            return unsafe { self.look_with_avx2(rows, places, best) };
        }
        self.look_at_each(rows, places, best);
    }

    /// The same, compiled for wider registers, which halves the time; every x86-64 processor has to run this program.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn look_with_avx2(&self, rows: &Rows, places: &[u32], best: &mut Best) {
        self.look_at_each(rows, places, best);
    }

    #[expect(clippy::inline_always, reason = "compiled once for each kind of registers")]
    #[inline(always)]
    fn look_at_each(&self, rows: &Rows, places: &[u32], best: &mut Best) {
        for place in places {
            let place = *place as usize;
            let product = product(&self.numbers, &rows.numbers[place]) as f32;
            let likeness = product / (self.length * rows.lengths[place]);
            if likeness >= best.least {
                best.offer(Neighbour { id: rows.ids[place], likeness });
            }
        }
    }
}

/// The sum of products, in the form that becomes one instruction for many: of pairs of 16 bits into 32.
#[expect(clippy::inline_always, reason = "compiled once for each kind of registers")]
#[inline(always)]
fn product(one: &[i16; DIMENSIONS], other: &[i8; DIMENSIONS]) -> i32 {
    one.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// The nearest so far, the farthest of them on top.
struct Best {
    limit: usize,
    /// What is less like it cannot be among them.
    least: f32,
    heap: BinaryHeap<Farther>,
}

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, least: f32::NEG_INFINITY, heap: BinaryHeap::with_capacity(limit + 1) }
    }

    fn offer(&mut self, near: Neighbour) {
        let near = Farther(near);
        if self.heap.len() < self.limit {
            self.heap.push(near);
        } else if self.heap.peek().is_some_and(|worst| near < *worst) {
            self.heap.pop();
            self.heap.push(near);
        }
        if self.heap.len() == self.limit {
            self.least = self.heap.peek().map_or(self.least, |it| it.0.likeness);
        }
    }
}

/// Greater is farther; of equals the larger id is.
#[derive(Clone, Copy, Debug)]
struct Farther(Neighbour);

impl Ord for Farther {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_likeness = other.0.likeness.total_cmp(&self.0.likeness);
        by_likeness.then_with(|| self.0.id.cmp(&other.0.id))
    }
}

impl PartialOrd for Farther {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Farther {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Farther {}
