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
mod tests {
    use super::*;

    const PICTURE: Picture = Picture {
        format: "matroska",
        timescale: 1_000_000,
        span_ns: (9_999_000_000, Some(14_003_166_000)),
        is_interlaced: false,
        rotation: 0,
        size: (1280, 720),
        burnt: None,
        script: None,
        tone_map: None,
        encoder: Encoder::Software(Effort::Veryfast),
        render_node: 128,
        level: 31,
        peak_bps: 4_000_000,
        key_every: 96,
    };

    fn line(args: &[OsString]) -> String {
        args.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn sound_is_made_with_these_words() {
        let call = Sound {
            format: "mov",
            rate: 48_000,
            is_surround: false,
            bps: 192_000,
            first_sample: 475_904,
            n_samples: 200_704,
        };
        let surround = line(&sound(Sound { is_surround: true, bps: 384_000, ..call }));
        assert!(surround.contains("osf=fltp:ochl=5.1,aresample=async=1"), "{surround}");
        assert!(surround.contains("-b:a 384000"), "{surround}");
        assert_eq!(
            line(&sound(call)),
            "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f mov -i pipe:0 -map 0:0 -vn -af \
             asidedata=mode=delete:type=DOWNMIX_INFO,aresample=48000:osf=fltp:ochl=stereo:clev=1.18:slev=0.7:lfe_mix_level=0:rmvol=0.6,\
             aresample=async=1:min_comp=0.000001:first_pts=475904,apad=whole_len=200704,atrim=end_sample=200704 \
             -c:a aac -profile:a aac_low -b:a 192000 -sn -dn -map_metadata -1 -map_chapters -1 \
             -f mp4 -movflags +empty_moov+default_base_moof pipe:1"
        );
    }

    #[test]
    fn pictures_are_made_with_these_words() {
        assert_eq!(
            line(&picture(PICTURE, &[10_999_000_000, 11_999_500_000])),
            "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -map 0:0 -an -vf \
             trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,format=yuv420p \
             -fps_mode passthrough -enc_time_base 1/1000000 -c:v libx264 -preset veryfast -profile:v high -level 3.1 -crf 21 \
             -maxrate 4000000 -bufsize 8000000 -bf 0 -g 96 -x264-params 8x8dct=1 \
             -force_key_frames 10.999000,11.999500 -avoid_negative_ts disabled -flush_packets 1 \
             -sn -dn -map_metadata -1 -map_chapters -1 \
             -f mp4 -movflags +empty_moov+default_base_moof+frag_keyframe+frag_discont pipe:1"
        );
    }

    #[test]
    fn a_graphics_card_is_opened_before_the_input() {
        let call = Picture { tone_map: Some(ToneMap::Libplacebo), ..PICTURE };
        let words = line(&picture(call, &[]));
        let start = "-init_hw_device vulkan=graphics -filter_hw_device graphics -v error";
        assert!(words.starts_with(start), "{words}");
    }

    #[test]
    fn a_script_is_drawn_on_the_picture_as_it_is_shown_at_the_film_s_own_times() {
        let script = Script { bytes: 600_000, shift_us: -9_999_500, size: (1920, 800) };
        let call = Picture { script: Some(script), size: (1280, 532), ..PICTURE };
        let words = line(&picture(call, &[]));
        assert!(
            words.contains(
                " -map 0:0 -an -vf trim=start=9.999000:end=14.003166,scale=1280:532,setsar=1,format=yuv420p,\
                 setpts=PTS+round((-9.999500)/TB),ass=filename=/proc/self/fd/40:original_size=1920x800,\
                 setpts=PTS-round((-9.999500)/TB),format=yuv420p -fps_mode"
            ),
            "{words}"
        );
        let later = Script { shift_us: 3_600_000_500, ..script };
        let words = line(&picture(Picture { script: Some(later), ..call }, &[]));
        assert!(words.contains("setpts=PTS+round((3600.000500)/TB)"), "{words}");
    }

    #[test]
    fn subtitles_are_painted_over_the_picture_as_it_is_shown() {
        let place = Place { canvas: (1920, 1080), size: (1280, 720), at: (0, -94) };
        let call = Picture { burnt: Some(place), size: (1280, 532), ..PICTURE };
        let words = line(&picture(call, &[]));
        assert!(
            words.contains(
                "-canvas_size 1920x1080 -v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -an -filter_complex \
                 [0:0]trim=start=9.999000,scale=1280:532,setsar=1,format=yuv420p[film];\
                 [0:1]scale=1280:720[text];[film][text]overlay=0:-94,trim=end=14.003166,format=yuv420p -fps_mode"
            ),
            "{words}"
        );
    }

    #[test]
    fn every_encoder_of_hardware_has_words_of_its_own() {
        let input = "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -map 0:0 \
                     -an -vf trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,";
        let rates = "-b:v 2000000 -maxrate 4000000 -bufsize 8000000 -bf 0 -g 96 -force_key_frames 10.999000 \
                     -avoid_negative_ts disabled -flush_packets 1";
        let output = "-sn -dn -map_metadata -1 -map_chapters -1 -f mp4";
        let table = [
            (
                Hardware::Nvenc,
                "",
                "format=nv12",
                "h264_nvenc -profile:v high -level 31 -preset p4 -rc vbr -delay 0 -forced-idr 1 -no-scenecut 1",
                "+empty_moov",
            ),
            (
                Hardware::Qsv,
                "-qsv_device /dev/dri/renderD128 ",
                "format=nv12",
                "h264_qsv -profile:v high -level 31 -preset veryfast -async_depth 2 -look_ahead 0 -forced_idr 1",
                "+empty_moov",
            ),
            (
                Hardware::Vaapi,
                "-vaapi_device /dev/dri/renderD128 ",
                "format=nv12,hwupload",
                "h264_vaapi -profile:v high -level 31 -async_depth 2",
                "+empty_moov",
            ),
            (
                Hardware::Amf,
                "",
                "format=nv12",
                "h264_amf -profile:v high -level 31 -usage transcoding -quality balanced -rc vbr_peak -forced_idr 1",
                "+empty_moov",
            ),
            (
                Hardware::V4l2,
                "",
                "format=yuv420p",
                "h264_v4l2m2m -profile:v high -level 31 -num_capture_buffers 16",
                "-use_editlist 0 +delay_moov",
            ),
        ];
        for (hardware, opening, format, words, beginning) in table {
            let (edits, beginning) = match beginning.rsplit_once(' ') {
                Some((edits, beginning)) => (format!(" {edits}"), beginning),
                None => (String::new(), beginning),
            };
            let call = Picture { encoder: Encoder::Hardware(hardware), ..PICTURE };
            assert_eq!(
                line(&picture(call, &[10_999_000_000])),
                format!(
                    "{opening}{input}{format} -fps_mode passthrough -enc_time_base 1/1000000 -c:v {words} {rates}{edits} {output} \
                     -movflags {beginning}+default_base_moof+frag_keyframe+frag_discont pipe:1"
                )
            );
        }
    }

    #[test]
    fn what_a_picture_needs_comes_in_the_order_that_costs_least() {
        let last = (0, None);
        let table = [
            (
                Picture { is_interlaced: true, ..PICTURE },
                "bwdif=mode=send_frame:deint=interlaced,trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,\
                 format=yuv420p"
                    .to_owned(),
            ),
            (
                Picture { span_ns: last, rotation: 90, ..PICTURE },
                "trim=start=0.000000,transpose=clock,scale=1280:720,setsar=1,format=yuv420p".to_owned(),
            ),
            (
                Picture { span_ns: last, tone_map: Some(ToneMap::Zscale), ..PICTURE },
                format!("trim=start=0.000000,scale=1280:720,setsar=1,{TONE_MAP},format=yuv420p"),
            ),
            (
                Picture { span_ns: last, tone_map: Some(ToneMap::Libplacebo), ..PICTURE },
                "trim=start=0.000000,format=yuv420p10le,hwupload,libplacebo=w=1280:h=720:format=yuv420p:\
                 colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv,hwdownload,format=yuv420p,setsar=1,\
                 format=yuv420p"
                    .to_owned(),
            ),
        ];
        for (call, expected) in table {
            assert_eq!(filters(call), expected);
        }
    }
}
