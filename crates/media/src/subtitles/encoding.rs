//! Telling which characters the bytes of an old subtitle stand for.

use std::borrow::Cow;

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258,
};

/// The text of a subtitle file: by its byte order mark, as UTF-8 if it is that, and otherwise in the encoding that was
/// usual for its language (BCP 47, from the file's name) before UTF-8.
pub fn decode<'a>(bytes: &'a [u8], language: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, n_mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[n_mark..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // A cut last character, or a stray byte in a long file, does not make a file old.
        Err(_) if is_mostly_utf8(bytes) => UTF_8.decode_without_bom_handling(bytes).0,
        Err(_) => usual_encoding(language).decode_without_bom_handling(bytes).0,
    }
}

/// At least ten valid sequences of several bytes for each broken one.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut n_wide, mut n_broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        n_wide += chunk.valid().chars().filter(|it| !it.is_ascii()).count();
        n_broken += usize::from(!chunk.invalid().is_empty());
    }
    n_wide >= 10 * n_broken
}

fn usual_encoding(language: Option<&str>) -> &'static Encoding {
    let (primary, rest) = language.map_or(("", ""), |it| it.split_once('-').unwrap_or((it, "")));
    match primary {
        "cs" | "sk" | "pl" | "hu" | "sl" | "hr" | "bs" | "ro" | "sq" => WINDOWS_1250,
        "ru" | "uk" | "be" | "bg" | "mk" | "sr" => WINDOWS_1251,
        "el" => WINDOWS_1253,
        "tr" | "az" => WINDOWS_1254,
        "he" | "yi" => WINDOWS_1255,
        "ar" | "fa" | "ur" => WINDOWS_1256,
        "et" | "lv" | "lt" => WINDOWS_1257,
        "vi" => WINDOWS_1258,
        "th" => WINDOWS_874,
        "ja" => SHIFT_JIS,
        "ko" => EUC_KR,
        "zh" if rest.contains("Hant") || rest.contains("TW") || rest.contains("HK") => BIG5,
        "zh" => GBK,
        _ => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_by_mark_then_as_utf_8_then_by_language() {
        let table: [(&[u8], Option<&str>, &str); 8] = [
            (b"\xef\xbb\xbfna\xc3\xafve", None, "na\u{ef}ve"),
            (b"\xff\xfeh\0i\0", Some("ru"), "hi"),
            (b"\xfe\xff\0h\0i", None, "hi"),
            ("Grüße".as_bytes(), Some("ru"), "Grüße"),
            (b"Gr\xfc\xdfe", None, "Grüße"),
            (b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("ru"), "Привет"),
            (b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd", Some("ja"), "こんにちは"),
            (b"\xa7A\xa6n", Some("zh-Hant"), "你好"),
        ];
        for (bytes, language, expected) in table {
            assert_eq!(decode(bytes, language), expected, "{bytes:?} {language:?}");
        }
    }

    #[test]
    fn one_stray_byte_does_not_spoil_a_utf_8_file() {
        let mut bytes = "žluťoučký kůň úpěl ďábelské ódy ".repeat(2).into_bytes();
        bytes.push(0xff);
        assert!(decode(&bytes, Some("cs")).starts_with("žluťoučký"));
    }
}
