//! The names of fonts in a script. What is drawn where no other font can be reached is drawn with ours, so names that lead
//! nowhere are exchanged.

use std::collections::HashSet;

use super::fonts::OWN_FAMILY;

/// No script uses more.
const MAX_FAMILIES: usize = 1000;
/// How a line changes its font.
const CODE: &str = "\\fn";

/// The names that a script uses, in lower case.
#[derive(Debug, Default)]
pub(super) struct Families {
    pub wanted: HashSet<String>,
}

impl Families {
    /// Those of a style; `field` is the place of the name in it.
    pub fn add_style(&mut self, style: &str, field: usize) {
        if let Some(family) = style.split(',').nth(field) {
            self.add(family);
        }
    }

    /// Those of an event.
    pub fn add_event(&mut self, line: &str) {
        for part in line.split(CODE).skip(1) {
            self.add(split(part).0);
        }
    }

    fn add(&mut self, family: &str) {
        if self.wanted.len() < MAX_FAMILIES {
            self.wanted.insert(plain(family));
        }
    }
}

/// Whether one of these names, which are in lower case, is meant.
pub(super) fn is_among(names: &HashSet<String>, family: &str) -> bool {
    names.contains(&plain(family))
}

/// A name as it is compared; with an at sign before it, it is written from top to bottom.
fn plain(family: &str) -> String {
    family.trim().trim_start_matches('@').to_lowercase()
}

/// The name behind a code, and what follows it.
fn split(text: &str) -> (&str, &str) {
    let at = text.find(['\\', '}']).unwrap_or(text.len());
    let (name, rest) = text.split_at(at);
    // The end of what is animated, and not of the name.
    match name.find(')') {
        Some(at) if !name[..at].contains('(') => text.split_at(at),
        _ => (name, rest),
    }
}

/// A line of a style, with our font where its own is not known.
pub(super) fn restyle(line: &str, field: usize, is_known: impl Fn(&str) -> bool) -> String {
    let Some(style) = line.strip_prefix("Style:") else { return line.to_owned() };
    let fields = style.split(',').enumerate().map(|(place, it)| {
        let is_lost = place == field && !is_known(it);
        if is_lost { OWN_FAMILY } else { it }
    });
    format!("Style:{}", fields.collect::<Vec<_>>().join(","))
}

/// A line of an event, with our font where one is not known.
pub(super) fn rewrite(line: &str, is_known: impl Fn(&str) -> bool) -> String {
    let mut parts = line.split(CODE);
    let mut rewritten = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = split(part);
        // None, and in old scripts a nought, is the style's own again.
        let is_kept = matches!(name.trim(), "" | "0") || is_known(name);
        rewritten.extend([CODE, if is_kept { name } else { OWN_FAMILY }, rest]);
    }
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_nowhere_are_exchanged_and_others_stay() {
        let known = |it: &str| is_among(&HashSet::from(["sign".to_owned()]), it);
        for (line, expected) in [
            (r"{\fnSign\fs20}a", r"{\fnSign\fs20}a"),
            (r"{\fn@SIGN }a", r"{\fn@SIGN }a"),
            (r"{\fnArial Black\b1}a{\fn}b{\fn0}c", r"{\fnLiberation Sans\b1}a{\fn}b{\fn0}c"),
            (r"{\t(0,1,\fnArial)}a", r"{\t(0,1,\fnLiberation Sans)}a"),
            (r"{\fnRoboto (Bold)}a", r"{\fnLiberation Sans}a"),
            (r"{\fn", r"{\fn"),
            (r"{\fnä", r"{\fnLiberation Sans"),
        ] {
            assert_eq!(rewrite(line, known), expected, "{line}");
        }
        assert_eq!(restyle("Style: D,Arial,20", 1, known), "Style: D,Liberation Sans,20");
        assert_eq!(restyle("Style: D,Sign,20", 1, known), "Style: D,Sign,20");
        assert_eq!(restyle("Style: D", 1, known), "Style: D");
    }
}
