//! Samples of MPEG transport streams, with the prefix of Blu-ray too. Where key frames are tells an index of ours; what lies
//! between two of them is put together anew for every segment.

mod clock;
mod description;
mod scan;

use self::clock::{Clock, ns};
pub(super) use self::scan::Scan;
use self::scan::{Found, layout_of};
use super::frames::{Frames, Framing};
use super::pictures::{Coding, Packets, Picture, Pictures};
use super::placed::{GAP_NS, Placed};
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, Track,
};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Codec, StreamKind};
use crate::ts::{CLOCK, Packet, pes_head, walk};

/// How much earlier than its time sound may lie in the file; tried one after the other.
const INTERLEAVING_NS: [i64; 3] = [0, 10 * SECOND_NS, i64::MAX];
/// Sound whose time has come and that is not there within this is not coming.
const MISSING_NS: i64 = 20 * SECOND_NS;
/// Pictures that are shown before a key frame and coded behind it: no codec has more.
const MAX_LEADING: usize = 16;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    packets: crate::ts::Layout,
    clock: Clock,
    /// Time in ticks of the clock, and the place of the packet, of the video's key frames.
    keys: Vec<(i64, u64)>,
    places: Vec<Place>,
}

/// How a stream's packets are known.
#[derive(Debug)]
struct Place {
    stream: u32,
    pid: u16,
    /// When its first sample is shown.
    first_ns: i64,
    coding: Coded,
    /// Its description, as Matroska has it.
    entry: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Coded {
    /// Pictures, and the parameter sets that are known without them.
    Pictures(Coding, Vec<Vec<u8>>),
    Sound(Framing),
}

pub(super) fn open(
    src: &Source<'_>,
    probe: &Probe,
    scan: Option<&Scan>,
) -> Result<Opened, FilmError> {
    let scan = scan.ok_or(FilmError::NoIndex)?;
    let packets = layout_of(src)?;
    let clock = Clock::new(&scan.epochs, scan.zero);
    let (mut places, mut tracks, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for stream in &probe.streams {
        if !matches!(stream.kind, StreamKind::Video | StreamKind::Audio) {
            continue;
        }
        let Some(found) = scan.tracks.iter().find(|it| it.stream == stream.index) else {
            let reason = format!("{} is not read from transport streams", stream.codec);
            left_out.push((stream.index, reason));
            continue;
        };
        match description::describe(stream, found) {
            Ok((mut track, coding, entry, against)) => {
                track.end_ns = Some(ns(found.end));
                let first_ns = ns(found.first);
                places.push(Place {
                    stream: stream.index,
                    pid: found.pid,
                    first_ns,
                    coding,
                    entry,
                });
                tracks.push(track);
                left_out.extend(against.map(|it| (stream.index, it)));
            }
            Err(reason) => left_out.push((stream.index, reason)),
        }
    }
    let keys_ns = scan.keys.iter().map(|it| ns(it.0)).collect();
    let layout = Layout { packets, clock, keys: scan.keys.clone(), places };
    Ok(Opened { layout: FilmLayout::Ts(layout), tracks, left_out, keys_ns })
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        self.keys.len() * size_of::<(i64, u64)>() + self.places.len() * 4096
    }

    /// Where a key frame lies in the file.
    pub fn offset_of(&self, key: usize) -> u64 {
        self.keys.get(key).map_or(0, |it| it.1)
    }

    /// A track's description as Matroska has it.
    pub fn described(&self, track: &Track) -> Result<&[u8], FilmError> {
        self.place(track).map(|it| it.entry.as_slice())
    }

    fn place(&self, track: &Track) -> Result<&Place, FilmError> {
        self.places.iter().find(|it| it.stream == track.stream.index).ok_or(FilmError::NotThere)
    }

    pub fn run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        match &place.coding {
            Coded::Pictures(coding, sets) => {
                let pictures = Pictures::with_sets(*coding, sets);
                self.video_run(src, plan, track, number, (place.pid, usize::MAX), pictures)
            }
            Coded::Sound(framing) => self.audio_run(src, plan, track, number, place, *framing),
        }
    }

