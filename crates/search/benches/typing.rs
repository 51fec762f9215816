//! How long the engine in process takes to answer what a person types, over generated documents.
//!
//! `cargo bench -p search` with 100,000 documents; `cargo bench -p search -- 1000000` with another number. With a folder
//! behind it, the documents, the questions and the figures are written there, for others to be asked the same.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::stream;
use kernel::Guard;
use search::{Counts, Document, Facet, Filter, IdSet, Number, Of, Query, Search, Test};
use uuid::Uuid;

const LIBRARIES: u128 = 4;
/// What the person has watched.
const PLAYS: usize = 20_000;
const GENRES: &[&str] = &[
    "Action",
    "Adventure",
    "Animation",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "History",
    "Horror",
    "Music",
    "Mystery",
    "Romance",
    "Science Fiction",
    "Thriller",
];
const COUNTRIES: &[&str] = &["United States", "Germany", "France", "Japan", "Brazil", "India"];
const LANGUAGES: &[&str] = &["en", "de", "fr", "ja", "es", "it", "pt-BR"];
const RESOLUTIONS: &[&str] = &["2160p", "1080p", "1080p", "720p", "480p"];
const SYLLABLES: &[&str] = &[
    "ka", "ren", "mor", "ta", "lis", "von", "der", "star", "mat", "rix", "sha", "dow", "el", "nor",
    "bri", "gan", "the", "lo", "wel", "sto", "ne", "fi", "ra", "qu", "ant", "um", "ox", "ys",
    "pel",
];
const COMMON: &[&str] = &["the", "of", "and", "a", "night", "man", "love", "last", "day", "war"];

/// A generator that repeats itself: the figures of two runs are of the same documents.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn word(&mut self) -> String {
        if self.roll(3) == 0 {
            return COMMON[self.roll(COMMON.len())].to_owned();
        }
        (0..2 + self.roll(2)).map(|_| SYLLABLES[self.roll(SYLLABLES.len())]).collect()
    }

    fn words(&mut self, most: usize) -> String {
        (0..=self.roll(most)).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn document(n: usize, dice: &mut Dice) -> Document {
    let title = dice.words(4);
    let genres: Vec<String> =
        (0..=dice.roll(2)).map(|_| GENRES[dice.roll(GENRES.len())].to_owned()).collect();
    let mut facets: Vec<(Facet, String)> =
        genres.iter().map(|it| (Facet::Genre, it.clone())).collect();
    // Few studios made most of it.
    let studio = dice.roll(40) * dice.roll(40);
    facets.push((Facet::Studio, format!("Studio {studio}")));
    facets.push((Facet::Country, COUNTRIES[dice.roll(COUNTRIES.len())].to_owned()));
    facets.push((Facet::Audio, LANGUAGES[dice.roll(LANGUAGES.len())].to_owned()));
    facets.push((Facet::Subtitle, LANGUAGES[dice.roll(LANGUAGES.len())].to_owned()));
    facets.push((Facet::Resolution, RESOLUTIONS[dice.roll(RESOLUTIONS.len())].to_owned()));
    Document {
        id: Uuid::from_u128(n as u128),
        kind: if n.is_multiple_of(5) { "series" } else { "movie" }.into(),
        library_id: Uuid::from_u128(n as u128 % LIBRARIES),
        sort_title: title.strip_prefix("the ").unwrap_or(&title).to_owned(),
        people: (0..6).map(|_| format!("{} {}", dice.word(), dice.word())).collect(),
        genres,
        facets,
        year: Some(1950 + dice.roll(76) as i32),
        rating: Some(dice.roll(101) as f32 / 10.0),
        age: Some([0, 6, 12, 16, 18][dice.roll(5)]),
        overview: Some(dice.words(30)),
        popularity: dice.roll(10_000) as f32,
        added_at: n as i64,
        marks: vec![-13, dice.roll(20) as i64 + 1],
        title,
        ..Document::default()
    }
}

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let n_documents = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(100_000);
    let folder = arguments.iter().find(|it| it.parse::<usize>().is_err()).map(PathBuf::from);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(n_documents, folder.as_deref()));
}

