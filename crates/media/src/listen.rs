//! Listening to a sound track: what FFmpeg is given of it, with which arguments, and what its answer says. Pure, as
//! [`crate::transcode`] is.

use std::ffi::OsString;

use crate::cmaf::Segment;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, SECOND_NS, Sample, Track};
use crate::stream::StreamKind;
use crate::transcode::feed::{Feed, ORIGIN_S, feed};

/// Samples a second of what is compared.
pub const RATE: u32 = 11_025;
/// Coded frames of one call: each takes some memory. Two hours of most codecs have fewer than half of them.
const MAX_FRAMES: usize = 1_500_000;

/// One call of FFmpeg.
#[derive(Debug)]
pub struct Listening {
    /// Its arguments: no path and nothing that a file or a person wrote.
    pub args: Vec<OsString>,
    /// What to write to its standard input.
    pub feed: Segment,
}

/// How loud a sound track is, by EBU R128.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Of all of it, in LUFS.
    pub integrated_lufs: f32,
    /// Between its soft and its loud parts, in LU.
    pub range_lu: f32,
    /// In dBTP.
    pub true_peak_db: f32,
}

/// The sound from one moment to another as 16-bit numbers in one channel at [`RATE`], the lowest byte first; pauses are kept.
pub fn samples(
    film: &Film,
    bytes: &dyn ReadAt,
    stream: u32,
    from_ms: i64,
    to_ms: i64,
) -> Result<Listening, FilmError> {
    let filter = format!(
        "aresample={RATE}:osf=s16:ochl=mono,aresample=async=1:min_comp=0.000001:first_pts={}",
        ORIGIN_S * i64::from(RATE)
    );
    let sound = Sound { film, bytes, track: sound_track(film, stream)? };
    let feed = sound.feed(from_ms, to_ms)?;
    Ok(Listening {
        args: args("error", feed.format, &filter, &["-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]),
        feed: feed.segment,
    })
}

/// All of the sound, for [`loudness`].
pub fn measuring(film: &Film, bytes: &dyn ReadAt, stream: u32) -> Result<Listening, FilmError> {
    let sound = Sound { film, bytes, track: sound_track(film, stream)? };
    let feed = sound.feed(0, i64::MAX)?;
    // What is measured of every moment would be said in the words of a level that is not asked for.
    let filter = "ebur128=peak=true:framelog=verbose";
    Ok(Listening {
        args: args("info", feed.format, filter, &["-f", "null", "pipe:1"]),
        feed: feed.segment,
    })
}

/// What FFmpeg said at its end about the loudness; `None` of a track that is silent.
pub fn loudness(said: &str) -> Option<Loudness> {
    let summary = said.rsplit_once("Summary:")?.1;
    let value = |name: &str| -> Option<f32> {
        let line = summary.lines().find_map(|it| it.trim().strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok().filter(|it: &f32| it.is_finite())
    };
    let measured = Loudness {
        integrated_lufs: value("I:")?,
        range_lu: value("LRA:")?,
        true_peak_db: value("Peak:")?,
    };
    // Nothing was above the gate.
    (measured.integrated_lufs > -70.0).then_some(measured)
}

fn sound_track(film: &Film, stream: u32) -> Result<&Track, FilmError> {
    film.track(stream)
        .ok()
        .filter(|it| it.stream.kind == StreamKind::Audio)
        .ok_or(FilmError::NotThere)
}

struct Sound<'a> {
    film: &'a Film,
    bytes: &'a dyn ReadAt,
    track: &'a Track,
}

impl Sound<'_> {
    /// The coded frames from one moment to another; the first moment comes at the feed's origin.
    fn feed(&self, from_ms: i64, to_ms: i64) -> Result<Feed, FilmError> {
        let ns = |ms: i64| ms.saturating_mul(SECOND_NS / 1000);
        let (from, to) = (self.track.ticks(ns(from_ms)), self.track.ticks(ns(to_ms)));
        // A file that is cut off is heard as far as it goes.
        let size = self.bytes.size_bytes()?;
        let is_wanted = |it: &Sample| {
            it.pts >= from && it.pts < to && it.offset.saturating_add(it.size.into()) <= size
        };
        let mut frames: Vec<Sample> = Vec::new();
        for number in 0..self.film.n_segments(self.track) {
            let begins = self.film.plan.cuts.get(number).map_or(0, |it| it.start_ns);
            if begins >= ns(to_ms) {
                break;
            }
            if self.film.plan.end_of(number) <= ns(from_ms) {
                continue;
            }
            let run = self.film.run(self.bytes, self.track, number)?;
            frames.extend(run.samples.into_iter().filter(|it| is_wanted(it)));
            if frames.len() > MAX_FRAMES {
                let reason = "a sound track of too many frames to be listened to at once";
                return Err(FilmError::Unsuitable(reason.to_owned()));
            }
        }
        if frames.is_empty() {
            return Err(FilmError::Unsuitable("there is no sound".to_owned()));
        }
        feed(self.film, self.track, frames, from)
    }
}

fn args(level: &str, format: &str, filter: &str, output: &[&str]) -> Vec<OsString> {
    let words = ["-hide_banner", "-v", level, "-nostats", "-nostdin", "-copyts", "-threads", "1"];
    let input = ["-protocol_whitelist", "pipe", "-f", format, "-i", "pipe:0", "-map", "0:0"];
    let sound = ["-vn", "-af", filter, "-map_metadata", "-1"];
    let words = words.iter().chain(&input).chain(&sound).chain(output);
    words.map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "  Stream #0:0: Audio: aac\n    title : I: 5.0 Peak: 1\n\
        [Parsed_ebur128_0 @ 0x55] Summary:\n\n  Integrated loudness:\n    I:         -21.0 LUFS\n\
        \x20   Threshold: -31.3 LUFS\n\n  Loudness range:\n    LRA:         6.5 LU\n    Threshold: -41.2 LUFS\n\
        \x20   LRA low:   -26.5 LUFS\n    LRA high:  -20.0 LUFS\n\n  True peak:\n    Peak:       -1.5 dBFS\n";

    #[test]
    fn the_loudness_is_read_from_the_summary() {
        let expected = Loudness { integrated_lufs: -21.0, range_lu: 6.5, true_peak_db: -1.5 };
        assert_eq!(loudness(SAID), Some(expected));
    }

    #[test]
    fn silence_and_failures_have_no_loudness() {
        assert_eq!(loudness(""), None);
        assert_eq!(loudness("Summary: I: loud"), None);
        assert_eq!(loudness(&SAID.replace("-21.0", "-70.0")), None);
        assert_eq!(loudness(&SAID.replace("-1.5", "-inf")), None);
    }
}
