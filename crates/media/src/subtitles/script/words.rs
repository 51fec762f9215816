//! WebVTT as a script, for whoever draws nothing else: what is said, with bold, italic and underline, at the bottom or the top.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::cue::Color;
use super::super::srt;
use super::super::styled::Clock;
use super::FORMAT;

/// Lines of a cue; nobody reads more.
const MAX_CUE_LINES: usize = 32;

/// The script of a file of WebVTT. Styles and places of its own are left out.
pub(super) fn script(vtt: &str) -> String {
    let mut script = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\nScaledBorderAndShadow: yes\n\n[Events]\n{FORMAT}\n"
    );
    let mut lines = vtt.split('\n').map(|it| it.trim_end_matches('\r'));
    while let Some(line) = lines.next() {
        let Some(times) = srt::times(line) else { continue };
        let settings = line.split_once("-->").map_or("", |it| it.1);
        let is_on_top = settings.split_whitespace().any(|it| matches!(it, "line:0" | "line:0%"));
        let body: Vec<&str> = lines.by_ref().take_while(|it| !it.trim().is_empty()).collect();
        let body: Vec<String> = body.iter().take(MAX_CUE_LINES).map(|it| words(it)).collect();
        let clock = |ms: u64| Clock(i64::try_from(ms).unwrap_or(i64::MAX));
        let (start, end) = (clock(times.start_ms), clock(times.end_ms));
        let place = if is_on_top { "{\\an8}" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            script,
            "Dialogue: 0,{start},{end},Default,,0,0,0,,{place}{}",
            body.join("\\N")
        );
    }
    script
}

/// A line of a cue, in which nothing but ours is taken for a code.
fn words(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['<', '&', '{', '}', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (shown, behind) = match rest.as_bytes()[0] {
            b'<' => match rest.split_once('>') {
                Some((tag, behind)) => {
                    out.push_str(&code(&tag[1..]));
                    ("", behind)
                }
                None => ("<", &rest[1..]),
            },
            b'&' => entity(rest),
            b'{' => ("\\{", &rest[1..]),
            b'}' => ("\\}", &rest[1..]),
            // A sign without width keeps it from what follows.
            _ => ("\\\u{2060}", &rest[1..]),
        };
        out.push_str(shown);
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn code(tag: &str) -> Cow<'static, str> {
    let code = match tag.split(['.', ' ']).next().unwrap_or_default() {
        "b" => "{\\b1}",
        "/b" => "{\\b0}",
        "i" => "{\\i1}",
        "/i" => "{\\i0}",
        "u" => "{\\u1}",
        "/u" => "{\\u0}",
        "c" => return color(tag).map_or(Cow::Borrowed(""), Cow::Owned),
        "/c" => "{\\c}",
        _ => "",
    };
    Cow::Borrowed(code)
}

/// The code of a tag with a colour among its classes.
fn color(tag: &str) -> Option<String> {
    let rgb = tag.split('.').skip(1).find_map(Color::rgb_of_class)?;
    // Scripts have blue first.
    let [_, red, green, blue] = rgb.to_be_bytes();
    Some(format!("{{\\c&H{blue:02X}{green:02X}{red:02X}&}}"))
}

fn entity(text: &str) -> (&str, &str) {
    const ENTITIES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&nbsp;", "\u{a0}"),
        ("&lrm;", "\u{200e}"),
        ("&rlm;", "\u{200f}"),
    ];
    let found = ENTITIES.iter().find_map(|(name, shown)| Some((*shown, text.strip_prefix(name)?)));
    found.unwrap_or(("&", &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_become_events_and_nothing_in_them_a_code() {
        let vtt = "WEBVTT\n\nNOTE x\n\n1\n00:01.500 --> 00:02.000 line:0\n<i>One</i> &amp; <c.red>two</c>\n{\\an1}\\N\n\n\
            01:00:00.000 --> 01:00:01.000\na < b";
        let script = script(vtt);
        let events: Vec<&str> = script.lines().filter(|it| it.starts_with("Dialogue")).collect();
        assert_eq!(
            events,
            [
                "Dialogue: 0,0:00:01.50,0:00:02.00,Default,,0,0,0,,{\\an8}{\\i1}One{\\i0} & {\\c&H0000FF&}two{\\c}\\N\\{\\\u{2060}an1\\}\\\u{2060}N",
                "Dialogue: 0,1:00:00.00,1:00:01.00,Default,,0,0,0,,a < b",
            ]
        );
    }
}
