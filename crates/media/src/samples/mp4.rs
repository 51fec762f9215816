//! Samples of MP4 and QuickTime files: from the sample tables, or from the fragments, both kept as the same tables.

mod description;
mod fragments;
mod place;
mod several;
mod table;

use self::place::{Place, copy_of, source_of};
use self::table::Table;
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, TextCue, Track, saturate,
};
use crate::ProbeError;
use crate::mp4::boxes::{BoxAt, box_at, u32_at, u64_at};
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::stream::StreamKind;

/// Boxes at the top of a file: a day of two-second fragments.
const MAX_TOP_LEVEL: usize = 100_000;
/// Units of pictures whose sizes are written anew in a segment.
const MAX_UNITS: usize = 1_000_000;
/// A track's edits: an empty one, and where the media begins.
const MAX_EDIT_BYTES: u64 = 4096;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    places: Vec<Place>,
    /// The stream of the video track.
    video: u32,
    /// Samples of the video track that are key frames, as the plan counts them.
    keys: Vec<u32>,
}

pub(super) fn open(src: &Source<'_>, probe: &Probe, video: u32) -> Result<Opened, FilmError> {
    let moov = find_movie(src)?;
    let parts = moov.children(src);
    let part = |kind: &[u8; 4]| parts.iter().copied().find(|it| it.kind == *kind);
    let movie_scale = part(b"mvhd").map_or(Ok(1000), |it| timescale(src, it))?;
    let mut places = Vec::new();
    let (mut tracks, mut left_out) = (Vec::new(), Vec::new());
    let boxes = parts.iter().filter(|it| it.kind == *b"trak").filter(|it| is_stream(src, **it));
    let mut headers = Vec::new();
    for (trak, stream) in boxes.take(MAX_STREAMS).zip(&probe.streams) {
        if !matches!(stream.kind, StreamKind::Video | StreamKind::Audio | StreamKind::Subtitle) {
            continue;
        }
        let header = description::read(src, *trak)?;
        let shift = edits(src, *trak, header.timescale, movie_scale)?;
        places.push(Place {
            stream: stream.index,
            id: header.id,
            timescale: header.timescale,
            shift,
            described: Vec::new(),
            several: None,
            table: Table::of_boxes(src, &header.tables)?,
        });
        headers.push(header);
    }
    if let Some(extends) = part(b"mvex") {
        let defaults = fragments::defaults(src, extends);
        fragments::read(src, moov.end, &defaults, &mut places)?;
    }
    for (place, header) in places.iter_mut().zip(&headers) {
        let Some(stream) = probe.streams.iter().find(|it| it.index == place.stream) else {
            continue;
        };
        if stream.kind == StreamKind::Subtitle {
            place.described = vec![header.described.clone()];
            continue;
        }
        match copy_of(src, stream, &header.described, place) {
            Ok(track) => tracks.push(track),
            Err(reason) => {
                tracks.extend(source_of(stream, place));
                left_out.push((stream.index, reason));
            }
        }
    }
    let mut layout = Layout { places, video, keys: Vec::new() };
    let (mut keys_ns, mut breaks) = (Vec::new(), Vec::new());
    if let Some(track) = tracks.iter().find(|it| it.stream.index == video) {
        let place = layout.place(video)?;
        // Only in this order can a cut in time be a cut in the file.
        let mut keys: Vec<(u32, i64)> = Vec::new();
        for key in place.table.keys() {
            let ns = track.ns(place.pts(key));
            if keys.last().is_none_or(|last| ns > last.1) {
                keys.push((key, ns));
            }
        }
        keys_ns = keys.iter().map(|it| it.1).collect();
        // Whoever makes them anew reads only one description at a time.
        if place.described.len() > 1 {
            let of = |it: usize| place.table.description(keys[it].0);
            breaks = (1..keys.len()).filter(|it| of(*it) != of(it - 1)).collect();
        }
        layout.keys = keys.into_iter().map(|it| it.0).collect();
    }
    Ok(Opened { layout: FilmLayout::Mp4(layout), tracks, left_out, keys_ns, breaks })
}

/// The one track of a small MP4 file, all of it.
#[derive(Debug)]
pub(crate) struct Whole {
    /// The body of the box that configures the decoder.
    pub config: Vec<u8>,
    /// Ticks of a second.
    pub timescale: u32,
    /// In the order of decoding; times count in the track's own ticks.
    pub samples: Vec<Sample>,
}

