//! FFmpeg's arguments for one picture that stands for a film. Pure: `tool` runs them.

use std::ffi::OsString;
use std::path::Path;

use crate::ffprobe::{INPUT_LIMITS, input};
use crate::stream::Hdr;
use crate::{Probe, StreamKind};

/// Frames among which the `thumbnail` filter chooses the most typical, so that a fade or a black frame is not taken.
const N_CANDIDATES: u32 = 48;
/// The longest way into a work: beyond it nothing is more typical, and remote files are slow to seek.
const MAX_SEEK_MS: i64 = 10 * 60 * 1000;
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

/// Arguments that write one JPEG to standard output: a frame from a tenth into the work. `None` when the file has no
/// moving picture.
pub fn args(path: &Path, probe: &Probe, poster: Poster) -> Option<Vec<OsString>> {
    let video = probe.of_kind(StreamKind::Video).next()?;
    let seek_ms = probe.duration_ms.map_or(0, |it| (it / 10).clamp(0, MAX_SEEK_MS));
    let mut filters = vec![
        format!("thumbnail=n={N_CANDIDATES}"),
        // Pixels that are not square are made so, with an even height.
        format!(
            "scale=w='trunc(min({},iw*sar)/2)*2':h='max(2,round(ow/dar/2)*2)'",
            poster.max_width.max(16)
        ),
        "setsar=1".to_owned(),
    ];
    // Profile 5 has no base that this filter could understand.
    let is_plain_hdr = match video.hdr {
        Some(Hdr::Hdr10 | Hdr::Hdr10Plus | Hdr::Hlg) => true,
        Some(Hdr::DolbyVision { compatibility, .. }) => matches!(compatibility, 1 | 4 | 6),
        None => false,
    };
    if is_plain_hdr && poster.has_zscale {
        filters.push(TONE_MAP.to_owned());
    }
    filters.push("format=yuvj420p".to_owned());

    let mut args: Vec<OsString> = ["-v", "error", "-nostdin"].map(OsString::from).into();
    args.extend(INPUT_LIMITS.map(OsString::from));
    let seconds = format!("{}.{:03}", seek_ms / 1000, seek_ms % 1000);
    args.extend(["-ss", &seconds, "-i"].map(OsString::from));
    args.push(input(path));
    args.extend(["-map", &format!("0:{}", video.index), "-an", "-sn", "-dn"].map(OsString::from));
    args.extend(["-frames:v", "1", "-vf", &filters.join(",")].map(OsString::from));
    args.extend(["-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe", "pipe:1"].map(OsString::from));
    Some(args)
}
