//! Samples of Matroska files, found by Cues and the headers of blocks. The blocks' bodies are not read here.

mod blocks;
mod ends;
mod header;
mod keys;
mod scan;
mod sound;
mod texts;
mod trust;
mod windows;

use self::blocks::{Blocks, frames};
use self::header::{Cue, Header, TrackHeader};
pub(super) use self::scan::Scan;
use super::config::{self, Configured};
use super::placed::on_grid;
use super::{
    FilmError, Layout as FilmLayout, MAX_SAMPLES, MAX_SEGMENT_BYTES, Opened, Plan, Run, SECOND_NS,
    Sample, Track, saturate,
};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Rational, Stream, StreamKind};

/// Blocks that are looked at for the first frame of every track.
const MAX_FIRST_BLOCKS: usize = 4000;
/// Blocks of all tracks that one segment's search passes.
const MAX_BLOCKS: usize = 1_000_000;
/// A file whose time stamps begin later than this was cut out of something longer: its beginning is its zero.
const LATE_NS: u64 = SECOND_NS as u64;
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
    /// The track's own description.
    entry: Vec<u8>,
}

/// Opens the film by its own Cues, unless there are better ones.
pub(super) fn open(
    src: &Source<'_>,
    probe: &Probe,
    video: u32,
    scan: Option<&Scan>,
) -> Result<Opened, FilmError> {
    let header = Header::read(src)?;
    let video_number = header.tracks.iter().find(|it| it.stream == video).map(|it| it.number);
    let video_number = video_number.ok_or(FilmError::NoIndex)?;
    let mut cues = match scan {
        Some(scan) => Scan::cues(&scan.keys),
        None => header.cues_of(video_number),
    };
    let first_cluster = header.first_cluster.ok_or(FilmError::NoIndex)?;
    let mut blocks = Blocks::new(src, first_cluster, header.segment_end);
    let heads = first_blocks(&mut blocks, &header, src)?;
    let origin = heads.origin;
    // An index without its first entry still begins with the file.
    if cues.first().is_some_and(|it| it.time > heads.first_key.unwrap_or(it.time)) {
        cues.insert(0, Cue { time: origin, cluster: first_cluster, relative: None });
    }
    if cues.is_empty()
        || (scan.is_none() && !trust::are_true(src, &header, video_number, &cues, probe))
    {
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
        let head = heads.frames.iter().find(|it| it.track == track.number);
        layout.tracks.push(Place {
            stream: track.stream,
            number: track.number,
            delay_ns: track.delay_ns,
            first_ns: head.map_or(0, |it| layout.ns(it.time, track.delay_ns)),
            stripped: track.stripped.clone(),
            is_deflated: track.is_deflated,
            entry: track.entry.clone(),
        });
        match stream.kind {
            StreamKind::Video | StreamKind::Audio => {
                match copy_of(stream, track, head.map(|it| it.bytes.as_slice())) {
                    Ok(it) => tracks.push(it),
                    Err(reason) => {
                        tracks.extend(source_of(stream, track, head));
                        left_out.push((stream.index, reason));
                    }
                }
            }
            StreamKind::Subtitle => {
                let found = scan.and_then(|it| it.texts.iter().find(|it| it.0 == track.number));
                let cues = match found {
                    Some((_, found)) => Scan::cues(found),
                    None => header.cues_of(track.number),
                };
                layout.text_cues.push((track.stream, cues));
            }
            _ => {}
        }
    }
    layout.find_ends(src, &mut tracks);
    let video = tracks.iter().find(|it| it.stream.index == video);
    let keys_ns = video.map_or_else(Vec::new, |track| {
        layout.cues.iter().map(|it| track.ns(layout.video_ticks(track, it.time))).collect()
    });
    Ok(Opened {
        layout: FilmLayout::Matroska(layout),
        tracks,
        left_out,
        keys_ns,
        breaks: Vec::new(),
    })
}

