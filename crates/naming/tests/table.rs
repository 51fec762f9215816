//! The tables in `tests/data`: names in the wild styles and what each says.
//!
//! A table is a text file of blocks. `@ movies`, `@ shows` or `@ any` begins a block and gives the hint; `@ listing movies`
//! has the paths of the block read together. A row is a path, then, indented, its kind and facts, two spaces apart:
//!
//! ```text
//! The Matrix (1999)/The.Matrix.1999.1080p.BluRay.x264-GRP.mkv
//!     movie  title=The Matrix  year=1999  resolution=1080p
//! ```
//!
//! Facts that tell what a file *is* (`IDENTITY`) must all be stated: one that the parser gives and the row does not name
//! is a difference. Facts about the recording are checked where they are stated. `#` begins a comment.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use naming::{Hint, Parsed, parse, parse_listing};
use serde_json::Value;

/// Facts that a row must state when the parser finds them. An episode's `title` is left out: it repeats `episode_title`.
const IDENTITY: &[&str] = &[
    "kind",
    "title",
    "year",
    "series",
    "season",
    "season_end",
    "episode",
    "episode_end",
    "episode_title",
    "date",
    "absolute",
    "absolute_end",
    "edition",
    "part",
    "extra_type",
    "forced",
    "sdh",
    "default",
    "artwork",
    "sidecar",
    "disc",
    "imdb",
    "tmdb",
    "tvdb",
    "three_d",
];

/// Fewest rows that the tables hold together.
const FEWEST_ROWS: usize = 1_000;

struct Row {
    line: usize,
    path: String,
    facts: BTreeMap<String, String>,
}

struct Block {
    hint: Hint,
    is_listing: bool,
    rows: Vec<Row>,
}

#[test]
fn every_name_in_the_tables_is_read_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the tables lie beside this test")
        .map(|it| it.expect("readable folder").path())
        .filter(|it| it.is_file())
        .collect();
    files.sort();
    let mut report = String::new();
    let (mut n_rows, mut n_wrong) = (0, 0);
    for file in files {
        let table = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for block in read_table(&fs::read_to_string(&file).expect("a table is UTF-8 text")) {
            for (row, found) in check(&block) {
                n_rows += 1;
                if !found.is_empty() {
                    n_wrong += 1;
                    writeln!(report, "{table}:{}: {}\n{found}", row.line, row.path)
                        .expect("a String takes all");
                }
            }
        }
    }
    assert!(n_wrong == 0, "{n_wrong} of {n_rows} rows differ\n{report}");
    assert!(n_rows >= FEWEST_ROWS, "only {n_rows} rows");
}

/// Every row of the block with its differences, as text; empty when there are none.
fn check(block: &Block) -> Vec<(&Row, String)> {
    let paths: Vec<&str> = block.rows.iter().map(|it| it.path.as_str()).collect();
    let parsed: Vec<Parsed> = if block.is_listing {
        parse_listing(&paths, block.hint)
    } else {
        paths.iter().map(|it| parse(it, block.hint)).collect()
    };
    assert_eq!(parsed.len(), paths.len());
    block.rows.iter().zip(&parsed).map(|(row, parsed)| (row, differences(row, parsed))).collect()
}

fn differences(row: &Row, parsed: &Parsed) -> String {
    let found = flatten(parsed);
    let mut text = String::new();
    for (key, expected) in &row.facts {
        let actual = found.get(key).map_or("(absent)", String::as_str);
        if actual != expected {
            writeln!(text, "    {key}: expected {expected}, found {actual}")
                .expect("a String takes all");
        }
    }
    for (key, actual) in &found {
        let is_repeated = key == "title"
            && found.get("kind").is_some_and(|it| it == "episode" || found.contains_key("series"));
        if IDENTITY.contains(&key.as_str()) && !row.facts.contains_key(key) && !is_repeated {
            writeln!(text, "    {key}: not expected, found {actual}").expect("a String takes all");
        }
    }
    text
}

fn flatten(parsed: &Parsed) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let Value::Object(object) = serde_json::to_value(parsed).expect("plain values") else {
        unreachable!("a struct is an object")
    };
    for (key, value) in object {
        match value {
            Value::Object(ids) => {
                facts.extend(ids.into_iter().map(|(key, value)| (key, plain(&value))));
            }
            value => {
                facts.insert(key, plain(&value));
            }
        }
    }
    facts
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn read_table(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with("# ") {
            continue;
        }
        if let Some(head) = line.strip_prefix("@ ") {
            let hint = match head.split(' ').next_back() {
                Some("movies") => Hint::Movies,
                Some("shows") => Hint::Shows,
                Some("any") => Hint::Any,
                _ => panic!("line {}: unknown block {head}", i + 1),
            };
            blocks.push(Block { hint, is_listing: head.starts_with("listing"), rows: Vec::new() });
            continue;
        }
        let block = blocks
            .last_mut()
            .unwrap_or_else(|| panic!("line {}: a row before the first block", i + 1));
        if let Some(facts) = line.strip_prefix("    ") {
            let row = block
                .rows
                .last_mut()
                .unwrap_or_else(|| panic!("line {}: facts without a path", i + 1));
            let mut words = facts.split("  ").map(str::trim).filter(|it| !it.is_empty());
            row.facts.insert("kind".to_owned(), words.next().expect("a kind").to_owned());
            for word in words {
                let (key, value) = word.split_once('=').unwrap_or((word, "true"));
                row.facts.insert(key.to_owned(), value.to_owned());
            }
        } else {
            block.rows.push(Row { line: i + 1, path: line.to_owned(), facts: BTreeMap::new() });
        }
    }
    blocks
}

/// Facts whose values are words of ours, which `docs/identify.md` lists.
const LISTED_VALUES: &[&str] = &[
    "kind",
    "extra_type",
    "resolution",
    "source",
    "video_codec",
    "audio_codec",
    "audio_channels",
    "hdr",
    "three_d",
    "artwork",
    "disc",
];

#[test]
fn every_field_and_every_value_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../../docs/identify.md")).expect("the page is there");
    let mut missing = std::collections::BTreeSet::new();
    for file in fs::read_dir(root.join("tests/data")).expect("the tables lie beside this test") {
        let file = file.expect("readable folder").path();
        if !file.is_file() {
            continue;
        }
        for block in read_table(&fs::read_to_string(&file).expect("a table is UTF-8 text")) {
            for row in &block.rows {
                let Value::Object(object) =
                    serde_json::to_value(parse(&row.path, block.hint)).expect("plain values")
                else {
                    unreachable!("a struct is an object")
                };
                for (key, value) in object {
                    let value = plain(&value);
                    if !page.contains(&format!("`{key}`")) {
                        missing.insert(key);
                    } else if LISTED_VALUES.contains(&key.as_str())
                        && !page.contains(&format!("`{value}`"))
                    {
                        missing.insert(format!("{key} = {value}"));
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/identify.md: {missing:?}");
}
