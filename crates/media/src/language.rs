//! Languages as files name them, made into BCP 47.

/// Three-letter codes of ISO 639-2 (both its sets, and two withdrawn ones that old files carry) that have a two-letter
/// code, which BCP 47 prefers. Sorted, for the search.
#[rustfmt::skip]
const TWO_LETTERS: [(&str, &str); 206] = [
    ("aar", "aa"), ("abk", "ab"), ("afr", "af"), ("aka", "ak"), ("alb", "sq"), ("amh", "am"), ("ara", "ar"),
    ("arg", "an"), ("arm", "hy"), ("asm", "as"), ("ava", "av"), ("ave", "ae"), ("aym", "ay"), ("aze", "az"),
    ("bak", "ba"), ("bam", "bm"), ("baq", "eu"), ("bel", "be"), ("ben", "bn"), ("bih", "bh"), ("bis", "bi"),
    ("bod", "bo"), ("bos", "bs"), ("bre", "br"), ("bul", "bg"), ("bur", "my"), ("cat", "ca"), ("ces", "cs"),
    ("cha", "ch"), ("che", "ce"), ("chi", "zh"), ("chu", "cu"), ("chv", "cv"), ("cor", "kw"), ("cos", "co"),
    ("cre", "cr"), ("cym", "cy"), ("cze", "cs"), ("dan", "da"), ("deu", "de"), ("div", "dv"), ("dut", "nl"),
    ("dzo", "dz"), ("ell", "el"), ("eng", "en"), ("epo", "eo"), ("est", "et"), ("eus", "eu"), ("ewe", "ee"),
    ("fao", "fo"), ("fas", "fa"), ("fij", "fj"), ("fin", "fi"), ("fra", "fr"), ("fre", "fr"), ("fry", "fy"),
    ("ful", "ff"), ("geo", "ka"), ("ger", "de"), ("gla", "gd"), ("gle", "ga"), ("glg", "gl"), ("glv", "gv"),
    ("gre", "el"), ("grn", "gn"), ("guj", "gu"), ("hat", "ht"), ("hau", "ha"), ("heb", "he"), ("her", "hz"),
    ("hin", "hi"), ("hmo", "ho"), ("hrv", "hr"), ("hun", "hu"), ("hye", "hy"), ("ibo", "ig"), ("ice", "is"),
    ("ido", "io"), ("iii", "ii"), ("iku", "iu"), ("ile", "ie"), ("ina", "ia"), ("ind", "id"), ("ipk", "ik"),
    ("isl", "is"), ("ita", "it"), ("jav", "jv"), ("jpn", "ja"), ("kal", "kl"), ("kan", "kn"), ("kas", "ks"),
    ("kat", "ka"), ("kau", "kr"), ("kaz", "kk"), ("khm", "km"), ("kik", "ki"), ("kin", "rw"), ("kir", "ky"),
    ("kom", "kv"), ("kon", "kg"), ("kor", "ko"), ("kua", "kj"), ("kur", "ku"), ("lao", "lo"), ("lat", "la"),
    ("lav", "lv"), ("lim", "li"), ("lin", "ln"), ("lit", "lt"), ("ltz", "lb"), ("lub", "lu"), ("lug", "lg"),
    ("mac", "mk"), ("mah", "mh"), ("mal", "ml"), ("mao", "mi"), ("mar", "mr"), ("may", "ms"), ("mkd", "mk"),
    ("mlg", "mg"), ("mlt", "mt"), ("mon", "mn"), ("mri", "mi"), ("msa", "ms"), ("mya", "my"), ("nau", "na"),
    ("nav", "nv"), ("nbl", "nr"), ("nde", "nd"), ("ndo", "ng"), ("nep", "ne"), ("nld", "nl"), ("nno", "nn"),
    ("nob", "nb"), ("nor", "no"), ("nya", "ny"), ("oci", "oc"), ("oji", "oj"), ("ori", "or"), ("orm", "om"),
    ("oss", "os"), ("pan", "pa"), ("per", "fa"), ("pli", "pi"), ("pol", "pl"), ("por", "pt"), ("pus", "ps"),
    ("que", "qu"), ("roh", "rm"), ("ron", "ro"), ("rum", "ro"), ("run", "rn"), ("rus", "ru"), ("sag", "sg"),
    ("san", "sa"), ("scc", "sr"), ("scr", "hr"), ("sin", "si"), ("slk", "sk"), ("slo", "sk"), ("slv", "sl"),
    ("sme", "se"), ("smo", "sm"), ("sna", "sn"), ("snd", "sd"), ("som", "so"), ("sot", "st"), ("spa", "es"),
    ("sqi", "sq"), ("srd", "sc"), ("srp", "sr"), ("ssw", "ss"), ("sun", "su"), ("swa", "sw"), ("swe", "sv"),
    ("tah", "ty"), ("tam", "ta"), ("tat", "tt"), ("tel", "te"), ("tgk", "tg"), ("tgl", "tl"), ("tha", "th"),
    ("tib", "bo"), ("tir", "ti"), ("ton", "to"), ("tsn", "tn"), ("tso", "ts"), ("tuk", "tk"), ("tur", "tr"),
    ("twi", "tw"), ("uig", "ug"), ("ukr", "uk"), ("urd", "ur"), ("uzb", "uz"), ("ven", "ve"), ("vie", "vi"),
    ("vol", "vo"), ("wel", "cy"), ("wln", "wa"), ("wol", "wo"), ("xho", "xh"), ("yid", "yi"), ("yor", "yo"),
    ("zha", "za"), ("zho", "zh"), ("zul", "zu"),
];

