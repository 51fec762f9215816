//! The two engines beside each other: the same documents, asked the same, answer alike.
//!
//! The tolerance, for what is asked exactly, begun or narrowed: the same number of hits, the same counts, the same hits in
//! the same order. With a typing error the engines look for near words each in its own way: the first hit is the same, and of
//! the first ten [`ALIKE`] in a hundred are.

use std::collections::BTreeSet;

use search::{Counts, Document, Facet, Filter, Hits, Number, Query, Sort, SortBy, Test};

use crate::contract::Subject;
use crate::films::{LIBRARY, OTHER_LIBRARY, film, typed};

/// Of a hundred hits that either engine has for words with a typing error, those that the other one has, too.
const ALIKE: usize = 90;
const N_DOCUMENTS: usize = 300;
const N_QUESTIONS: usize = 120;
const N_MISSPELLED: usize = 25;
/// No hit with a typing error has as much.
const EXACT: f32 = 0.13;

const WORDS: [&str; 40] = [
    "night",
    "nights",
    "star",
    "stars",
    "starlight",
    "river",
    "riverside",
    "house",
    "home",
    "winter",
    "wind",
    "window",
    "black",
    "blackbird",
    "love",
    "lover",
    "letter",
    "letters",
    "dark",
    "darkness",
    "silver",
    "mountain",
    "ocean",
    "oceans",
    "paper",
    "queen",
    "stone",
    "garden",
    "train",
    "summer",
    "Łódź",
    "café",
    "Cœur",
    "straße",
    "2049",
    "II",
    "Spider-Man",
    "WALL·E",
    "the",
    "of",
];
const NAMES: [&str; 12] = [
    "Tom Hanks",
    "Tom Hardy",
    "Anna Karina",
    "Anna Kendrick",
    "Isabelle Huppert",
    "Toshirō Mifune",
    "Greta Gerwig",
    "Denis Villeneuve",
    "Stellan Skarsgård",
    "Penélope Cruz",
    "Bong Joon-ho",
    "Ava Night",
];
const GENRES: [&str; 6] =
    ["Comedy", "Drama", "Science Fiction", "Romance", "Documentary", "Night Noir"];

/// Numbers that are the same in each run: a linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

fn documents(dice: &mut Dice) -> Vec<Document> {
    let document = |at: usize| {
        let n_words = 1 + dice.below(4);
        let title: Vec<_> = (0..n_words).map(|_| dice.one_of(&WORDS)).collect();
        let people = (0..dice.below(4)).map(|_| dice.one_of(&NAMES).to_owned()).collect();
        let genre = dice.one_of(&GENRES);
        let other_title = (dice.below(4) == 0).then(|| format!("{} {}", dice.one_of(&WORDS), at));
        Document {
            id: uuid::Uuid::from_u128(at as u128 + 1),
            library_id: if dice.below(5) == 0 { OTHER_LIBRARY } else { LIBRARY },
            titles: other_title.into_iter().collect(),
            people,
            genres: vec![genre.to_owned()],
            facets: vec![(Facet::Genre, genre.to_owned())],
            year: (dice.below(10) > 0).then(|| 1920 + dice.below(105) as i32),
            rating: (dice.below(3) > 0).then(|| dice.below(100) as f32 / 10.0),
            overview: Some(format!("A {} about a {}.", dice.one_of(&GENRES), dice.one_of(&WORDS))),
            added_at: dice.below(1_000_000) as i64,
            marks: if dice.below(10) == 0 { vec![7] } else { Vec::new() },
            // Each its own, so that there is one right order.
            ..film(&title.join(" "), at as f32)
        }
    };
    (0..N_DOCUMENTS).map(document).collect()
}

/// A word of a title or of a name; begun, if so.
fn words(dice: &mut Dice) -> String {
    let word = |dice: &mut Dice| match dice.below(4) {
        0 => dice.one_of(&NAMES).to_lowercase(),
        1 => dice.one_of(&GENRES).to_lowercase(),
        _ => dice.one_of(&WORDS).to_owned(),
    };
    let mut text: Vec<String> = (0..=dice.below(2)).map(|_| word(dice)).collect();
    if let Some(last) = text.last_mut() {
        let n_letters = last.chars().count();
        *last = last.chars().take(1 + dice.below(n_letters + 2)).collect();
    }
    text.join(" ")
}

