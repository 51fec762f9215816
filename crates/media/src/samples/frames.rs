//! Frames of sound in a stream of bytes: where each begins and ends is told by its own head.

mod framing;

use self::framing::Found;
pub(super) use self::framing::Framing;
use crate::codec::latm;
use crate::codec::lpcm::{self, Packing};
use crate::samples::{SECOND_NS, saturate};

/// The largest frame there is: lossless sound of eight channels.
const MAX_FRAME_BYTES: usize = 256 * 1024;
/// Enough of a frame for what its head tells.
const HEAD_BYTES: usize = 8192;
/// Bytes that are done with are let go of when they are this many.
const DONE_BYTES: usize = 64 * 1024;

/// A frame: what it consists of in the file.
#[derive(Debug)]
pub(super) struct Frame {
    /// Place and size of its parts.
    pub parts: Vec<(u64, u32)>,
    pub size: u32,
    /// When it is heard, in nanoseconds, where the container says so.
    pub time_ns: Option<i64>,
    /// Its first bytes, with what is left out of it.
    pub head: Vec<u8>,
    /// Its bytes, where they do not stand in the file as they are wanted.
    pub made: Option<Vec<u8>>,
    /// How many samples it has, where frames differ and that is known.
    pub n_samples: Option<i64>,
}

impl Frame {
    /// A frame that stands in the file as it is wanted.
    pub fn at(parts: Vec<(u64, u32)>, size: u32, time_ns: Option<i64>) -> Self {
        Self { parts, size, time_ns, head: Vec::new(), made: None, n_samples: None }
    }
}

/// Puts frames together of pieces of a stream.
#[derive(Debug)]
pub(super) struct Frames {
    framing: Framing,
    bytes: Vec<u8>,
    /// What is done with.
    at: usize,
    /// Where pieces begin in `bytes`, and in the file.
    pieces: Vec<(usize, u64)>,
    /// Times of the first frame that begins at a place or behind it.
    times: Vec<(i64, i64)>,
    /// Bytes of a second, where times are those of the bytes and not of the frames.
    bytes_per_second: Option<u32>,
    /// How PCM is packed, by the packet that came last.
    packing: Option<Packing>,
    is_synced: bool,
}

