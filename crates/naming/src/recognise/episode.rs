//! Season and episode in every way people write them.

use super::Tag;
use crate::{
    Hint,
    lexicon::{EPISODE_WORDS, SEASON_WORDS, SPECIAL_WORDS, number_word},
    name::{Gap, Name},
};

/// How the numbers were written, which tells how far they may be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `S01E02`, `1x02`, "Season 1 Episode 2".
    #[default]
    Full,
    /// A season alone.
    Season,
    /// `E02`, "Episode 2", "第2話".
    Episode,
    /// `2of6`, "Part 2" of a mini-series.
    Series,
    /// A bare number.
    Number,
    /// `OVA 2`, `SP1`.
    Special,
}

/// Numbers of one mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    pub style: Style,
    pub season: Option<u16>,
    pub season_end: Option<u16>,
    pub episode: Option<u16>,
    pub episode_end: Option<u16>,
    /// `v2` right behind the number.
    pub version: Option<u8>,
}

impl Numbering {
    fn season(season: u16) -> Self {
        Self { style: Style::Season, season: Some(season), ..Self::default() }
    }

    fn episode(episode: u16) -> Self {
        Self { style: Style::Episode, episode: Some(episode), ..Self::default() }
    }
}

/// Most episodes that a range in one file is believed to hold.
const LONGEST_RANGE: u16 = 60;

pub fn read(name: &Name, i: usize, hint: Hint) -> Option<(Tag, usize)> {
    let first = *name.word(i).as_bytes().first()?;
    let (mut numbers, mut n) = code(name, i)
        .or_else(|| cross(name, i))
        .or_else(|| season_words(name, i))
        .or_else(|| episode_words(name, i))
        .or_else(|| special(name, i))
        .or_else(|| first.is_ascii_digit().then(|| one_of_many(name, i)).flatten())
        .or_else(|| if hint == Hint::Shows { mini_series(name, i) } else { None })?;
    // A season in front of an episode, with nothing but a sign between: "S01.E02", "Season 1 - Episode 2".
    if numbers.style == Style::Season && numbers.season_end.is_none() {
        if let Some((episode, more)) = behind_season(name, i + n) {
            numbers = Numbering { style: Style::Full, season: numbers.season, ..episode };
            n += more;
        } else if let Some((end, more)) = season_range(name, i, n, numbers.season?) {
            numbers.season_end = Some(end);
            n += more;
        }
    }
    if numbers.episode.is_some() {
        n += range(name, i, n, &mut numbers);
    }
    Some((Tag::Episode(numbers), n))
}

/// `s01e02`, `s01e02e03`, `s01e02v2`, `s01`, `e02`, `ep02`.
fn code(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    let mut numbers = Numbering::default();
    let mut rest = word;
    if let Some(after) = rest.strip_prefix('s')
        && let Some((season, after)) = digits(after, 4)
    {
        if after.is_empty() {
            // "S4" is a word of its own only with a sign of television: two digits, or an episode behind it.
            let is_year = season >= 1900;
            return (is_year || season <= 99).then(|| (Numbering::season(season), 1));
        }
        numbers.season = Some(season);
        rest = after.strip_prefix("xe").or_else(|| after.strip_prefix('x')).unwrap_or(after);
        if rest.len() != after.len() && !rest.starts_with('e') {
            let (episode, after) = digits(rest, 4)?;
            numbers.episode = Some(episode);
            return tail(numbers, after).map(|it| (it, 1));
        }
    }
    let after = rest.strip_prefix("ep").or_else(|| rest.strip_prefix('e'))?;
    let (episode, after) = digits(after, 4)?;
    // "e" and one digit alone is too little ("E4").
    if numbers.season.is_none() {
        numbers.style = Style::Episode;
        if !after.is_empty() && !after.starts_with(['v', 'e']) {
            return None;
        }
        if rest.len() < 3 {
            return None;
        }
    }
    numbers.episode = Some(episode);
    tail(numbers, after).map(|it| (it, 1))
}

