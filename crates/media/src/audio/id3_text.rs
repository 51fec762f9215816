//! Texts of ID3 frames: a byte for the encoding, then the text.

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::subtitles;

/// The text of a frame, several values joined as they are.
pub(super) fn decode(body: &[u8]) -> String {
    let Some((encoding, text)) = body.split_first() else { return String::new() };
    let text = match encoding {
        1 | 2 => wide(*encoding, text),
        // Latin letters by the standard, but UTF-8 in many files.
        _ => subtitles::decode(text, None).into_owned(),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}

fn wide(encoding: u8, text: &[u8]) -> String {
    let (text, charset) = match text {
        [0xff, 0xfe, rest @ ..] => (rest, UTF_16LE),
        [0xfe, 0xff, rest @ ..] => (rest, UTF_16BE),
        _ if encoding == 2 => (text, UTF_16BE),
        _ => (text, UTF_16LE),
    };
    charset.decode_without_bom_handling(text).0.into_owned()
}

/// The values of a frame, which zeros part.
pub(super) fn texts(body: &[u8]) -> impl Iterator<Item = String> {
    let text = decode(body);
    let values: Vec<_> = text.split('\0').map(str::to_owned).collect();
    values.into_iter().map(|it| it.trim_start_matches('\u{feff}').to_owned())
}

/// A description and a value with a zero between them, in one encoding.
pub(super) fn split_text(body: &[u8]) -> Option<(String, String)> {
    let (encoding, rest) = body.split_first()?;
    let is_wide = matches!(encoding, 1 | 2);
    let (description, value) = if is_wide {
        let n = rest.chunks_exact(2).position(|it| it == [0, 0])?;
        (&rest[..2 * n], &rest[2 * n + 2..])
    } else {
        let n = rest.iter().position(|it| *it == 0)?;
        (&rest[..n], &rest[n + 1..])
    };
    let part = |text: &[u8]| decode(&[&[*encoding], text].concat());
    Some((part(description), part(value)))
}
