//! BERT's word pieces: words are folded, and parted into the longest beginnings that are known.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A longer word is unknown.
const LONGEST_WORD: usize = 100;

/// The pieces of a model.
#[derive(Debug)]
pub(super) struct WordPieces {
    /// Whole words, and beginnings of them.
    begin: HashMap<String, u32>,
    /// What a word goes on with.
    next: HashMap<String, u32>,
    unknown: u32,
    folding: Folding,
}

/// What is done to a text before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Folding {
    pub lowers: bool,
    pub strips_accents: bool,
    /// Han letters are words of their own.
    pub parts_han: bool,
}

impl WordPieces {
    /// Of a vocabulary in which what a word goes on with begins with `prefix`.
    pub fn new(
        vocabulary: HashMap<String, u32>,
        prefix: &str,
        unknown: u32,
        folding: Folding,
    ) -> Self {
        let (mut begin, mut next) = (HashMap::new(), HashMap::new());
        for (piece, id) in vocabulary {
            match piece.strip_prefix(prefix).filter(|_| !prefix.is_empty()) {
                Some(rest) => next.insert(rest.to_owned(), id),
                None => begin.insert(piece, id),
            };
        }
        Self { begin, next, unknown, folding }
    }

    /// The number of a piece that stands at the beginning.
    pub fn piece(&self, text: &str) -> Option<u32> {
        self.begin.get(text).copied()
    }

    /// The numbers of a text's pieces: at least `enough`, or all.
    pub fn encode(&self, text: &str, enough: usize) -> Vec<u32> {
        let mut ids = Vec::new();
        for word in self.folding.folded(text).split(' ').filter(|it| !it.is_empty()) {
            if ids.len() >= enough {
                break;
            }
            let before = ids.len();
            if !self.part(word, &mut ids) {
                ids.truncate(before);
                ids.push(self.unknown);
            }
        }
        ids
    }

    /// Adds the pieces of a word, if it can be made of some.
    fn part(&self, word: &str, ids: &mut Vec<u32>) -> bool {
        if word.chars().count() > LONGEST_WORD {
            return false;
        }
        let (mut pieces, mut rest) = (&self.begin, word);
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, letter)| at + letter.len_utf8()).rev();
            let found = ends.into_iter().find_map(|end| Some((end, *pieces.get(&rest[..end])?)));
            let Some((end, id)) = found else { return false };
            ids.push(id);
            (pieces, rest) = (&self.next, &rest[end..]);
        }
        true
    }
}

impl Folding {
    /// The words of a text, and each sign of punctuation, with spaces between.
    fn folded(self, text: &str) -> String {
        let text: String = if self.strips_accents {
            text.nfd().filter(|it| !is_combining_mark(*it)).collect()
        } else {
            text.to_owned()
        };
        let text = if self.lowers { text.to_lowercase() } else { text };
        let mut folded = String::with_capacity(text.len());
        for letter in text.chars() {
            if letter.is_whitespace() {
                folded.push(' ');
            } else if is_punctuation(letter) || (self.parts_han && is_han(letter)) {
                folded.extend([' ', letter, ' ']);
            } else if !is_nothing(letter) {
                folded.push(letter);
            }
        }
        folded
    }
}

/// Signs that nobody sees.
fn is_nothing(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// Signs between words: those of ASCII, and of the scripts that most titles are written in.
fn is_punctuation(letter: char) -> bool {
    letter.is_ascii_punctuation()
        || matches!(
            letter,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'
                | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{66a}'..='\u{66d}'
                | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}' | '\u{2053}'..='\u{205e}'
                | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{3030}' | '\u{30fb}'
                | '\u{ff01}'..='\u{ff03}' | '\u{ff05}'..='\u{ff0a}' | '\u{ff0c}'..='\u{ff0f}' | '\u{ff1a}' | '\u{ff1b}'
                | '\u{ff1f}' | '\u{ff20}' | '\u{ff3b}'..='\u{ff3d}' | '\u{ff5b}' | '\u{ff5d}' | '\u{ff5f}'..='\u{ff65}'
        )
}
