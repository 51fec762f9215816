use metadata::provider::FoundBy;
use metadata::settings::OpenSettings;
use metadata::{ArtworkRole, Role, Settings, Status, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

fn settings(desk: &Desk) -> Settings {
    let tvmaze = OpenSettings { url: Some(desk.url.clone()), enabled: true };
    Settings { tvmaze, ..Settings::default() }
}

fn show() -> Answer {
    Answer::json(include_str!("../fixtures/tvmaze/show.json"))
}

#[tokio::test]
async fn a_series_is_described() {
    let desk = Desk::open().await;
    desk.at("/shows/4200", [show()]);
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("tvmaze", Subject::Series, "4200", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.overview.as_deref(), Some("Tides is about a village & the sea.\nIt sinks."));
    assert_eq!(facts.status, Some(Status::Continuing));
    assert_eq!(facts.original_language.as_deref(), Some("de"));
    assert_eq!(facts.ids, ids(&[("tvmaze", "4200"), ("tvdb", "345678"), ("imdb", "tt8123456")]));
    assert_eq!(
        (facts.networks.as_slice(), facts.countries.as_slice()),
        (["Küstenfunk".to_owned()].as_slice(), ["DE".to_owned()].as_slice())
    );
    assert_eq!(facts.next_air_on.unwrap().to_string(), "2027-03-04");
    let people: Vec<_> = facts
        .credits
        .iter()
        .map(|it| (it.name.as_str(), it.role, it.character.as_deref()))
        .collect();
    assert_eq!(
        people,
        [
            ("Nora Falk", Role::Creator, None),
            ("Tom Reiter", Role::Actor, Some("Jonas Brandt")),
            ("Ida Lund", Role::Host, None),
        ]
    );
    let pictures: Vec<_> = described.artwork.iter().map(|it| it.role).collect();
    assert_eq!(pictures, [ArtworkRole::Poster, ArtworkRole::Backdrop]);
    assert_eq!(described.episodes.len(), 1, "a special has no number there");
    assert_eq!(described.episodes[0].facts.overview.as_deref(), Some("The water leaves."));
    assert_eq!(described.other_titles[0].country.as_deref(), Some("DE"));
    let asked = desk.asked().pop().unwrap().query;
    assert!(asked.starts_with("embed%5B%5D=seasons&embed%5B%5D=episodes"), "{asked}");
}

#[tokio::test]
async fn it_is_found_by_title_and_by_ids_of_others() {
    let desk = Desk::open().await;
    let rows = format!(
        r#"[{{ "score": 0.9, "show": {} }}, {{ "score": 0.1, "show": null }}]"#,
        include_str!("../fixtures/tvmaze/show.json")
    );
    desk.at("/search/shows", [Answer::json(&rows)]).at_query(
        "/lookup/shows",
        "thetvdb=345678",
        [show()],
    );
    let lineup = desk.lineup(&settings(&desk));
    let found = lineup.search(&looked_for(Subject::Series, "tides", None)).await;
    assert_eq!(found.hits.len(), 1);
    assert_eq!((found.hits[0].title.as_str(), found.hits[0].year), ("Tides", Some(2019)));
    let known = ids(&[("imdb", "tt0000009"), ("tvdb", "345678")]);
    let found = lineup.find(Subject::Series, &known, &german()).await;
    assert_eq!((found.hits[0].id.as_str(), found.hits[0].found_by), ("4200", FoundBy::Id));
    assert!(lineup.search(&looked_for(Subject::Movie, "tides", None)).await.hits.is_empty());
}
