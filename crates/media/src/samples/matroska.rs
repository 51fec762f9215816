//! Samples of Matroska files, found by Cues and the headers of blocks. The blocks' bodies are not read here.

mod blocks;
mod header;

use self::blocks::{Block, Blocks, frames};
use self::header::{Cue, Header, TrackHeader};
use super::config::{self, Configured};
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, TextCue, Track, saturate,
};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Rational, Stream, StreamKind};

/// Blocks that are looked at for the first frame of every track.
const MAX_FIRST_BLOCKS: usize = 4000;
/// Blocks behind the last cue that are looked at for where the tracks end.
const MAX_LAST_BLOCKS: usize = 100_000;
/// Blocks of all tracks that one segment's search passes.
const MAX_BLOCKS: usize = 1_000_000;
/// Time stamps are whole milliseconds, and both ends of a difference are rounded.
const ROUNDING_NS: i64 = 1_100_000;
/// Sound that is off its grid by more than this has a gap.
const GAP_NS: i64 = 2_000_000;
/// How much earlier than its time a block may lie in the file; tried one after the other.
const INTERLEAVING_NS: [i64; 3] = [SECOND_NS, 10 * SECOND_NS, i64::MAX];
/// A file whose time stamps begin later than this was cut out of something longer: its beginning is its zero.
const LATE_NS: u64 = SECOND_NS as u64;
/// Where a track is sounding, it has a block within this time.
const HEARD_NS: i64 = 10 * SECOND_NS;
/// Pictures that are shown before a key frame and coded behind it: no codec has more.
const MAX_LEADING: usize = 16;

/// What finds the samples of any segment.
#[derive(Debug)]
pub(super) struct Layout {
    scale_ns: u64,
    first_cluster: u64,
    segment_end: u64,
    /// The film's zero, in the segment's units.
    origin: u64,
    /// The video's key frames, ascending in time and place.
    cues: Vec<Cue>,
    /// Cues of subtitles by the index of the stream.
    text_cues: Vec<(u32, Vec<Cue>)>,
    tracks: Vec<Place>,
}

/// How a stream's blocks are known, and where its grid of frames begins.
#[derive(Debug)]
struct Place {
    stream: u32,
    number: u64,
    delay_ns: i64,
    /// When the first frame is shown.
    first_ns: i64,
    /// What frames begin with though the file leaves it out; `None` when they are compressed or encrypted.
    stripped: Option<Vec<u8>>,
    is_deflated: bool,
}

pub(super) fn open(src: &Source<'_>, probe: &Probe, video: u32) -> Result<Opened, FilmError> {
    let header = Header::read(src)?;
    let video_number = header.tracks.iter().find(|it| it.stream == video).map(|it| it.number);
    let mut cues = header.cues_of(video_number.ok_or(FilmError::NoIndex)?);
    let first_cluster = header.first_cluster.ok_or(FilmError::NoIndex)?;
    let mut blocks = Blocks::new(src, first_cluster, header.segment_end);
    let heads = first_blocks(&mut blocks, &header, src)?;
    let origin = heads.origin;
    // An index without its first entry still begins with the file.
    if cues.first().is_some_and(|it| it.time > heads.first_key.unwrap_or(it.time)) {
        cues.insert(0, Cue { time: origin, cluster: first_cluster, relative: None });
    }
    if cues.is_empty() {
        return Err(FilmError::NoIndex);
    }
    let mut layout = Layout {
        scale_ns: header.scale_ns,
        first_cluster,
        segment_end: header.segment_end,
        origin,
        cues,
        text_cues: Vec::new(),
        tracks: Vec::new(),
    };
    let (mut tracks, mut left_out) = (Vec::new(), Vec::new());
    for track in &header.tracks {
        let Some(stream) = probe.streams.iter().find(|it| it.index == track.stream) else {
            continue;
        };
        let head = heads.frames.iter().find(|it| it.0 == track.number);
        layout.tracks.push(Place {
            stream: track.stream,
            number: track.number,
            delay_ns: track.delay_ns,
            first_ns: head.map_or(0, |it| layout.ns(it.1, track.delay_ns)),
            stripped: track.stripped.clone(),
            is_deflated: track.is_deflated,
        });
        match stream.kind {
            StreamKind::Video | StreamKind::Audio => {
                match copy_of(stream, track, head.map(|it| it.2.as_slice())) {
                    Ok(it) => tracks.push(it),
                    Err(reason) => left_out.push((stream.index, reason)),
                }
            }
            StreamKind::Subtitle => {
                layout.text_cues.push((track.stream, header.cues_of(track.number)));
            }
            _ => {}
        }
    }
    layout.find_ends(src, &mut tracks);
    let video = tracks.iter().find(|it| it.stream.index == video);
    let keys_ns = video.map_or_else(Vec::new, |track| {
        layout.cues.iter().map(|it| track.ns(layout.video_ticks(track, it.time))).collect()
    });
    Ok(Opened { layout: FilmLayout::Matroska(layout), tracks, left_out, keys_ns })
}

