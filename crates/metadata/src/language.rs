//! Languages and countries as different providers name them.

use crate::Locale;

/// ISO 639-1 with the three letters TheTVDB uses and the English name TVmaze uses.
const LANGUAGES: &[(&str, &str, &str)] = &[
    ("aa", "aar", "Afar"),
    ("af", "afr", "Afrikaans"),
    ("ar", "ara", "Arabic"),
    ("az", "aze", "Azerbaijani"),
    ("be", "bel", "Belarusian"),
    ("bg", "bul", "Bulgarian"),
    ("bn", "ben", "Bengali"),
    ("bs", "bos", "Bosnian"),
    ("ca", "cat", "Catalan"),
    ("cs", "ces", "Czech"),
    ("cy", "cym", "Welsh"),
    ("da", "dan", "Danish"),
    ("de", "deu", "German"),
    ("el", "ell", "Greek"),
    ("en", "eng", "English"),
    ("es", "spa", "Spanish"),
    ("et", "est", "Estonian"),
    ("eu", "eus", "Basque"),
    ("fa", "fas", "Persian"),
    ("fi", "fin", "Finnish"),
    ("fr", "fra", "French"),
    ("ga", "gle", "Irish"),
    ("gl", "glg", "Galician"),
    ("he", "heb", "Hebrew"),
    ("hi", "hin", "Hindi"),
    ("hr", "hrv", "Croatian"),
    ("hu", "hun", "Hungarian"),
    ("hy", "hye", "Armenian"),
    ("id", "ind", "Indonesian"),
    ("is", "isl", "Icelandic"),
    ("it", "ita", "Italian"),
    ("ja", "jpn", "Japanese"),
    ("ka", "kat", "Georgian"),
    ("kk", "kaz", "Kazakh"),
    ("kn", "kan", "Kannada"),
    ("ko", "kor", "Korean"),
    ("la", "lat", "Latin"),
    ("lb", "ltz", "Luxembourgish"),
    ("lt", "lit", "Lithuanian"),
    ("lv", "lav", "Latvian"),
    ("mk", "mkd", "Macedonian"),
    ("ml", "mal", "Malayalam"),
    ("mn", "mon", "Mongolian"),
    ("mr", "mar", "Marathi"),
    ("ms", "msa", "Malay"),
    ("nb", "nob", "Norwegian Bokmål"),
    ("nl", "nld", "Dutch"),
    ("no", "nor", "Norwegian"),
    ("pa", "pan", "Panjabi"),
    ("pl", "pol", "Polish"),
    ("pt", "por", "Portuguese"),
    ("ro", "ron", "Romanian"),
    ("ru", "rus", "Russian"),
    ("sk", "slk", "Slovak"),
    ("sl", "slv", "Slovenian"),
    ("sq", "sqi", "Albanian"),
    ("sr", "srp", "Serbian"),
    ("sv", "swe", "Swedish"),
    ("sw", "swa", "Swahili"),
    ("ta", "tam", "Tamil"),
    ("te", "tel", "Telugu"),
    ("th", "tha", "Thai"),
    ("tl", "tgl", "Tagalog"),
    ("tr", "tur", "Turkish"),
    ("uk", "ukr", "Ukrainian"),
    ("ur", "urd", "Urdu"),
    ("uz", "uzb", "Uzbek"),
    ("vi", "vie", "Vietnamese"),
    ("zh", "zho", "Chinese"),
    ("zu", "zul", "Zulu"),
];

