//! A stream in a few words for people: `1080p HEVC 10-bit HDR10`, `German AAC 5.1`, `English SubRip, forced`.

use super::store::StreamRow;

/// The words on a stream. What is not known is left out.
pub(super) fn of_stream(stream: &StreamRow) -> String {
    match stream.kind.as_str() {
        "video" => video(stream),
        "audio" => audio(stream),
        _ => subtitle(stream),
    }
}

fn video(stream: &StreamRow) -> String {
    let size = stream.width.zip(stream.height).map(|(width, height)| size_name(width, height));
    let depth = stream.bit_depth.filter(|bits| *bits > 8).map(|bits| format!("{bits}-bit"));
    let hdr = stream.hdr.as_deref().map(hdr_name);
    join([size, Some(codec_name(&stream.codec)), depth, hdr])
}

fn audio(stream: &StreamRow) -> String {
    let language = stream.language.as_deref().and_then(language_name);
    let layout = stream.channel_layout.as_deref().map(layout_name);
    let channels = layout.or_else(|| stream.channels.map(channels_name));
    join([language, Some(codec_name(&stream.codec)), channels])
}

fn subtitle(stream: &StreamRow) -> String {
    let mut words =
        join([stream.language.as_deref().and_then(language_name), Some(codec_name(&stream.codec))]);
    if stream.is_forced {
        words.push_str(", forced");
    }
    if stream.is_hearing_impaired {
        words.push_str(", SDH");
    }
    words
}

