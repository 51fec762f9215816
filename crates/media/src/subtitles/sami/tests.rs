use super::*;

const TWO_LANGUAGES: &str = "<SAMI>\n<HEAD>\n<TITLE>x</TITLE>\n<STYLE TYPE=\"text/css\">\n<!--\n\
    P {font-size: 24pt;}\n.KRCC {Name: Korean; lang: ko-KR; SAMI_Type: CC;}\n.ENCC { Name:English; lang:en-US; }\n-->\n\
    </STYLE>\n</HEAD>\n<BODY>\n\
    <SYNC Start=1000><P Class=KRCC>안녕<br>하세요\n<P Class=ENCC>Hello<br/>there &amp; here\n\
    <SYNC Start=2500><P Class=KRCC>&nbsp;\n\
    <SYNC Start=3000><P Class=ENCC>&nbsp;\n\
    <SYNC Start=4000><P Class=ENCC ID=Source>Second</P></SYNC>\n\
    </BODY>\n</SAMI>\n";

fn check(sami: &str, language: Option<&str>, expected: &str) {
    assert_eq!(to_webvtt(sami, language), Ok(format!("WEBVTT\n{expected}")), "{sami}");
}

#[test]
fn each_language_has_its_own_cues_and_blanks_end_them() {
    let korean = "\n00:00:01.000 --> 00:00:02.500\n안녕\n하세요\n";
    let english = "\n00:00:01.000 --> 00:00:03.000\nHello\nthere &amp; here\n\n00:00:04.000 --> 00:00:08.000\nSecond\n";
    check(TWO_LANGUAGES, Some("ko"), korean);
    check(TWO_LANGUAGES, Some("en-GB"), english);
    check(TWO_LANGUAGES, Some("fr"), korean);
    check(TWO_LANGUAGES, None, korean);
}

#[test]
fn classes_without_a_style_are_known_by_their_names() {
    let sami = "<SYNC Start=0><P Class=ENCC>one<P Class=FRCC>un<SYNC Start=1000>&nbsp;";
    check(sami, Some("fr"), "\n00:00:00.000 --> 00:00:01.000\nun\n");
    check(sami, Some("en"), "\n00:00:00.000 --> 00:00:01.000\none\n");
}

#[test]
fn looks_are_kept_and_end_with_the_paragraph() {
    let cue = |body: &str| format!("<SYNC start='0'><P>{body}<SYNC start='1000'><P>&nbsp;");
    let table = [
        ("<b>a</b> <I>b</I><u>c</u>", "<b>a</b> <i>b</i><u>c</u>"),
        ("<font color=yellow>a<font size=2>b</font></font>c", "<c.yellow>ab</c>c"),
        ("<font color=\"#00ffff\"><i>a", "<c.cyan><i>a</i></c>"),
        ("<FONT color=white>a</FONT>", "a"),
        ("a\n  <!-- b -->\tc", "a c"),
        ("<ruby>a<rt>b</rt></ruby> < c > d & e", "ab &lt; c &gt; d &amp; e"),
        ("&lt;i&gt; --&gt;", "&lt;i&gt; --&gt;"),
        ("a<br><br>&nbsp;<br>b", "a\nb"),
    ];
    for (body, expected) in table {
        check(&cue(body), None, &format!("\n00:00:00.000 --> 00:00:01.000\n{expected}\n"));
    }
}

#[test]
fn moments_out_of_order_and_without_paragraphs_are_read_too() {
    check(
        "<SYNC Start=5000ms>late<SYNC Start=1000>early<SYNC Start=2000>&nbsp;<SYNC Start=x>more",
        None,
        "\n00:00:01.000 --> 00:00:02.000\nearly\n\n00:00:05.000 --> 00:00:09.000\nlate\n",
    );
}

#[test]
fn what_is_no_subtitle_is_refused() {
    for garbage in [
        "",
        "<SYNC",
        "<SYNC Start=1>",
        "<SYNC Start=1><P>&nbsp;",
        "<SYNC Start=99999999999999999999><P>x",
        "<SAMI><BODY>x",
        "<!--<SYNC Start=1><P>x",
    ] {
        assert_eq!(to_webvtt(garbage, None), Err(SubtitleError::NoCues), "{garbage}");
    }
}

#[test]
fn a_file_without_end_is_read_within_bounds() {
    let many = "<SYNC Start=1><P Class=A>x".repeat(500_000);
    assert!(to_webvtt(&many, None).is_ok());
    for piece in ["<b", "<SYNC Start=1><P Class=", "<font color=red>", "<!--", "&nbsp", "<", "a="] {
        let _ = to_webvtt(&piece.repeat(200_000), Some("en"));
    }
    let class = |n| format!("<SYNC Start={n}><P Class=C{n}>x");
    let classes = (0..10_000).map(class).collect::<Vec<_>>().concat();
    assert!(to_webvtt(&classes, Some("en")).is_ok());
}
