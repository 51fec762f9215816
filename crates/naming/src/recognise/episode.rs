//! Season and episode in every way people write them.

mod bare;
mod range;
mod words;

pub use self::bare::trailing_number;
use self::{
    range::{behind_season, range, season_list, season_range},
    words::{episode_words, season_words, special},
};
use super::Tag;
use crate::{
    Hint,
    lexicon::{self, MINI_SERIES_WORDS, number_word},
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
    /// Number through all seasons, given beside the others: `S01E02 - 014`.
    pub absolute: Option<u16>,
    /// The last of several of those: `S01E02-E03 - 014-015`.
    pub absolute_end: Option<u16>,
    /// How many there are: the 6 of `2of6`.
    pub of: Option<u16>,
    /// The number stands between two whole ones: `12.5`, a recap.
    pub is_between: bool,
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
    let word = name.word(i);
    let first = *word.as_bytes().first()?;
    // Most words are plain letters and count nothing: one look spares them all the readers.
    if word.bytes().all(|it| it.is_ascii_lowercase()) && !lexicon::is_counting_word(word) {
        return None;
    }
    let (mut numbers, mut n) = code(name, i)
        .or_else(|| if hint == Hint::Shows && i == 0 { short_code(name) } else { None })
        .or_else(|| cross(name, i))
        .or_else(|| season_words(name, i))
        .or_else(|| episode_words(name, i))
        .or_else(|| special(name, i))
        .or_else(|| {
            let leads = first.is_ascii_digit() || MINI_SERIES_WORDS.contains(&word);
            leads.then(|| one_of_many(name, i)).flatten()
        })
        .or_else(|| match hint {
            Hint::Shows => mini_series(name, i),
            Hint::Any if is_padded_part(name, i) => mini_series(name, i),
            _ => None,
        })?;
    // A season in front of an episode, with nothing but a sign between: "S01.E02", "Season 1 - Episode 2".
    if numbers.style == Style::Season && numbers.season_end.is_none() {
        if let Some((episode, more)) = behind_season(name, i + n) {
            numbers = Numbering { style: Style::Full, season: numbers.season, ..episode };
            n += more;
        } else if let Some((end, more)) = season_range(name, i, n, numbers.season?)
            .or_else(|| season_list(name, i + n, numbers.season?))
        {
            numbers.season_end = Some(end);
            n += more;
        }
    }
    if numbers.episode.is_some() {
        n += range(name, i, n, &mut numbers);
        if is_half(name, i + n) && matches!(numbers.style, Style::Full | Style::Episode) {
            numbers.is_between = true;
            n += 1;
        }
    }
    Some((Tag::Episode(numbers), n))
}

/// Whether token `i` is the ".5" of "12.5". In a name whose words are joined by dots it may be a word of the title.
fn is_half(name: &Name, i: usize) -> bool {
    name.word(i) == "5" && name.gap(i) == Gap::Dot && name.gap(i + 1) != Gap::Dot
}

/// `s01e02`, `s01e02e03`, `s01e02v2`, `s01`, `e02`, `ep02`.
fn code(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let word = name.word(i);
    let mut numbers = Numbering::default();
    let mut rest = word;
    // Spanish and Portuguese count a "temporada": "T02E03", "T1 E05".
    let is_temporada = word.starts_with('t');
    // "Se06Ep06"
    let is_spelled = word.starts_with("se") && word.contains("ep");
    let season = if is_spelled { rest.strip_prefix("se") } else { rest.strip_prefix(['s', 't']) };
    if let Some(after) = season
        && let Some((season, after)) = digits(after, 4)
    {
        // A folder "Show T03" is one, too; "title_t03" is how a ripper numbers what it found on a disc.
        let ends_padded = word.len() == 3
            && word[1..].starts_with('0')
            && i > 0
            && i + 1 == name.len()
            && name.gap(i) != Gap::Underscore;
        if is_temporada
            && !ends_padded
            && !after.starts_with('e')
            && behind_season(name, i + 1).is_none()
        {
            return None;
        }
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

/// `E1` in front of a name in a season's folder; elsewhere it is too little.
fn short_code(name: &Name) -> Option<(Numbering, usize)> {
    let (episode, rest) = name.word(0).strip_prefix('e').and_then(|it| digits(it, 1))?;
    let is_set_off = name.len() == 1 || matches!(name.gap(1), Gap::Dash | Gap::Dot);
    (rest.is_empty() && is_set_off).then(|| (Numbering::episode(episode), 1))
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
    // "Show - [1.01] - Title"
    if let Some(bracket) = name.bracket(i).filter(|it| it.sign == '[' && it.from == i)
        && bracket.to == i + 2
        && name.gap(i + 1) == Gap::Dot
        && name.word(i + 1).len() == 2
        && let (Some((season, "")), Some((episode, ""))) =
            (digits(name.word(i), 2), digits(name.word(i + 1), 2))
    {
        let numbers =
            Numbering { season: Some(season), episode: Some(episode), ..Numbering::default() };
        return Some((numbers, 2));
    }
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

/// `2of6`, "2 of 6", "Part 2 of 6".
fn one_of_many(name: &Name, i: usize) -> Option<(Numbering, usize)> {
    let series = |number: u16, of: u16| Numbering {
        style: Style::Series,
        episode: Some(number),
        of: Some(of),
        ..Numbering::default()
    };
    if MINI_SERIES_WORDS.contains(&name.word(i)) {
        return one_of_many(name, i + 1).map(|(numbers, n)| (numbers, n + 1));
    }
    let (number, total, n) = match name.word(i).split_once("of") {
        Some((number, total)) if number.len() <= 2 && total.len() <= 2 => {
            (number.parse().ok()?, total.parse().ok()?, 1)
        }
        _ if name.word(i + 1) == "of" && name.word(i).len() <= 2 => {
            let total = name.number(i + 2).filter(|it| *it < 100)?;
            (name.number(i).filter(|it| *it <= total)? as u16, total as u16, 3)
        }
        _ => return None,
    };
    (total > 1).then(|| (series(number, total), n))
}

/// "Series.Part.01.A.New.Germany": padded and with a title behind it, it counts episodes rather than parts of a film.
fn is_padded_part(name: &Name, i: usize) -> bool {
    i > 0
        && name.word(i + 1).starts_with('0')
        && name.gap(i + 2) != Gap::Other
        && lexicon::longest_phrase(name.word(i + 2)) == 0
        && name.number(i + 2).is_none()
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
    if !MINI_SERIES_WORDS.contains(&name.word(i)) || name.gap(i + 1) == Gap::Dash {
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