/// What may follow an episode's number in the same word: more episodes, `v2`, a letter.
fn tail(mut numbers: Numbering, mut rest: &str) -> Option<Numbering> {
    while !rest.is_empty() {
        if let Some(after) = rest
            .strip_prefix("ep")
            .or_else(|| rest.strip_prefix('e'))
            .or_else(|| rest.strip_prefix('x'))
            && let Some((end, after)) = digits(after, 4)
        {
            numbers.episode_end =
                Some(end).filter(|it| Some(*it) > numbers.episode).or(numbers.episode_end);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('v')
            && let Some((version, after)) = digits(after, 1)
        {
            numbers.version = Some(version as u8);
            rest = after;
        } else if rest.len() == 1 && matches!(rest.as_bytes()[0], b'a'..=b'd') {
            rest = "";
        } else {
            return None;
        }
    }
    Some(numbers)
}

/// `1x02`, `01x02x03`.
fn cross(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let (season, rest) = digits(name.word(i), 4)?;
    let rest = rest.strip_prefix('x')?;
    let (episode, after) = digits(rest.strip_prefix('e').unwrap_or(rest), 4)?;
    let n_digits = rest.len() - after.len();
    let is_year = (1950..=2035).contains(&season);
    // "4x3" and "16x9" are shapes of a picture, "1920x1080" is its size.
    let plausible = match n_digits {
        1 => season <= 9 && !matches!((season, episode), (4, 3 | 4)),
        2 | 3 => season <= 99 || is_year,
        _ => false,
    };
    if !plausible {
        return None;
    }
    tail(Numbering { season: Some(season), episode: Some(episode), ..Numbering::default() }, after)
        .map(|it| (it, 1))
}

/// "Season 1", "Staffel 2", "2nd Season", "1 сезон", "第1季", "시즌 2".
fn season_words(name: &Name, i: usize) -> Option<(Numbering, usize)> {
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
    if SEASON_WORDS.contains(&word) {
        let number = name.number(i + 1).filter(|_| !matches!(name.gap(i + 1), Gap::List));
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
    // The number leads: "2nd Season", "1 сезон", "3. Staffel".
    if SEASON_WORDS.contains(&name.word(i + 1))
        && matches!(name.gap(i + 1), Gap::Space | Gap::Dot | Gap::Underscore | Gap::Tight)
    {
        let is_plain = !matches!(name.word(i + 1), "series" | "serie" | "sr");
        // "Room 4 Season 2" has its number behind; "4 сезон 2 серия" has both in front.
        let is_its_own = name.number(i + 2).is_none() || EPISODE_WORDS.contains(&name.word(i + 3));
        let leading =
            name.number(i).and_then(short).filter(|it| *it <= 60 && is_plain && is_its_own);
        let ordinal = || number_word(word).filter(|_| word.len() > 2);
        return leading.or_else(ordinal).map(|it| (Numbering::season(it), 2));
    }
    None
}

/// "Episode 5", "Ep. 5", "Folge 12", "5 серия", "第5話", "5화", `#05`.
fn episode_words(name: &Name, i: usize) -> Option<(Numbering, usize)> {
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
    if EPISODE_WORDS.contains(&word)
        || (word == "e" && matches!(name.gap(i + 1), Gap::Dot | Gap::Space))
    {
        let is_number = name.word(i + 1).as_bytes().first().is_some_and(u8::is_ascii_digit);
        if !is_number
            || matches!(name.gap(i + 1), Gap::Dash | Gap::List)
            || (word == "e" && name.word(i + 1).len() != 2)
        {
            return None;
        }
        let (number, rest) = digits(name.word(i + 1), 4)?;
        return tail(Numbering::episode(number), rest).map(|it| (it, 2));
    }
    for prefix in ["episode", "folge", "episodio", "capitulo", "cap", "eps"] {
        if let Some((number, "")) = word.strip_prefix(prefix).and_then(|it| digits(it, 4)) {
            return Some((Numbering::episode(number), 1));
        }
    }
    // The number leads: "5 серия", "05話", "12화".
    if matches!(
        name.word(i + 1),
        "серия"
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
fn special(name: &Name, i: usize) -> Option<(Numbering, usize)> {
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
    if SPECIAL_WORDS.contains(&word) && i > 0 {
        let number = name
            .number(i + 1)
            .and_then(short)
            .filter(|it| *it < 100 && name.word(i + 1).len() <= 2)?;
        return Some((of(number), 2));
    }
    None
}

/// `2of6`, "2 of 6".
fn one_of_many(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let (number, n) = match name.word(i).split_once("of") {
        Some((number, total))
            if number.len() <= 2 && digits(total, 2).is_some_and(|it| it.1.is_empty()) =>
        {
            (number.parse().ok()?, 1)
        }
        _ if name.word(i + 1) == "of" && name.word(i).len() <= 2 => {
            let total = name.number(i + 2).filter(|it| *it < 100)?;
            (name.number(i).filter(|it| *it <= total)? as u16, 3)
        }
        _ => return None,
    };
    Some((Numbering { style: Style::Series, episode: Some(number), ..Numbering::default() }, n))
}

/// "Part 3" in a library of shows.
fn mini_series(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let of = |episode| Numbering {
        style: Style::Series,
        episode: Some(episode),
        ..Numbering::default()
    };
    if let Some((number, "")) = name
        .word(i)
        .strip_prefix("part")
        .or_else(|| name.word(i).strip_prefix("pt"))
        .and_then(|it| digits(it, 2))
    {
        return Some((of(number), 1));
    }
    if !matches!(name.word(i), "part" | "pt" | "teil" | "parte" | "partie" | "chapter")
        || name.gap(i + 1) == Gap::Dash
    {
        return None;
    }
    let number = name
        .number(i + 1)
        .and_then(short)
        .filter(|it| *it < 100)
        .or_else(|| number_word(name.word(i + 1)))?;
    // "Part 2 of 6".
    let n = if name.word(i + 2) == "of" && name.number(i + 3).is_some() { 4 } else { 2 };
    Some((of(number), n))
}

/// The episode right behind a season.
fn behind_season(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    if name.gap(i) == Gap::List {
        return None;
    }
    if let Some(found) = episode_words(name, i) {
        return Some(found);
    }
    let word = name.word(i);
    if let Some(rest) = word
        .strip_prefix("ep")
        .or_else(|| word.strip_prefix('e'))
        .or_else(|| word.strip_prefix('x'))
    {
        let (episode, rest) = digits(rest, 4)?;
        return tail(Numbering::episode(episode), rest).map(|it| (it, 1));
    }
    None
}

/// "S01-S03", "Seasons 1-5", "S01 to S03".
fn season_range(name: &Name, i: usize, n: usize, season: u16) -> Option<(u16, usize)> {
    let at = i + n;
    let (at, is_word) = if matches!(name.word(at), "to" | "thru" | "bis" | "a") {
        (at + 1, true)
    } else {
        (at, false)
    };
    if !is_word && !matches!(name.gap(at), Gap::Hyphen | Gap::Dash | Gap::List) {
        return None;
    }
    let word = name.word(at);
    let end = if let Some((end, "")) = word.strip_prefix('s').and_then(|it| digits(it, 4)) {
        end
    } else if is_word
        || name.gap(at) == Gap::Hyphen
        || matches!(name.word(i), "seasons" | "saisons" | "staffeln" | "temporadas" | "stagioni")
    {
        digits(word, 2).filter(|it| it.1.is_empty() && (n == 2 || word.len() == 2))?.0
    } else {
        return None;
    };
    // "Show S02 - 05" in a tight form is an episode behind its season; a bare number is no season there.
    (end > season && end - season < 50).then_some((end, at + 1 - i - n))
}

/// Further episodes behind the first: "-E03", "-03", "+E03", ".E03", "-S01E03", "-1x03". Gives the tokens it took.
fn range(name: &Name, i: usize, n: usize, numbers: &mut Numbering) -> usize {
    let mut taken = 0;
    loop {
        let at = i + n + taken;
        let gap = name.gap(at);
        let word = name.word(at);
        if at >= name.len() || word.is_empty() {
            return taken;
        }
        let last = numbers.episode_end.or(numbers.episode).unwrap_or(0);
        let end = next_in_range(word, gap, numbers);
        match end {
            Some(end) if end > last && end - last <= LONGEST_RANGE => {
                numbers.episode_end = Some(end);
            }
            // The same number again ("S01E01-E01") adds nothing but belongs here.
            Some(end) if end == last && word.starts_with(['e', 's']) => {}
            _ => return taken,
        }
        taken += 1;
    }
}

fn next_in_range(word: &str, gap: Gap, numbers: &Numbering) -> Option<u16> {
    let whole = |it: Option<(u16, &str)>| it.filter(|it| it.1.is_empty()).map(|it| it.0);
    // With the season again.
    if let Some((season, rest)) = word.strip_prefix('s').and_then(|it| digits(it, 4)) {
        let rest = rest.strip_prefix("ep").or_else(|| rest.strip_prefix('e'))?;
        return whole(digits(rest, 4)).filter(|_| Some(season) == numbers.season);
    }
    if let Some((season, rest)) =
        digits(word, 4).and_then(|(season, rest)| Some((season, rest.strip_prefix('x')?)))
    {
        return whole(digits(rest, 3)).filter(|_| Some(season) == numbers.season);
    }
    if let Some(rest) = word.strip_prefix("ep").or_else(|| word.strip_prefix('e')) {
        return whole(digits(rest, 4));
    }
    let is_tight = matches!(gap, Gap::Hyphen) || (gap == Gap::List && numbers.style == Style::Full);
    if is_tight && word.len() <= 3 && word.len() >= 2
        || is_tight && word.len() == 1 && numbers.episode < Some(10)
    {
        return whole(digits(word, 3));
    }
    None
}

/// The bare number of `from..to` that counts an episode, with its tokens. Used where numbers count episodes at all: anime
/// releases, season folders.
pub fn trailing_number(name: &Name, from: usize, to: usize) -> Option<(usize, usize, Numbering)> {
    let mut best: Option<(usize, usize, Numbering, bool)> = None;
    let mut i = from;
    while i < to {
        let Some((number, n)) = bare_number(name, i, to) else {
            i += 1;
            continue;
        };
        let (at, is_dashed) = (i, i > from && name.gap(i) == Gap::Dash);
        i += n;
        // "02 - Title", "02. 3 Men": a number that leads counts, unless it is a title before the number ("86 - 05").
        let leads =
            at == 0 && i < to && !(name.gap(i) == Gap::Dash && bare_number(name, i, to).is_some());
        if leads && (name.word(at).len() > 1 || matches!(name.gap(i), Gap::Dash | Gap::Dot)) {
            return Some((at, i, number));
        }
        // Among the others the first behind a dash, else the last.
        if best.as_ref().is_none_or(|it| !it.3) {
            best = Some((at, i, number, is_dashed));
        }
    }
    best.map(|it| (it.0, it.1, it.2))
}

fn bare_number(name: &Name, i: usize, to: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    let (number, rest) = digits(word, 4)?;
    let mut numbers = tail(
        Numbering { style: Style::Number, episode: Some(number), ..Numbering::default() },
        rest,
    )?;
    if rest.starts_with(['a', 'b', 'c', 'd', 'e', 'x']) {
        return None;
    }
    // "12.5": a recap between two episodes; not an episode of its own number.
    if name.gap(i + 1) == Gap::Dot
        && name.word(i + 1) == "5"
        && i + 1 < to
        && word.len() >= 2
        && name.gap(i) != Gap::Dot
    {
        return None;
    }
    let mut n = 1;
    if i + 1 < to
        && name.gap(i + 1) == Gap::Hyphen
        && let Some((end, rest)) = digits(name.word(i + 1), 4)
        && end > number
        && end - number <= LONGEST_RANGE
        && (rest.is_empty() || rest.starts_with('v'))
    {
        numbers.episode_end = Some(end);
        n = 2;
    }
    Some((numbers, n))
}

/// Up to `most` leading digits and what follows them.
fn digits(text: &str, most: usize) -> Option<(u16, &str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=most)
        .contains(&n)
        .then(|| text.split_at(n))
        .and_then(|(number, rest)| Some((number.parse().ok()?, rest)))
}

fn short(number: u32) -> Option<u16> {
    u16::try_from(number).ok().filter(|it| *it < 10_000)
}

/// "第二季": an ordinal in ideographs around its counter.
fn cjk_ordinal(word: &str, counter: char) -> Option<u16> {
    let number = word.strip_prefix('第')?.strip_suffix(counter)?;
    number_word(number)
}
