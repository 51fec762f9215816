use super::*;

const SCRIPT: &str = "\u{feff}[Script Info]\r\nScriptType: v4.00+\r\nPlayResY: 720\r\n; a comment\r\n\r\n\
    [Aegisub Project Garbage]\r\nAudio File: x\r\n\r\n\
    [V4+ Styles]\r\nFormat: Name, Fontname, Fontsize\r\nStyle: Sign,Gotham,20\r\n\r\n\
    [Fonts]\r\nfontname: x.ttf\r\n!!!!\r\n\r\n\
    [Events]\r\nFormat: Layer, Start, End, Style, Text\r\n\
    Comment: 0,0:00:01.00,0:00:02.00,Sign,hidden\r\n\
    Dialogue: 0,0:00:01.00,0:00:02.00,Sign,{\\fnFutura}First, and more\r\n\
    Dialogue: 0,0:00:05.00,0:00:04.00,Sign,backwards\r\n\
    Dialogue: 0,x,y,Sign,never\r\n\
    Dialogue: 0,0:00:03.00,0:01:00.00,Sign,Second\0hidden\r\n";

fn raw_of(text: &str) -> Raw {
    super::read(text)
}

#[test]
fn what_is_drawn_is_read_and_everything_else_left_out() {
    let raw = raw_of(SCRIPT);
    assert_eq!(raw.info, ["ScriptType: v4.00+", "PlayResY: 720"]);
    assert_eq!(raw.styles, ["Format: Name, Fontname, Fontsize", "Style: Sign,Gotham,20"]);
    assert_eq!(raw.format, "Format: Layer, Start, End, Style, Text");
    let lines: Vec<_> = raw.lines.iter().map(|it| (it.start_ms, it.end_ms, &*it.text)).collect();
    assert_eq!(
        lines,
        [
            (1000, 2000, r"Dialogue: 0,0:00:01.00,0:00:02.00,Sign,{\fnFutura}First, and more"),
            (3000, 60_000, "Dialogue: 0,0:00:03.00,0:01:00.00,Sign,Second"),
        ]
    );
    assert!(!raw.has_default);
    let mut wanted: Vec<String> = raw.families.wanted.into_iter().collect();
    wanted.sort();
    assert_eq!(wanted, ["futura", "gotham"]);
    assert_eq!(raw.fonts, [b"!!!!"]);
}

#[test]
fn fonts_are_read_line_by_line_also_where_one_stands_in_brackets() {
    let raw = raw_of(
        "[Fonts]\n!!\nfontname: a.ttf\n[AB]\n``\nfontname: b.ttf\n!\nlower case is none\n\n!!\n\
         [Graphics]\n!!\n[Fonts]\nfontname: c.ttf\n00\n[events]\n00\n",
    );
    assert_eq!(raw.fonts, [&b"[AB]``"[..], b"!!!", b"00"]);
    let line = "!".repeat(80) + "\n";
    let vast = raw_of(&format!("[Fonts]\nfontname: a\n{}", line.repeat(600_000)));
    assert!(vast.fonts[0].len() <= MAX_FONT_BYTES.div_ceil(3) * 4, "{}", vast.fonts[0].len());
    let many = raw_of(&format!("[Fonts]\n{}", "fontname: a\n!!\n".repeat(1000)));
    assert_eq!(many.fonts.len(), MAX_FONTS);
}

#[test]
fn a_script_without_end_is_read_within_bounds() {
    let style = format!("Style: {}\n", "x".repeat(1000));
    let event = "Dialogue: 0,0:00:01.00,0:00:02.00,Sign,,0,0,0,,{\\fnA}text\n";
    let text = format!("[V4+ Styles]\n{}[Events]\n{}", style.repeat(5000), event.repeat(200_000));
    let raw = raw_of(&text);
    assert!(raw.styles.len() <= MAX_HEAD_BYTES / 1000, "{}", raw.styles.len());
    assert_eq!(raw.lines.len(), MAX_LINES);
    for garbage in ["", "[Events]", "\0\0[", "Dialogue: ,,,", "[Events]\nDialogue:", "{\\fn\\fn"] {
        assert!(raw_of(garbage).lines.is_empty(), "{garbage}");
    }
}
