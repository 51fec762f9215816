//! Samples of AVI files: by the file's own index, old or OpenDML's, or by one of ours. What lies between two key frames is
//! looked at anew for every segment.
//!
//! AVI counts frames in the order of decoding and knows no other. When pictures are shown is told by the pictures.

mod description;
mod header;
mod order;
mod own;
mod scan;

use self::header::{Header, StreamHeader, chunks_from};
use self::order::Ordering;
pub(super) use self::scan::Scan;
use super::frames::{Frame, Frames, Framing};
use super::pictures::{Coding, Pictures};
use super::placed::Placed;
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, Track, saturate,
};
use crate::ProbeError;
use crate::codec::avc;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Codec, StreamKind};

/// Sound begins to be read this much before it is wanted: a frame may have begun in the chunk before.
const RUN_UP_NS: i64 = SECOND_NS;
/// Chunks of one segment, of all streams.
const MAX_CHUNKS: usize = 1_000_000;
/// Sound has no pauses in AVI: what is off by less is a matter of counting.
const GAP_NS: i64 = SECOND_NS;
/// Pictures behind a key frame that may be shown before it.
const MAX_LEADING: usize = 6;
/// Chunks among which those are.
const MAX_NEAR: usize = 4096;
/// A larger chunk is no frame.
const MAX_CHUNK_BYTES: u64 = 64 << 20;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    scan: Scan,
    /// Where frames are: beginnings and ends of the lists of them.
    lists: Vec<(u64, u64)>,
    places: Vec<Place>,
}

/// A stream and how it is read.
#[derive(Debug)]
struct Place {
    header: StreamHeader,
    /// Its place among the streams of sound that the index counts.
    sound: Option<usize>,
    coded: Coded,
    entry: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Coded {
    /// Pictures that are told apart by start codes, with the parameter sets that are known without them.
    Pictures(Coding, Vec<Vec<u8>>),
    /// A chunk is a picture, and shown in the order of the file.
    Chunks,
    Sound(Framing),
}

pub(super) fn open(
    src: &Source<'_>,
    probe: &Probe,
    video: u32,
    scan: Option<&Scan>,
) -> Result<Opened, FilmError> {
    let header = Header::read(src)?;
    let scan = match scan {
        Some(scan) => scan.clone(),
        None => own::read(src, &header, video)?,
    };
    let sounds: Vec<u32> = header.sounds().collect();
    let mut layout = Layout { scan, lists: header.lists.clone(), places: Vec::new() };
    let (mut tracks, mut left_out) = (Vec::new(), Vec::new());
    for stream in &probe.streams {
        let Some(of) = header.streams.iter().find(|it| it.number == stream.index) else { continue };
        let described = match stream.kind {
            StreamKind::Video if stream.index == video => {
                description::picture(src, &layout, of, stream)
            }
            StreamKind::Audio => description::sound(src, &layout, of, stream),
            _ => continue,
        };
        match described {
            Ok((mut track, coded, entry, against)) => {
                let sound = sounds.iter().position(|it| *it == stream.index);
                let n_units = match sound {
                    Some(sound) => layout.scan.totals.get(sound).copied().unwrap_or(0),
                    None => layout.scan.n_frames,
                };
                track.end_ns = Some(of.ns(n_units));
                tracks.push(track);
                layout.places.push(Place { header: of.clone(), sound, coded, entry });
                left_out.extend(against.map(|it| (stream.index, it)));
            }
            Err(reason) => left_out.push((stream.index, reason)),
        }
    }
    let of = header.streams.iter().find(|it| it.number == video).ok_or(FilmError::NoIndex)?;
    let n_leading = layout.n_leading(src, video);
    let shown = layout.scan.keys.iter().enumerate().map(|(number, it)| {
        // Nothing is shown before the first.
        of.ns(it.frame + if number > 0 { n_leading } else { 0 })
    });
    let keys_ns = shown.collect();
    Ok(Opened { layout: FilmLayout::Avi(layout), tracks, left_out, keys_ns, breaks: Vec::new() })
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        let n_sounds = self.scan.totals.len();
        self.scan.keys.len() * (48 + n_sounds * 8) + self.places.len() * 1024
    }

    /// Where a key frame lies in the file.
    pub fn offset_of(&self, key: usize) -> u64 {
        self.scan.keys.get(key).map_or(0, |it| it.offset)
    }

    /// A track's description as Matroska has it.
    pub fn described(&self, track: &Track) -> Result<&[u8], FilmError> {
        self.place(track).map(|it| it.entry.as_slice())
    }

    fn place(&self, track: &Track) -> Result<&Place, FilmError> {
        let stream = track.stream.index;
        self.places.iter().find(|it| it.header.number == stream).ok_or(FilmError::NotThere)
    }

