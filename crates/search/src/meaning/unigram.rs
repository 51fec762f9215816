//! Unigrams, as most models of many languages have them: words in pieces of which each has a likelihood (SentencePiece).
//!
//! Texts are folded by NFKC, which the table inside such a tokenizer does, too, but for rare signs, and parted at spaces.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

/// The sign that stands for the space before a word.
const SPACE: char = '\u{2581}';
/// What a sign that is in no piece costs more than the unlikeliest piece.
const UNKNOWN: f64 = 10.0;

/// The pieces of a model.
#[derive(Debug)]
pub(super) struct Unigram {
    /// The number and the logarithm of the likelihood of each piece.
    pieces: HashMap<String, (u32, f64)>,
    /// Letters of the longest.
    longest: usize,
    unknown: (u32, f64),
}

impl Unigram {
    /// Of pieces in the order of their numbers, each with the logarithm of its likelihood.
    pub fn new(vocabulary: Vec<(String, f64)>, unknown: u32) -> Self {
        let least = vocabulary.iter().map(|it| it.1).fold(f64::INFINITY, f64::min);
        let longest = vocabulary.iter().map(|it| it.0.chars().count()).max().unwrap_or_default();
        let pieces = (0..).zip(vocabulary).map(|(id, (piece, score))| (piece, (id, score)));
        Self { pieces: pieces.collect(), longest, unknown: (unknown, least - UNKNOWN) }
    }

    /// The number of a piece.
    pub fn piece(&self, text: &str) -> Option<u32> {
        self.pieces.get(text).map(|it| it.0)
    }

    /// The numbers of a text's pieces: at least `enough`, or all.
    pub fn encode(&self, text: &str, enough: usize) -> Vec<u32> {
        let text: String = text.nfkc().collect();
        let mut ids = Vec::new();
        for word in text.split_whitespace() {
            if ids.len() >= enough {
                break;
            }
            self.part(word, &mut ids);
        }
        ids
    }

    /// Adds the pieces of a word, of all ways to part it those of the likeliest.
    fn part(&self, word: &str, ids: &mut Vec<u32>) {
        let word: String = std::iter::once(SPACE).chain(word.chars()).collect();
        let mut ends: Vec<usize> = word.char_indices().map(|it| it.0).collect();
        ends.push(word.len());
        // By letters up to there: how likely, from where on the last piece is, and which.
        let mut best = vec![(f64::NEG_INFINITY, 0, self.unknown.0); ends.len()];
        best[0].0 = 0.0;
        for from in 0..ends.len() - 1 {
            let likely = best[from].0;
            let mut offer = |to: usize, (id, score): (u32, f64)| {
                if likely + score > best[to].0 {
                    best[to] = (likely + score, from, id);
                }
            };
            let last = (from + self.longest).min(ends.len() - 1);
            let mut is_known = false;
            for to in from + 1..=last {
                if let Some(piece) = self.pieces.get(&word[ends[from]..ends[to]]) {
                    is_known |= to == from + 1;
                    offer(to, *piece);
                }
            }
            if !is_known {
                offer(from + 1, self.unknown);
            }
        }
        let mut found = Vec::new();
        let mut at = ends.len() - 1;
        while at > 0 {
            let (_, from, id) = best[at];
            // Unknown signs beside each other are one.
            if id != self.unknown.0 || found.last() != Some(&id) {
                found.push(id);
            }
            at = from;
        }
        ids.extend(found.into_iter().rev());
    }
}
