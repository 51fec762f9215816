//! Bytes to text, whatever charset the tool that wrote them used.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text of `bytes`: by byte order mark, else by the XML declaration, else UTF-8, else the Western code page that old tools
/// on Windows write.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let declared = declaration(bytes).and_then(Encoding::for_label).unwrap_or(UTF_8);
    let (text, is_broken) = declared.decode_without_bom_handling(bytes);
    if is_broken && declared == UTF_8 {
        return WINDOWS_1252.decode_without_bom_handling(bytes).0;
    }
    text
}

/// The value of `encoding` in `<?xml version="1.0" encoding="..."?>`.
fn declaration(bytes: &[u8]) -> Option<&[u8]> {
    let head = &bytes[..bytes.len().min(200)];
    let end = head.windows(2).position(|it| it == b"?>")?;
    let head = head.get(..end).filter(|it| it.trim_ascii_start().starts_with(b"<?xml"))?;
    let at = head.windows(9).position(|it| it == b"encoding=")? + 9;
    let quote = *head.get(at)?;
    let value = &head[at + 1..];
    let end = value.iter().position(|it| *it == quote)?;
    Some(&value[..end])
}
