//! Matroska and WebM: the header elements of a segment, found in front of the first cluster and through the seek head.
//!
//! Invariant: clusters are never read, but for the head of the first one where only a frame tells the parameters, and
//! the tail of the file where nothing else tells the duration.

mod attachments;
mod chapters;
mod clusters;
mod cues;
pub(crate) mod ebml;
mod tags;
mod tracks;

use self::clusters::Wanted;
use self::ebml::{Child, Children, Element, element_at};
use self::tracks::Track;
use crate::container::Container;
use crate::index::{KeyFrameIndex, NS_PER_S};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Rational, Stream, StreamKind};
use crate::{ProbeError, codec};

const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TITLE: u32 = 0x7ba9;
const MUXING_APP: u32 = 0x4d80;
const TRACKS: u32 = 0x1654_ae6b;
const CUES: u32 = 0x1c53_bb6b;
const CHAPTERS: u32 = 0x1043_a770;
const TAGS: u32 = 0x1254_c367;
const ATTACHMENTS: u32 = 0x1941_a469;
const CLUSTER: u32 = 0x1f43_b675;

/// The largest header element that is read whole. Attachments are not: only their headers are.
const MAX_ELEMENT_BYTES: u64 = 16 * 1024 * 1024;
/// At most this many elements are looked at outside clusters.
const MAX_ELEMENTS: usize = 4096;

/// What the walk over the segment has found.
struct Segment {
    body: u64,
    end: u64,
    seen: Vec<u32>,
    /// Positions that seek heads name, with the id that should be there.
    seeks: Vec<(u32, u64)>,
    tracks: Vec<Track>,
    timestamp_scale_ns: u64,
    first_cluster: Option<Element>,
    cues: Option<Element>,
}

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let (segment, mut probe) = read_headers(src)?;
    look_into_clusters(src, &segment, &mut probe);
    if probe.duration_ms.is_none() {
        probe.duration_ms = clusters::last_timestamp(src, segment.body)
            .map(|it| (u128::from(it) * u128::from(segment.timestamp_scale_ns) / 1_000_000) as i64);
    }
    for stream in probe.streams.iter_mut().filter(|it| it.kind == StreamKind::Video) {
        compare_with_statistics(stream, probe.duration_ms);
    }
    Ok(probe)
}

/// The key frames of the main video by the file's cues, in nanoseconds.
pub(crate) fn index(src: &Source<'_>) -> Result<Option<KeyFrameIndex>, ProbeError> {
    let (segment, probe) = read_headers(src)?;
    let Some(video) = probe.video() else { return Ok(None) };
    let Some(track) = segment.tracks.iter().find(|it| it.index == video.index) else {
        return Ok(None);
    };
    let Some(cues) = segment.cues else { return Ok(None) };
    let body = whole(src, cues, "the cues")?;
    let range = segment.body..segment.end.min(src.size);
    let key_frames = cues::read(&body, track, segment.timestamp_scale_ns, range);
    Ok(KeyFrameIndex::new(video.index, NS_PER_S, key_frames))
}

/// Everything but the clusters.
fn read_headers(src: &Source<'_>) -> Result<(Segment, Probe), ProbeError> {
    let head = element_at(src, 0, u64::MAX)?;
    if head.id != EBML {
        return Err(ProbeError::malformed("no EBML header", 0));
    }
    let body = whole(src, head, "the EBML header")?;
    let doc_type = Children(&body).find(|it| it.id == DOC_TYPE).map(Child::text);
    let container =
        if doc_type.as_deref() == Some("webm") { Container::WebM } else { Container::Matroska };
    let mut probe = Probe::new(container);

    let mut segment = open_segment(src, head.end)?;
    if segment.end > src.size {
        let missing = segment.end - src.size;
        probe.warn(format!("the file is cut off: its last {missing} bytes are missing"));
    }
    walk_to_first_cluster(src, &mut segment, &mut probe)?;
    follow_seek_heads(src, &mut segment, &mut probe);
    if !segment.seen.contains(&TRACKS) {
        let is_whole = segment.end <= src.size && segment.first_cluster.is_some();
        return Err(if is_whole {
            ProbeError::malformed("a Matroska file without a list of tracks", segment.body)
        } else {
            src.truncated("the header")
        });
    }
    if segment.tracks.is_empty() {
        return Err(ProbeError::malformed("a list of tracks without tracks", segment.body));
    }
    Ok((segment, probe))
}

