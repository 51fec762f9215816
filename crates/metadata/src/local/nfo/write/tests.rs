use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::facts::{Collection, SourceRating, Status, Trailer, TrailerKind};
use crate::local::nfo::read;
use crate::{Address, Credit, Role};

fn written(documents: &[(Subject, &Facts)], existing: &str) -> String {
    let bytes = write(documents, Some(existing.as_bytes())).expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|it| (*it).to_owned()).collect()
}

fn address(text: &str) -> Option<Address> {
    Address::parse(text)
}

fn film() -> Facts {
    Facts {
        title: Some("Fast & <Furious> \"2\" \u{1}\u{1f3ac}".to_owned()),
        sort_title: Some("Fast 2".to_owned()),
        original_title: Some("Snabb".to_owned()),
        tagline: Some("Go.".to_owned()),
        overview: Some("First.\nSecond.".to_owned()),
        year: Some(2003),
        released_on: NaiveDate::from_ymd_opt(2003, 6, 3),
        runtime_ms: Some(107 * 60_000),
        rating: Some(6.5),
        ratings: vec![
            SourceRating { source: "imdb".to_owned(), value: 5.9, votes: Some(12) },
            SourceRating { source: "tmdb".to_owned(), value: 6.5, votes: None },
        ],
        content_rating: Some("PG-13".to_owned()),
        collection: Some(Collection {
            name: "Fast".to_owned(),
            overview: Some("Cars.".to_owned()),
            ids: BTreeMap::from([("tmdb".to_owned(), "9485".to_owned())]),
            ..Collection::default()
        }),
        genres: strings(&["Action", "Crime"]),
        tags: strings(&["car"]),
        studios: strings(&["Universal"]),
        countries: strings(&["US"]),
        credits: vec![
            Credit {
                ids: BTreeMap::from([("tmdb".to_owned(), "8".to_owned())]),
                ..Credit::new("John S.", Role::Director)
            },
            Credit::new("Gary T.", Role::Writer),
            Credit {
                character: Some("Brian".to_owned()),
                picture: address("https://image.tmdb.org/t/p/h632/a.jpg"),
                ids: BTreeMap::from([("tmdb".to_owned(), "8167".to_owned())]),
                ..Credit::new("Paul W.", Role::Actor)
            },
            Credit::new("A Guest", Role::Guest),
        ],
        trailers: address("https://www.youtube.com/watch?v=abc")
            .map(|url| Trailer { title: None, url, kind: TrailerKind::Trailer, language: None })
            .into_iter()
            .collect(),
        ids: BTreeMap::from([
            ("imdb".to_owned(), "tt0322259".to_owned()),
            ("tmdb".to_owned(), "584".to_owned()),
        ]),
        ..Facts::default()
    }
}

#[test]
fn what_is_written_is_read_again() {
    let film = film();
    let expect =
        Facts { title: Some("Fast & <Furious> \"2\" \u{1f3ac}".to_owned()), ..film.clone() };
    let series = Facts {
        title: Some("Dark".to_owned()),
        status: Some(Status::Ended),
        ended_on: NaiveDate::from_ymd_opt(2020, 6, 27),
        networks: strings(&["Netflix"]),
        credits: vec![Credit::new("Jantje F.", Role::Creator)],
        ids: BTreeMap::from([
            ("imdb".to_owned(), "tt5753856".to_owned()),
            ("tvdb".to_owned(), "334824".to_owned()),
        ]),
        ..Facts::default()
    };
    let season = Facts { season: Some(2), title: Some("Winter".to_owned()), ..Facts::default() };
    let special = Facts {
        season: Some(0),
        episode: Some(3),
        released_on: NaiveDate::from_ymd_opt(2019, 1, 1),
        airs_before: Some((2, Some(1))),
        airs_after_season: Some(1),
        ..Facts::default()
    };
    for (subject, facts, expect) in [
        (Subject::Movie, &film, &expect),
        (Subject::Series, &series, &series),
        (Subject::Season, &season, &season),
        (Subject::Episode, &special, &special),
    ] {
        let text = written(&[(subject, facts)], "");
        let documents = read(text.as_bytes()).expect("a document");
        assert_eq!(documents.len(), 1);
        assert_eq!((documents[0].subject, &documents[0].facts), (subject, expect), "{text}");
        let again = written(&[(subject, facts)], &text);
        assert_eq!(again, text, "writing twice changes nothing");
    }
}

