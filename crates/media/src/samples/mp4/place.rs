//! One track: where its samples are in the file and in time, and how they are described.

use super::several::{Joined, MAX_DESCRIPTIONS, Several};
use super::table::Table;
use crate::read::Source;
use crate::samples::config::{self, Configured};
use crate::samples::{FilmError, Sample, SampleConfig, Track};
use crate::stream::Stream;

/// A track's samples and its place in time.
#[derive(Debug)]
pub(super) struct Place {
    pub stream: u32,
    pub id: u32,
    pub timescale: u32,
    /// What to take off a sample's time, by the edit list.
    pub shift: i64,
    /// The body of an `stsd` of one entry, or of those that cannot be joined, each.
    pub described: Vec<Vec<u8>>,
    /// What is done for samples of several descriptions to have one.
    pub several: Option<Several>,
    pub table: Table,
}

impl Place {
    pub fn pts(&self, sample: u32) -> i64 {
        self.table.pts(sample).saturating_sub(self.shift)
    }

    /// A sample as its track describes it. `begins`: one of another description stands before it, or none.
    pub fn fit(
        &self,
        src: &Source<'_>,
        number: u32,
        sample: Sample,
        begins: bool,
        units_left: &mut usize,
    ) -> Result<Sample, FilmError> {
        let description = self.table.description(number);
        match &self.several {
            Some(several) => several.fit(src, sample, description, begins, units_left),
            None if self.described.len() > 1 => Ok(Sample { description, ..sample }),
            None => Ok(sample),
        }
    }

    /// The first sample that is shown at `ns` or later. For tracks whose samples are in the order of showing.
    pub fn first_from(&self, track: &Track, ns: i64) -> u32 {
        let (mut low, mut high) = (0, self.table.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if track.ns(self.pts(middle)) < ns {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The frame that begins before zero and sounds beyond it belongs to the first segment.
    pub fn run_up(&self, from: u32) -> u32 {
        let end = |it: u32| self.pts(it).saturating_add(self.table.duration(it).into());
        from.checked_sub(1).filter(|it| self.pts(*it) < 0 && end(*it) > 0).unwrap_or(from)
    }
}

/// The track as it is copied, or why it is not; finds out how its samples are described.
pub(super) fn copy_of(
    src: &Source<'_>,
    stream: &Stream,
    stsd: &[u8],
    place: &mut Place,
) -> Result<Track, String> {
    let used = place.table.descriptions(MAX_DESCRIPTIONS);
    let (config, highest) = match Joined::of(stream, stsd, &used) {
        Joined::One { described, config } => {
            place.described = vec![described];
            (config, None)
        }
        Joined::InBand { described, config, several, highest } => {
            place.described = vec![described];
            place.several = Some(several);
            (config, Some(highest))
        }
        Joined::Apart { described, reason } => {
            place.described = described;
            return Err(reason);
        }
    };
    let n_samples = place.table.len();
    if n_samples == 0 {
        return Err("the track has no samples".to_owned());
    }
    let mut stream = stream.clone();
    let frame = if config::needs_frame(&stream.codec) {
        let (offset, size) = place.table.place(0).ok_or("the track has no samples")?;
        src.bytes(offset, u64::from(size).min(64), "a frame").map_err(|it| it.to_string())?
    } else {
        Vec::new()
    };
    let Configured { mut config, .. } = config::of_mp4(&mut stream, &config, &frame)?;
    if let Some(highest) = highest {
        if highest.level > stream.level {
            (stream.level, stream.codec_string) = (highest.level, highest.codec_string);
        }
        config::keep_in_band(&mut stream, &mut config);
    }
    Ok(track(stream, Some(config), place))
}

/// A track that can only be made anew: its samples are whole, though nobody else can be given them.
pub(super) fn source_of(stream: &Stream, place: &Place) -> Option<Track> {
    let is_encrypted =
        |it: &Vec<u8>| it.get(12..16).is_none_or(|it| matches!(it, b"encv" | b"enca"));
    let is_readable = !place.described.iter().any(is_encrypted) && place.table.len() > 0;
    is_readable.then(|| track(stream.clone(), None, place))
}

fn track(stream: Stream, config: Option<SampleConfig>, place: &Place) -> Track {
    let last = place.table.len().saturating_sub(1);
    let end = place.pts(last).saturating_add(place.table.duration(last).into());
    let mut track = Track {
        stream,
        timescale: place.timescale,
        config,
        frame_ticks: place.table.duration(0).into(),
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    track.end_ns = Some(track.ns(end));
    track
}
