//! How long the engine in process takes to answer what a person types, over generated documents.
//!
//! `cargo bench -p search` with 100,000 documents; `cargo bench -p search -- 1000000` with another number.

use std::time::{Duration, Instant};

use futures::stream;
use kernel::Guard;
use search::{Counts, Document, Of, Query, Search};
use uuid::Uuid;

const LIBRARIES: u128 = 4;
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
    Document {
        id: Uuid::from_u128(n as u128),
        kind: "movie".into(),
        library_id: Uuid::from_u128(n as u128 % LIBRARIES),
        sort_title: title.strip_prefix("the ").unwrap_or(&title).to_owned(),
        people: (0..6).map(|_| format!("{} {}", dice.word(), dice.word())).collect(),
        genres: vec![COMMON[dice.roll(COMMON.len())].to_owned()],
        year: Some(1950 + dice.roll(76) as i32),
        overview: Some(dice.words(30)),
        popularity: dice.roll(10_000) as f32,
        added_at: n as i64,
        marks: vec![-13, dice.roll(20) as i64 + 1],
        title,
        ..Document::default()
    }
}

fn main() {
    let n_documents = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(n_documents));
}

async fn measure(n_documents: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let search = Search::in_folder(folder.path()).await.expect("an index");
    let mut dice = Dice(1);
    let started_at = Instant::now();
    let batches = (0..n_documents).step_by(1_000).map(|first| {
        let last = (first + 1_000).min(n_documents);
        Ok((first..last).map(|n| document(n, &mut dice)).collect())
    });
    search.rebuild(stream::iter(batches)).await.expect("a rebuild");
    let took = started_at.elapsed();
    println!(
        "{n_documents} documents in {took:.1?}, {} MB on disk, {} MB of memory",
        size_mb(folder.path()),
        resident_mb()
    );

    let libraries: Vec<Uuid> = (0..LIBRARIES).map(Uuid::from_u128).collect();
    let mut all = Vec::new();
    for (name, make) in [
        ("1 letter", &(|it: &str| it.chars().take(1).collect()) as &dyn Fn(&str) -> String),
        ("3 letters", &|it| it.chars().take(3).collect()),
        ("5 letters", &|it| it.chars().take(5).collect()),
        ("10 letters", &|it| it.chars().take(10).collect()),
        ("whole title", &str::to_owned),
        ("with a typo", &|it| swapped(it)),
    ] {
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
                filters: &[],
                counts: Counts::None,
                limit: 20,
                offset: 0,
            };
            let started_at = Instant::now();
            search.query(&query).await.expect("an answer");
            times.push(started_at.elapsed());
        }
        report(name, &mut times);
        all.append(&mut times);
    }
    report("all", &mut all);
    println!("{} MB of memory after", resident_mb());
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

fn report(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{name:>12}: p50 {:>9.2?}  p99 {:>9.2?}", at(0.5), at(0.99));
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
