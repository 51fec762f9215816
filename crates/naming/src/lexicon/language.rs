//! Languages: codes and names as people write them in file names.

use super::{Term, Trust};

/// A language: BCP 47 tag, ISO 639-1/-2 codes, names. Codes are trusted only where a language is expected.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const LANGUAGES: &[Row] = &[
    (
        "en",
        &["en", "eng", "engl"],
        &["english", "englisch", "ingles", "anglais", "английский", "英語", "英语"],
    ),
    ("en-US", &["en us"], &["american english"]),
    ("en-GB", &["en gb", "en uk"], &["british english"]),
    ("en-AU", &["en au"], &[]),
    (
        "fr",
        &["fr", "fre", "fra"],
        &["french", "francais", "truefrench", "vff", "vf2", "vfi", "franzosisch", "французский"],
    ),
    ("fr-CA", &["fr ca", "vfq"], &["canadian french", "french canadian", "french canada"]),
    ("fr-FR", &["fr fr"], &[]),
    (
        "de",
        &["de", "ger", "deu", "de de"],
        &["german", "deutsch", "aleman", "allemand", "немецкий"],
    ),
    ("es", &["es", "spa", "esp", "es es"], &["spanish", "espanol", "castellano", "castilian"]),
    (
        "es-419",
        &["es 419", "lat", "es la"],
        &[
            "latino",
            "latin",
            "latin american",
            "latin american spanish",
            "spanish latin america",
            "spanish latin american",
            "espanol latino",
            "spanish latino",
            "latinoamericano",
        ],
    ),
    ("es-MX", &["es mx"], &[]),
    ("it", &["it", "ita", "it it"], &["italian", "italiano", "italienisch"]),
    ("pt", &["pt", "por"], &["portuguese", "portugues"]),
    (
        "pt-BR",
        &["pt br", "ptbr", "pob", "pb", "br"],
        &[
            "brazilian",
            "brazilian portuguese",
            "portuguese brazilian",
            "dublado",
            "nacional",
            "portugues brasileiro",
            "portuguese brazil",
        ],
    ),
    ("pt-PT", &["pt pt"], &["european portuguese", "portuguese portugal"]),
    ("ru", &["ru", "rus"], &["russian", "русский", "russisch"]),
    ("uk", &["uk", "ukr"], &["ukrainian", "украинский", "українська"]),
    ("pl", &["pl", "pol"], &["polish", "polski", "pldub", "lektor pl", "lektor"]),
    ("nl", &["nl", "dut", "nld"], &["dutch", "nederlands", "flemish", "vlaams"]),
    ("sv", &["sv", "swe", "se"], &["swedish", "svenska"]),
    ("no", &["no", "nor", "nb", "nob"], &["norwegian", "norsk", "bokmal"]),
    ("nn", &["nn", "nno"], &["nynorsk"]),
    ("da", &["da", "dan", "dk"], &["danish", "dansk"]),
    ("fi", &["fi", "fin"], &["finnish", "suomi"]),
    ("is", &["is", "isl", "ice"], &["icelandic", "islenska"]),
    ("cs", &["cs", "cze", "ces", "cz"], &["czech", "cesky"]),
    ("sk", &["sk", "slo", "slk"], &["slovak"]),
    ("sl", &["sl", "slv"], &["slovenian", "slovene"]),
    ("hr", &["hr", "hrv"], &["croatian", "hrvatski"]),
    ("sr", &["sr", "srp", "scc"], &["serbian", "srpski"]),
    ("bs", &["bs", "bos"], &["bosnian"]),
    ("mk", &["mk", "mac", "mkd"], &["macedonian"]),
    ("bg", &["bg", "bul"], &["bulgarian", "български"]),
    ("ro", &["ro", "rum", "ron"], &["romanian", "romana"]),
    ("hu", &["hu", "hun"], &["hungarian", "magyar"]),
    ("el", &["el", "gre", "ell", "gr"], &["greek", "ελληνικα"]),
    ("tr", &["tr", "tur"], &["turkish", "turkce"]),
    ("ar", &["ar", "ara"], &["arabic", "العربية", "عربي"]),
    ("he", &["he", "heb", "iw"], &["hebrew", "עברית"]),
    ("fa", &["fa", "per", "fas"], &["persian", "farsi", "فارسی"]),
    ("hi", &["hi", "hin"], &["hindi", "हिन्दी"]),
    ("bn", &["bn", "ben"], &["bengali", "bangla"]),
    ("ta", &["ta", "tam"], &["tamil"]),
    ("te", &["te", "tel"], &["telugu"]),
    ("ml", &["ml", "mal"], &["malayalam"]),
    ("kn", &["kn", "kan"], &["kannada"]),
    ("mr", &["mr", "mar"], &["marathi"]),
    ("pa", &["pa", "pan"], &["punjabi"]),
    ("gu", &["gu", "guj"], &["gujarati"]),
    ("ur", &["ur", "urd"], &["urdu"]),
    ("th", &["th", "tha"], &["thai", "ไทย"]),
    ("vi", &["vi", "vie"], &["vietnamese", "vietsub", "tieng viet"]),
    ("id", &["id", "ind"], &["indonesian", "bahasa indonesia"]),
    ("ms", &["ms", "may", "msa"], &["malay"]),
    ("tl", &["tl", "tgl", "fil"], &["tagalog", "filipino"]),
    ("ja", &["ja", "jpn", "jp", "jap"], &["japanese", "nihongo", "日本語", "japonais", "japones"]),
    ("ko", &["ko", "kor", "kr"], &["korean", "한국어"]),
    (
        "zh",
        &["zh", "chi", "zho", "cn"],
        &["chinese", "mandarin", "中文", "国语", "國語", "chinois"],
    ),
    (
        "zh-Hans",
        &["zh hans", "zh cn", "chs", "zh chs", "sc"],
        &[
            "chinese simplified",
            "simplified chinese",
            "simplified",
            "简体",
            "简体中文",
            "简中",
            "简",
        ],
    ),
    (
        "zh-Hant",
        &["zh hant", "zh tw", "cht", "zh hk", "zh cht", "tc"],
        &[
            "chinese traditional",
            "traditional chinese",
            "traditional",
            "繁體",
            "繁体",
            "繁體中文",
            "繁体中文",
            "繁中",
            "繁",
        ],
    ),
    ("yue", &["yue"], &["cantonese", "粤语", "粵語", "广东话"]),
    ("et", &["et", "est"], &["estonian", "eesti"]),
    ("lv", &["lv", "lav"], &["latvian"]),
    ("lt", &["lt", "lit"], &["lithuanian"]),
    ("ca", &["ca", "cat"], &["catalan", "catala"]),
    ("eu", &["eu", "baq", "eus"], &["basque", "euskara"]),
    ("gl", &["gl", "glg"], &["galician", "galego"]),
    ("af", &["af", "afr"], &["afrikaans"]),
    ("sq", &["sq", "alb", "sqi"], &["albanian"]),
    ("ka", &["ka", "geo", "kat"], &["georgian"]),
    ("hy", &["hy", "arm", "hye"], &["armenian"]),
    ("kk", &["kk", "kaz"], &["kazakh"]),
    ("la", &[], &["latina"]),
    ("und", &["und"], &["undetermined"]),
];

