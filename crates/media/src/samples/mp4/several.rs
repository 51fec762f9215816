//! Tracks whose samples are described in more than one way, as those of films that were joined of several: `stsd` has more
//! entries than one, and chunks and fragments say which is theirs (ISO/IEC 14496-12, 8.5.2 and 8.7.4).
//!
//! A copy has one description. H.264 and HEVC carry the parameter sets of the others in their samples; what carries its
//! configuration in its frames anyway needs nothing; of anything else no copy is made.

use std::sync::Arc;

use super::description::{Entry, entries};
use crate::ProbeError;
use crate::cmaf::Piece;
use crate::codec;
use crate::read::Source;
use crate::samples::parameter_sets::{self, Unpacked};
use crate::samples::pictures::Coding;
use crate::samples::{FilmError, Sample, push_piece};
use crate::stream::{Codec, Stream, StreamKind};

/// Descriptions of a track that are told apart; a film that was joined of more is none.
pub(super) const MAX_DESCRIPTIONS: usize = 1000;
/// What an entry of sound says before its boxes: channels, bits and the sampling rate.
const SOUND_HEAD: std::ops::Range<usize> = 8..28;

/// What becomes of the descriptions of a track.
#[derive(Debug)]
pub(super) enum Joined {
    /// One for all samples.
    One {
        /// The body of an `stsd` with it.
        described: Vec<u8>,
        /// What configures the decoder.
        config: Vec<u8>,
    },
    /// One for all samples, if they are changed.
    InBand {
        described: Vec<u8>,
        config: Vec<u8>,
        several: Several,
        /// Of the descriptions that of the highest level.
        highest: Box<Stream>,
    },
    /// No copy is made, for this reason. The bodies of an `stsd` with each.
    Apart { described: Vec<Vec<u8>>, reason: String },
}

/// How samples are made to fit the description of the copy.
#[derive(Debug)]
pub(super) struct Several {
    coding: Coding,
    /// By the place of the description; one that no sample has is `None`.
    ways: Vec<Option<Way>>,
    /// Bytes of the size before each unit of a copied sample.
    size_bytes: u8,
}

#[derive(Debug)]
struct Way {
    size_bytes: u8,
    /// The parameter sets, as units of the copy.
    sets: Vec<u8>,
}

impl Joined {
    /// For a track of these descriptions, of which samples have those of the places in `used`.
    pub fn of(stream: &Stream, stsd: &[u8], used: &[u32]) -> Self {
        let all = entries(stsd, MAX_DESCRIPTIONS);
        let has_too_many = used.len() >= MAX_DESCRIPTIONS || all.len() >= MAX_DESCRIPTIONS;
        let used = known(used, all.len());
        let told: Vec<Entry<'_>> = used.iter().filter_map(|it| all.get(*it).copied()).collect();
        let Some((base, others)) = told.split_first() else {
            return Self::One { described: stsd.to_vec(), config: Vec::new() };
        };
        let is_foreign = family(base.kind) != all.first().map_or([0; 4], |it| family(it.kind));
        let config = base.config().to_vec();
        let described = if all.len() > 1 { base.alone() } else { stsd.to_vec() };
        let outcome = if is_foreign || others.iter().any(|it| family(it.kind) != family(base.kind))
        {
            Err(format!("the {} track changes its codec", name(stream)))
        } else if has_too_many && !others.is_empty() {
            Err(format!("the {} track is described in too many ways", name(stream)))
        } else if others.iter().all(|it| is_alike(stream, base, it)) {
            Ok(None)
        } else {
            in_band(stream, &all, &used).map(Some)
        };
        match outcome {
            Ok(None) => Self::One { described, config },
            Ok(Some((several, size, highest))) => {
                let (described, config) = match size {
                    Some((at, byte)) => {
                        let mut config = config;
                        if let Some(it) = config.get_mut(at) {
                            *it = byte;
                        }
                        (base.alone_with((at, byte)), config)
                    }
                    None => (described, config),
                };
                Self::InBand { described, config, several, highest: Box::new(highest) }
            }
            Err(reason) => {
                Self::Apart { described: all.iter().map(Entry::alone).collect(), reason }
            }
        }
    }
}

