use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn check(srt: &str, expected: &str) {
    assert_eq!(srt_to_webvtt(srt.as_bytes(), None).as_deref(), Ok(expected), "{srt:?}");
}

#[test]
fn an_ordinary_file_keeps_its_cues() {
    check(
        "1\n00:00:01,000 --> 00:00:02,500\nHello\nthere\n\n2\n00:01:00,000 --> 01:00:00,000\nBye\n",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\nthere\n\n00:01:00.000 --> 01:00:00.000\nBye\n",
    );
}

#[test]
fn marks_and_every_kind_of_line_break_are_understood() {
    let expected =
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\nb\n\n00:00:03.000 --> 00:00:04.000\nc\n";
    for newline in ["\n", "\r\n", "\r"] {
        let lines = [
            "\u{feff}1",
            "00:00:01,000 --> 00:00:02,000",
            "a",
            "b",
            "",
            "2",
            "00:00:03,000 --> 00:00:04,000",
            "c",
        ];
        check(&lines.join(newline), expected);
    }
}

#[test]
fn sloppy_times_and_missing_blank_lines_are_read_as_players_do() {
    check(
        "0:0:1.5 --> 0:0:2\na\n2\n00:03,25 --> 00:04,000 X1:10 Y1:20\nb",
        "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\na\n\n00:00:03.250 --> 00:00:04.000\nb\n",
    );
}

#[test]
fn styling_is_tamed() {
    let table = [
        ("<i>a</i> <B>b</B>", "<i>a</i> <b>b</b>"),
        ("<i>open", "<i>open</i>"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("<font color=\"#ff0000\">red</font>", "red"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("{\\i1}x{y}", "x{y}"),
        ("a --> b", "a --&gt; b"),
        ("nul\0bell\u{7}", "nulbell"),
    ];
    for (text, expected) in table {
        let srt = format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n");
        check(&srt, &format!("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{expected}\n"));
    }
}

#[test]
fn text_for_the_top_of_the_picture_goes_there() {
    check(
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}up\n",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\nup\n",
    );
}

#[test]
fn what_is_no_subtitle_is_an_error() {
    assert_eq!(srt_to_webvtt(b"hello", None), Err(SubtitleError::NoCues));
    assert_eq!(srt_to_webvtt(b"", None), Err(SubtitleError::NoCues));
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(0x5eed), ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_out_of_its_cue(text in "[<>/biu{}\\\\an8 \\-\n&\r]{0,200}") {
        let srt = format!("1\n00:00:01,000 --> 00:00:02,000\nx{text}\n");
        let vtt = srt_to_webvtt(srt.as_bytes(), None).unwrap();
        prop_assert_eq!(vtt.matches("-->").count(), 1);
        for tag in ["b", "i", "u"] {
            let (opened, closed) = (format!("<{tag}>"), format!("</{tag}>"));
            prop_assert_eq!(vtt.matches(&opened).count(), vtt.matches(&closed).count());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = srt_to_webvtt(&bytes, Some("ja"));
    }
}
