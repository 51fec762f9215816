//! Samples of files that keep frames one by one, each with its time and what it needs no other for: Flash videos and ASF.
//! Where key frames are tells an index of ours.

mod description;
mod scan;
mod way;

pub(super) use self::scan::Scan;
use self::way::{Item, Way};
use super::frames::{Frame, Frames, Framing};
use super::placed::{GAP_NS, Placed, interleaved, on_grid};
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, Track,
};
use crate::ProbeError;
use crate::cmaf::Piece;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Codec, StreamKind};

/// Sound whose time has come and that is not there within this is not coming.
const MISSING_NS: i64 = 20 * SECOND_NS;
/// Pictures that are shown before a key frame and coded behind it: no codec has more.
const MAX_LEADING: usize = 16;
const MS: i64 = 1_000_000;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    way: Way,
    scan: Scan,
    places: Vec<Place>,
}

/// How a stream's frames are known.
#[derive(Debug)]
struct Place {
    stream: u32,
    number: u8,
    /// When its first frame is shown.
    first_ns: i64,
    /// How frames of sound are told apart.
    framing: Framing,
    /// Its description, as Matroska has it.
    entry: Vec<u8>,
}

pub(super) fn open(
    src: &Source<'_>,
    probe: &Probe,
    scan: Option<&Scan>,
) -> Result<Opened, FilmError> {
    let scan = scan.ok_or(FilmError::NoIndex)?.clone();
    let way = Way::of(src)?;
    let (mut places, mut tracks, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for stream in &probe.streams {
        if !matches!(stream.kind, StreamKind::Video | StreamKind::Audio) {
            continue;
        }
        let Some(found) = scan.tracks.iter().find(|it| it.stream == stream.index) else {
            left_out.push((stream.index, format!("the {} track has no frames", stream.codec)));
            continue;
        };
        match description::describe(&way, stream, found) {
            Ok((mut track, framing, entry, against)) => {
                track.end_ns = Some(scan.ns(found.end_ms));
                let (stream, first_ns) = (stream.index, scan.ns(found.first_ms));
                places.push(Place { stream, number: found.number, first_ns, framing, entry });
                tracks.push(track);
                left_out.extend(against.map(|it| (stream, it)));
            }
            Err(reason) => left_out.push((stream.index, reason)),
        }
    }
    let layout = Layout { way, scan, places };
    let video = tracks.iter().find(|it| it.stream.kind == StreamKind::Video);
    let ticks_ns = |track: &Track, ms: i64| track.ns(layout.ticks(track, layout.scan.ns(ms)));
    let keys_ns = video.map_or_else(Vec::new, |track| {
        layout.scan.keys.iter().map(|it| ticks_ns(track, it.0)).collect()
    });
    Ok(Opened { layout: FilmLayout::Whole(layout), tracks, left_out, keys_ns, breaks: Vec::new() })
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        self.scan.keys.len() * size_of::<(i64, u64)>() + self.places.len() * 4096
    }

    /// Where a key frame lies in the file.
    pub fn offset_of(&self, key: usize) -> u64 {
        self.scan.keys.get(key).map_or(0, |it| it.1)
    }

    /// A track's description as Matroska has it.
    pub fn described(&self, track: &Track) -> Result<&[u8], FilmError> {
        self.place(track).map(|it| it.entry.as_slice())
    }

    fn place(&self, track: &Track) -> Result<&Place, FilmError> {
        self.places.iter().find(|it| it.stream == track.stream.index).ok_or(FilmError::NotThere)
    }

    /// When something is shown: on the grid of frames, unless it is too far off to be a matter of rounding.
    fn ticks(&self, track: &Track, ns: i64) -> i64 {
        let first_ns = self.place(track).map_or(0, |it| it.first_ns);
        on_grid(track, first_ns, ns).unwrap_or_else(|| track.ticks(ns))
    }

    pub fn run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        match track.stream.kind {
            StreamKind::Video => self.video_run(src, plan, track, number),
            _ => self.audio_run(src, plan, track, number),
        }
    }

    fn video_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        let lying = |at: u64| ProbeError::malformed("the index points at no key frame", at);
        let key = self.scan.keys[plan.cuts[number].key];
        let next = plan.cuts.get(number + 1).map(|it| self.scan.keys[it.key]);
        let is_at = |item: &Item, key: (i64, u64)| item.is_key && (item.time_ms, item.at) == key;
        let (mut times_ns, mut run) = (Vec::new(), Run::default());
        let (mut n_bytes, mut n_leading) = (0, 0);
        let mut next_ns: Option<i64> = None;
        let mut outcome = Ok(());
        self.way.walk(src, key.1, u64::MAX, |_, item| {
            let Some(item) = item else { return true };
            if item.number != place.number {
                return true;
            }
            if run.samples.is_empty() && !is_at(&item, key) {
                // A key frame that is not where the index says never comes.
                return item.at <= key.1;
            }
            let time_ns = self.scan.ns(item.time_ms);
            if let Some(ahead) = next_ns {
                // What the next segment shows before its key frame is shown first.
                if time_ns > ahead || n_leading >= MAX_LEADING {
                    return false;
                }
                (next_ns, n_leading) = (Some(ahead.min(time_ns)), n_leading + 1);
                return true;
            }
            if next.is_some_and(|it| is_at(&item, it)) {
                next_ns = Some(time_ns);
                return true;
            }
            n_bytes += u64::from(item.size);
            if run.samples.len() >= MAX_SAMPLES || n_bytes > MAX_SEGMENT_BYTES {
                outcome = Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
                return false;
            }
            times_ns.push(time_ns);
            run.samples.push(sample(&item));
            true
        })?;
        outcome?;
        if run.samples.is_empty() {
            return Err(lying(key.1).into());
        }
        // All on the grid or none: mixed, two pictures could fall on one moment.
        let grid: Option<Vec<i64>> =
            times_ns.iter().map(|ns| on_grid(track, place.first_ns, *ns)).collect();
        let pts = grid.unwrap_or_else(|| times_ns.iter().map(|ns| track.ticks(*ns)).collect());
        for (sample, pts) in run.samples.iter_mut().zip(pts) {
            sample.pts = pts;
        }
        run.next_pts = next_ns.map(|it| self.ticks(track, it));
        Ok(run)
    }

    fn audio_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        let (start_ns, end_ns) = (plan.cuts[number].start_ns, plan.end_of(number));
        let is_last = number + 1 >= plan.cuts.len();
        let keys = &self.scan.keys;
        let give_up_ns = end_ns.saturating_add(MISSING_NS);
        let give_up = keys.iter().find(|it| self.scan.ns(it.0) > give_up_ns);
        let give_up = give_up.map_or(u64::MAX, |it| it.1);
        let begin = self.way.begin();
        let offset_of = |from_ns: i64| {
            let key = keys.iter().rfind(|it| self.scan.ns(it.0) <= from_ns);
            key.map_or(begin, |it| it.1)
        };
        interleaved((start_ns, SECOND_NS), begin, offset_of, |from| {
            let span_ns = (start_ns, (!is_last).then_some(end_ns));
            let mut placed = Placed::new(track, place.first_ns, GAP_NS, span_ns);
            self.read_sound(src, place, track, (from, give_up), &mut placed)?;
            Ok((placed.run, placed.saw_earlier))
        })
    }

    fn read_sound(
        &self,
        src: &Source<'_>,
        place: &Place,
        track: &Track,
        (from, to): (u64, u64),
        placed: &mut Placed<'_>,
    ) -> Result<(), FilmError> {
        let mut frames = Frames::new(place.framing);
        let mut outcome = Ok(true);
        self.way.walk(src, from, to, |_, item| {
            let Some(item) = item else { return true };
            if item.number != place.number {
                return true;
            }
            let time_ns = Some(self.scan.ns(item.time_ms));
            outcome = if place.framing == Framing::Whole {
                let mut frame = Frame::at(item.parts, item.size, time_ns);
                frame.n_samples = samples_of(track, item.size);
                placed.take(&frame)
            } else {
                push_all(src, &mut frames, &item.parts, time_ns)
                    .and_then(|()| placed.take_all(&mut frames, false))
            };
            matches!(outcome, Ok(true))
        })?;
        if outcome? {
            placed.take_all(&mut frames, true)?;
        }
        Ok(())
    }
}

