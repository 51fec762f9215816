//! The words that mean something in a name, and how much each may be trusted.
//!
//! The tables are plain lists of folded phrases. They become one map when the first name is read.

mod language;
mod release;
mod words;

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

pub use self::{
    language::{language_of, script_of},
    words::{
        ENDS_IN_YEAR, EPISODE_WORDS, GENERIC_FOLDERS, JOINING_WORDS, MINI_SERIES_WORDS, PART_WORDS,
        SEASON_WORDS, SPECIAL_WORDS, SUBTITLE_FOLDERS, YEAR_TITLES, extra_of_folder,
        extra_of_suffix, is_country, month_of,
    },
};
use crate::fold;

/// What a phrase of the lexicon says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Height of the picture.
    Resolution(&'static str),
    /// Where the recording came from.
    Source(&'static str),
    /// Untouched streams.
    Remux,
    /// Video codec.
    Video(&'static str),
    /// Bits per colour component.
    Depth(u8),
    /// Audio codec.
    Audio(&'static str),
    /// Audio codec with channels in one word ("DDP5").
    AudioWithChannels(&'static str, &'static str),
    /// Channels alone.
    Channels(&'static str),
    /// Dolby Atmos.
    Atmos,
    /// Dynamic range.
    Hdr(&'static str),
    /// Kind of stereoscopic picture.
    ThreeD(&'static str),
    /// Edition.
    Edition(&'static str),
    /// Spoken language or country of dubbing.
    Language(&'static str),
    /// Streaming service.
    Service(&'static str),
    /// Mends an earlier release.
    Proper,
    /// Means nothing to us, but never belongs to a title at this place.
    Noise,
}

/// How much a phrase may be trusted to be no part of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Ends the title wherever it stands after the first word.
    Anchor,
    /// Means something only behind the title or in a chain of terms that leads to an anchor.
    Context,
    /// As `Context`, and also directly before the year ("Alien Extended 1979").
    Edition,
}

/// Hashes short words quickly (FNV-1a). The keys of every map here are our own, so that nobody can choose them to collide.
#[derive(Clone, Copy)]
pub struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A map from words of ours.
pub type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;
type WordSet<K> = HashSet<K, BuildHasherDefault<WordHasher>>;

struct Lexicon {
    terms: WordMap<String, (Term, Trust)>,
    /// Longest phrase that begins with a word.
    longest: WordMap<String, usize>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut terms = WordMap::default();
    let mut longest: WordMap<String, usize> = WordMap::default();
    for (phrase, term, trust) in release::terms().chain(language::terms()) {
        let mut key = String::new();
        phrase.chars().for_each(|it| fold::push_char(&mut key, it));
        let mut words = key.split(' ');
        let first = words.next().unwrap_or_default().to_owned();
        let n = 1 + words.count();
        let known = longest.entry(first).or_default();
        *known = n.max(*known);
        terms.insert(key, (term, trust));
    }
    Lexicon { terms, longest }
});

static NUMBERS: LazyLock<WordMap<&str, u16>> = LazyLock::new(|| {
    let numbered = words::NUMBER_WORDS.iter().zip(1..);
    numbered.flat_map(|(words, number)| words.iter().map(move |it| (*it, number))).collect()
});

/// A small number written as a word or in Roman or Chinese numerals, or as an ordinal ("2nd", "first").
pub fn number_word(word: &str) -> Option<u16> {
    NUMBERS.get(word).copied()
}

static COUNTING_WORDS: LazyLock<WordSet<&str>> = LazyLock::new(|| {
    [SEASON_WORDS, EPISODE_WORDS, SPECIAL_WORDS, MINI_SERIES_WORDS, &["e"]]
        .into_iter()
        .flatten()
        .chain(words::NUMBER_WORDS.iter().copied().flatten())
        .copied()
        .collect()
});

/// Whether `word` may stand in front of the number of a season, an episode or a special, or be such a number ("second").
pub fn is_counting_word(word: &str) -> bool {
    COUNTING_WORDS.contains(word)
}

/// Most words in a phrase that begins with `word`; 0 when none does.
pub fn longest_phrase(word: &str) -> usize {
    LEXICON.longest.get(word).copied().unwrap_or(0)
}

/// What `phrase` says.
pub fn term(phrase: &str) -> Option<(Term, Trust)> {
    LEXICON.terms.get(phrase).copied()
}
