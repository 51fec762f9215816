//! From tokens to marks: every phrase that means something, left to right, the most telling reader first.
//!
//! A mark claims its tokens; no two marks overlap. Whether a mark counts, or is a word of the title after all, is decided
//! later by `reading`, which sees all of them.

mod date;
mod episode;
mod provider_id;
mod release_term;

pub use self::{
    date::Date,
    episode::{Numbering, Style, trailing_number},
};
use crate::{
    Hint,
    lexicon::{Term, Trust},
    name::{Gap, Name},
};

/// Earliest year that is read as one: before the first films nothing can have been made.
const FIRST_YEAR: u32 = 1880;
/// Earliest year of a series or a day of broadcast: television. "1883.S01E01.1883" has a title there, 1080 is no year.
pub const FIRST_BROADCAST: u16 = 1930;
/// Latest year that is read as one. A constant, since the parser has no clock; "Blade Runner 2049" is beyond it on purpose.
const LAST_YEAR: u32 = 2035;

/// What a marked phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A number that may be a year.
    Year(u16),
    /// A whole date.
    Date(Date),
    /// Season and episode.
    Episode(Numbering),
    /// Id of an outside catalog; the value is the last token.
    Id(Provider),
    /// `{edition-…}`: the tokens after the first, verbatim.
    EditionText,
    /// A phrase of the lexicon.
    Term(Term, Trust),
    /// One of several files of one film.
    Part(u16),
    /// Sign that a sample was cut out of the release.
    Sample,
    /// Check sum of an anime release.
    Checksum,
    /// Second version of a release (`v2`).
    Version,
    /// "also known as": the other title follows.
    Aka,
    /// Address of a web site.
    Site,
}

/// Outside catalogs whose ids are written into names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Imdb,
    Tmdb,
    Tvdb,
    Tvmaze,
    Anidb,
    Anilist,
    Mal,
}

/// Tokens `from..to` and what they say.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// What they say.
    pub tag: Tag,
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
}

impl Mark {
    /// Whether the mark ends a title wherever it stands.
    pub fn is_anchor(&self) -> bool {
        match self.tag {
            Tag::Term(_, trust) => trust == Trust::Anchor,
            Tag::Date(_)
            | Tag::Episode(_)
            | Tag::Id(_)
            | Tag::EditionText
            | Tag::Checksum
            | Tag::Aka => true,
            Tag::Year(_) | Tag::Part(_) | Tag::Sample | Tag::Version | Tag::Site => false,
        }
    }
}

/// All marks of a name, in order.
pub fn recognise(name: &Name, hint: Hint) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut i = 0;
    while i < name.len() {
        let found = provider_id::read(name, i)
            .or_else(|| site(name, i))
            .or_else(|| date::read(name, i))
            .or_else(|| episode::read(name, i, hint))
            .or_else(|| release_term::read(name, i))
            .or_else(|| year(name, i))
            .or_else(|| part(name, i))
            .or_else(|| small_signs(name, i));
        if let Some((tag, n)) = found {
            marks.push(Mark { tag, from: i, to: i + n });
            i += n;
        } else {
            i += 1;
        }
    }
    marks
}

fn year(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let number = name.number(i).filter(|_| name.word(i).len() == 4)?;
    (FIRST_YEAR..=LAST_YEAR).contains(&number).then_some((Tag::Year(number as u16), 1))
}

/// `cd1`, `disc 2`, `pt3`, `part A`.
fn part(name: &Name, i: usize) -> Option<(Tag, usize)> {
    use crate::lexicon::PART_WORDS;
    let word = name.word(i);
    if let Some(number) = PART_WORDS.iter().find_map(|it| word.strip_prefix(it))
        && !number.is_empty()
    {
        // "CD1of2"
        let number = number.split_once("of").map_or(number, |it| it.0);
        return part_number(number).map(|it| (Tag::Part(it), 1));
    }
    if !PART_WORDS.contains(&word) || matches!(name.gap(i + 1), Gap::Dash | Gap::List | Gap::Other)
    {
        return None;
    }
    part_number(name.word(i + 1)).map(|it| (Tag::Part(it), 2))
}

/// The part that a name consists of ("CD1", "Disc 2").
pub fn whole_part(name: &Name) -> Option<u16> {
    match part(name, 0) {
        Some((Tag::Part(number), n)) if n == name.len() => Some(number),
        _ => None,
    }
}

/// The number of a part written as `word`.
pub fn part_number_of(word: &str) -> Option<u16> {
    part_number(&word.to_lowercase())
}

/// A part's number: digits, a letter from `a` to `f`, or a number word.
fn part_number(word: &str) -> Option<u16> {
    match word.as_bytes() {
        [digit @ b'1'..=b'9'] => Some(u16::from(digit - b'0')),
        [letter @ b'a'..=b'f'] => Some(u16::from(letter - b'a') + 1),
        [b'0' | b'1', digit] if digit.is_ascii_digit() && word != "00" => word.parse().ok(),
        _ => crate::lexicon::number_word(word),
    }
}

/// `www.example.org`, also when only the beginning can be told apart from words.
fn site(name: &Name, i: usize) -> Option<(Tag, usize)> {
    if name.word(i) == "www" && name.gap(i + 1) == Gap::Dot {
        let n = 2
            + (2..5)
                .take_while(|it| name.gap(i + it) == Gap::Dot && is_domain_end(name.word(i + it)))
                .count();
        let n = if n == 2 && name.gap(i + 2) == Gap::Dot { 3 } else { n };
        return Some((Tag::Site, n.min(name.len() - i)));
    }
    None
}

/// Whether a word is the end of a web address.
pub fn is_domain_end(word: &str) -> bool {
    matches!(
        word,
        "com"
            | "org"
            | "net"
            | "info"
            | "to"
            | "mx"
            | "lt"
            | "am"
            | "ag"
            | "me"
            | "tv"
            | "cc"
            | "re"
            | "ru"
            | "it"
            | "in"
            | "co"
            | "ws"
            | "se"
            | "ch"
            | "nl"
            | "xyz"
            | "site"
            | "fm"
            | "bz"
            | "io"
            | "pw"
            | "link"
            | "club"
            | "vip"
            | "la"
            | "work"
    )
}

fn small_signs(name: &Name, i: usize) -> Option<(Tag, usize)> {
    let word = name.word(i);
    let bytes = word.as_bytes();
    let found = match bytes {
        b"aka" => Tag::Aka,
        b"sample" => Tag::Sample,
        [b'v', b'2'..=b'5'] => Tag::Version,
        _ if bytes.len() == 8
            && bytes.iter().all(u8::is_ascii_hexdigit)
            && is_alone_in_bracket(name, i) =>
        {
            Tag::Checksum
        }
        _ => return None,
    };
    Some((found, 1))
}

/// Whether token `i` has a bracket to itself.
pub fn is_alone_in_bracket(name: &Name, i: usize) -> bool {
    name.bracket(i).is_some_and(|it| it.from == i && it.to == i + 1)
}
