//! NFO files broken in many ways, the same in every run: no panic, and never an answer without content. The good ones lie in
//! `fuzz/corpus`, and serve `cargo fuzz` too.

use std::fs;
use std::path::Path;

use metadata::local::nfo;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/nfo");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let named = |it: &std::path::PathBuf| it.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|it| (named(it), fs::read(it).unwrap())).collect()
}

/// One change; places are shares of the length.
#[derive(Clone, Debug)]
enum Change {
    Set(f64, u8),
    Cut(f64),
    Drop(f64, usize),
    Repeat(f64, usize, f64),
    Insert(f64, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0.0..1.0_f64;
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&#0;",
        "&#x110000;",
        "&amp",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<!DOCTYPE",
        "<?xml",
        "<movie>",
        "</movie>",
        "<title>",
        "\"",
        "\0",
        "\u{feff}",
        "99999999999999999999",
        "-1",
        "NaN",
    ]);
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        place().prop_map(Change::Cut),
        (place(), 1..64_usize).prop_map(|(at, n)| Change::Drop(at, n)),
        (place(), 1..256_usize, place()).prop_map(|(at, n, to)| Change::Repeat(at, n, to)),
        (place(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |share: f64| (share * bytes.len() as f64) as usize;
    let end = |at: usize, n: usize| (at + n).min(bytes.len());
    match *change {
        Change::Set(at, byte) => {
            let at = place(at);
            if let Some(it) = bytes.get_mut(at) {
                *it = byte;
            }
        }
        Change::Cut(at) => bytes.truncate(place(at)),
        Change::Drop(at, n) => {
            let range = place(at)..end(place(at), n);
            bytes.drain(range);
        }
        Change::Repeat(at, n, to) => {
            let (range, to) = (place(at)..end(place(at), n), place(to));
            let piece = bytes[range].to_vec();
            bytes.splice(to..to, piece);
        }
        Change::Insert(at, piece) => {
            let at = place(at);
            bytes.splice(at..at, piece.bytes());
        }
    }
}

#[test]
fn whole_files_are_read() {
    for (name, bytes) in corpus() {
        let documents = nfo::read(&bytes).unwrap_or_else(|it| panic!("{name}: {it}"));
        assert_eq!(documents.len(), if name == "episodes.nfo" { 2 } else { 1 }, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5eed),
        ..ProptestConfig::default()
    })]

    #[test]
    fn broken_files_do_no_harm(changes in prop::collection::vec(change(), 1..8)) {
        for (name, mut bytes) in corpus() {
            for change in &changes {
                apply(&mut bytes, change);
            }
            let documents = nfo::read(&bytes);
            prop_assert!(documents.is_err() || documents.is_ok_and(|it| !it.is_empty()), "{}", name);
        }
    }
}
