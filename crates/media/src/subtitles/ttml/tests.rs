use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn document(root: &str, head: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tt xmlns=\"http://www.w3.org/ns/ttml\" \
         xmlns:ttp=\"http://www.w3.org/ns/ttml#parameter\" xmlns:tts=\"http://www.w3.org/ns/ttml#styling\" {root}>\
         <head>{head}</head>{body}</tt>"
    )
}

fn check(ttml: &str, language: Option<&str>, expected: &str) {
    let vtt = to_webvtt(ttml.as_bytes(), language);
    assert_eq!(vtt, Ok(format!("WEBVTT\n{expected}")), "{ttml}");
}

#[test]
fn times_of_elements_lie_within_those_around_them() {
    let ttml = document(
        "ttp:frameRate=\"25\"",
        "",
        "<body begin=\"10s\"><div begin=\"00:00:05\" dur=\"20s\">\
         <p begin=\"1s\" end=\"2.5s\">a</p><p begin=\"2s\" dur=\"25f\">b</p><p begin=\"15s\" end=\"60s\">c</p>\
         <p begin=\"30s\" end=\"40s\">never</p></div></body>",
    );
    check(
        &ttml,
        None,
        "\n00:00:16.000 --> 00:00:17.500\na\n\n00:00:17.000 --> 00:00:18.000\nb\n\n00:00:30.000 --> 00:00:35.000\nc\n",
    );
}

#[test]
fn elements_in_a_row_begin_where_the_one_before_ends() {
    let ttml = document(
        "",
        "",
        "<body><div timeContainer=\"seq\"><p dur=\"1s\">a</p><p begin=\"0.5s\" dur=\"1s\">b</p><p dur=\"1s\">c</p></div></body>",
    );
    check(
        &ttml,
        None,
        "\n00:00:00.000 --> 00:00:01.000\na\n\n00:00:01.500 --> 00:00:02.500\nb\n\n00:00:02.500 --> 00:00:03.500\nc\n",
    );
}

#[test]
fn parts_of_a_paragraph_come_and_go() {
    let ttml = document(
        "",
        "",
        "<body><div><p begin=\"1s\" end=\"4s\"><span end=\"2s\">a</span> <span begin=\"1s\" tts:fontStyle=\"italic\">b</span></p></div></body>",
    );
    check(
        &ttml,
        None,
        "\n00:00:01.000 --> 00:00:02.000\na\n\n00:00:02.000 --> 00:00:03.000\na <i>b</i>\n\n\
         00:00:03.000 --> 00:00:04.000\n<i>b</i>\n",
    );
}

#[test]
fn looks_come_from_elements_and_from_the_styles_that_they_name() {
    let head = "<styling><style xml:id=\"base\" tts:fontStyle=\"italic\"/>\
        <style xml:id=\"loud\" style=\"base\" tts:fontWeight=\"bold\" tts:color=\"#ffff00\"/>\
        <style xml:id=\"round\" style=\"round loud\"/></styling>";
    let table = [
        ("<p begin=\"0s\" end=\"1s\" style=\"loud\">a</p>", "<c.yellow><b><i>a</i></b></c>"),
        ("<p begin=\"0s\" end=\"1s\" style=\"round none\">a</p>", "<c.yellow><b><i>a</i></b></c>"),
        (
            "<p begin=\"0s\" end=\"1s\" style=\"base\">a <span tts:fontStyle=\"normal\">b</span></p>",
            "<i>a </i>b",
        ),
        (
            "<p begin=\"0s\" end=\"1s\" tts:textDecoration=\"underline\">a<br/> b &amp; &lt;i> &#x263a;</p>",
            "<u>a</u>\n<u>b &amp; &lt;i&gt; ☺</u>",
        ),
        ("<p begin=\"0s\" end=\"1s\">a<span tts:display=\"none\">b</span>c</p>", "ac"),
        ("<p begin=\"0s\" end=\"1s\">\n  a\n  b\n</p>", "a b"),
        ("<p begin=\"0s\" end=\"1s\" xml:space=\"preserve\">a\nb</p>", "a\nb"),
        (
            "<p begin=\"0s\" end=\"1s\"><metadata>x</metadata>a<![CDATA[<b>]]>&unknown;</p>",
            "a&lt;b&gt;",
        ),
    ];
    for (body, expected) in table {
        let ttml = document("", head, &format!("<body><div>{body}</div></body>"));
        check(&ttml, None, &format!("\n00:00:00.000 --> 00:00:01.000\n{expected}\n"));
    }
}

