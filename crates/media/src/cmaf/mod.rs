//! CMAF: the initialization segment of a track and its media segments, with the samples as they are.
//!
//! Invariant: a media segment begins with a key frame, its decode times begin where those of the segment before end, and
//! it can be decoded with its initialization segment alone.

mod boxes;
mod init;
mod timing;

pub(crate) use self::boxes::Writer;
pub(crate) use self::init::init_as_described;
pub use self::init::init_segment;
pub(crate) use self::timing::{Timed, reorder, time};
use crate::ProbeError;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Run, Track};
use crate::stream::StreamKind;

/// The number that the one track of a segment has.
const TRACK_ID: u32 = 1;
/// A sample that others depend on, and one that is not where decoding can begin.
const KEY_FLAGS: u32 = 0x0200_0000;
const OTHER_FLAGS: u32 = 0x0101_0000;

/// A part of a media segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Made(Vec<u8>),
    /// So many bytes of the film's file.
    Copied {
        /// Where they begin.
        offset: u64,
        /// How many they are.
        size: u64,
    },
}

/// A media segment: what to send, piece by piece. The samples are not read to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// One behind the other.
    pub pieces: Vec<Piece>,
    /// Bytes of all pieces.
    pub size: u64,
}

/// Segment `number` of a track, which must be one of the film's.
pub fn media_segment(
    film: &Film,
    bytes: &dyn ReadAt,
    track: &Track,
    number: usize,
) -> Result<Segment, FilmError> {
    if !track.is_copied() {
        return Err(FilmError::NotThere);
    }
    let run = film.run(bytes, track, number)?;
    packed(film, bytes, track, &run, number)
}

/// The key frame of a segment alone, which is shown until the next segment's: for players that show pictures while a person
/// looks for a scene.
pub fn key_segment(
    film: &Film,
    bytes: &dyn ReadAt,
    track: &Track,
    number: usize,
) -> Result<Segment, FilmError> {
    if !track.is_copied() || track.stream.kind != StreamKind::Video {
        return Err(FilmError::NotThere);
    }
    let mut run = film.run(bytes, track, number)?;
    run.samples.truncate(1);
    packed(film, bytes, track, &run, number)
}

fn packed(
    film: &Film,
    bytes: &dyn ReadAt,
    track: &Track,
    run: &Run,
    number: usize,
) -> Result<Segment, FilmError> {
    let is_first = number == 0;
    let end_ns = track.end_ns.unwrap_or(film.plan.end_ns);
    let timed = time(track, run, is_first, end_ns);
    let stripped = track.stripped.len() as u64;
    let body_bytes: u64 = run.samples.iter().map(|it| u64::from(it.size) + stripped).sum();
    let head = fragment_head(track, &run.samples, &timed, number as u32 + 1, body_bytes)?;
    let mut segment = Segment { size: head.len() as u64 + body_bytes, pieces: Vec::new() };
    segment.pieces.push(Piece::Made(head));
    for sample in &run.samples {
        if stripped > 0 {
            segment.pieces.push(Piece::Made(track.stripped.clone()));
        }
        sample.push_to(&mut segment.pieces);
    }
    // Nothing is promised that a file does not have which was cut off.
    let size = bytes.size_bytes()?;
    let is_there = |it: &Piece| match it {
        Piece::Made(_) => true,
        Piece::Copied { offset, size: n } => offset.checked_add(*n).is_some_and(|end| end <= size),
    };
    if !segment.pieces.iter().all(is_there) {
        let (container, what) = ("film", "a segment");
        return Err(ProbeError::Truncated { container, what, at: size }.into());
    }
    Ok(segment)
}

/// Everything of a segment that comes before its samples' bytes.
pub(crate) fn fragment_head(
    track: &Track,
    samples: &[crate::samples::Sample],
    timed: &Timed,
    sequence: u32,
    body_bytes: u64,
) -> Result<Vec<u8>, FilmError> {
    let mut head = Writer::default();
    write_fragment(&mut head, track, samples, timed, sequence);
    let too_large = |_| FilmError::Unsuitable("a segment of more than four gigabytes".to_owned());
    head.number(u32::try_from(body_bytes + 8).map_err(too_large)?);
    head.bytes(b"mdat");
    Ok(head.into_bytes())
}

fn write_fragment(
    out: &mut Writer,
    track: &Track,
    samples: &[crate::samples::Sample],
    timed: &Timed,
    sequence: u32,
) {
    let is_video = track.stream.kind == StreamKind::Video;
    let moof = out.len();
    let mut data_offset_at = 0;
    out.nest(*b"moof", |out| {
        out.nest(*b"mfhd", |out| {
            out.number(0);
            out.number(sequence);
        });
        out.nest(*b"traf", |out| {
            out.nest(*b"tfhd", |out| {
                // Offsets count from the fragment.
                out.number(0x02_0000);
                out.number(TRACK_ID);
            });
            out.nest(*b"tfdt", |out| {
                out.number(1 << 24);
                out.long(timed.start.max(0) as u64);
            });
            out.nest(*b"trun", |out| {
                // Data offset; of each sample duration, size, flags, and for pictures the time from decoding to showing.
                let fields = if is_video { 0xf01 } else { 0x701 };
                out.number(1 << 24 | fields);
                out.number(samples.len() as u32);
                data_offset_at = out.len();
                out.number(0);
                for (sample, (duration, delay)) in samples.iter().zip(&timed.samples) {
                    out.number(*duration);
                    out.number(sample.size + track.stripped.len() as u32);
                    out.number(if sample.is_key { KEY_FLAGS } else { OTHER_FLAGS });
                    if is_video {
                        out.number(*delay as u32);
                    }
                }
            });
        });
    });
    let data_offset = (out.len() - moof + 8) as u32;
    out.overwrite(data_offset_at, data_offset);
}
