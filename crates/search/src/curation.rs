//! What the operator teaches the search: words that mean the same, and words that mean nothing.

use crate::fold::fold;

/// Other ways to write one text that are indexed at most.
const MAX_VARIANTS: usize = 8;

/// Synonyms, by which documents are indexed, and stop words, which are left out of what is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curation {
    /// Folded; each group means the same.
    synonyms: Vec<Vec<String>>,
    /// Folded, single words.
    stop_words: Vec<String>,
}

impl Curation {
    /// Groups of words or phrases of which each means the same, and words to leave out. What folds to nothing is dropped.
    pub fn new<S: AsRef<str>>(synonyms: &[Vec<S>], stop_words: &[S]) -> Self {
        let folded = |words: &[S]| -> Vec<String> {
            let words = words.iter().map(|it| fold(it.as_ref()));
            words.filter(|it| !it.is_empty()).collect()
        };
        let mut synonyms: Vec<Vec<String>> = synonyms.iter().map(|it| folded(it)).collect();
        synonyms.retain(|it| it.len() > 1);
        Self { synonyms, stop_words: folded(stop_words) }
    }

    /// A folded text with words exchanged for their synonyms.
    pub(crate) fn variants(&self, folded: &str) -> Vec<String> {
        let mut variants = Vec::new();
        let padded = format!(" {folded} ");
        for group in &self.synonyms {
            for phrase in group {
                let wanted = format!(" {phrase} ");
                if !padded.contains(&wanted) {
                    continue;
                }
                for other in group.iter().filter(|it| *it != phrase) {
                    let variant = padded.replacen(&wanted, &format!(" {other} "), 1);
                    variants.push(variant.trim().to_owned());
                    if variants.len() == MAX_VARIANTS {
                        return variants;
                    }
                }
            }
        }
        variants
    }

    /// Leaves the stop words out of `words`, unless nothing would be left. The last word may be the beginning of another.
    pub(crate) fn without_stop_words(&self, words: Vec<String>) -> Vec<String> {
        let last = words.len().saturating_sub(1);
        let is_stop = |(at, word): (usize, &String)| at < last && self.stop_words.contains(word);
        let left: Vec<String> = words
            .iter()
            .enumerate()
            .filter(|it| !is_stop(*it))
            .map(|(_, word)| word.clone())
            .collect();
        if left.is_empty() { words } else { left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_stand_for_each_other_as_whole_words() {
        let groups =
            [vec!["sci-fi", "science fiction"], vec!["alone"], vec!["ww2", "World War II"]];
        let curation = Curation::new(&groups, &[]);
        assert_eq!(curation.variants("best of sci fi"), ["best of science fiction"]);
        assert_eq!(curation.variants("world war ii in color"), ["ww2 in color"]);
        assert!(curation.variants("sci fix").is_empty());
        assert!(curation.variants("alone").is_empty());
    }

    #[test]
    fn stop_words_are_left_out_but_never_all_words() {
        let curation = Curation::new(&[], &["film", "The"]);
        let without = |text: &str| {
            let words = text.split(' ').map(str::to_owned).collect();
            curation.without_stop_words(words).join(" ")
        };
        assert_eq!(without("the film matrix"), "matrix");
        assert_eq!(without("matrix the"), "matrix the", "the beginning of a word");
        assert_eq!(without("the film"), "film");
        assert_eq!(without("the"), "the");
    }
}
