//! Where the cover of a FLAC file lies, so that nobody has to copy it to know of it.

use crate::probe::CoverRef;
use crate::read::Source;

const PICTURE: u8 = 6;
/// Blocks in front of the sound that are looked at.
const MAX_BLOCKS: usize = 256;
/// Kind of the picture that is the front of the cover.
const FRONT: u32 = 3;
/// Longest name of a kind of file, and longest description.
const MAX_TEXT_BYTES: u32 = 64 * 1024;

/// The picture of the front, or the first one, in a file whose marker stands at `at`.
pub(super) fn cover(src: &Source<'_>, at: u64) -> Option<CoverRef> {
    let mut at = at.checked_add(4)?;
    let mut found = None;
    for _ in 0..MAX_BLOCKS {
        let Ok([kind, a, b, c]) = src.array::<4>(at, "a block") else { break };
        let (body, size) = (at + 4, u64::from(u32::from_be_bytes([0, a, b, c])));
        if kind & 0x7f == PICTURE
            && let Some((kind, cover)) = picture(src, body, body + size)
        {
            if kind == FRONT {
                return Some(cover);
            }
            found = found.or(Some(cover));
        }
        // The highest bit marks the last block.
        if kind & 0x80 != 0 {
            break;
        }
        at = body + size;
    }
    found
}

/// Kind, kind of file, description, four numbers on the pixels, then the picture.
fn picture(src: &Source<'_>, body: u64, end: u64) -> Option<(u32, CoverRef)> {
    let number = |at: u64| src.array(at, "a picture").ok().map(u32::from_be_bytes);
    let kind = number(body)?;
    let n_mime = number(body + 4).filter(|it| *it <= MAX_TEXT_BYTES)?;
    let mime = src.bytes(body + 8, n_mime.into(), "a picture").ok()?;
    let at = body + 8 + u64::from(n_mime);
    let n_description = number(at).filter(|it| *it <= MAX_TEXT_BYTES)?;
    let at = at + 4 + u64::from(n_description) + 16;
    let (size, offset) = (u64::from(number(at)?), at + 4);
    if offset + size > end.min(src.size) {
        return None;
    }
    let mime = match src.array(offset, "a picture").ok()? {
        [0x89, b'P', b'N', b'G'] => "image/png".to_owned(),
        [0xff, 0xd8, 0xff, _] => "image/jpeg".to_owned(),
        _ => String::from_utf8_lossy(&mime).into_owned(),
    };
    Some((kind, CoverRef { mime, offset: Some(offset), size_bytes: Some(size) }))
}
