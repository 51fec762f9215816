//! Addresses of pictures and pages that a source names.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

/// No real address is longer.
const MAX_BYTES: usize = 2048;

/// An address on the web that a source names. It may be anybody's: whoever asks there goes through `outbound`, which guards
/// the private network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(Url);

impl Address {
    /// The address `text` says; none where it is not one of HTTP or HTTPS, is longer than any real one or holds a password.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return None;
        }
        // Some sources leave the scheme to the page.
        let url = match text.strip_prefix("//") {
            Some(rest) => Url::parse(&format!("https://{rest}")),
            None => Url::parse(text),
        };
        let is_web = |it: &Url| {
            matches!(it.scheme(), "http" | "https") && it.has_host() && it.password().is_none()
        };
        url.ok().filter(is_web).map(Self)
    }

    /// As a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("no address on the web"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_addresses() {
        for (text, expect) in [
            ("https://image.example.org/a.jpg", Some("https://image.example.org/a.jpg")),
            (" http://example.org ", Some("http://example.org/")),
            ("//example.org/a.png", Some("https://example.org/a.png")),
            ("/banners/a.jpg", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("https://me:secret@example.org/", None),
            ("", None),
        ] {
            assert_eq!(Address::parse(text).as_ref().map(Address::as_str), expect, "{text}");
        }
        assert_eq!(Address::parse(&format!("https://e.org/{}", "a".repeat(MAX_BYTES))), None);
    }
}
