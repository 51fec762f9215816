//! Writing WebVTT: times, and lines whose tags are tamed.

use std::fmt::Write;

use super::SubtitleError;
use super::cue::{Cue, Line, MAX_LINE_BYTES, MAX_LINES};

/// Cues beyond this number belong to no film.
pub(super) const MAX_CUES: usize = 100_000;
/// A cue whose end nobody states is shown this long, or until the next.
pub(super) const USUAL_MS: u64 = 4000;

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

    /// The file of cues in any order; one without an end is shown until the next, but not forever.
    pub fn of(mut cues: Vec<Cue>) -> Result<String, SubtitleError> {
        cues.sort_by_key(|it| it.start_ms);
        let mut vtt = Self::default();
        let mut next_ms = u64::MAX;
        let mut ends = vec![0; cues.len()];
        for (end, (n, cue)) in ends.iter_mut().rev().zip(cues.iter().enumerate().rev()) {
            *end = cue.end_ms.unwrap_or_else(|| next_ms.min(cue.start_ms.saturating_add(USUAL_MS)));
            // Cues that begin together do not end each other.
            if n > 0 && cues[n - 1].start_ms < cue.start_ms {
                next_ms = cue.start_ms;
            }
        }
        for (cue, end_ms) in cues.iter().zip(ends) {
            if end_ms > cue.start_ms && !cue.lines.is_blank() && vtt.n_cues < MAX_CUES {
                write_styled(&mut vtt.text, cue, end_ms);
                vtt.n_cues += 1;
            }
        }
        vtt.finish()
    }

    pub fn finish(self) -> Result<String, SubtitleError> {
        if self.n_cues == 0 { Err(SubtitleError::NoCues) } else { Ok(self.text) }
    }
}

fn write_cue<'a>(vtt: &mut String, times: Times, body: impl IntoIterator<Item = &'a str>) {
    let mut text = String::new();
    let mut open = Vec::new();
    let mut is_on_top = false;
    for (n, line) in body.into_iter().take(MAX_LINES).enumerate() {
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

fn write_styled(vtt: &mut String, cue: &Cue, end_ms: u64) {
    let place = if cue.is_on_top { " line:0" } else { "" };
    // Writing to a string cannot fail.
    let _ = writeln!(vtt, "\n{} --> {}{place}", clock(cue.start_ms), clock(end_ms));
    for line in cue.lines.seen() {
        write_spans(vtt, line);
        vtt.push('\n');
    }
}

fn write_spans(out: &mut String, line: &Line) {
    let n_spans = line.spans.len();
    for (n, (look, text)) in line.spans.iter().enumerate() {
        let text = if n == 0 { text.trim_start_matches(' ') } else { text };
        let text = if n + 1 == n_spans { text.trim_end_matches(' ') } else { text };
        if text.is_empty() {
            continue;
        }
        let tags = [
            (look.color.map(|it| format!("c.{}", it.class())), "c"),
            (look.is_bold.then(|| "b".to_owned()), "b"),
            (look.is_italic.then(|| "i".to_owned()), "i"),
            (look.is_underlined.then(|| "u".to_owned()), "u"),
        ];
        for tag in tags.iter().filter_map(|it| it.0.as_ref()) {
            let _ = write!(out, "<{tag}>");
        }
        for part in text.split_inclusive(['<', '>', '&']) {
            let words = part.trim_end_matches(['<', '>', '&']);
            push_visible(out, words);
            out.push_str(escaped(&part[words.len()..]));
        }
        for (_, tag) in tags.iter().rev().filter(|it| it.0.is_some()) {
            let _ = write!(out, "</{tag}>");
        }
    }
}

/// A letter that WebVTT takes for more than itself.
fn escaped(letter: &str) -> &str {
    match letter {
        "<" => "&lt;",
        ">" => "&gt;",
        "&" => "&amp;",
        other => other,
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
            out.push_str(escaped(&rest[..1]));
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
