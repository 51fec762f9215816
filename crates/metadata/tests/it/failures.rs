//! Bad days, which are the same for all: told with TMDb.

use std::time::Duration;

use metadata::settings::{KeyedSettings, Secret};
use metadata::{ProviderError, Settings, Subject};

use crate::desk::{Answer, Desk, german};

const MOVIE: &str = "/movie/70123";

fn settings(desk: &Desk) -> Settings {
    let tmdb = KeyedSettings { url: Some(desk.url.clone()), key: Some(Secret::new("s3cr3t")) };
    Settings { tmdb, ..Settings::default() }
}

fn movie() -> Answer {
    Answer::json(include_str!("../fixtures/tmdb/movie.json"))
}

/// What comes of asking a server whose answers are these.
async fn outcome(answers: impl IntoIterator<Item = Answer>) -> (Desk, Result<(), ProviderError>) {
    let desk = Desk::open().await;
    desk.at("/configuration", [Answer::json("{}")]).at(MOVIE, answers);
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("tmdb", Subject::Movie, "70123", &german()).await;
    if let Err(error) = &described {
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?} tells no key");
    }
    (desk, described.map(drop))
}

#[tokio::test]
async fn a_server_that_mends_is_asked_again() {
    let (desk, outcome) = outcome([Answer::status(500), Answer::status(502), movie()]).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(desk.n_asked(MOVIE), 3);
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for (status, expect) in [
        (401, ProviderError::KeyRefused),
        (403, ProviderError::KeyRefused),
        (404, ProviderError::NotFound),
        (410, ProviderError::NotFound),
    ] {
        let (desk, outcome) = outcome([Answer::status(status)]).await;
        assert_eq!(outcome, Err(expect), "{status}");
        assert_eq!(desk.n_asked(MOVIE), 1, "{status}");
    }
}

#[tokio::test]
async fn a_short_pause_is_waited_for_and_a_long_one_is_told() {
    let short = Answer::status(429).header("retry-after", "0");
    let (desk, result) = outcome([short, movie()]).await;
    assert_eq!((result, desk.n_asked(MOVIE)), (Ok(()), 2));

    let long = Answer::status(429).header("retry-after", "120");
    let (desk, result) = outcome([long, movie()]).await;
    let wait = Duration::from_mins(2);
    assert_eq!(result, Err(ProviderError::Busy { retry_after: wait }));
    assert_eq!(result.unwrap_err().retry_after(), Some(wait));
    assert_eq!(desk.n_asked(MOVIE), 1);
}

#[tokio::test]
async fn whoever_asked_for_a_pause_is_not_asked_before_it_is_over() {
    let desk = Desk::open().await;
    let long = Answer::status(429).header("retry-after", "120");
    desk.at("/configuration", [Answer::json("{}")]).at(MOVIE, [long, movie()]);
    let lineup = desk.lineup(&settings(&desk));
    let locale = german();
    let ask = || lineup.describe("tmdb", Subject::Movie, "70123", &locale);
    assert!(ask().await.is_err());
    desk.clock.advance(Duration::from_secs(100));
    let early = ask().await.unwrap_err();
    assert_eq!(early.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!(desk.n_asked(MOVIE), 1);
    desk.clock.advance(Duration::from_secs(20));
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_down_is_left_in_peace_until_a_trial_succeeds() {
    let desk = Desk::open().await;
    desk.at("/configuration", [Answer::json("{}")]).at(MOVIE, [Answer::status(503)]);
    let lineup = desk.lineup(&settings(&desk));
    let locale = german();
    let ask = || lineup.describe("tmdb", Subject::Movie, "70123", &locale);
    for _ in 0..5 {
        assert!(matches!(ask().await, Err(ProviderError::Unavailable { .. })));
    }
    let n_asked = desk.n_asked(MOVIE);
    let resting = ask().await.unwrap_err();
    assert_eq!(resting.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(desk.n_asked(MOVIE), n_asked, "nobody asks meanwhile");
    desk.clock.advance(Duration::from_secs(30));
    desk.at(MOVIE, [movie()]);
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn what_makes_no_sense_is_garbage() {
    let with_body = |body: &[u8]| Answer { body: body.to_vec(), ..Answer::json("") };
    let truncated = include_bytes!("../fixtures/tmdb/movie.json");
    for (what, answer) in [
        ("HTML", with_body(b"<!doctype html><title>Sign in to the hotel's network</title>")),
        ("nothing", with_body(b"")),
        ("half of it", with_body(&truncated[..truncated.len() / 2])),
        ("a list", with_body(b"[1, 2, 3]")),
        ("no text", with_body(&[0xff, 0xfe, 0x00])),
        ("no film", with_body(b"{}")),
        ("deep", with_body("[".repeat(100_000).as_bytes())),
        ("huge", with_body(&vec![b' '; 17 << 20])),
    ] {
        let (desk, outcome) = outcome([answer]).await;
        assert!(matches!(outcome, Err(ProviderError::Garbage(_))), "{what}: {outcome:?}");
        assert_eq!(desk.n_asked(MOVIE), 1, "{what}");
        assert_eq!(outcome.unwrap_err().retry_after(), None, "{what}");
    }
}

#[tokio::test]
async fn fields_of_other_types_cost_only_themselves() {
    let odd = r#"{ "id": 70123, "title": ["Der Hafen"], "runtime": "131", "genres": {"a": 1}, "credits": "none",
        "images": { "posters": [null, 5, { "file_path": "/a.jpg", "width": -3 }] }, "vote_average": "high",
        "release_date": 20160311, "belongs_to_collection": [], "release_dates": { "results": [{ "release_dates": 1 }] } }"#;
    let desk = Desk::open().await;
    desk.at("/configuration", [Answer::json("[]")]).at(MOVIE, [Answer::json(odd)]);
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("tmdb", Subject::Movie, "70123", &german()).await.unwrap();
    assert_eq!(described.facts.title, None);
    assert_eq!(described.facts.runtime_ms, Some(131 * 60_000));
    assert_eq!(described.artwork.len(), 1);
    assert_eq!(described.artwork[0].width, None);
}

#[tokio::test]
async fn a_redirect_into_the_private_network_is_refused() {
    let inside = Answer::status(302).header("location", "http://10.0.0.1/latest/meta-data");
    let (_, result) = outcome([inside]).await;
    assert!(matches!(result, Err(ProviderError::Garbage(_))), "{result:?}");
    let other_name = Answer::status(302).header("location", "http://localhost:1/");
    let (_, result) = outcome([other_name]).await;
    assert!(matches!(result, Err(ProviderError::Garbage(_))), "{result:?}");
}

#[tokio::test]
async fn nobody_there_is_told_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let desk = Desk::open().await;
    let tmdb = KeyedSettings { url: Some(url), key: Some(Secret::new("s3cr3t")) };
    let lineup = desk.lineup(&Settings { tmdb, ..Settings::default() });
    let error = lineup.check("tmdb").await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error:?}");
    assert!(!error.to_string().contains("s3cr3t"));
}
