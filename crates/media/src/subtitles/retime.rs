//! Subtitles at other times than they were written for: shifted, and stretched from one rate of pictures to another. On WebVTT
//! (<https://www.w3.org/TR/webvtt1/>) and on scripts, ours and those of others.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::styled::Clock;
use super::vtt::clock;
use super::{ass, srt};

/// The furthest that a subtitle is shifted, in milliseconds either way: ten minutes.
pub const MAX_OFFSET_MS: i64 = 600_000;
/// The largest part of a ratio; those of films have five digits.
const MAX_PART: u32 = 1_000_000;

/// What becomes of each time: multiplied by a ratio, and then shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub struct Retiming {
    offset_ms: i64,
    rate: (u32, u32),
}

/// As it is kept and told.
#[derive(Serialize, Deserialize)]
struct Told {
    offset_ms: i64,
    rate: String,
}

impl Default for Retiming {
    fn default() -> Self {
        Self { offset_ms: 0, rate: (1, 1) }
    }
}

impl Retiming {
    /// By `offset_ms` later, negative: earlier, after times were multiplied by `rate`, a ratio like `1001/960`. Why not, where
    /// it is more than [`MAX_OFFSET_MS`], or less than half or more than double.
    pub fn new(offset_ms: i64, rate: &str) -> Result<Self, &'static str> {
        if !(-MAX_OFFSET_MS..=MAX_OFFSET_MS).contains(&offset_ms) {
            return Err("an offset is at most 600000 ms either way");
        }
        let wrong = "a rate is a ratio of whole numbers like 1001/960, from 1/2 to 2/1";
        let (over, under) = rate.split_once('/').ok_or(wrong)?;
        let part = |it: &str| {
            let is_number = it.bytes().all(|it| it.is_ascii_digit());
            it.parse().ok().filter(|it| is_number && (1..=MAX_PART).contains(it))
        };
        let rate: (u32, u32) = part(over).zip(part(under)).ok_or(wrong)?;
        let is_near = rate.0 <= rate.1 * 2 && rate.1 <= rate.0 * 2;
        if is_near { Ok(Self { offset_ms, rate }) } else { Err(wrong) }
    }

    /// How much later, in milliseconds.
    pub fn offset_ms(self) -> i64 {
        self.offset_ms
    }

    /// What times are multiplied by, as [`Self::new`] takes it.
    pub fn rate(self) -> String {
        format!("{}/{}", self.rate.0, self.rate.1)
    }

    /// Whether everything stays where it is.
    pub fn is_nothing(self) -> bool {
        self.offset_ms == 0 && self.rate.0 == self.rate.1
    }

    /// When something is shown that was written for `ms`: to the nearest millisecond.
    fn at(self, ms: u64) -> i64 {
        let (over, under) = (i128::from(self.rate.0), i128::from(self.rate.1));
        let stretched = (i128::from(ms) * over + under / 2) / under;
        i64::try_from(stretched).unwrap_or(i64::MAX).saturating_add(self.offset_ms)
    }

    /// From when to when something is shown; `None` for what is over before the film begins.
    fn span(self, start_ms: u64, end_ms: u64) -> Option<(u64, u64)> {
        let end_ms = u64::try_from(self.at(end_ms)).ok().filter(|it| *it > 0)?;
        Some((self.at(start_ms).try_into().unwrap_or(0), end_ms))
    }
}

impl TryFrom<Told> for Retiming {
    type Error = &'static str;

    fn try_from(told: Told) -> Result<Self, &'static str> {
        Self::new(told.offset_ms, &told.rate)
    }
}

impl From<Retiming> for Told {
    fn from(it: Retiming) -> Self {
        Self { offset_ms: it.offset_ms, rate: it.rate() }
    }
}

/// A file of WebVTT at other times. Cues that are over before the film begins are left out; others begin with it at the
/// earliest.
pub fn retime_webvtt(text: &str, by: Retiming) -> Cow<'_, str> {
    if by.is_nothing() {
        return text.into();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // A cue's name stands before its times, and goes with it.
    let mut name = None;
    let (mut is_first, mut is_left_out) = (true, false);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if content.is_empty() {
            out.push_str(name.take().unwrap_or_default());
            out.push('\n');
            (is_first, is_left_out) = (true, false);
            continue;
        }
        if let Some((start_ms, end_ms, settings)) = times(content) {
            let span = by.span(start_ms, end_ms);
            is_left_out = span.is_none();
            let name = name.take().unwrap_or_default();
            if let Some((start_ms, end_ms)) = span {
                out.push_str(name);
                // Writing to a string cannot fail.
                let _ = writeln!(out, "{} --> {}{settings}", clock(start_ms), clock(end_ms));
            }
        } else if is_first {
            name = Some(line);
        } else if !is_left_out {
            out.push_str(name.take().unwrap_or_default());
            push_words(&mut out, line, by);
        }
        is_first = false;
    }
    out.push_str(name.unwrap_or_default());
    out.into()
}

