//! FFmpeg's arguments. Numbers and words of ours are all they are made of.

use std::ffi::OsString;
use std::fmt::Write as _;

use serde::{Deserialize, Deserializer, Serialize};

use super::burn::Place;
use super::hardware::{self, Hardware};
use super::rendition::{Effort, Encoder};
use crate::tool::HELD;

/// PQ and HLG made into ordinary colours, after scaling, when the picture is small.
pub(crate) const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
                        zscale=t=bt709:m=bt709:r=tv";
/// The same on a graphics card, and Dolby Vision as well; it scales by itself.
const LIBPLACEBO: &str = "format=yuv420p:colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv,\
                          hwdownload,format=yuv420p";

/// What brings a high range down to that of ordinary screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToneMap {
    /// On the processors.
    Zscale,
    /// On a graphics card.
    Libplacebo,
}

/// Several channels made into two: the centre, where people speak, as loud as it was; the rest below it, so that nothing
/// is cut off at the top; no sub-bass.
const DOWN_MIX: &str = "clev=1.18:slev=0.7:lfe_mix_level=0:rmvol=0.6";
/// Quality that the encoder aims at, as long as the rung's bits suffice.
const CRF: &str = "21";

/// FFmpeg's name of a reader.
pub(super) type Format = &'static str;

/// What feeds are written in.
const FORMATS: [Format; 2] = ["matroska", "mov"];

/// A segment of sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sound {
    /// FFmpeg's name of the reader.
    #[serde(deserialize_with = "known_format")]
    pub format: Format,
    /// Samples a second.
    pub rate: u32,
    /// In 5.1 as far as the source has it, else in stereo.
    pub is_surround: bool,
    /// Bits per second.
    pub bps: i64,
    /// The first sample that is made, counted as the feed's times are.
    pub first_sample: i64,
    /// How many are made.
    pub n_samples: i64,
}

/// A run of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Picture {
    /// FFmpeg's name of the reader.
    #[serde(deserialize_with = "known_format")]
    pub format: Format,
    /// Ticks of a second in which the feed counts.
    pub timescale: u32,
    /// From when to when pictures are kept, as the feed's times are; the last run's to the end.
    pub span_ns: (i64, Option<i64>),
    /// Fields may be woven.
    pub is_interlaced: bool,
    /// By how much players turn it, clockwise.
    pub rotation: u16,
    /// Of the made picture.
    pub size: (u32, u32),
    /// Where subtitles are painted that come beside the pictures.
    pub burnt: Option<Place>,
    /// What is drawn instead, where subtitles are text.
    pub script: Option<Script>,
    /// What brings its range down, where that is high.
    pub tone_map: Option<ToneMap>,
    /// What codes them.
    pub encoder: Encoder,
    /// The number of the device node where the encoder has one of those.
    pub render_node: u16,
    /// As the codec counts.
    pub level: i32,
    /// Bits per second at the most.
    pub peak_bps: u64,
    /// Pictures from key frame to key frame at the most.
    pub key_every: u32,
}

/// A script that is drawn on the picture as it is shown. It lies at the head of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// How many bytes it has.
    pub bytes: u64,
    /// What the time of a picture in the feed lacks of that in the script, in microseconds.
    pub shift_us: i64,
    /// Width and height of the film as it is shown, for which its effects were made.
    pub size: (u32, u32),
}

/// One of the readers that feeds are written for.
fn known_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Format, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = FORMATS.into_iter().find(|it| *it == name);
    known.ok_or_else(|| serde::de::Error::custom("no format of feeds"))
}

pub(super) fn sound(call: Sound) -> Vec<OsString> {
    let Sound { format, rate, is_surround, bps, first_sample, n_samples } = call;
    let mix = if is_surround { "5.1".to_owned() } else { format!("stereo:{DOWN_MIX}") };
    // Newer versions put the film's own levels of mixing before ours, where it has some.
    // Where the feed begins early it is cut, where it begins late silence comes first, and pauses are kept.
    let filter = format!(
        "asidedata=mode=delete:type=DOWNMIX_INFO,aresample={rate}:osf=fltp:ochl={mix},\
         aresample=async=1:min_comp=0.000001:first_pts={first_sample},\
         apad=whole_len={n_samples},atrim=end_sample={n_samples}"
    );
    let mut args = input(format);
    push(
        &mut args,
        &["-map", "0:0", "-vn", "-af", &filter, "-c:a", "aac", "-profile:a", "aac_low"],
    );
    push(&mut args, &["-b:a", &bps.to_string()]);
    output(&mut args, "+empty_moov+default_base_moof");
    args
}

