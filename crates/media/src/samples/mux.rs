//! Samples of streams that carry several others in packets: MPEG transport streams, with the prefix of Blu-ray too, and
//! program streams, those of DVDs too. Where key frames are tells an index of ours; what lies between two of them is put
//! together anew for every segment.

mod clock;
mod description;
mod drawn;
mod group;
mod scan;
mod taking;
mod way;

use self::clock::{Clock, ns};
use self::scan::Found;
pub(super) use self::scan::Scan;
use self::taking::Taking;
use self::way::{Head, Way};
use super::frames::{Frames, Framing};
use super::pictures::{Coding, Picture, Pictures};
use super::placed::{GAP_NS, Placed, interleaved};
use super::{FilmError, Layout as FilmLayout, Opened, Plan, Run, SECOND_NS, Sample, Track};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::StreamKind;

/// Sound whose time has come and that is not there within this is not coming.
const MISSING_NS: i64 = 20 * SECOND_NS;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    way: Way,
    clock: Clock,
    /// Time in ticks of the clock, and the place of the packet, of the video's key frames.
    keys: Vec<(i64, u64)>,
    places: Vec<Place>,
    /// Subtitles that are pictures.
    drawn: Vec<Drawn>,
}

/// A stream of them.
#[derive(Debug)]
struct Drawn {
    stream: u32,
    packets: u16,
    kind: Option<drawn::Kind>,
    /// When each comes, in ticks of the film, and where.
    places: Vec<(i64, u64)>,
}

