//! FFprobe as a reader for what we do not read ourselves: its arguments, and its answer. Pure: `tool` runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;

use crate::codec;
use crate::container::Container;
use crate::language::bcp47;
use crate::probe::{Attachment, Chapter, CoverRef, MAX_ENTRIES, MAX_STREAMS, Probe};
use crate::stream::{Codec, Color, Flags, Hdr, Rational, Stream, StreamKind};

/// Options before the input: only local files, and only formats that hold media themselves. Play lists and scripts that
/// name other files (HLS, DASH, concat, image sequences) are not opened, whatever a file is called.
pub(crate) const INPUT_LIMITS: [&str; 4] = [
    "-protocol_whitelist",
    "file",
    "-format_whitelist",
    "matroska,webm,mov,mp4,m4a,3gp,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,flac,mp3,aac,wav,w64,aiff,ape,wv,mpc,mpc8,\
     tta,tak,dsf,iff,au,caf,amr,ac3,eac3,dts,dtshd,truehd,h264,hevc,av1,ivf,m4v,mxf,nut,rm,dv,wtv,vc1,nsv,gxf,lmlm4,\
     bink,smk,oma,xwma,shn,voc,mlp",
];

/// The input argument for a path: `file:` keeps names from being taken for options, protocols or patterns.
pub(crate) fn input(path: &Path) -> OsString {
    let mut input = OsString::from("file:");
    input.push(path);
    input
}

/// Arguments that make FFprobe print one JSON document about a file.
pub fn args(path: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-v", "error"].map(OsString::from).into();
    args.extend(INPUT_LIMITS.map(OsString::from));
    // `-show_data` adds the codec's configuration, from which codec strings are made.
    let wanted = [
        "-print_format",
        "json",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-show_data",
        "-i",
    ];
    args.extend(wanted.map(OsString::from));
    args.push(input(path));
    args
}

