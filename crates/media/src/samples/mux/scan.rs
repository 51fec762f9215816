//! The index of a stream of packets: its clocks, its key frames, and how its streams are coded.

use super::clock::{Clock, Epoch, Epochs, Moment};
use super::drawn::{self, MAX_PLACES};
use super::film_time;
use super::way::{Head, Part, Way};
use crate::probe::Probe;
use crate::read::Source;
use crate::samples::FilmError;
use crate::samples::frames::{Frames, Framing};
use crate::samples::index::{Packer, Reach, Unpacker};
use crate::samples::pictures::{Coding, Packets, Pictures};
use crate::stream::StreamKind;
use crate::ts::CLOCK;

/// A film of nothing but key frames: nine hours of thirty a second.
const MAX_KEYS: usize = 1 << 20;
/// How often a film is given other parameter sets; of more, only that there are is of interest.
const MAX_CHANGES: usize = 1000;
/// Sound that is looked through for a first frame.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Sound that comes later than this behind the one before is not the rest of it.
const LONGEST: i64 = CLOCK as i64;

/// What is found by reading all of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Scan {
    pub epochs: Vec<Epoch>,
    /// When the film begins.
    pub zero: i64,
    /// Time and place of the video's key frames.
    pub keys: Vec<(i64, u64)>,
    pub tracks: Vec<Found>,
    pub drawn: Vec<Pictured>,
}

/// Where the pictures of a stream of subtitles are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Pictured {
    pub stream: u32,
    pub packets: u16,
    /// When each comes, in ticks of the film, and the place of its first packet.
    pub places: Vec<(i64, u64)>,
}

/// What is found of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Found {
    pub stream: u32,
    pub packets: u16,
    /// When it begins and ends, in ticks of the film.
    pub first: i64,
    pub end: i64,
    /// Parameter sets of the first key frame, or the beginning of the first frame of sound.
    pub heads: Vec<Vec<u8>>,
    /// From which place on pictures have others.
    pub changes: Vec<(u64, Vec<Vec<u8>>)>,
}

/// A stream that is being looked at.
struct Looking {
    stream: u32,
    packets: u16,
    kind: Kind,
    first: Option<Moment>,
    last: Option<Moment>,
    /// The latest, and how far it is from the one before.
    end: Option<Moment>,
    step: i64,
    heads: Vec<Vec<u8>>,
    changes: Vec<(u64, Vec<Vec<u8>>)>,
    is_open: bool,
    /// Whether a packet could be read, and whether one could not.
    has_begun: bool,
    is_lost: bool,
}

/// The pictures of a stream, and the packets that they begin in.
struct Watched {
    pictures: Pictures,
    packets: Packets<Moment>,
}

enum Kind {
    Video(Box<Watched>),
    /// Until a frame was found.
    Sound(Option<(Frames, usize)>),
    /// Times as the clock counts, and places.
    Drawn(drawn::Kind, Vec<(u64, u64)>),
}

impl Scan {
    pub fn read(
        src: &Source<'_>,
        probe: &Probe,
        video: u32,
        reach: &mut Reach<'_>,
    ) -> Result<Self, FilmError> {
        let way = Way::of(src)?;
        let mut looking: Vec<Looking> = way
            .numbers(src)?
            .into_iter()
            .filter_map(|(packets, stream)| Looking::new(probe, video, packets, stream))
            .collect();
        let mut epochs = Epochs::default();
        let mut keys: Vec<(Moment, u64)> = Vec::new();
        let mut outcome = Ok(true);
        way.walk(src, way.start(), src.size, |at, part| {
            outcome = reach.goes_on(at);
            if let Some(it) = looking.iter_mut().find(|it| it.packets == part.number) {
                it.push(at, part, &mut epochs, &mut keys);
            }
            matches!(outcome, Ok(true))
        })?;
        outcome?;
        for it in &mut looking {
            if let Kind::Video(watched) = &mut it.kind {
                watched.pictures.finish();
            }
            it.take_pictures(&mut keys);
        }
        let is_encrypted = |it: &Looking| it.stream == video && it.is_lost && !it.has_begun;
        if looking.iter().any(is_encrypted) {
            return Err(FilmError::Unsuitable("the pictures are encrypted".to_owned()));
        }
        let first = keys.first().ok_or(FilmError::NoIndex)?.0;
        let zero = Clock::new(&epochs.all, 0).of(first);
        let clock = Clock::new(&epochs.all, zero);
        let mut ascending: Vec<(i64, u64)> = Vec::new();
        for (moment, at) in keys {
            let time = clock.of(moment);
            if ascending.last().is_none_or(|last| time > last.0 && at > last.1) {
                ascending.push((time, at));
            }
        }
        let drawn = looking.iter().filter_map(|it| it.pictured(&clock, &ascending)).collect();
        let tracks = looking.into_iter().filter_map(|it| it.found(&clock)).collect();
        Ok(Self { epochs: epochs.all, zero, keys: ascending, tracks, drawn })
    }

