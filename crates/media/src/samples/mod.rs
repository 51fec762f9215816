//! Coded samples of a film: where they lie, when they are shown, and the plan that cuts them into segments.
//!
//! Invariant: nothing here remembers anything between calls. A segment's samples depend on the bytes of the file and on
//! its number alone, so that any node gives the same answer at any time.

mod avi;
mod config;
mod dolby_frames;
mod drawn;
mod entry;
mod fonts;
mod frames;
mod index;
mod keys;
mod matroska;
mod mp4;
mod mux;
mod parameter_sets;
mod pictures;
mod placed;
mod plan;
mod text;
mod units;
mod vision;
mod whole;

use std::io;
use std::sync::Arc;

use crate::cmaf::{self, Piece};
use crate::container::Container;
use crate::probe::probe;
use crate::read::{ReadAt, Source};
use crate::stream::{self, Rational, Stream, StreamKind};
use crate::{Probe, ProbeError};

pub(crate) use self::config::{SampleConfig, code_points};
pub(crate) use self::drawn::drawn_window;
pub use self::drawn::read_drawn;
pub use self::fonts::{Font, read_font};
pub use self::index::Index;
pub(crate) use self::mp4::{Whole, read_whole};
pub use self::plan::{Cut, Plan};
pub use self::text::{TextCue, read_text, text_description};
pub(crate) use self::vision::Vision;

/// Nanoseconds of a second.
pub(crate) const SECOND_NS: i64 = 1_000_000_000;
/// More samples in one segment than any film has: an hour of a hundred frames per second.
pub(crate) const MAX_SAMPLES: usize = 400_000;
/// More bytes in one segment than a client would take.
pub(crate) const MAX_SEGMENT_BYTES: u64 = 1 << 30;

/// Why a film's samples cannot be given out.
#[derive(Debug, thiserror::Error)]
pub enum FilmError {
    /// The file cannot be read, or contradicts its format.
    #[error(transparent)]
    File(#[from] ProbeError),
    /// Without key frames there is nowhere to cut. Where the file has no index of them, [`Index::of`] may make one.
    #[error("the file has no index of its key frames")]
    NoIndex,
    /// Somebody stopped the reading.
    #[error("the reading of the file was stopped")]
    Stopped,
    /// The file is whole, but of a kind that is not copied.
    #[error("{0}")]
    Unsuitable(String),
    /// No such track or segment.
    #[error("the film has no such track or segment")]
    NotThere,
}

impl From<io::Error> for FilmError {
    fn from(error: io::Error) -> Self {
        Self::File(error.into())
    }
}

/// A track whose samples can be read: to be copied as they are, or to be made anew.
#[derive(Debug, Clone)]
pub struct Track {
    /// What the prober knows; of what is copied, the codec string is that of the copy.
    pub stream: Stream,
    /// Ticks of a second in which the copy counts time.
    pub timescale: u32,
    /// How a copy is decoded; `None` for what no copy carries.
    pub(crate) config: Option<SampleConfig>,
    /// How long a frame lasts, in ticks; 0 when that differs from frame to frame.
    pub(crate) frame_ticks: i64,
    /// By how much decoding runs ahead of showing, in ticks: as far as frames are coded out of order.
    pub(crate) reorder_ticks: i64,
    /// Where the track ends, in nanoseconds, as far as that is known without reading all of it.
    pub(crate) end_ns: Option<i64>,
    /// Bytes that every sample begins with and that the file leaves out.
    pub(crate) stripped: Vec<u8>,
}

impl Track {
    /// Whether its samples can be given out as they are.
    pub fn is_copied(&self) -> bool {
        self.config.is_some()
    }

    pub(crate) fn ns(&self, ticks: i64) -> i64 {
        let scale = i128::from(self.timescale.max(1));
        saturate((i128::from(ticks) * i128::from(SECOND_NS)).div_euclid(scale))
    }