#[test]
fn one_id_is_the_default_and_the_guide_of_a_series_has_all() {
    let with = |ids: &[(&str, &str)]| Facts {
        ids: ids.iter().map(|(provider, id)| ((*provider).to_owned(), (*id).to_owned())).collect(),
        ..Facts::default()
    };
    for (subject, ids, default) in [
        (Subject::Movie, vec![("imdb", "tt1"), ("tmdb", "2")], Some("tmdb")),
        (Subject::Movie, vec![("anidb", "3"), ("imdb", "tt1")], Some("imdb")),
        (Subject::Movie, vec![("anidb", "3"), ("wikidata", "Q4")], Some("anidb")),
        (Subject::Series, vec![("imdb", "tt1"), ("tvdb", "5")], Some("tvdb")),
        (Subject::Episode, vec![("imdb", "tt1"), ("tmdb", "2")], Some("tmdb")),
        (Subject::Movie, vec![], None),
    ] {
        let facts = with(&ids);
        let text = written(&[(subject, &facts)], "");
        assert_eq!(
            text.matches("default=\"true\"").count(),
            usize::from(default.is_some()),
            "{text}"
        );
        if let Some(default) = default {
            let element = format!("<uniqueid type=\"{default}\" default=\"true\">");
            assert!(text.contains(&element), "{text}");
        }
        let has_guide = text.contains("<episodeguide>{&quot;imdb&quot;:&quot;tt1&quot;,");
        assert_eq!(has_guide, subject == Subject::Series, "{text}");
        assert_eq!(read(text.as_bytes()).expect("a document")[0].facts.ids, facts.ids);
    }
    // A guide alone tells the ids too.
    let guide = "<tvshow><episodeguide>{\"tmdb\":\"70523\"}</episodeguide></tvshow>";
    assert_eq!(read(guide.as_bytes()).expect("a document")[0].facts.ids["tmdb"], "70523");
}

#[test]
fn what_other_tools_wrote_is_kept_letter_by_letter() {
    let existing = "\u{feff}<?xml version=\"1.0\" encoding=\"windows-1252\"?>\r\n<!-- by hand -->\n<Movie lang=\"en\">\n\
        \t<title>Old</title>\n\
        \t<lockdata>true</lockdata><!-- keep me -->\n\
        \t<fileinfo><streamdetails><video><codec>h264</codec></video></streamdetails></fileinfo>\n\
        \t<uniqueid type=\"trakt\">77</uniqueid>\n\
        \t<uniqueid type=\"TMDB\" default=\"true\">1</uniqueid>\n\
        \t<outline>short &amp; sweet</outline>\n\
        \t<actor><name>Paul W.</name><role>Brian</role><type>Actor</type><order>0</order><thumb>https://image.tmdb.org/t/p/h632/a.jpg</thumb><tmdbid>8167</tmdbid><profile>more</profile></actor>\n\
        \t<actor><name>Somebody Else</name></actor>\n\
        \t<custom:thing xmlns:custom=\"x\" a='1'>&lt;kept&gt;<![CDATA[<b>]]></custom:thing>\n\
        </Movie>\nhttps://www.themoviedb.org/movie/584\n";
    let text = written(&[(Subject::Movie, &film())], existing);
    for kept in [
        "<!-- by hand -->",
        "<Movie lang=\"en\">",
        "<lockdata>true</lockdata>",
        "<!-- keep me -->",
        "<fileinfo><streamdetails><video><codec>h264</codec></video></streamdetails></fileinfo>",
        "<uniqueid type=\"trakt\">77</uniqueid>",
        "<outline>short &amp; sweet</outline>",
        "<profile>more</profile>",
        "<custom:thing xmlns:custom=\"x\" a='1'>&lt;kept&gt;<![CDATA[<b>]]></custom:thing>",
        "</Movie>",
        "https://www.themoviedb.org/movie/584",
    ] {
        assert_eq!(text.matches(kept).count(), 1, "{kept}\n{text}");
    }
    for gone in ["<title>Old</title>", ">1</uniqueid>", "Somebody Else", "windows-1252"] {
        assert!(!text.contains(gone), "{gone}\n{text}");
    }
    let documents = read(text.as_bytes()).expect("a document");
    assert_eq!(documents[0].facts.ids["tmdb"], "584");
    assert_eq!(documents[0].facts.ids["trakt"], "77");
    assert_eq!(written(&[(Subject::Movie, &film())], &text), text);
}

#[test]
fn what_the_facts_leave_open_stays_as_it_was() {
    let existing = "<movie><title>Heat</title><runtime>170</runtime><rating>8.3</rating></movie>";
    let facts = Facts { genres: strings(&["Crime"]), ..Facts::default() };
    let text = written(&[(Subject::Movie, &facts)], existing);
    let read = &read(text.as_bytes()).expect("a document")[0].facts;
    assert_eq!(read.title.as_deref(), Some("Heat"));
    assert_eq!((read.runtime_ms, read.rating), (Some(170 * 60_000), Some(8.3)));
    assert_eq!(read.genres, ["Crime"]);
}

