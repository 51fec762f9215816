//! Names per second on one core: the names of the test tables, read one by one and as one listing.

use divan::{Bencher, counter::ItemsCount};
use naming::{Hint, parse, parse_listing};

/// Names per round.
const NAMES: usize = 100_000;

fn main() {
    divan::main();
}

fn names() -> Vec<&'static str> {
    let tables = [
        include_str!("../tests/data/films.txt"),
        include_str!("../tests/data/shows.txt"),
        include_str!("../tests/data/folders.txt"),
        include_str!("../tests/data/beside.txt"),
        include_str!("../tests/data/wild.txt"),
        include_str!("../tests/data/holdout.txt"),
    ];
    let rows = tables
        .iter()
        .flat_map(|it| it.lines())
        .filter(|it| !it.is_empty() && !it.starts_with(['@', '#', ' ']));
    let rows: Vec<&str> = rows.collect();
    rows.iter().copied().cycle().take(NAMES).collect()
}

#[divan::bench(sample_count = 10)]
fn one_by_one(bencher: Bencher) {
    let names = names();
    bencher.counter(ItemsCount::new(NAMES)).bench(|| {
        names.iter().map(|it| parse(it, Hint::Any)).filter(|it| it.year.is_some()).count()
    });
}

#[divan::bench(sample_count = 10)]
fn as_one_listing(bencher: Bencher) {
    let names = names();
    bencher.counter(ItemsCount::new(NAMES)).bench(|| parse_listing(&names, Hint::Any).len());
}
