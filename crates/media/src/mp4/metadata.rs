//! What the movie says of the work: iTunes' list, QuickTime's keys and strings, Nero's chapters, the cover.

use super::boxes::{BoxAt, children, u16_at, u32_at};
use super::chapters;
use crate::probe::{CoverRef, MAX_ENTRIES, MAX_TEXT_BYTES, Probe};
use crate::read::Source;

/// Type codes of the `data` box.
const TYPE_JPEG: u32 = 13;
const TYPE_PNG: u32 = 14;
const TYPE_INTEGER: u32 = 21;
/// A `data` box begins with a type and a locale.
const DATA_HEAD_BYTES: usize = 8;

/// Reads `udta` or `meta`. Broken parts are left out: nothing here is needed to play.
pub(super) fn read(src: &Source<'_>, parent: BoxAt, probe: &mut Probe) {
    if parent.kind == *b"meta" {
        return read_meta(src, parent, probe);
    }
    for it in parent.children(src) {
        match &it.kind {
            b"meta" => read_meta(src, it, probe),
            b"chpl" => {
                if let Ok(body) = it.load(src, 1024 * 1024, "the chapters") {
                    probe.chapters = chapters::read_list(&body);
                }
            }
            [0xa9, ..] => {
                if let Ok(body) = it.head(src, MAX_TEXT_BYTES as u64, "a tag")
                    && let Some(name) = itunes_name(it.kind)
                {
                    let size = usize::from(u16_at(&body, 0).unwrap_or(0));
                    let text = body.get(4..(4 + size).min(body.len())).unwrap_or_default();
                    probe.tags.add(name, &String::from_utf8_lossy(text));
                }
            }
            _ => {}
        }
    }
}

fn read_meta(src: &Source<'_>, meta: BoxAt, probe: &mut Probe) {
    // ISO gives the box a version and flags, QuickTime does not.
    let Ok(head) = src.array::<8>(meta.body, "the tags") else { return };
    let body = if head[4..] == *b"hdlr" { meta.body } else { meta.body + 4 };
    let parts = children(src, body, meta.end);
    let part = |kind: &[u8; 4]| parts.iter().copied().find(|it| it.kind == *kind);
    let keys = part(b"keys").and_then(|it| it.load(src, 1024 * 1024, "the tags' names").ok());
    let keys = keys.as_deref().map(key_names).unwrap_or_default();
    let Some(list) = part(b"ilst") else { return };
    for item in list.children(src).into_iter().take(MAX_ENTRIES) {
        read_item(src, item, &keys, probe);
    }
}

/// Names of the `mdta` kind, without Apple's prefix.
fn key_names(body: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = body.get(8..).unwrap_or_default();
    while let Some(size) =
        u32_at(rest, 0).map(|it| it as usize).filter(|it| *it >= 8 && *it <= rest.len())
    {
        let name = String::from_utf8_lossy(&rest[8..size]);
        names.push(name.strip_prefix("com.apple.quicktime.").unwrap_or(&name).to_ascii_lowercase());
        rest = &rest[size..];
    }
    names
}

fn read_item(src: &Source<'_>, item: BoxAt, keys: &[String], probe: &mut Probe) {
    let parts = item.children(src);
    let Some(data) = parts.iter().find(|it| it.kind == *b"data") else { return };
    let Ok(body) = data.head(src, (MAX_TEXT_BYTES + DATA_HEAD_BYTES) as u64, "a tag") else {
        return;
    };
    let (Some(kind), Some(value)) = (u32_at(&body, 0), body.get(DATA_HEAD_BYTES..)) else { return };
    if item.kind == *b"covr" {
        if probe.cover.is_none() {
            probe.cover = cover(*data, kind, value);
        }
        return;
    }
    let value = match &item.kind {
        b"trkn" | b"disk" => match (u16_at(value, 2), u16_at(value, 4)) {
            (Some(number), Some(total)) if total > 0 => format!("{number}/{total}"),
            (Some(number), _) => number.to_string(),
            _ => return,
        },
        _ if kind == TYPE_INTEGER || kind == 0 && value.len() <= 4 => {
            value.iter().take(8).fold(0_u64, |sum, it| sum << 8 | u64::from(*it)).to_string()
        }
        _ => String::from_utf8_lossy(value).into_owned(),
    };
    let key = (u32::from_be_bytes(item.kind) as usize).checked_sub(1).and_then(|it| keys.get(it));
    if let Some(key) = key {
        probe.tags.add(key, &value);
    } else if let Some(name) = itunes_name(item.kind) {
        probe.tags.add(name, &value);
    } else if item.kind == *b"----"
        && let Some(free) = parts.iter().find(|it| it.kind == *b"name")
        && let Ok(name) = free.head(src, 256, "a tag's name")
    {
        let name = String::from_utf8_lossy(name.get(4..).unwrap_or_default()).to_ascii_lowercase();
        probe.tags.add(&name, &value);
    }
}

fn cover(data: BoxAt, kind: u32, value: &[u8]) -> Option<CoverRef> {
    let mime = match kind {
        _ if value.starts_with(b"\x89PNG") => "image/png",
        _ if value.starts_with(b"\xff\xd8\xff") => "image/jpeg",
        TYPE_PNG => "image/png",
        TYPE_JPEG => "image/jpeg",
        _ => return None,
    };
    let offset = data.body + DATA_HEAD_BYTES as u64;
    Some(CoverRef {
        mime: mime.to_owned(),
        offset: Some(offset),
        size_bytes: Some(data.end.checked_sub(offset)?),
    })
}

fn itunes_name(kind: [u8; 4]) -> Option<&'static str> {
    Some(match &kind {
        b"\xa9nam" => "title",
        b"\xa9ART" => "artist",
        b"aART" => "album_artist",
        b"\xa9alb" => "album",
        b"\xa9day" => "date",
        b"\xa9cmt" => "comment",
        b"\xa9gen" => "genre",
        b"\xa9wrt" => "composer",
        b"\xa9too" | b"\xa9swr" => "encoder",
        b"\xa9lyr" => "lyrics",
        b"\xa9grp" => "grouping",
        b"cprt" | b"\xa9cpy" => "copyright",
        b"desc" => "description",
        b"ldes" => "synopsis",
        b"trkn" => "track",
        b"disk" => "disc",
        b"tvsh" => "show",
        b"tvsn" => "season_number",
        b"tves" => "episode_sort",
        b"tven" => "episode_id",
        b"tvnn" => "network",
        b"stik" => "media_type",
        b"sonm" => "sort_name",
        b"soar" => "sort_artist",
        b"soal" => "sort_album",
        b"cpil" => "compilation",
        _ => return None,
    })
}