/// What the first blocks of a file tell.
struct Heads {
    /// What counts as zero, in the segment's units.
    origin: u64,
    /// Time of the first key frame of any track that has Cues.
    first_key: Option<u64>,
    /// By track number: time and first bytes of the first frame.
    frames: Vec<(u64, i64, Vec<u8>)>,
}

fn first_blocks(
    blocks: &mut Blocks<'_, '_>,
    header: &Header,
    src: &Source<'_>,
) -> Result<Heads, FilmError> {
    let mut heads = Heads { origin: 0, first_key: None, frames: Vec::new() };
    for n in 0..MAX_FIRST_BLOCKS {
        let Some(block) = blocks.next()? else { break };
        if n == 0 && block.cluster_time.saturating_mul(header.scale_ns) >= LATE_NS {
            heads.origin = block.cluster_time;
        }
        let Some(track) = header.tracks.iter().find(|it| it.number == block.track) else {
            continue;
        };
        if track.is_video && heads.first_key.is_none() && block.is_key {
            heads.first_key = u64::try_from(block.time).ok();
        }
        if heads.frames.iter().any(|it| it.0 == block.track) {
            continue;
        }
        let first = frames(src, &block)?.first().copied().unwrap_or((block.body, 0));
        let mut bytes = track.stripped.clone().unwrap_or_default();
        // A packet of Dolby Digital Plus may hold a second, dependent frame.
        bytes.extend(src.bytes(first.0, u64::from(first.1).min(8192), "a frame")?);
        heads.frames.push((block.track, block.time, bytes));
        let wanted = header.tracks.iter().filter(|it| it.is_media);
        if wanted.into_iter().all(|it| heads.frames.iter().any(|head| head.0 == it.number)) {
            break;
        }
    }
    Ok(heads)
}

fn copy_of(stream: &Stream, track: &TrackHeader, frame: Option<&[u8]>) -> Result<Track, String> {
    let Some(stripped) = track.stripped.clone() else {
        return Err("the track is compressed or encrypted".to_owned());
    };
    let frame = match (frame, config::needs_frame(&stream.codec)) {
        (Some(frame), _) => frame,
        (None, false) => &[],
        (None, true) => return Err("the track has no frames at the beginning".to_owned()),
    };
    let mut stream = stream.clone();
    let Configured { config, timescale, frame_ticks } =
        config::of_matroska(&mut stream, &track.private, frame)?;
    let (timescale, frame_ticks) = match stream.kind {
        StreamKind::Video => video_grid(track.frame_ns.and(stream.frame_rate)),
        _ => (timescale, frame_ticks),
    };
    Ok(Track { stream, timescale, config, frame_ticks, reorder_ticks: 0, end_ns: None, stripped })
}

/// Ticks that count both frames and milliseconds without a rest.
fn video_grid(rate: Option<Rational>) -> (u32, i64) {
    const MS: u32 = 1000;
    let Some(rate) = rate.filter(|it| it.num <= 1_000_000 && it.as_f64() >= 1.0) else {
        return (90 * MS, 0);
    };
    let factor = (1..=MS).find(|it| (rate.num * it).is_multiple_of(MS)).unwrap_or(MS);
    (rate.num * factor, i64::from(rate.den) * i64::from(factor))
}

impl Layout {
    pub fn memory_bytes(&self) -> usize {
        let n_cues = self.cues.len() + self.text_cues.iter().map(|it| it.1.len()).sum::<usize>();
        n_cues * size_of::<Cue>() + self.tracks.len() * 128
    }

