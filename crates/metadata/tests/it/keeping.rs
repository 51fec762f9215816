//! What was asked once is not asked again soon.

use std::time::Duration;

use metadata::settings::{KeyedSettings, Secret};
use metadata::{Described, ProviderError, Settings, Subject};

use crate::desk::{Answer, Desk, german};

const MOVIE: &str = "/movie/70123";

fn settings(desk: &Desk, key: &str) -> Settings {
    let tmdb = KeyedSettings { url: Some(desk.url.clone()), key: Some(Secret::new(key)) };
    Settings { tmdb, ..Settings::default() }
}

fn movie() -> Answer {
    Answer::json(include_str!("../fixtures/tmdb/movie.json"))
}

async fn ask(desk: &Desk, key: &str) -> Result<Described, ProviderError> {
    let lineup = desk.lineup(&settings(desk, key));
    lineup.describe("tmdb", Subject::Movie, "70123", &german()).await
}

#[tokio::test]
async fn a_fresh_answer_is_used_without_asking_also_after_a_restart() {
    let desk = Desk::open().await;
    desk.at(MOVIE, [movie()]);
    let first = ask(&desk, "one").await.unwrap();
    assert_eq!(ask(&desk, "another key").await.unwrap(), first);
    assert_eq!(desk.n_asked(MOVIE), 1);
    desk.clock.advance(Duration::from_hours(21));
    assert_eq!(ask(&desk, "one").await.unwrap(), first);
    assert_eq!(desk.n_asked(MOVIE), 2);
}

#[tokio::test]
async fn an_older_answer_is_confirmed_instead_of_fetched_again() {
    let desk = Desk::open().await;
    let date = "Tue, 05 Jan 2027 10:00:00 GMT";
    let tagged = movie().header("etag", "W/\"abc\"").header("last-modified", date);
    let unchanged = Answer { body: Vec::new(), ..Answer::status(304) };
    desk.at(MOVIE, [tagged, unchanged, movie()]);
    let first = ask(&desk, "one").await.unwrap();
    desk.clock.advance(Duration::from_hours(21));
    assert_eq!(ask(&desk, "one").await.unwrap(), first);
    let asked = desk.asked().pop().unwrap();
    assert_eq!(asked.headers["if-none-match"], "W/\"abc\"");
    assert_eq!(asked.headers["if-modified-since"], date);
    assert_eq!(ask(&desk, "one").await.unwrap(), first);
    assert_eq!(desk.n_asked(MOVIE), 2, "confirmed is fresh");
}

#[tokio::test]
async fn an_old_answer_is_better_than_none_while_the_provider_is_away() {
    let desk = Desk::open().await;
    desk.at(MOVIE, [movie(), Answer::status(503)]);
    let first = ask(&desk, "one").await.unwrap();
    desk.clock.advance(Duration::from_hours(24 * 30));
    assert_eq!(ask(&desk, "one").await.unwrap(), first);
    desk.at(MOVIE, [Answer::status(404)]);
    assert_eq!(ask(&desk, "one").await, Err(ProviderError::NotFound), "that is an answer");
    desk.at(MOVIE, [Answer::status(503)]);
    desk.clock.advance(Duration::from_hours(24 * 61));
    assert!(ask(&desk, "one").await.is_err(), "too old to be true");
}

#[tokio::test]
async fn no_key_is_written_to_the_disk() {
    let desk = Desk::open().await;
    desk.at(MOVIE, [movie()]);
    ask(&desk, "my-own-key").await.unwrap();
    let mut n_files = 0;
    for file in std::fs::read_dir(desk.place().cache).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|it| it == b"my-own-key"));
        n_files += 1;
    }
    assert!(n_files > 0);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_nothing_but_the_keeping() {
    let desk = Desk::open().await;
    desk.at(MOVIE, [movie()]);
    std::fs::write(desk.place().cache, "in the way").unwrap();
    assert!(ask(&desk, "one").await.is_ok());
    assert!(ask(&desk, "one").await.is_ok());
    assert_eq!(desk.n_asked(MOVIE), 2);
}
