//! How a stream of an AVI file is decoded: for a copy, and for whoever makes it anew.

use super::header::{StreamHeader, chunks_from};
use super::{Coded, Layout};
use crate::read::Source;
use crate::samples::config::{self, Configured};
use crate::samples::frames::{Frames, Framing};
use crate::samples::pictures::{Coding, Pictures};
use crate::samples::{Track, entry, parameter_sets};
use crate::stream::{Codec, Rational, Stream};

/// The track, how its samples are told apart, its description as Matroska has it, and why it is not copied, if so.
pub(super) type Described = (Track, Coded, Vec<u8>, Option<String>);

/// What the codec is told of itself stands behind these many bytes.
const BITMAP_HEADER_BYTES: usize = 40;
const WAVE_HEADER_BYTES: usize = 18;
/// Chunks that are looked at for a stream's first.
const MAX_CHUNKS: usize = 4096;
/// The largest first chunk that is read.
const MAX_HEAD_BYTES: u64 = 4 << 20;
/// Sound that is looked through for a first frame.
const MAX_SOUND_BYTES: usize = 64 * 1024;

pub(super) fn picture(
    src: &Source<'_>,
    layout: &Layout,
    of: &StreamHeader,
    stream: &Stream,
) -> Result<Described, String> {
    let (rate, scale) = of.rate();
    let (timescale, _) =
        super::super::matroska::video_grid(Rational::new(rate.into(), scale.into()));
    let extra = of.format.get(BITMAP_HEADER_BYTES..).unwrap_or_default();
    let coding = match Coding::of(&stream.codec) {
        // Whose sizes stand before its units is put together otherwise; HEVC tells no order that is read here.
        Some(Coding::Avc) if extra.first() == Some(&1) => None,
        Some(Coding::Hevc | Coding::Vc1) => None,
        coding => coding,
    };
    let mut copied = stream.clone();
    let (coded, config, written, against) = if let Some(coding) = coding {
        let sets = first_sets(src, layout, of, coding, extra)?;
        let private = match coding {
            Coding::Avc => parameter_sets::record(coding, stream, &sets)
                .ok_or_else(|| "the parameter sets cannot be read".to_owned())?,
            _ => parameter_sets::with_codes(&sets),
        };
        let codec_id = entry::codec_id(&stream.codec).unwrap_or(entry::FOURCC);
        let written = entry::write(stream, codec_id, &private);
        match config::of_mp4(&mut copied, &private, &[]) {
            Ok(Configured { config, .. }) => {
                (Coded::Pictures(coding, sets), Some(config), written, None)
            }
            Err(reason) => (Coded::Pictures(coding, sets), None, written, Some(reason)),
        }
    } else {
        let reason = format!("{} is not copied out of AVI files", stream.codec);
        let written = entry::write(stream, entry::FOURCC, &of.format);
        (Coded::Chunks, None, written, Some(reason))
    };
    let stream = if config.is_some() { copied } else { stream.clone() };
    let track = Track {
        stream,
        timescale,
        config,
        frame_ticks: 0,
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    Ok((track, coded, written, against))
}

/// The parameter sets before the first key frame, or beside the description.
fn first_sets(
    src: &Source<'_>,
    layout: &Layout,
    of: &StreamHeader,
    coding: Coding,
    extra: &[u8],
) -> Result<Vec<Vec<u8>>, String> {
    let mut pictures = Pictures::unread(coding);
    pictures.push(0, extra, 0);
    let first = layout.scan.keys.first().map_or(0, |it| it.offset);
    let mut chunks = chunks_from(src, &layout.lists, first);
    for _ in 0..MAX_CHUNKS {
        let Ok(Some(chunk)) = chunks.next() else { break };
        if !chunk.is_picture_of(of.number) || chunk.size == 0 {
            continue;
        }
        let body = src.bytes(chunk.body, chunk.size.min(MAX_HEAD_BYTES), "a frame");
        pictures.push(0, &body.map_err(|it| it.to_string())?, 0);
        break;
    }
    pictures.finish();
    Ok(pictures.next().map(|it| it.sets).unwrap_or_default())
}

pub(super) fn sound(
    src: &Source<'_>,
    layout: &Layout,
    of: &StreamHeader,
    stream: &Stream,
) -> Result<Described, String> {
    let extra = of.format.get(WAVE_HEADER_BYTES..).unwrap_or_default();
    let framing = match stream.codec {
        // Its frames are told apart by the chunks.
        Codec::Aac => Framing::Whole,
        _ => Framing::of(&stream.codec).unwrap_or(Framing::Whole),
    };
    let head = first_frame(src, layout, of, framing)?;
    if stream.codec == Codec::Aac && extra.is_empty() {
        return Err("the AAC track does not say how to decode it".to_owned());
    }
    let private = if stream.codec == Codec::Aac { extra } else { &[] };
    let (mut track, against) = config::sound_track(stream, private, &head)?;
    let written = match entry::codec_id(&stream.codec) {
        Some(id) => entry::write(stream, id, private),
        None => entry::write(stream, entry::WAVE, &of.format),
    };
    if framing == Framing::Whole && stream.codec != Codec::Aac {
        // Pieces are as long as they happen to be.
        track.frame_ticks = 0;
    }
    Ok((track, Coded::Sound(framing), written, against))
}

/// The first frame of a stream of sound.
fn first_frame(
    src: &Source<'_>,
    layout: &Layout,
    of: &StreamHeader,
    framing: Framing,
) -> Result<Vec<u8>, String> {
    let begin = layout.lists.first().map_or(0, |it| it.0);
    let mut chunks = chunks_from(src, &layout.lists, begin);
    let mut frames = Frames::new(framing);
    let mut n_bytes = 0;
    for _ in 0..MAX_CHUNKS {
        let Ok(Some(chunk)) = chunks.next() else { break };
        if !chunk.is_sound_of(of.number) || chunk.size == 0 {
            continue;
        }
        let body = src.bytes(chunk.body, chunk.size.min(MAX_SOUND_BYTES as u64), "sound");
        let body = body.map_err(|it| it.to_string())?;
        n_bytes += body.len();
        frames.push(0, &body, None);
        if let Some(frame) = frames.next(false) {
            return Ok(frame.head);
        }
        if n_bytes > MAX_SOUND_BYTES {
            break;
        }
    }
    let last = frames.next(true).map(|it| it.head);
    last.ok_or_else(|| "the track has no frames at the beginning".to_owned())
}