/// Why FFprobe's answer could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It is not the JSON that was asked for.
    #[error("ffprobe's answer is not the expected JSON")]
    Json(#[from] serde_json::Error),
    /// It names no stream.
    #[error("ffprobe found no stream")]
    NoStreams,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    streams: Vec<RawStream>,
    #[serde(default)]
    chapters: Vec<RawChapter>,
    #[serde(default)]
    format: RawFormat,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawFormat {
    filename: String,
    format_name: String,
    duration: Option<String>,
    size: Option<String>,
    bit_rate: Option<String>,
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RawStream {
    index: u32,
    codec_name: Option<String>,
    codec_tag_string: Option<String>,
    codec_type: Option<String>,
    profile: Option<String>,
    level: Option<i32>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    pix_fmt: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    field_order: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    color_space: Option<String>,
    color_range: Option<String>,
    channels: Option<u16>,
    channel_layout: Option<String>,
    sample_rate: Option<String>,
    bits_per_sample: Option<u8>,
    bits_per_raw_sample: Option<String>,
    bit_rate: Option<String>,
    nb_frames: Option<String>,
    extradata: Option<String>,
    tags: BTreeMap<String, String>,
    disposition: BTreeMap<String, i32>,
    side_data_list: Vec<RawSideData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawSideData {
    side_data_type: String,
    rotation: Option<f64>,
    dv_profile: Option<u8>,
    dv_level: Option<u8>,
    dv_bl_signal_compatibility_id: Option<u8>,
    el_present_flag: Option<u8>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawChapter {
    start_time: Option<String>,
    end_time: Option<String>,
    tags: BTreeMap<String, String>,
}

/// Reads the document that [`args`] asks for.
pub fn parse(json: &[u8]) -> Result<Probe, ParseError> {
    let mut document: Document = serde_json::from_slice(json)?;
    let mut probe = Probe::new(container(&document));
    let format = std::mem::take(&mut document.format);
    probe.duration_ms = format.duration.as_deref().and_then(ms);
    probe.bitrate_bps = number(format.bit_rate.as_ref());
    for (name, value) in &format.tags {
        // These describe the file and not the work.
        if !matches!(name.as_str(), "major_brand" | "minor_version" | "compatible_brands") {
            probe.tags.add(&name.to_lowercase(), value);
        }
    }
    // Ogg says everything of its streams and nothing of the file.
    if probe.container == Container::Ogg
        && let Some(first) = document.streams.first_mut()
    {
        for (name, value) in std::mem::take(&mut first.tags) {
            probe.tags.add(&name.to_lowercase(), &value);
        }
    }
    for raw in document.streams.into_iter().take(MAX_STREAMS) {
        add_stream(&mut probe, &raw);
    }
    if probe.streams.is_empty() {
        return Err(ParseError::NoStreams);
    }
    probe.chapters.extend(document.chapters.into_iter().take(MAX_ENTRIES).filter_map(|it| {
        Some(Chapter {
            start_ms: ms(it.start_time.as_deref()?)?,
            end_ms: it.end_time.as_deref().and_then(ms),
            title: it.tags.get("title").cloned(),
        })
    }));
    probe.complete(number(format.size.as_ref()).map_or(0, i64::unsigned_abs));
    Ok(probe)
}

fn container(document: &Document) -> Container {
    let format = &document.format;
    let extension = Path::new(&format.filename)
        .extension()
        .and_then(|it| it.to_str())
        .map(str::to_ascii_lowercase);
    let is_video =
        |it: &RawStream| it.codec_type.as_deref() == Some("video") && !is_set(it, "attached_pic");
    match format.format_name.split(',').next().unwrap_or_default() {
        "matroska" if extension.as_deref() == Some("webm") => Container::WebM,
        "mov" => match format.tags.get("major_brand").map(String::as_str) {
            Some("qt  ") | None => Container::Mov,
            Some("M4A " | "M4B ") if !document.streams.iter().any(is_video) => Container::M4a,
            Some(_) => Container::Mp4,
        },
        "mpc8" => Container::Musepack,
        name => Container::from(name),
    }
}

fn is_set(raw: &RawStream, disposition: &str) -> bool {
    raw.disposition.get(disposition).is_some_and(|it| *it != 0)
}

fn add_stream(probe: &mut Probe, raw: &RawStream) {
    let codec = Codec::from(
        raw.codec_name.as_deref().or(raw.codec_tag_string.as_deref()).unwrap_or("unknown"),
    );
    if is_set(raw, "attached_pic") {
        let mime = match codec.as_str() {
            "mjpeg" => "image/jpeg".to_owned(),
            other => format!("image/{other}"),
        };
        if let Some(file_name) = raw.tags.get("filename") {
            let mime = raw.tags.get("mimetype").cloned().unwrap_or_else(|| mime.clone());
            let attachment = Attachment {
                file_name: Some(file_name.clone()),
                mime: Some(mime),
                offset: None,
                size_bytes: None,
            };
            probe.attachments.push(attachment);
        }
        probe.cover.get_or_insert(CoverRef { mime, offset: None, size_bytes: None });
        return;
    }
    let kind = match raw.codec_type.as_deref() {
        Some("video") => StreamKind::Video,
        Some("audio") => StreamKind::Audio,
        Some("subtitle") => StreamKind::Subtitle,
        Some("attachment") => StreamKind::Attachment,
        _ => StreamKind::Data,
    };
    let mut stream = Stream::new(raw.index, kind, codec);
    stream.title = raw.tags.get("title").cloned();
    if kind == StreamKind::Attachment {
        let (file_name, mime) =
            (raw.tags.get("filename").cloned(), raw.tags.get("mimetype").cloned());
        let attachment = Attachment { file_name, mime, offset: None, size_bytes: None };
        (stream.codec, stream.title) = (attachment.codec(), attachment.file_name.clone());
        stream.attachment = Some(attachment.clone());
        probe.attachments.push(attachment);
        probe.streams.push(stream);
        return;
    }
    stream.language = raw.tags.get("language").and_then(|it| bcp47(it));
    stream.flags = Flags {
        default: is_set(raw, "default"),
        forced: is_set(raw, "forced"),
        hearing_impaired: is_set(raw, "hearing_impaired"),
        visual_impaired: is_set(raw, "visual_impaired"),
        commentary: is_set(raw, "comment"),
        original: is_set(raw, "original"),
    };
    let tagged = |name: &str| raw.tags.get(name).and_then(|it| it.parse().ok());
    stream.bitrate = number(raw.bit_rate.as_ref()).or_else(|| tagged("BPS"));
    stream.n_frames = number(raw.nb_frames.as_ref()).or_else(|| tagged("NUMBER_OF_FRAMES"));
    stream.profile = raw.profile.clone().filter(|it| it != "unknown" && it.parse::<i32>().is_err());
    match kind {
        StreamKind::Video => describe_video(&mut stream, raw),
        StreamKind::Audio => describe_audio(&mut stream, raw),
        _ => {}
    }
    if let Some(config) = raw.extradata.as_deref().map(bytes_of_dump) {
        let entry = match (raw.codec_tag_string.as_deref(), &stream.codec) {
            (Some(tag), Codec::ProRes)
            | (Some(tag @ ("avc1" | "avc3" | "hvc1" | "hev1" | "dvh1" | "dvhe")), _) => tag,
            (_, Codec::Hevc) => "hvc1",
            _ => "avc1",
        };
        codec::describe(&mut stream, entry, &config);
    }
    codec::name_simple(&mut stream);
    probe.streams.push(stream);
}

/// How far the average rate of a constant stream may lie beside its nominal one; short files end anywhere.
const RATE_TOLERANCE: f64 = 0.1;

fn describe_video(stream: &mut Stream, raw: &RawStream) {
    // FFprobe fills unknown levels with -99.
    stream.level = raw.level.filter(|it| *it > 0);
    (stream.width, stream.height) =
        (raw.width.filter(|it| *it > 0), raw.height.filter(|it| *it > 0));
    stream.sample_aspect = raw.sample_aspect_ratio.as_deref().and_then(|it| fraction(it, ':'));
    stream.frame_rate = raw.avg_frame_rate.as_deref().and_then(|it| fraction(it, '/'));
    let lowest = raw.r_frame_rate.as_deref().and_then(|it| fraction(it, '/'));
    stream.variable_frame_rate = stream.frame_rate.zip(lowest).map(|(average, lowest)| {
        // The rate that all times fit into; with fields it is twice that of frames.
        let ratio = lowest.as_f64() / average.as_f64();
        (ratio - 1.0).abs() > RATE_TOLERANCE && (ratio - 2.0).abs() > 2.0 * RATE_TOLERANCE
    });
    // Two letters: which field is coded first, which one is shown first.
    (stream.interlaced, stream.top_field_first) = match raw.field_order.as_deref() {
        Some("progressive") => (Some(false), None),
        Some("tt" | "bt") => (Some(true), Some(true)),
        Some("bb" | "tb") => (Some(true), Some(false)),
        _ => (None, None),
    };
    let known = |it: &Option<String>| {
        it.clone().filter(|it| !matches!(it.as_str(), "unknown" | "unspecified"))
    };
    stream.color = Color {
        primaries: known(&raw.color_primaries),
        transfer: known(&raw.color_transfer),
        matrix: known(&raw.color_space),
        range: known(&raw.color_range),
    };
    if let Some(format) = known(&raw.pix_fmt) {
        stream.bit_depth = number(raw.bits_per_raw_sample.as_ref())
            .and_then(|it| u8::try_from(it).ok())
            .or_else(|| {
                let digits =
                    format.trim_end_matches(['l', 'b', 'e']).rsplit_once('p').map_or("", |it| it.1);
                Some(digits.parse().unwrap_or(8))
            });
        // The older name of full range says nothing that the range does not.
        stream.pixel_format = Some(format.replacen("yuvj", "yuv", 1));
    }
    for side in &raw.side_data_list {
        if let (Some(profile), Some(level)) = (side.dv_profile, side.dv_level) {
            let compatibility = side.dv_bl_signal_compatibility_id.unwrap_or(0);
            let has_enhancement_layer = side.el_present_flag == Some(1);
            stream.hdr =
                Some(Hdr::DolbyVision { profile, level, compatibility, has_enhancement_layer });
        } else if side.side_data_type == "Display Matrix" {
            // FFprobe counts against the clock.
            let clockwise = (-side.rotation.unwrap_or(0.0)).rem_euclid(360.0).round() as u16;
            stream.rotation = Some(clockwise).filter(|it| matches!(it, 90 | 180 | 270));
        }
    }
}

fn describe_audio(stream: &mut Stream, raw: &RawStream) {
    stream.channels = raw.channels.filter(|it| *it > 0);
    stream.channel_layout =
        raw.channel_layout.clone().filter(|it| !it.is_empty() && it != "unknown");
    stream.sample_rate = number(raw.sample_rate.as_ref()).and_then(|it| u32::try_from(it).ok());
    let raw_bits = number(raw.bits_per_raw_sample.as_ref()).and_then(|it| u8::try_from(it).ok());
    stream.bit_depth = raw_bits.or(raw.bits_per_sample).filter(|it| *it > 0);
}

fn number(text: Option<&String>) -> Option<i64> {
    text?.parse().ok().filter(|it| *it > 0)
}

fn ms(seconds: &str) -> Option<i64> {
    let seconds: f64 = seconds.parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then(|| (seconds * 1000.0).round() as i64)
}

fn fraction(text: &str, separator: char) -> Option<Rational> {
    let (num, den) = text.split_once(separator)?;
    Rational::new(num.parse().ok()?, den.parse().ok()?)
}

/// The bytes of a dump like `00000000: 0164 0028 ffe1  .d.(..`: an offset, groups of hexadecimal digits, two blanks and
/// the printable characters.
fn bytes_of_dump(dump: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in dump.lines() {
        let Some((_, line)) = line.split_once(": ") else { continue };
        let digits: Vec<u8> = line
            .split("  ")
            .next()
            .unwrap_or_default()
            .chars()
            .filter_map(|it| it.to_digit(16).map(|it| it as u8))
            .collect();
        bytes.extend(digits.chunks_exact(2).map(|it| it[0] << 4 | it[1]));
    }
    bytes
}

#[cfg(test)]
mod tests;