/// Names and three-letter codes that stand behind a title. Two-letter codes mean other things there ("IT", "MA"), but for
/// the Polish one.
pub fn terms() -> impl Iterator<Item = (&'static str, Term, Trust)> {
    let names = LANGUAGES.iter().flat_map(|(tag, _, names)| {
        names.iter().map(|it| (*it, Term::Language(tag), Trust::Context))
    });
    let codes = LANGUAGES.iter().flat_map(|(tag, codes, _)| {
        let safe = |it: &&&str| {
            **it == "pl"
                || it.len() == 3
                    && !matches!(
                        **it,
                        "may"
                            | "ind"
                            | "mal"
                            | "mar"
                            | "mac"
                            | "per"
                            | "tel"
                            | "pan"
                            | "ice"
                            | "fin"
                            | "lit"
                            | "ben"
                            | "arm"
                            | "cat"
                            | "lat"
                            | "kan"
                            | "est"
                            | "fil"
                            | "chi"
                            | "no"
                    )
        };
        codes.iter().filter(safe).map(|it| (*it, Term::Language(tag), Trust::Context))
    });
    let doubled = DUBS.iter().map(|(phrase, tag)| (*phrase, Term::Language(tag), Trust::Context));
    names.chain(codes).chain(doubled)
}

const DUBS: &[(&str, &str)] = &[
    ("german dl", "de"),
    ("german dubbed", "de"),
    ("german dubbed dl", "de"),
    ("ac3 german", "de"),
    ("english dubbed", "en"),
    ("eng dub", "en"),
    ("english dub", "en"),
    ("hindi dubbed", "hi"),
    ("ita eng", "it"),
    ("rus eng", "ru"),
    ("vf", "fr"),
    ("pt br", "pt-BR"),
    ("ptbr", "pt-BR"),
    ("vo", "und"),
];

/// The language that a whole phrase names, by code or name; for tags of subtitles and audio tracks.
pub fn language_of(phrase: &str) -> Option<&'static str> {
    // "sc" and "tc", "br", "pb" and the like are codes of subtitle makers: only here.
    LOOKUP.get(phrase).copied()
}

static LOOKUP: std::sync::LazyLock<super::WordMap<String, &'static str>> =
    std::sync::LazyLock::new(|| {
        let mut lookup = super::WordMap::default();
        for (tag, codes, names) in LANGUAGES {
            for phrase in codes.iter().chain(names.iter()) {
                let mut key = String::new();
                phrase.chars().for_each(|it| crate::fold::push_char(&mut key, it));
                lookup.entry(key).or_insert(*tag);
            }
        }
        lookup
    });

/// The script subtag written as a word of its own after a language ("zh", "hans").
pub fn script_of(word: &str) -> Option<&'static str> {
    match word {
        "hans" | "chs" | "simplified" => Some("zh-Hans"),
        "hant" | "cht" | "traditional" => Some("zh-Hant"),
        _ => None,
    }
}
