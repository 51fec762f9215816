use metadata::provider::FoundBy;
use metadata::settings::OpenSettings;
use metadata::{ProviderError, Role, Settings, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

fn settings(desk: &Desk) -> Settings {
    let wikidata = OpenSettings { url: Some(format!("{}/w", desk.url)), enabled: true };
    Settings { wikidata, ..Settings::default() }
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    let entities = Answer::json(include_str!("../fixtures/wikidata/entities.json"));
    desk.at_query("/w/api.php", "action=wbgetentities", [entities])
        .at_query(
            "/w/api.php",
            "Q959790",
            [Answer::json(include_str!("../fixtures/wikidata/linked.json"))],
        )
        .at_query(
            "/w/api.php",
            "action=wbsearchentities",
            [Answer::json(include_str!("../fixtures/wikidata/search.json"))],
        );
    desk
}

#[tokio::test]
async fn a_search_brings_films_and_nothing_else_of_that_name() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk));
    let found = lineup.search(&looked_for(Subject::Movie, "Der Hafen", None)).await;
    assert_eq!(found.hits.len(), 1);
    let hit = &found.hits[0];
    assert_eq!(
        (hit.id.as_str(), hit.title.as_str(), hit.year),
        ("Q7012345", "Der Hafen", Some(2016))
    );
    assert_eq!(hit.original_title.as_deref(), Some("Havnen"));
    assert_eq!(hit.other_titles, ["Havnen", "Der Hafen", "The Harbour", "Harbor"]);
    assert_eq!(hit.ids["tmdb"], "70123", "what is no longer true is left out");
    let series = lineup.search(&looked_for(Subject::Series, "Der Hafen", None)).await;
    assert!(series.hits.is_empty());
}

#[tokio::test]
async fn ids_titles_and_people_are_described() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk));
    let described =
        lineup.describe("wikidata", Subject::Movie, "Q7012345", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.released_on.unwrap().to_string(), "2016-03-11", "the first of several");
    assert_eq!(facts.runtime_ms, Some(131 * 60_000));
    assert_eq!(
        (facts.genres.as_slice(), facts.countries.as_slice()),
        (["Kriminalfilm".to_owned()].as_slice(), ["DK".to_owned()].as_slice())
    );
    let people: Vec<_> = facts.credits.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(people, [("Lars Voss", Role::Director), ("Ida Lund", Role::Actor)]);
    assert_eq!(facts.ids["imdb"], "tt7012345");
    let languages: Vec<_> = described.translations.iter().map(|it| it.language.as_str()).collect();
    assert_eq!(languages, ["da", "de", "en"]);
}

#[tokio::test]
async fn ids_of_others_find_it_and_cannot_be_a_search_of_their_own() {
    let desk = desk().await;
    let listed = r#"{ "batchcomplete": "", "query": { "search": [{ "ns": 0, "title": "Q7012345", "pageid": 5 }] } }"#;
    desk.at_query("/w/api.php", "haswbstatement%3AP345%3Dtt7012345", [Answer::json(listed)]);
    let lineup = desk.lineup(&settings(&desk));
    let found = lineup.find(Subject::Movie, &ids(&[("imdb", "tt7012345")]), &german()).await;
    assert_eq!((found.hits[0].id.as_str(), found.hits[0].found_by), ("Q7012345", FoundBy::Id));
    let n_asked = desk.asked().len();
    let odd = lineup.find(Subject::Movie, &ids(&[("imdb", "tt1 OR x")]), &german()).await;
    assert!(odd.hits.is_empty());
    assert_eq!(desk.asked().len(), n_asked);
}

#[tokio::test]
async fn a_thing_that_is_gone_is_not_found() {
    let desk = Desk::open().await;
    let missing = r#"{ "entities": { "Q5": { "id": "Q5", "missing": "" } }, "success": 1 }"#;
    desk.at("/w/api.php", [Answer::json(missing)]);
    let lineup = desk.lineup(&settings(&desk));
    for id in ["Q5", "5", "Q5|Q6"] {
        let described = lineup.describe("wikidata", Subject::Movie, id, &german()).await;
        assert_eq!(described, Err(ProviderError::NotFound), "{id}");
    }
    assert_eq!(desk.asked().len(), 1);
}
