//! What a kept segment is called: a hash of all that its bytes hang on, and nothing that a person wrote.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name([u8; 32]);

impl Name {
    /// The name of what hangs on these parts, and on where one ends and the next begins.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Reads it as it is written; anything else is the name of something else.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let is_digit = |it: &u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.iter().all(is_digit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The bytes of the hash.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// On which shelf it lies.
    pub fn shelf(&self) -> u8 {
        self.0[0]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(f, "{it:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let name = Name::of(&[b"film", b"17"]);
        assert_eq!(Name::read(&name.to_string()), Some(name));
        assert_eq!(name.to_string().get(..2), Some(format!("{:02x}", name.shelf()).as_str()));
        for wrong in ["", "ab", &"A".repeat(64), &"g".repeat(64), &"é".repeat(32), "../../x"] {
            assert_eq!(Name::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn other_parts_have_another_name() {
        let name = Name::of(&[b"ab", b"c"]);
        for other in [&[&b"a"[..], b"bc"][..], &[b"abc"], &[b"ab", b"c", b""], &[b"ab", b"d"]] {
            assert_ne!(Name::of(other), name);
        }
    }
}
