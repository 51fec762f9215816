//! How well "more like this" finds what people would call alike, on films and series that many know.

use futures::stream;
use search::{Document, Facet, Meaning, MeaningCenter, MeaningNumbers, Near, Rarity, Search};
use uuid::Uuid;

use crate::films::{ALL, LIBRARY, id};

/// The films, one a line.
fn films() -> Vec<Document> {
    lines(include_str!("judged/films.txt")).map(film).collect()
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|it| !it.is_empty() && !it.starts_with('#'))
}

fn film(line: &str) -> Document {
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    let [title, kind, year, rating, age, genres, tags, makers, directors, cast, overview] =
        fields[..]
    else {
        panic!("eleven fields: {line}");
    };
    let list = |text: &str| -> Vec<String> {
        text.split(';').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
    };
    let of = |facet: Facet, text: &str| list(text).into_iter().map(move |it| (facet, it));
    Document {
        id: named(title),
        kind: kind.to_owned(),
        is_compared: true,
        library_id: LIBRARY,
        title: title.trim_end_matches(" (Series)").to_owned(),
        people: list(directors).into_iter().chain(list(cast)).collect(),
        genres: list(genres),
        facets: of(Facet::Tag, tags)
            .chain(of(Facet::Studio, makers))
            .chain(of(Facet::Director, directors))
            .collect(),
        year: Some(year.parse().expect("a year")),
        rating: Some(rating.parse().expect("a rating")),
        age: Some(age.parse().expect("an age")),
        overview: Some(overview.to_owned()),
        ..Document::default()
    }
}

/// The id of a title that is in the set.
fn named(title: &str) -> Uuid {
    id(title)
}

/// The same, with what a common model for sentences makes of them (`judged/read.py`).
fn read_films() -> Vec<Document> {
    const NUMBERS: usize = 384;
    let mut films = films();
    let said = include_bytes!("judged/minilm.bin").chunks_exact(NUMBERS);
    assert_eq!(said.len(), films.len(), "made of other films");
    let numbers = said.map(|it| {
        let numbers: Vec<f32> = it.iter().map(|it| f32::from(it.cast_signed())).collect();
        MeaningNumbers::of(&numbers).expect("something")
    });
    let numbers: Vec<MeaningNumbers> = numbers.collect();
    let mut count = MeaningCenter::count();
    for numbers in &numbers {
        count.add(numbers);
    }
    let center = count.finish();
    for (film, numbers) in films.iter_mut().zip(&numbers) {
        film.meaning = Meaning::new(numbers, &center);
    }
    films
}

struct Judged {
    search: Search,
    films: Vec<Document>,
}

impl Judged {
    async fn weighed() -> Self {
        Self::weighed_of(films()).await
    }

    async fn weighed_of(films: Vec<Document>) -> Self {
        let mut count = Rarity::count();
        for film in &films {
            count.add(film);
        }
        Self::by(films, count.finish(1)).await
    }

    async fn by(films: Vec<Document>, rarity: Rarity) -> Self {
        let search = Search::in_memory().await.unwrap();
        search.weigh(rarity);
        search.rebuild(stream::iter([Ok(films.clone())])).await.unwrap();
        Self { search, films }
    }

    fn find(&self, title: &str) -> &Document {
        let found = self.films.iter().find(|it| it.id == named(title));
        found.unwrap_or_else(|| panic!("{title} is not in the set"))
    }

    /// What is like a title, the likest first, without itself.
    async fn like(&self, title: &str) -> Vec<(Uuid, f32)> {
        self.near(self.find(title)).await
    }

    async fn near(&self, document: &Document) -> Vec<(Uuid, f32)> {
        let near = Near { document, libraries: &[LIBRARY], guard: &ALL, limit: 250 };
        let found = self.search.nearest(&near).await.unwrap();
        assert_eq!(found.len(), self.films.len(), "every film has a vector");
        assert_eq!(found[0].id, document.id, "nothing is more like a film than itself");
        found.into_iter().skip(1).map(|it| (it.id, it.likeness)).collect()
    }