impl Frames {
    /// For times that are those of frames.
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            bytes: Vec::new(),
            at: 0,
            pieces: Vec::new(),
            times: Vec::new(),
            bytes_per_second: None,
            packing: None,
            is_synced: false,
        }
    }

    /// For times that are those of the first byte of each piece, of a stream of so many bytes a second.
    pub fn by_bytes(framing: Framing, bytes_per_second: u32) -> Self {
        Self { bytes_per_second: Some(bytes_per_second.max(1)), ..Self::new(framing) }
    }

    /// How its frames are told apart.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Takes the next piece of the stream, which lies at `offset`; `time_ns` is that of the first frame that begins in it.
    pub fn push(&mut self, offset: u64, bytes: &[u8], time_ns: Option<i64>) {
        if self.at >= DONE_BYTES {
            self.let_go();
        }
        let place = self.bytes.len();
        self.times.extend(time_ns.map(|it| (place as i64, it)));
        if !bytes.is_empty() {
            self.pieces.push((place, offset));
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Takes a packet of the stream, with what stands before its frames; `begins` is where the first frame does that begins in
    /// it.
    pub fn push_packet(
        &mut self,
        offset: u64,
        bytes: &[u8],
        time_ns: Option<i64>,
        begins: Option<usize>,
    ) {
        if self.framing != Framing::DvdPcm {
            self.push(offset, bytes, time_ns);
            return;
        }
        let Some(packing) = Packing::dvd(bytes) else { return };
        let body = bytes.get(lpcm::DVD_HEAD_BYTES..).unwrap_or_default();
        let n_before = begins.unwrap_or(0).saturating_sub(lpcm::DVD_HEAD_BYTES).min(body.len());
        self.packing = Some(packing);
        self.bytes_per_second = Some(packing.bytes_per_second().max(1));
        // The first packet may begin within a group of samples.
        let n_lost = if self.is_synced { 0 } else { n_before % packing.block().0 };
        self.is_synced = true;
        let early_ns = saturate(
            (n_before - n_lost) as i128 * i128::from(SECOND_NS)
                / i128::from(packing.bytes_per_second().max(1)),
        );
        let body_at = offset + (lpcm::DVD_HEAD_BYTES + n_lost) as u64;
        self.push(body_at, &body[n_lost..], time_ns.map(|it| it - early_ns));
    }

    fn let_go(&mut self) {
        let at = self.at;
        self.bytes.drain(..at);
        let first = self.pieces.iter().rposition(|it| it.0 <= at).unwrap_or(0);
        self.pieces.drain(..first);
        for piece in &mut self.pieces {
            match piece.0.checked_sub(at) {
                Some(place) => piece.0 = place,
                // The rest of a piece that was begun.
                None => *piece = (0, piece.1 + (at - piece.0) as u64),
            }
        }
        let first = self.times.iter().rposition(|it| it.0 <= at as i64).unwrap_or(0);
        self.times.drain(..first);
        self.times.iter_mut().for_each(|it| it.0 -= at as i64);
        self.at = 0;
    }

    /// The next frame that is whole. `is_end` says that nothing follows.
    pub fn next(&mut self, is_end: bool) -> Option<Frame> {
        loop {
            let rest = &self.bytes[self.at..];
            if rest.is_empty() {
                return None;
            }
            let found = match self.framing {
                Framing::DvdPcm => self.find_blocks(is_end),
                _ => self.find(rest, is_end),
            };
            let (skipped, size) = match found {
                Found::Frame { skipped, size } if size <= rest.len() => (skipped, size),
                Found::Other(size) if size <= rest.len() => {
                    self.at += size;
                    continue;
                }
                Found::Nothing => {
                    self.is_synced = false;
                    self.at += 1;
                    continue;
                }
                _ if rest.len() > MAX_FRAME_BYTES => {
                    self.is_synced = false;
                    self.at += 1;
                    continue;
                }
                _ => return None,
            };
            self.is_synced = true;
            let (from, to) = (self.at + skipped, self.at + size);
            let (made, n_samples) = match self.framing {
                Framing::Latm => {
                    let Some(made) = latm::unpack(&self.bytes[self.at..to]) else {
                        self.at = to;
                        continue;
                    };
                    (Some(made), None)
                }
                Framing::BlurayPcm => {
                    unpack(Packing::bluray(&self.bytes[self.at..]), &self.bytes[from..to])
                }
                Framing::DvdPcm => unpack(self.packing, &self.bytes[from..to]),
                _ => (None, None),
            };
            let frame = Frame {
                parts: self.parts(from, to),
                size: made.as_ref().map_or(to - from, Vec::len) as u32,
                time_ns: self.time(self.at),
                head: self.bytes[self.at..to.min(self.at + HEAD_BYTES)].to_vec(),
                made,
                n_samples,
            };
            self.at = to;
            return Some(frame);
        }
    }

    /// Once another frame is seen behind it, what looks like a frame is one.
    fn find(&self, rest: &[u8], is_end: bool) -> Found {
        let found = self.framing.find(rest, is_end, self.is_synced);
        let Found::Frame { size, .. } = found else { return found };
        if self.is_synced || self.framing == Framing::Whole || size > rest.len() {
            return found;
        }
        match self.framing.find(&rest[size..], is_end, true) {
            Found::Nothing => Found::Nothing,
            Found::More if !is_end => Found::More,
            _ => found,
        }
    }

    /// PCM up to where the next packet begins, in whole groups of samples: so every packet gives the same whichever was the
    /// first.
    fn find_blocks(&self, is_end: bool) -> Found {
        let block = self.packing.map_or(1, |it| it.block().0.max(1));
        let rest = self.bytes.len() - self.at;
        let next = self.pieces.iter().map(|it| it.0).find(|it| *it > self.at);
        match next.map(|it| (it - self.at).next_multiple_of(block)) {
            Some(size) if size <= rest => Found::Frame { skipped: 0, size },
            _ if !is_end => Found::More,
            _ if rest >= block => Found::Frame { skipped: 0, size: rest - rest % block },
            _ => Found::Other(rest),
        }
    }

    /// The time that was given for a frame that begins here, once.
    fn time(&mut self, at: usize) -> Option<i64> {
        let n_passed = self.times.iter().take_while(|it| it.0 <= at as i64).count();
        let (place, ns) = self.times.drain(..n_passed).next_back()?;
        let late_ns = self.bytes_per_second.map_or(0, |it| {
            saturate(i128::from(at as i64 - place) * i128::from(SECOND_NS) / i128::from(it))
        });
        Some(ns.saturating_add(late_ns))
    }

    fn parts(&self, from: usize, to: usize) -> Vec<(u64, u32)> {
        let first = self.pieces.partition_point(|it| it.0 <= from).saturating_sub(1);
        let ends = self.pieces[first..].iter().skip(1).map(|it| it.0).chain([self.bytes.len()]);
        let pieces = self.pieces[first..].iter().zip(ends).take_while(|it| it.0.0 < to);
        pieces
            .filter_map(|((place, offset), end)| {
                let (begin, end) = (from.max(*place), to.min(end));
                let part = (offset + (begin - place) as u64, end.checked_sub(begin)? as u32);
                (part.1 > 0).then_some(part)
            })
            .collect()
    }
}

/// Samples as they are wanted, where they do not lie so in the file, and how many they are.
fn unpack(packing: Option<Packing>, bytes: &[u8]) -> (Option<Vec<u8>>, Option<i64>) {
    let Some(packing) = packing else { return (None, None) };
    let (block, of_block) = packing.block();
    let n_samples = (bytes.len() / block.max(1)) as i64 * of_block;
    let made = (!packing.is_plain()).then(|| packing.unpack(bytes));
    (made, Some(n_samples))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::mpeg_audio;

    /// A frame of MPEG audio of 96 bytes: layer 2, 24 kHz, 32 kbit/s.
    fn mpeg(fill: u8) -> Vec<u8> {
        let mut frame = vec![0xff, 0xf5, 0x44, 0];
        frame.resize(mpeg_audio::frame_size(&frame).expect("a frame"), fill);
        frame
    }

    #[test]
    fn frames_are_found_across_pieces_with_their_times() {
        let bytes = [&[0xff, 0xf5, 0x44, 7, 7][..], &mpeg(1), &mpeg(2), &mpeg(3)].concat();
        for width in [1, 7, 50, 188, 1000] {
            let mut frames = Frames::new(Framing::Mpeg);
            let mut found = Vec::new();
            for (n, piece) in bytes.chunks(width).enumerate() {
                let time = (n == 0).then_some(42);
                frames.push(1000 * n as u64, piece, time);
                while let Some(frame) = frames.next(false) {
                    found.push(frame);
                }
            }
            while let Some(frame) = frames.next(true) {
                found.push(frame);
            }
            let times: Vec<_> = found.iter().map(|it| it.time_ns).collect();
            assert_eq!(times, [Some(42), None, None], "{width}");
            for (frame, fill) in found.iter().zip(1..) {
                let put_together: Vec<u8> = frame
                    .parts
                    .iter()
                    .flat_map(|(offset, size)| {
                        let from = *offset as usize / 1000 * width + *offset as usize % 1000;
                        bytes[from..from + *size as usize].to_vec()
                    })
                    .collect();
                assert_eq!(put_together, mpeg(fill), "{width}");
            }
        }
    }

    #[test]
    fn the_head_of_a_frame_of_aac_is_left_out() {
        // 48 kHz, stereo, 10 bytes, without a checksum.
        let frame = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x5f, 0xfc, 1, 2, 3];
        let mut frames = Frames::new(Framing::Adts);
        frames.push(100, &[frame, frame].concat(), None);
        let first = frames.next(true).expect("a frame");
        assert_eq!((first.parts, first.head), (vec![(107, 3)], frame.to_vec()));
        let second = frames.next(true).expect("a frame");
        assert_eq!(second.parts, [(117, 3)]);
        assert!(frames.next(true).is_none());
    }
}
