//! AVI, OpenDML's large files included: the list of headers, the texts, and the first frames where only they tell.
//!
//! Invariant: the index is not read; of the frames only the first of each stream is looked at.

use super::chunks::{self, ChunkAt, Chunks, chunk_at};
use super::streams::{self, Track};
use super::texts;
use crate::ProbeError;
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::container::Container;
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::stream::StreamKind;

/// The largest list of headers that is read whole.
const MAX_HEADERS_BYTES: u64 = 1024 * 1024;
/// Chunks of the whole file that are looked at outside the frames.
const MAX_CHUNKS: usize = 256;
/// Chunks of frames that are looked at for the first frame of each stream.
const MAX_FRAMES: usize = 128;

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let mut probe = Probe::new(Container::Avi);
    let mut tracks = Vec::new();
    let mut frames = None;
    let mut at = 0;
    for _ in 0..MAX_CHUNKS {
        if src.size.saturating_sub(at) < 8 {
            break;
        }
        let chunk = chunk_at(src, at, u64::MAX)?;
        match (&chunk.kind, &chunk.list) {
            // Large files go on in further parts; what they hold stands side by side here.
            (b"RIFF", b"AVI " | b"AVIX") => {
                at = chunk.body;
                continue;
            }
            (b"LIST", b"hdrl") => tracks = read_headers(src, chunk, &mut probe)?,
            (b"LIST", b"INFO") => {
                if let Ok(body) = chunk.load(src, MAX_HEADERS_BYTES, "the texts") {
                    texts::read(&body, &mut probe);
                }
            }
            (b"LIST", b"movi") => frames = frames.or(Some(chunk)),
            (b"idx1", _) => probe.has_keyframe_index = true,
            _ => {}
        }
        if chunk.end > src.size {
            probe.warn(format!(
                "the file is cut off: its last {} bytes are missing",
                chunk.end - src.size
            ));
            break;
        }
        at = chunk.end;
    }
    if probe.streams.is_empty() {
        return Err(src.truncated("the list of headers"));
    }
    if let Some(frames) = frames {
        look_into_frames(src, frames, &tracks, &mut probe);
    }
    probe.duration_ms = tracks.iter().filter_map(|it| it.duration_ms).max();
    for stream in &mut probe.streams {
        codec::name_simple(stream);
    }
    Ok(probe)
}

/// Reads the streams; gives what else is known of each.
fn read_headers(
    src: &Source<'_>,
    headers: ChunkAt,
    probe: &mut Probe,
) -> Result<Vec<Track>, ProbeError> {
    let body = headers.load(src, MAX_HEADERS_BYTES, "the list of headers")?;
    let mut tracks = Vec::new();
    let mut n_frames = None;
    for chunk in Chunks(&body) {
        match chunk.as_list() {
            Some((b"strl", body)) if tracks.len() < MAX_STREAMS => {
                let index = tracks.len() as u32;
                let (track, stream) = streams::read(index, body);
                tracks.push(track);
                probe.streams.push(stream);
            }
            Some((b"strl", _)) => probe.warn("more streams than a file can sensibly have"),
            Some((b"odml", body)) => {
                let total = Chunks(body).find(|it| it.kind == *b"dmlh");
                n_frames = total.and_then(|it| chunks::u32_at(it.body, 0));
            }
            _ => {}
        }
    }
    probe.has_keyframe_index |= tracks.iter().any(|it| it.has_index);
    // The headers of a large file count the frames of its first part; this counts all.
    let video = tracks.iter_mut().zip(&mut probe.streams);
    if let (Some(n_frames), Some((track, stream))) =
        (n_frames, video.into_iter().find(|it| it.1.kind == StreamKind::Video))
        && u64::from(n_frames) > track.n_units
    {
        track.set_length(n_frames.into());
        stream.n_frames = Some(n_frames.into());
    }
    Ok(tracks)
}

/// Walks the first frames until one of every stream that wants one was seen.
fn look_into_frames(src: &Source<'_>, frames: ChunkAt, tracks: &[Track], probe: &mut Probe) {
    let mut open: Vec<u32> = tracks.iter().filter(|it| it.wants_frame).map(|it| it.index).collect();
    let mut at = frames.body;
    for _ in 0..MAX_FRAMES {
        if open.is_empty() || at >= frames.end {
            return;
        }
        let Ok(chunk) = chunk_at(src, at, frames.end) else { return };
        // Groups of frames stand in lists of their own.
        at = if chunk.kind == *b"LIST" { chunk.body } else { chunk.end };
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] = chunk.kind else { continue };
        let number = u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
        let Some(place) = open.iter().position(|it| *it == number) else { continue };
        let size = chunk.end.min(src.size).saturating_sub(chunk.body).min(FRAME_HEAD_BYTES);
        let Ok(frame) = src.bytes(chunk.body, size, "a frame") else { return };
        if frame.is_empty() {
            continue;
        }
        open.swap_remove(place);
        if let Some(stream) = probe.streams.get_mut(number as usize) {
            codec::describe_elementary(stream, &frame);
        }
    }
}