/// How a stream's packets are known.
#[derive(Debug)]
struct Place {
    stream: u32,
    packets: u16,
    /// When its first sample is shown.
    first_ns: i64,
    coding: Coded,
    /// Its description, as Matroska has it.
    entry: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Coded {
    /// Pictures, and the parameter sets that are known without them.
    Pictures(Coding, Sets),
    Sound(Framing),
}

/// The parameter sets of pictures along the film.
#[derive(Debug, Clone)]
struct Sets {
    /// Those of the first, which stand outside of the samples.
    first: Vec<Vec<u8>>,
    /// Others, and from which place of the file on. Where there are any, all stand in the samples.
    changes: Vec<(u64, Vec<Vec<u8>>)>,
}

impl Sets {
    /// Those that a key frame at a place has.
    fn at(&self, place: u64) -> &[Vec<u8>] {
        let until = self.changes.partition_point(|it| it.0 <= place);
        self.changes[..until].last().map_or(&self.first, |it| &it.1)
    }
}

pub(super) fn open(
    src: &Source<'_>,
    probe: &Probe,
    scan: Option<&Scan>,
) -> Result<Opened, FilmError> {
    let scan = scan.ok_or(FilmError::NoIndex)?;
    let way = Way::of(src)?;
    let clock = Clock::new(&scan.epochs, scan.zero);
    let (mut places, mut tracks, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for stream in &probe.streams {
        if !matches!(stream.kind, StreamKind::Video | StreamKind::Audio) {
            continue;
        }
        let Some(found) = scan.tracks.iter().find(|it| it.stream == stream.index) else {
            left_out.push((stream.index, description::unread(stream)));
            continue;
        };
        match description::describe(stream, found) {
            Ok((mut track, coding, entry, against)) => {
                track.end_ns = Some(ns(found.end));
                let first_ns = ns(found.first);
                places.push(Place {
                    stream: stream.index,
                    packets: found.packets,
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
    let drawn = scan.drawn.iter().map(|it| Drawn {
        stream: it.stream,
        packets: it.packets,
        kind: probe.streams.get(it.stream as usize).and_then(|it| drawn::Kind::of(&it.codec)),
        places: it.places.clone(),
    });
    let drawn = drawn.collect();
    let layout = Layout { way, clock, keys: scan.keys.clone(), places, drawn };
    Ok(Opened { layout: FilmLayout::Mux(layout), tracks, left_out, keys_ns, breaks: Vec::new() })
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        let n_drawn: usize = self.drawn.iter().map(|it| it.places.len()).sum();
        let n_sets = |it: &Place| match &it.coding {
            Coded::Pictures(_, sets) => sets.changes.iter().map(|it| it.1.len() + 1).sum(),
            Coded::Sound(_) => 0,
        };
        // Sets have some fifty bytes, in a list of their own.
        let n_sets: usize = self.places.iter().map(n_sets).sum();
        (self.keys.len() + n_drawn) * size_of::<(i64, u64)>()
            + self.places.len() * 4096
            + n_sets * 100
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
                let taking = self.taking(plan, track, number, sets);
                self.video_run(src, plan, number, place.packets, (*coding, sets), taking)
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
        let taking = self.taking(plan, track, number, sets).of_one();
        let run = self.video_run(src, plan, number, place.packets, (*coding, sets), taking)?;
        run.samples.into_iter().next().ok_or(FilmError::NotThere)
    }

    fn taking(&self, plan: &Plan, track: &Track, number: usize, sets: &Sets) -> Taking {
        let sets = sets.at(self.offset_of(plan.cuts[number].key));
        let next = plan.cuts.get(number + 1).map(|it| self.offset_of(it.key));
        Taking::new(track, number == 0, next, sets)
    }

    fn video_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        number: usize,
        packets: u16,
        (coding, sets): (Coding, &Sets),
        mut taking: Taking,
    ) -> Result<Run, FilmError> {
        let from = self.offset_of(plan.cuts[number].key);
        let known = sets.at(from);
        let changes = !sets.changes.is_empty();
        let mut pictures = Pictures::with_sets(coding, known);
        if changes {
            pictures = pictures.with_sets_inside();
        }
        let mut is_first = changes;
        let mut take = |mut picture: Picture, taking: &mut Taking| {
            if picture.is_key && std::mem::take(&mut is_first) {
                picture.give(coding, known);
            }
            taking.take(picture)
        };
        let mut outcome = Ok(true);
        self.way.walk(src, from, src.size, |at, part| {
            if part.number != packets {
                return true;
            }
            match part.head {
                Head::Begins(time, _) => taking.begin(at, time.map(|it| self.film_time(at, it))),
                Head::GoesOn if taking.has_begun() => {}
                Head::Lost | Head::GoesOn => return true,
            }
            pictures.push(part.offset, part.payload, taking.packet());
            while let Some(picture) = pictures.next() {
                outcome = take(picture, &mut taking);
                if !matches!(outcome, Ok(true)) {
                    return false;
                }
            }
            true
        })?;
        if outcome? {
            pictures.finish();
            while let Some(picture) = pictures.next() {
                if !take(picture, &mut taking)? {
                    break;
                }
            }
        }
        let run = taking.finish();
        if run.samples.is_empty() {
            return Err(
                crate::ProbeError::malformed("the index points at no key frame", from).into()
            );
        }
        Ok(run)
    }

    /// The time in the film of a time that stands at a place of the file.
    fn film_time(&self, at: u64, raw: u64) -> i64 {
        film_time(&self.clock, &self.keys, at, raw)
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
        let begin = self.way.start();
        let offset_of = |from_ns: i64| {
            let key = self.keys.iter().rfind(|it| ns(it.0) <= from_ns);
            key.filter(|_| number > 0 && from_ns > 0).map_or(begin, |it| it.1)
        };
        interleaved((start_ns, 0), begin, offset_of, |from| {
            let span_ns = (start_ns, (!is_last).then_some(end_ns));
            let mut placed = Placed::new(track, place.first_ns, GAP_NS, span_ns);
            self.read_sound(src, place.packets, framing, (from, give_up), &mut placed)?;
            Ok((placed.run, placed.saw_earlier))
        })
    }

    fn read_sound(
        &self,
        src: &Source<'_>,
        packets: u16,
        framing: Framing,
        (from, to): (u64, u64),
        placed: &mut Placed<'_>,
    ) -> Result<(), FilmError> {
        let mut frames = Frames::new(framing);
        let mut is_open = false;
        let mut outcome = Ok(true);
        self.way.walk(src, from, to, |at, part| {
            if part.number != packets {
                return true;
            }
            let (mut time_ns, mut begins) = (None, None);
            match part.head {
                Head::Lost => {
                    is_open = false;
                    return true;
                }
                Head::Begins(time, place) => {
                    is_open = true;
                    time_ns = time.map(|it| ns(self.film_time(at, it)));
                    begins = place;
                }
                // What follows a head that was not seen cannot be told from the middle of a frame.
                Head::GoesOn if !is_open => return true,
                Head::GoesOn => {}
            }
            frames.push_packet(part.offset, part.payload, time_ns, begins);
            outcome = placed.take_all(&mut frames, false);
            matches!(outcome, Ok(true))
        })?;
        if outcome? {
            placed.take_all(&mut frames, true)?;
        }
        Ok(())
    }
}

/// The same by the clock and the key frames.
fn film_time(clock: &Clock, keys: &[(i64, u64)], at: u64, raw: u64) -> i64 {
    // Where clocks of different stretches allow several, it is the one near the key frame before.
    let n_before = keys.partition_point(|it| it.1 <= at);
    let near = keys.get(n_before.saturating_sub(1)).map_or(0, |it| it.0);
    clock.film(at, raw, near)
}
