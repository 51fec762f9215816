//! The elements of a segment that lead to its frames: information, tracks, Cues.

use crate::ProbeError;
use crate::matroska::ebml::{Child, Children, Element, element_at, write_element};
use crate::probe::MAX_STREAMS;
use crate::read::Source;
use crate::samples::FilmError;

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
pub(super) const CODEC_PRIVATE: u32 = 0x63a2;
const CODEC_DELAY: u32 = 0x56aa;
const SEEK_PRE_ROLL: u32 = 0x56bb;
const TRACK_TIMESTAMP_SCALE: u32 = 0x23_314f;
const DEFAULT_DURATION: u32 = 0x23_e383;
const CONTENT_ENCODINGS: u32 = 0x6d80;
const CONTENT_ENCODING: u32 = 0x6240;
const CONTENT_ENCODING_SCOPE: u32 = 0x5032;
const CONTENT_ENCODING_TYPE: u32 = 0x5033;
const CONTENT_COMPRESSION: u32 = 0x5034;
const CONTENT_COMPRESSION_KIND: u32 = 0x4254;
const CONTENT_COMPRESSION_SETTINGS: u32 = 0x4255;
const CUES: u32 = 0x1c53_bb6b;
const CUE_POINT: u32 = 0xbb;
const CUE_TIME: u32 = 0xb3;
const CUE_TRACK_POSITIONS: u32 = 0xb7;
const CUE_TRACK: u32 = 0xf7;
const CUE_CLUSTER: u32 = 0xf1;
const CUE_RELATIVE: u32 = 0xf0;
const CLUSTER: u32 = 0x1f43_b675;

/// The largest element that is read whole: the Cues of a day.
const MAX_ELEMENT_BYTES: u64 = 32 * 1024 * 1024;
/// Elements outside of clusters.
const MAX_ELEMENTS: usize = 4096;
/// A day of two cues a second for each of ten tracks.
const MAX_CUES: usize = 2_000_000;
/// What a header-stripped track leaves out is a few bytes.
const MAX_STRIPPED_BYTES: usize = 4096;
/// Compression by header stripping, and by zlib.
const STRIPPED: u64 = 3;
const DEFLATED: u64 = 0;

/// Where a key frame, or a subtitle, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    /// In the segment's units.
    pub time: u64,
    /// Where the cluster begins in the file.
    pub cluster: u64,
    /// Bytes from the cluster's body to the block.
    pub relative: Option<u64>,
}

pub(super) struct TrackHeader {
    /// The stream's index, numbered as the prober does.
    pub stream: u32,
    pub number: u64,
    pub is_video: bool,
    pub is_media: bool,
    pub private: Vec<u8>,
    pub delay_ns: i64,
    /// The nominal duration of a frame.
    pub frame_ns: Option<u64>,
    /// What every frame begins with though the file leaves it out; `None` when frames are not readable as they lie.
    pub stripped: Option<Vec<u8>>,
    pub is_deflated: bool,
    /// The track's own description, for whoever reads frames as they lie: without what moves their times.
    pub entry: Vec<u8>,
}

pub(super) struct Header {
    pub scale_ns: u64,
    pub segment_end: u64,
    pub first_cluster: Option<u64>,
    pub tracks: Vec<TrackHeader>,
    segment_body: u64,
    cues: Vec<u8>,
    seen: Vec<u32>,
}

impl Header {
    pub fn read(src: &Source<'_>) -> Result<Self, FilmError> {
        let ebml = element_at(src, 0, u64::MAX)?;
        let mut at = ebml.end;
        let mut segment = element_at(src, at, u64::MAX)?;
        for _ in 0..MAX_ELEMENTS {
            if segment.id == SEGMENT {
                break;
            }
            at = segment.end;
            segment = element_at(src, at, u64::MAX)?;
        }
        let mut header = Self {
            scale_ns: 1_000_000,
            segment_end: if segment.has_unknown_size { src.size } else { segment.end },
            first_cluster: None,
            tracks: Vec::new(),
            segment_body: segment.body,
            cues: Vec::new(),
            seen: Vec::new(),
        };
        header.walk(src)?;
        if header.tracks.is_empty() {
            return Err(ProbeError::malformed("a Matroska file without a list of tracks", 0).into());
        }
        Ok(header)
    }