/// The times of a cue and what stands behind them, with the blank before it.
fn times(line: &str) -> Option<(u64, u64, &str)> {
    let (start, rest) = line.split_once("-->")?;
    let rest = rest.trim_start();
    let (end, settings) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    Some((srt::time(start.trim())?, srt::time(end)?, settings.trim_end()))
}

/// Words, in which `<00:00:01.000>` says when those behind it are sung.
fn push_words(out: &mut String, line: &str, by: Retiming) {
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        rest = behind;
        if let Some((tag, behind)) = rest.split_once('>')
            && let Some(ms) = srt::time(tag)
        {
            let ms = u64::try_from(by.at(ms)).unwrap_or(0);
            out.push_str(&clock(ms));
            out.push('>');
            rest = behind;
        }
    }
    out.push_str(rest);
}

/// A script of ASS or SSA at other times, to the hundredth of a second, as scripts have them. What is over before the film
/// begins is left out.
pub fn retime_ass(script: &str, by: Retiming) -> Cow<'_, str> {
    if by.is_nothing() {
        return script.into();
    }
    let mut fields: Vec<String> = ass::USUAL_FIELDS.map(str::to_owned).to_vec();
    let mut is_events = false;
    let mut out = String::with_capacity(script.len());
    for line in script.split_inclusive('\n') {
        let content = line.trim();
        if content.starts_with('[') {
            is_events = content.eq_ignore_ascii_case("[events]");
        } else if let Some(format) = content.strip_prefix("Format:").filter(|_| is_events) {
            fields = ass::fields(format);
        } else if let Some(event) = content.strip_prefix("Dialogue:").filter(|_| is_events)
            && let Some((start_ms, end_ms)) = ass::event_times(event, &fields)
        {
            if let Some(span) = by.span(start_ms, end_ms) {
                push_event(&mut out, event, &fields, span);
            }
            continue;
        }
        out.push_str(line);
    }
    out.into()
}

