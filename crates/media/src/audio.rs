//! Audio files, read by `lofty`: FLAC, MP3, Ogg, WAV and the like.

use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lofty::config::ParseOptions;
use lofty::error::FileParseError;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::iff::wav::{WavFile, WavFormat};
use lofty::mpeg::{Layer, MpegFile};
use lofty::picture::{Picture, PictureType};
use lofty::prelude::ItemKey;
use lofty::tag::Tag;

use crate::ProbeError;
use crate::codec;
use crate::container::Container;
use crate::probe::{CoverRef, Probe};
use crate::read::{Cursor, ReadAt};
use crate::stream::{Codec, Flags, Stream, StreamKind};

/// Names of ours for the keys of the library.
const TAGS: [(ItemKey, &str); 30] = [
    (ItemKey::TrackTitle, "title"),
    (ItemKey::TrackArtist, "artist"),
    (ItemKey::AlbumArtist, "album_artist"),
    (ItemKey::AlbumTitle, "album"),
    (ItemKey::RecordingDate, "date"),
    (ItemKey::Year, "date"),
    (ItemKey::OriginalReleaseDate, "original_date"),
    (ItemKey::ReleaseDate, "release_date"),
    (ItemKey::Comment, "comment"),
    (ItemKey::Description, "description"),
    (ItemKey::Genre, "genre"),
    (ItemKey::Composer, "composer"),
    (ItemKey::Publisher, "publisher"),
    (ItemKey::Language, "language"),
    (ItemKey::UnsyncLyrics, "lyrics"),
    (ItemKey::Isrc, "isrc"),
    (ItemKey::FlagCompilation, "compilation"),
    (ItemKey::EncoderSoftware, "encoder"),
    (ItemKey::TrackTitleSortOrder, "sort_name"),
    (ItemKey::TrackArtistSortOrder, "sort_artist"),
    (ItemKey::AlbumTitleSortOrder, "sort_album"),
    (ItemKey::AlbumArtistSortOrder, "sort_album_artist"),
    (ItemKey::ReplayGainTrackGain, "replaygain_track_gain"),
    (ItemKey::ReplayGainAlbumGain, "replaygain_album_gain"),
    (ItemKey::MusicBrainzRecordingId, "musicbrainz_trackid"),
    (ItemKey::MusicBrainzTrackId, "musicbrainz_releasetrackid"),
    (ItemKey::MusicBrainzReleaseId, "musicbrainz_albumid"),
    (ItemKey::MusicBrainzReleaseGroupId, "musicbrainz_releasegroupid"),
    (ItemKey::MusicBrainzArtistId, "musicbrainz_artistid"),
    (ItemKey::MusicBrainzReleaseArtistId, "musicbrainz_albumartistid"),
];

pub(crate) fn read(src: &dyn ReadAt, file_type: FileType) -> Result<Probe, ProbeError> {
    // Foreign code meets hostile bytes here: a panic in it is this file's fault and nobody else's.
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(src, file_type)));
    let (file, codec) = match parsed {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(error)) => return Err(ProbeError::malformed(innermost(&error), 0)),
        Err(_) => return Err(ProbeError::malformed("audio that no reader understands", 0)),
    };
    let mut probe = Probe::new(container_of(file_type));
    let properties = file.properties();
    if properties.is_empty()
        || properties.duration().is_zero() && properties.sample_rate().is_none()
    {
        return Err(ProbeError::malformed("an audio file without sound", 0));
    }
    probe.duration_ms = i64::try_from(properties.duration().as_millis()).ok();
    let mut stream = Stream::new(0, StreamKind::Audio, codec);
    stream.flags = Flags { default: false, ..Flags::default() };
    stream.sample_rate = properties.sample_rate().filter(|it| *it > 0);
    stream.channels = properties.channels().map(u16::from).filter(|it| *it > 0);
    stream.bitrate = properties.audio_bitrate().map(|it| i64::from(it) * 1000).filter(|it| *it > 0);
    let is_lossless = stream.codec.is_pcm()
        || matches!(file_type, FileType::Flac | FileType::Ape | FileType::WavPack);
    stream.bit_depth = properties.bit_depth().filter(|_| is_lossless);
    if stream.codec == Codec::Opus {
        // Opus decodes to this rate whatever went in.
        stream.sample_rate = Some(48_000);
    }
    if stream.codec == Codec::Aac {
        // The frames of a bare AAC file have no way to announce more than this.
        stream.profile = Some("LC".to_owned());
    }
    codec::name_simple(&mut stream);
    probe.streams.push(stream);
    // The first tag is the format's own; older kinds in the same file only fill gaps.
    let primary = file.primary_tag();
    let others =
        file.tags().iter().filter(|it| primary.is_none_or(|tag| tag.tag_type() != it.tag_type()));
    for tag in primary.into_iter().chain(others) {
        read_tag(tag, &mut probe);
    }
    Ok(probe)
}

