//! The table of what is offered and asked, and what must come of it.

use metadata::Subject;
use metadata::provider::{FoundBy, Hit};

use super::*;

const TABLE: &str = include_str!("table.txt");

/// One question with all that is offered for it.
struct Row<'a> {
    subject: Subject,
    offers: Vec<Hit>,
    titles: Vec<&'a str>,
    year: Option<i32>,
    /// Minutes of a film, episodes of a series.
    extent: Option<i32>,
    /// The id of the right one; none where a person must decide.
    expect: Option<&'a str>,
}

fn rows() -> Vec<Row<'static>> {
    let mut rows = Vec::new();
    for group in TABLE.split("\n\n") {
        let lines: Vec<&str> = group.lines().filter(|it| !it.starts_with('#')).collect();
        let Some((subject, lines)) = lines.split_first() else { continue };
        let subject = match *subject {
            "movie" => Subject::Movie,
            "series" => Subject::Series,
            other => panic!("{other:?} is no subject"),
        };
        let offers: Vec<Hit> = lines
            .iter()
            .filter_map(|it| it.strip_prefix("= "))
            .map(|it| offer(subject, it))
            .collect();
        for line in lines.iter().filter_map(|it| it.strip_prefix("? ")) {
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            let [titles, year, extent, expect] = fields[..] else {
                panic!("{line:?} has four fields")
            };
            rows.push(Row {
                subject,
                offers: offers.clone(),
                titles: titles.split(" / ").collect(),
                year: year.parse().ok(),
                extent: extent.parse().ok(),
                expect: (expect != "-").then_some(expect),
            });
        }
    }
    rows
}

fn offer(subject: Subject, line: &str) -> Hit {
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    let [id, title, year, extent, popularity, original, others] = fields[..] else {
        panic!("{line:?} has seven fields")
    };
    let mut hit = Hit::new("table", id, title);
    hit.year = year.parse().ok();
    match subject {
        Subject::Movie => hit.runtime_ms = extent.parse::<i64>().ok().map(|it| it * 60_000),
        Subject::Series => hit.episode_count = extent.parse().ok(),
    }
    hit.popularity = popularity.parse().expect("a number");
    hit.original_title = Some(original.to_owned()).filter(|it| !it.is_empty());
    hit.other_titles = others.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    hit
}

impl Row<'_> {
    fn decide(&self) -> Option<String> {
        let minutes = self.extent.map(|it| i64::from(it) * 60_000);
        let wanted = Wanted {
            subject: self.subject,
            titles: self.titles.clone(),
            year: self.year,
            runtime_ms: minutes.filter(|_| self.subject == Subject::Movie),
            episode_count: self.extent.filter(|_| self.subject == Subject::Series),
        };
        match decide(&wanted, self.offers.clone()) {
            Verdict::Match(found) => Some(found.hit.id),
            Verdict::Doubt(_) => None,
        }
    }
}

/// How the table is answered: asked in all, matched right, matched wrong, left open though it was clear.
fn measure() -> (usize, usize, usize, usize, Vec<String>) {
    let rows = rows();
    let (mut right, mut wrong, mut open, mut notes) = (0, 0, 0, Vec::new());
    for row in &rows {
        let found = row.decide();
        match (row.expect, found.as_deref()) {
            (expect, found) if expect == found => right += 1,
            (expect, Some(found)) => {
                wrong += 1;
                notes.push(format!(
                    "{:?} {:?}: {found} instead of {expect:?}",
                    row.titles, row.year
                ));
            }
            (Some(expect), None) => {
                open += 1;
                notes.push(format!("{:?} {:?}: open instead of {expect}", row.titles, row.year));
            }
            (None, None) => {}
        }
    }
    (rows.len(), right, wrong, open, notes)
}

#[test]
fn the_table_is_answered_and_nothing_in_it_wrongly() {
    let (asked, right, wrong, open, notes) = measure();
    println!("{asked} asked, {right} right, {wrong} wrong, {open} left open");
    assert!(asked >= 400, "the table is long: {asked}");
    assert_eq!(wrong, 0, "{notes:#?}");
    assert!(open * 100 <= asked, "{notes:#?}");
}

