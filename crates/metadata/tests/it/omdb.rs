use std::time::Duration;

use metadata::settings::{KeyedSettings, Secret};
use metadata::{ProviderError, Role, Settings, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

fn settings(desk: &Desk) -> Settings {
    let omdb = KeyedSettings { url: Some(desk.url.clone()), key: Some(Secret::new("0a1b2c3d")) };
    Settings { omdb, ..Settings::default() }
}

fn movie() -> Answer {
    Answer::json(include_str!("../fixtures/omdb/movie.json"))
}

#[tokio::test]
async fn ratings_of_three_sources_are_brought_to_one_scale() {
    let desk = Desk::open().await;
    desk.at("/", [movie()]);
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("omdb", Subject::Movie, "tt7012345", &german()).await.unwrap();
    let facts = described.facts;
    let ratings: Vec<_> =
        facts.ratings.iter().map(|it| (it.source.as_str(), it.value, it.votes)).collect();
    assert_eq!(
        ratings,
        [("imdb", 7.8, Some(12_345)), ("metacritic", 7.6, None), ("rottentomatoes", 9.1, None)]
    );
    assert_eq!(facts.released_on.unwrap().to_string(), "2016-06-03");
    assert_eq!(facts.runtime_ms, Some(131 * 60_000));
    assert_eq!(facts.content_rating.as_deref(), Some("US:R"));
    let people: Vec<_> = facts.credits.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(
        people,
        [
            ("Lars Voss", Role::Director),
            ("Lars Voss", Role::Writer),
            ("Ane Riis", Role::Writer),
            ("Ida Lund", Role::Actor),
            ("Mads Holm", Role::Actor),
        ]
    );
    assert_eq!(desk.asked()[0].query, "i=tt7012345&plot=full&apikey=0a1b2c3d");
    let series = lineup.describe("omdb", Subject::Series, "tt7012345", &german()).await;
    assert_eq!(series, Err(ProviderError::NotFound), "a film is no series");
}

#[tokio::test]
async fn what_it_says_in_words_is_understood() {
    let desk = Desk::open().await;
    let lineup = desk.lineup(&settings(&desk));
    let says =
        |error: &str| Answer::json(&format!(r#"{{ "Response": "False", "Error": "{error}" }}"#));
    let refused = |error: &str| Answer { status: 401, ..says(error) };
    let busy = ProviderError::Busy { retry_after: Duration::from_hours(6) };
    for (answer, expect) in [
        (says("Incorrect IMDb ID."), ProviderError::NotFound),
        (says("Error getting data: Movie not found!"), ProviderError::NotFound),
        (refused("Invalid API key!"), ProviderError::KeyRefused),
        (refused("No API key provided."), ProviderError::KeyRefused),
        (refused("Request limit reached!"), busy.clone()),
        (says("Request limit reached!"), busy),
    ] {
        desk.at("/", [answer]);
        assert_eq!(lineup.check("omdb").await, Err(expect));
    }
    desk.at("/", [says("Movie not found!")]);
    let found = lineup.search(&looked_for(Subject::Movie, "Nothing", None)).await;
    assert!(found.hits.is_empty() && found.failures.is_empty());
}

#[tokio::test]
async fn its_ids_are_those_of_imdb() {
    let desk = Desk::open().await;
    desk.at("/", [movie()]);
    let lineup = desk.lineup(&settings(&desk));
    let known = ids(&[("imdb", "tt7012345")]);
    let answers = lineup.describe_all(Subject::Movie, &known, &german()).await;
    assert_eq!(answers[0].id.as_deref(), Some("tt7012345"));
    assert!(answers[0].outcome.is_ok());
    assert_eq!(desk.asked().len(), 1);
}