#[test]
fn regions_at_the_top_are_there() {
    let head = "<layout><region xml:id=\"up\" tts:origin=\"10% 5%\" tts:extent=\"80% 20%\"/>\
        <region xml:id=\"down\"><style tts:origin=\"10% 70%\"/><style tts:displayAlign=\"after\"/></region>\
        <region xml:id=\"whole\" tts:origin=\"0% 0%\" tts:extent=\"100% 100%\" tts:displayAlign=\"after\"/></layout>";
    for (region, place) in [("up", " line:0"), ("down", ""), ("whole", ""), ("unknown", "")] {
        let body =
            format!("<body><div><p begin=\"0s\" end=\"1s\" region=\"{region}\">a</p></div></body>");
        let expected = format!("\n00:00:00.000 --> 00:00:01.000{place}\na\n");
        check(&document("", head, &body), None, &expected);
    }
}

#[test]
fn of_two_languages_the_wanted_one_is_shown() {
    let body = "<body><div xml:lang=\"en-US\"><p begin=\"0s\" end=\"1s\">Hello</p></div>\
        <div xml:lang=\"de\"><p begin=\"0s\" end=\"1s\">Hallo</p></div></body>";
    let ttml = document("xml:lang=\"en\"", "", body);
    for (language, expected) in
        [(Some("de-AT"), "Hallo"), (Some("en"), "Hello"), (None, "Hello"), (Some("fr"), "Hello")]
    {
        check(&ttml, language, &format!("\n00:00:00.000 --> 00:00:01.000\n{expected}\n"));
    }
}

#[test]
fn a_paragraph_without_an_end_stays_until_the_next_but_not_forever() {
    let ttml = document(
        "",
        "",
        "<body><div><p begin=\"0s\">a</p><p begin=\"1s\">b</p><p>never</p></div></body>",
    );
    check(&ttml, None, "\n00:00:00.000 --> 00:00:01.000\na\n\n00:00:01.000 --> 00:00:05.000\nb\n");
}

#[test]
fn what_is_broken_costs_what_follows_it_and_what_is_nothing_is_refused() {
    let whole = document("", "", "<body><div><p begin=\"0s\" end=\"1s\">a</p></div></body>");
    let cut = whole.split_once("</p>").unwrap().0;
    for rest in [
        "",
        "</p><p begin=\"2s\"",
        "</wrong><<<",
        "<p begin=\"2s\" end=\"1s\">",
        "</p></p></tt></tt>",
    ] {
        let vtt = to_webvtt(format!("{cut}{rest}").as_bytes(), None).unwrap();
        assert!(vtt.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na"), "{rest}: {vtt}");
    }
    for garbage in
        ["", "<", "<tt>", "hello", "<tt><body><p begin=\"1s\" end=\"2s\"/></body></tt>", "\u{0}"]
    {
        assert_eq!(to_webvtt(garbage.as_bytes(), None), Err(SubtitleError::NoCues), "{garbage}");
    }
}

#[test]
fn no_entity_is_expanded_and_no_depth_is_endless() {
    let bomb = "<!DOCTYPE tt [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
        <tt><body><p begin=\"0s\" end=\"1s\">x&b;</p></body></tt>";
    check(bomb, None, "\n00:00:00.000 --> 00:00:01.000\nx\n");
    let first = "<tt><body><p begin=\"0s\" end=\"1s\">a</p>";
    let deep = format!("{first}{}", "<div>".repeat(1_000_000));
    check(&deep, None, "\n00:00:00.000 --> 00:00:01.000\na\n");
    let many = format!("{first}{}", "<p begin=\"1s\" end=\"2s\">b</p>".repeat(300_000));
    assert!(to_webvtt(many.as_bytes(), None).is_ok());
    let span = |n| format!("<span begin=\"{n}ms\">{}<br/></span>", "x".repeat(999));
    let spans = (0..60).map(span).collect::<Vec<_>>().concat();
    let vast = format!("<p begin=\"0s\" end=\"9s\">{spans}</p>").repeat(200);
    let vast = to_webvtt(format!("<tt><body>{vast}</body></tt>").as_bytes(), None).unwrap();
    assert!(vast.len() < 2 * crate::subtitles::MAX_SUBTITLE_BYTES, "{}", vast.len());
    assert!(vast.len() > 10_000_000, "{}", vast.len());
    let span = |n| format!("<span begin=\"{n}ms\">x</span>");
    let restless = (0..20_000).map(span).collect::<Vec<_>>().concat();
    let restless = format!("<tt><body><p begin=\"0s\" end=\"99s\">{restless}</p></body></tt>");
    assert!(to_webvtt(restless.as_bytes(), None).unwrap().len() < 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(0x7731), ..ProptestConfig::default() })]

    #[test]
    fn no_words_break_out_of_their_cue(text in "[<>/piu&;\\- \n\"]{0,120}") {
        let ttml = document("", "", &format!("<body><p begin=\"0s\" end=\"1s\">x{text}</p></body>"));
        let vtt = to_webvtt(ttml.as_bytes(), None).unwrap();
        prop_assert_eq!(vtt.matches("-->").count(), 1);
        prop_assert!(!vtt.contains("\n\n\n"));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = to_webvtt(&bytes, Some("ja"));
    }
}