async fn measure(n_documents: usize, shared: Option<&Path>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let search = Search::in_folder(folder.path()).await.expect("an index");
    let mut dice = Dice(1);
    let started_at = Instant::now();
    let mut rows = Rows::in_folder(shared, "documents.tsv");
    let batches = (0..n_documents).step_by(1_000).map(|first| {
        let last = (first + 1_000).min(n_documents);
        let batch: Vec<Document> = (first..last).map(|n| document(n, &mut dice)).collect();
        for it in &batch {
            rows.add(&[
                &it.id.to_string(),
                &it.title,
                &it.people.join(", "),
                &it.popularity.to_string(),
            ]);
        }
        Ok(batch)
    });
    search.rebuild(stream::iter(batches)).await.expect("a rebuild");
    let took = started_at.elapsed();
    let mut figures = Rows::in_folder(shared, "figures.tsv");
    figures.add(&["build_s", &took.as_secs_f64().to_string(), ""]);
    figures.add(&["disk_mb", &size_mb(folder.path()).to_string(), ""]);
    figures.add(&["memory_mb", &resident_mb().to_string(), ""]);
    println!(
        "{n_documents} documents in {took:.1?}, {} MB on disk, {} MB of memory",
        size_mb(folder.path()),
        resident_mb()
    );

    let libraries: Vec<Uuid> = (0..LIBRARIES).map(Uuid::from_u128).collect();
    let narrowed = [
        Filter { is_not: false, test: Test::OneOf(Facet::Kind, vec!["movie".into()]) },
        Filter {
            is_not: false,
            test: Test::OneOf(Facet::Genre, vec!["Comedy".into(), "Drama".into()]),
        },
        Filter { is_not: false, test: Test::Between(Number::Year, Some(1980), Some(2009)) },
    ];
    let watched = IdSet::new(
        (0..PLAYS).map(|it| Uuid::from_u128((it * n_documents / PLAYS) as u128)).collect(),
    );
    let unwatched = [Filter { is_not: true, test: Test::In(watched.clone()) }];
    let sets = [watched];
    let mut questions = Rows::in_folder(shared, "questions.tsv");
    let first = |n: usize| move |it: &str| it.chars().take(n).collect::<String>();
    let whole = |it: &str| it.to_owned();
    let asked: [(&str, Make, &[Filter], Counts); 10] = [
        ("1 letter", &first(1), &[], Counts::None),
        ("3 letters", &first(3), &[], Counts::None),
        ("5 letters", &first(5), &[], Counts::None),
        ("10 letters", &first(10), &[], Counts::None),
        ("whole title", &whole, &[], Counts::None),
        ("with a typo", &swapped, &[], Counts::None),
        ("1 letter, counted", &first(1), &[], Counts::All(&sets)),
        ("5 letters, counted", &first(5), &[], Counts::All(&sets)),
        ("3 filters, counted", &first(3), &narrowed, Counts::All(&sets)),
        ("5 letters, unwatched", &first(5), &unwatched, Counts::None),
    ];
    for (name, make, filters, counts) in asked {
        let mut times = Vec::new();
        for _ in 0..300 {
            let n = dice.roll(n_documents);
            let mut dice = Dice(n as u64 + 7);
            let text = make(&format!("{} {}", dice.word(), dice.word()));
            let query = Query {
                text: &text,
                libraries: &libraries,
                guard: &Guard::default(),
                of: Of::Items,
                kinds: None,
                filters,
                counts,
                limit: 20,
                offset: 0,
                sort: None,
            };
            questions.add(&[name, &text]);
            let started_at = Instant::now();
            search.query(&query).await.expect("an answer");
            times.push(started_at.elapsed());
        }
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let ms = |it: Duration| (it.as_secs_f64() * 1e3).to_string();
        println!("{name:>22}: p50 {:>9.2?}  p99 {:>9.2?}", at(0.5), at(0.99));
        figures.add(&[name, &ms(at(0.5)), &ms(at(0.99))]);
    }
    figures.add(&["memory_after_mb", &resident_mb().to_string(), ""]);
    println!("{} MB of memory after", resident_mb());
}

/// Makes what is typed of what is meant.
type Make<'a> = &'a dyn Fn(&str) -> String;

/// Rows of a file, if anybody wants it.
struct Rows(Option<BufWriter<File>>);

impl Rows {
    fn in_folder(folder: Option<&Path>, name: &str) -> Self {
        Self(folder.map(|it| BufWriter::new(File::create(it.join(name)).expect("a file"))))
    }

    fn add(&mut self, values: &[&str]) {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{}", values.join("\t")).expect("room on the disk");
        }
    }
}

/// Swaps two letters in the middle of the longest word.
fn swapped(text: &str) -> String {
    let longest = text.split(' ').max_by_key(|it| it.len()).unwrap_or(text);
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    if letters.len() > 3 {
        letters.swap(middle - 1, middle);
    }
    text.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

fn size_mb(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|it| match it.metadata() {
        Ok(metadata) if metadata.is_dir() => size_mb(&it.path()),
        Ok(metadata) => metadata.len() / 1_000_000,
        Err(_) => 0,
    });
    sizes.sum()
}

/// The memory that is this process' own, without the files it maps for reading.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("RssAnon:"));
    line.and_then(|it| it.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1000
}
