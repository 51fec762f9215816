//! One track: header, language, kind, sample description and the sizes of its sample tables.

use super::boxes::{BoxAt, u16_at, u32_at};
use super::movie::times;
use super::runs::Defaults;
use super::{sample_entry, samples};
use crate::ProbeError;
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::language::bcp47;
use crate::read::Source;
use crate::stream::{Codec, Rational, Stream, StreamKind};

/// What other parts need of a track beside its stream.
#[derive(Default)]
pub(super) struct Track {
    pub id: u32,
    pub timescale: u64,
    /// Samples in the sample table; 0 in fragmented files.
    pub n_samples: u64,
    /// Tracks that hold the chapters of this one.
    pub chapter_tracks: Vec<u32>,
    /// The sample table box.
    pub table: Option<BoxAt>,
    /// The edit list box.
    pub edits: Option<BoxAt>,
    /// What samples of fragments have when nothing else is said.
    pub defaults: Defaults,
    /// The description of the codec, kept where the first frame is needed to go with it.
    pub config: Vec<u8>,
}

/// A sample description larger than this describes no sample.
const MAX_DESCRIPTION_BYTES: u64 = 1024 * 1024;
/// Tables of durations up to this size are summed; larger ones are of variable rate, where the header is near enough.
const MAX_DURATIONS_BYTES: u64 = 64 * 1024;

pub(super) fn read(
    src: &Source<'_>,
    trak: BoxAt,
    index: u32,
) -> Result<(Track, Stream), ProbeError> {
    let parts = trak.children(src);
    let part = |kind: &[u8; 4]| parts.iter().copied().find(|it| it.kind == *kind);
    let missing = |what: &str| ProbeError::malformed(format!("a track without {what}"), trak.start);

    let media = part(b"mdia").ok_or_else(|| missing("media (mdia)"))?.children(src);
    let media_part = |kind: &[u8; 4]| media.iter().copied().find(|it| it.kind == *kind);
    let handler = media_part(b"hdlr").ok_or_else(|| missing("a handler (hdlr)"))?;
    let handler = handler.head(src, 256, "a track's handler")?;
    let kind = match handler.get(8..12) {
        Some(b"vide" | b"pict") => StreamKind::Video,
        Some(b"soun") => StreamKind::Audio,
        Some(b"sbtl" | b"subt" | b"text" | b"clcp" | b"subp") => StreamKind::Subtitle,
        _ => StreamKind::Data,
    };
    let table = media_part(b"minf").and_then(|it| it.child(src, *b"stbl"));
    let table = table.ok_or_else(|| missing("a sample table (stbl)"))?;
    let tables = table.children(src);
    let table_part = |kind: &[u8; 4]| tables.iter().copied().find(|it| it.kind == *kind);

    let mut stream = Stream::new(index, kind, Codec::Other("unknown".to_owned()));
    let mut track = Track { table: Some(table), edits: part(b"edts"), ..Track::default() };
    if let Some(description) = table_part(b"stsd") {
        let body = description.load(src, MAX_DESCRIPTION_BYTES, "a sample description")?;
        let config = sample_entry::describe(&mut stream, &body);
        if codec::wants_first_frame(&stream) {
            config.unwrap_or_default().clone_into(&mut track.config);
        }
    }
    if let Some(header) = part(b"tkhd") {
        read_header(&header.head(src, 96, "a track header")?, &mut track, &mut stream);
    }
    let mut duration = 0;
    if let Some(header) = media_part(b"mdhd") {
        let body = header.head(src, 36, "a media header")?;
        (track.timescale, duration) = times(&body).unwrap_or_default();
        let at = if body.first() == Some(&1) { 32 } else { 20 };
        stream.language = u16_at(&body, at).and_then(language);
    }
    if let Some(extended) = media_part(b"elng") {
        let tag = extended.head(src, 64, "a language")?;
        stream.language =
            tag.get(4..).and_then(|it| bcp47(&String::from_utf8_lossy(it))).or(stream.language);
    }
    if let Some(sizes) = table_part(b"stsz").or_else(|| table_part(b"stz2")) {
        track.n_samples = u32_at(&sizes.head(src, 12, "the sample sizes")?, 8).unwrap_or(0).into();
    }
    if kind == StreamKind::Video && track.n_samples > 0 {
        let durations = table_part(b"stts").map(|it| durations(src, it, track.timescale));
        if let Some(durations) = &durations {
            stream.variable_frame_rate = Some(durations.are_variable);
        }
        let duration = durations.and_then(|it| it.sum).unwrap_or(duration);
        stream.n_frames = Some(track.n_samples as i64);
        if track.n_samples > 1 {
            stream.frame_rate = Rational::new(track.n_samples * track.timescale, duration);
        }
    }
    if track.n_samples > 0
        && codec::wants_first_frame(&stream)
        && let Some((at, size)) = samples::first(src, &tables)
        && let Ok(frame) = src.bytes(at, u64::from(size).min(FRAME_HEAD_BYTES), "a frame")
    {
        codec::describe_first_frame(&mut stream, &track.config, &frame);
    }
    if let Some(references) = part(b"tref").and_then(|it| it.child(src, *b"chap")) {
        let body = references.head(src, 64, "track references")?;
        track.chapter_tracks = body.chunks_exact(4).filter_map(|it| u32_at(it, 0)).collect();
    }
    if let Some(udta) = part(b"udta") {
        read_user_data(src, udta, &mut stream)?;
    }
    // The handler's name is where other writers put a title; the writers' own default names are no titles.
    if stream.title.is_none() {
        stream.title = handler.get(24..).and_then(handler_title);
    }
    Ok((track, stream))
}

