//! Formats of lines, which share the endings of their names, so that only their content tells them apart: MicroDVD
//! (`{from}{to}text|text`, in pictures), MPL2 (`[from][to]text|text`, in tenths of a second), and SubViewer 2
//! (`00:00:01.00,00:00:02.00` above the text, as YouTube's SBV has it too). They are described by what players make of them.

use super::cue::MAX_LINES;
use super::vtt::{MAX_CUES, Times, USUAL_MS, Vtt};
use super::{SubtitleError, decode, srt};
use crate::Rational;

/// Lines in which the form is looked for; heads are shorter.
const MAX_HEAD_LINES: usize = 100;
/// How an MPEG program stream begins, which files of VobSub are.
const PACK: &[u8] = b"\0\0\x01\xba";
/// Numbers of pictures and of tenths of a second; more belong to no film.
const MAX_COUNT: u64 = 100_000_000;

/// Reads a file of any of these formats; `frame_rate` is of the film, which files of MicroDVD seldom tell.
pub(super) fn to_webvtt(
    bytes: &[u8],
    language: Option<&str>,
    frame_rate: Option<Rational>,
) -> Result<String, SubtitleError> {
    if bytes.starts_with(PACK) {
        return Err(SubtitleError::Pictures);
    }
    let text = decode(bytes, language);
    let lines = || text.split(['\n', '\r']).map(|it| it.trim_matches(['\u{feff}', ' ', '\t']));
    let mut head = lines().filter(|it| !it.is_empty()).take(MAX_HEAD_LINES);
    let form = head.find_map(|line| {
        if counted(line, '{', '}').is_some() {
            Some(Form::MicroDvd)
        } else if counted(line, '[', ']').is_some() {
            Some(Form::Mpl2)
        } else if pair(line).is_some() {
            Some(Form::SubViewer)
        } else {
            srt::times(line).map(|_| Form::Srt)
        }
    });
    match form.ok_or(SubtitleError::NoCues)? {
        Form::MicroDvd => micro_dvd(lines(), frame_rate),
        Form::Mpl2 => {
            let read = lines().filter_map(|it| counted(it, '[', ']'));
            read_counted(read.take(MAX_CUES), |tenths| tenths * 100)
        }
        Form::SubViewer => sub_viewer(&text),
        Form::Srt => srt::srt_to_webvtt(bytes, language),
    }
}

#[derive(Clone, Copy)]
enum Form {
    MicroDvd,
    Mpl2,
    SubViewer,
    Srt,
}

/// A line with its counts in brackets.
struct Counted<'a> {
    from: u64,
    to: Option<u64>,
    text: &'a str,
}

/// `{12}{34}text`; the end may be missing.
fn counted(line: &str, opening: char, closing: char) -> Option<Counted<'_>> {
    let count = |it: &str| it.trim().parse().ok().filter(|it| *it <= MAX_COUNT);
    let (from, rest) = line.strip_prefix(opening)?.split_once(closing)?;
    let (to, text) = rest.strip_prefix(opening)?.split_once(closing)?;
    let from = count(from)?;
    let to = if to.trim().is_empty() { None } else { Some(count(to)?) };
    Some(Counted { from, to, text })
}

fn micro_dvd<'a>(
    lines: impl Iterator<Item = &'a str>,
    frame_rate: Option<Rational>,
) -> Result<String, SubtitleError> {
    let mut counted = lines.filter_map(|it| counted(it, '{', '}')).take(MAX_CUES).peekable();
    // `{1}{1}25` is no text, but how many pictures a second there are.
    let is_rate = |it: &Counted<'_>| it.from <= 1 && it.to.is_none_or(|to| to <= 1);
    let told = counted.peek().filter(|it| is_rate(it)).and_then(|it| read_rate(it.text));
    if told.is_some() {
        counted.next();
    }
    let rate = told.or(frame_rate.map(Rational::as_f64)).filter(|it| (1.0..=1000.0).contains(it));
    let rate = rate.ok_or(SubtitleError::NoRate)?;
    read_counted(counted, |count| (count as f64 * 1000.0 / rate).round() as u64)
}

fn read_rate(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|it: char| !it.is_ascii_digit() && !matches!(it, '.' | ','));
    let number = text[..end.unwrap_or(text.len())].replace(',', ".");
    number.parse().ok().filter(|it| (5.0..=300.0).contains(it))
}

fn read_counted<'a>(
    lines: impl Iterator<Item = Counted<'a>>,
    ms: impl Fn(u64) -> u64,
) -> Result<String, SubtitleError> {
    let mut read: Vec<Counted<'_>> = lines.collect();
    read.sort_by_key(|it| it.from);
    let mut vtt = Vtt::default();
    for (n, line) in read.iter().enumerate() {
        let start_ms = ms(line.from);
        let end_ms = if let Some(to) = line.to {
            ms(to)
        } else {
            let next_ms = read.get(n + 1).map_or(u64::MAX, |it| ms(it.from));
            next_ms.min(start_ms.saturating_add(USUAL_MS))
        };
        let words = marked(line.text);
        vtt.add(Times { start_ms, end_ms }, words.iter().map(String::as_str));
    }
    vtt.finish()
}