    /// Of titles with what people would call alike: how good the first five are (NDCG), and what part of them is.
    async fn score(&self) -> (f32, f32) {
        let (mut gained, mut hits, mut n) = (0.0, 0.0, 0.0);
        for line in lines(include_str!("judged/alike.txt")) {
            let (title, others) = line.split_once(" => ").expect("a judgement");
            let others: Vec<Uuid> = others.split("; ").map(|it| self.find(it).id).collect();
            let found = self.like(title).await;
            let gain = |place: usize| 1.0 / (place as f32 + 2.0).log2();
            let good = |place: &usize| others.contains(&found[*place].0);
            let got: f32 = (0..5).filter(good).map(gain).sum();
            let best: f32 = (0..5.min(others.len())).map(gain).sum();
            gained += got / best;
            hits += (0..5).filter(good).count() as f32 / 5.min(others.len()) as f32;
            n += 1.0;
            let names = found.iter().take(5).map(|it| {
                let title = self.films.iter().find(|film| film.id == it.0).map(|it| &*it.title);
                format!("{} {:.2}", title.unwrap_or_default(), it.1)
            });
            println!("{:.2} {title}: {}", got / best, names.collect::<Vec<_>>().join(", "));
        }
        (gained / n, hits / n)
    }

    /// Of pairs the part in which what people would call nearer is.
    async fn right(&self) -> f32 {
        let (mut right, mut n) = (0.0, 0.0);
        for line in lines(include_str!("judged/nearer.txt")) {
            let (title, pair) = line.split_once(": ").expect("a title");
            // Titles have colons of their own.
            let (title, pair) = match pair.split_once(": ") {
                Some((rest, pair)) if !self.knows(title) => (format!("{title}: {rest}"), pair),
                _ => (title.to_owned(), pair),
            };
            let (near, far) = pair.split_once(" > ").expect("two titles");
            let found = self.like(&title).await;
            let place = |title: &str| {
                let wanted = self.find(title).id;
                found.iter().position(|it| it.0 == wanted).expect("every film is compared")
            };
            let is_right = place(near) < place(far);
            if !is_right {
                println!("wrong: {line}");
            }
            right += f32::from(u8::from(is_right));
            n += 1.0;
        }
        right / n
    }

    fn knows(&self, title: &str) -> bool {
        self.films.iter().any(|it| it.id == named(title))
    }
}

#[tokio::test]
async fn what_people_call_alike_is_found() {
    let judged = Judged::weighed().await;
    let ((ndcg, hits), right) = (judged.score().await, judged.right().await);
    let mut all = Vec::new();
    for film in &judged.films {
        let found = judged.near(film).await;
        all.extend(found.into_iter().map(|it| it.1));
    }
    all.sort_by(f32::total_cmp);
    println!("at random: half {:.2}, 95 % {:.2}", all[all.len() / 2], all[all.len() * 95 / 100]);
    println!("weighed: NDCG@5 {ndcg:.3}, hits {hits:.3}, nearer {right:.3}");
    assert!(ndcg > 0.75 && hits > 0.7 && right > 0.95, "{ndcg} {hits} {right}");
}

#[tokio::test]
async fn before_anything_was_counted_it_is_nearly_as_good() {
    let judged = Judged::by(films(), Rarity::unknown()).await;
    let ((ndcg, hits), right) = (judged.score().await, judged.right().await);
    println!("uncounted: NDCG@5 {ndcg:.3}, hits {hits:.3}, nearer {right:.3}");
    assert!(ndcg > 0.7 && hits > 0.6 && right > 0.9, "{ndcg} {hits} {right}");
}

#[tokio::test]
async fn a_text_model_finds_more_of_what_people_call_alike() {
    let judged = Judged::weighed_of(read_films()).await;
    let ((ndcg, hits), right) = (judged.score().await, judged.right().await);
    println!("read: NDCG@5 {ndcg:.3}, hits {hits:.3}, nearer {right:.3}");
    assert!(ndcg > 0.8 && hits > 0.75 && right > 0.95, "{ndcg} {hits} {right}");
    let without = Judged::weighed().await.score().await;
    assert!(ndcg > without.0 + 0.02 && hits > without.1 + 0.02, "without one: {without:?}");
}
