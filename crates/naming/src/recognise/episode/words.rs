//! Numbers with a word for what they count: "Season 1", "Folge 12", "第5話", "OVA 2".

use super::{super::date, Numbering, Style, digits, short, tail};
use crate::{
    lexicon::{EPISODE_WORDS, SEASON_WORDS, SPECIAL_WORDS, number_word},
    name::{Gap, Name, signs::is_apostrophe},
};

/// "Season 1", "Staffel 2", "2nd Season", "1 сезон", "第1季", "시즌 2".
pub fn season_words(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    if let Some(number) = cjk_ordinal(word, '季').or_else(|| cjk_ordinal(word, '期')) {
        return Some((Numbering::season(number), 1));
    }
    if word == "第"
        && let Some(number) = name.number(i + 1)
        && matches!(name.word(i + 2), "季" | "期")
    {
        return Some((Numbering::season(short(number)?), 3));
    }
    let is_word = |it: &str| it.bytes().next().is_some_and(|it| !it.is_ascii_digit());
    if is_word(word) && SEASON_WORDS.contains(&word) {
        let number =
            name.number(i + 1).filter(|_| !matches!(name.gap(i + 1), Gap::List | Gap::Dash));
        if let Some(number) = number.and_then(short) {
            // "Series 7 …" and "Serie A": the weak words need a plain season's number.
            let is_weak = matches!(word, "series" | "serie" | "sr" | "cour" | "期" | "기" | "季");
            return (number <= 60 || (!is_weak && number >= 1900))
                .then(|| (Numbering::season(number), 2));
        }
        if matches!(word, "season" | "saison" | "staffel" | "temporada" | "stagione")
            && let Some(number) =
                number_word(name.word(i + 1)).filter(|_| name.word(i + 1).len() > 1)
        {
            return Some((Numbering::season(number), 2));
        }
        return None;
    }
    // "season01", "saison1".
    for prefix in ["season", "saison", "staffel", "temporada", "stagione", "シーズン", "시즌"]
    {
        if let Some((number, "")) = word.strip_prefix(prefix).and_then(|it| digits(it, 4)) {
            return Some((Numbering::season(number), 1));
        }
    }
    // The number leads: "2nd Season", "1 сезон", "3. Staffel". "02. Season's Greetings" has no season.
    if is_word(name.word(i + 1))
        && SEASON_WORDS.contains(&name.word(i + 1))
        && !name.raw(i + 1).contains(is_apostrophe)
        && matches!(name.gap(i + 1), Gap::Space | Gap::Dot | Gap::Underscore | Gap::Tight)
    {
        let is_plain = !matches!(name.word(i + 1), "series" | "serie" | "sr");
        // "Room 4 Season 2" has its number behind; "4 сезон 2 серия" has both in front.
        // and "Babylon 5 Season 1 Episode 2" both behind.
        let is_its_own = name.number(i + 2).is_none()
            || EPISODE_WORDS.contains(&name.word(i + 3))
                && name.number(i + 4).is_none_or(|it| it >= 1900);
        let leading =
            name.number(i).and_then(short).filter(|it| *it <= 60 && is_plain && is_its_own);
        // "Unit One Season 1"
        let is_cardinal = matches!(
            word,
            "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight" | "nine" | "ten"
        );
        let counts = !is_cardinal || name.number(i + 2).is_none();
        let ordinal =
            || ordinal(word).or_else(|| number_word(word).filter(|_| word.len() > 2 && counts));
        return leading.or_else(ordinal).map(|it| (Numbering::season(it), 2));
    }
    None
}

