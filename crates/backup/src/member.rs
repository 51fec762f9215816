//! The names in an archive: the few that there may be, and what each stands for. Whatever else stands there is refused.

use std::fmt;

/// A file of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Config {
    /// The configuration file as it was written, secrets included.
    File,
    /// The variables that it was read with, as `NAME=value` lines.
    Environment,
}

impl Config {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "revenge.yaml",
            Self::Environment => "environment",
        }
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Member {
    /// What the archive is; stands first.
    Head,
    /// A part of the rows of a table.
    Rows {
        /// Its schema.
        schema: String,
        /// Its name.
        table: String,
        /// Which part, from 0.
        part: u32,
    },
    /// An original, by its SHA-256 in hexadecimal digits.
    Artwork(String),
    /// A file of the configuration.
    Config(Config),
    /// What everything else must be; stands last.
    Manifest,
}

impl Member {
    /// What `name` stands for; none where there is no such name.
    pub fn parse(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split('/').collect();
        let member = match words.as_slice() {
            ["revenge-backup.json"] => Self::Head,
            ["manifest.json"] => Self::Manifest,
            ["config", "revenge.yaml"] => Self::Config(Config::File),
            ["config", "environment"] => Self::Config(Config::Environment),
            ["artwork", hash] if is_hash(hash) => Self::Artwork((*hash).to_owned()),
            ["database", schema, table, part]
                if is_word(schema) && is_word(table) && part.len() == 8 =>
            {
                let part = part.parse().ok()?;
                Self::Rows { schema: (*schema).to_owned(), table: (*table).to_owned(), part }
            }
            _ => return None,
        };
        // One name each: `+0000001` is a number too.
        (member.to_string() == name).then_some(member)
    }

    /// Bytes at the most.
    pub fn max_bytes(&self) -> u64 {
        match self {
            Self::Head => 1 << 20,
            Self::Rows { .. } => PART_BYTES as u64,
            Self::Artwork(_) => 64 << 20,
            Self::Config(_) => 4 << 20,
            Self::Manifest => 256 << 20,
        }
    }
}

/// Bytes of rows in one member at the most.
pub const PART_BYTES: usize = 4 << 20;

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("revenge-backup.json"),
            Self::Rows { schema, table, part } => write!(f, "database/{schema}/{table}/{part:08}"),
            Self::Artwork(hash) => write!(f, "artwork/{hash}"),
            Self::Config(config) => write!(f, "config/{}", config.name()),
            Self::Manifest => f.write_str("manifest.json"),
        }
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// A schema or a table, as ours are called.
fn is_word(text: &str) -> bool {
    let is_plain = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'z' | b'_');
    (1..=63).contains(&text.len()) && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let hash = "0a".repeat(32);
        for member in [
            Member::Head,
            Member::Manifest,
            Member::Config(Config::File),
            Member::Config(Config::Environment),
            Member::Artwork(hash),
            Member::Rows { schema: "catalog".to_owned(), table: "item".to_owned(), part: 17 },
        ] {
            assert_eq!(Member::parse(&member.to_string()), Some(member));
        }
    }

    #[test]
    fn no_other_name_stands_for_anything() {
        for name in [
            "",
            "/etc/passwd",
            "../manifest.json",
            "artwork/../../x",
            "artwork/0A",
            "config/../revenge.yaml",
            "config/revenge.yaml/",
            "./manifest.json",
            "database/catalog/item/1",
            "database/catalog/item/+0000001",
            "database/catalog/item\";drop/00000001",
            "database/Catalog/item/00000001",
        ] {
            assert_eq!(Member::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_that_is_read_is_the_only_one_of_its_member(name in ".{0,80}") {
            if let Some(member) = Member::parse(&name) {
                prop_assert_eq!(member.to_string(), name);
            }
        }
    }
}
