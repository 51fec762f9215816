//! Something like HTML, as old subtitles have it, read as browsers do: nothing in it is an error.

/// No tag is longer; who would look further for the end of each would look at a file without any for hours.
const MAX_TAG_BYTES: usize = 1024;

/// A comment, a tag, or what is between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
    Comment(&'a str),
}

/// A tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// As it is written, in any case.
    pub name: &'a str,
    pub is_closing: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute, whose name is given in lower case.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start();
            let end = rest.find(|it: char| it == '=' || it.is_whitespace()).unwrap_or(rest.len());
            let (key, behind) = rest.split_at(end);
            if key.is_empty() && behind.is_empty() {
                return None;
            }
            let behind = behind.trim_start();
            let Some(value) = behind.strip_prefix('=').map(str::trim_start) else {
                rest = behind;
                continue;
            };
            let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''));
            let (value, behind) = match quote {
                Some(quote) => {
                    let inside = &value[1..];
                    inside.split_once(quote).unwrap_or((inside, ""))
                }
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = behind;
        }
    }
}

/// The first part of a text and what follows it; `None` at its end.
pub(super) fn next(text: &str) -> Option<(Part<'_>, &str)> {
    if text.is_empty() {
        return None;
    }
    if let Some(comment) = text.strip_prefix("<!--") {
        let (comment, behind) = comment.split_once("-->").unwrap_or((comment, ""));
        return Some((Part::Comment(comment), behind));
    }
    if is_tag(text)
        && let Some(end) = text[..text.floor_char_boundary(MAX_TAG_BYTES)].find('>')
    {
        let (inside, behind) = (&text[1..end], &text[end + 1..]);
        let (is_closing, inside) =
            inside.strip_prefix('/').map_or((false, inside), |it| (true, it));
        let end = inside.find(|it: char| it == '/' || it.is_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        let attributes = attributes.trim_start_matches('/');
        return Some((Part::Tag(Tag { name, is_closing, attributes }), behind));
    }
    // At least one letter, so that it goes on.
    let n_first = text.chars().next().map_or(0, char::len_utf8);
    let mut places = text[n_first..].match_indices('<').map(|(at, _)| n_first + at);
    let end = places.find(|at| is_tag(&text[*at..])).unwrap_or(text.len());
    let (text, behind) = text.split_at(end);
    Some((Part::Text(text), behind))
}

fn is_tag(text: &str) -> bool {
    let next = text.strip_prefix('<').and_then(|it| it.bytes().next());
    next.is_some_and(|it| it.is_ascii_alphabetic() || matches!(it, b'/' | b'!' | b'?'))
}

/// A text with the letters that it names; names that nobody knows stay as they are.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '#');
        let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
        match named(name) {
            Some(letter) => {
                out.push(letter);
                // The sign at the end is often forgotten.
                rest = behind.strip_prefix(';').unwrap_or(behind);
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

fn named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "nbsp" => '\u{a0}',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<Part<'_>> {
        let mut rest = text;
        let mut parts = Vec::new();
        while let Some((part, behind)) = next(rest) {
            assert!(behind.len() < rest.len(), "{text:?} stands still at {rest:?}");
            parts.push(part);
            rest = behind;
        }
        parts
    }

    #[test]
    fn every_text_has_parts() {
        let tag = |name, is_closing, attributes| Part::Tag(Tag { name, is_closing, attributes });
        let table = [
            ("a<br/>b", vec![Part::Text("a"), tag("br", false, ""), Part::Text("b")]),
            ("a < b <", vec![Part::Text("a < b <")]),
            ("<<b>", vec![Part::Text("<"), tag("b", false, "")]),
            ("<!--x--></P >", vec![Part::Comment("x"), tag("P", true, " ")]),
            ("<!--x", vec![Part::Comment("x")]),
            ("<b", vec![Part::Text("<b")]),
            ("<", vec![Part::Text("<")]),
            ("ä<ä", vec![Part::Text("ä<ä")]),
            ("", vec![]),
        ];
        for (text, expected) in table {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn attributes_are_found_however_they_are_quoted() {
        let table = [
            ("<SYNC Start=12>", Some("12")),
            ("<sync\tstart = \"1 2\">", Some("1 2")),
            ("<sync x start='12' y=z>", Some("12")),
            ("<sync a=start START=\"12>", Some("12")),
            ("<sync ==start=1>", None),
            ("<sync starts=1>", None),
            ("<sync start>", None),
        ];
        for (text, expected) in table {
            let Some((Part::Tag(tag), _)) = next(text) else { panic!("{text}") };
            assert_eq!(tag.attribute("start"), expected, "{text}");
        }
    }

    #[test]
    fn named_letters_become_what_they_are() {
        let table = [
            ("a&nbsp;b&nbsp c", "a\u{a0}b\u{a0} c"),
            ("R&B &amp; &LT;x&gt;", "R&B & <x>"),
            ("&#65;&#x42;&#xd800;&#99999999999;", "AB&#xd800;&#99999999999;"),
            ("&", "&"),
            ("&ä;", "&ä;"),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
