//! What Jellyfin calls things, which is what FFmpeg and file names call them, and sometimes neither.

use super::read::Names;
use crate::container::Container;
use crate::stream::Codec;

/// Subtitles of text.
pub(super) const TEXTS: &[&str] = &["vtt", "webvtt", "srt", "subrip", "mov_text"];
/// Subtitles with styles.
pub(super) const SCRIPTS: &[&str] = &["ass", "ssa"];
/// Subtitles of pictures.
pub(super) const DRAWN: &[&str] =
    &["pgs", "pgssub", "hdmv_pgs_subtitle", "dvdsub", "dvd_subtitle", "vobsub", "idx", "sub"];

/// Files of films.
const FILES: [Container; 10] = [
    Container::Matroska,
    Container::WebM,
    Container::Mp4,
    Container::Mov,
    Container::MpegTs,
    Container::MpegPs,
    Container::Avi,
    Container::Asf,
    Container::Flv,
    Container::Ogg,
];

/// Files of sound.
const SOUND_FILES: [Container; 8] = [
    Container::M4a,
    Container::Flac,
    Container::Mp3,
    Container::Aac,
    Container::Wav,
    Container::Aiff,
    Container::Ape,
    Container::WavPack,
];

const PICTURES: [Codec; 12] = [
    Codec::H264,
    Codec::Hevc,
    Codec::Av1,
    Codec::Vp9,
    Codec::Vp8,
    Codec::Mpeg4,
    Codec::Mpeg2Video,
    Codec::Mpeg1Video,
    Codec::Vc1,
    Codec::Theora,
    Codec::ProRes,
    Codec::Mjpeg,
];

const PCM: [Codec; 7] = [
    Codec::PcmU8,
    Codec::PcmS16le,
    Codec::PcmS24le,
    Codec::PcmS32le,
    Codec::PcmF32le,
    Codec::PcmS16be,
    Codec::PcmS24be,
];

const SOUNDS: [Codec; 11] = [
    Codec::Aac,
    Codec::Ac3,
    Codec::Eac3,
    Codec::Dts,
    Codec::TrueHd,
    Codec::Opus,
    Codec::Vorbis,
    Codec::Flac,
    Codec::Alac,
    Codec::Mp3,
    Codec::Mp2,
];

/// Whether a name is no file's, but that of a playlist.
pub(super) fn is_hls(name: &str) -> bool {
    matches!(name, "hls" | "m3u8" | "applehttp")
}

/// Whether a file of this kind has no pictures.
pub(super) fn holds_sound_only(container: &Container) -> bool {
    SOUND_FILES.contains(container) || *container == Container::Ogg
}

/// The files that are meant.
pub(super) fn containers(names: &Names) -> Vec<Container> {
    let of_names = || names.names().iter().filter(|it| !is_hls(it)).map(|it| container(it));
    if names.is_all() {
        return FILES.into_iter().chain(SOUND_FILES).collect();
    }
    if names.is_except() {
        let without: Vec<Container> = of_names().collect();
        let all = FILES.into_iter().chain(SOUND_FILES);
        return all.filter(|it| !without.contains(it)).collect();
    }
    of_names().collect()
}

fn container(name: &str) -> Container {
    match name {
        "mkv" | "mka" => Container::Matroska,
        "m4v" | "3gp" | "3g2" | "mj2" => Container::Mp4,
        "m4b" => Container::M4a,
        "ts" | "m2ts" | "mts" => Container::MpegTs,
        "mpg" | "vob" | "mpegps" => Container::MpegPs,
        "wmv" | "wma" => Container::Asf,
        "ogv" | "oga" => Container::Ogg,
        "divx" => Container::Avi,
        other => Container::from(other),
    }
}

/// The codecs of pictures that are meant.
pub(super) fn pictures(names: &Names) -> Vec<Codec> {
    codecs(names, PICTURES.to_vec())
}

/// The codecs of sound that are meant.
pub(super) fn sounds(names: &Names) -> Vec<Codec> {
    codecs(names, SOUNDS.into_iter().chain(PCM).collect())
}

fn codecs(names: &Names, mut all: Vec<Codec>) -> Vec<Codec> {
    if names.is_all() {
        return all;
    }
    let named: Vec<Codec> = names.names().iter().flat_map(|it| codec(it)).collect();
    if names.is_except() {
        all.retain(|it| !named.contains(it));
        return all;
    }
    named
}

/// Whether a codec is meant.
pub(super) fn means(names: &Names, it: &Codec) -> bool {
    let is_named = || names.names().iter().any(|name| codec(name).contains(it));
    names.is_all() || is_named() != names.is_except()
}

fn codec(name: &str) -> Vec<Codec> {
    match name {
        "h265" => vec![Codec::Hevc],
        "avc" => vec![Codec::H264],
        "mpeg2" => vec![Codec::Mpeg2Video],
        "mpeg1" => vec![Codec::Mpeg1Video],
        "divx" | "xvid" => vec![Codec::Mpeg4],
        "dca" => vec![Codec::Dts],
        "pcm" | "wav" | "lpcm" => PCM.to_vec(),
        other => vec![Codec::from(other)],
    }
}

/// The profiles of a codec by FFmpeg's names, those first that have colours at a quarter of the fineness, and how many these
/// are; none where we do not know them.
pub(super) fn profiles(codec: &Codec) -> (&'static [&'static str], usize) {
    match codec {
        Codec::H264 => (
            &[
                "Constrained Baseline",
                "Baseline",
                "Extended",
                "Main",
                "High",
                "High 10",
                "High 4:2:2",
                "High 4:4:4 Predictive",
            ],
            6,
        ),
        Codec::Hevc => (&["Main", "Main 10", "Main Still Picture", "Rext"], 3),
        Codec::Vp9 => (&["Profile 0", "Profile 2", "Profile 1", "Profile 3"], 2),
        Codec::Av1 => (&["Main", "High", "Professional"], 1),
        Codec::Mpeg2Video => (&["Simple", "Main", "4:2:2"], 2),
        Codec::Mpeg4 => (&["Simple Profile", "Advanced Simple Profile"], 2),
        Codec::Vc1 => (&["Simple", "Main", "Advanced"], 3),
        _ => (&[], 0),
    }
}
