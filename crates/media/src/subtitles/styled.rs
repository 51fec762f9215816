//! Text tracks of Advanced SubStation Alpha as the scripts they were, for whoever draws their styles. Matroska keeps the head of
//! a script in the track's description, and of each event all but its times (<https://www.matroska.org/technical/subtitles.html>).

use std::fmt::Write as _;

use super::decode;
use super::embedded::with_ends;
use crate::samples::TextCue;

/// What stands before the events of a script without a head of its own.
const EVENTS: &str = "[Events]";
const FORMAT: &str =
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";

/// The script of a text track, whose cues are in the order of time.
pub fn embedded_to_ass(description: &[u8], language: Option<&str>, cues: &[TextCue]) -> String {
    let mut script = decode(description, language).trim_end_matches(['\0', '\r', '\n']).to_owned();
    script.push('\n');
    if !script.contains(EVENTS) {
        let _ = writeln!(script, "\n{EVENTS}");
    }
    let is_told = script.rsplit_once(EVENTS).is_some_and(|it| it.1.contains("Format:"));
    if !is_told {
        let _ = writeln!(script, "{FORMAT}");
    }
    for (cue, end_ms) in with_ends(cues) {
        let text = decode(&cue.bytes, language);
        // Number in the file, layer, and the fields behind the times.
        let mut fields = text.splitn(3, ',');
        let (Some(_), Some(layer), Some(rest)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let rest = rest.trim_end_matches(['\0', '\r', '\n']).replace("\r\n", "\\N");
        let (start, end) = (Clock(cue.start_ms), Clock(end_ms));
        let rest = rest.replace('\n', "\\N");
        let _ = writeln!(script, "Dialogue: {},{start},{end},{rest}", layer.trim());
    }
    script
}

/// Milliseconds as `h:mm:ss.cc`.
pub(super) struct Clock(pub i64);

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = self.0.max(0) / 10;
        let (seconds, rest) = (hundredths / 100, hundredths % 100);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{hours}:{minutes:02}:{:02}.{rest:02}", seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start_ms: i64, text: &str) -> TextCue {
        TextCue { start_ms, duration_ms: Some(1500), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn events_get_their_times_back_and_keep_their_styles() {
        let head = format!("[Script Info]\nScriptType: v4.00+\n\n{EVENTS}\n{FORMAT}\r\n\0");
        let cues = [
            cue(3_723_450, r"7,1,Sign,,0,0,0,,{\pos(10,20)\c&H0000FF&}Red, and\Nmore"),
            cue(4_000_000, "8,0,Default,Bob,0,0,0,,Two\nlines"),
            cue(4_100_000, "nothing"),
        ];
        let script = embedded_to_ass(head.as_bytes(), None, &cues);
        let events: Vec<&str> = script.lines().filter(|it| it.starts_with("Dialogue")).collect();
        assert_eq!(
            events,
            [
                r"Dialogue: 1,1:02:03.45,1:02:04.95,Sign,,0,0,0,,{\pos(10,20)\c&H0000FF&}Red, and\Nmore",
                r"Dialogue: 0,1:06:40.00,1:06:41.50,Default,Bob,0,0,0,,Two\Nlines",
            ]
        );
        assert_eq!(script.matches("Format:").count(), 1, "{script}");
    }

    #[test]
    fn a_track_without_a_head_is_given_one() {
        let script = embedded_to_ass(b"", None, &[cue(0, "0,0,Default,,0,0,0,,Hello")]);
        assert!(script.contains(EVENTS) && script.contains(FORMAT), "{script}");
    }
}
