use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GBK, ISO_8859_2, ISO_8859_7, KOI8_U, SHIFT_JIS, WINDOWS_874,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
    WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

use super::*;

/// What people say in films, in the encodings in which it was kept, with a language that another file's name may wrongly tell.
const SPOKEN: [(&str, &[&Encoding], &str); 20] = [
    (
        "pl",
        &[WINDOWS_1250, ISO_8859_2],
        "Dlaczego mi nie powiedziałeś?\nŻe to się tak skończy...\nNie mogę już dłużej czekać, wychodzę.\nŚwietnie, więc idź!",
    ),
    (
        "cs",
        &[WINDOWS_1250, ISO_8859_2],
        "Proč jsi mi nic neřekl?\nMyslel jsem, že už to víš.\nTo je přece úplně něco jiného, příteli.\nTakže žádné další otázky?",
    ),
    (
        "hu",
        &[WINDOWS_1250, ISO_8859_2],
        "Miért nem mondtad el nekem?\nAzt hittem, hogy már tudod.\nEz egészen más, őrült vagy.\nNem érdekel, hogy mit gondolsz, tűnj el innen!\nElőbb-utóbb úgyis rájön, hogy mi történt.\nA nő, akit tegnap láttunk, eltűnt a kertből.\nKöszönöm, de már nincs rá szükségem.\nŐ az, aki mindig segített nekünk.",
    ),
    (
        "el",
        &[WINDOWS_1253, ISO_8859_7],
        "Γιατί δεν μου το είπες;\nΝόμιζα ότι το ήξερες ήδη.\nΔεν καταλαβαίνω τίποτα πια.",
    ),
    (
        "ru",
        &[WINDOWS_1251, KOI8_U],
        "Почему ты мне не сказал?\nЯ думал, ты уже знаешь.\nЭто совсем другое дело.",
    ),
    (
        "uk",
        &[WINDOWS_1251, KOI8_U],
        "Чому ти мені не сказав?\nЯ думав, що ти вже знаєш.\nЦе зовсім інша справа, їй-богу.",
    ),
    (
        "bg",
        &[WINDOWS_1251],
        "Защо не ми каза?\nМислех, че вече знаеш.\nТова е съвсем друго нещо, нали?",
    ),
    (
        "tr",
        &[WINDOWS_1254],
        "Neden bana söylemedin?\nZaten bildiğini sanıyordum.\nBu tamamen farklı bir şey, değil mi?\nHiçbir şey anlamıyorum artık, çık dışarı!",
    ),
    ("he", &[WINDOWS_1255], "למה לא אמרת לי?\nחשבתי שאתה כבר יודע.\nזה משהו אחר לגמרי."),
    ("ar", &[WINDOWS_1256], "لماذا لم تخبرني؟\nظننت أنك تعرف بالفعل.\nهذا شيء مختلف تماما."),
    ("th", &[WINDOWS_874], "ทำไมคุณไม่บอกฉัน\nฉันคิดว่าคุณรู้อยู่แล้ว\nนั่นเป็นเรื่องที่แตกต่างกันโดยสิ้นเชิง"),
    (
        "ja",
        &[SHIFT_JIS, EUC_JP],
        "どうして教えてくれなかったの?\nもう知っていると思っていた。\nそれは全然違う話だ。",
    ),
    ("zh", &[GBK], "你为什么不告诉我?\n我以为你已经知道了。\n那完全是另一回事,我的朋友。"),
    ("zh-Hant", &[BIG5], "你為什麼不告訴我?\n我以為你已經知道了。\n那完全是另一回事,我的朋友。"),
    (
        "ko",
        &[EUC_KR],
        "왜 나한테 말하지 않았어?\n이미 알고 있는 줄 알았어.\n그건 전혀 다른 이야기야.",
    ),
    (
        "de",
        &[WINDOWS_1252],
        "Warum hast du mir das nicht gesagt?\nIch dachte, du wüsstest es längst.\nDas ist etwas völlig anderes, mein Schätzchen. Größer!",
    ),
    (
        "fr",
        &[WINDOWS_1252],
        "Pourquoi tu ne me l'as pas dit ?\nJe croyais que tu étais déjà au courant.\nÇa n'a rien à voir, même si ça t'énerve.",
    ),
    (
        "es",
        &[WINDOWS_1252],
        "¿Por qué no me lo dijiste?\nPensé que ya lo sabías.\n¡Eso es algo completamente distinto, señor!",
    ),
    (
        "sv",
        &[WINDOWS_1252],
        "Varför sa du inget till mig?\nJag trodde att du redan visste det.\nDet är något helt annat, förstår du? Både här och där.",
    ),
    (
        "ro",
        &[WINDOWS_1250],
        "De ce nu mi-ai spus?\nCredeam că ştii deja, frate.\nEste cu totul altceva, înţelegi?",
    ),
];