    /// Where a key frame lies in the file.
    pub fn offset_of(&self, key: usize) -> u64 {
        self.cues.get(key).map_or(0, |it| it.cluster)
    }

    /// Nanoseconds from the beginning of the film.
    fn ns(&self, time: i64, delay_ns: i64) -> i64 {
        let units = i128::from(time) - i128::from(self.origin);
        saturate(units * i128::from(self.scale_ns) - i128::from(delay_ns))
    }

    fn place(&self, track: &Track) -> Result<&Place, FilmError> {
        self.tracks.iter().find(|it| it.stream == track.stream.index).ok_or(FilmError::NotThere)
    }

    /// The tracks' ends: mostly behind the last cue; for those that end earlier, by bisection.
    fn find_ends(&self, src: &Source<'_>, tracks: &mut [Track]) {
        for track in tracks {
            let (mut silent, mut heard) = (self.cues.len(), None);
            let last = silent.saturating_sub(1);
            track.end_ns = self.end_behind(src, track, last);
            if track.end_ns.is_some() || track.stream.kind == StreamKind::Video {
                continue;
            }
            let mut sounding = 0;
            while sounding < silent {
                let middle = sounding + (silent - sounding) / 2;
                match self.end_behind(src, track, middle) {
                    Some(end_ns) => (sounding, heard) = (middle + 1, Some(end_ns)),
                    None => silent = middle,
                }
            }
            track.end_ns = heard;
        }
    }

    /// Where the track's last block behind a cue ends, if it has one soon behind it.
    fn end_behind(&self, src: &Source<'_>, track: &Track, cue: usize) -> Option<i64> {
        let cue = self.cues.get(cue)?;
        let place = self.place(track).ok()?;
        let until_ns = self.ns(saturate(cue.time.into()), 0).saturating_add(HEARD_NS);
        let mut end_ns = None;
        let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
        for _ in 0..MAX_LAST_BLOCKS {
            // A file that is cut off ends with its last whole block.
            let Ok(Some(block)) = blocks.next() else { break };
            let start_ns = self.ns(block.time, place.delay_ns);
            if block.track != place.number {
                if start_ns > until_ns && end_ns.is_none() {
                    break;
                }
                continue;
            }
            let n_frames = frames(src, &block).map_or(1, |it| it.len() as i64);
            let length_ns = match block.duration {
                Some(units) => saturate(i128::from(units) * i128::from(self.scale_ns)),
                None => track.ns(track.frame_ticks * n_frames),
            };
            end_ns = end_ns.max(Some(start_ns.saturating_add(length_ns)));
            // Another cue is nearer to the end.
            if start_ns > until_ns {
                break;
            }
        }
        end_ns
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

    /// When a picture is shown: on the grid of frames, unless it is too far off to be a matter of rounding.
    fn video_ticks(&self, track: &Track, time: u64) -> i64 {
        let first_ns = self.place(track).map_or(0, |it| it.first_ns);
        let ns = self.ns(saturate(time.into()), 0);
        on_grid(track, first_ns, ns).unwrap_or_else(|| track.ticks(ns))
    }

    fn video_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        let cut = plan.cuts[number];
        let cue = self.cues[cut.key];
        let next = plan.cuts.get(number + 1).map(|it| self.cues[it.key]);
        let mut times_ns = Vec::new();
        let mut run = Run::default();
        let mut n_bytes = 0;
        let mut next_ns: Option<i64> = None;
        let mut n_leading = 0;
        let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
        for _ in 0..MAX_BLOCKS {
            let Some(block) = blocks.next()? else { break };
            if block.track != place.number {
                continue;
            }
            if run.samples.is_empty()
                && (!block.is_key || (number > 0 && block.time != saturate(cue.time.into())))
            {
                // Pictures of the segment before may share the cluster; one that is not where the index says never comes.
                if block.cluster > cue.cluster {
                    return Err(lying(cue.cluster));
                }
                continue;
            }
            let time_ns = self.ns(block.time, 0);
            if let Some(next) = next.filter(|it| next_ns.is_none() && block.cluster >= it.cluster) {
                let is_there = block.time == saturate(next.time.into());
                if block.cluster > next.cluster || (is_there && !block.is_key) {
                    return Err(lying(next.cluster));
                }
                if is_there {
                    next_ns = Some(time_ns);
                    continue;
                }
            }
            if let Some(ahead) = next_ns {
                // What the next segment shows before its key frame is shown first.
                if time_ns > ahead || n_leading >= MAX_LEADING {
                    break;
                }
                (next_ns, n_leading) = (Some(ahead.min(time_ns)), n_leading + 1);
                continue;
            }
            let frame = frames(src, &block)?;
            let [(offset, size)] = frame[..] else {
                return Err(FilmError::Unsuitable("pictures that are laced".to_owned()));
            };
            n_bytes += u64::from(size);
            if run.samples.len() >= MAX_SAMPLES || n_bytes > MAX_SEGMENT_BYTES {
                return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
            }
            times_ns.push(time_ns);
            run.samples.push(Sample { offset, size, pts: 0, is_key: block.is_key });
        }
        if run.samples.is_empty() {
            return Err(lying(cue.cluster));
        }
        // All on the grid or none: mixed, two pictures could fall on one moment.
        let on_grid: Option<Vec<i64>> =
            times_ns.iter().map(|ns| on_grid(track, place.first_ns, *ns)).collect();
        let pts = on_grid.unwrap_or_else(|| times_ns.iter().map(|ns| track.ticks(*ns)).collect());
        for (sample, pts) in run.samples.iter_mut().zip(pts) {
            sample.pts = pts;
        }
        run.next_pts = next_ns
            .map(|ns| self::on_grid(track, place.first_ns, ns).unwrap_or_else(|| track.ticks(ns)));
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
        for early_ns in INTERLEAVING_NS {
            let from_ns = start_ns.saturating_sub(early_ns);
            let mut reading =
                Sound { layout: self, track, place, run: Run::default(), previous: None };
            let cue =
                self.cues.iter().rev().find(|it| self.ns(saturate(it.time.into()), 0) <= from_ns);
            let from = cue.map_or(self.first_cluster, |it| it.cluster);
            let is_whole = reading.read(src, from, start_ns, (!is_last).then_some(end_ns))?;
            if is_whole || from == self.first_cluster {
                return Ok(reading.run);
            }
        }
        Err(FilmError::NotThere)
    }

