//! ID3v2: texts, cover and chapters. Our own, because a tag may nest chapters in chapters, and a reader that follows them
//! ends with its stack. Here a chapter's frames are looked at once, for its title.

use super::id3_text::{decode, split_text, texts};
use crate::probe::{Chapter, CoverRef, MAX_ENTRIES, MAX_TEXT_BYTES, Probe};
use crate::read::{ReadAt, Source};

const HEADER_BYTES: u64 = 10;
/// Frames of one tag that are looked at.
const MAX_FRAMES: usize = 4096;
/// Frames of one chapter that are looked at for its title.
const MAX_CHAPTER_FRAMES: usize = 16;
/// The largest tag that is read whole, which only old ones with escaped bytes ask for.
const MAX_ESCAPED_BYTES: u64 = 16 * 1024 * 1024;
/// Enough of a picture's frame for all that stands before the picture.
const PICTURE_HEAD_BYTES: u64 = 4096;
/// The kind of picture that is the front of the cover.
const FRONT: u8 = 3;

/// Texts by the frame's name, in both of its lengths.
#[rustfmt::skip]
const TEXTS: [(&str, &str); 36] = [
    ("TIT2", "title"), ("TT2", "title"), ("TPE1", "artist"), ("TP1", "artist"), ("TPE2", "album_artist"),
    ("TP2", "album_artist"), ("TALB", "album"), ("TAL", "album"), ("TRCK", "track"), ("TRK", "track"), ("TPOS", "disc"),
    ("TPA", "disc"), ("TDRC", "date"), ("TYER", "date"), ("TYE", "date"), ("TDOR", "original_date"),
    ("TORY", "original_date"), ("TDRL", "release_date"), ("TCON", "genre"), ("TCO", "genre"), ("TCOM", "composer"),
    ("TCM", "composer"), ("TPUB", "publisher"), ("TLAN", "language"), ("TSRC", "isrc"), ("TCMP", "compilation"),
    ("TSSE", "encoder"), ("TIT1", "grouping"), ("TIT3", "subtitle"), ("TCOP", "copyright"), ("TDES", "description"),
    ("TSOT", "sort_name"), ("TSOP", "sort_artist"), ("TSOA", "sort_album"), ("TSO2", "sort_album_artist"),
    ("TBPM", "bpm"),
];
/// Texts that name themselves, where the name is not the usual one.
const NAMED: [(&str, &str); 5] = [
    ("musicbrainz album id", "musicbrainz_albumid"),
    ("musicbrainz artist id", "musicbrainz_artistid"),
    ("musicbrainz album artist id", "musicbrainz_albumartistid"),
    ("musicbrainz release group id", "musicbrainz_releasegroupid"),
    ("musicbrainz release track id", "musicbrainz_releasetrackid"),
];

/// What the header of a tag says.
struct Header {
    version: u8,
    flags: u8,
    size: u64,
}

/// A frame whose header is read.
#[derive(Clone, Copy)]
struct Frame {
    name: [u8; 4],
    body: u64,
    end: u64,
    is_escaped: bool,
}

/// Where the tag that begins at `at` ends, if one does.
pub(crate) fn end(src: &Source<'_>, at: u64) -> Option<u64> {
    let header = header(src, at)?;
    let footer = if header.flags & 0x10 != 0 && header.version == 4 { HEADER_BYTES } else { 0 };
    at.checked_add(HEADER_BYTES + header.size + footer)
}

fn header(src: &Source<'_>, at: u64) -> Option<Header> {
    let bytes: [u8; HEADER_BYTES as usize] = src.array(at, "an ID3 tag").ok()?;
    let [b'I', b'D', b'3', version @ 2..=4, _, flags, size @ ..] = bytes else { return None };
    Some(Header { version, flags, size: syncsafe(size) })
}

/// A number of seven bits a byte.
fn syncsafe(bytes: [u8; 4]) -> u64 {
    bytes.iter().fold(0, |sum, it| sum << 7 | u64::from(it & 0x7f))
}

/// Adds what the tag at `at` says, if there is one. Broken parts are left out.
pub(crate) fn read(src: &Source<'_>, at: u64, probe: &mut Probe) -> Option<()> {
    let header = header(src, at)?;
    let from = at + HEADER_BYTES;
    let to = (from + header.size).min(src.size);
    let is_escaped = header.flags & 0x80 != 0;
    if is_escaped && header.version < 4 {
        // Sizes count the bytes before they were escaped. Pictures in such a tag do not lie in one piece.
        let bytes = src.bytes(from, (to - from).min(MAX_ESCAPED_BYTES), "an ID3 tag").ok()?;
        let bytes = unescape(&bytes);
        let slice: &dyn ReadAt = &bytes.as_slice();
        let inner = Source::new(slice, "ID3").ok()?;
        read_frames(&inner, 0, inner.size, &header, probe);
        if let Some(cover) = &mut probe.cover {
            cover.offset = None;
        }
    } else {
        read_frames(src, from, to, &header, probe);
    }
    Some(())
}

