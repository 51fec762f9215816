//! Databases of scenes, by documents as they answer.

use std::time::Duration;

use metadata::provider::{FileHash, FoundBy, HashKind};
use metadata::providers::Lineup;
use metadata::settings::{BoxSettings, Secret};
use metadata::{ArtworkRole, ProviderError, Providers, Query, Settings, Subject};
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, german, ids, looked_for};

const SCENE: &str = include_str!("../fixtures/boxes/scene.json");
const ID: &str = "2f9ab1c4-7d3e-4a58-9c1d-0e5b6a7f8c90";

fn settings(desk: &Desk) -> Settings {
    let one = BoxSettings {
        name: "box2".to_owned(),
        url: format!("{}/graphql", desk.url),
        key: Secret::new("s3cr3t"),
    };
    Settings { boxes: vec![one], ..Settings::default() }
}

fn lineup(desk: &Desk) -> Lineup {
    Providers::open_boxes(&settings(desk), desk.place()).unwrap().lineup(&[])
}

fn scene() -> Value {
    serde_json::from_str(SCENE).unwrap()
}

fn by_hashes(lists: &Value) -> Answer {
    Answer::json(&json!({ "data": { "findScenesBySceneFingerprints": lists } }).to_string())
}

fn by_words(scenes: &Value) -> Answer {
    Answer::json(&json!({ "data": { "searchScene": scenes } }).to_string())
}

fn by_id(scene: &Value) -> Answer {
    Answer::json(&json!({ "data": { "findScene": scene } }).to_string())
}

fn wanted(hashes: &[u64]) -> Query {
    let hashes = hashes.iter().map(|it| FileHash { kind: HashKind::Pictures, value: *it });
    Query { hashes: hashes.collect(), ..looked_for(Subject::Movie, "long way", None) }
}

#[tokio::test]
async fn a_scene_is_found_by_a_hash_of_its_file_and_described_without_asking_again() {
    let desk = Desk::open().await;
    desk.at("/graphql", [by_hashes(&json!([[scene()]]))]);
    let lineup = lineup(&desk);
    let found = lineup.search(&wanted(&[0xc0ff_ee00_1122_3344])).await;
    assert_eq!((found.hits.len(), found.failures.len()), (1, 0));
    let hit = &found.hits[0];
    assert_eq!((hit.provider.as_str(), hit.id.as_str()), ("box2", ID));
    assert_eq!((hit.found_by, hit.runtime_ms), (FoundBy::Fingerprint, Some(1_500_000)));

    let described = lineup.describe("box2", Subject::Movie, ID, &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.title.as_deref(), Some("The Long Way Home"));
    assert_eq!(facts.overview.as_deref(), Some("Two people meet on a night train."));
    assert_eq!(facts.released_on.unwrap().to_string(), "2021-05-04");
    assert_eq!(facts.runtime_ms, Some(1_503_000));
    assert_eq!(facts.studios, ["Night Works", "Works Group"]);
    assert_eq!(facts.tags, ["Rain", "Train"]);
    assert_eq!(facts.ids, ids(&[("box2", ID), ("studio_code", "NW-0412")]));
    let people: Vec<_> =
        facts.credits.iter().map(|it| (it.name.as_str(), it.character.as_deref())).collect();
    assert_eq!(people, [("Jane Doe", Some("Janie")), ("Alex Roe", None)]);
    assert!(facts.credits[0].picture.is_some() && facts.credits[0].ids.contains_key("box2"));
    let pictures: Vec<_> = described.artwork.iter().map(|it| (it.role, it.width)).collect();
    assert_eq!(pictures, [(ArtworkRole::Thumb, Some(1280)), (ArtworkRole::Poster, Some(600))]);

    let asked = desk.asked();
    assert_eq!(asked.len(), 1, "what a search brought is enough");
    assert_eq!(asked[0].headers["apikey"], "s3cr3t");
    let sent: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(
        sent["variables"]["sets"],
        json!([[{ "hash": "c0ffee0011223344", "algorithm": "PHASH" }]])
    );
    assert!(!asked[0].body.contains("long way"), "no title where there is a hash");
}

#[tokio::test]
async fn who_waits_at_the_same_time_is_asked_about_together() {
    let desk = Desk::open().await;
    let lists = |n: usize| by_hashes(&json!(vec![json!([scene()]); n]));
    // Whoever comes first is asked about alone, the others with the next.
    desk.at("/graphql", [lists(1), lists(3)]);
    let lineup = lineup(&desk);
    let queries = [1, 2, 3, 4].map(|it| wanted(&[it]));
    let asked = futures::future::join_all(queries.iter().map(|it| lineup.search(it))).await;
    assert!(asked.iter().all(|it| it.hits.len() == 1 && it.failures.is_empty()), "{asked:?}");
    let sets: Vec<usize> = desk
        .asked()
        .iter()
        .filter_map(|it| {
            let body: Value = serde_json::from_str(&it.body).ok()?;
            Some(body["variables"]["sets"].as_array()?.len())
        })
        .collect();
    assert_eq!(sets, [1, 3]);
}

