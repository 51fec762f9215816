//! FFmpeg's arguments for pictures that could stand for a film, and the choice among them. Pure: `tool` runs them.
//!
//! Several moments are taken by one run: each opens the film at a key frame of its own, so that what is read does not grow
//! with the film.

mod look;

use std::ffi::OsString;
use std::path::Path;

use crate::ffprobe::{INPUT_LIMITS, input};
use crate::stream::Hdr;
use crate::transcode::is_dolby_vision_alone;
use crate::{Probe, StreamKind};

pub use look::{Choice, Crop, Luma, choose};

/// Where in a film the moments are, in percent: behind the titles, and before the end gives itself away.
const MOMENTS: [i64; 6] = [10, 20, 33, 46, 58, 70];
/// The moments of a film whose length nobody knows.
const EARLY_MOMENTS_MS: [i64; 4] = [0, 5_000, 15_000, 45_000];
/// Shorter films are decoded up to the moment itself; in longer ones the key frame before it will do.
const SHORT_MS: i64 = 120_000;
/// PQ and HLG made into ordinary colours, after scaling, when the picture is small.
const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
                        zscale=t=bt709:m=bt709:r=tv";

/// What picture is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Poster {
    /// Pictures wider than this are scaled down; never up.
    pub max_width: u32,
    /// Whether FFmpeg has the `zscale` filter, without which HDR pictures stay pale.
    pub has_zscale: bool,
}

/// Arguments that write JPEG pictures one after the other to standard output, one for each moment that there is. `None` when
/// the file has no moving picture, or none whose colours are understood.
pub fn args(path: &Path, probe: &Probe, poster: Poster) -> Option<Vec<OsString>> {
    let video = probe.of_kind(StreamKind::Video).next()?;
    let moments_ms: Vec<i64> = match probe.duration_ms {
        Some(duration) if duration > 0 => MOMENTS.iter().map(|it| duration / 100 * it).collect(),
        _ => EARLY_MOMENTS_MS.to_vec(),
    };
    let is_short = probe.duration_ms.is_none_or(|it| it < SHORT_MS);
    // A picture in colours that mean nothing is worse than none.
    if is_dolby_vision_alone(video) {
        return None;
    }
    let is_plain_hdr = match video.hdr {
        Some(Hdr::Hdr10 | Hdr::Hdr10Plus | Hdr::Hlg) => true,
        Some(Hdr::DolbyVision { compatibility, .. }) => matches!(compatibility, 1 | 4 | 6),
        None => false,
    };
    let tone_map = if is_plain_hdr && poster.has_zscale { TONE_MAP } else { "null" };
    // Pixels that are not square are made so, with an even height.
    let width = poster.max_width.max(16);
    let scale =
        format!("scale=w='trunc(min({width},iw*sar)/2)*2':h='max(2,round(ow/dar/2)*2)',setsar=1");

    let mut args: Vec<OsString> = ["-v", "error", "-nostdin"].map(OsString::from).into();
    let mut graph = Vec::new();
    for (n, moment) in moments_ms.iter().enumerate() {
        args.extend(INPUT_LIMITS.map(OsString::from));
        // One thread and one picture each: six decoders of a large film must not take the memory of six films.
        args.extend(["-threads", "1", "-an", "-sn", "-dn"].map(OsString::from));
        if !is_short {
            args.extend(["-noaccurate_seek", "-skip_frame", "nokey"].map(OsString::from));
        }
        let seconds = format!("{}.{:03}", moment / 1000, moment % 1000);
        args.extend(["-ss", &seconds, "-i"].map(OsString::from));
        args.push(input(path));
        graph.push(format!(
            "[{n}:{}]trim=end_frame=1,setpts=PTS-STARTPTS,{scale},{tone_map},format=yuvj420p[m{n}]",
            video.index
        ));
    }
    // Unsafe is that a film may change its size on the way; pictures of their own may well. One frame has no length, so each
    // is given a time of its own.
    let n_moments = moments_ms.len();
    let all = (0..n_moments).map(|n| format!("[m{n}]")).collect::<Vec<_>>().concat();
    graph.push(format!("{all}concat=n={n_moments}:unsafe=1,settb=1/10,setpts=N[all]"));
    args.extend(["-filter_complex", &graph.join(";"), "-map", "[all]"].map(OsString::from));
    args.extend(["-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3"].map(OsString::from));
    args.extend(["-f", "image2pipe", "pipe:1"].map(OsString::from));
    Some(args)
}

/// The JPEG pictures in what these arguments write. What is cut off at the end is left out.
pub fn split(stream: &[u8]) -> Vec<&[u8]> {
    let mut pictures = Vec::new();
    let mut rest = stream;
    while let Some(length) = jpeg_length(rest) {
        let (picture, behind) = rest.split_at(length);
        pictures.push(picture);
        rest = behind;
    }
    pictures
}

/// How long the JPEG picture is that `bytes` begin with.
fn jpeg_length(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let marker = match bytes.get(at..at + 2)? {
            [0xff, 0xff] => {
                at += 1;
                continue;
            }
            [0xff, marker] => *marker,
            _ => return None,
        };
        at += 2;
        match marker {
            0xd9 => return Some(at),
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = bytes.get(at..at + 2)?;
        at += usize::from(u16::from_be_bytes([length[0], length[1]]));
        if marker == 0xda {
            // Behind the header of a scan come its pixels, in which 0xff is followed by 0 or is a restart mark.
            let ends = bytes.get(at..)?.windows(2).position(
                |it| matches!(it, [0xff, mark] if *mark != 0 && !(0xd0..=0xd7).contains(mark)),
            );
            at += ends?;
        }
    }
}

#[cfg(test)]
mod tests;
