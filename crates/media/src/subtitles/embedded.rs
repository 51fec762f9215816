//! The text tracks of a film to WebVTT.

use std::borrow::Cow;

use super::vtt::{Times, Vtt};
use super::{SubtitleError, ass, decode};
use crate::Codec;
use crate::samples::TextCue;

/// A line whose end nobody states is shown this long, or until the next.
const USUAL_MS: i64 = 4000;

/// Converts the cues of a text track, which are in the order of time.
pub fn embedded_to_webvtt(
    codec: &Codec,
    language: Option<&str>,
    cues: &[TextCue],
) -> Result<String, SubtitleError> {
    let mut vtt = Vtt::default();
    for (cue, end_ms) in with_ends(cues) {
        let (Ok(start_ms), Ok(end_ms)) = (cue.start_ms.max(0).try_into(), end_ms.try_into()) else {
            continue;
        };
        let text = text(codec, language, &cue.bytes);
        vtt.add(Times { start_ms, end_ms }, text.split('\n').map(|it| it.trim_end_matches('\r')));
    }
    vtt.finish()
}

/// Cues in the order of time, each with when it ends, in milliseconds.
pub(super) fn with_ends(cues: &[TextCue]) -> impl Iterator<Item = (&TextCue, i64)> {
    let nexts = cues.iter().skip(1).map(|it| it.start_ms).chain([i64::MAX]);
    cues.iter().zip(nexts).map(|(cue, next_ms)| {
        let end_ms = match cue.duration_ms {
            Some(duration_ms) => cue.start_ms.saturating_add(duration_ms),
            None => next_ms.min(cue.start_ms.saturating_add(USUAL_MS)),
        };
        (cue, end_ms)
    })
}

fn text<'a>(codec: &Codec, language: Option<&str>, bytes: &'a [u8]) -> Cow<'a, str> {
    match codec {
        // Eight fields stand before the text; the times are the container's.
        Codec::Ass => {
            let line = decode(bytes, language);
            ass::plain(line.splitn(9, ',').nth(8).unwrap_or_default()).into()
        }
        // Two bytes of length, and behind the text boxes with its styles.
        Codec::MovText => {
            let size = bytes.first_chunk().map_or(0, |it| usize::from(u16::from_be_bytes(*it)));
            let text = bytes.get(2..).unwrap_or_default();
            decode(&text[..size.min(text.len())], language)
        }
        _ => decode(bytes, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start_ms: i64, duration_ms: Option<i64>, bytes: &[u8]) -> TextCue {
        TextCue { start_ms, duration_ms, bytes: bytes.to_vec() }
    }

    #[test]
    fn each_coding_gives_the_same_words() {
        let table: [(Codec, &[u8]); 3] = [
            (Codec::Subrip, b"<i>Two</i>\r\nlines"),
            (Codec::Ass, br"3,0,Default,,0,0,0,,{\i1}Two{\i0}\Nlines"),
            (Codec::MovText, b"\0\x09Two\nlines\0\0\0\x08styl"),
        ];
        for (codec, bytes) in table {
            let vtt =
                embedded_to_webvtt(&codec, None, &[cue(1000, Some(500), bytes)]).expect("a cue");
            let plain = vtt.replace("<i>", "").replace("</i>", "");
            assert_eq!(plain, "WEBVTT\n\n00:00:01.000 --> 00:00:01.500\nTwo\nlines\n", "{codec}");
        }
    }

    #[test]
    fn a_line_without_an_end_stays_until_the_next_but_not_forever() {
        let cues = [cue(0, None, b"a"), cue(1000, None, b"b")];
        let vtt = embedded_to_webvtt(&Codec::Subrip, None, &cues).expect("cues");
        assert!(vtt.contains("00:00:00.000 --> 00:00:01.000\na"), "{vtt}");
        assert!(vtt.contains("00:00:01.000 --> 00:00:05.000\nb"), "{vtt}");
    }
}
