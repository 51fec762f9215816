//! Whatever the text, reading it ends, keeps its spans on characters, and gives one result for each path.

use naming::{Hint, Parsed, fold, is_ignored, parse, parse_listing, sort_title};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const HINTS: [Hint; 3] = [Hint::Movies, Hint::Shows, Hint::Any];

fn keeps_its_spans(path: &str, parsed: &Parsed) {
    for span in parsed.spans() {
        assert!(
            path.get(span.bytes.clone()).is_some_and(|it| !it.is_empty()),
            "{span:?} of {path:?}"
        );
    }
}

fn check(path: &str) {
    for hint in HINTS {
        keeps_its_spans(path, &parse(path, hint));
        let listing = [path, "a/b.mkv", path];
        let parsed = parse_listing(&listing, hint);
        assert_eq!(parsed.len(), listing.len());
        listing.iter().zip(&parsed).for_each(|(path, parsed)| keeps_its_spans(path, parsed));
    }
    let key = fold(path);
    assert_eq!(key.is_empty(), path.trim().is_empty());
    assert_eq!(fold(&key), key, "the key of a key is the key");
    assert_eq!(parse(path, Hint::Any), parse(path, Hint::Any));
    sort_title(path);
    is_ignored(path);
}

/// Words that the recognisers look for, so that they meet in orders nobody wrote.
fn telling_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "S01E02",
        "s01",
        "e02",
        "1x02",
        "-",
        "-",
        ".",
        " ",
        " ",
        "_",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "1999",
        "2012",
        "03",
        "04",
        "1080p",
        "x264",
        "WEB",
        "DL",
        "cd1",
        "part",
        "1",
        "season",
        "第",
        "話",
        "第二季",
        "tmdb",
        "imdb",
        "tt0133093",
        "edition",
        "trailer",
        "sample",
        "en",
        "forced",
        ".srt",
        ".mkv",
        ".jpg",
        "/",
        "/",
        "Title",
        "The",
        "é",
        "e\u{301}",
        "\u{301}",
        "ＡＢ",
        "１２",
        "VIDEO_TS",
        "BDMV",
        "Subs",
        "Extras",
        "poster",
        "+",
        "&",
        ",",
        "#",
        "www",
        "com",
        "'",
        "🎬",
        "\u{200f}",
        "מ",
        "of",
        "to",
        "aka",
        "DD",
        "5",
        "v2",
        "ABCD1234",
        "\u{0}",
        "\n",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(0x5eed), ..ProptestConfig::default() })]

    #[test]
    fn any_string_is_read(path in any::<String>()) {
        check(&path);
    }

    #[test]
    fn telling_words_in_any_order_are_read(path in telling_text()) {
        check(&path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, rng_seed: RngSeed::Fixed(0x5eed), ..ProptestConfig::default() })]

    #[test]
    fn long_strings_are_read(path in prop::collection::vec(any::<char>(), 2_500..3_500)) {
        check(&path.into_iter().collect::<String>());
    }

    #[test]
    fn long_repetitions_are_read(piece in telling_text(), n in 1_usize..200) {
        let path = piece.repeat(n);
        check(path.get(..10_000).unwrap_or(&path));
    }
}