/// The places that there are, each once; one that there is not is the first.
fn known(used: &[u32], n_entries: usize) -> Vec<usize> {
    let mut places = Vec::new();
    for it in used {
        let place = place(*it, n_entries);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn place(description: u32, n_entries: usize) -> usize {
    usize::try_from(description).ok().filter(|it| *it < n_entries).unwrap_or(0)
}

/// Names of entries that differ only in where parameter sets are.
fn family(kind: [u8; 4]) -> [u8; 4] {
    match &kind {
        b"avc3" => *b"avc1",
        b"hev1" => *b"hvc1",
        b"dvhe" => *b"dvh1",
        b"dvav" => *b"dva1",
        _ => kind,
    }
}

fn name(stream: &Stream) -> &'static str {
    if stream.kind == StreamKind::Video { "video" } else { "sound" }
}

fn is_alike(stream: &Stream, one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let is_head_alike = match stream.kind {
        StreamKind::Audio => one.body.get(SOUND_HEAD) == other.body.get(SOUND_HEAD),
        _ => true,
    };
    is_head_alike
        && match stream.codec {
            // Each key frame says the rest.
            Codec::Av1 | Codec::Vp9 => self::format(stream, one) == self::format(stream, other),
            _ => one.kind == other.kind && one.config() == other.config(),
        }
}

/// The format of pixels, the bits of each, and the profile.
type Format = (Option<String>, Option<u8>, Option<String>);

/// What a decoder that was asked for one may not be able to change into.
fn format(stream: &Stream, entry: &Entry<'_>) -> Format {
    let told = told(stream, entry);
    let profile = told.profile.filter(|_| matches!(told.codec, Codec::Av1 | Codec::Vp9));
    (told.pixel_format, told.bit_depth, profile)
}

/// Whether two are known, and not the same: those whose parameter sets are in the samples do not tell.
fn differs<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// The stream as this description has it.
fn told(stream: &Stream, entry: &Entry<'_>) -> Stream {
    let mut told = stream.clone();
    (told.codec_string, told.profile, told.level) = (None, None, None);
    (told.pixel_format, told.bit_depth) = (None, None);
    codec::describe(&mut told, &String::from_utf8_lossy(&entry.kind), entry.config());
    told
}

/// The byte of the configuration that says how long sizes are, where it has to be another.
type Size = Option<(usize, u8)>;

fn in_band(
    stream: &Stream,
    all: &[Entry<'_>],
    used: &[usize],
) -> Result<(Several, Size, Stream), String> {
    let changes = || format!("the {} track changes how it is coded", name(stream));
    let coding = Coding::of(&stream.codec).filter(|it| matches!(it, Coding::Avc | Coding::Hevc));
    let coding = coding.ok_or_else(changes)?;
    let mut unpacked: Vec<(usize, Unpacked<'_>)> = Vec::new();
    let mut highest: Option<Stream> = None;
    let mut formats = Vec::new();
    for place in used {
        let entry = all.get(*place).ok_or_else(changes)?;
        formats.push(format(stream, entry));
        let is_other = |it: &Format| {
            formats.first().is_some_and(|first| {
                differs(first.0.as_ref(), it.0.as_ref()) || differs(first.1.as_ref(), it.1.as_ref())
            })
        };
        if formats.iter().any(is_other) {
            return Err(format!("the {} track changes its format of pictures", name(stream)));
        }
        let record = parameter_sets::unpack(coding, entry.config());
        unpacked.push((*place, record.ok_or_else(changes)?));
        let told = told(stream, entry);
        if highest.as_ref().is_none_or(|it| told.level > it.level) {
            highest = Some(told);
        }
    }
    let (first, rest) = unpacked.split_first().ok_or_else(changes)?;
    let (own, size_at) = (first.1.size_bytes, first.1.size_at);
    // Four bytes hold the size of any unit.
    let is_even = own >= 2 && rest.iter().all(|it| it.1.size_bytes == own);
    let size_bytes = if is_even { own } else { 4 };
    let mut ways: Vec<Option<Way>> = all.iter().map(|_| None).collect();
    for (place, record) in &unpacked {
        let mut sets = Vec::new();
        for set in &record.sets {
            sets.extend(sized(set.len() as u32, size_bytes));
            sets.extend(*set);
        }
        ways[*place] = Some(Way { size_bytes: record.size_bytes, sets });
    }
    let base = used.first().and_then(|it| all.get(*it)).ok_or_else(changes)?;
    let old = base.config().get(size_at).copied().unwrap_or(0);
    let size = (own != size_bytes).then_some((size_at, old & !3 | (size_bytes - 1)));
    let highest = highest.unwrap_or_else(|| stream.clone());
    Ok((Several { coding, ways, size_bytes }, size, highest))
}

/// The size of a unit in so many bytes.
fn sized(size: u32, n_bytes: u8) -> Vec<u8> {
    size.to_be_bytes()[4 - usize::from(n_bytes.min(4))..].to_vec()
}

impl Several {
    /// A sample as the copy has it. `begins`: the decoder has not been given its parameter sets. No more than `units_left` are
    /// written anew, from which they are taken.
    pub fn fit(
        &self,
        src: &Source<'_>,
        sample: Sample,
        description: u32,
        begins: bool,
        units_left: &mut usize,
    ) -> Result<Sample, FilmError> {
        let way = self.ways.get(place(description, self.ways.len())).and_then(Option::as_ref);
        let Some(way) = way else { return Ok(sample) };
        let mut pieces = Vec::new();
        let mut at = sample.offset;
        let end = sample.offset.saturating_add(sample.size.into());
        let sets = if begins { way.sets.as_slice() } else { &[] };
        if way.size_bytes == self.size_bytes {
            if sets.is_empty() {
                return Ok(sample);
            }
            // A unit that says where a picture begins stays the first of it.
            if let Some((head, next)) = unit(src, at, end, way.size_bytes)?
                && self.is_delimiter(head)
            {
                push_piece(&mut pieces, Piece::Copied { offset: at, size: next - at });
                at = next;
            }
            push_piece(&mut pieces, Piece::Made(sets.to_vec()));
            push_piece(&mut pieces, Piece::Copied { offset: at, size: end.saturating_sub(at) });
            return finish(sample, pieces);
        }
        let mut left = sets;
        for n in 0.. {
            // What a broken size leads beyond the sample is left out.
            let Some((head, next)) = unit(src, at, end, way.size_bytes)? else { break };
            *units_left = units_left
                .checked_sub(1)
                .ok_or_else(|| FilmError::Unsuitable("pictures of too many parts".to_owned()))?;
            let is_behind = n > 0 || !self.is_delimiter(head);
            if is_behind && !left.is_empty() {
                push_piece(&mut pieces, Piece::Made(left.to_vec()));
                left = &[];
            }
            let from = at + u64::from(way.size_bytes);
            let size = next - from;
            let coded = u32::try_from(size).unwrap_or(u32::MAX);
            push_piece(&mut pieces, Piece::Made(sized(coded, self.size_bytes)));
            push_piece(&mut pieces, Piece::Copied { offset: from, size });
            at = next;
        }
        finish(sample, pieces)
    }

    fn is_delimiter(&self, head: u8) -> bool {
        match self.coding {
            Coding::Avc => head & 0x1f == 9,
            _ => head >> 1 & 0x3f == 35,
        }
    }
}

/// The first byte of the unit at a place of a sample, and where the next one is; `None` where nothing whole follows.
fn unit(
    src: &Source<'_>,
    at: u64,
    end: u64,
    size_bytes: u8,
) -> Result<Option<(u8, u64)>, ProbeError> {
    let n_bytes = u64::from(size_bytes) + 1;
    if end.saturating_sub(at) < n_bytes {
        return Ok(None);
    }
    let head = src.bytes(at, n_bytes, "a picture")?;
    let Some((first, size)) = head.split_last() else { return Ok(None) };
    let size = size.iter().fold(0_u64, |sum, it| sum << 8 | u64::from(*it));
    let next = at.saturating_add(u64::from(size_bytes)).saturating_add(size);
    Ok((size > 0 && next <= end).then_some((*first, next)))
}

fn finish(mut sample: Sample, pieces: Vec<Piece>) -> Result<Sample, FilmError> {
    let size: u64 = pieces
        .iter()
        .map(|it| match it {
            Piece::Made(bytes) => bytes.len() as u64,
            Piece::Copied { size, .. } => *size,
        })
        .sum();
    let too_large = |_| FilmError::Unsuitable("a picture of four gigabytes".to_owned());
    sample.size = u32::try_from(size).map_err(too_large)?;
    sample.parts = Some(Arc::from(pieces));
    Ok(sample)
}

#[cfg(test)]
mod tests;
