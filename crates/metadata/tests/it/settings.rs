use metadata::settings::{KeyedSettings, OpenSettings, Secret, ServarrSettings, TvdbSettings};
use metadata::{ProviderError, Settings, Subject};

use crate::desk::{Answer, Desk, german, ids};

fn everything(desk: &Desk) -> Settings {
    let url = || Some(desk.url.clone());
    let keyed = || KeyedSettings { url: url(), key: Some(Secret::new("k")) };
    let server = ServarrSettings {
        url: desk.url.clone(),
        key: Secret::new("k"),
        path_map: std::collections::BTreeMap::new(),
    };
    Settings {
        tmdb: keyed(),
        omdb: keyed(),
        fanart: keyed(),
        tvdb: TvdbSettings { url: url(), key: Some(Secret::new("k")), pin: None },
        tvmaze: OpenSettings { url: url(), enabled: true },
        wikidata: OpenSettings { url: url(), enabled: true },
        radarr: vec![server.clone()],
        sonarr: vec![server],
        ..Settings::default()
    }
}

#[tokio::test]
async fn nobody_is_asked_unless_the_owner_wants_it() {
    let desk = Desk::open().await;
    let mut settings = everything(&desk);
    settings.tmdb.key = None;
    settings.omdb.key = None;
    settings.fanart.key = None;
    settings.tvdb.key = None;
    settings.tvmaze.enabled = false;
    settings.wikidata.enabled = false;
    settings.radarr.clear();
    settings.sonarr.clear();
    for settings in [Settings::default(), settings] {
        assert!(desk.lineup(&settings).is_empty());
    }
}

#[tokio::test]
async fn the_order_is_the_usual_one_or_the_owners_or_the_librarys() {
    let desk = Desk::open().await;
    let usual = ["radarr", "sonarr", "tmdb", "tvdb", "tvmaze", "wikidata", "omdb", "fanart"];
    assert_eq!(desk.lineup(&everything(&desk)).names(), usual);
    let order = vec!["omdb".to_owned(), "tvdb".to_owned()];
    let providers = desk.providers(&Settings { order, ..everything(&desk) });
    let names = providers.lineup(&[]).names();
    assert_eq!(names[..3], ["omdb", "tvdb", "radarr"]);
    assert_eq!(providers.lineup(&["tvmaze".to_owned()]).names()[..2], ["tvmaze", "omdb"]);
    for (name, attribution) in providers.lineup(&[]).attributions() {
        assert!(!attribution.text.is_empty() && attribution.url.starts_with("https://"), "{name}");
    }
}

#[tokio::test]
async fn new_settings_count_at_once_and_may_be_tried_before() {
    let desk = Desk::open().await;
    desk.at("/authentication", [Answer::status(401)]).at_query(
        "/authentication",
        "api_key=good",
        [Answer::json("{}")],
    );
    let providers = desk.providers(&Settings::default());
    let with_key = |key: &str| {
        let tmdb = KeyedSettings { url: Some(desk.url.clone()), key: Some(Secret::new(key)) };
        Settings { tmdb, ..Settings::default() }
    };
    let before = providers.lineup(&[]);
    assert_eq!(providers.try_out(&with_key("bad"), "tmdb").await, Err(ProviderError::KeyRefused));
    assert_eq!(providers.try_out(&with_key("good"), "tmdb").await, Ok(()));
    assert!(providers.lineup(&[]).is_empty(), "trying applies nothing");
    providers.apply(&with_key("good")).unwrap();
    assert_eq!(providers.clone().lineup(&[]).names(), ["tmdb"]);
    assert!(before.is_empty(), "what runs ends with what it began with");
    let broken = Settings { proxy: Some("not an address".to_owned()), ..with_key("good") };
    assert!(providers.apply(&broken).is_err());
    assert_eq!(providers.lineup(&[]).names(), ["tmdb"], "and a mistake changes nothing");
}

#[tokio::test]
async fn all_together_describe_one_film() {
    let desk = Desk::open().await;
    desk.at("/configuration", [Answer::json("{}")])
        .at("/movie/70123", [Answer::json(include_str!("../fixtures/tmdb/movie.json"))])
        .at("/movies/70123", [Answer::json(include_str!("../fixtures/fanart/movie.json"))])
        .at_query("/", "i=tt7012345", [Answer::json(include_str!("../fixtures/omdb/movie.json"))]);
    let settings =
        Settings { tvdb: TvdbSettings::default(), radarr: Vec::new(), ..everything(&desk) };
    let lineup = desk.lineup(&settings);
    let answers = lineup.describe_all(Subject::Movie, &ids(&[("tmdb", "70123")]), &german()).await;
    let told: Vec<_> =
        answers.iter().map(|it| (it.provider, it.id.as_deref(), it.outcome.is_ok())).collect();
    assert_eq!(
        told,
        [
            ("tmdb", Some("70123"), true),
            ("wikidata", Some("Q7012345"), false),
            ("omdb", Some("tt7012345"), true),
            ("fanart", Some("70123"), true),
        ]
    );
    let facts = answers.into_iter().filter_map(|it| Some(it.outcome.ok()?.facts));
    let merged = metadata::merge(facts);
    let ratings: Vec<_> = merged.ratings.iter().map(|it| it.source.as_str()).collect();
    assert_eq!(ratings, ["tmdb", "imdb", "metacritic", "rottentomatoes"]);
    assert_eq!(merged.title.as_deref(), Some("Der Hafen"));
}

#[test]
fn keys_are_never_shown() {
    let secret = Secret::new("hunter2");
    assert_eq!(format!("{secret:?}"), "(hidden)");
    let settings = KeyedSettings { url: None, key: Some(secret) };
    assert!(!format!("{settings:?}").contains("hunter2"));
}
