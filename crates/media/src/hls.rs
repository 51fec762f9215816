//! HLS playlists of a film (RFC 8216): one for the whole, one for each track. Pure text from the plan.

use std::fmt::Write as _;

use crate::samples::{Film, SECOND_NS, Track};
use crate::stream::{Stream, StreamKind};
use crate::transcode;

/// A segment is never said to take no time at all.
const SHORTEST_NS: i64 = 1_000_000;

/// A sound track to choose.
#[derive(Debug)]
pub struct Audio<'a> {
    /// Its track.
    pub track: &'a Track,
    /// What to call it in a menu.
    pub name: String,
    /// The one that plays unless the person chooses another.
    pub is_default: bool,
    /// Of its playlist.
    pub url: String,
}

/// A text track to choose.
#[derive(Debug)]
pub struct Subtitle {
    /// What to call it in a menu.
    pub name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// Only what is foreign to the film's audience.
    pub is_forced: bool,
    /// Of its playlist.
    pub url: String,
}

/// A picture to choose, of one size and at one price.
#[derive(Debug)]
pub struct Video<'a> {
    /// Its track.
    pub track: &'a Track,
    /// Bits per second with its sound: at the most, and on average.
    pub bitrate_bps: (u64, u64),
    /// Of its playlist.
    pub url: String,
    /// Of the playlist of its key frames, where there is one.
    pub keys_url: Option<String>,
}

/// The playlist of a film: its picture as it is or in the sizes that are made of it, every sound track and text track
/// beside it.
pub fn master(videos: &[Video<'_>], audio: &[Audio<'_>], subtitles: &[Subtitle]) -> String {
    let mut out = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    for it in audio {
        let stream = &it.track.stream;
        // Writing to a string cannot fail, here and below.
        let _ =
            write!(out, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"{}\"", quoted(&it.name));
        push_language(&mut out, stream.language.as_deref());
        push_default(&mut out, it.is_default);
        let _ = write!(out, ",CHANNELS=\"{}\"", stream.channels.unwrap_or(2));
        let _ = writeln!(out, ",URI=\"{}\"", quoted(&it.url));
    }
    for it in subtitles {
        let _ = write!(
            out,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"text\",NAME=\"{}\"",
            quoted(&it.name)
        );
        push_language(&mut out, it.language.as_deref());
        push_default(&mut out, false);
        let _ = writeln!(
            out,
            ",FORCED={},URI=\"{}\"",
            if it.is_forced { "YES" } else { "NO" },
            quoted(&it.url)
        );
    }
    for it in videos {
        write_video(&mut out, it, audio, !subtitles.is_empty());
    }
    for it in videos {
        write_keys(&mut out, it);
    }
    out
}

/// Key frames alone never need more than all pictures together, which is what they are announced with.
fn write_keys(out: &mut String, video: &Video<'_>) {
    let Some(url) = &video.keys_url else { return };
    let stream = &video.track.stream;
    let _ = write!(out, "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={}", video.bitrate_bps.0.max(1));
    if let Some(codec) = &stream.codec_string {
        let _ = write!(out, ",CODECS=\"{}\"", quoted(codec));
    }
    if let (Some(width), Some(height)) = (stream.width, stream.height) {
        let _ = write!(out, ",RESOLUTION={width}x{height}");
    }
    let _ = writeln!(out, ",VIDEO-RANGE={},URI=\"{}\"", video_range(stream), quoted(url));
}

fn write_video(out: &mut String, video: &Video<'_>, audio: &[Audio<'_>], has_subtitles: bool) {
    let stream = &video.track.stream;
    let (peak, average) = video.bitrate_bps;
    let _ = write!(
        out,
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={}",
        peak.max(1),
        average.max(1)
    );
    let mut codecs: Vec<&str> = Vec::new();
    for track in [video.track].into_iter().chain(audio.iter().map(|it| it.track)) {
        if let Some(codec) = track.stream.codec_string.as_deref().filter(|it| !codecs.contains(it))
        {
            codecs.push(codec);
        }
    }
    let _ = write!(out, ",CODECS=\"{}\"", quoted(&codecs.join(",")));
    if let (Some(width), Some(height)) = (stream.width, stream.height) {
        let _ = write!(out, ",RESOLUTION={width}x{height}");
    }
    if let Some(rate) = stream.frame_rate {
        let _ = write!(out, ",FRAME-RATE={:.3}", rate.as_f64());
    }
    let _ = write!(out, ",VIDEO-RANGE={}", video_range(stream));
    if !audio.is_empty() {
        out.push_str(",AUDIO=\"audio\"");
    }
    if has_subtitles {
        out.push_str(",SUBTITLES=\"text\"");
    }
    let _ = writeln!(out, "\n{}", video.url);
}

