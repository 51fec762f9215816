//! SRT to WebVTT.

use std::fmt::Write;

use super::{MAX_SUBTITLE_BYTES, SubtitleError, decode};

/// One cue shows at most this many lines and bytes; nobody reads more, and a page must not choke on it.
const MAX_CUE_LINES: usize = 32;
const MAX_LINE_BYTES: usize = 1000;
/// Cues beyond this number belong to no film.
const MAX_CUES: usize = 100_000;

/// A cue's times in milliseconds.
struct Times {
    start_ms: u64,
    end_ms: u64,
}

/// Converts an SRT file to WebVTT. Sloppy files are read as players read them: any line break, missing numbers, a dot
/// for the comma, no blank line between cues. Of styling, bold, italic and underline stay; everything else is text or gone.
///
/// `language` (BCP 47) tells how to read files that are not Unicode.
pub fn srt_to_webvtt(bytes: &[u8], language: Option<&str>) -> Result<String, SubtitleError> {
    if bytes.len() > MAX_SUBTITLE_BYTES {
        return Err(SubtitleError::TooLarge(bytes.len()));
    }
    let text = decode(bytes, language);
    let mut lines =
        text.split('\n').flat_map(|it| it.strip_suffix('\r').unwrap_or(it).split('\r')).peekable();
    let mut vtt = String::from("WEBVTT\n");
    let mut n_cues = 0;
    while let Some(line) = lines.next() {
        let Some(times) = times(line) else { continue };
        let mut body: Vec<&str> = Vec::new();
        while let Some(line) = lines.next_if(|it| self::times(it).is_none()) {
            if line.trim().is_empty() {
                break;
            }
            body.push(line);
        }
        // Without a blank line between cues, the next one's number ended up here.
        if lines.peek().is_some_and(|it| self::times(it).is_some())
            && body.last().is_some_and(|it| is_number(it))
        {
            body.pop();
        }
        if !body.is_empty() && times.end_ms > times.start_ms && n_cues < MAX_CUES {
            write_cue(&mut vtt, &times, &body);
            n_cues += 1;
        }
    }
    if n_cues == 0 { Err(SubtitleError::NoCues) } else { Ok(vtt) }
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.len() <= 9 && line.bytes().all(|it| it.is_ascii_digit())
}

/// `00:00:01,000 --> 00:00:02,000`, with anything behind.
fn times(line: &str) -> Option<Times> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some(Times { start_ms: time(start.trim())?, end_ms: time(end)? })
}

/// `h:mm:ss,mmm`; hours may be missing, the separator may be a dot, milliseconds may be short or missing.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let mut seconds = 0_u64;
    let mut n_parts = 0;
    for part in clock.split(':') {
        let part = part.trim();
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        seconds = seconds * 60 + part.parse::<u64>().ok()?;
        n_parts += 1;
    }
    let fraction = fraction.trim();
    if !(2..=3).contains(&n_parts)
        || !fraction.bytes().all(|it| it.is_ascii_digit())
        || fraction.len() > 9
    {
        return None;
    }
    let ms = format!("{fraction:0<3}").get(..3)?.parse::<u64>().ok()?;
    Some(seconds * 1000 + ms)
}

fn write_cue(vtt: &mut String, times: &Times, body: &[&str]) {
    let mut text = String::new();
    let mut open = Vec::new();
    let mut is_on_top = false;
    for (n, line) in body.iter().take(MAX_CUE_LINES).enumerate() {
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

fn clock(ms: u64) -> String {
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

#[cfg(test)]
mod tests;
