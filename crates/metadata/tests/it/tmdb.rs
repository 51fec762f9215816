use metadata::described::OrderKind;
use metadata::facts::{ReleaseKind, TrailerKind};
use metadata::provider::FoundBy;
use metadata::settings::{KeyedSettings, Secret};
use metadata::{ArtworkRole, ProviderError, Role, Settings, Status, Subject};

use crate::desk::{Answer, Desk, german, ids, looked_for};

macro_rules! fixture {
    ($name:literal) => {
        Answer::json(include_str!(concat!("../fixtures/tmdb/", $name, ".json")))
    };
}

fn settings(desk: &Desk, key: &str) -> Settings {
    let tmdb = KeyedSettings { url: Some(format!("{}/3", desk.url)), key: Some(Secret::new(key)) };
    Settings { tmdb, ..Settings::default() }
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    desk.at("/3/configuration", [fixture!("configuration")])
        .at("/3/movie/70123", [fixture!("movie")])
        .at("/3/search/movie", [fixture!("search_movie")])
        .at("/3/find/tt7012345", [fixture!("find")])
        .at("/3/tv/81234", [fixture!("series")])
        .at("/3/tv/81234/season/0", [fixture!("season_0")])
        .at_query("/3/tv/81234/season/1", "language=de", [fixture!("season_1")])
        .at_query("/3/tv/81234/season/1", "language=en", [fixture!("season_1_en")])
        .at("/3/tv/episode_group/5f0absolute", [fixture!("group_absolute")])
        .at("/3/tv/episode_group/5f0dvd", [fixture!("group_dvd")]);
    desk
}

#[tokio::test]
async fn a_film_is_described_in_the_wanted_language_with_fallbacks() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let described = lineup.describe("tmdb", Subject::Movie, "70123", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.title.as_deref(), Some("Der Hafen"), "shown, though no translation has it");
    assert_eq!(facts.original_title.as_deref(), Some("Havnen"));
    assert_eq!(facts.tagline.as_deref(), Some("Niemand läuft aus."));
    assert_eq!(facts.overview.as_deref(), Some("A captain is locked into his own harbour."));
    assert_eq!(facts.runtime_ms, Some(131 * 60_000));
    assert_eq!(facts.genres, ["Action", "Krimi"]);
    assert_eq!(facts.tags, ["harbour", "siege"]);
    assert_eq!(facts.studios, ["Nordlys Film", "Kystbilleder"]);
    assert_eq!(facts.countries, ["DK", "NO"]);
    assert_eq!(facts.original_language.as_deref(), Some("da"));
    assert_eq!(
        facts.ids,
        ids(&[("tmdb", "70123"), ("imdb", "tt7012345"), ("wikidata", "Q7012345")])
    );
    assert_eq!((facts.ratings[0].value, facts.ratings[0].votes), (7.9, Some(6521)));
    assert_eq!(facts.content_rating.as_deref(), Some("16"), "cinemas come before discs");
    let ages: Vec<_> =
        facts.content_ratings.iter().map(|it| (it.country.as_str(), it.age)).collect();
    assert_eq!(ages, [("DE", Some(16)), ("US", Some(17))]);
    assert_eq!(facts.releases.len(), 4);
    assert_eq!(facts.releases[3].kind, ReleaseKind::Premiere);
    let collection = facts.collection.as_ref().unwrap();
    assert_eq!(
        (collection.name.as_str(), collection.ids["tmdb"].as_str()),
        ("Die Hafen-Trilogie", "8091")
    );
    assert_eq!(described.other_titles.len(), 2);
    let languages: Vec<_> = described.translations.iter().map(|it| it.language.as_str()).collect();
    assert_eq!(languages, ["en", "pt-BR"]);
}

#[tokio::test]
async fn people_keep_their_parts_pictures_and_order() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let described = lineup.describe("tmdb", Subject::Movie, "70123", &german()).await.unwrap();
    let parts: Vec<_> = described
        .facts
        .credits
        .iter()
        .map(|it| (it.name.as_str(), it.role, it.character.as_deref()))
        .collect();
    assert_eq!(
        parts,
        [
            ("Lars Voss", Role::Director, None),
            ("Lars Voss", Role::Writer, None),
            ("Poul Friis", Role::Composer, None),
            ("Ane Riis", Role::Cinematographer, None),
            ("Bo Kjær", Role::Design, None),
            ("Ulla Dam", Role::Crew, None),
            ("Ida Lund", Role::Actor, Some("Signe")),
            ("Mads Holm", Role::Actor, Some("Kaptajn Berg")),
        ]
    );
    let holm = described.facts.credits.last().unwrap();
    assert_eq!(holm.picture.as_ref().unwrap().as_str(), "https://image.tmdb.org/t/p/h632/holm.jpg");
    assert_eq!(holm.ids["tmdb"], "1158");
}