/// Those that cannot be told without the language: too near to others.
const BY_NAME_ONLY: [(&str, &[&Encoding], &str); 3] = [
    (
        "vi",
        &[WINDOWS_1258],
        "Sao anh không nói v\u{1a1}\u{301}i em?\nEm nghi\u{303} anh đa\u{303} biê\u{301}t rô\u{300}i.",
    ),
    (
        "lt",
        &[WINDOWS_1257],
        "Kodėl man nepasakei?\nManiau, kad jau žinai.\nTai visai kas kita, šiaip ar taip.",
    ),
    (
        "lv",
        &[WINDOWS_1257],
        "Kāpēc tu man neteici?\nEs domāju, ka tu jau zini.\nTas ir pavisam kas cits, vai ne?",
    ),
];

fn file(text: &str) -> String {
    let cue = |(n, line): (usize, &str)| {
        format!("{}\r\n00:00:0{n},000 --> 00:00:0{n},900\r\n{line}\r\n\r\n", n + 1)
    };
    text.lines().enumerate().map(cue).collect()
}

fn check(
    text: &str,
    encoding: &'static Encoding,
    language: Option<&str>,
    failed: &mut Vec<String>,
) {
    let text = file(text);
    let (bytes, used, is_lossy) = encoding.encode(&text);
    assert!(!is_lossy && used == encoding, "{} has no {text}", encoding.name());
    let read = decode(&bytes, language);
    if read != text {
        failed.push(format!("{} as {language:?}: {read}", encoding.name()));
    }
}

#[test]
fn old_files_are_read_by_their_letters_with_and_without_a_language() {
    let mut failed = Vec::new();
    for (language, encodings, text) in SPOKEN {
        for encoding in encodings {
            for hint in [None, Some(language), Some("en"), Some("x-unknown")] {
                check(text, encoding, hint, &mut failed);
            }
        }
    }
    for (language, encodings, text) in BY_NAME_ONLY {
        for encoding in encodings {
            check(text, encoding, Some(language), &mut failed);
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn marks_and_unicode_come_before_every_guess() {
    let table: [(&[u8], Option<&str>, &str); 9] = [
        (b"\xef\xbb\xbfna\xc3\xafve", None, "na\u{ef}ve"),
        (b"\xff\xfeh\0i\0", Some("ru"), "hi"),
        (b"\xfe\xff\0h\0i", None, "hi"),
        ("Grüße".as_bytes(), Some("ru"), "Grüße"),
        (b"Gr\xfc\xdfe", None, "Grüße"),
        (b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("ru"), "Привет"),
        (b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd", Some("ja"), "こんにちは"),
        (b"\xa7A\xa6n", Some("zh-Hant"), "你好"),
        (b"\x1b$B$3$s$K$A$O\x1b(B", None, "こんにちは"),
    ];
    for (bytes, language, expected) in table {
        assert_eq!(decode(bytes, language), expected, "{bytes:?} {language:?}");
    }
}

#[test]
fn utf_16_is_known_without_its_mark() {
    for (_, _, text) in SPOKEN {
        let text = file(text);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, None), text);
        assert_eq!(decode(&big, Some("ja")), text);
    }
    // Letters of two pairs at the end of what is looked at, and cut at the end of the file.
    let long = format!("{}{}", "1\n00:00:01,000 ".repeat(100), "🙂 one, two. ".repeat(400));
    for shift in ["", "x"] {
        let text = format!("{shift}{long}");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&bytes, None), text);
        assert!(decode(&bytes[..bytes.len() - 1], None).starts_with(&text[..1000]));
    }
}

#[test]
fn names_with_zeros_behind_them_are_not_utf_16() {
    for name in [
        "A title\0",
        "A longer title of a song\0",
        "Short\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        assert_eq!(decode(name.as_bytes(), None), name);
    }
}

#[test]
fn one_stray_byte_does_not_spoil_a_utf_8_file() {
    let mut bytes = "žluťoučký kůň úpěl ďábelské ódy ".repeat(2).into_bytes();
    bytes.push(0xff);
    assert!(decode(&bytes, Some("cs")).starts_with("žluťoučký"));
}

#[test]
fn xml_says_what_it_is_in() {
    let text = "<?xml version='1.0' encoding='iso-8859-5'?><tt>Да</tt>";
    let (bytes, ..) = encoding_rs::ISO_8859_5.encode(text);
    assert_eq!(decode_xml(&bytes, Some("de")), text);
    for label in ["utf-16", "utf-8", "unknown", ""] {
        let text = format!("<?xml version=\"1.0\" encoding=\"{label}\"?><tt>Größe</tt>");
        assert_eq!(decode_xml(text.as_bytes(), None), text);
        let (bytes, ..) = WINDOWS_1252.encode(&text);
        assert_eq!(decode_xml(&bytes, Some("de")), text);
    }
}

#[test]
fn short_names_in_old_tags_are_western_where_nothing_speaks_against_it() {
    for name in [
        "Beyoncé",
        "Motörhead",
        "Björk",
        "Sigur Rós",
        "Édith Piaf",
        "Mañana",
        "Für Elise",
        "L'été indien",
        "Smørrebrød",
        "Größenwahn",
        "São Paulo",
        "Niño",
        "Çà et là",
        "Voilà",
        "Ä",
        "Déjà vu",
        "Café",
        "© 2001",
        "Señorita",
        "Über",
        "Åse's Tod",
    ] {
        let (bytes, ..) = WINDOWS_1252.encode(name);
        assert_eq!(decode(&bytes, None), name);
    }
}