fn push_event(out: &mut String, event: &str, fields: &[String], (start_ms, end_ms): (u64, u64)) {
    out.push_str("Dialogue:");
    for (place, value) in event.splitn(fields.len(), ',').enumerate() {
        out.push_str(if place > 0 { "," } else { "" });
        let time = match fields[place].as_str() {
            "start" => Some(start_ms),
            "end" => Some(end_ms),
            _ => None,
        };
        match time {
            // Writing to a string cannot fail.
            Some(ms) => drop(write!(out, "{}", Clock(ms.try_into().unwrap_or(i64::MAX)))),
            None => out.push_str(value),
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(offset_ms: i64, rate: &str) -> Retiming {
        Retiming::new(offset_ms, rate).expect("within bounds")
    }

    #[test]
    fn only_what_makes_sense_is_taken() {
        for (offset_ms, rate, is_taken) in [
            (0, "1/1", true),
            (-600_000, "1/2", true),
            (600_000, "2/1", true),
            (600_001, "1/1", false),
            (i64::MIN, "1/1", false),
            (0, "1000000/999999", true),
            (0, "1000001/1000000", false),
            (0, "201/100", false),
            (0, "49/100", false),
            (0, "0/0", false),
            (0, "1/0", false),
            (0, "-1/-1", false),
            (0, "+1/1", false),
            (0, "1.5", false),
            (0, "", false),
        ] {
            assert_eq!(Retiming::new(offset_ms, rate).is_ok(), is_taken, "{offset_ms} {rate}");
        }
        let kept = serde_json::to_value(by(-100, "1001/960")).expect("JSON");
        assert_eq!(kept, serde_json::json!({ "offset_ms": -100, "rate": "1001/960" }));
        assert_eq!(serde_json::from_value::<Retiming>(kept).ok(), Some(by(-100, "1001/960")));
        let wild = serde_json::json!({ "offset_ms": 0, "rate": "9/1" });
        assert!(serde_json::from_value::<Retiming>(wild).is_err());
    }

    #[test]
    fn times_are_stretched_and_then_shifted() {
        for (ms, offset_ms, rate, expected) in [
            (1000, 250, "1/1", 1250),
            (1000, -1250, "1/1", -250),
            (960, 0, "1001/960", 1001),
            (3_600_000, 0, "1001/960", 3_753_750),
            (3_753_750, 0, "960/1001", 3_600_000),
            (1, 0, "3/2", 2),
            (100, -100, "25/24", 4),
            (u64::MAX, 600_000, "2/1", i64::MAX),
        ] {
            assert_eq!(by(offset_ms, rate).at(ms), expected, "{ms} {offset_ms} {rate}");
        }
    }

    #[test]
    fn cues_move_with_their_names_and_settings() {
        let head = "WEBVTT\nX-A: b\n\nSTYLE\n::cue { color: red }\n\n";
        let file = format!(
            "{head}one\n00:01.000 --> 00:02.000 line:0\nA\nand --- B\n\n00:00:02.500 --> 00:00:03.000\n\
             C <00:00:02.750>D <i>E</i> < 3\n\nlast\n00:00:05.000 --> 01:00:06.000\nF"
        );
        for (offset_ms, rate, expected) in [
            (
                100,
                "1/1",
                "one\n00:00:01.100 --> 00:00:02.100 line:0\nA\nand --- B\n\n00:00:02.600 --> 00:00:03.100\n\
                 C <00:00:02.850>D <i>E</i> < 3\n\nlast\n00:00:05.100 --> 01:00:06.100\nF",
            ),
            (
                -2600,
                "1/1",
                "\n00:00:00.000 --> 00:00:00.400\nC <00:00:00.150>D <i>E</i> < 3\n\nlast\n\
                 00:00:02.400 --> 01:00:03.400\nF",
            ),
            (-3000, "1/1", "\n\nlast\n00:00:02.000 --> 01:00:03.000\nF"),
            (
                -1000,
                "2/1",
                "one\n00:00:01.000 --> 00:00:03.000 line:0\nA\nand --- B\n\n00:00:04.000 --> 00:00:05.000\n\
                 C <00:00:04.500>D <i>E</i> < 3\n\nlast\n00:00:09.000 --> 02:00:11.000\nF",
            ),
        ] {
            let moved = retime_webvtt(&file, by(offset_ms, rate));
            assert_eq!(moved, format!("{head}{expected}"), "{offset_ms} {rate}");
            assert_eq!(retime_webvtt(&file.replace('\n', "\r\n"), by(offset_ms, rate)), moved);
        }
        assert_eq!(retime_webvtt(&file, Retiming::default()), file);
        for odd in ["", "WEBVTT", "WEBVTT\n\n-->", "\n\n\n", "a --> b\nc", "<", "x\n<9"] {
            assert_eq!(retime_webvtt(odd, by(1, "1/1")), odd);
        }
    }

    #[test]
    fn events_move_and_all_else_of_a_script_stays() {
        let head = "[V4+ Styles]\nFormat: Name, Start\nDialogue: x\n[Events]\n\
            Format: Layer, Start, End, Style, Text\n";
        let script = format!(
            "{head}Dialogue: 0,0:00:01.00,0:00:02.00,Sign,{{\\pos(1,2)}}A, b\r\n\
             Comment: 0,0:00:01.00,0:00:02.00,,c\nDialogue: 1,0:00:02.50,1:00:03.00,,D\nDialogue: broken"
        );
        for (offset_ms, rate, expected) in [
            (
                120,
                "1/1",
                "Dialogue: 0,0:00:01.12,0:00:02.12,Sign,{\\pos(1,2)}A, b\n\
                 Comment: 0,0:00:01.00,0:00:02.00,,c\nDialogue: 1,0:00:02.62,1:00:03.12,,D\nDialogue: broken",
            ),
            (
                -2600,
                "1/1",
                "Comment: 0,0:00:01.00,0:00:02.00,,c\nDialogue: 1,0:00:00.00,1:00:00.40,,D\nDialogue: broken",
            ),
            (
                0,
                "1001/960",
                "Dialogue: 0,0:00:01.04,0:00:02.08,Sign,{\\pos(1,2)}A, b\n\
                 Comment: 0,0:00:01.00,0:00:02.00,,c\nDialogue: 1,0:00:02.60,1:02:36.87,,D\nDialogue: broken",
            ),
        ] {
            let moved = retime_ass(&script, by(offset_ms, rate));
            assert_eq!(moved, format!("{head}{expected}"), "{offset_ms} {rate}");
        }
        assert_eq!(retime_ass(&script, Retiming::default()), script);
    }
}
