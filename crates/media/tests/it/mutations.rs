//! Small files of every kind, broken in many ways: no panic, no running away, and indexes that rise. The files lie in
//! `fuzz/corpus`, one folder a reader, and serve `cargo fuzz` too.

use std::fs;
use std::path::Path;

use media::index::key_frames;

use crate::hostile::bounded;

/// Broken files of each good one in the ordinary run.
const N_ORDINARY: usize = 60;
/// The same in the slow run.
const N_SLOW: usize = 20_000;

/// An xorshift generator: every run breaks the same files in the same way, so a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
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
    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
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

fn break_every_file(reader: &str, n_rounds: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(reader);
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    let files: Vec<_> = names.iter().map(|it| fs::read(it).unwrap()).collect();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for (name, good) in names.iter().zip(&files) {
        let name = name.file_name().unwrap().to_string_lossy();
        bounded(good, &name).unwrap_or_else(|it| panic!("{name}: {it}"));
        for round in 0..n_rounds {
            let mut broken = good.clone();
            let other = &files[chance.below(files.len())];
            for _ in 0..=chance.below(6) {
                chance.change(&mut broken, other);
            }
            let what = format!("{name} round {round}");
            if let Ok(probe) = bounded(&broken, &what) {
                assert!(!probe.streams.is_empty(), "{what}");
                assert!(
                    probe.duration_ms.is_none_or(|it| it > 0),
                    "{what}: {:?}",
                    probe.duration_ms
                );
            }
            if let Ok(Some(index)) = key_frames(&broken.as_slice()) {
                let rises = index.key_frames.windows(2).all(|it| it[0].time < it[1].time);
                assert!(rises && index.timescale > 0, "{what}");
            }
        }
    }
}

#[test]
fn broken_matroska_files_do_no_harm() {
    break_every_file("matroska", N_ORDINARY);
}

#[test]
fn broken_mp4_files_do_no_harm() {
    break_every_file("mp4", N_ORDINARY);
}

#[test]
fn broken_transport_streams_do_no_harm() {
    break_every_file("ts", N_ORDINARY);
}

#[test]
fn broken_riff_files_do_no_harm() {
    break_every_file("riff", N_ORDINARY);
}

#[test]
fn broken_audio_files_do_no_harm() {
    break_every_file("audio", N_ORDINARY);
}

#[test]
fn slow_many_broken_files_of_every_kind_do_no_harm() {
    for reader in ["matroska", "mp4", "ts", "riff", "audio"] {
        break_every_file(reader, N_SLOW);
    }
}