/// A language code of a file (ISO 639-2, or BCP 47 already) as BCP 47 with usual case: `ger` is `de`, `pt-br` is
/// `pt-BR`. `None` for codes that name no language (`und`, `zxx`, `mul`) and for anything that is not a code.
pub fn bcp47(code: &str) -> Option<String> {
    let code = code.trim_matches(['\0', ' ']);
    if code.len() > 35 || !code.is_ascii() {
        return None;
    }
    let mut subtags = code.split(['-', '_']);
    let language = subtags.next()?.to_ascii_lowercase();
    if !(2..=8).contains(&language.len()) || !language.bytes().all(|it| it.is_ascii_lowercase()) {
        return None;
    }
    // `qaa` to `qtz` are for private use; `mis` and `und` say that nobody knows.
    let is_private = language.len() == 3 && ("qaa".."qua").contains(&language.as_str());
    if is_private || matches!(language.as_str(), "und" | "zxx" | "mul" | "mis" | "unk") {
        return None;
    }
    let mut tag = match TWO_LETTERS.binary_search_by_key(&language.as_str(), |it| it.0) {
        Ok(found) => TWO_LETTERS[found].1.to_owned(),
        Err(_) => language,
    };
    for subtag in subtags {
        if !(1..=8).contains(&subtag.len()) || !subtag.bytes().all(|it| it.is_ascii_alphanumeric())
        {
            return None;
        }
        tag.push('-');
        match subtag.len() {
            2 => tag.push_str(&subtag.to_ascii_uppercase()),
            4 if subtag.bytes().all(|it| it.is_ascii_alphabetic()) => {
                tag.push_str(&subtag[..1].to_ascii_uppercase());
                tag.push_str(&subtag[1..].to_ascii_lowercase());
            }
            _ => tag.push_str(&subtag.to_ascii_lowercase()),
        }
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_files_become_bcp_47() {
        let table = [
            ("ger", Some("de")),
            ("deu", Some("de")),
            ("eng\0", Some("en")),
            ("ENG", Some("en")),
            ("chi", Some("zh")),
            ("qu", Some("qu")),
            ("fil", Some("fil")),
            ("pt-br", Some("pt-BR")),
            ("zh_hant_tw", Some("zh-Hant-TW")),
            ("es-419", Some("es-419")),
            ("und", None),
            ("mul", None),
            ("qaa", None),
            ("", None),
            ("e", None),
            ("English (US)", None),
            ("\u{fc}ber", None),
        ];
        for (code, expected) in table {
            assert_eq!(bcp47(code).as_deref(), expected, "{code:?}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_has_no_code_twice() {
        assert!(TWO_LETTERS.windows(2).all(|it| it[0].0 < it[1].0));
    }
}