/// The playlist of a picture or sound track that is copied.
pub fn media(
    film: &Film,
    track: &Track,
    init_url: &str,
    segment_url: impl Fn(usize) -> String,
) -> String {
    playlist(&durations(film, track), "", init_url, segment_url)
}

/// The playlist of a copied picture's key frames, one of each segment.
pub fn keys(
    film: &Film,
    track: &Track,
    init_url: &str,
    key_url: impl Fn(usize) -> String,
) -> String {
    playlist(&durations(film, track), "#EXT-X-I-FRAMES-ONLY\n", init_url, key_url)
}

/// The playlist of a track that is made anew, part by part.
pub fn made(
    film: &Film,
    track: &Track,
    init_url: &str,
    part_url: impl Fn(usize) -> String,
) -> String {
    if track.stream.kind != StreamKind::Video {
        return media(film, track, init_url, part_url);
    }
    let parts = transcode::parts(film, track);
    let durations_ns: Vec<i64> =
        parts.map(|it| it.end_ns.saturating_sub(it.start_ns).max(SHORTEST_NS)).collect();
    playlist(&durations_ns, "", init_url, part_url)
}

fn playlist(
    durations_ns: &[i64],
    more_of_head: &str,
    init_url: &str,
    url: impl Fn(usize) -> String,
) -> String {
    let target = durations_ns.iter().copied().map(whole_seconds).max().unwrap_or(1);
    let mut out = head(target);
    out.push_str(more_of_head);
    let _ = writeln!(out, "#EXT-X-MAP:URI=\"{}\"", quoted(init_url));
    for (number, ns) in durations_ns.iter().enumerate() {
        let _ = writeln!(out, "#EXTINF:{:.6},\n{}", *ns as f64 / 1e9, url(number));
    }
    out.push_str("#EXT-X-ENDLIST\n");
    out
}

/// The playlist of a text track that comes in one piece.
pub fn text(film: &Film, url: &str) -> String {
    let seconds = film.plan.end_ns as f64 / 1e9;
    let mut out = head(seconds.ceil() as i64);
    let _ = writeln!(out, "#EXTINF:{seconds:.6},\n{url}\n#EXT-X-ENDLIST");
    out
}

/// Rounded, also where a broken file claims that a segment lasts for ever.
fn whole_seconds(ns: i64) -> i64 {
    ns.saturating_add(SECOND_NS / 2) / SECOND_NS
}

/// How long each segment of a track is. Pictures are decoded ahead of time by as much as they are out of order; the
/// playlist counts as they are decoded, so that a client that goes by decode times finds every segment where it is.
fn durations(film: &Film, track: &Track) -> Vec<i64> {
    let n_segments = film.n_segments(track);
    let ahead = match track.stream.kind {
        StreamKind::Video => track.ns(track.reorder_ticks),
        _ => 0,
    };
    (0..n_segments)
        .map(|number| {
            let end_ns = match track.end_ns {
                Some(end_ns) if number + 1 == n_segments => end_ns.max(1),
                _ => film.plan.end_of(number),
            };
            let ns = end_ns.saturating_sub(film.plan.cuts[number].start_ns);
            let is_first = i64::from(number == 0 && n_segments > 1);
            let is_last = i64::from(number + 1 == n_segments && n_segments > 1);
            ns.saturating_add(ahead.saturating_mul(is_last - is_first)).max(SHORTEST_NS)
        })
        .collect()
}

fn head(target: i64) -> String {
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n",
        target.max(1)
    )
}

fn video_range(stream: &Stream) -> &'static str {
    match stream.color.transfer.as_deref() {
        Some("smpte2084") => "PQ",
        Some("arib-std-b67") => "HLG",
        _ => "SDR",
    }
}

fn push_language(out: &mut String, language: Option<&str>) {
    if let Some(language) = language {
        let _ = write!(out, ",LANGUAGE=\"{}\"", quoted(language));
    }
}

fn push_default(out: &mut String, is_default: bool) {
    let _ = write!(out, ",DEFAULT={},AUTOSELECT=YES", if is_default { "YES" } else { "NO" });
}

/// What stands between quotes in a playlist: names come from files and may hold anything.
fn quoted(text: &str) -> String {
    text.chars()
        .map(|it| {
            if it.is_control() {
                ' '
            } else if it == '"' {
                '\''
            } else {
                it
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_and_have_an_end() {
        for (ns, expect) in
            [(0, 0), (499_999_999, 0), (500_000_000, 1), (i64::MAX, i64::MAX / SECOND_NS)]
        {
            assert_eq!(whole_seconds(ns), expect, "{ns}");
        }
    }

    #[test]
    fn a_name_from_a_file_cannot_end_its_attribute() {
        assert_eq!(quoted("a\",URI=\"x\n#EXT"), "a',URI='x #EXT");
    }
}