/// The library's outer messages only name the format.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn parse(src: &dyn ReadAt, file_type: FileType) -> Result<(TaggedFile, Codec), FileParseError> {
    let mut reader = BufReader::with_capacity(32 * 1024, Cursor::new(src)?);
    let options = ParseOptions::new();
    Ok(match file_type {
        FileType::Mpeg => {
            let file = MpegFile::read_from(&mut reader, options)?;
            let codec = match file.properties().layer() {
                Layer::Layer1 => Codec::Other("mp1".to_owned()),
                Layer::Layer2 => Codec::Mp2,
                Layer::Layer3 => Codec::Mp3,
            };
            (file.into(), codec)
        }
        FileType::Wav => {
            let file = WavFile::read_from(&mut reader, options)?;
            let properties = file.properties();
            let codec = match (properties.format(), properties.bit_depth()) {
                (WavFormat::PCM, 8) => Codec::PcmU8,
                (WavFormat::PCM, 24) => Codec::PcmS24le,
                (WavFormat::PCM, 32) => Codec::PcmS32le,
                (WavFormat::PCM, _) => Codec::PcmS16le,
                (WavFormat::IEEE_FLOAT, 64) => Codec::Other("pcm_f64le".to_owned()),
                (WavFormat::IEEE_FLOAT, _) => Codec::PcmF32le,
                (WavFormat::Other(0x55), _) => Codec::Mp3,
                (WavFormat::Other(format), _) => Codec::Other(format!("wave_{format:#06x}")),
            };
            (file.into(), codec)
        }
        _ => {
            let probe = lofty::probe::Probe::with_file_type(reader, file_type).options(options);
            let file = probe.read()?;
            let bit_depth = file.properties().bit_depth();
            (file, codec_of(file_type, bit_depth))
        }
    })
}

fn codec_of(file_type: FileType, bit_depth: Option<u8>) -> Codec {
    match file_type {
        FileType::Flac => Codec::Flac,
        FileType::Opus => Codec::Opus,
        FileType::Vorbis => Codec::Vorbis,
        FileType::Aac => Codec::Aac,
        FileType::Aiff if bit_depth == Some(24) => Codec::PcmS24be,
        FileType::Aiff => Codec::PcmS16be,
        FileType::Speex => Codec::Other("speex".to_owned()),
        FileType::Ape => Codec::Other("ape".to_owned()),
        FileType::WavPack => Codec::Other("wavpack".to_owned()),
        FileType::Mpc => Codec::Other("musepack8".to_owned()),
        _ => Codec::Other("unknown".to_owned()),
    }
}

fn container_of(file_type: FileType) -> Container {
    match file_type {
        FileType::Flac => Container::Flac,
        FileType::Mpeg => Container::Mp3,
        FileType::Opus | FileType::Vorbis | FileType::Speex => Container::Ogg,
        FileType::Wav => Container::Wav,
        FileType::Aiff => Container::Aiff,
        FileType::Aac => Container::Aac,
        FileType::Ape => Container::Ape,
        FileType::WavPack => Container::WavPack,
        FileType::Mpc => Container::Musepack,
        _ => Container::Other("audio".to_owned()),
    }
}

fn read_tag(tag: &Tag, probe: &mut Probe) {
    let known: Vec<String> = probe.tags.0.keys().cloned().collect();
    for (key, name) in TAGS.into_iter().filter(|it| !known.iter().any(|known| known == it.1)) {
        // `Year` and `RecordingDate` share a name; two dates are no date.
        if name == "date" && probe.tags.date().is_some() {
            continue;
        }
        for value in tag.get_strings(key) {
            probe.tags.add(name, value);
        }
    }
    for (number, total, name) in [
        (ItemKey::TrackNumber, ItemKey::TrackTotal, "track"),
        (ItemKey::DiscNumber, ItemKey::DiscTotal, "disc"),
    ] {
        if let Some(number) = tag.get_string(number)
            && probe.tags.get(name).is_none()
        {
            let total = tag.get_string(total).map(|it| format!("/{it}")).unwrap_or_default();
            probe.tags.add(name, &format!("{number}{total}"));
        }
    }
    if probe.cover.is_none() {
        let front =
            tag.get_picture_type(PictureType::CoverFront).or_else(|| tag.pictures().first());
        probe.cover = front.map(cover);
    }
}

fn cover(picture: &Picture) -> CoverRef {
    let mime = match picture.data() {
        [0x89, b'P', b'N', b'G', ..] => "image/png".to_owned(),
        [0xff, 0xd8, 0xff, ..] => "image/jpeg".to_owned(),
        _ => picture
            .mime_type()
            .map_or_else(|| "application/octet-stream".to_owned(), ToString::to_string),
    };
    CoverRef { mime, offset: None, size_bytes: Some(picture.data().len() as u64) }
}