    /// The key frame that a segment begins with; nothing behind it is read.
    pub fn key_sample(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Sample, FilmError> {
        let place = self.place(track)?;
        let Coded::Pictures(coding, sets) = &place.coding else { return Err(FilmError::NotThere) };
        if number >= plan.cuts.len() {
            return Err(FilmError::NotThere);
        }
        let pictures = Pictures::with_sets(*coding, sets);
        let run = self.video_run(src, plan, track, number, (place.pid, 1), pictures)?;
        run.samples.into_iter().next().ok_or(FilmError::NotThere)
    }

    fn video_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
        (pid, n_wanted): (u16, usize),
        mut pictures: Pictures,
    ) -> Result<Run, FilmError> {
        let from = self.offset_of(plan.cuts[number].key);
        let next = plan.cuts.get(number + 1).map(|it| self.offset_of(it.key));
        let usual = usual_ticks(track);
        let mut taking = Taking {
            layout: self,
            is_first: number == 0,
            next,
            usual,
            packets: Packets::default(),
            last: None,
            is_numbered: track.stream.codec != Codec::H264,
            numbered: None,
            n_bytes: 0,
            n_wanted,
            n_leading: 0,
            next_key: None,
            run: Run::default(),
        };
        let mut outcome = Ok(true);
        walk(src, self.packets, from, src.size, |at, packet| {
            if packet.pid != pid || packet.is_scrambled {
                return true;
            }
            let Some(payload) = taking.payload(at, packet) else { return true };
            let offset = at + (PACKET_BYTES - payload.len() as u64);
            pictures.push(offset, payload, taking.packets.number());
            while let Some(picture) = pictures.next() {
                outcome = taking.take(picture);
                if !matches!(outcome, Ok(true)) {
                    return false;
                }
            }
            true
        })?;
        if outcome? {
            pictures.finish();
            while let Some(picture) = pictures.next() {
                if !taking.take(picture)? {
                    break;
                }
            }
        }
        let mut run = taking.run;
        if run.samples.is_empty() {
            return Err(
                crate::ProbeError::malformed("the index points at no key frame", from).into()
            );
        }
        run.next_pts = taking.next_key;
        Ok(run)
    }

    fn audio_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
        place: &Place,
        framing: Framing,
    ) -> Result<Run, FilmError> {
        let (start_ns, end_ns) = (plan.cuts[number].start_ns, plan.end_of(number));
        let is_last = number + 1 >= plan.cuts.len();
        let give_up_ns = end_ns.saturating_add(MISSING_NS);
        let give_up = self.keys.iter().find(|it| ns(it.0) > give_up_ns).map_or(u64::MAX, |it| it.1);
        for early_ns in INTERLEAVING_NS {
            let from_ns = start_ns.saturating_sub(early_ns);
            let key = self.keys.iter().rfind(|it| ns(it.0) <= from_ns);
            let begin = self.packets.start as u64;
            let from = key.filter(|_| number > 0 && from_ns > 0).map_or(begin, |it| it.1);
            let span_ns = (start_ns, (!is_last).then_some(end_ns));
            let mut placed = Placed::new(track, place.first_ns, GAP_NS, span_ns);
            self.read_sound(src, place.pid, framing, (from, give_up), &mut placed)?;
            if placed.saw_earlier || from == begin {
                return Ok(placed.run);
            }
        }
        Err(FilmError::NotThere)
    }

    fn read_sound(
        &self,
        src: &Source<'_>,
        pid: u16,
        framing: Framing,
        (from, to): (u64, u64),
        placed: &mut Placed<'_>,
    ) -> Result<(), FilmError> {
        let mut frames = Frames::new(framing);
        let mut is_open = false;
        let mut outcome = Ok(true);
        walk(src, self.packets, from, to, |at, packet| {
            if packet.pid != pid || packet.is_scrambled {
                return true;
            }
            let (mut payload, mut time_ns) = (packet.payload, None);
            if packet.is_start {
                let head = pes_head(payload);
                is_open = head.is_some();
                let Some(head) = head else { return true };
                (payload, time_ns) =
                    (head.payload, head.time.map(|it| ns(self.clock.film(at, it))));
            }
            // What follows a head that was not seen cannot be told from the middle of a frame.
            if !is_open {
                return true;
            }
            frames.push(at + (PACKET_BYTES - payload.len() as u64), payload, time_ns);
            outcome = placed.take_all(&mut frames, false);
            matches!(outcome, Ok(true))
        })?;
        if outcome? {
            placed.take_all(&mut frames, true)?;
        }
        Ok(())
    }
}