/// What the first blocks of a file tell.
struct Heads {
    /// What counts as zero, in the segment's units.
    origin: u64,
    /// Time of the first key frame of any track that has Cues.
    first_key: Option<u64>,
    frames: Vec<Head>,
}

/// A track's first frame.
struct Head {
    /// The track's number.
    track: u64,
    /// In the segment's units.
    time: i64,
    /// Its first bytes.
    bytes: Vec<u8>,
    /// How many bytes it has in all.
    size: u32,
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
            heads.first_key = Some(u64::try_from(block.time).unwrap_or(0));
        }
        if heads.frames.iter().any(|it| it.track == block.track) {
            continue;
        }
        let first = frames(src, &block)?.first().copied().unwrap_or((block.body, 0));
        let mut bytes = track.stripped.clone().unwrap_or_default();
        // A packet of Dolby Digital Plus may hold a second, dependent frame.
        bytes.extend(src.bytes(first.0, u64::from(first.1).min(8192), "a frame")?);
        let (track, time) = (block.track, block.time);
        heads.frames.push(Head { track, time, bytes, size: first.1 });
        let wanted = header.tracks.iter().filter(|it| it.is_media);
        if wanted.into_iter().all(|it| heads.frames.iter().any(|head| head.track == it.number)) {
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
    let config = Some(config);
    Ok(Track { stream, timescale, config, frame_ticks, reorder_ticks: 0, end_ns: None, stripped })
}

/// A track that can only be made anew: its frames are whole, though nobody else can be given them.
fn source_of(stream: &Stream, track: &TrackHeader, head: Option<&Head>) -> Option<Track> {
    let is_readable = track.stripped.is_some() || track.is_deflated;
    if !is_readable || track.entry.is_empty() {
        return None;
    }
    let (timescale, frame_ticks) = if stream.kind == StreamKind::Video {
        video_grid(track.frame_ns.and(stream.frame_rate))
    } else {
        let head = head.filter(|_| !track.is_deflated);
        let (bytes, size) = head.map_or((&[][..], 0), |it| (&it.bytes, it.size));
        config::sound_grid(stream, bytes, size)?
    };
    let stripped = track.stripped.clone().unwrap_or_default();
    let stream = stream.clone();
    Some(Track {
        stream,
        timescale,
        config: None,
        frame_ticks,
        reorder_ticks: 0,
        end_ns: None,
        stripped,
    })
}

/// Ticks that count both frames and milliseconds without a rest.
pub(super) fn video_grid(rate: Option<Rational>) -> (u32, i64) {
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
        let entries = self.tracks.iter().map(|it| it.entry.len() + 128).sum::<usize>();
        n_cues * size_of::<Cue>() + entries
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

    /// The number of a track in the file, and its description there.
    pub fn described(&self, track: &Track) -> Result<(u64, &[u8]), FilmError> {
        self.place(track).map(|it| (it.number, it.entry.as_slice()))
    }

    fn place(&self, track: &Track) -> Result<&Place, FilmError> {
        self.tracks.iter().find(|it| it.stream == track.stream.index).ok_or(FilmError::NotThere)
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
            let block = match blocks.next() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                // A film that is cut off in the middle plays to where it is cut.
                Err(_) if next.is_none() && !run.samples.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
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
            run.samples.push(Sample::at(offset, size, 0, block.is_key));
        }
        if run.samples.is_empty() {
            return Err(lying(cue.cluster));
        }
        // All on the grid or none: mixed, two pictures could fall on one moment.
        let grid: Option<Vec<i64>> =
            times_ns.iter().map(|ns| on_grid(track, place.first_ns, *ns)).collect();
        let pts = grid.unwrap_or_else(|| times_ns.iter().map(|ns| track.ticks(*ns)).collect());
        for (sample, pts) in run.samples.iter_mut().zip(pts) {
            sample.pts = pts;
        }
        run.next_pts =
            next_ns.map(|ns| on_grid(track, place.first_ns, ns).unwrap_or_else(|| track.ticks(ns)));
        Ok(run)
    }
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