fn open_segment(src: &Source<'_>, mut at: u64) -> Result<Segment, ProbeError> {
    for _ in 0..MAX_ELEMENTS {
        let element = element_at(src, at, u64::MAX)?;
        if element.id == SEGMENT {
            let end = if element.has_unknown_size { src.size } else { element.end };
            return Ok(Segment {
                body: element.body,
                end,
                seen: Vec::new(),
                seeks: Vec::new(),
                tracks: Vec::new(),
                timestamp_scale_ns: 1_000_000,
                first_cluster: None,
                cues: None,
            });
        }
        at = element.end;
    }
    Err(ProbeError::malformed("a Matroska file without a segment", at))
}

fn walk_to_first_cluster(
    src: &Source<'_>,
    segment: &mut Segment,
    probe: &mut Probe,
) -> Result<(), ProbeError> {
    let mut at = segment.body;
    for _ in 0..MAX_ELEMENTS {
        if at >= segment.end.min(src.size) {
            return Ok(());
        }
        let element = match element_at(src, at, segment.end) {
            Ok(element) => element,
            // Behind the list of tracks the file is usable; the seek head may still lead to the rest.
            Err(error) if segment.seen.contains(&TRACKS) => {
                probe.warn(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if element.id == CLUSTER {
            segment.first_cluster = Some(element);
            return Ok(());
        }
        match read_element(src, element, segment, probe) {
            Err(error) if element.id == TRACKS => return Err(error),
            Err(error) => probe.warn(error.to_string()),
            Ok(()) => {}
        }
        if element.has_unknown_size {
            return Ok(());
        }
        at = element.end;
    }
    probe.warn("too many elements before the first frame");
    Ok(())
}

/// Reads what seek heads point at. What is not there as promised is a warning: the rest of the file is fine.
fn follow_seek_heads(src: &Source<'_>, segment: &mut Segment, probe: &mut Probe) {
    let mut next = 0;
    while let Some(&(id, position)) = segment.seeks.get(next) {
        next += 1;
        if segment.seen.contains(&id) && id != SEEK_HEAD {
            continue;
        }
        let at = segment.body.saturating_add(position);
        let read = element_at(src, at, segment.end).and_then(|element| {
            if element.id == id {
                read_element(src, element, segment, probe)
            } else {
                Err(ProbeError::malformed("the seek head points at something else", at))
            }
        });
        if let Err(error) = read {
            probe.warn(error.to_string());
        }
    }
}

fn read_element(
    src: &Source<'_>,
    element: Element,
    segment: &mut Segment,
    probe: &mut Probe,
) -> Result<(), ProbeError> {
    match element.id {
        SEEK_HEAD => {
            // A second seek head is common, a chain of them is not.
            if segment.seen.iter().filter(|it| **it == SEEK_HEAD).count() < 4 {
                segment.seeks.extend(seeks(&whole(src, element, "the seek head")?));
                segment.seeks.truncate(MAX_ELEMENTS);
            }
        }
        _ if segment.seen.contains(&element.id) => return Ok(()),
        INFO => read_info(&whole(src, element, "the segment information")?, segment, probe),
        TRACKS => {
            segment.tracks = tracks::read(&whole(src, element, "the list of tracks")?, probe);
        }
        CUES => {
            probe.has_keyframe_index = element.end <= src.size && element.end > element.body;
            segment.cues = probe.has_keyframe_index.then_some(element);
        }
        CHAPTERS => probe.chapters = chapters::read(&whole(src, element, "the chapters")?),
        TAGS => tags::read(&whole(src, element, "the tags")?, &segment.tracks, probe),
        ATTACHMENTS => attachments::read(src, element, probe)?,
        _ => return Ok(()),
    }
    segment.seen.push(element.id);
    Ok(())
}

/// The body of a header element, if it is small enough to be one.
fn whole(src: &Source<'_>, element: Element, what: &'static str) -> Result<Vec<u8>, ProbeError> {
    let size = element.end - element.body;
    if element.end > src.size {
        return Err(src.truncated(what));
    }
    if size > MAX_ELEMENT_BYTES || element.has_unknown_size {
        return Err(ProbeError::malformed(
            format!("{what} is too large ({size} bytes)"),
            element.start,
        ));
    }
    src.bytes(element.body, size, what)
}

fn seeks(body: &[u8]) -> impl Iterator<Item = (u32, u64)> {
    Children(body).filter(|it| it.id == SEEK).filter_map(|seek| {
        let id = seek.children().find(|it| it.id == SEEK_ID)?.uint();
        let position = seek.children().find(|it| it.id == SEEK_POSITION)?.uint();
        Some((u32::try_from(id).ok()?, position))
    })
}

fn read_info(body: &[u8], segment: &mut Segment, probe: &mut Probe) {
    let mut duration = None;
    for child in Children(body) {
        match child.id {
            TIMESTAMP_SCALE => segment.timestamp_scale_ns = child.uint().max(1),
            DURATION => duration = Some(child.float()).filter(|it| it.is_finite() && *it > 0.0),
            TITLE => probe.tags.add("title", &child.text()),
            MUXING_APP => probe.tags.add("encoder", &child.text()),
            _ => {}
        }
    }
    probe.duration_ms =
        duration.map(|it| (it * segment.timestamp_scale_ns as f64 / 1e6).round() as i64);
}

/// Timestamps that tell the rate of a video that does not state one.
const N_TIMES: usize = 24;

/// What only frames tell: parameters that the description of the codec leaves open, and the rate of some videos.
fn look_into_clusters(src: &Source<'_>, segment: &Segment, probe: &mut Probe) {
    let Some(cluster) = segment.first_cluster else { return };
    let mut wanted = Vec::new();
    for (track, stream) in tracks_and_streams(segment, probe) {
        let wants_frame = track.frame_prefix.is_some() && codec::wants_first_frame(stream);
        let has_no_rate = stream.kind == StreamKind::Video && stream.frame_rate.is_none();
        if wants_frame || has_no_rate {
            let n_times = if has_no_rate { N_TIMES } else { 0 };
            let (track, times) = (track.number, Vec::new());
            wanted.push(Wanted { track, frame: None, wants_frame, n_times, times });
        }
    }
    clusters::look(src, cluster, segment.end, &mut wanted);
    for (track, stream) in tracks_and_streams(segment, probe) {
        let Some(found) = wanted.iter_mut().find(|it| it.track == track.number) else { continue };
        if let (Some(frame), Some(prefix)) = (found.frame.take(), &track.frame_prefix) {
            if prefix.is_empty() {
                codec::describe_first_frame(stream, &track.config, &frame);
            } else {
                codec::describe_first_frame(
                    stream,
                    &track.config,
                    &[prefix.as_slice(), &frame].concat(),
                );
            }
        }
        if let Some((rate, is_variable)) =
            clusters::rate(std::mem::take(&mut found.times), segment.timestamp_scale_ns)
        {
            stream.frame_rate = stream.frame_rate.or(Some(rate));
            stream.variable_frame_rate = Some(is_variable);
        }
    }
}

fn tracks_and_streams<'a>(
    segment: &'a Segment,
    probe: &'a mut Probe,
) -> impl Iterator<Item = (&'a Track, &'a mut Stream)> {
    // Both were made together, so the one's index is the other's place.
    let streams = probe.streams.iter_mut();
    streams.filter_map(|stream| {
        let track = segment.tracks.get(stream.index as usize)?;
        (track.index == stream.index).then_some((track, stream))
    })
}

/// A writer that counted the frames knows better than the nominal duration of one.
fn compare_with_statistics(stream: &mut Stream, duration_ms: Option<i64>) {
    /// Frames that a constant rate may be short of at the ends of a film, as a share.
    const TOLERANCE: f64 = 0.01;
    let (Some(n_frames), Some(duration_ms)) = (stream.n_frames, duration_ms.filter(|it| *it > 0))
    else {
        return;
    };
    let counted = n_frames as f64 * 1000.0 / duration_ms as f64;
    match stream.frame_rate {
        Some(rate) if n_frames > 100 => {
            let is_variable = (counted / rate.as_f64() - 1.0).abs() > TOLERANCE;
            stream.variable_frame_rate = Some(is_variable);
            if is_variable {
                stream.frame_rate = Rational::new(
                    n_frames.unsigned_abs().saturating_mul(1000),
                    duration_ms.unsigned_abs(),
                );
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
