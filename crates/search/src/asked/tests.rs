use super::*;

/// What is understood, in short: the words, then each filter.
fn understood(text: &str) -> (String, Vec<String>) {
    let asked = Asked::parse(text);
    let short = asked.filters.iter().map(|it| {
        let not = if it.is_not { "not " } else { "" };
        let end = |it: &Option<i64>| it.map(|it| it.to_string()).unwrap_or_default();
        match &it.wanted {
            Wanted::Value(facet, values) => format!("{not}{}={}", facet.key(), values.join("|")),
            Wanted::Range(number, from, to) => {
                format!("{not}{number:?} {}..{}", end(from), end(to))
            }
            Wanted::Own(own) => format!("{not}{}", own.key()),
        }
    });
    (asked.words.clone(), short.collect())
}

#[test]
fn words_and_filters_are_told_apart() {
    for (text, words, filters) in [
        ("star wars", "star wars", &[][..]),
        (
            "year:1990-1999 genre:comedy unwatched",
            "",
            &["Year 1990..1999", "genre=comedy", "unwatched"],
        ),
        ("tom hanks year:1994", "tom hanks", &["Year 1994..1994"]),
        ("year:>2000 heat", "heat", &["Year 2001.."]),
        ("year:>=2000", "", &["Year 2000.."]),
        ("year:<1980", "", &["Year ..1979"]),
        ("year:<=1980", "", &["Year ..1980"]),
        ("year:1990-", "", &["Year 1990.."]),
        ("year:-1990", "", &["Year ..1990"]),
        ("year:1990..1995", "", &["Year 1990..1995"]),
        ("year:1990–1995", "", &["Year 1990..1995"]),
        ("decade:1990s", "", &["Year 1990..1999"]),
        ("decade:1994", "", &["Year 1990..1999"]),
        ("rating:7", "", &["Rating 70..79"]),
        ("rating:7.5-", "", &["Rating 75.."]),
        ("rating:7.5", "", &["Rating 75..75"]),
        ("age:<=12", "", &["Age ..12"]),
        ("genre:comedy,drama", "", &["genre=comedy|drama"]),
        ("-genre:horror night", "night", &["not genre=horror"]),
        ("studio:\"Warner Bros.\"", "", &["studio=Warner Bros."]),
        ("studio:\"A, B\",C", "", &["studio=A, B|C"]),
        ("Genre:\"Science Fiction\"", "", &["genre=Science Fiction"]),
        ("is:favourite", "", &["favourite"]),
        ("is:favorite", "", &["favourite"]),
        ("-is:watched", "", &["not watched"]),
        ("is:in-progress", "", &["in-progress"]),
        ("with:\"Tom Hanks\"", "", &["person=Tom Hanks"]),
        ("type:series", "", &["kind=series"]),
        ("language:de", "", &["audio=de"]),
        // What only looks like a filter.
        ("Mission: Impossible", "Mission: Impossible", &[]),
        ("2001: A Space Odyssey", "2001: A Space Odyssey", &[]),
        ("alien:covenant", "alien:covenant", &[]),
        ("The Favourite", "The Favourite", &[]),
        ("\"unwatched\"", "unwatched", &[]),
        ("spider -man", "spider -man", &[]),
        ("-", "-", &[]),
        (":", ":", &[]),
        // Not finished yet.
        ("heat genre:", "heat", &[]),
        ("heat genre:\"", "heat", &[]),
        ("heat is:", "heat", &[]),
        ("studio:\"Warner B", "", &["studio=Warner B"]),
        ("", "", &[]),
    ] {
        let filters: Vec<String> = filters.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(understood(text), (words.to_owned(), filters), "of {text:?}");
    }
}

#[test]
fn values_that_say_nothing_are_told() {
    for text in [
        "year:soon",
        "year:1990.5",
        "rating:abc",
        "is:green",
        "decade:old",
        "genre:,",
        "year:NaN",
        "year:99999999999999999999",
    ] {
        let asked = Asked::parse(&format!("heat {text}"));
        assert_eq!((asked.words.as_str(), asked.filters.len()), ("heat", 0), "{text}");
        assert_eq!(asked.ignored, [text]);
    }
}

#[test]
fn what_is_written_for_a_value_is_read_as_it() {
    for value in [
        "Comedy",
        "Science Fiction",
        "Warner Bros.",
        "Sci-Fi & Fantasy",
        "pt-BR",
        "São Tomé",
        "1080p",
    ] {
        let asked = Asked::parse(&written(Facet::Studio, value));
        assert_eq!(asked.filters.len(), 1, "{value}");
        assert_eq!(asked.filters[0].wanted, Wanted::Value(Facet::Studio, vec![value.to_owned()]));
    }
}

#[test]
fn a_box_has_a_bounded_number_of_filters() {
    let asked = Asked::parse(&"genre:a ".repeat(1000));
    assert_eq!(asked.filters.len(), MAX_FILTERS);
    let asked = Asked::parse(&format!("genre:{}", "a,".repeat(1000)));
    assert_eq!(asked.filters[0].wanted, Wanted::Value(Facet::Genre, vec!["a".to_owned(); 16]));
}
