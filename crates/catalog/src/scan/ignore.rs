//! What a folder itself asks a scan to pass over: `.nomedia`, `.ignore` and `.plexignore`.

use std::sync::Arc;

/// Ignore files larger than this are none.
pub const MAX_BYTES: usize = 64 * 1024;

/// A folder with this file is passed over whole.
pub const NO_MEDIA: &str = ".nomedia";
/// Files with patterns, one a line; an empty one means the folder as a whole.
pub const PATTERN_FILES: [&str; 2] = [".ignore", ".plexignore"];

/// Patterns that hold in a folder: its own and those of the folders above it.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Option<Arc<Layer>>);

#[derive(Debug)]
struct Layer {
    /// Length of the relative path of the folder the patterns were found in, with its slash.
    base: usize,
    patterns: Vec<String>,
    above: Patterns,
}

impl Patterns {
    /// These patterns with those of `text`, found in the folder `path` (relative to the library's folder); `None` when
    /// the text has no pattern, which means the whole folder.
    pub fn with(&self, path: &str, text: &str) -> Option<Self> {
        let patterns: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|it| !it.is_empty() && !it.starts_with('#'))
            .map(|it| it.trim_matches('/').to_lowercase())
            .collect();
        if patterns.is_empty() {
            return None;
        }
        let base = if path.is_empty() { 0 } else { path.len() + 1 };
        Some(Self(Some(Arc::new(Layer { base, patterns, above: self.clone() }))))
    }

    /// Whether the file or folder at `path` (relative to the library's folder) is passed over.
    ///
    /// A pattern with a slash is compared with the path from its folder on, one without with the name alone.
    pub fn ignore(&self, path: &str) -> bool {
        let Some(layer) = &self.0 else { return false };
        let below = path.get(layer.base..).unwrap_or_default().to_lowercase();
        let name = below.rsplit('/').next().unwrap_or_default();
        let fits = layer.patterns.iter().any(|pattern| {
            matches(
                pattern.as_bytes(),
                if pattern.contains('/') { &below } else { name }.as_bytes(),
            )
        });
        fits || layer.above.ignore(path)
    }
}

/// Whether `text` fits the `pattern` of `*` (any bytes) and `?` (one byte). One star is retried at a time, so the time is
/// bounded by the product of both lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(sign) if *sign == b'?' || *sign == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|it| *it == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_below_their_folder() {
        let root =
            Patterns::default().with("", "# mine\n*.sample.*\nExtras/*\n").expect("patterns");
        let below = root.with("Films", "b*r.mkv").expect("patterns");
        for (path, expect) in [
            ("Films/x.sample.mkv", true),
            ("Films/BAR.mkv", true),
            ("Films/foo.mkv", false),
            ("Extras/foo.mkv", true),
            ("Films/Extras/foo.mkv", false),
        ] {
            assert_eq!(below.ignore(path), expect, "{path}");
        }
        assert!(!root.ignore("bar.mkv"));
    }

    #[test]
    fn an_empty_file_means_the_folder() {
        assert!(Patterns::default().with("x", "\n# nothing\n").is_none());
    }

    #[test]
    fn many_stars_are_no_attack() {
        assert!(!matches("*a".repeat(500).as_bytes(), "b".repeat(5000).as_bytes()));
    }
}
