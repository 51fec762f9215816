//! The name under which a browser keeps a file: RFC 6266, whatever the name is.

use std::ffi::OsStr;
use std::fmt::Write as _;

use axum::http::HeaderValue;
use kernel::{Error, Result};

/// `Content-Disposition` of a file to be kept under `name`: in ASCII for old programs, and as it is (RFC 8187).
pub fn named(name: &OsStr) -> Result<HeaderValue> {
    let name: String = name.to_string_lossy().chars().map(tame).collect();
    let plain: String = name.chars().map(|it| if is_quotable(it) { it } else { '_' }).collect();
    let mut header = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if is_attribute(byte) {
            header.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(header, "%{byte:02X}");
        }
    }
    HeaderValue::try_from(header).map_err(|error| Error::Internal(error.into()))
}

/// What ends a line, parts folders on any system, or turns the order of what is read gives way to a line.
fn tame(it: char) -> char {
    let is_order =
        matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_line = matches!(it, '\u{2028}' | '\u{2029}');
    if it.is_control() || is_order || is_line || it == '/' || it == '\\' { '_' } else { it }
}

/// What stands between quotes and is read alike by all: `%` is taken for an escape by some.
fn is_quotable(it: char) -> bool {
    (it.is_ascii_graphic() || it == ' ') && !matches!(it, '"' | '\\' | '%')
}

/// `attr-char` of RFC 8187.
fn is_attribute(it: u8) -> bool {
    it.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&it)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn any_name_is_told_and_none_breaks_out() {
        let table: [(&[u8], &str, &str); 9] = [
            (b"Moon (2009).mkv", "Moon (2009).mkv", "Moon%20%282009%29.mkv"),
            ("Amélie.mkv".as_bytes(), "Am_lie.mkv", "Am%C3%A9lie.mkv"),
            ("千と.mkv".as_bytes(), "__.mkv", "%E5%8D%83%E3%81%A8.mkv"),
            (b"a\"; filename=\"b.exe", "a_; filename=_b.exe", "a%22%3B%20filename%3D%22b.exe"),
            (b"a\r\nSet-Cookie: b\0.mkv", "a__Set-Cookie: b_.mkv", "a__Set-Cookie%3A%20b_.mkv"),
            (b"..\\..\\a/b.mkv", ".._.._a_b.mkv", ".._.._a_b.mkv"),
            (b"100%41'*.mkv", "100_41'*.mkv", "100%2541%27%2A.mkv"),
            ("a\u{202e}vkm.exe".as_bytes(), "a_vkm.exe", "a_vkm.exe"),
            (b"a\xff.mkv", "a_.mkv", "a%EF%BF%BD.mkv"),
        ];
        for (name, plain, coded) in table {
            let header = named(OsStr::from_bytes(name)).expect("a header");
            let expected = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}");
            assert_eq!(header.to_str().expect("ASCII"), expected);
        }
    }

    #[test]
    fn every_byte_makes_a_header() {
        for byte in 0..=u8::MAX {
            let header = named(OsStr::from_bytes(&[b'a', byte])).expect("a header");
            let text = header.to_str().expect("ASCII");
            assert_eq!(text.matches('"').count(), 2, "{text}");
        }
    }
}