/// Reads the first track of a file whose every sample is wanted.
pub(crate) fn read_whole(src: &Source<'_>) -> Result<Whole, FilmError> {
    let moov = find_movie(src)?;
    let trak = moov.child(src, *b"trak").ok_or_else(|| src.truncated("its tracks"))?;
    let header = description::read(src, trak)?;
    let table = Table::of_boxes(src, &header.tables)?;
    let mut places = vec![Place {
        stream: 0,
        id: header.id,
        timescale: header.timescale,
        shift: 0,
        described: Vec::new(),
        several: None,
        table,
    }];
    if let Some(extends) = moov.child(src, *b"mvex") {
        let defaults = fragments::defaults(src, extends);
        fragments::read(src, moov.end, &defaults, &mut places)?;
    }
    let table = &places[0].table;
    let samples = (0..table.len()).zip(table.places(0)).map(|(sample, (offset, size))| {
        Sample::at(offset, size, table.pts(sample), table.is_key(sample))
    });
    let samples = samples.collect();
    let first = description::entries(&header.described, 1);
    let config = first.first().map(|it| it.config().to_vec()).unwrap_or_default();
    Ok(Whole { config, timescale: header.timescale, samples })
}

fn find_movie(src: &Source<'_>) -> Result<BoxAt, ProbeError> {
    let mut at = 0;
    for _ in 0..MAX_TOP_LEVEL {
        if src.size.saturating_sub(at) < 8 {
            break;
        }
        let it = box_at(src, at, u64::MAX)?;
        if it.kind == *b"moov" {
            return if it.end > src.size { Err(src.truncated("the index (moov)")) } else { Ok(it) };
        }
        at = it.end;
    }
    Err(src.truncated("the part before the index (moov)"))
}

/// Numbered as the prober does, which leaves out tracks that it cannot read.
fn is_stream(src: &Source<'_>, trak: BoxAt) -> bool {
    let Some(media) = trak.child(src, *b"mdia") else { return false };
    let table = media.child(src, *b"minf").and_then(|it| it.child(src, *b"stbl"));
    media.child(src, *b"hdlr").is_some() && table.is_some()
}

fn timescale(src: &Source<'_>, header: BoxAt) -> Result<u32, ProbeError> {
    let body = header.head(src, 24, "a header")?;
    let at = if body.first() == Some(&1) { 20 } else { 12 };
    Ok(u32_at(&body, at).unwrap_or(0).max(1))
}