#[test]
fn episodes_of_one_file_are_told_apart_by_their_numbers() {
    let existing = "<episodedetails><title>A</title><season>1</season><episode>1</episode></episodedetails>\n\
        <episodedetails><title>B</title><season>1</season><episode>2</episode><watched>true</watched></episodedetails>";
    let episode = |number, title: &str| Facts {
        season: Some(1),
        episode: Some(number),
        title: Some(title.to_owned()),
        ..Facts::default()
    };
    let (second, third) = (episode(2, "Two"), episode(3, "Three"));
    let text = written(&[(Subject::Episode, &third), (Subject::Episode, &second)], existing);
    let documents = read(text.as_bytes()).expect("three documents");
    let titles: Vec<_> = documents.iter().map(|it| it.facts.title.as_deref()).collect();
    assert_eq!(titles, [Some("A"), Some("Two"), Some("Three")], "{text}");
    assert!(text.contains("<watched>true</watched>"));
}

#[test]
fn an_address_alone_gets_its_document_before_it() {
    let facts = Facts { title: Some("The Matrix".to_owned()), ..Facts::default() };
    let text = written(&[(Subject::Movie, &facts)], "https://www.imdb.com/title/tt0133093/\n");
    let documents = read(text.as_bytes()).expect("a document");
    assert_eq!(documents[0].facts.title.as_deref(), Some("The Matrix"));
    assert_eq!(documents[0].facts.ids["imdb"], "tt0133093");
    assert_eq!(written(&[(Subject::Movie, &facts)], &text), text);
}

#[test]
fn an_empty_element_is_filled() {
    let facts = Facts { title: Some("Heat".to_owned()), ..Facts::default() };
    let text = written(&[(Subject::Movie, &facts)], "<movie a=\"1\" />");
    assert!(text.contains("<movie a=\"1\">\n  <title>Heat</title>\n</movie>"), "{text}");
}

#[test]
fn a_file_that_is_not_understood_is_never_overwritten() {
    let facts = Facts { title: Some("Heat".to_owned()), ..Facts::default() };
    for existing in ["<movie><title>Half", "<movie></film>", "<movie></movie><movie>"] {
        let refused = write(&[(Subject::Movie, &facts)], Some(existing.as_bytes()));
        assert!(matches!(refused, Err(NfoError::Broken { .. })), "{existing}");
    }
    for existing in ["  ░▒▓ GRP presents ▓▒░  ", "imdb.com/title/tt0133093 < here"] {
        let refused = write(&[(Subject::Movie, &facts)], Some(existing.as_bytes()));
        assert_eq!(refused, Err(NfoError::Nothing), "{existing}");
    }
    let deep = "<a>".repeat(40);
    let refused = write(&[(Subject::Movie, &facts)], Some(deep.as_bytes()));
    assert_eq!(refused, Err(NfoError::TooComplex));
    let huge = vec![b' '; MAX_BYTES + 1];
    assert_eq!(write(&[(Subject::Movie, &facts)], Some(&huge)), Err(NfoError::TooLarge));
}

/// Pieces that files are made of, put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<movie>"),
        Just("</movie>"),
        Just("<tvshow a='1'/>"),
        Just("<title>Old</title>"),
        Just("<uniqueid type=\"tmdb\">1</uniqueid>"),
        Just("<x><y/>z</x>"),
        Just("<!-- <movie> -->"),
        Just("<![CDATA[</movie>]]>"),
        Just("<?xml version=\"1.0\"?>"),
        Just("<!DOCTYPE x [<!ENTITY e \"v\">]>"),
        Just("&e; &amp; & "),
        Just("\r\n"),
        Just("https://www.imdb.com/title/tt0133093/"),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(0x5eed), ..ProptestConfig::default() })]

    #[test]
    fn whatever_stood_there_what_is_written_can_be_read_and_written_again(existing in pieces()) {
        let facts = Facts { title: Some("Heat".to_owned()), ..Facts::default() };
        let documents = [(Subject::Movie, &facts)];
        if let Ok(bytes) = write(&documents, Some(existing.as_bytes())) {
            let read = read(&bytes).expect("readable");
            let is_there = read.iter().any(|it| it.facts.title.as_deref() == Some("Heat"));
            prop_assert!(is_there, "{}", String::from_utf8_lossy(&bytes));
            prop_assert_eq!(write(&documents, Some(&bytes)), Ok(bytes));
        }
    }

    #[test]
    fn any_text_survives(title in "\\PC{1,60}", overview in "[\\PC\n]{1,200}") {
        let known = |it: &str| Some(it.trim().to_owned()).filter(|it| !it.is_empty());
        let facts = Facts { title: known(&title), overview: known(&overview), ..Facts::default() };
        let bytes = write(&[(Subject::Movie, &facts)], None).expect("written");
        prop_assert_eq!(&read(&bytes).expect("readable")[0].facts, &facts);
    }
}
