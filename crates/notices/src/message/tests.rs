use super::*;

fn film(number: u32, title: &str, year: i32) -> Thing {
    Thing {
        id: number.to_string(),
        kind: "movie".to_owned(),
        title: title.to_owned(),
        year: Some(year),
        series: None,
        numbers: None,
    }
}

fn episode(series: &str, season: i32, number: i32) -> Thing {
    Thing {
        id: format!("{series}{number}"),
        kind: "episode".to_owned(),
        title: format!("Part {number}"),
        year: None,
        series: Some((series.to_owned(), series.to_owned())),
        numbers: Some((season, number)),
    }
}

fn added(things: Vec<Thing>, count: Option<u64>) -> Said {
    let library = Library { id: "1".to_owned(), name: "Films".to_owned() };
    Said::Added { library, things, count }
}

fn requested(kind: &str) -> Requested {
    Requested {
        request_id: uuid::Uuid::nil(),
        kind: kind.to_owned(),
        title: "Open Sky".to_owned(),
        year: Some(2001),
    }
}

fn answered(state: &str) -> Said {
    Said::RequestAnswered {
        person: ("1".to_owned(), "Ana".to_owned()),
        title: requested("series"),
        state: state.to_owned(),
        word: None,
    }
}

fn check(said: &Said, language: &str, title: &str, text: &str) {
    let message = said.message(language);
    assert_eq!((message.title.as_str(), message.text.as_str()), (title, text));
}

#[test]
fn a_season_of_ten_is_one_line() {
    let mut things: Vec<Thing> = (1..=10).map(|it| episode("The Tide", 2, it)).collect();
    things.push(film(1, "Open Sky", 2001));
    let said = added(things, Some(11));
    check(&said, "en", "11 new in Films", "The Tide (10 new)\nOpen Sky (2001)");
    check(&said, "de", "11 neue in Films", "The Tide (10 neue)\nOpen Sky (2001)");
    let one = added(vec![episode("The Tide", 2, 3)], Some(1));
    check(&one, "en", "New in Films", "The Tide S02E03: Part 3");
}

#[test]
fn ten_thousand_films_are_a_digest_of_bounded_length() {
    let things: Vec<Thing> = (0..2000).map(|it| film(it, "Open Sky", 2001)).collect();
    let message = added(things.clone(), Some(10_000)).message("en");
    assert_eq!(message.title, "10000 new in Films");
    assert_eq!(message.text.lines().count(), MAX_LINES + 1);
    assert!(message.text.ends_with("and 9980 more"), "{}", message.text);
    assert_eq!(message.subject["items"].as_array().map(Vec::len), Some(MAX_NAMED));
    assert_eq!(message.subject["count"], 10_000);
    let unsure = added(things[..3].to_vec(), None).message("de");
    assert_eq!(unsure.title, "Viel Neues in Films");
    assert!(unsure.text.ends_with("und mehr"));
    assert_eq!(unsure.subject["count"], Value::Null);
}

#[test]
fn every_kind_has_sentences_in_every_language() {
    let person = ("1".to_owned(), "Ana".to_owned());
    let library = Library { id: "1".to_owned(), name: "Films".to_owned() };
    let played = |begins| Said::Played {
        begins,
        person: person.clone(),
        device: "Television".to_owned(),
        thing: film(1, "Open Sky", 2001),
        position_ms: 7,
    };
    let all = [
        added(vec![film(1, "Open Sky", 2001)], Some(1)),
        Said::Troubled { library, reason: "/media is away".to_owned() },
        Said::JobFailed { job_id: 1, job_kind: "a.b".to_owned(), error: "no".to_owned() },
        Said::NewDevice {
            person: person.clone(),
            device: "Firefox".to_owned(),
            address: "192.0.2.1".to_owned(),
        },
        played(true),
        played(false),
        Said::BackupMade { file: "a.tar.zst".to_owned(), size_bytes: 1 },
        Said::BackupFailed { reason: "the disk is full".to_owned() },
        Said::StorageLow { place: "/media".to_owned(), free_bytes: 1, total_bytes: 2 },
        Said::RequestMade {
            person: person.clone(),
            title: requested("movie"),
            word: Some("please".to_owned()),
        },
        answered("approved"),
        answered("declined"),
        answered("available"),
        Said::Test,
    ];
    let mut kinds: Vec<NoticeKind> = Vec::new();
    for said in &all {
        let (english, german) = (said.message("en"), said.message("de"));
        assert!(!english.title.is_empty() && !english.text.is_empty(), "{said:?}");
        assert_ne!(english.title, german.title, "{said:?}");
        assert_eq!(english.subject, german.subject);
        kinds.push(english.kind);
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), NoticeKind::CHOICE.len() + 1, "each kind, and the test");
}

#[test]
fn an_answer_says_what_became_of_the_request() {
    for (state, english, german) in [
        ("approved", "A request was approved", "Ein Wunsch wurde angenommen"),
        ("declined", "A request was declined", "Ein Wunsch wurde abgelehnt"),
        ("available", "What was asked for is here", "Ein Wunsch ist da"),
    ] {
        check(&answered(state), "en", english, "Open Sky (2001), a series");
        check(&answered(state), "de", german, "Open Sky (2001), eine Serie");
    }
}

#[test]
fn words_of_others_are_one_short_line() {
    let reason = format!("a\r\nb{}", "x".repeat(5000));
    let message = Said::BackupFailed { reason }.message("en");
    assert_eq!(message.text.chars().count(), MAX_CHARS);
    assert!(message.text.starts_with("a  b") && message.text.ends_with('…'));
}