/// What the edit list takes off the times of samples: where the media begins, less the empty time before it.
fn edits(src: &Source<'_>, trak: BoxAt, scale: u32, movie_scale: u32) -> Result<i64, ProbeError> {
    let Some(list) = trak.child(src, *b"edts").and_then(|it| it.child(src, *b"elst")) else {
        return Ok(0);
    };
    let body = list.head(src, MAX_EDIT_BYTES, "an edit list")?;
    let is_long = body.first() == Some(&1);
    let width = if is_long { 20 } else { 12 };
    let mut empty: u64 = 0;
    for entry in body.get(8..).unwrap_or_default().chunks_exact(width) {
        let (Some(duration), Some(start)) = (if is_long {
            (u64_at(entry, 0), u64_at(entry, 8).map(|it| it as i64))
        } else {
            (u32_at(entry, 0).map(u64::from), u32_at(entry, 4).map(|it| i64::from(it as i32)))
        }) else {
            break;
        };
        if start < 0 {
            empty = empty.saturating_add(duration);
            continue;
        }
        let empty = saturate(i128::from(empty) * i128::from(scale) / i128::from(movie_scale));
        return Ok(start.saturating_sub(empty));
    }
    Ok(0)
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        let places = self
            .places
            .iter()
            .map(|it| it.table.memory_bytes() + it.described.iter().map(Vec::len).sum::<usize>());
        places.sum::<usize>() + self.keys.len() * 4
    }

    /// Where a key frame lies in the file.
    pub fn offset_of(&self, key: usize) -> u64 {
        let sample = self.keys.get(key).copied().unwrap_or(0);
        let video = self.places.iter().find(|it| it.stream == self.video);
        video.and_then(|it| it.table.place(sample)).map_or(0, |it| it.0)
    }

    /// When the video's key frames are shown, in nanoseconds.
    pub fn key_times_ns(&self, track: &Track) -> Vec<i64> {
        let Ok(place) = self.place(self.video) else { return Vec::new() };
        self.keys.iter().map(|it| track.ns(place.pts(*it))).collect()
    }

    /// A key frame of the video by its number.
    pub fn key_sample(&self, src: &Source<'_>, key: usize) -> Result<Sample, FilmError> {
        let place = self.place(self.video)?;
        let sample = *self.keys.get(key).ok_or(FilmError::NotThere)?;
        let (offset, size) = place.table.place(sample).ok_or(FilmError::NotThere)?;
        let read = Sample::at(offset, size, place.pts(sample), true);
        let mut units_left = MAX_UNITS;
        place.fit(src, sample, read, true, &mut units_left)
    }

    /// The body of a track's sample description, for samples of a description of this number.
    pub fn described(&self, track: &Track, description: u32) -> Result<&[u8], FilmError> {
        let all = &self.place(track.stream.index)?.described;
        let one = usize::try_from(description).ok().and_then(|it| all.get(it));
        one.or(all.first()).map(Vec::as_slice).ok_or(FilmError::NotThere)
    }

    fn place(&self, stream: u32) -> Result<&Place, FilmError> {
        self.places.iter().find(|it| it.stream == stream).ok_or(FilmError::NotThere)
    }

    pub fn run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track.stream.index)?;
        let cut = plan.cuts[number];
        let next = plan.cuts.get(number + 1);
        let n_samples = place.table.len();
        let is_video = track.stream.kind == StreamKind::Video;
        let (from, to) = if is_video {
            (self.keys[cut.key], next.map_or(n_samples, |it| self.keys[it.key]))
        } else {
            let to = next.map_or(n_samples, |it| place.first_from(track, it.start_ns));
            // Frames that are over before the film begins are the encoder's run-up.
            let from = (place.first_from(track, cut.start_ns)..to)
                .find(|it| place.pts(*it) + i64::from(place.table.duration(*it)) > 0);
            (from.unwrap_or(to), to)
        };
        let from = if is_video || number > 0 { from } else { place.run_up(from) };
        if (to - from) as usize > MAX_SAMPLES {
            return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
        }
        let mut run = Run::default();
        let mut n_bytes = 0;
        let (mut last, mut units_left) = (None, MAX_UNITS);
        for (sample, (offset, size)) in (from..to).zip(place.table.places(from)) {
            n_bytes += u64::from(size);
            let mut pts = place.pts(sample);
            if !is_video {
                pts = pts.max(0);
            }
            let read = Sample::at(offset, size, pts, place.table.is_key(sample));
            let description = Some(place.table.description(sample));
            let begins = last != description;
            run.samples.push(place.fit(src, sample, read, begins, &mut units_left)?);
            last = description;
        }
        if n_bytes > MAX_SEGMENT_BYTES {
            return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
        }
        // What the next segment shows first may be coded behind its key frame.
        run.next_pts = (to < n_samples).then(|| {
            let ahead = if is_video { 16 } else { 1 };
            (to..n_samples.min(to + ahead)).map(|it| place.pts(it)).min().unwrap_or(0)
        });
        Ok(run)
    }

    /// Every sample of a text track.
    pub fn texts(
        &self,
        src: &Source<'_>,
        stream: u32,
        limit: usize,
    ) -> Result<Vec<TextCue>, FilmError> {
        /// A line of text; anything longer is something else.
        const MAX_TEXT_BYTES: u64 = 64 * 1024;
        let place = self.place(stream)?;
        let scale = i128::from(place.timescale);
        let ms =
            |ticks: i64| saturate(i128::from(ticks) * i128::from(SECOND_NS / 1_000_000) / scale);
        let mut texts = Vec::new();
        for (sample, (offset, size)) in (0..place.table.len()).zip(place.table.places(0)) {
            // An empty sample is a pause.
            if size <= 2 || texts.len() >= limit {
                continue;
            }
            texts.push(TextCue {
                start_ms: ms(place.pts(sample)),
                duration_ms: Some(ms(place.table.duration(sample).into())),
                bytes: src.bytes(offset, u64::from(size).min(MAX_TEXT_BYTES), "a subtitle")?,
            });
        }
        Ok(texts)
    }
}