    pub(crate) fn ticks(&self, ns: i64) -> i64 {
        let scaled = i128::from(ns) * i128::from(self.timescale);
        saturate((scaled + i128::from(SECOND_NS / 2)).div_euclid(SECOND_NS.into()))
    }
}

fn saturate(value: i128) -> i64 {
    value.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// One sample: where it lies and when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has, put together.
    pub size: u32,
    /// In ticks of its track, from the beginning of the film.
    pub pts: i64,
    pub is_key: bool,
    /// What it is put together from, where its bytes do not lie one behind the other.
    pub parts: Option<Arc<[Piece]>>,
    /// The number of its description, where its track has several that no copy can join.
    pub description: u32,
}

impl Sample {
    /// A sample that lies in one piece.
    pub fn at(offset: u64, size: u32, pts: i64, is_key: bool) -> Self {
        Self { offset, size, pts, is_key, parts: None, description: 0 }
    }

    /// Adds its bytes; those that lie one behind the other in the file are one piece.
    pub fn push_to(&self, pieces: &mut Vec<Piece>) {
        match &self.parts {
            Some(parts) => parts.iter().for_each(|it| push_piece(pieces, it.clone())),
            None => {
                push_piece(pieces, Piece::Copied { offset: self.offset, size: self.size.into() });
            }
        }
    }
}

/// Adds a piece, to the one before it where they join in the file.
pub(crate) fn push_piece(pieces: &mut Vec<Piece>, piece: Piece) {
    if let (Some(Piece::Copied { offset, size }), Piece::Copied { offset: next, size: more }) =
        (pieces.last_mut(), &piece)
        && *offset + *size == *next
    {
        *size += *more;
        return;
    }
    pieces.push(piece);
}

/// The samples of one segment of one track.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// In the order of decoding.
    pub samples: Vec<Sample>,
    /// When the first sample of the next segment is shown, where there is one.
    pub next_pts: Option<i64>,
}

/// A film that is ready to be cut: its tracks and where its key frames are. Holds no file.
#[derive(Debug)]
pub struct Film {
    /// The tracks that can be read; the video track is the first.
    pub tracks: Vec<Track>,
    /// Text subtitles in the file.
    pub texts: Vec<Stream>,
    /// Subtitles in the file that are pictures.
    pub drawn: Vec<Stream>,
    /// Fonts in the file, for its subtitles.
    pub fonts: Vec<Font>,
    /// Why other streams are not copied, by the index of the stream.
    pub left_out: Vec<(u32, String)>,
    /// Where segments begin.
    pub plan: Plan,
    /// Bits per second of the whole file: of its richest segment, and on average.
    pub bitrate_bps: (u64, u64),
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Matroska(matroska::Layout),
    Mp4(mp4::Layout),
    Mux(mux::Layout),
    Avi(avi::Layout),
    Whole(whole::Layout),
}

