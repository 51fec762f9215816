//! Telling which characters the bytes of an old subtitle stand for.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252};

/// Bytes that are looked at for UTF-16 without a mark.
const WIDE_BYTES: usize = 4096;
/// Bytes of lines with more than ASCII in them, by which an encoding is guessed; the guess gets no better by more.
const GUESSED_BYTES: usize = 64 << 10;
/// Where the declaration of an XML file ends at the latest.
const DECLARATION_BYTES: usize = 200;

/// The text of a subtitle file: by its byte order mark, as UTF-16 or UTF-8 if it is that, and otherwise in the encoding that its
/// letters are likely in, for which `language` (BCP 47, from the file's name) is a hint.
pub fn decode<'a>(bytes: &'a [u8], language: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, n_mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[n_mark..]).0;
    }
    if let Some(encoding) = wide(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) if is_escaped(bytes) => ISO_2022_JP.decode_without_bom_handling(bytes).0,
        Ok(text) => Cow::Borrowed(text),
        // A cut last character, or a stray byte in a long file, does not make a file old.
        Err(_) if is_mostly_utf8(bytes) => UTF_8.decode_without_bom_handling(bytes).0,
        Err(_) => guess(bytes, language).decode_without_bom_handling(bytes).0,
    }
}

/// The text of an XML file, which may declare its encoding.
pub(super) fn decode_xml<'a>(bytes: &'a [u8], language: Option<&str>) -> Cow<'a, str> {
    let is_told = Encoding::for_bom(bytes).is_some() || std::str::from_utf8(bytes).is_ok();
    match declared(bytes).filter(|_| !is_told) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => decode(bytes, language),
    }
}

/// What stands in `<?xml version="1.0" encoding="windows-1250"?>`, unless it is of letters that the declaration is not in.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let head = head.strip_prefix(b"<?xml")?.split(|it| *it == b'>').next()?;
    let head = std::str::from_utf8(head).ok()?;
    let value = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let label = value.split(['"', '\'']).nth(1)?;
    Encoding::for_label(label.as_bytes()).filter(|it| *it != UTF_8 && it.is_ascii_compatible())
}

/// UTF-16 without a mark: digits, blanks and line breaks are everywhere in subtitles, and each has a zero on one side.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(WIDE_BYTES) & !1];
    let n_pairs = head.len() / 2;
    let n_zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|it| **it == 0).count();
    let (big, little) = (n_zeros(0), n_zeros(1));
    let is_wide = |own: usize, other: usize| n_pairs >= 8 && own * 4 >= n_pairs && other * 8 <= own;
    let encoding = if is_wide(little, big) {
        UTF_16LE
    } else if is_wide(big, little) {
        UTF_16BE
    } else {
        return None;
    };
    // Where the bytes end a letter of two pairs may be cut, which is no error.
    let mut text = String::with_capacity(2 * head.len());
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (_, _, has_errors) = decoder.decode_to_string(head, &mut text, false);
    (!has_errors).then_some(encoding)
}

/// Whether ASCII is but the clothes of Japanese (ISO-2022-JP).
fn is_escaped(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes.windows(3).any(|it| matches!(it, b"\x1b$B" | b"\x1b$@"))
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

fn guess(bytes: &[u8], language: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = GUESSED_BYTES;
    // No encoding has a line break within a letter.
    for line in bytes.split_inclusive(|it| *it == b'\n').filter(|it| !it.is_ascii()) {
        detector.feed(&line[..line.len().min(left)], false);
        left = left.saturating_sub(line.len());
        if left == 0 {
            break;
        }
    }
    let guess = detector.guess(language.and_then(domain).map(str::as_bytes), Utf8Detection::Deny);
    if guess == WINDOWS_1252 && is_hungarian(bytes) { WINDOWS_1250 } else { guess }
}

/// Whether what is taken for Western European is Hungarian, whose letters are those of Western Europe but for two: in no other
/// language õ and û stand together with nothing but á, é, í, ó, ö, ú, and ü.
fn is_hungarian(bytes: &[u8]) -> bool {
    const LETTERS: &[u8] = b"\xe1\xe9\xed\xf3\xf5\xf6\xfa\xfb\xfc";
    // Small letters lie 32 above the great ones.
    let mut letters = bytes.iter().filter(|it| **it >= 0xc0).map(|it| it | 0x20);
    let has = |letter: u8| bytes.iter().any(|it| *it >= 0xc0 && it | 0x20 == letter);
    letters.all(|it| LETTERS.contains(&it)) && has(0xf5) && has(0xfb)
}

/// The top-level domain where a language is written, by which the detector knows what was usual for it.
fn domain(language: &str) -> Option<&'static str> {
    let (primary, rest) = language.split_once('-').unwrap_or((language, ""));
    Some(match primary {
        "cs" => "cz",
        "sk" => "sk",
        "pl" => "pl",
        "hu" => "hu",
        "sl" => "si",
        "hr" => "hr",
        "bs" => "ba",
        "ro" => "ro",
        "sq" => "al",
        "ru" => "ru",
        "uk" => "ua",
        "be" => "by",
        "bg" => "bg",
        "mk" => "mk",
        "sr" => "rs",
        "el" => "gr",
        "tr" => "tr",
        "az" => "az",
        "he" | "yi" => "il",
        "ar" => "eg",
        "fa" => "ir",
        "ur" => "pk",
        "et" => "ee",
        "lv" => "lv",
        "lt" => "lt",
        "vi" => "vn",
        "th" => "th",
        "ja" => "jp",
        "ko" => "kr",
        "zh" if rest.contains("Hant") || rest.contains("TW") || rest.contains("HK") => "tw",
        "zh" => "cn",
        "de" => "de",
        "fr" => "fr",
        "es" => "es",
        "it" => "it",
        "pt" => "pt",
        "nl" => "nl",
        "sv" => "se",
        "da" => "dk",
        "nb" | "nn" | "no" => "no",
        "fi" => "fi",
        "is" => "is",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
