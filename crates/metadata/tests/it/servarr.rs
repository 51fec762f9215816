use std::collections::BTreeMap;

use metadata::provider::FoundBy;
use metadata::settings::{Secret, ServarrSettings};
use metadata::{ArtworkRole, ProviderError, Query, Role, Settings, Status, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

fn server(desk: &Desk, base: &str, map: &[(&str, &str)]) -> ServarrSettings {
    let path_map: BTreeMap<String, String> =
        map.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    ServarrSettings { url: format!("{}{base}", desk.url), key: Secret::new("s3cret"), path_map }
}

async fn radarr() -> (Desk, Settings) {
    let desk = Desk::open().await;
    desk.at("/radarr/api/v3/movie", [Answer::json(include_str!("../fixtures/radarr/movies.json"))])
        .at(
            "/radarr/api/v3/credit",
            [Answer::json(include_str!("../fixtures/radarr/credits.json"))],
        );
    let radarr = vec![server(&desk, "/radarr", &[("/movies", "/srv/films")])];
    (desk, Settings { radarr, ..Settings::default() })
}

async fn sonarr() -> (Desk, Settings) {
    let desk = Desk::open().await;
    desk.at("/api/v3/series", [Answer::json(include_str!("../fixtures/sonarr/series.json"))])
        .at("/api/v3/episode", [Answer::json(include_str!("../fixtures/sonarr/episodes.json"))]);
    let sonarr = vec![server(&desk, "", &[("D:\\Serien", "/srv/shows")])];
    (desk, Settings { sonarr, ..Settings::default() })
}

#[tokio::test]
async fn a_file_is_what_radarr_downloaded_it_as() {
    let (desk, settings) = radarr().await;
    let lineup = desk.lineup(&settings);
    let query = Query {
        paths: vec!["/srv/films/The Harbour (2016)/hbr.x264-grp.mkv".to_owned()],
        ..looked_for(Subject::Movie, "hbr", None)
    };
    let found = lineup.search(&query).await;
    assert_eq!(found.hits.len(), 1);
    assert_eq!((found.hits[0].id.as_str(), found.hits[0].found_by), ("70123", FoundBy::Path));
    let by_title = lineup.search(&looked_for(Subject::Movie, "harbor", None)).await;
    assert_eq!(by_title.hits[0].found_by, FoundBy::Title);
    assert!(lineup.search(&looked_for(Subject::Movie, "nothing", None)).await.hits.is_empty());
    assert_eq!(desk.asked().len(), 1, "the list is read once");
    assert_eq!(desk.asked()[0].headers["x-api-key"], "s3cret");
    let by_id = lineup.find(Subject::Movie, &ids(&[("imdb", "tt7012345")]), &german()).await;
    assert_eq!(by_id.hits[0].found_by, FoundBy::Id);
}

#[tokio::test]
async fn radarr_describes_a_film() {
    let (desk, settings) = radarr().await;
    let lineup = desk.lineup(&settings);
    let described = lineup.describe("radarr", Subject::Movie, "70123", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.original_language.as_deref(), Some("da"));
    assert_eq!(facts.released_on.unwrap().to_string(), "2016-06-03");
    let ratings: Vec<_> = facts.ratings.iter().map(|it| (it.source.as_str(), it.value)).collect();
    assert_eq!(
        ratings,
        [("imdb", 7.8), ("tmdb", 7.9), ("metacritic", 7.6), ("rottentomatoes", 9.1)]
    );
    assert_eq!(facts.collection.as_ref().unwrap().ids["tmdb"], "8091");
    let people: Vec<_> = facts.credits.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(people, [("Lars Voss", Role::Director), ("Mads Holm", Role::Actor)]);
    let pictures: Vec<_> = described.artwork.iter().map(|it| it.role).collect();
    assert_eq!(pictures, [ArtworkRole::Poster, ArtworkRole::Backdrop]);
    assert_eq!(desk.asked()[1].query, "movieId=3");
    let unknown = lineup.describe("radarr", Subject::Movie, "42", &german()).await;
    assert_eq!(unknown, Err(ProviderError::NotFound));
}

#[tokio::test]
async fn sonarr_knows_its_series_and_their_episodes() {
    let (desk, settings) = sonarr().await;
    let lineup = desk.lineup(&settings);
    let query = Query {
        paths: vec!["/srv/shows/Tides".to_owned()],
        ..looked_for(Subject::Series, "T", None)
    };
    let found = lineup.search(&query).await;
    assert_eq!((found.hits[0].id.as_str(), found.hits[0].episode_count), ("345678", Some(3)));
    let described = lineup.describe("sonarr", Subject::Series, "345678", &german()).await.unwrap();
    assert_eq!(described.facts.status, Some(Status::Ended));
    assert_eq!(described.facts.ids.len(), 4);
    let seasons: Vec<_> =
        described.seasons.iter().map(|it| (it.number, it.artwork.len())).collect();
    assert_eq!(seasons, [(0, 0), (1, 1)]);
    let episodes: Vec<_> =
        described.episodes.iter().map(|it| (it.number, it.facts.title.as_deref())).collect();
    assert_eq!(episodes, [(1, Some("Low Tide")), (2, None)]);
    assert_eq!(described.episodes[0].artwork[0].role, ArtworkRole::Thumb);
}

#[tokio::test]
async fn one_of_several_servers_may_be_down() {
    let (desk, mut settings) = radarr().await;
    desk.at("/down/api/v3/movie", [Answer::status(401)]);
    settings.radarr.insert(0, server(&desk, "/down", &[]));
    let lineup = desk.lineup(&settings);
    let found = lineup.search(&looked_for(Subject::Movie, "Other", None)).await;
    assert_eq!(found.hits.len(), 1);
    assert!(lineup.describe("radarr", Subject::Movie, "70123", &german()).await.is_ok());
    assert_eq!(lineup.check("radarr").await, Err(ProviderError::NotFound), "no Radarr there");
    let down = Settings { radarr: vec![server(&desk, "/down", &[])], ..Settings::default() };
    let found = desk.lineup(&down).search(&looked_for(Subject::Movie, "Other", None)).await;
    assert_eq!(found.failures, [("radarr", ProviderError::KeyRefused)]);
}

#[tokio::test]
async fn a_key_is_checked_by_asking_for_the_version() {
    let (desk, settings) = radarr().await;
    let status = r#"{ "appName": "Radarr", "version": "5.14.0.9383" }"#;
    desk.at("/radarr/api/v3/system/status", [Answer::json(status), Answer::json("[]")]);
    let lineup = desk.lineup(&settings);
    assert_eq!(lineup.check("radarr").await, Ok(()));
    assert!(matches!(lineup.check("radarr").await, Err(ProviderError::Garbage(_))));
}

#[tokio::test]
async fn a_collection_may_be_larger_than_any_answer_about_one_thing() {
    let (desk, settings) = radarr().await;
    let mut movies: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../fixtures/radarr/movies.json")).unwrap();
    let padding = " ".repeat(20 << 20);
    movies.push(serde_json::json!({ "title": "Last", "tmdbId": 9, "overview": padding }));
    let body = serde_json::to_string(&movies).unwrap();
    desk.at("/radarr/api/v3/movie", [Answer::json(&body)]);
    let found = desk.lineup(&settings).search(&looked_for(Subject::Movie, "Last", None)).await;
    assert_eq!(found.hits.len(), 1, "{:?}", found.failures);
}