fn read_header(body: &[u8], track: &mut Track, stream: &mut Stream) {
    let is_long = body.first() == Some(&1);
    track.id = u32_at(body, if is_long { 20 } else { 12 }).unwrap_or(0);
    stream.flags.default = body.get(3).is_some_and(|it| it & 1 == 1);
    let matrix_at = if is_long { 52 } else { 40 };
    let cell = |n: usize| u32_at(body, matrix_at + 4 * n).map(|it| it as i32);
    if stream.kind == StreamKind::Video
        && let (Some(a), Some(b)) = (cell(0), cell(1))
    {
        stream.rotation = match (a.signum(), b.signum()) {
            (0, 1) => Some(90),
            (-1, 0) => Some(180),
            (0, -1) => Some(270),
            _ => None,
        };
    }
}

/// The Macintosh's own list of languages, as far as films use it.
#[rustfmt::skip]
const MACINTOSH_LANGUAGES: [&str; 33] = [
    "en", "fr", "de", "it", "nl", "sv", "es", "da", "pt", "no", "he", "ja", "ar", "fi", "el", "is", "mt", "tr", "hr",
    "zh-Hant", "ur", "hi", "th", "ko", "lt", "pl", "hu", "et", "lv", "se", "fo", "fa", "ru",
];

/// Five bits per letter, counted from 0x60; smaller numbers are the Macintosh's.
fn language(packed: u16) -> Option<String> {
    if packed < 0x400 {
        return MACINTOSH_LANGUAGES.get(usize::from(packed)).map(|it| (*it).to_owned());
    }
    if packed == 0x7fff {
        return None;
    }
    let letter = |shift: u16| char::from((packed >> shift & 0x1f) as u8 + 0x60);
    bcp47(&[letter(10), letter(5), letter(0)].iter().collect::<String>())
}

/// What a table of durations says.
struct Durations {
    /// In units of the timescale; `None` when the table is too long to be summed.
    sum: Option<u64>,
    are_variable: bool,
}

fn durations(src: &Source<'_>, stts: BoxAt, timescale: u64) -> Durations {
    let unknown = Durations { sum: None, are_variable: false };
    let body = match stts.load(src, MAX_DURATIONS_BYTES, "the sample durations") {
        Ok(body) => body,
        // A constant rate takes one entry.
        Err(ProbeError::Malformed { .. }) => return Durations { are_variable: true, ..unknown },
        Err(_) => return unknown,
    };
    let n_entries = u32_at(&body, 4).unwrap_or(0) as usize;
    let entries = || {
        let entries = body.get(8..).unwrap_or_default().chunks_exact(8).take(n_entries);
        entries.filter_map(|it| Some((u32_at(it, 0)?, u32_at(it, 4)?)))
    };
    // Only what a tenth of the samples has is compared: the last one, and a cut, may differ.
    let n_samples: u64 = entries().map(|it| u64::from(it.0)).sum();
    let common = |it: &(u32, u32)| u64::from(it.0) * 10 >= n_samples;
    let (few, many): (Vec<_>, Vec<_>) = entries().partition(|it| !common(it));
    let n_few: u64 = few.iter().map(|it| u64::from(it.0)).sum();
    let compared = if n_few * 10 > n_samples { entries().collect() } else { many };
    let shortest = compared.iter().map(|it| it.1).min().unwrap_or(0);
    let longest = compared.iter().map(|it| it.1).max().unwrap_or(0);
    Durations {
        sum: entries()
            .try_fold(0_u64, |sum, it| sum.checked_add(u64::from(it.0) * u64::from(it.1))),
        are_variable: is_variable(shortest, longest, timescale),
    }
}

/// Whether durations differ by more than rounding to milliseconds makes them.
pub(super) fn is_variable(shortest: u32, longest: u32, timescale: u64) -> bool {
    u64::from(longest.saturating_sub(shortest)) * 1000 > timescale.max(1000) + timescale / 10
}

fn read_user_data(src: &Source<'_>, udta: BoxAt, stream: &mut Stream) -> Result<(), ProbeError> {
    for it in udta.children(src) {
        match &it.kind {
            b"name" | b"titl" => stream.title = text(&it.head(src, 1024, "a track's name")?),
            // QuickTime's strings begin with a length and a language.
            b"\xa9nam" => {
                stream.title = it.head(src, 1024, "a track's name")?.get(4..).and_then(text);
            }
            b"kind" => {
                let body = it.head(src, 256, "a track's role")?;
                let mut parts = body.get(4..).unwrap_or_default().split(|it| *it == 0);
                if let (Some(b"urn:mpeg:dash:role:2011"), Some(role)) = (parts.next(), parts.next())
                {
                    read_role(role, stream);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_role(role: &[u8], stream: &mut Stream) {
    match role {
        b"main" => stream.flags.default = true,
        b"forced-subtitle" | b"forced_subtitle" => stream.flags.forced = true,
        b"caption" => stream.flags.hearing_impaired = true,
        b"description" => stream.flags.visual_impaired = true,
        b"commentary" => stream.flags.commentary = true,
        _ => {}
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned();
    Some(text).filter(|it| !it.is_empty())
}

fn handler_title(bytes: &[u8]) -> Option<String> {
    const DEFAULTS: [&str; 9] = [
        "handler",
        "core media",
        "apple ",
        "gpac",
        "iso media",
        "mainconcept",
        "bento4",
        "l-smash",
        "timed text",
    ];
    let title = text(bytes)?;
    // QuickTime counts the letters first, ISO ends them with a zero.
    let counted = title.chars().next().is_some_and(|it| it as usize == title.len() - 1);
    let title = if counted { title.chars().skip(1).collect() } else { title };
    let lower = title.to_lowercase();
    (!DEFAULTS.iter().any(|it| lower.contains(it))).then_some(title)
}