#[tokio::test]
async fn pictures_and_trailers_are_sorted_and_odd_ones_left_out() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let described = lineup.describe("tmdb", Subject::Movie, "70123", &german()).await.unwrap();
    let pictures: Vec<_> = described.artwork.iter().map(|it| (it.role, it.url.as_str())).collect();
    assert_eq!(
        pictures,
        [
            (ArtworkRole::Poster, "https://image.tmdb.org/t/p/original/harbour.jpg"),
            (ArtworkRole::Poster, "https://image.tmdb.org/t/p/original/en.jpg"),
            (ArtworkRole::Backdrop, "https://image.tmdb.org/t/p/original/harbour-back.jpg"),
            (ArtworkRole::Logo, "https://image.tmdb.org/t/p/original/logo.png"),
        ]
    );
    assert_eq!(
        described.artwork[0].preview.as_ref().unwrap().as_str(),
        "https://image.tmdb.org/t/p/w342/harbour.jpg"
    );
    let trailers: Vec<_> =
        described.facts.trailers.iter().map(|it| (it.kind, it.url.as_str())).collect();
    assert_eq!(
        trailers,
        [
            (TrailerKind::Trailer, "https://www.youtube.com/watch?v=cc-cc_ccccc"),
            (TrailerKind::Trailer, "https://www.youtube.com/watch?v=bbbbbbbbbbb"),
            (TrailerKind::Teaser, "https://www.youtube.com/watch?v=aaaaaaaaaaa"),
        ]
    );
}

#[tokio::test]
async fn a_series_comes_with_seasons_episodes_and_other_orders() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let described = lineup.describe("tmdb", Subject::Series, "81234", &german()).await.unwrap();
    let facts = &described.facts;
    assert_eq!(facts.status, Some(Status::Continuing));
    assert_eq!(facts.ended_on, None, "it goes on");
    assert_eq!(facts.next_air_on.unwrap().to_string(), "2027-03-04");
    assert_eq!(facts.networks, ["Küstenfunk"]);
    assert_eq!(facts.content_rating.as_deref(), Some("US:TV-MA"), "told apart from a German one");
    assert_eq!(facts.ids["tvdb"], "345678");
    let roles: Vec<_> = facts.credits.iter().map(|it| (it.role, it.episode_count)).collect();
    assert_eq!(roles, [(Role::Creator, None), (Role::Director, Some(2)), (Role::Actor, Some(3))]);
    assert_eq!(facts.credits[2].character.as_deref(), Some("Jonas Brandt"), "the larger part");

    let seasons: Vec<_> =
        described.seasons.iter().map(|it| (it.number, it.facts.title.as_deref())).collect();
    assert_eq!(
        seasons,
        [(0, Some("Extras")), (1, Some("Staffel 1"))],
        "a season that is announced and not there yet is left out"
    );
    assert_eq!(described.seasons[1].artwork.len(), 2);
    let episodes: Vec<_> = described
        .episodes
        .iter()
        .map(|it| (it.season, it.number, it.facts.title.as_deref(), it.facts.overview.as_deref()))
        .collect();
    assert_eq!(
        episodes,
        [
            (0, 1, Some("Hinter dem Deich"), Some("Wie es entstand.")),
            (1, 1, Some("Ebbe"), Some("Das Wasser geht.")),
            (1, 2, Some("High Tide"), Some("The water returns.")),
            (1, 3, Some("Sturm 3"), Some("A storm.")),
        ]
    );
    assert_eq!(described.episodes[1].facts.credits.len(), 2);
    assert_eq!(described.episodes[3].facts.absolute_number, Some(3));

    let orders: Vec<_> = described.orders.iter().map(|it| (it.kind, it.slots.len())).collect();
    assert_eq!(orders, [(OrderKind::Absolute, 3), (OrderKind::Dvd, 3)]);
    let dvd: Vec<_> = described.orders[1]
        .slots
        .iter()
        .map(|it| (it.season, it.number, it.aired_season, it.aired_number))
        .collect();
    assert_eq!(dvd, [(0, 1, 0, 1), (1, 1, 1, 2), (1, 2, 1, 1)]);
}

