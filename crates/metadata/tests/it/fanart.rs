use metadata::settings::{KeyedSettings, Secret};
use metadata::{ArtworkRole, ProviderError, Settings, Subject};

use crate::desk::{Answer, Desk, german, ids};

fn settings(desk: &Desk) -> Settings {
    let fanart = KeyedSettings { url: Some(desk.url.clone()), key: Some(Secret::new("k3y")) };
    Settings { fanart, ..Settings::default() }
}

#[tokio::test]
async fn artwork_of_films_is_sorted_by_kind_language_and_liking() {
    let desk = Desk::open().await;
    desk.at("/movies/70123", [Answer::json(include_str!("../fixtures/fanart/movie.json"))]);
    let lineup = desk.lineup(&settings(&desk));
    let known = ids(&[("imdb", "tt7012345"), ("tmdb", "70123")]);
    let answers = lineup.describe_all(Subject::Movie, &known, &german()).await;
    let described = answers[0].outcome.as_ref().unwrap();
    let pictures: Vec<_> = described.artwork.iter().map(|it| (it.role, it.url.as_str())).collect();
    assert_eq!(
        pictures,
        [
            (ArtworkRole::Backdrop, "https://assets.fanart.tv/fanart/b.jpg"),
            (ArtworkRole::Logo, "https://assets.fanart.tv/fanart/l-de.png"),
            (ArtworkRole::Logo, "https://assets.fanart.tv/fanart/l-en.png"),
            (ArtworkRole::Disc, "https://assets.fanart.tv/fanart/d.png"),
        ]
    );
    assert_eq!(described.artwork[2].width, Some(800));
    assert_eq!(
        described.artwork[0].preview.as_ref().unwrap().as_str(),
        "https://assets.fanart.tv/preview/b.jpg"
    );
    assert_eq!(desk.asked()[0].headers["api-key"], "k3y");
}

#[tokio::test]
async fn artwork_of_seasons_goes_to_its_season() {
    let desk = Desk::open().await;
    desk.at("/tv/345678", [Answer::json(include_str!("../fixtures/fanart/tv.json"))]);
    let lineup = desk.lineup(&settings(&desk));
    let described = lineup.describe("fanart", Subject::Series, "345678", &german()).await.unwrap();
    let roles: Vec<_> = described.artwork.iter().map(|it| it.role).collect();
    assert_eq!(roles, [ArtworkRole::Poster, ArtworkRole::Backdrop]);
    assert_eq!(described.artwork[0].language, None);
    assert_eq!(described.seasons.len(), 1);
    assert_eq!((described.seasons[0].number, described.seasons[0].artwork.len()), (1, 1));
}

#[tokio::test]
async fn a_thing_nobody_drew_is_not_found() {
    let desk = Desk::open().await;
    let lineup = desk.lineup(&settings(&desk));
    let nothing = lineup.describe("fanart", Subject::Movie, "1", &german()).await;
    assert_eq!(nothing, Err(ProviderError::NotFound));
    let answers = lineup.describe_all(Subject::Series, &ids(&[("imdb", "tt1")]), &german()).await;
    assert_eq!(answers[0].outcome, Err(ProviderError::NotFound));
    assert_eq!(desk.asked().len(), 1, "without an id of TheTVDB there is nothing to ask");
}
