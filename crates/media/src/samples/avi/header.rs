//! The headers of an AVI file, as far as its frames are found by them.

use super::units_ns;
use crate::ProbeError;
use crate::probe::MAX_STREAMS;
use crate::read::Source;
use crate::riff::chunks::{Chunks, chunk_at, u16_at, u32_at, u64_at};
use crate::samples::{FilmError, Track, saturate};

/// Chunks at the top of a file and of its parts.
const MAX_PARTS: usize = 4096;
/// The largest list of headers that is read whole.
const MAX_HEADERS_BYTES: u64 = 1024 * 1024;
/// How long a piece of sound is that can be divided anywhere.
const BLOCK_FRACTION: u32 = 20;

/// The headers.
#[derive(Debug)]
pub(super) struct Header {
    pub streams: Vec<StreamHeader>,
    /// Where frames are: beginnings and ends of the lists of them.
    pub lists: Vec<(u64, u64)>,
    /// Place and size of the old index.
    pub old_index: Option<(u64, u64)>,
}

/// What is known of a stream.
#[derive(Debug, Clone)]
pub(super) struct StreamHeader {
    pub number: u32,
    pub is_video: bool,
    pub is_sound: bool,
    /// A unit lasts `scale / rate` seconds.
    scale: u32,
    rate: u32,
    /// Units before the first.
    start: u64,
    /// Bytes of a unit; 0 where every chunk, or block, is one.
    sample_bytes: u32,
    /// The description of the codec.
    pub format: Vec<u8>,
    /// Places of the parts of its new index.
    pub indexes: Vec<u64>,
}

impl StreamHeader {
    /// When a unit begins, in nanoseconds.
    pub fn ns(&self, units: u64) -> i64 {
        units_ns(units.saturating_add(self.start) / self.unit_bytes(), self.scale, self.rate)
    }

    /// The same in ticks of its track, for pictures.
    pub fn ticks(&self, track: &Track, units: u64) -> i64 {
        let units = i128::from(units.saturating_add(self.start));
        let ticks = units * i128::from(self.scale) * i128::from(track.timescale);
        let rate = i128::from(self.rate.max(1));
        saturate((ticks + rate / 2) / rate)
    }

    /// Frames, or units of sound, a second.
    pub fn rate(&self) -> (u32, u32) {
        (self.rate, self.scale)
    }

    /// What is counted of a chunk: bytes where a unit is some of them, otherwise blocks.
    pub fn units(&self, chunk_bytes: u64) -> u64 {
        match (self.sample_bytes, self.block_align()) {
            (0, block @ 2..) => chunk_bytes.div_ceil(u64::from(block)),
            (0, _) => 1,
            _ => chunk_bytes,
        }
    }

    fn unit_bytes(&self) -> u64 {
        u64::from(self.sample_bytes.max(1))
    }

    fn block_align(&self) -> u16 {
        u16_at(&self.format, 12).unwrap_or(0)
    }

    /// Bytes of a second of sound, where time is counted in bytes.
    pub fn bytes_per_second(&self) -> Option<u32> {
        let bytes =
            u64::from(self.sample_bytes) * u64::from(self.rate) / u64::from(self.scale.max(1));
        u32::try_from(bytes).ok().filter(|it| *it > 0)
    }

    /// How many bytes of sound are given out at once.
    pub fn block_bytes(&self) -> u64 {
        let block = u64::from(self.block_align().max(1));
        match self.bytes_per_second() {
            Some(bytes) => (u64::from(bytes / BLOCK_FRACTION) / block).max(1) * block,
            None => u64::MAX,
        }
    }
}

impl Header {
    pub fn read(src: &Source<'_>) -> Result<Self, FilmError> {
        let mut header = Self { streams: Vec::new(), lists: Vec::new(), old_index: None };
        let mut at = 0;
        for _ in 0..MAX_PARTS {
            if src.size.saturating_sub(at) < 12 {
                break;
            }
            let Ok(chunk) = chunk_at(src, at, u64::MAX) else { break };
            match (&chunk.kind, &chunk.list) {
                (b"RIFF", b"AVI " | b"AVIX") => {
                    at = chunk.body;
                    continue;
                }
                (b"LIST", b"hdrl") => {
                    let body = chunk.load(src, MAX_HEADERS_BYTES, "the list of headers")?;
                    header.streams = streams(&body);
                }
                // A recorder that was cut off leaves the size open.
                (b"LIST", b"movi") if chunk.end <= chunk.body => {
                    header.lists.push((chunk.body, src.size));
                    break;
                }
                (b"LIST", b"movi") => header.lists.push((chunk.body, chunk.end.min(src.size))),
                (b"idx1", _) => {
                    let size = chunk.stated_size().min(src.size.saturating_sub(chunk.body));
                    header.old_index = header.old_index.or(Some((chunk.body, size)));
                }
                _ => {}
            }
            at = chunk.end;
        }
        if header.streams.is_empty() || header.lists.is_empty() {
            return Err(ProbeError::malformed("an AVI file without frames", 0).into());
        }
        Ok(header)
    }