/// Takes out the zeros that were put behind every 255.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut was_full = false;
    for &byte in bytes {
        if !(was_full && byte == 0) {
            out.push(byte);
        }
        was_full = byte == 0xff;
    }
    out
}

fn read_frames(src: &Source<'_>, from: u64, to: u64, header: &Header, probe: &mut Probe) {
    let mut at = from;
    if header.flags & 0x40 != 0 && header.version > 2 {
        let Ok(size) = src.array::<4>(at, "an ID3 tag") else { return };
        at += match header.version {
            3 => 4 + u64::from(u32::from_be_bytes(size)),
            _ => syncsafe(size),
        };
    }
    let mut cover_rank = probe.cover.is_none().then_some(0);
    for _ in 0..MAX_FRAMES {
        let Some(frame) = frame_at(src, at, to, header) else { break };
        at = frame.end;
        // What is cut off or makes no sense is left out.
        let _ = read_frame(src, frame, header, &mut cover_rank, probe);
    }
}

/// Reads the header of a frame; `None` behind the last one. Compressed and encrypted ones have an empty body.
fn frame_at(src: &Source<'_>, at: u64, to: u64, header: &Header) -> Option<Frame> {
    if header.version == 2 {
        let [a, b, c, size @ ..] = src.array::<6>(at, "an ID3 frame").ok()?;
        let size = u64::from(u32::from_be_bytes([0, size[0], size[1], size[2]]));
        let (body, name) = (at + 6, [a, b, c, 0]);
        let end = body.checked_add(size).filter(|it| *it <= to)?;
        return is_name(&name[..3]).then_some(Frame { name, body, end, is_escaped: false });
    }
    let [a, b, c, d, s0, s1, s2, s3, _, flags] = src.array::<10>(at, "an ID3 frame").ok()?;
    let (name, size, body) = ([a, b, c, d], [s0, s1, s2, s3], at + 10);
    if !is_name(&name) {
        return None;
    }
    let plain = u64::from(u32::from_be_bytes(size));
    let size = match header.version {
        3 => plain,
        // Some writers of the newer version count in the older way; then what follows is no frame.
        _ if plain > 127
            && !is_followed(src, body + syncsafe(size), to)
            && is_followed(src, body + plain, to) =>
        {
            plain
        }
        _ => syncsafe(size),
    };
    let end = body.checked_add(size).filter(|it| *it <= to)?;
    let (is_unreadable, n_extra, is_escaped) = if header.version == 3 {
        (flags & 0xc0 != 0, u64::from(flags >> 5 & 1), false)
    } else {
        let n_extra = u64::from(flags >> 6 & 1) + if flags & 1 != 0 { 4 } else { 0 };
        (flags & 0x0c != 0, n_extra, flags & 2 != 0 || header.flags & 0x80 != 0)
    };
    let body = if is_unreadable { end } else { (body + n_extra).min(end) };
    Some(Frame { name, body, end, is_escaped })
}

