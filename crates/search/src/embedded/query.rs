//! The question to Tantivy: every word somewhere, within the viewer's libraries; the title weighs.

use std::ops::Bound;

use kernel::Guard;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, FuzzyTermQuery, InvertedIndexRangeQuery, Occur, Query,
    TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::schema::{Fields, TITLE_EDGE, WORD_EDGE};
use crate::facet::{Filter, Number, Test};
use crate::fold::allowed_typos;
use crate::numerals::is_number;
use crate::rank::Needle;

/// A title that is just what was typed. Beyond what any number of words in the title can reach.
const WHOLE_TITLE: f32 = 40.0;
/// A title that begins with what was typed.
const TITLE_START: f32 = 20.0;
/// Each word that is in the title.
const TITLE_WORD: f32 = 1.0;
/// Each word that is in a name: of somebody, of a genre. What is only in the overview weighs nothing. Far below what one
/// word more in the title is.
const NAME_WORD: f32 = 0.01;

/// Up to how many words two of them are also taken as one with typing errors in it: "star wrs" is near "starwars".
const MAX_JOINED_WITH_TYPOS: usize = 4;

/// Whether the words are taken as they are or nearly so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Exact,
    WithTypos,
}

/// What may be found.
#[derive(Clone, Debug)]
pub(crate) struct Within {
    /// As [`crate::document::seen_in`] writes them.
    pub libraries: Vec<String>,
    pub guard: Guard,
    pub kinds: Option<Vec<String>>,
    pub filters: Vec<Filter>,
}

pub(super) fn query(
    fields: &Fields,
    needle: &Needle,
    within: &Within,
    spelling: Spelling,
) -> BooleanQuery {
    let of_libraries = within.libraries.iter().map(|it| Term::from_field_text(fields.library, it));
    let mut clauses = vec![(Occur::Must, worth(0.0, TermSetQuery::new(of_libraries)))];
    if !needle.core.is_empty() {
        clauses.push((Occur::Must, Box::new(words(fields, needle, spelling))));
    }
    let marked = |marks: &[i64]| {
        let terms: Vec<_> =
            marks.iter().map(|it| Term::from_field_i64(fields.marks, *it)).collect();
        worth(0.0, TermSetQuery::new(terms))
    };
    let Guard { hidden, wanted } = &within.guard;
    if !hidden.is_empty() {
        clauses.push((Occur::MustNot, marked(hidden)));
    }
    if !wanted.is_empty() {
        clauses.push((Occur::Must, marked(wanted)));
    }
    if let Some(kinds) = &within.kinds {
        let of_kinds = kinds.iter().map(|it| Term::from_field_text(fields.kind, it));
        clauses.push((Occur::Must, worth(0.0, TermSetQuery::new(of_kinds))));
    }
    for filter in &within.filters {
        clauses.extend(asked(fields, filter));
    }
    if spelling == Spelling::Exact && !needle.words.is_empty() {
        let text = needle.text();
        titled(fields, &text, 1.0, &mut clauses);
        if needle.core != needle.words {
            titled(fields, &needle.core_text(), 0.5, &mut clauses);
        }
    }
    BooleanQuery::new(clauses)
}

/// Titles that are `text` or begin with it weigh more.
fn titled(fields: &Fields, text: &str, part: f32, clauses: &mut Vec<(Occur, Box<dyn Query>)>) {
    clauses.push((Occur::Should, worth(WHOLE_TITLE * part, term(fields.whole_title, text))));
    let start = prefix(fields.title_edge, TITLE_EDGE, &[fields.whole_title], text);
    clauses.extend(start.into_iter().map(|it| (Occur::Should, worth(TITLE_START * part, it))));
}

/// A filter's clause; `None` for sets of ids, which are asked of what matches.
fn asked(fields: &Fields, filter: &Filter) -> Option<(Occur, Box<dyn Query>)> {
    match &filter.test {
        Test::OneOf(facet, values) => {
            let terms =
                values.iter().map(|it| Term::from_field_text(fields.facets, &facet.term(it)));
            let occur = if filter.is_not { Occur::MustNot } else { Occur::Must };
            Some((occur, worth(0.0, TermSetQuery::new(terms))))
        }
        Test::Between(number, from, to) => {
            let field = match number {
                Number::Year => fields.year,
                Number::Rating => fields.rating,
                Number::Age => fields.age,
            };
            let ranges = if filter.is_not {
                outside(*from, *to)
            } else {
                vec![(from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX))]
            };
            let ranges = ranges.into_iter().map(|(from, to)| {
                let end = |it| Bound::Included(Term::from_field_i64(field, it));
                let range = InvertedIndexRangeQuery::new(end(from), end(to));
                (Occur::Should, Box::new(range) as Box<dyn Query>)
            });
            let any = BooleanQuery::new(ranges.collect());
            Some((Occur::Must, worth(0.0, any)))
        }
        Test::In(_) => None,
    }
}