/// ISO 3166-1, two letters with three.
const COUNTRIES: &[(&str, &str)] = &[
    ("AE", "are"),
    ("AR", "arg"),
    ("AT", "aut"),
    ("AU", "aus"),
    ("BE", "bel"),
    ("BG", "bgr"),
    ("BR", "bra"),
    ("CA", "can"),
    ("CH", "che"),
    ("CL", "chl"),
    ("CN", "chn"),
    ("CO", "col"),
    ("CZ", "cze"),
    ("DE", "deu"),
    ("DK", "dnk"),
    ("EE", "est"),
    ("EG", "egy"),
    ("ES", "esp"),
    ("FI", "fin"),
    ("FR", "fra"),
    ("GB", "gbr"),
    ("GR", "grc"),
    ("HK", "hkg"),
    ("HR", "hrv"),
    ("HU", "hun"),
    ("ID", "idn"),
    ("IE", "irl"),
    ("IL", "isr"),
    ("IN", "ind"),
    ("IR", "irn"),
    ("IS", "isl"),
    ("IT", "ita"),
    ("JP", "jpn"),
    ("KR", "kor"),
    ("LT", "ltu"),
    ("LU", "lux"),
    ("LV", "lva"),
    ("MX", "mex"),
    ("MY", "mys"),
    ("NG", "nga"),
    ("NL", "nld"),
    ("NO", "nor"),
    ("NZ", "nzl"),
    ("PE", "per"),
    ("PH", "phl"),
    ("PL", "pol"),
    ("PT", "prt"),
    ("RO", "rou"),
    ("RS", "srb"),
    ("RU", "rus"),
    ("SA", "sau"),
    ("SE", "swe"),
    ("SG", "sgp"),
    ("SI", "svn"),
    ("SK", "svk"),
    ("TH", "tha"),
    ("TR", "tur"),
    ("TW", "twn"),
    ("UA", "ukr"),
    ("US", "usa"),
    ("VN", "vnm"),
    ("ZA", "zaf"),
];

/// The language of a BCP 47 tag without country and script: `pt` of `pt-BR`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// The three letters of a BCP 47 tag at TheTVDB, which calls the Portuguese of Brazil `pt` and that of Portugal `por`.
pub(crate) fn to_three_letters(tag: &str) -> Option<&'static str> {
    if tag.eq_ignore_ascii_case("pt-BR") {
        return Some("pt");
    }
    if tag.eq_ignore_ascii_case("zh-TW") || tag.eq_ignore_ascii_case("zh-Hant") {
        return Some("zhtw");
    }
    let language = primary(tag).to_ascii_lowercase();
    LANGUAGES.iter().find(|(two, three, _)| *two == language || *three == language).map(|it| it.1)
}

/// The BCP 47 tag of TheTVDB's three letters.
pub(crate) fn from_three_letters(code: &str) -> Option<String> {
    match code {
        "pt" => Some("pt-BR".to_owned()),
        "zhtw" => Some("zh-TW".to_owned()),
        "yue" => Some("yue".to_owned()),
        _ => LANGUAGES.iter().find(|(_, three, _)| *three == code).map(|it| it.0.to_owned()),
    }
}

/// The BCP 47 tag of a language's English name.
pub(crate) fn from_english_name(name: &str) -> Option<String> {
    LANGUAGES
        .iter()
        .find(|(_, _, english)| english.eq_ignore_ascii_case(name))
        .map(|it| it.0.to_owned())
}

/// Two capital letters of a country in two or three.
pub(crate) fn country(code: &str) -> Option<String> {
    if code.len() == 2 && code.bytes().all(|it| it.is_ascii_alphabetic()) {
        return Some(code.to_ascii_uppercase());
    }
    let code = code.to_ascii_lowercase();
    COUNTRIES.iter().find(|(_, three)| *three == code).map(|it| it.0.to_owned())
}

impl Locale {
    /// All languages that are wanted, the most wanted first.
    pub fn languages(&self) -> Vec<String> {
        let mut languages = vec![self.language.clone()];
        for language in &self.fallbacks {
            if !languages.contains(language) {
                languages.push(language.clone());
            }
        }
        languages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_countries_are_told_in_every_way_providers_name_them() {
        for (tag, three) in
            [("de", "deu"), ("de-AT", "deu"), ("pt", "por"), ("pt-BR", "pt"), ("zh-TW", "zhtw")]
        {
            assert_eq!(to_three_letters(tag), Some(three), "{tag}");
        }
        assert_eq!(to_three_letters("xx"), None);
        assert_eq!(from_three_letters("pt").as_deref(), Some("pt-BR"));
        assert_eq!(from_three_letters("eng").as_deref(), Some("en"));
        assert_eq!(from_english_name("Japanese").as_deref(), Some("ja"));
        assert_eq!(country("usa").as_deref(), Some("US"));
        assert_eq!(country("gb").as_deref(), Some("GB"));
        assert_eq!(country("../"), None);
    }

    #[test]
    fn codes_are_named_once() {
        for (number, (two, three, name)) in LANGUAGES.iter().enumerate() {
            for (other_two, other_three, other_name) in &LANGUAGES[number + 1..] {
                assert!(two != other_two && three != other_three && name != other_name, "{name}");
            }
        }
    }
}
