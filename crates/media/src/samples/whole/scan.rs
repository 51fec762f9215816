//! The index of a file of whole frames: its key frames, where its streams begin and end, and how they are configured.

use super::MS;
use super::way::{Item, Way};
use crate::probe::Probe;
use crate::read::Source;
use crate::samples::FilmError;
use crate::samples::index::{Packer, Reach, Unpacker};
use crate::stream::StreamKind;

/// A film of nothing but key frames: nine hours of thirty a second.
const MAX_KEYS: usize = 1 << 20;
/// Enough of a first frame for what its head tells.
const HEAD_BYTES: u64 = 8192;
/// A film whose first time is later than this counts from there.
const LATE_MS: i64 = 10_000;
/// A frame that comes later than this behind the one before does not last as long.
const LONGEST_MS: i64 = 1000;

/// What is found by reading all of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Scan {
    /// The time that counts as zero.
    pub zero_ms: i64,
    /// Time and place of the video's key frames, as the file counts.
    pub keys: Vec<(i64, u64)>,
    pub tracks: Vec<Found>,
}

/// What is found of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Found {
    pub stream: u32,
    /// Its number in the file.
    pub number: u8,
    /// When it begins and ends, as the file counts.
    pub first_ms: i64,
    pub end_ms: i64,
    /// What its decoder is told, where a frame says that.
    pub configuration: Vec<u8>,
    /// The beginning of its first frame.
    pub head: Vec<u8>,
}

impl Scan {
    pub fn read(
        src: &Source<'_>,
        probe: &Probe,
        video: u32,
        reach: &mut Reach<'_>,
    ) -> Result<Self, FilmError> {
        let way = Way::of(src)?;
        let numbers = way.numbers(src, probe)?;
        let configurations = way.configurations(src)?;
        let (mut tracks, mut keys): (Vec<Found>, Vec<(i64, u64)>) = (Vec::new(), Vec::new());
        let mut outcome = Ok(true);
        way.walk(src, way.begin(), u64::MAX, |at, item| {
            outcome = reach.goes_on(at);
            let Some(item) = item else { return matches!(outcome, Ok(true)) };
            let stream = (0..).zip(&numbers).find(|it| *it.1 == item.number).map(|it| it.0);
            let Some(stream) = stream.filter(|_| matches!(outcome, Ok(true))) else {
                return matches!(outcome, Ok(true));
            };
            let kind = probe.streams.get(stream as usize).map(|it| it.kind);
            if !matches!(kind, Some(StreamKind::Video | StreamKind::Audio)) {
                return true;
            }
            match tracks.iter_mut().find(|it| it.stream == stream) {
                Some(track) => track.note(&item),
                None => match head_of(src, &item) {
                    Ok(head) => {
                        let configuration = configurations.iter().find(|it| it.0 == item.number);
                        tracks.push(Found {
                            stream,
                            number: item.number,
                            first_ms: item.time_ms,
                            end_ms: item.time_ms.saturating_add(1),
                            configuration: configuration.map_or_else(Vec::new, |it| it.1.clone()),
                            head,
                        });
                    }
                    Err(error) => outcome = Err(error.into()),
                },
            }
            let is_later =
                keys.last().is_none_or(|last| item.time_ms > last.0 && item.at >= last.1);
            if item.is_key && stream == video && is_later && keys.len() < MAX_KEYS {
                keys.push((item.time_ms, item.at));
            }
            outcome.is_ok()
        })?;
        outcome?;
        let first_ms = keys.first().ok_or(FilmError::NoIndex)?.0;
        let zero_ms = if (0..LATE_MS).contains(&first_ms) { 0 } else { first_ms };
        Ok(Self { zero_ms, keys, tracks })
    }

    /// Nanoseconds from the beginning of the film.
    pub fn ns(&self, ms: i64) -> i64 {
        ms.saturating_sub(self.zero_ms).saturating_mul(MS)
    }

    pub fn pack(&self, out: &mut Packer) {
        out.signed(self.zero_ms);
        out.pairs(&self.keys);
        out.list(&self.tracks, |out, it| {
            out.number(it.stream.into());
            out.number(it.number.into());
            out.signed(it.first_ms);
            out.signed(it.end_ms);
            out.blob(&it.configuration);
            out.blob(&it.head);
        });
    }

    pub fn unpack(packed: &mut Unpacker<'_>) -> Option<Self> {
        let (zero_ms, keys) = (packed.signed()?, packed.pairs()?);
        let tracks = packed.list(|it| {
            Some(Found {
                stream: u32::try_from(it.number()?).ok()?,
                number: u8::try_from(it.number()?).ok()?,
                first_ms: it.signed()?,
                end_ms: it.signed()?,
                configuration: it.blob()?.to_vec(),
                head: it.blob()?.to_vec(),
            })
        })?;
        Some(Self { zero_ms, keys, tracks })
    }
}

impl Found {
    fn note(&mut self, item: &Item) {
        // It lasts as long as the one before did.
        let since = item.time_ms.saturating_sub(self.end_ms).saturating_add(1);
        if since > 0 {
            self.end_ms = item.time_ms.saturating_add(since.clamp(1, LONGEST_MS));
        }
    }
}

fn head_of(src: &Source<'_>, item: &Item) -> Result<Vec<u8>, crate::ProbeError> {
    let mut head = Vec::new();
    for (offset, size) in &item.parts {
        let room = HEAD_BYTES.saturating_sub(head.len() as u64);
        head.extend(src.bytes(*offset, u64::from(*size).min(room), "a frame")?);
    }
    Ok(head)
}