/// `keys_ns` are the moments from which on key frames are asked for beside the first, as the feed's times are.
pub(super) fn picture(call: Picture, keys_ns: &[i64]) -> Vec<OsString> {
    let mut args = match call.encoder {
        Encoder::Hardware(it) => hardware::opening(it, call.render_node),
        Encoder::Software(_) | Encoder::Instead(_) => Vec::new(),
    };
    if call.tone_map == Some(ToneMap::Libplacebo) {
        push(&mut args, &["-init_hw_device", "vulkan=graphics", "-filter_hw_device", "graphics"]);
    }
    if let Some(Place { canvas: (width, height), .. }) = call.burnt {
        push(&mut args, &["-canvas_size", &format!("{width}x{height}")]);
    }
    args.extend(input(call.format));
    let filters = filters(call);
    match call.burnt {
        Some(_) => push(&mut args, &["-an", "-filter_complex", &filters]),
        None => push(&mut args, &["-map", "0:0", "-an", "-vf", &filters]),
    }
    // Moments are counted in the feed's own time, so that no two pictures fall on one.
    push(&mut args, &["-fps_mode", "passthrough"]);
    push(&mut args, &["-enc_time_base", &format!("1/{}", call.timescale), "-c:v"]);
    match call.encoder {
        Encoder::Software(effort) | Encoder::Instead(effort) => software(&mut args, call, effort),
        Encoder::Hardware(it) => {
            args.extend(hardware::words(it, call.peak_bps, call.level).iter().map(OsString::from));
        }
    }
    // In the order of showing.
    push(&mut args, &["-bf", "0", "-g", &call.key_every.to_string()]);
    if !matches!(call.encoder, Encoder::Hardware(_)) {
        // With the finer transform even where the preset would spare it.
        push(&mut args, &["-x264-params", "8x8dct=1"]);
    }
    let keys: Vec<String> = keys_ns.iter().copied().map(seconds).collect();
    if !keys.is_empty() {
        push(&mut args, &["-force_key_frames", &keys.join(",")]);
    }
    // Every fragment at once, with its time as it is.
    push(&mut args, &["-avoid_negative_ts", "disabled", "-flush_packets", "1"]);
    // This one tells what a decoder needs with its first picture only.
    let is_late = call.encoder == Encoder::Hardware(Hardware::V4l2);
    let beginning = if is_late { "+delay_moov" } else { "+empty_moov" };
    if is_late {
        push(&mut args, &["-use_editlist", "0"]);
    }
    output(&mut args, &format!("{beginning}+default_base_moof+frag_keyframe+frag_discont"));
    args
}

fn software(args: &mut Vec<OsString>, call: Picture, effort: Effort) {
    let level = format!("{}.{}", call.level / 10, call.level % 10);
    push(args, &["libx264", "-preset", effort.preset()]);
    push(args, &["-profile:v", "high", "-level", &level, "-crf", CRF]);
    let (peak, buffer) = (call.peak_bps.to_string(), (call.peak_bps * 2).to_string());
    push(args, &["-maxrate", &peak, "-bufsize", &buffer]);
}

fn seconds(ns: i64) -> String {
    format!("{}.{:06}", ns / 1_000_000_000, ns % 1_000_000_000 / 1000)
}

fn signed_seconds(us: i64) -> String {
    let sign = if us < 0 { "-" } else { "" };
    format!("{sign}{}", seconds(us.saturating_abs().saturating_mul(1000)))
}

fn filters(call: Picture) -> String {
    let mut filters = String::new();
    if call.burnt.is_some() {
        filters.push_str("[0:0]");
    }
    if call.is_interlaced {
        filters.push_str("bwdif=mode=send_frame:deint=interlaced,");
    }
    let (from_ns, to_ns) = call.span_ns;
    // Writing to a string cannot fail, here and below.
    let _ = write!(filters, "trim=start={}", seconds(from_ns));
    if let Some(to_ns) = to_ns.filter(|_| call.burnt.is_none()) {
        let _ = write!(filters, ":end={}", seconds(to_ns));
    }
    filters.push_str(match call.rotation {
        90 => ",transpose=clock",
        180 => ",hflip,vflip",
        270 => ",transpose=cclock",
        _ => "",
    });
    let (width, height) = call.size;
    let _ = match call.tone_map {
        None => write!(filters, ",scale={width}:{height},setsar=1"),
        Some(ToneMap::Zscale) => write!(filters, ",scale={width}:{height},setsar=1,{TONE_MAP}"),
        Some(ToneMap::Libplacebo) => write!(
            filters,
            ",format=yuv420p10le,hwupload,libplacebo=w={width}:h={height}:{LIBPLACEBO},setsar=1"
        ),
    };
    if let Some(Place { size: (width, height), at: (left, top), .. }) = call.burnt {
        let _ = write!(
            filters,
            ",format=yuv420p[film];[0:1]scale={width}:{height}[text];[film][text]overlay={left}:{top}"
        );
        // Who paints goes on behind the last picture as long as there may be subtitles.
        if let Some(to_ns) = to_ns {
            let _ = write!(filters, ",trim=end={}", seconds(to_ns));
        }
    }
    if let Some(Script { shift_us, size: (width, height), .. }) = call.script {
        // Times of the film while it is drawn, and then exactly what they were.
        let shift = format!("round(({})/TB)", signed_seconds(shift_us));
        let _ = write!(
            filters,
            ",format=yuv420p,setpts=PTS+{shift},ass=filename=/proc/self/fd/{HELD}:original_size={width}x{height},setpts=PTS-{shift}"
        );
    }
    filters.push_str(match call.encoder {
        Encoder::Hardware(Hardware::Vaapi) => ",format=nv12,hwupload",
        Encoder::Hardware(Hardware::Nvenc | Hardware::Qsv | Hardware::Amf) => ",format=nv12",
        Encoder::Hardware(Hardware::V4l2) | Encoder::Software(_) | Encoder::Instead(_) => {
            ",format=yuv420p"
        }
    });
    filters
}

fn input(format: &str) -> Vec<OsString> {
    let mut args = Vec::new();
    // A broken sample is left out, and is no reason to stop.
    push(&mut args, &["-v", "error", "-nostdin", "-copyts", "-noautorotate"]);
    push(&mut args, &["-max_error_rate", "1"]);
    push(&mut args, &["-protocol_whitelist", "pipe", "-f", format, "-i", "pipe:0"]);
    args
}

fn output(args: &mut Vec<OsString>, movie_flags: &str) {
    push(args, &["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
    push(args, &["-f", "mp4", "-movflags", movie_flags, "pipe:1"]);
}

fn push(args: &mut Vec<OsString>, words: &[&str]) {
    args.extend(words.iter().map(OsString::from));
}

#[cfg(test)]
mod tests;