    pub fn pack(&self, out: &mut Packer) {
        out.list(&self.epochs, |out, it| {
            out.number(it.offset);
            out.number(it.anchor);
            out.signed(it.low);
            out.signed(it.high);
        });
        out.signed(self.zero);
        out.pairs(&self.keys);
        out.list(&self.tracks, |out, it| {
            out.number(it.stream.into());
            out.number(it.packets.into());
            out.signed(it.first);
            out.signed(it.end);
            out.list(&it.heads, |out, it| out.blob(it));
            out.list(&it.changes, |out, it| {
                out.number(it.0);
                out.list(&it.1, |out, it| out.blob(it));
            });
        });
        out.list(&self.drawn, |out, it| {
            out.number(it.stream.into());
            out.number(it.packets.into());
            out.pairs(&it.places);
        });
    }

    pub fn unpack(packed: &mut Unpacker<'_>) -> Option<Self> {
        let epochs = packed.list(|it| {
            let (offset, anchor) = (it.number()?, it.number()?);
            Some(Epoch { offset, anchor, low: it.signed()?, high: it.signed()? })
        })?;
        let (zero, keys) = (packed.signed()?, packed.pairs()?);
        let tracks = packed.list(|it| {
            Some(Found {
                stream: u32::try_from(it.number()?).ok()?,
                packets: u16::try_from(it.number()?).ok()?,
                first: it.signed()?,
                end: it.signed()?,
                heads: blobs(it)?,
                changes: it.list(|it| Some((it.number()?, blobs(it)?)))?,
            })
        })?;
        let drawn = packed.list(|it| {
            Some(Pictured {
                stream: u32::try_from(it.number()?).ok()?,
                packets: u16::try_from(it.number()?).ok()?,
                places: it.pairs()?,
            })
        })?;
        Some(Self { epochs, zero, keys, tracks, drawn })
    }
}

fn blobs(packed: &mut Unpacker<'_>) -> Option<Vec<Vec<u8>>> {
    packed.list(|it| it.blob().map(<[u8]>::to_vec))
}

impl Looking {
    fn new(probe: &Probe, video: u32, packets: u16, stream: u32) -> Option<Self> {
        let of = probe.streams.iter().find(|it| it.index == stream)?;
        let kind = match of.kind {
            StreamKind::Video if stream == video => {
                let pictures = Pictures::unread(Coding::of(&of.codec)?);
                Kind::Video(Box::new(Watched { pictures, packets: Packets::default() }))
            }
            StreamKind::Subtitle => Kind::Drawn(drawn::Kind::of(&of.codec)?, Vec::new()),
            StreamKind::Audio => Kind::Sound(Some((Frames::new(Framing::of(&of.codec)?), 0))),
            _ => return None,
        };
        Some(Self {
            stream,
            packets,
            kind,
            first: None,
            last: None,
            end: None,
            step: 0,
            heads: Vec::new(),
            changes: Vec::new(),
            is_open: false,
            has_begun: false,
            is_lost: false,
        })
    }

