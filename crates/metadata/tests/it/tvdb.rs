use metadata::described::OrderKind;
use metadata::provider::FoundBy;
use metadata::settings::{Secret, TvdbSettings};
use metadata::{ArtworkRole, ProviderError, Role, Settings, Status, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

macro_rules! fixture {
    ($name:literal) => {
        Answer::json(include_str!(concat!("../fixtures/tvdb/", $name, ".json")))
    };
}

fn token(text: &str) -> Answer {
    Answer::json(&format!(r#"{{ "status": "success", "data": {{ "token": "{text}" }} }}"#))
}

fn settings(desk: &Desk) -> Settings {
    let tvdb = TvdbSettings {
        url: Some(format!("{}/v4", desk.url)),
        key: Some(Secret::new("project-key")),
        pin: Some(Secret::new("PIN1")),
    };
    Settings { tvdb, ..Settings::default() }
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    let official = "/v4/series/345678/episodes/official";
    desk.at("/v4/login", [token("first")])
        .at("/v4/search", [fixture!("search")])
        .at("/v4/series/345678/extended", [fixture!("series")])
        .at_query(official, "page=0", [fixture!("official_0")])
        .at_query(official, "page=1", [fixture!("official_1")])
        .at(&format!("{official}/deu"), [fixture!("official_deu")])
        .at(&format!("{official}/eng"), [fixture!("official_eng")])
        .at("/v4/series/345678/episodes/dvd", [fixture!("dvd")])
        .at("/v4/movies/5550/extended", [fixture!("movie")]);
    desk
}

#[tokio::test]
async fn a_series_comes_with_seasons_episodes_and_other_orders() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("tvdb", Subject::Series, "345678", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.title.as_deref(), Some("Gezeiten"));
    assert_eq!(facts.overview.as_deref(), Some("A village sinks."), "the fallback has one");
    assert_eq!(facts.status, Some(Status::Ended));
    assert_eq!(facts.ended_on.unwrap().to_string(), "2021-10-01");
    assert_eq!(facts.content_rating.as_deref(), Some("FSK 16"));
    let ages: Vec<_> =
        facts.content_ratings.iter().map(|it| (it.country.as_str(), it.age)).collect();
    assert_eq!(ages, [("DE", Some(16)), ("US", Some(17))]);
    assert_eq!(
        (&facts.networks, &facts.studios),
        (&vec!["Küstenfunk".to_owned()], &vec!["Wattfilm".to_owned()])
    );
    assert_eq!(facts.ids, ids(&[("tvdb", "345678"), ("imdb", "tt8123456"), ("tmdb", "81234")]));
    let people: Vec<_> = facts.credits.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(people, [("Nora Falk", Role::Creator), ("Tom Reiter", Role::Actor)]);
    assert_eq!(
        facts.credits[1].picture.as_ref().unwrap().as_str(),
        "https://artworks.thetvdb.com/banners/person/900.jpg"
    );
    let pictures: Vec<_> = described.artwork.iter().map(|it| it.role).collect();
    assert_eq!(
        pictures,
        [ArtworkRole::Poster, ArtworkRole::Poster, ArtworkRole::Backdrop, ArtworkRole::Logo]
    );
    let seasons: Vec<_> =
        described.seasons.iter().map(|it| (it.number, it.artwork.len())).collect();
    assert_eq!(seasons, [(0, 0), (1, 1)]);

    let episodes: Vec<_> = described
        .episodes
        .iter()
        .map(|it| (it.season, it.number, it.facts.title.as_deref(), it.facts.overview.as_deref()))
        .collect();
    assert_eq!(
        episodes,
        [
            (0, 1, Some("Hinter dem Deich"), Some("How it was made.")),
            (1, 1, Some("Ebbe"), Some("Das Wasser geht.")),
            (1, 2, Some("Flut"), Some("Das Wasser kommt.")),
        ]
    );
    assert_eq!(described.episodes[0].facts.airs_before, Some((2, Some(1))));
    assert_eq!(described.episodes[2].facts.airs_before, None, "only specials are placed");
    assert_eq!(described.episodes[2].facts.absolute_number, Some(2));
    let orders: Vec<_> = described.orders.iter().map(|it| (it.kind, it.slots.len())).collect();
    assert_eq!(orders, [(OrderKind::Dvd, 2)], "an order without episodes is none");
    assert_eq!(
        (described.orders[0].slots[0].number, described.orders[0].slots[0].aired_number),
        (1, 2)
    );
}

#[tokio::test]
async fn a_film_is_described() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("tvdb", Subject::Movie, "5550", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.title.as_deref(), Some("The Harbour"));
    assert_eq!(facts.original_title.as_deref(), Some("Havnen"));
    assert_eq!(facts.studios, ["Nordlys Film"]);
    assert_eq!(
        (facts.countries.as_slice(), facts.original_language.as_deref()),
        (["DK".to_owned()].as_slice(), Some("da"))
    );
    assert_eq!(facts.releases.len(), 2);
    assert_eq!(described.artwork.len(), 1, "its poster is in the list already");
}

#[tokio::test]
async fn a_search_tells_titles_in_the_wanted_language() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk));
    let found = lineup.search(&looked_for(Subject::Series, "Tides", None)).await;
    let hit = &found.hits[0];
    assert_eq!((hit.id.as_str(), hit.title.as_str(), hit.year), ("345678", "Gezeiten", Some(2019)));
    assert_eq!(hit.other_titles, ["Tides", "Gezeiten"]);
    assert_eq!(hit.overview.as_deref(), Some("A village sinks."));
    assert_eq!(hit.ids["imdb"], "tt8123456");
    let asked = desk.asked();
    assert_eq!(asked[0].body, r#"{"apikey":"project-key","pin":"PIN1"}"#);
    assert_eq!(asked[1].headers["authorization"], "Bearer first");
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_once() {
    let desk = desk().await;
    desk.at("/v4/login", [token("first"), token("second")])
        .at("/v4/search", [fixture!("search"), Answer::status(401), fixture!("search")]);
    let lineup = desk.lineup(&settings(&desk));
    let search = |title| looked_for(Subject::Series, title, None);
    assert_eq!(lineup.search(&search("a")).await.hits.len(), 1);
    assert_eq!(lineup.search(&search("b")).await.hits.len(), 1);
    assert_eq!(desk.n_asked("/v4/login"), 2);
    assert_eq!(desk.asked().pop().unwrap().headers["authorization"], "Bearer second");

    desk.at("/v4/search", [Answer::status(401)]);
    let found = lineup.search(&search("c")).await;
    assert_eq!(found.failures, [("tvdb", ProviderError::KeyRefused)]);
    assert_eq!(desk.n_asked("/v4/login"), 3, "and not again and again");
}

#[tokio::test]
async fn a_wrong_key_is_told() {
    let desk = desk().await;
    desk.at("/v4/login", [Answer::status(401)]);
    let lineup = desk.lineup(&settings(&desk));
    assert_eq!(lineup.check("tvdb").await, Err(ProviderError::KeyRefused));
    let described = lineup.describe("tvdb", Subject::Series, "345678", &german()).await;
    assert_eq!(described, Err(ProviderError::KeyRefused));
}

#[tokio::test]
async fn ids_of_others_find_it() {
    let desk = desk().await;
    let rows = r#"{ "status": "success", "data": [{ "episode": { "id": 1 } },
        { "series": { "id": 345678, "name": "Gezeiten", "year": "2019", "averageRuntime": 51 } }] }"#;
    desk.at("/v4/search/remoteid/tt8123456", [Answer::json(rows)]);
    let lineup = desk.lineup(&settings(&desk));
    let found = lineup.find(Subject::Series, &ids(&[("imdb", "tt8123456")]), &german()).await;
    assert_eq!((found.hits[0].id.as_str(), found.hits[0].found_by), ("345678", FoundBy::Id));
    assert_eq!(found.hits[0].runtime_ms, Some(51 * 60_000));
}
