use kernel::event::Event;
use kernel::{Error, Viewer};

use super::*;
use crate::item::ItemCard;
use crate::sample::{NewItem, Sample, run, viewer};

const HOUR: i64 = 3_600_000;

fn playing(position_ms: i64) -> ProgressReport {
    ProgressReport {
        position_ms,
        duration_ms: Some(HOUR),
        state: PlayState::Playing,
        file_id: None,
    }
}

fn stopped(position_ms: i64) -> ProgressReport {
    ProgressReport { state: PlayState::Stopped, ..playing(position_ms) }
}

async fn card(it: &Sample, person: &Viewer, id: kernel::id::ItemId) -> ItemCard {
    it.catalog.find_card(person, id).await.expect("the item")
}

#[tokio::test]
async fn a_film_is_begun_played_once_and_begun_again() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    it.recount(&[film]).await;
    let person = viewer(1, [library]);
    let report =
        async |report| it.catalog.report_progress(&person, film, report).await.expect("kept");

    let begun = report(playing(HOUR / 2)).await;
    assert_eq!((begun.position_ms, begun.is_played, begun.play_count), (HOUR / 2, false, 0));
    it.pass(1);
    let over = report(playing(HOUR - 1000)).await;
    assert_eq!((over.position_ms, over.is_played, over.play_count), (0, true, 1));
    it.pass(1);
    assert_eq!(report(stopped(HOUR)).await.play_count, 1, "one play counts once");
    it.pass(60);
    let again = report(playing(HOUR / 2)).await;
    assert_eq!((again.position_ms, again.is_played, again.play_count), (HOUR / 2, true, 1));
    it.pass(1);
    assert_eq!(report(stopped(HOUR)).await.play_count, 2);

    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DO $$ BEGIN ASSERT (SELECT count(*) FROM play_event WHERE is_completed AND ended_at IS NOT NULL) = 2; END $$", film).await;
}

#[tokio::test]
async fn a_player_that_went_silent_does_not_stretch_its_play() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    it.catalog.report_progress(&person, film, playing(HOUR / 2)).await.expect("kept");
    it.pass(24 * 60);
    it.catalog.report_progress(&person, film, playing(HOUR / 2)).await.expect("kept");
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DO $$ BEGIN ASSERT (SELECT count(*) FROM play_event WHERE ended_at = started_at) = 1 AND (SELECT count(*) FROM play_event WHERE ended_at IS NULL) = 1; END $$", film).await;
}

#[tokio::test]
async fn a_series_is_played_when_all_its_episodes_are() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[1, 2]).await;
    let person = viewer(1, [library]);

    let progress = it.catalog.mark_played(&person, series.seasons[1]).await.expect("marked");
    assert!(progress.is_played);
    let root = card(&it, &person, series.root).await;
    assert_eq!((root.unplayed_count, root.progress.is_played), (Some(1), false));
    assert!(it.catalog.mark_played(&person, series.root).await.expect("marked").is_played);
    assert_eq!(card(&it, &person, series.root).await.unplayed_count, Some(0));
    for episode in &series.episodes {
        assert_eq!(
            card(&it, &person, *episode).await.progress.play_count,
            1,
            "none is marked twice"
        );
    }
    assert!(
        !it.catalog.mark_unplayed(&person, series.episodes[2]).await.expect("marked").is_played
    );
    let root = card(&it, &person, series.root).await;
    assert_eq!((root.unplayed_count, root.progress.is_played), (Some(1), false));
    let other = card(&it, &viewer(2, [library]), series.root).await;
    assert_eq!(
        (other.unplayed_count, other.progress),
        (Some(3), Progress::default()),
        "of another person"
    );
}

#[tokio::test]
async fn a_new_episode_makes_a_finished_series_unfinished() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[0, 1]).await;
    let person = viewer(1, [library]);
    it.catalog.mark_played(&person, series.root).await.expect("marked");
    let new = NewItem {
        kind: "episode",
        parent: Some((series.seasons[1], series.root)),
        number: Some(2),
        parent_number: Some(1),
        ..NewItem::film(library, "Dark 1x2")
    };
    let episode = it.item(new).await;
    it.recount(&[series.root]).await;
    let root = card(&it, &person, series.root).await;
    assert_eq!((root.unplayed_count, root.progress.is_played), (Some(1), false));
    let next = it.catalog.find_next(&person, series.root).await.expect("an answer");
    assert_eq!(next.map(|it| it.id), Some(episode));
}

#[tokio::test]
async fn what_people_made_finds_an_item_that_came_back() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    it.catalog.mark_played(&person, film).await.expect("marked");
    it.catalog.add_favourite(&person, film).await.expect("added");
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DELETE FROM item WHERE id = $1", film).await;

    let back = it.item(NewItem::film(library, "Akira")).await;
    assert!(!card(&it, &person, back).await.progress.is_played);
    for _ in ["once", "and again"] {
        adopt(&mut db, &[back]).await.expect("adopted");
        recount(&mut db, &[back]).await.expect("counted");
    }
    let card = card(&it, &person, back).await;
    assert!(card.progress.is_played && card.is_favourite);
}

#[tokio::test]
async fn what_hangs_on_a_living_item_stays_with_it() {
    let it = Sample::start().await;
    let (library, other) = (it.library("Films").await, it.library("More").await);
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library, other]);
    it.catalog.mark_played(&person, film).await.expect("marked");
    let twin = it.item(NewItem::film(other, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    adopt(&mut db, &[twin]).await.expect("adopted");
    assert!(card(&it, &person, film).await.progress.is_played);
    assert!(!card(&it, &person, twin).await.progress.is_played);
}

#[tokio::test]
async fn nobody_touches_what_does_not_exist_for_them() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let secret = it.item(NewItem::film(other, "Secret")).await;
    let person = viewer(1, [mine]);
    let catalog = &it.catalog;
    assert!(matches!(
        catalog.report_progress(&person, secret, playing(1)).await,
        Err(Error::NotFound(_))
    ));
    assert!(matches!(catalog.mark_played(&person, secret).await, Err(Error::NotFound(_))));
    assert!(matches!(catalog.mark_unplayed(&person, secret).await, Err(Error::NotFound(_))));
    assert!(matches!(catalog.add_favourite(&person, secret).await, Err(Error::NotFound(_))));
    assert!(matches!(catalog.delete_favourite(&person, secret).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_favourite_is_one_until_it_is_none() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    for _ in ["once", "and again"] {
        it.catalog.add_favourite(&person, film).await.expect("added");
        assert!(card(&it, &person, film).await.is_favourite);
    }
    assert!(!card(&it, &viewer(2, [library]), film).await.is_favourite);
    it.catalog.delete_favourite(&person, film).await.expect("deleted");
    assert!(!card(&it, &person, film).await.is_favourite);
}

#[tokio::test]
async fn progress_is_told_to_ones_own_devices_only() {
    use futures::StreamExt as _;

    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    let mut heard = it.catalog.cache.subscribe(Event::CHANNEL).await;
    it.catalog.report_progress(&person, film, playing(HOUR / 2)).await.expect("kept");
    let Some(cache::Event::Message(bytes)) = heard.next().await else { panic!("an event") };
    let event = Event::from_bytes(&bytes).expect("our own event");
    assert_eq!(event.name, "progress.changed");
    assert_eq!(event.data["progress"]["position_ms"], HOUR / 2);
    assert!(event.is_for(&person) && !event.is_for(&viewer(2, [library])));
}