#[tokio::test]
async fn words_bring_what_a_person_decides_and_deleted_scenes_are_left_out() {
    let desk = Desk::open().await;
    let deleted = json!({ "id": "gone", "title": "Gone", "deleted": true });
    let untitled = json!({ "id": "untitled", "title": null });
    desk.at("/graphql", [by_words(&json!([deleted, scene(), untitled, 7]))]);
    let found = lineup(&desk).search(&wanted(&[])).await;
    assert_eq!(found.hits.len(), 1);
    assert_eq!((found.hits[0].found_by, found.hits[0].year), (FoundBy::Words, Some(2021)));
    assert_eq!(found.hits[0].runtime_ms, Some(1_503_000));
}

#[tokio::test]
async fn a_scene_is_found_by_its_id_and_one_that_is_gone_is_not() {
    let desk = Desk::open().await;
    desk.at("/graphql", [by_id(&scene()), by_id(&Value::Null), by_id(&json!({ "id": "other" }))]);
    let lineup = lineup(&desk);
    let found = lineup.find(Subject::Movie, &ids(&[("box2", ID)]), &german()).await;
    assert_eq!(found.hits[0].found_by, FoundBy::Id);
    let ask = || async { lineup.describe("box2", Subject::Movie, "none", &german()).await };
    for _ in 0..2 {
        assert_eq!(ask().await.unwrap_err(), ProviderError::NotFound);
    }
    let nobody = lineup.find(Subject::Movie, &ids(&[("tmdb", "949")]), &german()).await;
    assert!(nobody.hits.is_empty());
    assert_eq!(desk.asked().len(), 3);
}

#[tokio::test]
async fn bad_days_are_told_apart_by_what_helps_and_name_nothing() {
    let says = |message: &str| {
        let errors = json!({ "errors": [{ "message": message }], "data": null });
        Answer::json(&errors.to_string())
    };
    let garbage = |text: &str| ProviderError::Garbage(text.to_owned());
    let unexpected = || garbage("not the document that was expected");
    let busy = |seconds| ProviderError::Busy { retry_after: Duration::from_secs(seconds) };
    let long = format!(r#"{{ "data": "{}" }}"#, "x".repeat(17 << 20));
    for (answer, expected) in [
        (Answer::status(401), ProviderError::KeyRefused),
        (Answer::status(429).header("retry-after", "90"), busy(90)),
        (says("Not authorized"), ProviderError::KeyRefused),
        (says("rate limit exceeded"), busy(300)),
        (says("no rows for 'The Long Way Home'"), garbage("it answered with an error")),
        (Answer::json("{ \"data\": { \"findScene\": "), unexpected()),
        (Answer::json("[]"), unexpected()),
        (Answer::json("{}"), unexpected()),
        (Answer::json("\"The Long Way Home\""), unexpected()),
        (Answer::json(&long), unexpected()),
    ] {
        let desk = Desk::open().await;
        desk.at("/graphql", [answer]);
        let failed = lineup(&desk).describe("box2", Subject::Movie, ID, &german()).await;
        let error = failed.expect_err("a bad day");
        assert_eq!(error, expected);
        let told = format!("{error} {error:?}");
        assert!(!told.contains("Long") && !told.contains("s3cr3t"), "{told}");
    }
    // As many answers as questions, or none counts.
    let desk = Desk::open().await;
    desk.at("/graphql", [by_hashes(&json!([[scene()], []]))]);
    let found = lineup(&desk).search(&wanted(&[1])).await;
    assert_eq!(found.failures[0].1, unexpected());
    let desk = Desk::open().await;
    desk.at("/graphql", [Answer::status(503)]);
    let error = lineup(&desk).search(&wanted(&[1])).await.failures.remove(0).1;
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_key_is_good_where_the_box_says_whose_it_is() {
    let answers = [
        (r#"{ "data": { "me": { "id": "1" } } }"#, Ok(())),
        (r#"{ "data": { "me": null } }"#, Err(ProviderError::KeyRefused)),
    ];
    for (answer, expected) in answers {
        let desk = Desk::open().await;
        desk.at("/graphql", [Answer::json(answer)]);
        assert_eq!(lineup(&desk).check("box2").await, expected);
    }
}

#[tokio::test]
async fn nobody_else_is_asked_and_the_ordinary_providers_know_no_box() {
    let desk = Desk::open().await;
    let mut all = settings(&desk);
    all.tvmaze.enabled = true;
    assert_eq!(Providers::open_boxes(&all, desk.place()).unwrap().lineup(&[]).names(), ["box2"]);
    assert_eq!(desk.lineup(&all).names(), ["tvmaze"]);
    all.boxes[0].name = "tmdb".to_owned();
    assert!(Providers::open_boxes(&all, desk.place()).unwrap().lineup(&[]).is_empty());
}

#[test]
fn what_is_in_the_house_may_lie_in_its_network_and_what_is_public_may_not() {
    for (url, is_at_home) in [
        ("http://127.0.0.1:9998/graphql", true),
        ("http://[fd00::1]/graphql", true),
        ("http://box:9998/graphql", true),
        ("https://box.lan/graphql", true),
        ("https://stashdb.org/graphql", false),
        ("https://lan.example.org/graphql", false),
        ("nonsense", false),
    ] {
        assert_eq!(metadata::settings::is_at_home(url), is_at_home, "{url}");
    }
}