    fn walk(&mut self, src: &Source<'_>) -> Result<(), ProbeError> {
        let mut seeks: Vec<u64> = Vec::new();
        let mut at = self.segment_body;
        for _ in 0..MAX_ELEMENTS {
            if at >= self.segment_end.min(src.size) {
                break;
            }
            let element = element_at(src, at, self.segment_end)?;
            if element.id == CLUSTER {
                self.first_cluster = Some(element.start);
                break;
            }
            self.element(src, element, &mut seeks)?;
            if element.has_unknown_size {
                break;
            }
            at = element.end;
        }
        let mut next = 0;
        while let Some(&position) = seeks.get(next).filter(|_| next < MAX_ELEMENTS) {
            next += 1;
            // A seek head that lies is no reason to refuse what can be found without it.
            if let Ok(element) =
                element_at(src, self.segment_body.saturating_add(position), self.segment_end)
            {
                let _ = self.element(src, element, &mut seeks);
            }
        }
        Ok(())
    }

    fn element(
        &mut self,
        src: &Source<'_>,
        element: Element,
        seeks: &mut Vec<u64>,
    ) -> Result<(), ProbeError> {
        if !matches!(element.id, SEEK_HEAD | INFO | TRACKS | CUES) {
            return Ok(());
        }
        let n_seen = self.seen.iter().filter(|it| **it == element.id).count();
        if n_seen >= if element.id == SEEK_HEAD { 4 } else { 1 } {
            return Ok(());
        }
        let size = element.end - element.body;
        if size > MAX_ELEMENT_BYTES {
            return Err(ProbeError::malformed("a header element that is too large", element.start));
        }
        let body = src.bytes(element.body, size, "a header element")?;
        self.seen.push(element.id);
        match element.id {
            SEEK_HEAD => seeks.extend(self::seeks(&body)),
            INFO => {
                let scale = Children(&body).find(|it| it.id == TIMESTAMP_SCALE).map(Child::uint);
                self.scale_ns = scale.unwrap_or(self.scale_ns).clamp(1, 1_000_000_000);
            }
            TRACKS => self.tracks = tracks(&body),
            _ => self.cues = body,
        }
        Ok(())
    }

    /// The cues of a track in the order of time and place; what contradicts that order is left out.
    pub fn cues_of(&self, track: u64) -> Vec<Cue> {
        let mut cues: Vec<Cue> = Children(&self.cues)
            .filter(|it| it.id == CUE_POINT)
            .take(MAX_CUES)
            .flat_map(|point| {
                let time = point.children().find(|it| it.id == CUE_TIME).map_or(0, Child::uint);
                let positions = point.children().filter(|it| it.id == CUE_TRACK_POSITIONS);
                positions.filter_map(move |it| self.cue(it, track, time))
            })
            .collect();
        cues.sort_by_key(|it| it.time);
        let mut place = 0;
        cues.retain(|it| {
            let is_behind = it.cluster >= place;
            place = place.max(it.cluster);
            is_behind
        });
        cues.dedup_by_key(|it| (it.time, it.relative));
        cues
    }

    fn cue(&self, positions: Child<'_>, track: u64, time: u64) -> Option<Cue> {
        let find = |id: u32| positions.children().find(|it| it.id == id).map(Child::uint);
        if find(CUE_TRACK)? != track {
            return None;
        }
        let cluster = self.segment_body.checked_add(find(CUE_CLUSTER)?)?;
        (cluster < self.segment_end).then_some(Cue { time, cluster, relative: find(CUE_RELATIVE) })
    }
}

