//! Good files of `fuzz/corpus` and what chance makes of them, the same in every run.

use std::fs;
use std::path::Path;

/// An xorshift generator: every run breaks the same files in the same way, so a failure can be repeated.
pub struct Chance(u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// A place, mostly near either end, where headers are.
    fn place(&mut self, size: usize) -> usize {
        let near = size.min(2000);
        match self.below(4) {
            0 | 1 => self.below(near),
            2 => size.saturating_sub(1 + self.below(near)),
            _ => self.below(size),
        }
    }

    /// One change of the kinds that readers stumble over.
    pub fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        const EDGES: [u64; 12] = [
            0,
            1,
            7,
            0x7f,
            0xff,
            0x7fff,
            0xffff,
            0x7fff_ffff,
            0xffff_ffff,
            0x7fff_ffff_ffff_ffff,
            u64::MAX,
            0x0100_0000,
        ];
        let at = self.place(bytes.len());
        match self.below(9) {
            0 | 1 => bytes[at] = self.below(256) as u8,
            2 => bytes[at] ^= 1 << self.below(8),
            3 => {
                // A number at the edge of its type, in either order of bytes.
                let width = [1, 2, 4, 8][self.below(4)];
                let edge = EDGES[self.below(EDGES.len())];
                let number = if self.below(2) == 0 {
                    edge.to_be_bytes()
                } else {
                    edge.swap_bytes().to_be_bytes()
                };
                let part = if self.below(2) == 0 { &number[8 - width..] } else { &number[..width] };
                for (byte, new) in bytes[at..].iter_mut().zip(part) {
                    *byte = *new;
                }
            }
            4 => bytes.truncate(at + 1),
            5 => {
                let end = (at + 1 + self.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let end = (at + 1 + self.below(256)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = self.place(bytes.len());
                bytes.splice(to..to, piece);
            }
            7 => {
                let from = self.place(other.len());
                let end = (from + 1 + self.below(256)).min(other.len());
                let to = (at + end - from).min(bytes.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            _ => {
                let n = 1 + self.below(32);
                let byte = self.below(256) as u8;
                bytes.splice(at..at, std::iter::repeat_n(byte, n));
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

/// Where chance begins in every run.
pub const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Shows `look` every file of one folder of the corpus as it is and then broken in `n_rounds` ways.
pub fn break_each(corpus: &str, n_rounds: usize, look: impl Fn(&[u8], &str, Round)) {
    break_from(SEED, corpus, n_rounds, look);
}

/// The same, with other ways for another seed.
pub fn break_from(seed: u64, corpus: &str, n_rounds: usize, look: impl Fn(&[u8], &str, Round)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(corpus);
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    let files: Vec<_> = names.iter().map(|it| fs::read(it).unwrap()).collect();
    let mut chance = Chance(seed.max(1));
    for (name, good) in names.iter().zip(&files) {
        let name = name.file_name().unwrap().to_string_lossy();
        look(good, &name, Round::Whole);
        for round in 0..n_rounds {
            let mut broken = good.clone();
            let other = &files[chance.below(files.len())];
            for _ in 0..=chance.below(6) {
                chance.change(&mut broken, other);
            }
            look(&broken, &format!("{name} round {round}"), Round::Broken);
        }
    }
}

/// Whether a file is still as it was made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Round {
    Whole,
    Broken,
}