/// A track's description as its file has it, for a reader of such files.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Described<'a> {
    /// The track's number, and the body of its `TrackEntry`.
    Matroska { number: u64, entry: &'a [u8] },
    /// The body of `stsd`.
    Mp4(&'a [u8]),
}

/// What a container's reader finds out.
struct Opened {
    layout: Layout,
    tracks: Vec<Track>,
    left_out: Vec<(u32, String)>,
    /// When the key frames of the video track are shown, in nanoseconds, ascending.
    keys_ns: Vec<i64>,
    /// Those of them, by their place, at which a segment has to begin.
    breaks: Vec<usize>,
}

impl Film {
    /// Pictures a second, where the file tells.
    pub fn frame_rate(&self) -> Option<Rational> {
        let video = self.tracks.iter().find(|it| it.stream.kind == StreamKind::Video)?;
        video.stream.frame_rate
    }

    /// Reads headers and the index of key frames; of the media itself only the first frames of each track.
    pub fn open(bytes: &dyn ReadAt) -> Result<Self, FilmError> {
        Self::open_with(bytes, None)
    }

    /// The same with an index of ours in place of the file's own.
    pub fn open_with(bytes: &dyn ReadAt, index: Option<&Index>) -> Result<Self, FilmError> {
        let probe = probe(bytes, "")?;
        let Some(video) = main_video(&probe) else {
            return Err(FilmError::Unsuitable("the file has no video".to_owned()));
        };
        let opened = match probe.container {
            Container::Matroska | Container::WebM => {
                let scan = index.and_then(Index::matroska);
                matroska::open(&Source::new(bytes, "Matroska")?, &probe, video, scan)?
            }
            Container::Mp4 | Container::Mov | Container::M4a => {
                mp4::open(&Source::new(bytes, "MP4")?, &probe, video)?
            }
            Container::MpegTs | Container::MpegPs => {
                let scan = index.and_then(Index::mux);
                mux::open(&Source::new(bytes, "MPEG")?, &probe, scan)?
            }
            Container::Avi => {
                let scan = index.and_then(Index::avi);
                avi::open(&Source::new(bytes, "AVI")?, &probe, video, scan)?
            }
            Container::Flv | Container::Asf => {
                let scan = index.and_then(Index::whole);
                whole::open(&Source::new(bytes, "film")?, &probe, scan)?
            }
            other => {
                return Err(FilmError::Unsuitable(format!("{other} files are not copied")));
            }
        };
        let Opened { layout, mut tracks, left_out, keys_ns, breaks } = opened;
        let Some(at) = tracks.iter().position(|it| it.stream.index == video) else {
            let reason = left_out.iter().find(|it| it.0 == video).map(|it| it.1.clone());
            return Err(FilmError::Unsuitable(reason.unwrap_or_else(|| "no video".to_owned())));
        };
        tracks[..=at].rotate_right(1);
        let stated_ns = probe.duration_ms.map(|it| it.saturating_mul(1_000_000));
        let end_ns = tracks.iter().filter_map(|it| it.end_ns).max().or(stated_ns);
        let plan = Plan::new(&keys_ns, &breaks, end_ns.ok_or(FilmError::NoIndex)?);
        if plan.cuts.is_empty() {
            return Err(FilmError::NoIndex);
        }
        let texts = probe.of_kind(StreamKind::Subtitle).filter(|it| it.codec.is_text_subtitle());
        // Only these keep them where they can be found.
        let has_texts = matches!(layout, Layout::Matroska(_) | Layout::Mp4(_));
        let texts = texts.filter(|_| has_texts).cloned().collect();
        let drawn = drawn::of(&probe, &layout);
        let fonts = fonts::of(&probe);
        let mut film =
            Self { texts, drawn, fonts, tracks, left_out, plan, bitrate_bps: (0, 0), layout };
        film.bitrate_bps = film.bitrates(bytes.size_bytes()?);
        if index.is_some_and(|it| !it.is_whole()) {
            // Only so much of the film is known; of the rest, what the prober says.
            let stated = probe.bitrate_bps.and_then(|it| u64::try_from(it).ok()).unwrap_or(0);
            film.bitrate_bps = (stated.saturating_mul(2), stated);
        }
        film.measure_reorder(bytes)?;
        Ok(film)
    }

    /// The video track.
    pub fn video(&self) -> &Track {
        &self.tracks[0]
    }

    /// The track of a stream, if it can be copied.
    pub fn copied(&self, stream_index: u32) -> Result<&Track, FilmError> {
        self.track(stream_index).ok().filter(|it| it.is_copied()).ok_or(FilmError::NotThere)
    }

    /// The track of a stream.
    pub fn track(&self, stream_index: u32) -> Result<&Track, FilmError> {
        self.tracks.iter().find(|it| it.stream.index == stream_index).ok_or(FilmError::NotThere)
    }

    /// How many segments a track has: all of the plan's, or as many as it has sound for.
    pub fn n_segments(&self, track: &Track) -> usize {
        let end_ns = track.end_ns.filter(|_| track.stream.kind == StreamKind::Audio);
        let has_sound = |cut: &&Cut| end_ns.is_none_or(|end_ns| cut.start_ns < end_ns);
        self.plan.cuts.iter().take_while(has_sound).count().max(1)
    }

    /// About how many bytes of memory this takes.
    pub fn memory_bytes(&self) -> usize {
        let layout = match &self.layout {
            Layout::Matroska(it) => it.memory_bytes(),
            Layout::Mp4(it) => it.memory_bytes(),
            Layout::Mux(it) => it.memory_bytes(),
            Layout::Avi(it) => it.memory_bytes(),
            Layout::Whole(it) => it.memory_bytes(),
        };
        layout + self.plan.cuts.len() * size_of::<Cut>() + self.tracks.len() * 1024 + 4096
    }

    pub(crate) fn run(
        &self,
        bytes: &dyn ReadAt,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        if number >= self.n_segments(track) {
            return Err(FilmError::NotThere);
        }
        match &self.layout {
            Layout::Matroska(it) => {
                it.run(&Source::new(bytes, "Matroska")?, &self.plan, track, number)
            }
            Layout::Mp4(it) => it.run(&Source::new(bytes, "MP4")?, &self.plan, track, number),
            Layout::Mux(it) => it.run(&Source::new(bytes, "MPEG")?, &self.plan, track, number),
            Layout::Avi(it) => it.run(&Source::new(bytes, "AVI")?, &self.plan, track, number),
            Layout::Whole(it) => it.run(&Source::new(bytes, "film")?, &self.plan, track, number),
        }
    }

    /// How the file itself describes a track, for samples of a description of this number.
    pub(crate) fn described(
        &self,
        track: &Track,
        description: u32,
    ) -> Result<Described<'_>, FilmError> {
        match &self.layout {
            Layout::Matroska(it) => {
                let (number, entry) = it.described(track)?;
                Ok(Described::Matroska { number, entry })
            }
            Layout::Mp4(it) => it.described(track, description).map(Described::Mp4),
            Layout::Mux(it) => {
                Ok(Described::Matroska { number: entry::NUMBER, entry: it.described(track)? })
            }
            Layout::Avi(it) => {
                Ok(Described::Matroska { number: entry::NUMBER, entry: it.described(track)? })
            }
            Layout::Whole(it) => {
                Ok(Described::Matroska { number: entry::NUMBER, entry: it.described(track)? })
            }
        }
    }

    /// The number of a track in a Matroska file.
    pub(crate) fn number_in_file(&self, track: &Track) -> Option<u64> {
        match self.described(track, 0) {
            Ok(Described::Matroska { number, .. }) => Some(number),
            _ => None,
        }
    }

    /// From where the key frames lie in the file, so of all its tracks together.
    fn bitrates(&self, size: u64) -> (u64, u64) {
        let offset = |cut: &Cut| match &self.layout {
            Layout::Matroska(it) => it.offset_of(cut.key),
            Layout::Mp4(it) => it.offset_of(cut.key),
            Layout::Mux(it) => it.offset_of(cut.key),
            Layout::Avi(it) => it.offset_of(cut.key),
            Layout::Whole(it) => it.offset_of(cut.key),
        };
        let bps = |bytes: u64, ns: i64| {
            (u128::from(bytes) * 8 * SECOND_NS as u128 / ns.max(1) as u128) as u64
        };
        let cuts = &self.plan.cuts;
        let ends = cuts.iter().skip(1).map(|it| (offset(it), it.start_ns));
        let ends = ends.chain([(size, self.plan.end_ns)]);
        let peak = cuts.iter().zip(ends).map(|(cut, (end, end_ns))| {
            // A last segment of a few pictures says nothing about a second.
            bps(end.saturating_sub(offset(cut)), (end_ns - cut.start_ns).max(SECOND_NS))
        });
        let average = bps(size, self.plan.end_ns);
        (peak.max().unwrap_or(0).max(average), average)
    }

    /// How far the first segment's frames are out of order tells how far decoding must run ahead in all of them.
    fn measure_reorder(&mut self, bytes: &dyn ReadAt) -> Result<(), FilmError> {
        let run = self.run(bytes, self.video(), 0)?;
        self.tracks[0].reorder_ticks = cmaf::reorder(self.video(), &run);
        Ok(())
    }
}

/// The number of the stream that is the film.
fn main_video(probe: &Probe) -> Option<u32> {
    stream::main_video(&probe.streams).map(|it| it.index)
}
