//! Audio files: ID3 tags and AIFF by ourselves, the sound of FLAC, MP3, Ogg and the like by `lofty`.

mod aiff;
mod flac;
pub(crate) mod id3;
mod id3_text;

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lofty::config::ParseOptions;
use lofty::error::FileParseError;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::flac::FlacFile;
use lofty::mpeg::{Layer, MpegFile};
use lofty::ogg::tag::VorbisComments;
use lofty::ogg::{OpusFile, VorbisFile};
use lofty::picture::{Picture, PictureType};
use lofty::prelude::ItemKey;
use lofty::tag::Tag;

use crate::ProbeError;
use crate::codec;
use crate::container::Container;
use crate::probe::{Chapter, CoverRef, MAX_ENTRIES, Probe};
use crate::read::{Cursor, ReadAt, Source};
use crate::stream::{Codec, Stream, StreamKind};

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

/// Reads the audio file in `src`, of which `source` is a view.
pub(crate) fn read(
    src: &dyn ReadAt,
    source: &Source<'_>,
    file_type: FileType,
) -> Result<Probe, ProbeError> {
    if file_type == FileType::Aiff {
        return aiff::read(source);
    }
    let mut leading = Probe::new(container_of(file_type));
    let start = read_leading_tags(source, &mut leading)?;
    let behind = Behind { inner: src, start };
    // Foreign code meets hostile bytes here: a panic in it is this file's fault and nobody else's.
    let behind = Source::new(&behind, "audio")?;
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(&behind, file_type)));
    let Parsed { file, codec, chapters } = match parsed {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(error)) => return Err(ProbeError::malformed(innermost(&error), 0)),
        Err(_) => return Err(ProbeError::malformed("audio that no reader understands", 0)),
    };
    let properties = file.properties();
    if properties.is_empty()
        || properties.duration().is_zero() && properties.sample_rate().is_none()
    {
        return Err(ProbeError::malformed("an audio file without sound", 0));
    }
    // Such files have no other tag in front; for the others it only fills gaps.
    let is_id3_first = matches!(file_type, FileType::Mpeg | FileType::Aac);
    let mut probe = Probe::new(container_of(file_type));
    if is_id3_first {
        std::mem::swap(&mut probe, &mut leading);
    }
    probe.duration_ms = i64::try_from(properties.duration().as_millis()).ok();
    probe.streams.push(stream_of(&file, file_type, codec));
    // The first tag is the format's own; older kinds in the same file only fill gaps.
    let primary = file.primary_tag();
    let others =
        file.tags().iter().filter(|it| primary.is_none_or(|tag| tag.tag_type() != it.tag_type()));
    for tag in primary.into_iter().chain(others) {
        read_tag(tag, &mut probe);
    }
    for (name, value) in leading.tags.0 {
        probe.tags.0.entry(name).or_insert(value);
    }
    if file_type == FileType::Flac {
        probe.cover = flac::cover(source, start);
    }
    probe.cover = probe.cover.or(leading.cover);
    if probe.chapters.is_empty() {
        probe.chapters = if chapters.is_empty() { leading.chapters } else { chapters };
    }
    close_chapters(&mut probe);
    Ok(probe)
}

/// A chapter ends where the next one begins, and the last one with the work.
fn close_chapters(probe: &mut Probe) {
    probe.chapters.sort_by_key(|it| it.start_ms);
    let ends: Vec<_> = probe.chapters.iter().skip(1).map(|it| Some(it.start_ms)).collect();
    for (chapter, end) in probe.chapters.iter_mut().zip(ends.into_iter().chain([probe.duration_ms]))
    {
        chapter.end_ms = chapter.end_ms.or(end);
    }
}

fn stream_of(file: &TaggedFile, file_type: FileType, codec: Codec) -> Stream {
    let properties = file.properties();
    let mut stream = Stream::new(0, StreamKind::Audio, codec);
    stream.sample_rate = properties.sample_rate().filter(|it| *it > 0);
    stream.channels = properties.channels().map(u16::from).filter(|it| *it > 0);
    stream.bitrate = properties.audio_bitrate().map(|it| i64::from(it) * 1000).filter(|it| *it > 0);
    let is_lossless = matches!(file_type, FileType::Flac | FileType::Ape | FileType::WavPack);
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
    stream
}

/// A source without its first bytes.
struct Behind<'a> {
    inner: &'a dyn ReadAt,
    start: u64,
}

impl ReadAt for Behind<'_> {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.inner.size_bytes()?.saturating_sub(self.start))
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buf, self.start.saturating_add(offset))
    }
}

