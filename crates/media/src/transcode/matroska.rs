//! Samples of a Matroska file as a Matroska stream of one track, or two, which may be read from a pipe.

use super::feed::ORIGIN_S;
use crate::cmaf::{Piece, Segment};
use crate::matroska::ebml::{write_element, write_head};
use crate::samples::{Sample, Track};

const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const DOC_TYPE_VERSION: u32 = 0x4287;
const DOC_TYPE_READ_VERSION: u32 = 0x4285;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const BLOCK_DURATION: u32 = 0x9b;

/// A size that nobody knows: the stream ends where it ends.
const UNKNOWN_SIZE: [u8; 8] = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
/// Microseconds: fine enough that the moment of every sample of sound is found again.
const SCALE_NS: u64 = 1000;
/// The same as ticks of a second.
pub(super) const TIMESCALE: u32 = 1_000_000;
/// A cluster around one block: the head of its time and the time, the head of the block.
const TIMESTAMP_BYTES: u64 = 1 + 8 + 8;
const BLOCK_HEAD_BYTES: u64 = 1 + 8;

/// A subtitle that goes with the pictures, all of it in memory.
#[derive(Debug)]
pub(super) struct Beside {
    /// The body of its `TrackEntry`.
    pub entry: Vec<u8>,
    /// The number that stands in it.
    pub number: u64,
    pub samples: Vec<BesideSample>,
}

/// One sample of a subtitle.
#[derive(Debug)]
pub(super) struct BesideSample {
    /// When it is shown, in ticks of the track of pictures.
    pub pts: i64,
    /// For how long, where that is known, in microseconds.
    pub duration_us: Option<u64>,
    pub bytes: Vec<u8>,
}

pub(super) fn write(
    track: &Track,
    number: u64,
    entry: &[u8],
    samples: &[Sample],
    zero: i64,
    beside: Option<Beside>,
) -> Segment {
    let mut feed = Segment { size: 0, pieces: Vec::with_capacity(samples.len() * 2 + 1) };
    let (entries, number_beside, samples_beside) = match beside {
        Some(it) => (vec![entry.to_vec(), it.entry], it.number, it.samples),
        None => (vec![entry.to_vec()], 0, Vec::new()),
    };
    let mut head = head(&entries);
    let mut beside = samples_beside.into_iter().peekable();
    // Of every sample only its time, so that times may be as fine and as far apart as they like.
    for sample in samples {
        // A subtitle comes before the pictures it lies on: whoever paints waits for nothing.
        while let Some(it) = beside.next_if(|it| it.pts <= sample.pts) {
            push_beside(&mut head, track, number_beside, &it, zero);
        }
        let us = micros(track, sample.pts.saturating_sub(zero));
        block_head(&mut head, number, us, sample.is_key, sample.size.into());
        feed.size += head.len() as u64 + u64::from(sample.size);
        feed.pieces.push(Piece::Made(std::mem::take(&mut head)));
        sample.push_to(&mut feed.pieces);
    }
    for it in beside {
        push_beside(&mut head, track, number_beside, &it, zero);
    }
    if !head.is_empty() {
        feed.size += head.len() as u64;
        feed.pieces.push(Piece::Made(head));
    }
    feed
}

/// All that stands before the first cluster, with these bodies of `TrackEntry`.
pub(super) fn head(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut head = Vec::new();
    let mut ebml = Vec::new();
    write_element(&mut ebml, DOC_TYPE, b"matroska");
    write_element(&mut ebml, DOC_TYPE_VERSION, &[4]);
    write_element(&mut ebml, DOC_TYPE_READ_VERSION, &[2]);
    write_element(&mut head, EBML, &ebml);
    head.extend(SEGMENT.to_be_bytes());
    head.extend(UNKNOWN_SIZE);
    let mut info = Vec::new();
    write_element(&mut info, TIMESTAMP_SCALE, &SCALE_NS.to_be_bytes());
    write_element(&mut head, INFO, &info);
    let mut tracks = Vec::new();
    for entry in entries {
        write_element(&mut tracks, TRACK_ENTRY, entry);
    }
    write_element(&mut head, TRACKS, &tracks);
    head
}

/// A cluster of one block, but for the bytes of the sample.
pub(super) fn block_head(out: &mut Vec<u8>, number: u64, us: u64, is_key: bool, size: u64) {
    let mut block = track_number(number);
    block.extend([0, 0, if is_key { 0x80 } else { 0 }]);
    let block_bytes = block.len() as u64 + size;
    write_head(out, CLUSTER, TIMESTAMP_BYTES + BLOCK_HEAD_BYTES + block_bytes);
    write_element(out, CLUSTER_TIMESTAMP, &us.to_be_bytes());
    write_head(out, SIMPLE_BLOCK, block_bytes);
    out.extend(block);
}

/// A cluster of one subtitle, with how long it is shown.
fn push_beside(out: &mut Vec<u8>, track: &Track, number: u64, sample: &BesideSample, zero: i64) {
    let us = micros(track, sample.pts.saturating_sub(zero));
    let mut block = track_number(number);
    block.extend([0, 0, 0]);
    block.extend(&sample.bytes);
    let mut group = Vec::new();
    write_element(&mut group, BLOCK, &block);
    if let Some(duration_us) = sample.duration_us {
        write_element(&mut group, BLOCK_DURATION, &duration_us.to_be_bytes());
    }
    let mut cluster = Vec::new();
    write_element(&mut cluster, CLUSTER_TIMESTAMP, &us.to_be_bytes());
    write_element(&mut cluster, BLOCK_GROUP, &group);
    write_element(out, CLUSTER, &cluster);
}

fn micros(track: &Track, ticks: i64) -> u64 {
    let scale = i128::from(track.timescale.max(1));
    let us = (i128::from(ticks) * 1_000_000 + scale / 2).div_euclid(scale);
    let us = us + i128::from(ORIGIN_S) * 1_000_000;
    u64::try_from(us.max(0)).unwrap_or(0)
}

/// In as many bytes as its size asks for; the first bit that is set tells how many.
fn track_number(number: u64) -> Vec<u8> {
    let width = (1..8).find(|width| number < (1 << (7 * width)) - 1).unwrap_or(8);
    let marked = number | 1 << (7 * width);
    marked.to_be_bytes()[8 - width..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_number_takes_as_few_bytes_as_it_can() {
        assert_eq!(track_number(1), [0x81]);
        assert_eq!(track_number(126), [0xfe]);
        assert_eq!(track_number(127), [0x40, 0x7f]);
        assert_eq!(track_number(70_000), [0x21, 0x11, 0x70]);
    }
}