/// The same with two letters of a long word changed places, or one left out.
fn misspelled(dice: &mut Dice) -> String {
    let long = [
        "starlight",
        "riverside",
        "blackbird",
        "mountain",
        "darkness",
        "documentary",
        "villeneuve",
    ];
    let mut letters: Vec<char> = dice.one_of(&long).chars().collect();
    let at = 2 + dice.below(letters.len() - 4);
    if dice.below(2) == 0 {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    letters.into_iter().collect()
}

fn filters(dice: &mut Dice) -> Vec<Filter> {
    let mut filters = Vec::new();
    if dice.below(3) == 0 {
        let values = vec![dice.one_of(&GENRES).to_owned(), dice.one_of(&GENRES).to_owned()];
        filters
            .push(Filter { is_not: dice.below(3) == 0, test: Test::OneOf(Facet::Genre, values) });
    }
    if dice.below(3) == 0 {
        let from = 1900 + dice.below(100) as i64;
        let range =
            Test::Between(Number::Year, Some(from), (dice.below(2) == 0).then_some(from + 30));
        filters.push(Filter { is_not: dice.below(4) == 0, test: range });
    }
    filters
}

fn sort(dice: &mut Dice) -> Option<Sort> {
    let by = [SortBy::Title, SortBy::Year, SortBy::Rating, SortBy::AddedAt][dice.below(4)];
    (dice.below(3) == 0).then(|| Sort { by, is_descending: dice.below(2) == 0 })
}

async fn ask(subjects: &[Subject; 2], query: &Query<'_>) -> [Hits; 2] {
    let [one, other] = subjects;
    [one.search.query(query).await.unwrap(), other.search.query(query).await.unwrap()]
}

async fn both(all: &[Document]) -> [Subject; 2] {
    let both = [Subject::embedded().await, Subject::typesense().await];
    for subject in &both {
        subject.write(all).await;
    }
    both
}

#[tokio::test]
async fn both_engines_answer_alike() {
    let mut dice = Dice(1);
    let all = documents(&mut dice);
    let both = both(&all).await;
    let hidden = kernel::Guard { hidden: vec![7], wanted: Vec::new() };
    let mut n_found = 0;
    for _ in 0..N_QUESTIONS {
        let (text, filters) = (words(&mut dice), filters(&mut dice));
        let guard = if dice.below(2) == 0 { &hidden } else { &crate::films::ALL };
        let query = Query {
            guard,
            filters: &filters,
            counts: Counts::All(&[]),
            sort: sort(&mut dice),
            ..typed(&text)
        };
        let [one, other] = ask(&both, &query).await;
        if [&one, &other].iter().all(|it| it.hits.first().is_none_or(|it| it.score < EXACT)) {
            // Nothing is so: each looks for what is near.
            continue;
        }
        assert_eq!(one, other, "{query:?}");
        n_found += 1;
    }
    assert!(n_found > N_QUESTIONS / 2, "{n_found}: too few questions have an answer");
}

#[tokio::test]
async fn both_engines_forgive_alike() {
    let mut dice = Dice(2);
    let all = documents(&mut dice);
    let both = both(&all).await;
    let (mut n_common, mut n_all) = (0, 0);
    for _ in 0..N_MISSPELLED {
        let text = misspelled(&mut dice);
        let [one, other] = ask(&both, &typed(&text)).await;
        assert_eq!(one.hits.first().map(|it| it.id), other.hits.first().map(|it| it.id), "{text}");
        let ids = |hits: &Hits| hits.hits.iter().map(|it| it.id).collect::<BTreeSet<_>>();
        n_common += 2 * ids(&one).intersection(&ids(&other)).count();
        n_all += one.hits.len() + other.hits.len();
    }
    assert!(n_all > N_MISSPELLED, "{n_all}: too few questions have an answer");
    assert!(n_common * 100 >= n_all * ALIKE, "{n_common} of {n_all}");
}