fn join<const N: usize>(words: [Option<String>; N]) -> String {
    words.into_iter().flatten().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The name of a picture's size by the smaller class that holds it: films wider than 16:9 have fewer lines than their
/// class, films narrower have fewer columns.
fn size_name(width: i32, height: i32) -> String {
    const CLASSES: [(i32, i32, &str); 7] = [
        (640, 360, "360p"),
        (854, 480, "480p"),
        (1024, 576, "576p"),
        (1280, 720, "720p"),
        (1920, 1080, "1080p"),
        (2560, 1440, "1440p"),
        (4096, 2160, "4K"),
    ];
    let (long, short) = (width.max(height), width.min(height));
    // Smaller than any class: small web videos, old clips.
    if long < 600 && short < 350 {
        return format!("{short}p");
    }
    let class = CLASSES.iter().find(|(columns, lines, _)| long <= *columns && short <= *lines);
    class.map_or_else(|| "8K".to_owned(), |it| it.2.to_owned())
}

fn codec_name(codec: &str) -> String {
    let name = match codec {
        "h264" => "H.264",
        "hevc" => "HEVC",
        "av1" => "AV1",
        "vp8" => "VP8",
        "vp9" => "VP9",
        "mpeg1video" => "MPEG-1",
        "mpeg2video" => "MPEG-2",
        "mpeg4" => "MPEG-4",
        "vc1" => "VC-1",
        "theora" => "Theora",
        "prores" => "ProRes",
        "aac" => "AAC",
        "ac3" => "AC-3",
        "eac3" => "E-AC-3",
        "truehd" => "TrueHD",
        "dts" => "DTS",
        "flac" => "FLAC",
        "alac" => "ALAC",
        "mp3" => "MP3",
        "mp2" => "MP2",
        "opus" => "Opus",
        "vorbis" => "Vorbis",
        "subrip" | "srt" => "SubRip",
        "ass" => "ASS",
        "ssa" => "SSA",
        "webvtt" | "vtt" => "WebVTT",
        "mov_text" => "Timed Text",
        "hdmv_pgs_subtitle" | "pgs" => "PGS",
        "dvd_subtitle" | "vobsub" => "VobSub",
        "dvb_subtitle" => "DVB",
        other if other.starts_with("pcm") => "PCM",
        other => return other.to_uppercase(),
    };
    name.to_owned()
}

fn hdr_name(hdr: &str) -> String {
    match hdr {
        "hdr10" => "HDR10".to_owned(),
        "hdr10_plus" => "HDR10+".to_owned(),
        "hlg" => "HLG".to_owned(),
        "dolby_vision" => "Dolby Vision".to_owned(),
        other => other.to_uppercase(),
    }
}

fn layout_name(layout: &str) -> String {
    // FFmpeg writes where the surround loudspeakers stand: 5.1(side).
    let layout = layout.split('(').next().unwrap_or(layout);
    match layout {
        "mono" => "Mono".to_owned(),
        "stereo" => "Stereo".to_owned(),
        other => other.to_owned(),
    }
}

fn channels_name(channels: i16) -> String {
    match channels {
        1 => "Mono".to_owned(),
        2 => "Stereo".to_owned(),
        6 => "5.1".to_owned(),
        8 => "7.1".to_owned(),
        other => format!("{other} channels"),
    }
}

/// The English name of a language's tag; the tag itself where we have none, nothing where it says "undetermined".
fn language_name(tag: &str) -> Option<String> {
    let language = tag.split('-').next().unwrap_or(tag).to_lowercase();
    let name = match language.as_str() {
        "" | "und" | "zxx" | "mul" => return None,
        "ar" => "Arabic",
        "bg" => "Bulgarian",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "es" => "Spanish",
        "et" => "Estonian",
        "fa" => "Persian",
        "fi" => "Finnish",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "hr" => "Croatian",
        "hu" => "Hungarian",
        "id" => "Indonesian",
        "is" => "Icelandic",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "lt" => "Lithuanian",
        "lv" => "Latvian",
        "ms" => "Malay",
        "nb" | "nn" | "no" => "Norwegian",
        "nl" => "Dutch",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "sk" => "Slovak",
        "sl" => "Slovenian",
        "sr" => "Serbian",
        "sv" => "Swedish",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        _ => return Some(tag.to_owned()),
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use kernel::id::FileId;
    use uuid::Uuid;

    use super::*;

    fn stream(kind: &str, codec: &str) -> StreamRow {
        StreamRow {
            file_id: FileId(Uuid::nil()),
            index: 0,
            kind: kind.to_owned(),
            codec: codec.to_owned(),
            codec_string: None,
            profile: None,
            width: None,
            height: None,
            frame_rate: None,
            bit_depth: None,
            hdr: None,
            channels: None,
            channel_layout: None,
            sample_rate: None,
            language: None,
            title: None,
            is_default: false,
            is_forced: false,
            is_hearing_impaired: false,
            loudness_lufs: None,
            loudness_range_lu: None,
            true_peak_db: None,
        }
    }

    #[test]
    fn video_is_told_by_size_codec_depth_and_range() {
        let check = |size: Option<(i32, i32)>,
                     codec: &str,
                     bits: Option<i16>,
                     hdr: Option<&str>,
                     expect: &str| {
            let row = StreamRow {
                width: size.map(|it| it.0),
                height: size.map(|it| it.1),
                bit_depth: bits,
                hdr: hdr.map(str::to_owned),
                ..stream("video", codec)
            };
            assert_eq!(of_stream(&row), expect);
        };
        check(Some((1920, 1080)), "hevc", Some(10), Some("hdr10"), "1080p HEVC 10-bit HDR10");
        check(Some((1920, 800)), "h264", Some(8), None, "1080p H.264");
        check(Some((640, 272)), "h264", Some(8), None, "360p H.264");
        check(Some((320, 240)), "h264", Some(8), None, "240p H.264");
        check(Some((1440, 1080)), "h264", None, None, "1080p H.264");
        check(Some((720, 576)), "mpeg2video", None, None, "576p MPEG-2");
        check(Some((1080, 1920)), "h264", None, None, "1080p H.264");
        check(
            Some((3840, 1600)),
            "hevc",
            Some(10),
            Some("dolby_vision"),
            "4K HEVC 10-bit Dolby Vision",
        );
        check(Some((7680, 4320)), "av1", None, None, "8K AV1");
        check(None, "rv40", None, None, "RV40");
    }

    #[test]
    fn audio_is_told_by_language_codec_and_loudspeakers() {
        let check = |language: Option<&str>,
                     codec: &str,
                     layout: Option<&str>,
                     channels: Option<i16>,
                     expect: &str| {
            let row = StreamRow {
                language: language.map(str::to_owned),
                channel_layout: layout.map(str::to_owned),
                channels,
                ..stream("audio", codec)
            };
            assert_eq!(of_stream(&row), expect);
        };
        check(Some("de"), "aac", Some("5.1"), Some(6), "German AAC 5.1");
        check(Some("pt-BR"), "eac3", Some("5.1(side)"), Some(6), "Portuguese E-AC-3 5.1");
        check(Some("und"), "opus", None, Some(2), "Opus Stereo");
        check(None, "pcm_s16le", Some("mono"), Some(1), "PCM Mono");
        check(Some("tlh"), "mp3", None, Some(3), "tlh MP3 3 channels");
    }

    #[test]
    fn subtitles_are_told_by_language_codec_and_purpose() {
        let check = |language: Option<&str>, codec: &str, forced, impaired, expect: &str| {
            let row = StreamRow {
                language: language.map(str::to_owned),
                is_forced: forced,
                is_hearing_impaired: impaired,
                ..stream("subtitle", codec)
            };
            assert_eq!(of_stream(&row), expect);
        };
        check(Some("en"), "subrip", false, false, "English SubRip");
        check(Some("de"), "hdmv_pgs_subtitle", true, false, "German PGS, forced");
        check(None, "ass", false, true, "ASS, SDH");
    }
}
