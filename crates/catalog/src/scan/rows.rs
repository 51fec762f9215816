//! What a prober found, as rows.

use kernel::id::FileId;
use media::{Hdr, Probe, Stream, StreamKind};

use super::read::Reading;
use super::store::files::ContentRow;
use super::store::streams::{ChapterRow, StreamRow};
use crate::describe::rows::{clean, json};

/// The row of what was read of a file.
pub fn content(reading: &Reading) -> ContentRow {
    let probe = reading.probe.as_ref();
    ContentRow {
        fingerprint: reading.fingerprint,
        container: probe.map(|it| clean(it.container.as_str())),
        mime: probe.map(Probe::codecs_mime),
        duration_ms: probe.and_then(|it| it.duration_ms),
        bitrate_bps: probe.and_then(|it| it.bitrate_bps),
        tags: probe.map_or_else(|| "{}".to_owned(), tags),
        problem: reading.problem.as_deref().map(clean),
    }
}

fn tags(probe: &Probe) -> String {
    let tags = probe.tags.0.iter().map(|(name, value)| (clean(name), clean(value)));
    tags.collect::<serde_json::Value>().to_string()
}

/// The rows of a file's streams.
pub fn streams(file_id: FileId, probe: &Probe) -> impl Iterator<Item = StreamRow> {
    probe.streams.iter().map(move |it| stream(file_id, it))
}

fn stream(file_id: FileId, stream: &Stream) -> StreamRow {
    let Stream { index, kind, codec, codec_string, profile, level, width, height, .. } = stream;
    let Stream { bit_depth, pixel_format, channels, channel_layout, sample_rate, language, .. } =
        stream;
    let frame_rate =
        stream.frame_rate.filter(|it| it.den > 0).map(|it| it.num as f32 / it.den as f32);
    StreamRow {
        file_id,
        index: i16::try_from(*index).unwrap_or(i16::MAX),
        kind: match kind {
            StreamKind::Video => "video",
            StreamKind::Audio => "audio",
            StreamKind::Subtitle => "subtitle",
            StreamKind::Attachment => "attachment",
            StreamKind::Data => "data",
        },
        codec: clean(codec.as_str()),
        codec_string: codec_string.as_deref().map(clean),
        profile: profile.as_deref().map(clean),
        level: level.map(|it| it.to_string()),
        width: width.and_then(|it| i32::try_from(it).ok()),
        height: height.and_then(|it| i32::try_from(it).ok()),
        frame_rate,
        bit_depth: bit_depth.map(i16::from),
        pixel_format: pixel_format.as_deref().map(clean),
        hdr: stream.hdr.map(|it| match it {
            Hdr::Hdr10 => "hdr10",
            Hdr::Hdr10Plus => "hdr10_plus",
            Hdr::Hlg => "hlg",
            Hdr::DolbyVision { .. } => "dolby_vision",
        }),
        is_interlaced: stream.interlaced.unwrap_or(false),
        rotation: stream.rotation.and_then(|it| i16::try_from(it).ok()).unwrap_or(0),
        channels: channels.and_then(|it| i16::try_from(it).ok()),
        channel_layout: channel_layout.as_deref().map(clean),
        sample_rate: sample_rate.and_then(|it| i32::try_from(it).ok()),
        bitrate_bps: stream.bitrate,
        language: language.as_deref().map(clean),
        title: stream.title.as_deref().map(clean),
        is_default: stream.flags.default,
        is_forced: stream.flags.forced,
        is_hearing_impaired: stream.flags.hearing_impaired,
        is_commentary: stream.flags.commentary,
        is_original: stream.flags.original,
        detail: json(stream),
    }
}

/// The rows of a file's chapters.
pub fn chapters(file_id: FileId, probe: &Probe) -> impl Iterator<Item = ChapterRow> {
    probe.chapters.iter().zip(0_i16..).map(move |(it, number)| ChapterRow {
        file_id,
        number,
        start_ms: it.start_ms,
        title: it.title.as_deref().map(clean),
    })
}