    /// Every cue of a text track, through the index where it has one.
    pub fn texts(
        &self,
        src: &Source<'_>,
        stream: u32,
        limit: usize,
    ) -> Result<Vec<TextCue>, FilmError> {
        let place = self.tracks.iter().find(|it| it.stream == stream).ok_or(FilmError::NotThere)?;
        if place.stripped.is_none() && !place.is_deflated {
            return Err(FilmError::Unsuitable("the subtitles are encrypted".to_owned()));
        }
        let cues = self.text_cues.iter().find(|it| it.0 == stream).map_or(&[][..], |it| &it.1);
        let mut texts = Vec::new();
        if cues.is_empty() {
            let mut blocks = Blocks::new(src, self.first_cluster, self.segment_end);
            while let Some(block) = blocks.next()? {
                if block.track == place.number && texts.len() < limit {
                    texts.push(self.text(src, place, &block)?);
                }
            }
            return Ok(texts);
        }
        for cue in cues.iter().take(limit) {
            let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
            if let Some(relative) = cue.relative {
                blocks.skip_to(relative)?;
            }
            for _ in 0..MAX_FIRST_BLOCKS {
                let Some(block) = blocks.next()? else { break };
                if block.cluster != cue.cluster {
                    break;
                }
                if block.track == place.number && block.time == saturate(cue.time.into()) {
                    texts.push(self.text(src, place, &block)?);
                    break;
                }
            }
        }
        Ok(texts)
    }

    fn text(&self, src: &Source<'_>, place: &Place, block: &Block) -> Result<TextCue, FilmError> {
        /// A line of text; anything longer is something else.
        const MAX_TEXT_BYTES: u64 = 64 * 1024;
        let start_ns = self.ns(block.time, place.delay_ns);
        let size = (block.end - block.body).min(MAX_TEXT_BYTES);
        let mut bytes = place.stripped.clone().unwrap_or_default();
        bytes.extend(src.bytes(block.body, size, "a subtitle")?);
        let bytes = if place.is_deflated {
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, MAX_TEXT_BYTES as usize)
                .unwrap_or_default()
        } else {
            bytes
        };
        let duration =
            block.duration.map(|it| saturate(i128::from(it) * i128::from(self.scale_ns)));
        Ok(TextCue {
            start_ms: start_ns / 1_000_000,
            duration_ms: duration.map(|it| it / 1_000_000),
            bytes,
        })
    }
}

