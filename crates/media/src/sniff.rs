//! Telling what a file is by its first bytes. Names lie: they are asked only where the content leaves a choice.

use std::path::Path;

use lofty::file::FileType;

use crate::read::Source;
use crate::{ProbeError, ts};

/// Which reader is in charge.
pub(crate) enum Family {
    /// Matroska and WebM.
    Matroska,
    /// MP4, QuickTime and relatives.
    Mp4,
    /// AVI.
    Avi,
    /// WAVE.
    Wav,
    /// An MPEG transport stream.
    Ts(ts::Layout),
    /// An MPEG program stream.
    Ps,
    /// A Flash video.
    Flash,
    /// Microsoft ASF.
    Asf,
    /// An audio file that `lofty` reads.
    Audio(FileType),
    /// Nothing of ours; in words for a person.
    Other(String),
    /// Nothing of anybody's.
    NoMedia(&'static str),
}

/// Enough for every signature we look at, an Ogg page's first packet included.
const HEAD_BYTES: u64 = 4096;
/// So many zeros are no media: beyond them, nobody looks for the beginning of a stream.
const ZERO_BYTES: u64 = 1 << 20;

pub(crate) fn sniff(src: &Source<'_>, name_hint: &str) -> Result<Family, ProbeError> {
    let head = src.bytes(0, src.size.min(HEAD_BYTES), "the first bytes")?;
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return Ok(Family::Matroska);
    }
    if is_mp4(&head) {
        return Ok(Family::Mp4);
    }
    if head.starts_with(b"RIFF") && matches!(head.get(8..12), Some(b"AVI " | b"AVIX")) {
        return Ok(Family::Avi);
    }
    if matches!(head.get(..4), Some(b"RIFF" | b"RF64" | b"BW64"))
        && head.get(8..12) == Some(b"WAVE")
    {
        return Ok(Family::Wav);
    }
    if let Some(layout) = ts::Layout::find(&head) {
        return Ok(Family::Ts(layout));
    }
    if head.starts_with(b"\x00\x00\x01\xba") {
        return Ok(Family::Ps);
    }
    if head.starts_with(b"FLV\x01") {
        return Ok(Family::Flash);
    }
    if head.starts_with(b"0&\xb2u\x8ef\xcf\x11") {
        return Ok(Family::Asf);
    }
    if let Some(file_type) = audio_type(src, &head)? {
        return Ok(Family::Audio(file_type));
    }
    if let Some(known) = known(&head) {
        return Ok(Family::Other(known.to_owned()));
    }
    if is_text(&head) {
        return Ok(Family::NoMedia("text"));
    }
    if is_zero(src)? {
        return Ok(Family::NoMedia("nothing but zeros"));
    }
    Ok(Family::Other(match Path::new(name_hint).extension().and_then(|it| it.to_str()) {
        Some(extension) => format!("unknown data named .{}", extension.escape_debug()),
        None => "unknown data".to_owned(),
    }))
}

/// Text in some language and encoding. Codecs leave hardly a few bytes without one that no text has.
fn is_text(head: &[u8]) -> bool {
    const ENOUGH: usize = 64;
    let is_control = |it: &u8| *it < 32 && !matches!(it, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    !head.iter().any(is_control) && (head.is_ascii() || head.len() >= ENOUGH)
}

/// Whether all that anybody would look at is zero, as in a file that was made room for and never filled.
fn is_zero(src: &Source<'_>) -> Result<bool, ProbeError> {
    let end = src.size.min(ZERO_BYTES);
    let mut at = 0;
    while at < end {
        let size = HEAD_BYTES.min(end - at);
        if src.bytes(at, size, "the first bytes")?.iter().any(|it| *it != 0) {
            return Ok(false);
        }
        at += size;
    }
    Ok(true)
}

/// The file begins with a box that only this family begins with.
fn is_mp4(head: &[u8]) -> bool {
    const FIRST: [&[u8; 4]; 9] =
        [b"ftyp", b"moov", b"styp", b"sidx", b"moof", b"pnot", b"mdat", b"wide", b"free"];
    let Some((size, name)) = head.get(..8).map(|it| it.split_at(4)) else { return false };
    let size = u32::from_be_bytes([size[0], size[1], size[2], size[3]]);
    // 1 announces a 64-bit size, 0 a box that reaches to the end of the file.
    !(2..8).contains(&size) && FIRST.iter().any(|it| *it == name)
}

/// The audio type by content. An ID3v2 tag may stand before several of them.
fn audio_type(src: &Source<'_>, head: &[u8]) -> Result<Option<FileType>, ProbeError> {
    if let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = *head {
        let body = [a, b, c, d].iter().fold(0_u64, |sum, it| sum << 7 | u64::from(it & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        let at = 10 + body + footer;
        let rest = src.size.saturating_sub(at).min(16);
        let after = if rest == 0 { Vec::new() } else { src.bytes(at, rest, "an ID3 tag")? };
        // What follows may be padded; only MPEG audio is commonly preceded by ID3v2.
        return Ok(Some(signature(&after).unwrap_or(FileType::Mpeg)));
    }
    Ok(signature(head))
}

fn signature(head: &[u8]) -> Option<FileType> {
    let at = |from: usize, bytes: &[u8]| head.get(from..).is_some_and(|it| it.starts_with(bytes));
    if at(0, b"fLaC") {
        return Some(FileType::Flac);
    }
    if at(0, b"OggS") {
        // The first packet follows the page header: 27 bytes and the segment table.
        let packet = 27 + usize::from(*head.get(26)?);
        return match () {
            () if at(packet, b"OpusHead") => Some(FileType::Opus),
            () if at(packet, b"\x01vorbis") => Some(FileType::Vorbis),
            () if at(packet, b"Speex   ") => Some(FileType::Speex),
            () => None,
        };
    }
    if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) {
        return Some(FileType::Aiff);
    }
    if at(0, b"MAC ") {
        return Some(FileType::Ape);
    }
    if at(0, b"wvpk") {
        return Some(FileType::WavPack);
    }
    if at(0, b"MPCK") || at(0, b"MP+") {
        return Some(FileType::Mpc);
    }
    let [0xff, second, third, ..] = *head else { return None };
    // ADTS: twelve bits of sync, layer 0. MPEG audio: eleven bits of sync, a layer, a sane bit rate and sample rate.
    if second & 0xf6 == 0xf0 && third >> 2 & 0xf < 13 {
        return Some(FileType::Aac);
    }
    let sane = second >> 3 & 3 != 1 && second >> 1 & 3 != 0 && !matches!(third >> 4, 0 | 15);
    (second & 0xe0 == 0xe0 && sane && third >> 2 & 3 != 3).then_some(FileType::Mpeg)
}

/// What a person would call these bytes.
fn known(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 12] = [
        (b"\x00\x00\x01\xb3", "raw MPEG video"),
        (b".RMF", "RealMedia"),
        (b"OggS", "Ogg with a codec we do not read"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"\x7fELF", "a program"),
        (b"\x1f\x8b", "a gzip archive"),
    ];
    KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|it| it.1)
}
