//! How long the engine in process takes to find what is near, over generated documents.
//!
//! `cargo bench -p search --bench nearest` with 100,000 documents; `-- 1000000` with another number.

use std::time::{Duration, Instant};

use futures::stream;
use kernel::Guard;
use search::{Document, Facet, Near, Rarity, Search};
use uuid::Uuid;

const LIBRARIES: u128 = 4;
const QUESTIONS: usize = 1_000;
const NEIGHBOURS: usize = 40;

/// A generator that repeats itself: the figures of two runs are of the same documents.
struct Dice(u64);

impl Dice {
    /// The small ones more often than the large ones, as few traits are on many things.
    fn roll(&mut self, sides: usize) -> usize {
        let most = self.even(sides);
        self.even(most + 1)
    }

    fn even(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn document(n: usize, dice: &mut Dice) -> Document {
    let names = |what: &str, count: usize, of: usize, dice: &mut Dice| -> Vec<String> {
        (0..count).map(|_| format!("{what}{}", dice.roll(of))).collect()
    };
    let tags = names("tag ", 8, 5_000, dice).into_iter().map(|it| (Facet::Tag, it));
    let studio = (Facet::Studio, format!("Studio {}", dice.roll(2_000)));
    Document {
        id: Uuid::from_u128(n as u128),
        kind: if n.is_multiple_of(5) { "series" } else { "movie" }.into(),
        is_compared: true,
        library_id: Uuid::from_u128(n as u128 % LIBRARIES),
        title: names("word", 2, 20_000, dice).join(" "),
        people: names("Person ", 10, 100_000, dice),
        genres: names("Genre ", 2, 20, dice),
        facets: tags.chain([studio]).collect(),
        year: Some(1950 + dice.even(76) as i32),
        rating: Some(dice.even(101) as f32 / 10.0),
        age: Some([0, 6, 12, 16, 18][dice.even(5)]),
        overview: Some(names("word", 40, 30_000, dice).join(" ")),
        marks: vec![-13, dice.even(20) as i64 + 1],
        ..Document::default()
    }
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let n_documents = given.iter().find_map(|it| it.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(n_documents));
}

async fn measure(n_documents: usize) {
    let mut dice = Dice(1);
    let documents: Vec<Document> = (0..n_documents).map(|n| document(n, &mut dice)).collect();
    let started_at = Instant::now();
    let mut count = Rarity::count();
    for document in &documents {
        count.add(document);
    }
    let rarity = count.finish(1);
    println!("{n_documents} documents counted in {:.2?}", started_at.elapsed());

    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, is_compared) in [("without vectors", false), ("with vectors", true)] {
        let folder = folder.path().join(name);
        let search = Search::in_folder(&folder).await.expect("an index");
        search.weigh(rarity.clone());
        let batches = documents.chunks(1_000).map(|batch| {
            Ok(batch.iter().map(|it| Document { is_compared, ..it.clone() }).collect())
        });
        let started_at = Instant::now();
        search.rebuild(stream::iter(batches.collect::<Vec<_>>())).await.expect("a rebuild");
        println!("index {name}: {:.1?}, {} MB on disk", started_at.elapsed(), size_mb(&folder));
        if is_compared {
            ask(&search, &documents).await;
        }
    }
}

async fn ask(search: &Search, documents: &[Document]) {
    let all: Vec<Uuid> = (0..LIBRARIES).map(Uuid::from_u128).collect();
    let before = resident_kb();
    let open = Guard { hidden: Vec::new(), wanted: Vec::new() };
    let child = Guard { hidden: vec![1, 2, 3], wanted: Vec::new() };
    let started_at = Instant::now();
    nearest(search, &documents[0], &all, &open).await;
    println!(
        "the first question, which reads the vectors: {:.1?}, {} MB of memory more",
        started_at.elapsed(),
        (resident_kb() - before) / 1024
    );
    for (name, libraries, guard) in [
        ("all libraries", &all[..], &open),
        ("one library of four", &all[..1], &open),
        ("all libraries, guarded", &all[..], &child),
    ] {
        let mut took: Vec<Duration> = Vec::new();
        for n in 0..QUESTIONS {
            let document = &documents[n * 97 % documents.len()];
            let started_at = Instant::now();
            nearest(search, document, libraries, guard).await;
            took.push(started_at.elapsed());
        }
        took.sort_unstable();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        println!("{name}: p50 {:.2?}, p99 {:.2?}", at(50), at(99));
    }
}

async fn nearest(search: &Search, document: &Document, libraries: &[Uuid], guard: &Guard) {
    let near = Near { document, libraries, guard, limit: NEIGHBOURS };
    let found = search.nearest(&near).await.expect("an answer");
    assert_eq!(found.len(), NEIGHBOURS, "there are that many");
}

fn size_mb(folder: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = files.map(|it| match it.metadata() {
        Ok(found) if found.is_dir() => size_mb(&it.path()),
        Ok(found) => found.len().div_ceil(1 << 20),
        Err(_) => 0,
    });
    sizes.sum()
}

fn resident_kb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}