    /// The streams of sound, in the order of the file.
    pub fn sounds(&self) -> impl Iterator<Item = u32> {
        self.streams.iter().filter(|it| it.is_sound).map(|it| it.number)
    }
}

fn streams(headers: &[u8]) -> Vec<StreamHeader> {
    let lists = Chunks(headers).filter_map(|it| it.as_list()).filter(|it| it.0 == b"strl");
    lists.take(MAX_STREAMS).zip(0..).map(|((_, body), number)| stream(number, body)).collect()
}

fn stream(number: u32, body: &[u8]) -> StreamHeader {
    let find = |kind: &[u8; 4]| Chunks(body).find(|it| it.kind == *kind).map(|it| it.body);
    let header = find(b"strh").unwrap_or_default();
    let (kind, word) = (header.get(..4), |at: usize| u32_at(header, at).unwrap_or(0));
    let is_sound = kind == Some(b"auds");
    let format = find(b"strf").unwrap_or_default().to_vec();
    let sample_bytes = if is_sound { word(44) } else { 0 };
    StreamHeader {
        number,
        is_video: matches!(kind, Some(b"vids" | b"iavs")),
        is_sound,
        scale: word(20).max(1),
        rate: word(24).max(1),
        start: u64::from(word(28)) * u64::from(sample_bytes.max(1)),
        sample_bytes,
        format,
        indexes: find(b"indx").map(super_index).unwrap_or_default(),
    }
}

/// Where the parts of an index are that is spread over the file.
fn super_index(body: &[u8]) -> Vec<u64> {
    const HEAD_BYTES: usize = 24;
    const ENTRY_BYTES: usize = 16;
    let is_super = body.get(3) == Some(&0);
    let n_entries = u32_at(body, 4).unwrap_or(0) as usize;
    let entries = body.get(HEAD_BYTES..).unwrap_or_default().chunks_exact(ENTRY_BYTES);
    let entries = entries.take(n_entries).filter_map(|it| u64_at(it, 0)).filter(|it| *it > 0);
    if is_super { entries.collect() } else { Vec::new() }
}

/// A chunk of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameChunk {
    pub kind: [u8; 4],
    pub at: u64,
    pub body: u64,
    pub size: u64,
}

impl FrameChunk {
    /// The number of the stream that a name is of.
    pub fn stream(kind: [u8; 4]) -> Option<u32> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] = kind else { return None };
        Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    }

    pub fn is_picture_of(&self, stream: u32) -> bool {
        Self::stream(self.kind) == Some(stream) && is_picture(self.kind)
    }

    pub fn is_sound_of(&self, stream: u32) -> bool {
        Self::stream(self.kind) == Some(stream) && is_sound(self.kind)
    }
}

/// Whether a chunk's name is that of pictures; a change of the palette is none.
pub(super) fn is_picture(kind: [u8; 4]) -> bool {
    matches!(&kind[2..], b"dc" | b"db" | b"iv" | b"id" | b"AC")
}

pub(super) fn is_sound(kind: [u8; 4]) -> bool {
    &kind[2..] == b"wb"
}

/// A walk over the chunks of streams.
pub(super) struct FrameChunks<'a, 'b> {
    src: &'a Source<'b>,
    lists: &'a [(u64, u64)],
    at: u64,
}

/// The chunks of streams from a place on, in the order of the file.
pub(super) fn chunks_from<'a, 'b>(
    src: &'a Source<'b>,
    lists: &'a [(u64, u64)],
    at: u64,
) -> FrameChunks<'a, 'b> {
    FrameChunks { src, lists, at }
}

impl FrameChunks<'_, '_> {
    /// The next one; `None` at the end, or where the file is cut off.
    pub fn next(&mut self) -> Result<Option<FrameChunk>, FilmError> {
        loop {
            let Some((from, to)) = self.lists.iter().find(|it| self.at < it.1) else {
                return Ok(None);
            };
            self.at = self.at.max(*from);
            if to - self.at < 8 {
                self.at = *to;
                continue;
            }
            let mut head = [0; 8];
            match self.src.read_exact(&mut head, self.at, "a chunk") {
                Ok(()) => {}
                Err(ProbeError::Io(error)) => return Err(error.into()),
                Err(_) => return Ok(None),
            }
            let [a, b, c, d, size @ ..] = head;
            let (kind, at) = ([a, b, c, d], self.at);
            let (body, size) = (at + 8, u64::from(u32::from_le_bytes(size)));
            if kind == *b"LIST" {
                // Groups of frames stand in lists of their own.
                self.at = body + 4;
                continue;
            }
            self.at = body + size + (size & 1);
            if FrameChunk::stream(kind).is_none() {
                let is_named = kind.iter().all(|it| it.is_ascii_graphic() || *it == b' ');
                if !is_named {
                    // Damage, or padding: chunks begin at even places.
                    self.at = at + 2;
                }
                continue;
            }
            return Ok(Some(FrameChunk { kind, at, body, size }));
        }
    }
}