    fn push(
        &mut self,
        at: u64,
        part: &Part<'_>,
        epochs: &mut Epochs,
        keys: &mut Vec<(Moment, u64)>,
    ) {
        let mut begins = None;
        match part.head {
            Head::Lost => (self.is_open, self.is_lost) = (false, true),
            Head::Begins(time, place) => {
                if let Kind::Drawn(kind, places) = &mut self.kind {
                    // They come too seldom to tell of the clock.
                    let begins = time.filter(|_| kind.begins(part.payload));
                    places.extend(begins.filter(|_| places.len() < MAX_PLACES).map(|it| (it, at)));
                    return;
                }
                (self.is_open, self.has_begun, begins) = (true, true, place);
                let moment = time.and_then(|it| epochs.place(at, it, self.last));
                self.note(moment);
                if let Kind::Video(watched) = &mut self.kind {
                    watched.packets.begin(at, moment);
                }
            }
            Head::GoesOn => {}
        }
        if !self.is_open {
            return;
        }
        let payload = part.payload;
        match &mut self.kind {
            Kind::Video(watched) => {
                watched.pictures.push(0, payload, watched.packets.number());
                self.take_pictures(keys);
            }
            Kind::Sound(looking) => {
                let Some((frames, n_bytes)) = looking else { return };
                frames.push_packet(0, payload, None, begins);
                *n_bytes += payload.len();
                let is_enough = *n_bytes > MAX_HEAD_BYTES;
                let framing = frames.framing();
                let told =
                    std::iter::from_fn(|| frames.next(false)).find(|it| framing.tells(&it.head));
                if let Some(frame) = told {
                    self.heads.push(frame.head);
                    *looking = None;
                } else if is_enough {
                    *looking = None;
                }
            }
            Kind::Drawn(..) => {}
        }
    }

    fn note(&mut self, moment: Option<Moment>) {
        let Some(moment) = moment else { return };
        self.first = self.first.or(Some(moment));
        if let Some(end) = self.end.filter(|it| it.epoch == moment.epoch) {
            if moment.ticks > end.ticks {
                self.step = moment.ticks - end.ticks;
                self.end = Some(moment);
            }
        } else {
            self.end = Some(moment);
        }
        self.last = Some(moment);
    }

    fn take_pictures(&mut self, keys: &mut Vec<(Moment, u64)>) {
        let Kind::Video(watched) = &mut self.kind else { return };
        let Watched { pictures, packets } = &mut **watched;
        while let Some(picture) = pictures.next() {
            let (at, moment) = packets.take(picture.packet);
            let now = self.changes.last().map_or(&self.heads, |it| &it.1);
            let is_new = picture.sets.iter().any(|it| !now.contains(it));
            if is_new
                && !self.heads.is_empty()
                && self.changes.len() < MAX_CHANGES
                && let Some(at) = at
            {
                self.changes.push((at, picture.sets.clone()));
            }
            let (Some(at), Some(moment)) = (at, moment) else { continue };
            if picture.is_key && keys.len() < MAX_KEYS {
                if self.heads.is_empty() {
                    self.heads = picture.sets;
                }
                // A film whose pictures cannot be described yet does not begin.
                if !self.heads.is_empty() {
                    keys.push((moment, at));
                }
            }
        }
    }

    /// Of subtitles that are pictures, when and where those are.
    fn pictured(&self, clock: &Clock, keys: &[(i64, u64)]) -> Option<Pictured> {
        let Kind::Drawn(_, places) = &self.kind else { return None };
        let mut places: Vec<(i64, u64)> =
            places.iter().map(|it| (film_time(clock, keys, it.1, it.0), it.1)).collect();
        places.sort_unstable();
        Some(Pictured { stream: self.stream, packets: self.packets, places })
    }

    fn found(self, clock: &Clock) -> Option<Found> {
        let (first, end) = (clock.of(self.first?), clock.of(self.end?));
        let has_head = !self.heads.is_empty();
        let end = end.saturating_add(self.step.clamp(1, LONGEST));
        let Self { stream, packets, heads, changes, .. } = self;
        has_head.then_some(Found { stream, packets, first, end, heads, changes })
    }
}