fn is_name(name: &[u8]) -> bool {
    name.iter().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

/// Whether a frame, padding or the end of the tag is here.
fn is_followed(src: &Source<'_>, at: u64, to: u64) -> bool {
    at == to
        || at < to && src.array::<4>(at, "an ID3 frame").is_ok_and(|it| it[0] == 0 || is_name(&it))
}

fn read_frame(
    src: &Source<'_>,
    frame: Frame,
    header: &Header,
    cover_rank: &mut Option<u8>,
    probe: &mut Probe,
) -> Option<()> {
    let name = std::str::from_utf8(&frame.name).ok()?.trim_end_matches('\0');
    match name {
        "TXXX" | "TXX" => {
            let body = load(src, frame)?;
            let (name, value) = split_text(&body)?;
            let name = name.trim().to_lowercase();
            let usual = NAMED.iter().find(|it| it.0 == name).map(|it| it.1);
            probe.tags.add(usual.unwrap_or(&name), &value);
        }
        _ if name.starts_with('T') => {
            let known = TEXTS.iter().find(|it| it.0 == name)?.1;
            // Two dates are no date, whichever came first.
            if known == "date" && probe.tags.date().is_some() {
                return None;
            }
            for value in texts(&load(src, frame)?) {
                match known {
                    "genre" => genres(&value).for_each(|it| probe.tags.add(known, it)),
                    _ => probe.tags.add(known, &value),
                }
            }
        }
        "COMM" | "COM" | "USLT" | "ULT" => {
            let mut body = load(src, frame)?;
            if body.len() < 4 {
                return None;
            }
            // The language of the text stands behind the encoding.
            body.drain(1..4);
            let (description, value) = split_text(&body)?;
            match name {
                "USLT" | "ULT" => probe.tags.add("lyrics", &value),
                // Players keep figures of their own in comments with a name.
                _ if description.is_empty() => probe.tags.add("comment", &value),
                _ => {}
            }
        }
        "UFID" => {
            let body = load(src, frame)?;
            let id = body.strip_prefix(b"http://musicbrainz.org\0")?;
            probe.tags.add("musicbrainz_trackid", &String::from_utf8_lossy(id));
        }
        "APIC" | "PIC" => read_picture(src, frame, cover_rank, probe)?,
        "CHAP" if probe.chapters.len() < MAX_ENTRIES => {
            probe.chapters.push(chapter(src, frame, header)?);
        }
        _ => {}
    }
    Some(())
}

fn load(src: &Source<'_>, frame: Frame) -> Option<Vec<u8>> {
    let size = (frame.end - frame.body).min(MAX_TEXT_BYTES as u64);
    let body = src.bytes(frame.body, size, "an ID3 frame").ok()?;
    Some(if frame.is_escaped { unescape(&body) } else { body })
}

/// Genres may be numbers of the older version's list, in brackets or bare.
fn genres(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bracketed = rest.strip_prefix('(').and_then(|it| it.split_once(')'));
        let (genre, after) = match bracketed {
            // The name behind a number refines it.
            Some((number, after)) if after.is_empty() || after.starts_with('(') => (number, after),
            Some((number, name)) if number.parse::<u8>().is_ok() => (name, ""),
            _ => (rest, ""),
        };
        rest = after;
        let number = genre.parse::<usize>().ok();
        Some(number.and_then(|it| lofty::id3::v1::GENRES.get(it).copied()).unwrap_or(genre))
    })
}

/// Encoding, kind of file, kind of picture, description; then the picture.
fn read_picture(
    src: &Source<'_>,
    frame: Frame,
    cover_rank: &mut Option<u8>,
    probe: &mut Probe,
) -> Option<()> {
    let best = (*cover_rank)?;
    let size = (frame.end - frame.body).min(PICTURE_HEAD_BYTES);
    let head = src.bytes(frame.body, size, "a picture").ok()?;
    let (encoding, rest) = head.split_first()?;
    let (mime, rest) = if frame.name == *b"PIC\0" {
        let (kind, rest) = rest.split_at_checked(3)?;
        (format!("image/{}", String::from_utf8_lossy(kind).to_ascii_lowercase()), rest)
    } else {
        let end = rest.iter().position(|it| *it == 0)?;
        (String::from_utf8_lossy(&rest[..end]).into_owned(), &rest[end + 1..])
    };
    let (kind, rest) = rest.split_first()?;
    let rank = if *kind == FRONT { 2 } else { 1 };
    if rank <= best {
        return None;
    }
    let is_wide = matches!(encoding, 1 | 2);
    let n_description = if is_wide {
        rest.chunks_exact(2).position(|it| it == [0, 0])? * 2 + 2
    } else {
        rest.iter().position(|it| *it == 0)? + 1
    };
    let picture = &rest[n_description..];
    let mime = match picture {
        [0x89, b'P', b'N', b'G', ..] => "image/png".to_owned(),
        [0xff, 0xd8, ..] => "image/jpeg".to_owned(),
        _ => mime,
    };
    let offset = frame.body + (head.len() - picture.len()) as u64;
    let size_bytes = Some(frame.end - offset);
    // Escaped bytes do not lie as they are.
    let offset = (!frame.is_escaped).then_some(offset);
    probe.cover = Some(CoverRef { mime, offset, size_bytes });
    *cover_rank = Some(rank);
    Some(())
}

/// A name for the machine, two times, two places, and frames of its own.
fn chapter(src: &Source<'_>, frame: Frame, header: &Header) -> Option<Chapter> {
    const MAX_NAME_BYTES: u64 = 256;
    let size = (frame.end - frame.body).min(MAX_NAME_BYTES);
    let head = src.bytes(frame.body, size, "a chapter").ok()?;
    let n_name = head.iter().position(|it| *it == 0)? as u64 + 1;
    let times: [u8; 16] = src.array(frame.body + n_name, "a chapter").ok()?;
    let time =
        |at: usize| u32::from_be_bytes([times[at], times[at + 1], times[at + 2], times[at + 3]]);
    let mut title = None;
    let mut at = frame.body + n_name + 16;
    for _ in 0..MAX_CHAPTER_FRAMES {
        let Some(child) = frame_at(src, at, frame.end, header) else { break };
        at = child.end;
        if child.name == *b"TIT2" {
            title = load(src, child).map(|it| decode(&it)).filter(|it| !it.is_empty());
        }
    }
    Some(Chapter { start_ms: time(0).into(), end_ms: Some(time(4).into()), title })
}

#[cfg(test)]
mod tests;