/// Reads the ID3 tags that a file begins with and gives where they end, so that the library never sees one: it would
/// follow chapters in chapters until its stack ends.
fn read_leading_tags(src: &Source<'_>, probe: &mut Probe) -> Result<u64, ProbeError> {
    /// More tags in a row than this are an attack.
    const MAX_TAGS: usize = 16;
    /// Zeros between tags and sound.
    const MAX_PADDING: u64 = 64 * 1024;
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        let Some(end) = id3::end(src, at) else { return Ok(at) };
        id3::read(src, at, probe);
        at = end;
        let room = src.size.saturating_sub(at).min(MAX_PADDING);
        let padding = src.bytes(at, room, "an ID3 tag")?;
        let Some(n_zeros) = padding.iter().position(|it| *it != 0) else { break };
        at += n_zeros as u64;
    }
    Err(ProbeError::malformed("an audio file of nothing but tags", 0))
}

/// The library's outer messages only name the format.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What the library found.
struct Parsed {
    file: TaggedFile,
    codec: Codec,
    chapters: Vec<Chapter>,
}

fn parse(src: &Source<'_>, file_type: FileType) -> Result<Parsed, FileParseError> {
    let mut reader = Cursor::new(src);
    // A tag behind junk may be an ID3 tag.
    let mut options = ParseOptions::new().max_junk_bytes(0);
    let mut chapters = Vec::new();
    let (file, codec) = match file_type {
        FileType::Mpeg => {
            // The one other kind of tag in front, which an ID3 tag may follow.
            if src.array(0, "the file").is_ok_and(|head: [u8; 4]| head == *b"APET") {
                options = options.read_tags(false);
            }
            let file = MpegFile::read_from(&mut reader, options)?;
            let codec = match file.properties().layer() {
                Layer::Layer1 => Codec::Other("mp1".to_owned()),
                Layer::Layer2 => Codec::Mp2,
                Layer::Layer3 => Codec::Mp3,
            };
            (file.into(), codec)
        }
        FileType::Opus => {
            let file = OpusFile::read_from(&mut reader, options)?;
            chapters = vorbis_chapters(file.vorbis_comments());
            (file.into(), Codec::Opus)
        }
        FileType::Vorbis => {
            let file = VorbisFile::read_from(&mut reader, options)?;
            chapters = vorbis_chapters(file.vorbis_comments());
            (file.into(), Codec::Vorbis)
        }
        FileType::Flac => {
            let file = FlacFile::read_from(&mut reader, options.read_cover_art(false))?;
            chapters = file.vorbis_comments().map(vorbis_chapters).unwrap_or_default();
            (file.into(), Codec::Flac)
        }
        _ => {
            let probe = lofty::probe::Probe::with_file_type(reader, file_type).options(options);
            (probe.read()?, codec_of(file_type))
        }
    };
    Ok(Parsed { file, codec, chapters })
}

/// `CHAPTER001=00:01:02.345` and `CHAPTER001NAME=...`.
fn vorbis_chapters(comments: &VorbisComments) -> Vec<Chapter> {
    let mut found: BTreeMap<&str, (Option<i64>, Option<&str>)> = BTreeMap::new();
    for (key, value) in comments.items() {
        let Some((prefix, rest)) = key.split_at_checked(7) else { continue };
        let Some((number, kind)) = rest.split_at_checked(3) else { continue };
        if !prefix.eq_ignore_ascii_case("CHAPTER") {
            continue;
        }
        let chapter = found.entry(number).or_default();
        match kind {
            "" => chapter.0 = clock_ms(value),
            _ if kind.eq_ignore_ascii_case("NAME") => chapter.1 = Some(value),
            _ => {}
        }
    }
    let chapters = found.into_values().filter_map(|(start, title)| {
        let title = title.filter(|it| !it.is_empty()).map(str::to_owned);
        Some(Chapter { start_ms: start?, end_ms: None, title })
    });
    chapters.take(MAX_ENTRIES).collect()
}

/// Hours, minutes, seconds and their fraction.
fn clock_ms(text: &str) -> Option<i64> {
    let mut parts = text.trim().split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds: f64 = seconds.parse().ok().filter(|it| (0.0..60.0).contains(it))?;
    let whole = i64::from(hours) * 3_600_000 + i64::from(minutes) * 60_000;
    Some(whole + (seconds * 1000.0).round() as i64)
}

fn codec_of(file_type: FileType) -> Codec {
    match file_type {
        FileType::Aac => Codec::Aac,
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