/// Reads the frames of sound of one segment.
struct Sound<'a> {
    layout: &'a Layout,
    track: &'a Track,
    place: &'a Place,
    run: Run,
    /// Where the frame before ended.
    previous: Option<i64>,
}

impl Sound<'_> {
    /// Frames from `from` on that begin in the segment. Says whether none can have come before.
    fn read(
        &mut self,
        src: &Source<'_>,
        from: u64,
        start_ns: i64,
        end_ns: Option<i64>,
    ) -> Result<bool, FilmError> {
        let mut saw_earlier = false;
        let mut n_bytes = 0;
        let mut blocks = Blocks::new(src, from, self.layout.segment_end);
        for _ in 0..MAX_BLOCKS {
            let block = match blocks.next() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                // A film that is cut off in the middle plays to where it is cut.
                Err(_) if end_ns.is_none() && !self.run.samples.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            if block.track != self.place.number {
                continue;
            }
            let block_ns = self.layout.ns(block.time, self.place.delay_ns);
            for (number, (offset, size)) in frames(src, &block)?.into_iter().enumerate() {
                let ns =
                    block_ns.saturating_add(self.track.ns(number as i64 * self.track.frame_ticks));
                let at = on_grid(self.track, self.place.first_ns, ns)
                    .unwrap_or_else(|| self.track.ticks(ns));
                let at_ns = self.track.ns(at);
                // Frames that are over before the film begins are the encoder's run-up.
                if at_ns < start_ns
                    && !(start_ns == 0
                        && at_ns.saturating_add(self.track.ns(self.track.frame_ticks)) > 0)
                {
                    saw_earlier = true;
                    continue;
                }
                if end_ns.is_some_and(|end_ns| at_ns >= end_ns) {
                    self.run.next_pts = Some(at);
                    return Ok(saw_earlier);
                }
                n_bytes += u64::from(size);
                if self.run.samples.len() >= MAX_SAMPLES || n_bytes > MAX_SEGMENT_BYTES {
                    return Err(FilmError::Unsuitable("too much sound in one segment".to_owned()));
                }
                let pts = self.joined(at).max(0);
                self.previous = Some(pts + self.track.frame_ticks);
                self.run.samples.push(Sample { offset, size, pts, is_key: true });
            }
        }
        Ok(saw_earlier)
    }

    /// A frame that comes about when the one before ends comes exactly then.
    fn joined(&self, at: i64) -> i64 {
        match self.previous {
            Some(end)
                if self.track.frame_ticks > 0 && self.track.ns((end - at).abs()) <= GAP_NS =>
            {
                end
            }
            // Never at the same moment as the one before, whatever the time stamps say.
            Some(_) => self.run.samples.last().map_or(at, |it| at.max(it.pts + 1)),
            None => at,
        }
    }
}

/// The nearest moment at which a frame of the track can begin, if it is as near as rounding explains.
fn on_grid(track: &Track, first_ns: i64, ns: i64) -> Option<i64> {
    if track.frame_ticks == 0 {
        return None;
    }
    let (first, at) = (track.ticks(first_ns), track.ticks(ns));
    let n_frames =
        at.checked_sub(first)?.checked_add(track.frame_ticks / 2)?.div_euclid(track.frame_ticks);
    let grid = first.checked_add(n_frames.checked_mul(track.frame_ticks)?)?;
    (track.ns(grid).saturating_sub(ns).saturating_abs() <= ROUNDING_NS).then_some(grid)
}

fn lying(at: u64) -> FilmError {
    crate::ProbeError::malformed("the index points at no key frame", at).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_counts_frames_and_milliseconds_without_a_rest() {
        let rate = |num, den| Some(Rational { num, den });
        assert_eq!(video_grid(rate(24_000, 1001)), (24_000, 1001));
        assert_eq!(video_grid(rate(25, 1)), (1000, 40));
        assert_eq!(video_grid(rate(30, 1)), (3000, 100));
        assert_eq!(video_grid(rate(60_000, 1001)), (60_000, 1001));
        assert_eq!(video_grid(None), (90_000, 0));
    }
}
