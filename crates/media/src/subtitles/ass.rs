//! Advanced SubStation Alpha, and its elder SSA, to WebVTT. What is said stays; of styling bold, italic, underline and
//! "at the top" stay.

use super::vtt::{Times, Vtt};
use super::{SubtitleError, decode};

/// Fields of an event before its text, in a file without a format line.
pub(super) const USUAL_FIELDS: [&str; 10] =
    ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];

/// Converts a file of ASS or SSA. `language` (BCP 47) tells how to read files that are not Unicode.
pub(super) fn ass_to_webvtt(bytes: &[u8], language: Option<&str>) -> Result<String, SubtitleError> {
    let text = decode(bytes, language);
    let mut fields: Vec<String> = USUAL_FIELDS.map(str::to_owned).to_vec();
    let mut is_events = false;
    let mut events: Vec<(Times, String)> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            is_events = line.eq_ignore_ascii_case("[events]");
        } else if let Some(format) = line.strip_prefix("Format:").filter(|_| is_events) {
            fields = self::fields(format);
        } else if let Some(event) = line.strip_prefix("Dialogue:").filter(|_| is_events) {
            events.extend(read_event(event, &fields));
        }
    }
    // Events may stand in any order; cues may not.
    events.sort_by_key(|it| it.0.start_ms);
    let mut vtt = Vtt::default();
    for (times, text) in &events {
        vtt.add(*times, text.split('\n'));
    }
    vtt.finish()
}

/// The names of fields in a line of format.
pub(super) fn fields(format: &str) -> Vec<String> {
    format.split(',').map(|it| it.trim().to_ascii_lowercase()).collect()
}

fn read_event(event: &str, fields: &[String]) -> Option<(Times, String)> {
    let (start_ms, end_ms) = event_times(event, fields)?;
    let text = value(event, fields, "text")?;
    Some((Times { start_ms, end_ms }, plain(text)))
}

/// From when to when an event is shown, in milliseconds.
pub(super) fn event_times(event: &str, fields: &[String]) -> Option<(u64, u64)> {
    Some((time(value(event, fields, "start")?)?, time(value(event, fields, "end")?)?))
}

/// A field of an event. The text is the last one, and may hold commas itself.
fn value<'a>(event: &'a str, fields: &[String], name: &str) -> Option<&'a str> {
    let place = fields.iter().position(|it| it == name)?;
    event.splitn(fields.len(), ',').nth(place)
}

/// `h:mm:ss.cc`.
fn time(text: &str) -> Option<u64> {
    let mut parts = text.trim().splitn(3, ':');
    let mut whole = || parts.next()?.trim().parse::<u64>().ok().filter(|it| *it < 1000);
    let (hours, minutes) = (whole()?, whole()?);
    let (seconds, fraction) = parts.next()?.split_once('.')?;
    let seconds: u64 = seconds.parse().ok().filter(|it| *it < 1000)?;
    let ms: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((hours * 3600 + minutes * 60 + seconds) * 1000 + ms)
}

/// The text of an event as SRT would have it, line by line.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // Between `\p1` and `\p0` stand the strokes of a drawing, not words.
    let mut is_drawing = false;
    while let Some(at) = rest.find(['{', '\\']) {
        if !is_drawing {
            out.push_str(&rest[..at]);
        }
        rest = &rest[at..];
        if let Some((codes, behind)) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            is_drawing = override_codes(codes, &mut out, is_drawing);
            rest = behind;
            continue;
        }
        let (shown, n_bytes) = match rest.as_bytes() {
            [b'\\', b'N' | b'n', ..] => ("\n", 2),
            [b'\\', b'h', ..] => ("\u{a0}", 2),
            [b'{', ..] => ("{", 1),
            _ => ("\\", 1),
        };
        if !is_drawing {
            out.push_str(shown);
        }
        rest = &rest[n_bytes..];
    }
    if !is_drawing {
        out.push_str(rest);
    }
    out
}

/// Writes what of the codes is kept as SRT's tags; says whether a drawing goes on behind them.
fn override_codes(codes: &str, out: &mut String, mut is_drawing: bool) -> bool {
    for code in codes.split('\\').skip(1) {
        let code = code.trim();
        match code {
            "i1" => out.push_str("<i>"),
            "i0" => out.push_str("</i>"),
            "b1" => out.push_str("<b>"),
            "b0" => out.push_str("</b>"),
            "u1" => out.push_str("<u>"),
            "u0" => out.push_str("</u>"),
            "an7" | "an8" | "an9" => out.push_str("{\\an8}"),
            _ => {
                if let Some(scale) = code.strip_prefix('p').and_then(|it| it.parse::<u8>().ok()) {
                    is_drawing = scale > 0;
                }
            }
        }
    }
    is_drawing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_event_keeps_what_is_said() {
        let table = [
            (r"Hello\Nworld", "Hello\nworld"),
            (r"{\i1}softly{\i0} now", "<i>softly</i> now"),
            (r"{\an8\fs20\pos(1,2)}Top", r"{\an8}Top"),
            (r"a{\p1}m 0 0 l 1 1{\p0}b", "ab"),
            (r"{\p1}m 0 0", ""),
            (r"50\% {off", r"50\% {off"),
            (r"{a comment}x\hy", "x\u{a0}y"),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn a_file_is_read_by_its_format_line_and_sorted() {
        let file = "[Script Info]\nTitle: x\n\n[Events]\n\
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
            Dialogue: 0,0:00:05.50,0:00:06.00,Default,,0,0,0,,Second, with a comma\n\
            Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,hidden\n\
            Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,First & <foremost>\n";
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nFirst &amp; &lt;foremost&gt;\n\n\
            00:00:05.500 --> 00:00:06.000\nSecond, with a comma\n";
        assert_eq!(ass_to_webvtt(file.as_bytes(), None), Ok(expected.to_owned()));
    }

    #[test]
    fn what_is_no_subtitle_is_refused() {
        for file in [
            "",
            "[Events]\n",
            "[Events]\nDialogue: 0,x,y,z\n",
            "Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,x",
        ] {
            assert_eq!(ass_to_webvtt(file.as_bytes(), None), Err(SubtitleError::NoCues), "{file}");
        }
    }
}