/// Of sound that is not coded, how many samples so many bytes are.
fn samples_of(track: &Track, size: u32) -> Option<i64> {
    let width = match &track.stream.codec {
        Codec::PcmU8 => 1,
        Codec::PcmS16le => 2,
        Codec::Other(name) if matches!(name.as_str(), "pcm_alaw" | "pcm_mulaw") => 1,
        _ => return None,
    };
    Some(i64::from(size) / (width * i64::from(track.stream.channels.unwrap_or(1).max(1))))
}

/// Gives the bytes of an item to what finds the frames in them.
fn push_all(
    src: &Source<'_>,
    frames: &mut Frames,
    parts: &[(u64, u32)],
    time_ns: Option<i64>,
) -> Result<(), FilmError> {
    for (n, (offset, size)) in parts.iter().enumerate() {
        let body = src.bytes(*offset, (*size).into(), "sound")?;
        frames.push(*offset, &body, time_ns.filter(|_| n == 0));
    }
    Ok(())
}

/// A sample without its time.
fn sample(item: &Item) -> Sample {
    let offset = item.parts.first().map_or(0, |it| it.0);
    let mut sample = Sample::at(offset, item.size, 0, item.is_key);
    if item.parts.len() != 1 {
        let copied = item.parts.iter();
        let copied = copied.map(|it| Piece::Copied { offset: it.0, size: it.1.into() });
        sample.parts = Some(copied.collect());
    }
    sample
}