/// Bytes of a packet, whose payload is always at its end.
const PACKET_BYTES: u64 = 188;

/// How long a picture is shown where nobody says, in ticks of the clock.
fn usual_ticks(track: &Track) -> i64 {
    track.stream.frame_rate.map_or(3600, |it| (CLOCK as f64 / it.as_f64()).round() as i64).max(1)
}

/// Gathers the pictures of one segment.
struct Taking<'a> {
    layout: &'a Layout,
    is_first: bool,
    /// Where the next segment's key frame begins.
    next: Option<u64>,
    usual: i64,
    /// The packets of the stream, with their times.
    packets: Packets<i64>,
    last: Option<i64>,
    /// Pictures of a group are numbered in the order of showing.
    is_numbered: bool,
    /// The last stated time in the group, and the number of its picture.
    numbered: Option<(i64, u32)>,
    n_bytes: u64,
    /// More pictures are not looked for.
    n_wanted: usize,
    n_leading: usize,
    /// When the next segment's first picture is shown.
    next_key: Option<i64>,
    run: Run,
}

impl Taking<'_> {
    /// The part of a packet that belongs to the stream; takes note of the head.
    fn payload<'p>(&mut self, at: u64, packet: &Packet<'p>) -> Option<&'p [u8]> {
        if !packet.is_start {
            return (self.packets.number() > 0).then_some(packet.payload);
        }
        let head = pes_head(packet.payload)?;
        let time = head.time.map(|it| self.layout.clock.film(at, it));
        self.packets.begin(at, time);
        Some(head.payload)
    }

    /// When a picture is shown. Without a time of its own it is as far from one that has one as their places in the order
    /// of showing are, where the group numbers them, and else follows the one before.
    fn time(&mut self, picture: &Picture, stated: Option<i64>) -> Option<i64> {
        if picture.is_key {
            self.numbered = None;
        }
        let by_number = self.numbered.zip(picture.order).filter(|_| self.is_numbered);
        let by_number = by_number.map(|((pts, number), order)| {
            pts + (i64::from(order) - i64::from(number)) * self.usual
        });
        let pts = stated.or(by_number).or(self.last.map(|it| it + self.usual));
        self.last = pts;
        if stated.is_some() {
            self.numbered = stated.zip(picture.order);
        }
        pts
    }

    /// Takes a picture; whether more are wanted.
    fn take(&mut self, mut picture: Picture) -> Result<bool, FilmError> {
        let (at, stated) = self.packets.take(picture.packet);
        let pts = self.time(&picture, stated);
        let Some(pts) = pts else { return Ok(true) };
        if self.run.samples.is_empty() && !picture.is_key {
            return Ok(true);
        }
        if let Some(ahead) = self.next_key {
            // What the next segment shows before its key frame is shown first.
            if pts > ahead || self.n_leading >= MAX_LEADING {
                return Ok(false);
            }
            (self.next_key, self.n_leading) = (Some(ahead.min(pts)), self.n_leading + 1);
            return Ok(true);
        }
        if picture.is_key
            && !self.run.samples.is_empty()
            && self.next.is_some_and(|it| at.is_some_and(|at| at >= it))
        {
            self.next_key = Some(pts);
            return Ok(true);
        }
        // What is shown before the film's first key frame cannot be decoded.
        if self.is_first && pts < self.run.samples.first().map_or(i64::MIN, |it| it.pts) {
            return Ok(true);
        }
        let (offset, is_key) = (picture.offset, picture.is_key);
        let Some((size, parts)) = picture.pieces() else { return Ok(true) };
        self.n_bytes += u64::from(size);
        if self.run.samples.len() >= MAX_SAMPLES || self.n_bytes > MAX_SEGMENT_BYTES {
            return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
        }
        self.run.samples.push(Sample { offset, size, pts, is_key, parts: Some(parts) });
        Ok(self.run.samples.len() < self.n_wanted)
    }
}