fn seeks(body: &[u8]) -> impl Iterator<Item = u64> {
    Children(body).filter(|it| it.id == SEEK).take(MAX_ELEMENTS).filter_map(|seek| {
        let id = seek.children().find(|it| it.id == SEEK_ID)?.uint();
        let position = seek.children().find(|it| it.id == SEEK_POSITION)?.uint();
        let ids = [SEEK_HEAD, INFO, TRACKS, CUES];
        ids.iter().any(|it| u64::from(*it) == id).then_some(position)
    })
}

/// Numbered as the prober does: what has no type or codec is no stream.
fn tracks(body: &[u8]) -> Vec<TrackHeader> {
    let entries = Children(body).filter(|it| it.id == TRACK_ENTRY);
    entries
        .filter_map(track)
        .take(MAX_STREAMS)
        .zip(0..)
        .map(|(it, stream)| TrackHeader { stream, ..it })
        .collect()
}

fn track(entry: Child<'_>) -> Option<TrackHeader> {
    let find = |id: u32| entry.children().find(|it| it.id == id);
    let kind = find(TRACK_TYPE)?.uint();
    find(CODEC_ID)?;
    if !matches!(kind, 1 | 2 | 0x11 | 0x21) {
        return None;
    }
    let (stripped, is_deflated) = encoding(find(CONTENT_ENCODINGS));
    Some(TrackHeader {
        stream: 0,
        number: find(TRACK_NUMBER).map_or(0, Child::uint),
        is_video: kind == 1,
        is_media: matches!(kind, 1 | 2),
        private: find(CODEC_PRIVATE).map(|it| it.body.to_vec()).unwrap_or_default(),
        delay_ns: find(CODEC_DELAY).map_or(0, |it| i64::try_from(it.uint()).unwrap_or(0)),
        frame_ns: find(DEFAULT_DURATION).map(Child::uint).filter(|it| *it > 0),
        stripped,
        is_deflated,
        entry: entry_without_delays(entry),
    })
}

/// A description that is larger than this describes nothing.
const MAX_ENTRY_BYTES: usize = 512 * 1024;

fn entry_without_delays(entry: Child<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let moves_times =
        |it: &Child<'_>| matches!(it.id, CODEC_DELAY | SEEK_PRE_ROLL | TRACK_TIMESTAMP_SCALE);
    for child in entry.children().filter(|it| !moves_times(it)) {
        if bytes.len() + child.body.len() > MAX_ENTRY_BYTES {
            return Vec::new();
        }
        write_element(&mut bytes, child.id, child.body);
    }
    bytes
}

/// What to put before a frame, or `None` when its bytes are changed; and whether they are only deflated.
fn encoding(encodings: Option<Child<'_>>) -> (Option<Vec<u8>>, bool) {
    let Some(encodings) = encodings else { return (Some(Vec::new()), false) };
    let mut all = encodings.children().filter(|it| it.id == CONTENT_ENCODING);
    let (Some(encoding), None) = (all.next(), all.next()) else { return (None, false) };
    let number = |parent: Child<'_>, id: u32, default: u64| {
        parent.children().find(|it| it.id == id).map_or(default, Child::uint)
    };
    let compression = encoding.children().find(|it| it.id == CONTENT_COMPRESSION);
    let (0, Some(compression)) = (number(encoding, CONTENT_ENCODING_TYPE, 0), compression) else {
        return (None, false);
    };
    // Scope 1 is frames; when only the private bytes are compressed, they are useless to us too.
    if number(encoding, CONTENT_ENCODING_SCOPE, 1) != 1 {
        return (None, false);
    }
    match number(compression, CONTENT_COMPRESSION_KIND, DEFLATED) {
        STRIPPED => {
            let settings = compression.children().find(|it| it.id == CONTENT_COMPRESSION_SETTINGS);
            let bytes = settings.map(|it| it.body.to_vec()).unwrap_or_default();
            (Some(bytes).filter(|it| it.len() <= MAX_STRIPPED_BYTES), false)
        }
        DEFLATED => (None, true),
        _ => (None, false),
    }
}