#[tokio::test]
async fn a_search_brings_what_may_be_meant() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let found = lineup.search(&looked_for(Subject::Movie, "Der Hafen", Some(2016))).await;
    assert_eq!(found.failures, []);
    let hits: Vec<_> =
        found.hits.iter().map(|it| (it.id.as_str(), it.title.as_str(), it.year)).collect();
    assert_eq!(hits, [("70123", "Der Hafen", Some(2016)), ("70124", "Der Hafen bei Nacht", None)]);
    assert_eq!(found.hits[0].original_title.as_deref(), Some("Havnen"));
    let asked = desk.asked();
    let search = asked.iter().find(|it| it.path == "/3/search/movie").unwrap();
    assert_eq!(
        search.query,
        "query=Der+Hafen&language=de&include_adult=false&year=2016&api_key=0123456789abcdef"
    );
    assert_eq!(desk.n_asked("/3/search/movie"), 1, "the title was there in that year");
}

#[tokio::test]
async fn a_title_that_is_not_there_in_its_year_is_searched_in_any() {
    let desk = desk().await;
    let empty = Answer::json(r#"{ "page": 1, "results": [], "total_results": 0 }"#);
    desk.at_query("/3/search/movie", "&year=2017", [empty]);
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let found = lineup.search(&looked_for(Subject::Movie, "Der Hafen", Some(2017))).await;
    assert_eq!(found.hits.len(), 2);
    assert_eq!(desk.n_asked("/3/search/movie"), 2);
}

#[tokio::test]
async fn ids_of_others_find_it() {
    let desk = desk().await;
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let imdb = ids(&[("imdb", "tt7012345")]);
    let found = lineup.find(Subject::Movie, &imdb, &german()).await;
    assert_eq!(found.hits[0].id, "70123");
    assert_eq!(found.hits[0].found_by, FoundBy::Id);
    assert_eq!(found.hits[0].ids["imdb"], "tt7012345");
    let own = lineup.find(Subject::Movie, &ids(&[("tmdb", "70123")]), &german()).await;
    assert_eq!(own.hits[0].runtime_ms, Some(131 * 60_000));
    let unknown = lineup.find(Subject::Movie, &ids(&[("imdb", "tt0000001")]), &german()).await;
    assert!(unknown.hits.is_empty() && unknown.failures.is_empty());
    let path = lineup.describe("tmdb", Subject::Movie, "../../account", &german()).await;
    assert_eq!(path, Err(ProviderError::NotFound), "no id of its own");
}

#[tokio::test]
async fn the_long_token_goes_into_a_header_and_the_short_key_into_the_query() {
    let desk = desk().await;
    desk.at("/3/authentication", [Answer::json(r#"{ "success": true, "status_code": 1 }"#)]);
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiIx.c2ln";
    assert_eq!(desk.lineup(&settings(&desk, token)).check("tmdb").await, Ok(()));
    let asked = desk.asked().pop().unwrap();
    assert_eq!(asked.headers["authorization"], format!("Bearer {token}"));
    assert_eq!(asked.query, "");
    assert_eq!(desk.lineup(&settings(&desk, "abc")).check("tmdb").await, Ok(()));
    assert_eq!(desk.asked().pop().unwrap().query, "api_key=abc");
    desk.at("/3/authentication", [Answer::status(401)]);
    let refused = desk.lineup(&settings(&desk, "wrong")).check("tmdb").await;
    assert_eq!(refused, Err(ProviderError::KeyRefused));
}

#[tokio::test]
async fn a_title_nobody_translated_is_that_of_the_fallback() {
    let desk = desk().await;
    let untranslated = include_str!("../fixtures/tmdb/movie.json")
        .replace(r#""title": "Der Hafen""#, r#""title": "Havnen""#);
    desk.at("/3/movie/70123", [Answer::json(&untranslated)]);
    let lineup = desk.lineup(&settings(&desk, "0123456789abcdef"));
    let title = async |language: &str, fallbacks: &[&str]| {
        let fallbacks = fallbacks.iter().map(|it| (*it).to_owned()).collect();
        let locale = metadata::Locale { language: language.to_owned(), country: None, fallbacks };
        let described = lineup.describe("tmdb", Subject::Movie, "70123", &locale).await.unwrap();
        described.facts.title.unwrap()
    };
    assert_eq!(title("de", &["en"]).await, "The Harbour");
    assert_eq!(title("de", &["da", "en"]).await, "Havnen", "the language it was made in");
    assert_eq!(title("da", &["en"]).await, "Havnen");
    assert_eq!(title("pt-BR", &[]).await, "O Porto");
    assert_eq!(title("fr", &[]).await, "Havnen", "better than none");
}
