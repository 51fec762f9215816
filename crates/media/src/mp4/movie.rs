//! The movie box: its header, its tracks, and what it says of the work.

use super::boxes::{BoxAt, u32_at, u64_at};
use super::runs::Defaults;
use super::track::{self, Track};
use super::{chapters, metadata};
use crate::ProbeError;
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::stream::{Codec, StreamKind};

/// What later steps need of the movie.
pub(super) struct Movie {
    pub tracks: Vec<Track>,
    pub timescale: u64,
    pub is_fragmented: bool,
    /// Whether the header states the duration of all fragments.
    pub has_duration: bool,
}

pub(super) fn read(src: &Source<'_>, moov: BoxAt, probe: &mut Probe) -> Result<Movie, ProbeError> {
    let parts = moov.children(src);
    let part = |kind: &[u8; 4]| parts.iter().copied().find(|it| it.kind == *kind);
    if part(b"cmov").is_some() {
        return Err(ProbeError::Unsupported("QuickTime with a compressed index".to_owned()));
    }
    let Some(header) = part(b"mvhd") else {
        return Err(ProbeError::malformed("an index without a movie header (mvhd)", moov.start));
    };
    let (timescale, mut duration) =
        times(&header.head(src, 32, "the movie header")?).unwrap_or((0, 0));
    let extends = part(b"mvex");
    if let Some(mehd) = extends.and_then(|it| it.child(src, *b"mehd")) {
        let body = mehd.head(src, 12, "the fragments' duration")?;
        let stated = if body.first() == Some(&1) {
            u64_at(&body, 4)
        } else {
            u32_at(&body, 4).map(Into::into)
        };
        duration = stated.unwrap_or(duration);
    }
    probe.duration_ms = ms(duration, timescale);

    let mut tracks = Vec::new();
    for trak in parts.iter().filter(|it| it.kind == *b"trak") {
        if probe.streams.len() >= MAX_STREAMS {
            probe.warn("more tracks than a file can sensibly have");
            break;
        }
        match track::read(src, *trak, probe.streams.len() as u32) {
            Ok((track, stream)) => {
                probe.streams.push(stream);
                tracks.push(track);
            }
            Err(error) => probe.warn(format!("a track cannot be read: {error}")),
        }
    }
    if tracks.is_empty() {
        return Err(ProbeError::malformed("an index without tracks", moov.start));
    }
    for trex in extends.into_iter().flat_map(|it| it.children(src)) {
        if trex.kind == *b"trex"
            && let Some((id, defaults)) =
                trex.head(src, 24, "a fragment's defaults").ok().and_then(|it| Defaults::read(&it))
            && let Some(track) = tracks.iter_mut().find(|it| it.id == id)
        {
            track.defaults = defaults;
        }
    }
    let video = tracks.iter().zip(&probe.streams).find(|(_, it)| it.kind == StreamKind::Video);
    // Without a table of sync samples every sample is one, which is true of sound and of intra-only video.
    probe.has_keyframe_index = video.map_or_else(|| &tracks[0], |it| it.0).n_samples > 0;

    for udta in parts.iter().filter(|it| matches!(&it.kind, b"udta" | b"meta")) {
        metadata::read(src, *udta, probe);
    }
    set_chapters(src, &tracks, probe);
    let is_fragmented = extends.is_some();
    Ok(Movie { tracks, timescale, is_fragmented, has_duration: duration > 0 })
}

/// Chapter tracks are not streams to play. They know where a chapter ends, which the short list (`chpl`) does not.
fn set_chapters(src: &Source<'_>, tracks: &[Track], probe: &mut Probe) {
    let referred: Vec<u32> =
        tracks.iter().flat_map(|it| it.chapter_tracks.iter().copied()).collect();
    for (track, stream) in
        tracks.iter().zip(&mut probe.streams).filter(|it| referred.contains(&it.0.id))
    {
        if stream.kind == StreamKind::Subtitle {
            match chapters::read_track(src, track) {
                Ok(chapters) if chapters.is_empty() => {}
                Ok(chapters) => probe.chapters = chapters,
                Err(error) => probe.warnings.push(format!("chapters cannot be read: {error}")),
            }
        }
        stream.kind = StreamKind::Data;
        stream.codec = Codec::Other("bin_data".to_owned());
        stream.codec_string = None;
    }
    // The last chapter ends with the work.
    let ends: Vec<_> = probe.chapters.iter().skip(1).map(|it| Some(it.start_ms)).collect();
    for (chapter, end) in probe.chapters.iter_mut().zip(ends.into_iter().chain([probe.duration_ms]))
    {
        chapter.end_ms = chapter.end_ms.or(end);
    }
}

/// Timescale and duration of `mvhd` and `mdhd`, whose heads are alike.
pub(super) fn times(body: &[u8]) -> Option<(u64, u64)> {
    let (timescale, duration) = if *body.first()? == 1 {
        (u32_at(body, 20)?, u64_at(body, 24)?)
    } else {
        (u32_at(body, 12)?, u32_at(body, 16)?.into())
    };
    // All ones mean that nobody knows.
    let is_unknown = duration == u64::MAX || duration == u64::from(u32::MAX);
    Some((timescale.into(), if is_unknown { 0 } else { duration }))
}

/// Milliseconds of a duration in units of a timescale.
pub(super) fn ms(duration: u64, timescale: u64) -> Option<i64> {
    if timescale == 0 || duration == 0 {
        return None;
    }
    let ms = (u128::from(duration) * 1000 + u128::from(timescale / 2)) / u128::from(timescale);
    i64::try_from(ms).ok()
}