/// "Episode 5", "Ep. 5", "Folge 12", "5 серия", "第5話", "5화", `#05`.
pub fn episode_words(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    if word == "第"
        && let Some(number) = name.number(i + 1)
        && matches!(name.word(i + 2), "集" | "話" | "话" | "回" | "화" | "회")
    {
        return Some((Numbering::episode(short(number)?), 3));
    }
    if let Some(number) = cjk_ordinal(word, '集')
        .or_else(|| cjk_ordinal(word, '話'))
        .or_else(|| cjk_ordinal(word, '话'))
    {
        return Some((Numbering::episode(number), 1));
    }
    if word.starts_with('제')
        && matches!(name.word(i + 2), "화" | "회")
        && let Some(number) = name.number(i + 1)
    {
        return Some((Numbering::episode(short(number)?), 3));
    }
    let is_counted = word.starts_with(|it: char| it.is_ascii_digit());
    if !is_counted && EPISODE_WORDS.contains(&word)
        || (word == "e" && matches!(name.gap(i + 1), Gap::Dot | Gap::Space))
    {
        let is_number = name.word(i + 1).as_bytes().first().is_some_and(u8::is_ascii_digit);
        // "The Episode (2010)"
        let is_apart = name.bracket(i).map(|it| it.open) != name.bracket(i + 1).map(|it| it.open);
        if !is_number
            || is_apart
            || matches!(name.gap(i + 1), Gap::Dash | Gap::List)
            || (word == "e" && name.word(i + 1).len() != 2)
        {
            return None;
        }
        // "Episodes 1x02" and "Episodes 15.03.2021" are a series' title before its numbers.
        let (number, rest) = digits(name.word(i + 1), 4).filter(|it| !it.1.starts_with('x'))?;
        // So is "Spinal Tap 1984"; only the plainest words may count that far.
        let counts_far = matches!(word, "episode" | "ep" | "folge" | "e");
        let is_year = !counts_far && (1900..=2035).contains(&number);
        if is_year || date::read(name, i + 1).is_some() || word == "e" && name.gap(i) == Gap::List {
            return None;
        }
        if word == "cap" && rest.is_empty() {
            return Some(joint_chapter(name, i + 1, number));
        }
        return tail(Numbering::episode(number), rest).map(|it| (it, 2));
    }
    if let Some((number, "")) = word.strip_prefix("cap").and_then(|it| digits(it, 4)) {
        let (numbers, n) = joint_chapter(name, i, number);
        return Some((numbers, n - 1));
    }
    for prefix in ["episode", "folge", "episodio", "capitulo", "eps"] {
        if let Some((number, "")) = word.strip_prefix(prefix).and_then(|it| digits(it, 4)) {
            return Some((Numbering::episode(number), 1));
        }
    }
    // The number leads: "5 серия", "05話", "12화".
    if matches!(
        name.word(i + 1),
        "серия"
            | "серія"
            | "серии"
            | "эпизод"
            | "話"
            | "话"
            | "集"
            | "화"
            | "회"
            | "回"
            | "jakso"
            | "odcinek"
            | "bolum"
    ) && matches!(name.gap(i + 1), Gap::Space | Gap::Dot | Gap::Tight | Gap::Underscore)
    {
        return name.number(i).and_then(short).map(|it| (Numbering::episode(it), 2));
    }
    let bytes = name.bytes(i, i + 1);
    if name.text[..bytes.start].ends_with('#') {
        let (number, rest) = digits(word, 4)?;
        return tail(Numbering::episode(number), rest).map(|it| (it, 1));
    }
    None
}

/// `SP01`, "OVA 2", "Special 3".
pub fn special(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    let of = |episode| Numbering {
        style: Style::Special,
        season: Some(0),
        episode: Some(episode),
        ..Numbering::default()
    };
    for prefix in ["ova", "oad", "sp", "special"] {
        if let Some((number, "")) = word.strip_prefix(prefix).and_then(|it| digits(it, 2)) {
            return Some((of(number), 1));
        }
    }
    // "[Group] Title - OVA [1080p]": the only one, so nobody counted it.
    if matches!(word, "ova" | "oav" | "oad")
        && i > 0
        && name.gap(i) == Gap::Dash
        && name.bracket(i).is_none()
        && (i + 1 == name.len() || name.bracket(i + 1).is_some())
    {
        return Some((Numbering { style: Style::Special, ..Numbering::season(0) }, 1));
    }
    // "[Group] Special - 12" is called that.
    let is_title =
        i > 0 && name.gap(i + 1) == Gap::Dash && name.bracket(i - 1).is_some_and(|it| it.to == i);
    if SPECIAL_WORDS.contains(&word) && i > 0 && !is_title {
        let number = name
            .number(i + 1)
            .and_then(short)
            .filter(|it| *it < 100 && name.word(i + 1).len() <= 2)?;
        return Some((of(number), 2));
    }
    None
}

/// `Cap.102`, as Spanish releases write season 1, episode 2; `Cap.102_104` holds several. `i` is the number's token; the
/// count of tokens holds the word before it.
fn joint_chapter(name: &Name, i: usize, number: u16) -> (Numbering, usize) {
    let (season, episode) = (number / 100, number % 100);
    if season == 0 || episode == 0 {
        return (Numbering::episode(number), 2);
    }
    let whole = Numbering { season: Some(season), episode: Some(episode), ..Numbering::default() };
    let last = name.number(i + 1).and_then(short).filter(|it| {
        matches!(name.gap(i + 1), Gap::Hyphen | Gap::Underscore)
            && it / 100 == season
            && it % 100 > episode
    });
    match last {
        Some(last) => (Numbering { episode_end: Some(last % 100), ..whole }, 3),
        None => (whole, 2),
    }
}

/// `2ª`, `3e`, `1ère`: a number with what makes it an ordinal.
fn ordinal(word: &str) -> Option<u16> {
    const ENDINGS: &[&str] = &[
        "ª", "º", "°", "a", "o", "e", "er", "re", "ere", "eme", "nd", "nde", "rd", "st", "th",
        "te", "ste",
    ];
    let (number, rest) = digits(word, 2)?;
    ENDINGS.contains(&rest).then_some(number)
}

/// "第二季": an ordinal in ideographs around its counter.
fn cjk_ordinal(word: &str, counter: char) -> Option<u16> {
    let number = word.strip_prefix('第')?.strip_suffix(counter)?;
    number_word(number)
}
