//! Writing WebVTT: times, and lines whose tags are tamed.

use std::fmt::Write;

use super::SubtitleError;

/// One cue shows at most this many lines and bytes; nobody reads more, and a page must not choke on it.
const MAX_CUE_LINES: usize = 32;
const MAX_LINE_BYTES: usize = 1000;
/// Cues beyond this number belong to no film.
const MAX_CUES: usize = 100_000;

/// A cue's times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub start_ms: u64,
    pub end_ms: u64,
}

/// A file that grows by cues.
pub(super) struct Vtt {
    text: String,
    n_cues: usize,
}

impl Default for Vtt {
    fn default() -> Self {
        Self { text: String::from("WEBVTT\n"), n_cues: 0 }
    }
}

impl Vtt {
    /// Adds a cue, unless it is never shown.
    pub fn add<'a>(&mut self, times: Times, lines: impl IntoIterator<Item = &'a str>) {
        if times.end_ms > times.start_ms && self.n_cues < MAX_CUES {
            let before = self.text.len();
            write_cue(&mut self.text, times, lines);
            self.n_cues += usize::from(self.text.len() > before);
        }
    }

    pub fn finish(self) -> Result<String, SubtitleError> {
        if self.n_cues == 0 { Err(SubtitleError::NoCues) } else { Ok(self.text) }
    }
}

fn write_cue<'a>(vtt: &mut String, times: Times, body: impl IntoIterator<Item = &'a str>) {
    let mut text = String::new();
    let mut open = Vec::new();
    let mut is_on_top = false;
    for (n, line) in body.into_iter().take(MAX_CUE_LINES).enumerate() {
        if n > 0 {
            text.push('\n');
        }
        is_on_top |=
            write_line(&mut text, &line[..line.floor_char_boundary(MAX_LINE_BYTES)], &mut open);
    }
    for tag in open.into_iter().rev() {
        let _ = write!(text, "</{tag}>");
    }
    // A cue ends at an empty line, so none may be left inside.
    let lines: Vec<&str> = text.split('\n').filter(|it| !it.trim().is_empty()).collect();
    if !lines.is_empty() {
        let place = if is_on_top { " line:0" } else { "" };
        let (start, end) = (clock(times.start_ms), clock(times.end_ms));
        // Writing to a string cannot fail.
        let _ = write!(vtt, "\n{start} --> {end}{place}\n{}\n", lines.join("\n"));
    }
}

/// Milliseconds as WebVTT has them.
pub fn clock(ms: u64) -> String {
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// Writes one line with its tags tamed; says whether it asks to be shown at the top of the picture.
fn write_line(out: &mut String, line: &str, open: &mut Vec<char>) -> bool {
    let mut is_on_top = false;
    let mut rest = line;
    while let Some(at) = rest.find(['<', '>', '&', '{']) {
        push_visible(out, &rest[..at]);
        rest = &rest[at..];
        if let Some((tag, behind)) = styling(rest) {
            apply(out, tag, open);
            rest = behind;
        } else if let Some((codes, behind)) =
            rest.strip_prefix("{\\").and_then(|it| it.split_once('}'))
        {
            is_on_top |= ["an7", "an8", "an9"].iter().any(|it| codes.contains(it));
            rest = behind;
        } else {
            out.push_str(match rest.as_bytes()[0] {
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'&' => "&amp;",
                _ => "{",
            });
            rest = &rest[1..];
        }
    }
    push_visible(out, rest);
    is_on_top
}

/// Control characters have no place in a cue.
fn push_visible(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|it| *it == '\t' || !it.is_control()));
}

/// A styling tag at the beginning of `text`, without its brackets, and what follows it.
fn styling(text: &str) -> Option<(&str, &str)> {
    let (tag, behind) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.trim_start_matches('/').split([' ', '=']).next()?;
    let is_known = ["b", "i", "u", "s", "font"].iter().any(|it| name.eq_ignore_ascii_case(it));
    (is_known && !tag.contains('<')).then_some((tag, behind))
}

/// Opens or closes one of the tags that WebVTT shares; closing what is not open, or not innermost, is left out.
fn apply(out: &mut String, tag: &str, open: &mut Vec<char>) {
    let (is_closing, name) = tag.strip_prefix('/').map_or((false, tag), |it| (true, it));
    let Some(letter) = name.chars().next().map(|it| it.to_ascii_lowercase()) else { return };
    if name.len() > 1 || !matches!(letter, 'b' | 'i' | 'u') {
        return;
    }
    if !is_closing && !open.contains(&letter) {
        open.push(letter);
        let _ = write!(out, "<{letter}>");
    } else if is_closing && open.last() == Some(&letter) {
        open.pop();
        let _ = write!(out, "</{letter}>");
    }
}
