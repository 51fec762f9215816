//! Paths as text, loss-free: bytes that are no UTF-8 stand as `\xHH`, a backslash as `\\`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// The text a path is kept and sent as.
pub fn to_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        for letter in chunk.valid().chars() {
            if letter == '\\' {
                text.push('\\');
            }
            text.push(letter);
        }
        for byte in chunk.invalid() {
            let _ = write!(text, r"\x{byte:02X}");
        }
    }
    text
}

/// The path a text stands for. A backslash that begins no escape stands for itself, so that a hand-typed path works.
pub fn from_text(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut path = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(br"\\") {
            path.push(b'\\');
            at += 2;
        } else if let Some(byte) = escaped_byte(rest) {
            path.push(byte);
            at += 4;
        } else {
            path.push(rest[0]);
            at += 1;
        }
    }
    PathBuf::from(OsString::from_vec(path))
}

/// The byte of a leading `\xHH`.
fn escaped_byte(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(br"\x")?.get(..2)?;
    let digits = std::str::from_utf8(digits).ok().filter(|it| !it.starts_with('+'))?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_survive_their_text(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let path = Path::new(OsStr::from_bytes(&bytes));
            prop_assert_eq!(from_text(&to_text(path)), path);
        }
    }

    #[test]
    fn every_path_survives_its_text() {
        for bytes in [
            b"/media/Films".as_slice(),
            b"/media/caf\xC3\xA9",
            b"/media/caf\xE9",
            br"/a\b",
            br"/a\x41",
            b"/quote\"'\n%/../x",
            b"\xFF\\\xFE",
        ] {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(from_text(&to_text(path)), path, "{}", to_text(path));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(to_text(Path::new(OsStr::from_bytes(b"caf\xE9\\"))), r"caf\xE9\\");
        assert_eq!(from_text(r"a\b"), Path::new(r"a\b"), "a lone backslash is itself");
    }
}