/// The lines of a text with SRT's tags for the codes in it: `{y:i}` and a slash at a line's beginning for that line, `{Y:i}` for
/// all. Fonts, sizes, colours and places are left out.
fn marked(text: &str) -> Vec<String> {
    let mut of_all = String::new();
    let mut lines = Vec::new();
    for line in text.split('|').take(MAX_LINES) {
        let mut own = String::new();
        let mut rest = line.trim();
        loop {
            if let Some((letter, value, behind)) = code(rest) {
                match letter {
                    'y' => own.push_str(value),
                    'Y' => of_all.push_str(value),
                    _ => {}
                }
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix('/') {
                own.push('i');
                rest = behind.strip_suffix('/').unwrap_or(behind);
            } else {
                break;
            }
        }
        let is = |letter: char| own.contains(letter) || of_all.contains(letter);
        let tags = ["b", "i", "u"]
            .map(|it| if is(it.chars().next().unwrap_or_default()) { it } else { "" });
        let mut marked = String::new();
        for tag in tags.iter().filter(|it| !it.is_empty()) {
            marked.extend(["<", tag, ">"]);
        }
        marked.push_str(rest.trim());
        for tag in tags.iter().rev().filter(|it| !it.is_empty()) {
            marked.extend(["</", tag, ">"]);
        }
        lines.push(marked);
    }
    lines
}

/// A code at the beginning of a text: its letter, its value, and what follows it.
fn code(text: &str) -> Option<(char, &str, &str)> {
    let (inside, behind) = text.strip_prefix('{')?.split_once('}')?;
    let (letter, value) = inside.split_once(':')?;
    let mut letters = letter.trim().chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then_some((letter, value, behind))
}

fn sub_viewer(text: &str) -> Result<String, SubtitleError> {
    let mut lines = text.split('\n').map(str::trim).peekable();
    let mut vtt = Vtt::default();
    while let Some(line) = lines.next() {
        let Some(times) = pair(line) else { continue };
        let mut body = String::new();
        while let Some(line) = lines.next_if(|it| pair(it).is_none()) {
            if line.is_empty() {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        let body = body.replace("[br]", "\n").replace("[BR]", "\n");
        vtt.add(times, body.lines());
    }
    vtt.finish()
}

/// `00:00:01.00,00:00:02.00`.
fn pair(line: &str) -> Option<Times> {
    let (start, end) = line.split_once(',')?;
    Some(Times { start_ms: srt::time(start.trim())?, end_ms: srt::time(end.trim())? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let vtt = to_webvtt(text.as_bytes(), None, Rational::new(25, 1));
        assert_eq!(vtt, Ok(format!("WEBVTT\n{expected}")), "{text}");
    }

    #[test]
    fn pictures_are_counted_by_the_rate_that_the_file_tells_or_the_films() {
        check("{1}{1}23.976\n{24}{48}One|two\n", "\n00:00:01.001 --> 00:00:02.002\nOne\ntwo\n");
        check(
            "\u{feff}{25}{50}{y:i}One|two\r\n{75}{}three\r\n{2500}{}last\n",
            "\n00:00:01.000 --> 00:00:02.000\n<i>One</i>\ntwo\n\n00:00:03.000 --> 00:00:07.000\nthree\n\n\
             00:01:40.000 --> 00:01:44.000\nlast\n",
        );
        let without = to_webvtt(b"{25}{50}One", None, None);
        assert_eq!(without, Err(SubtitleError::NoRate));
        assert!(SubtitleError::NoRate.to_string().contains("rate"));
    }

    #[test]
    fn codes_are_kept_as_far_as_webvtt_has_them() {
        check(
            "{25}{50}{Y:ib}{c:$0000ff}One|{f:Arial}{s:20}two {y:u} {z\n",
            "\n00:00:01.000 --> 00:00:02.000\n<b><i>One</i></b>\n<b><i>two {y:u} {z</i></b>\n",
        );
        check(
            "{25}{50}/One/|<x> & y\n",
            "\n00:00:01.000 --> 00:00:02.000\n<i>One</i>\n&lt;x&gt; &amp; y\n",
        );
    }

    #[test]
    fn tenths_of_a_second_are_read_in_any_order() {
        check(
            "[30][45]three\n[10][20]/One|two\n[60][]last",
            "\n00:00:01.000 --> 00:00:02.000\n<i>One</i>\ntwo\n\n00:00:03.000 --> 00:00:04.500\nthree\n\n\
             00:00:06.000 --> 00:00:10.000\nlast\n",
        );
    }

    #[test]
    fn pairs_of_times_are_read_with_and_without_a_head() {
        check(
            "[INFORMATION]\n[TITLE]x\n[END INFORMATION]\n[SUBTITLE]\n[COLF]&HFFFFFF,[STYLE]bd,[SIZE]18\n\
             00:00:01.00,00:00:02.50\nOne[br]two\n\n00:00:03.00,00:00:04.00\nthree\n",
            "\n00:00:01.000 --> 00:00:02.500\nOne\ntwo\n\n00:00:03.000 --> 00:00:04.000\nthree\n",
        );
        check(
            "0:00:01.000,0:00:02.000\r\nOne, two\r\n\r\n0:00:03.000,0:00:04.000\r\nthree",
            "\n00:00:01.000 --> 00:00:02.000\nOne, two\n\n00:00:03.000 --> 00:00:04.000\nthree\n",
        );
    }

    #[test]
    fn what_is_something_else_is_told_apart() {
        let srt = "1\n00:00:01,000 --> 00:00:02,000\nOne\n";
        check(srt, "\n00:00:01.000 --> 00:00:02.000\nOne\n");
        let refused = |bytes: &[u8]| to_webvtt(bytes, None, Rational::new(25, 1)).unwrap_err();
        assert_eq!(refused(b"\0\0\x01\xba\x44\0"), SubtitleError::Pictures);
        for garbage in [
            "",
            "hello",
            "{a}{b}c",
            "{99999999999999999999}{1}x",
            "{1}",
            "[1][2",
            "{50}{25}backwards",
            "{1}{1}25",
        ] {
            assert_eq!(refused(garbage.as_bytes()), SubtitleError::NoCues, "{garbage}");
        }
    }
}
