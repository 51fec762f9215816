//! SRT to WebVTT.

use super::vtt::{Times, Vtt};
use super::{SubtitleError, decode};

/// Converts an SRT file to WebVTT. Sloppy files are read as players read them: any line break, missing numbers, a dot
/// for the comma, no blank line between cues. Of styling, bold, italic and underline stay; everything else is text or gone.
///
/// `language` (BCP 47) tells how to read files that are not Unicode.
pub(super) fn srt_to_webvtt(bytes: &[u8], language: Option<&str>) -> Result<String, SubtitleError> {
    let text = decode(bytes, language);
    let mut lines =
        text.split('\n').flat_map(|it| it.strip_suffix('\r').unwrap_or(it).split('\r')).peekable();
    let mut vtt = Vtt::default();
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
        vtt.add(times, body);
    }
    vtt.finish()
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.len() <= 9 && line.bytes().all(|it| it.is_ascii_digit())
}

/// `00:00:01,000 --> 00:00:02,000`, with anything behind.
pub(super) fn times(line: &str) -> Option<Times> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some(Times { start_ms: time(start.trim())?, end_ms: time(end)? })
}

/// `h:mm:ss,mmm`; hours may be missing, the separator may be a dot, milliseconds may be short or missing.
pub(super) fn time(text: &str) -> Option<u64> {
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

#[cfg(test)]
mod tests;