#[test]
fn what_was_found_by_id_or_folder_is_it_whatever_it_is_called() {
    let wanted = Wanted {
        subject: Subject::Movie,
        titles: vec!["Heat"],
        year: Some(1995),
        runtime_ms: None,
        episode_count: None,
    };
    let exact = Hit { year: Some(1995), ..Hit::new("tmdb", "1", "Heat") };
    for found_by in [FoundBy::Id, FoundBy::Path] {
        let other = Hit { found_by, ..Hit::new("tmdb", "2", "Something Else") };
        let Verdict::Match(found) = decide(&wanted, vec![exact.clone(), other]) else {
            panic!("{found_by:?} settles it")
        };
        assert_eq!(found.hit.id, "2");
    }
    assert_eq!(decide(&wanted, Vec::new()), Verdict::Doubt(Vec::new()));
}

#[test]
fn a_hash_settles_it_where_the_length_agrees_and_words_never_do() {
    let wanted = Wanted {
        subject: Subject::Movie,
        titles: vec!["The Long Way Home"],
        year: Some(2021),
        runtime_ms: Some(1_500_000),
        episode_count: None,
    };
    let offer = |id: &str, found_by, seconds: i64| Hit {
        found_by,
        runtime_ms: Some(seconds * 1000),
        year: Some(2021),
        ..Hit::new("box1", id, "The Long Way Home")
    };
    let by_hash = |id: &str, seconds| offer(id, FoundBy::Fingerprint, seconds);
    let matched = |offers: Vec<Hit>| match decide(&wanted, offers) {
        Verdict::Match(found) => Some(found.hit.id),
        Verdict::Doubt(_) => None,
    };
    assert_eq!(matched(vec![by_hash("1", 1504)]).as_deref(), Some("1"));
    assert_eq!(matched(vec![by_hash("1", 900), by_hash("2", 1490)]).as_deref(), Some("2"));
    assert_eq!(matched(vec![by_hash("1", 1504), by_hash("2", 1500)]), None, "two are as long");
    assert_eq!(matched(vec![by_hash("1", 1600)]), None);
    let unknown = Hit { runtime_ms: None, ..by_hash("1", 0) };
    assert_eq!(matched(vec![unknown]), None);
    let words = offer("3", FoundBy::Words, 1500);
    assert_eq!(matched(vec![words.clone()]), None);
    let Verdict::Doubt(offers) = decide(&wanted, vec![words, by_hash("1", 1600)]) else {
        panic!("neither is sure")
    };
    assert_eq!(offers.iter().map(|it| it.hit.id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    assert!(offers.iter().all(|it| it.score < THRESHOLD));
}

#[test]
fn of_equals_the_better_known_comes_first_and_is_not_taken() {
    let wanted = Wanted {
        subject: Subject::Movie,
        titles: vec!["Heat"],
        year: None,
        runtime_ms: None,
        episode_count: None,
    };
    let offer = |id: &str, popularity| Hit { popularity, ..Hit::new("tmdb", id, "Heat") };
    let Verdict::Doubt(offers) = decide(&wanted, vec![offer("1", 1.0), offer("2", 900.0)]) else {
        panic!("two of one name are in doubt")
    };
    assert_eq!(offers.iter().map(|it| it.hit.id.as_str()).collect::<Vec<_>>(), ["2", "1"]);
}

#[test]
fn strange_numbers_break_nothing() {
    let wanted = Wanted {
        subject: Subject::Series,
        titles: vec!["", "\u{0}", "x"],
        year: Some(i32::MIN),
        runtime_ms: Some(i64::MIN),
        episode_count: Some(i32::MAX),
    };
    let strange = Hit {
        year: Some(i32::MAX),
        runtime_ms: Some(i64::MAX),
        episode_count: Some(i32::MAX),
        popularity: f32::NAN,
        ..Hit::new("tmdb", "1", "x".repeat(100_000))
    };
    for subject in [Subject::Movie, Subject::Series] {
        let wanted = Wanted { subject, ..wanted.clone() };
        let score = score(&wanted, &strange);
        assert!((0.0..=1.0).contains(&score), "{score}");
        decide(&wanted, vec![strange.clone(), strange.clone()]);
    }
}
