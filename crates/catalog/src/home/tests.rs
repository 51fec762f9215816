use super::*;
use crate::personal::{PlayState, ProgressReport};
use crate::sample::{NewItem, Sample, at, viewer};

fn report(percent: i64) -> ProgressReport {
    let (position_ms, duration_ms) = (percent * 1000, Some(100_000));
    ProgressReport { position_ms, duration_ms, state: PlayState::Stopped, file_id: None }
}

fn ids(home: &Home, id: HomeRowId) -> Vec<kernel::id::ItemId> {
    home.rows.iter().filter(|it| it.id == id).flat_map(|it| &it.items).map(|it| it.id).collect()
}

#[tokio::test]
async fn home_shows_what_to_go_on_with_and_what_comes_next() {
    let it = Sample::start().await;
    let (films, shows) = (it.library("Films").await, it.library("Shows").await);
    let film = it.item(NewItem::film(films, "Akira")).await;
    let dark = it.series(shows, "Dark", &[1, 3]).await;
    let lost = it.series(shows, "Lost", &[0, 2]).await;
    let person = viewer(1, [films, shows]);
    let catalog = &it.catalog;
    let play = async |id, percent| {
        it.pass(60);
        catalog.report_progress(&person, id, report(percent)).await.expect("kept")
    };

    play(dark.episodes[1], 50).await;
    play(film, 30).await;
    play(dark.episodes[2], 40).await;
    play(lost.episodes[0], 95).await;
    let home = catalog.home(&person).await.expect("the first page");
    let expect = [dark.episodes[2], film];
    assert_eq!(ids(&home, HomeRowId::Continue), expect, "of a series the newest only");
    assert_eq!(ids(&home, HomeRowId::NextUp), [lost.episodes[1]]);

    play(dark.episodes[1], 100).await;
    play(dark.episodes[2], 100).await;
    let home = catalog.home(&person).await.expect("the first page");
    assert_eq!(ids(&home, HomeRowId::Continue), [film]);
    let next = [dark.episodes[3], lost.episodes[1]];
    assert_eq!(ids(&home, HomeRowId::NextUp), next, "the series watched last first");

    play(film, 2).await;
    play(dark.episodes[3], 100).await;
    play(lost.episodes[1], 100).await;
    let home = catalog.home(&person).await.expect("the first page");
    assert!(
        home.rows.iter().all(|it| it.id == HomeRowId::Latest),
        "the rest is empty and left out"
    );
    let other = catalog.home(&viewer(2, [films, shows])).await.expect("the first page");
    assert!(other.rows.iter().all(|it| it.id == HomeRowId::Latest));
}

#[tokio::test]
async fn a_series_with_a_new_episode_comes_to_the_front_of_the_latest() {
    let it = Sample::start().await;
    let shows = it.library("Shows").await;
    let dark = it.series(shows, "Dark", &[0, 1]).await;
    let lost = it.series(shows, "Lost", &[0, 1]).await;
    let person = viewer(1, [shows]);
    let episode = NewItem {
        kind: "episode",
        parent: Some((dark.seasons[1], dark.root)),
        number: Some(2),
        parent_number: Some(1),
        added_at: at(9),
        ..NewItem::film(shows, "Dark 1x2")
    };
    it.item(episode).await;
    it.recount(&[dark.root]).await;
    let home = it.catalog.home(&person).await.expect("the first page");
    assert_eq!(ids(&home, HomeRowId::Latest), [dark.root, lost.root]);
    assert_eq!(home.rows[0].library.as_ref().map(|it| it.name.as_str()), Some("Shows"));
}

#[tokio::test]
async fn home_shows_nothing_of_a_library_that_was_taken_away() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let series = it.series(other, "Dark", &[0, 3]).await;
    let film = it.item(NewItem::film(other, "Secret")).await;
    it.recount(&[film]).await;
    let before = viewer(1, [mine, other]);
    it.catalog.report_progress(&before, film, report(50)).await.expect("kept");
    it.catalog.report_progress(&before, series.episodes[0], report(95)).await.expect("kept");
    assert!(it.catalog.home(&before).await.expect("the first page").rows.len() > 2);
    assert!(it.catalog.home(&viewer(1, [mine])).await.expect("the first page").rows.is_empty());
}