    pub fn run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        match &place.coded {
            Coded::Pictures(coding, sets) => {
                self.pictures_run(src, plan, track, number, place, (*coding, sets))
            }
            Coded::Chunks => self.chunks_run(src, plan, track, number, place),
            Coded::Sound(framing) => self.sound_run(src, plan, track, number, place, *framing),
        }
    }

    /// How many pictures are shown before a key frame and coded behind it: as many as with two of them, if those agree.
    fn n_leading(&self, src: &Source<'_>, video: u32) -> u64 {
        let n_keys = self.scan.keys.len();
        let find = |key: usize| self.leading_of(src, video, key).unwrap_or(0);
        let (one, other) = (n_keys / 3, n_keys * 2 / 3);
        if one == 0 {
            return 0;
        }
        let n_leading = find(one);
        if find(other) == n_leading { n_leading } else { 0 }
    }

    fn leading_of(&self, src: &Source<'_>, video: u32, key: usize) -> Option<u64> {
        let place = self.places.iter().find(|it| it.header.number == video)?;
        let Coded::Pictures(coding, sets) = &place.coded else { return None };
        let key = self.scan.keys.get(key)?;
        let mut pictures = Pictures::with_sets(*coding, sets);
        let mut ordering = Ordering::new(*coding, key.frame, avc::order_bits(sets));
        let mut chunks = chunks_from(src, &self.lists, key.offset);
        let mut slots = Vec::new();
        for _ in 0..MAX_NEAR {
            let Some(chunk) = chunks.next().ok()?.filter(|_| slots.len() <= MAX_LEADING) else {
                break;
            };
            if !chunk.is_picture_of(video) {
                continue;
            }
            let body = src.bytes(chunk.body, chunk.size.min(MAX_CHUNK_BYTES), "a frame").ok()?;
            pictures.push(chunk.body, &body, slots.len());
            slots.push(key.frame + slots.len() as u64);
        }
        pictures.finish();
        while let Some(picture) = pictures.next() {
            ordering.take(&picture, slots.get(picture.packet).copied().unwrap_or(0));
        }
        ordering.finish().first()?.checked_sub(key.frame)
    }

    /// The chunks of a segment's pictures, with the slot of time that each has: place, size, slot.
    fn slots(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        number: usize,
        place: &Place,
    ) -> Result<Vec<(u64, u64, u64)>, FilmError> {
        let key = &self.scan.keys[plan.cuts[number].key];
        let end = plan.cuts.get(number + 1).map_or(u64::MAX, |it| self.scan.keys[it.key].offset);
        let mut slots = Vec::new();
        let mut slot = key.frame;
        let mut n_bytes = 0;
        let mut chunks = chunks_from(src, &self.lists, key.offset);
        for _ in 0..MAX_CHUNKS {
            let Some(chunk) = chunks.next()?.filter(|it| it.at < end) else { break };
            if !chunk.is_picture_of(place.header.number) {
                continue;
            }
            n_bytes += chunk.size;
            if slots.len() >= MAX_SAMPLES || n_bytes > MAX_SEGMENT_BYTES {
                return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
            }
            if chunk.size > 0 && chunk.size <= MAX_CHUNK_BYTES {
                slots.push((chunk.body, chunk.size, slot));
            }
            slot += 1;
        }
        if slots.is_empty() {
            return Err(
                ProbeError::malformed("the index points at no key frame", key.offset).into()
            );
        }
        Ok(slots)
    }

    /// When the next segment's first picture is shown.
    fn next_pts(&self, plan: &Plan, track: &Track, number: usize, place: &Place) -> Option<i64> {
        let next = plan.cuts.get(number + 1)?;
        Some(place.header.ticks(track, self.scan.keys[next.key].frame))
    }

    fn chunks_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
        place: &Place,
    ) -> Result<Run, FilmError> {
        let mut run = Run::default();
        for (offset, size, slot) in self.slots(src, plan, number, place)? {
            let is_key = run.samples.is_empty();
            let pts = place.header.ticks(track, slot);
            run.samples.push(Sample::at(offset, size as u32, pts, is_key));
        }
        run.next_pts = self.next_pts(plan, track, number, place);
        Ok(run)
    }

    fn pictures_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
        place: &Place,
        (coding, sets): (Coding, &[Vec<u8>]),
    ) -> Result<Run, FilmError> {
        let slots = self.slots(src, plan, number, place)?;
        let mut pictures = Pictures::with_sets(coding, sets);
        let order_bits = avc::order_bits(sets);
        let mut ordering = Ordering::new(coding, slots.first().map_or(0, |it| it.2), order_bits);
        let mut samples = Vec::new();
        let mut take = |pictures: &mut Pictures, samples: &mut Vec<Sample>| {
            while let Some(mut picture) = pictures.next() {
                let slot = slots.get(picture.packet).map_or(0, |it| it.2);
                if samples.is_empty() && !picture.is_key {
                    continue;
                }
                if !ordering.take(&picture, slot) {
                    continue;
                }
                let (offset, is_key) = (picture.offset, picture.is_key);
                let Some((size, parts)) = picture.pieces() else { continue };
                samples.push(Sample {
                    offset,
                    size,
                    pts: 0,
                    is_key,
                    parts: Some(parts),
                    description: 0,
                });
            }
        };
        for (packet, (offset, size, _)) in slots.iter().enumerate() {
            let body = match src.bytes(*offset, *size, "a frame") {
                Ok(body) => body,
                Err(ProbeError::Io(error)) => return Err(error.into()),
                // A film that is cut off plays to where it is cut.
                Err(_) => break,
            };
            pictures.push(*offset, &body, packet);
            take(&mut pictures, &mut samples);
        }
        pictures.finish();
        take(&mut pictures, &mut samples);
        let shown = ordering.finish();
        for (sample, slot) in samples.iter_mut().zip(shown) {
            sample.pts = place.header.ticks(track, slot);
        }
        if samples.is_empty() {
            let at = self.offset_of(plan.cuts[number].key);
            return Err(ProbeError::malformed("the index points at no key frame", at).into());
        }
        Ok(Run { samples, next_pts: self.next_pts(plan, track, number, place) })
    }

    fn sound_run(
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
        let sound = place.sound.ok_or(FilmError::NotThere)?;
        let of = &place.header;
        let from_ns = start_ns.saturating_sub(RUN_UP_NS);
        let heard_ns = |key: &scan::Key| of.ns(key.units.get(sound).copied().unwrap_or(0));
        let key = self.scan.keys.iter().rfind(|it| heard_ns(it) <= from_ns);
        let begin = self.lists.first().map_or(0, |it| it.0);
        let (from, mut units) =
            key.map_or((begin, 0), |it| (it.offset, it.units.get(sound).copied().unwrap_or(0)));
        let mut placed =
            Placed::new(track, of.ns(0), GAP_NS, (start_ns, (!is_last).then_some(end_ns)));
        let mut frames = match of.bytes_per_second() {
            Some(bytes) => Frames::by_bytes(framing, bytes),
            None => Frames::new(framing),
        };
        let mut chunks = chunks_from(src, &self.lists, from);
        for _ in 0..MAX_CHUNKS {
            let Some(chunk) = chunks.next()? else { break };
            if !chunk.is_sound_of(of.number) || chunk.size == 0 || chunk.size > MAX_CHUNK_BYTES {
                continue;
            }
            let goes_on = if framing == Framing::Whole {
                let is_divided = track.stream.codec != Codec::Aac;
                let block = if is_divided { of.block_bytes() } else { chunk.size };
                take_blocks(of, units, (chunk.body, chunk.size), block, &mut placed)?
            } else {
                let body = match src.bytes(chunk.body, chunk.size, "sound") {
                    Ok(body) => body,
                    Err(ProbeError::Io(error)) => return Err(error.into()),
                    Err(_) => break,
                };
                frames.push(chunk.body, &body, Some(of.ns(units)));
                placed.take_all(&mut frames, false)?
            };
            if !goes_on {
                return Ok(placed.run);
            }
            units += of.units(chunk.size);
        }
        placed.take_all(&mut frames, true)?;
        Ok(placed.run)
    }
}

/// Sound that is not framed: as it lies, in pieces of a fraction of a second where it can be divided.
fn take_blocks(
    of: &StreamHeader,
    units: u64,
    (offset, size): (u64, u64),
    block_bytes: u64,
    placed: &mut Placed<'_>,
) -> Result<bool, FilmError> {
    let mut done = 0;
    while done < size {
        let part = (size - done).min(block_bytes);
        let time_ns =
            if of.bytes_per_second().is_some() { of.ns(units + done) } else { of.ns(units) };
        let parts = vec![(offset + done, part as u32)];
        let frame = Frame::at(parts, part as u32, Some(time_ns));
        if !placed.take(&frame)? {
            return Ok(false);
        }
        done += part;
    }
    Ok(true)
}

/// Nanoseconds of so many units of which `rate` in `scale` seconds are.
fn units_ns(units: u64, scale: u32, rate: u32) -> i64 {
    let ns = i128::from(units) * i128::from(scale) * i128::from(SECOND_NS);
    saturate(ns / i128::from(rate.max(1)))
}
