//! SAMI, Microsoft's captions in something like HTML: at each `SYNC` a paragraph of each language (class), which stays until
//! the next of its class (<https://learn.microsoft.com/previous-versions/windows/desktop/dnacc/understanding-sami-1.0>).

use super::cue::{Color, Cue, Lines, Look};
use super::vtt::{MAX_CUES, Vtt};
use super::{SubtitleError, markup};

/// A file has a class for each of its few languages.
const MAX_CLASSES: usize = 64;
/// Fonts within fonts.
const MAX_FONTS: usize = 32;

/// Of files in several languages the one that is asked for, or the first.
pub(super) fn to_webvtt(text: &str, language: Option<&str>) -> Result<String, SubtitleError> {
    let mut reader = Reader::default();
    let mut rest = text;
    while let Some((part, behind)) = markup::next(rest) {
        match part {
            markup::Part::Text(text) => reader.text(text),
            markup::Part::Tag(tag) => reader.tag(&tag),
            // The classes are declared in a comment, for browsers that do not know them.
            markup::Part::Comment(text) => {
                if reader.start_ms.is_none() {
                    reader.head.push_str(text);
                }
            }
        }
        rest = behind;
    }
    reader.end_paragraph();
    Vtt::of(reader.choose(language))
}

/// What a class shows from a moment on.
struct Paragraph {
    start_ms: u64,
    /// The place of its class; without one it is of all.
    class: Option<usize>,
    lines: Lines,
}

#[derive(Default)]
struct Reader {
    head: String,
    classes: Vec<String>,
    start_ms: Option<u64>,
    class: Option<usize>,
    lines: Lines,
    look: Look,
    /// The colours around the present font.
    fonts: Vec<Option<Color>>,
    found: Vec<Paragraph>,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.start_ms.is_some() {
            self.lines.flow(&markup::plain(text), self.look);
        } else {
            self.head.push_str(text);
        }
    }

    fn tag(&mut self, tag: &markup::Tag<'_>) {
        let is_on = !tag.is_closing;
        match tag.name.to_ascii_lowercase().as_str() {
            "sync" if is_on => {
                self.end_paragraph();
                self.class = None;
                self.start_ms = tag.attribute("start").and_then(milliseconds);
            }
            "p" if is_on => {
                self.end_paragraph();
                self.class = tag.attribute("class").and_then(|it| self.class_of(it));
            }
            "br" => self.lines.break_line(),
            "b" | "strong" => self.look.is_bold = is_on,
            "i" | "em" => self.look.is_italic = is_on,
            "u" => self.look.is_underlined = is_on,
            "font" if is_on => {
                if self.fonts.len() < MAX_FONTS {
                    self.fonts.push(self.look.color);
                }
                if let Some(color) = tag.attribute("color") {
                    self.look.color = Color::read(color);
                }
            }
            "font" => self.look.color = self.fonts.pop().flatten(),
            _ => {}
        }
    }

    fn class_of(&mut self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        if let Some(known) = self.classes.iter().position(|it| *it == name) {
            return Some(known);
        }
        let is_room = self.classes.len() < MAX_CLASSES;
        is_room.then(|| {
            self.classes.push(name);
            self.classes.len() - 1
        })
    }

    /// A paragraph ends where the next begins; so do its styles.
    fn end_paragraph(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        self.look = Look::default();
        self.fonts.clear();
        let Some(start_ms) = self.start_ms else { return };
        // What stands between a moment and its first paragraph is the space between them.
        if (lines == Lines::default() || self.class.is_none() && is_space(&lines))
            || self.found.len() >= 2 * MAX_CUES
        {
            return;
        }
        self.found.push(Paragraph { start_ms, class: self.class, lines });
    }

    /// The cues of one language.
    fn choose(mut self, language: Option<&str>) -> Vec<Cue> {
        self.found.sort_by_key(|it| it.start_ms);
        let head = self.head.to_ascii_lowercase();
        let wanted = language.and_then(|it| it.split('-').next());
        let is_in = |class: &String| wanted.is_some_and(|it| is_in(&head, class, it));
        let is_wanted: Vec<bool> = self.classes.iter().map(is_in).collect();
        let mut with_words =
            self.found.iter().filter(|it| !it.lines.is_blank()).filter_map(|it| it.class);
        let first = with_words.next();
        let chosen =
            first.into_iter().chain(with_words).find(|it| is_wanted.get(*it) == Some(&true));
        let chosen = chosen.or(first);
        let mut cues: Vec<Cue> = Vec::new();
        for paragraph in self.found {
            if paragraph.class.is_some() && paragraph.class != chosen {
                continue;
            }
            match cues.last_mut() {
                // Two paragraphs of one moment stand one below the other.
                Some(last) if last.start_ms == paragraph.start_ms => {
                    if !paragraph.lines.is_blank() {
                        last.lines.break_line();
                        last.lines.append(&paragraph.lines);
                    }
                    continue;
                }
                Some(last) => last.end_ms = Some(paragraph.start_ms),
                None => {}
            }
            cues.push(Cue {
                start_ms: paragraph.start_ms,
                end_ms: None,
                lines: paragraph.lines,
                is_on_top: false,
            });
        }
        cues
    }
}

fn is_space(lines: &Lines) -> bool {
    lines.seen().next().is_none() && !lines.has_letter('\u{a0}')
}

/// `1000`, `1000ms`.
fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|it: char| !it.is_ascii_digit()).map_or(text, |at| &text[..at]);
    digits.parse().ok().filter(|_| digits.len() <= 12)
}

/// Whether a class is in a language, by what the head says of it (`.ENCC {Name: English; lang: en-US;}`), or by how such are
/// called.
fn is_in(head: &str, class: &str, language: &str) -> bool {
    let rule = head.match_indices('.').find_map(|(at, _)| {
        let rule = head[at + 1..].strip_prefix(class)?.trim_start().strip_prefix('{')?;
        Some(rule.split('}').next().unwrap_or_default())
    });
    let told = rule.and_then(|it| it.split(';').find_map(|it| it.trim().strip_prefix("lang")));
    if let Some(told) = told.and_then(|it| it.trim_start().strip_prefix(':')) {
        return told.trim().split(['-', '_']).next() == Some(language);
    }
    let called = match language {
        "ko" => "kr",
        "ja" => "jp",
        "zh" => "cn",
        other => other,
    };
    class.starts_with(called)
}

#[cfg(test)]
mod tests;