/// The ranges that are left beside one.
fn outside(from: Option<i64>, to: Option<i64>) -> Vec<(i64, i64)> {
    let below = from.map(|it| (i64::MIN, it.saturating_sub(1)));
    let above = to.map(|it| (it.saturating_add(1), i64::MAX));
    below.into_iter().chain(above).collect()
}

/// All words; or all with two neighbours written as one, for titles that have no space there.
fn words(fields: &Fields, needle: &Needle, spelling: Spelling) -> BooleanQuery {
    let as_typed = all(fields, &needle.core, spelling);
    // Near spellings cost more: with many words the ways would be too many.
    let is_few = spelling == Spelling::Exact || needle.core.len() <= MAX_JOINED_WITH_TYPOS;
    if needle.core.len() < 2 || !is_few {
        return as_typed;
    }
    let mut ways: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, Box::new(as_typed))];
    for at in 0..needle.core.len() - 1 {
        let mut words = needle.core.clone();
        // "Rocky 3" with an error in it is not "Rocky 2", and "Rocky V" is not "Rocky".
        let has_number = words[at..=at + 1].iter().any(|it| is_number(it));
        if spelling == Spelling::WithTypos && has_number {
            continue;
        }
        let second = words.remove(at + 1);
        words[at].push_str(&second);
        ways.push((Occur::Should, Box::new(all(fields, &words, spelling))));
    }
    BooleanQuery::new(ways)
}

fn all(fields: &Fields, words: &[String], spelling: Spelling) -> BooleanQuery {
    let last = words.len() - 1;
    let clauses = words.iter().enumerate().map(|(at, text)| {
        let places = match spelling {
            Spelling::Exact => exact(fields, text, at == last),
            Spelling::WithTypos => nearly(fields, text, at == last),
        };
        let places = places.into_iter().map(|it| (Occur::Should, it)).collect();
        (Occur::Must, Box::new(BooleanQuery::new(places)) as Box<dyn Query>)
    });
    BooleanQuery::new(clauses.collect())
}

/// The places a word may be in, as it is; the last one also as a beginning.
fn exact(fields: &Fields, word: &str, is_last: bool) -> Vec<Box<dyn Query>> {
    let mut places = vec![
        worth(TITLE_WORD, term(fields.title, word)),
        worth(TITLE_WORD, term(fields.numbered, word)),
        worth(NAME_WORD, term(fields.people, word)),
        worth(NAME_WORD, term(fields.tags, word)),
        worth(0.0, term(fields.overview, word)),
    ];
    if is_last {
        let named = [fields.title, fields.numbered, fields.people, fields.tags];
        let beginnings = prefix(fields.word_edge, WORD_EDGE, &named, word);
        // A short one is known of all four together.
        let weights = match beginnings.len() {
            1 => [NAME_WORD; 4],
            _ => [TITLE_WORD, TITLE_WORD, NAME_WORD, NAME_WORD],
        };
        let beginnings = beginnings.into_iter().zip(weights);
        places.extend(beginnings.map(|(it, weight)| worth(weight, it)));
    }
    places
}

fn nearly(fields: &Fields, word: &str, is_last: bool) -> Vec<Box<dyn Query>> {
    let typos = allowed_typos(word);
    if typos == 0 {
        return exact(fields, word, is_last);
    }
    let mut places = vec![
        worth(TITLE_WORD, term(fields.numbered, word)),
        worth(0.0, term(fields.overview, word)),
    ];
    for (field, weight) in
        [(fields.title, TITLE_WORD), (fields.people, NAME_WORD), (fields.tags, NAME_WORD)]
    {
        let term = Term::from_field_text(field, word);
        let near = if is_last {
            FuzzyTermQuery::new_prefix(term, typos, true)
        } else {
            FuzzyTermQuery::new(term, typos, true)
        };
        places.push(worth(weight, near));
    }
    places
}

/// What begins with `text`: one term where it is short, else a range of the dictionaries.
fn prefix(edge: Field, longest: usize, fields: &[Field], text: &str) -> Vec<Box<dyn Query>> {
    if text.chars().count() <= longest {
        return vec![Box::new(term(edge, text))];
    }
    // No text has a code point after this one, so the range ends behind all that begin with `text`.
    let end = format!("{text}\u{10ffff}");
    let range = |field: &Field| {
        Box::new(InvertedIndexRangeQuery::new(
            Bound::Included(Term::from_field_text(*field, text)),
            Bound::Included(Term::from_field_text(*field, &end)),
        )) as Box<dyn Query>
    };
    fields.iter().map(range).collect()
}

fn term(field: Field, text: &str) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic)
}

fn worth(score: f32, query: impl Into<AnyQuery>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query.into().0, score))
}

/// A query of any type, boxed or not.
struct AnyQuery(Box<dyn Query>);

impl<Q: Query> From<Q> for AnyQuery {
    fn from(query: Q) -> Self {
        Self(Box::new(query))
    }
}
