use chrono::{DateTime, Utc};
use kernel::Limit;
use kernel::id::{ItemId, PersonId};
use serde_json::json;

use super::*;
use crate::Catalog;
use crate::item::ItemCard;
use crate::personal::export::Made as Kept;
use crate::personal::{PlayState, ProgressReport};
use crate::sample::{NewItem, Sample, at, viewer};

const HOUR: i64 = 3_600_000;

fn made(item_id: ItemId) -> Made {
    Made {
        item_id,
        is_played: false,
        play_count: 0,
        position_ms: 0,
        last_played_at: None,
        is_favourite: false,
        rating: None,
        plays: Vec::new(),
    }
}

fn played(item_id: ItemId, play_count: i32, when: DateTime<Utc>) -> Made {
    let plays = vec![when];
    Made { is_played: true, play_count, last_played_at: Some(when), plays, ..made(item_id) }
}

fn begun(item_id: ItemId, position_ms: i64, when: DateTime<Utc>) -> Made {
    Made { position_ms, last_played_at: Some(when), ..made(item_id) }
}

async fn arrival(catalog: &Catalog) -> ArrivalId {
    let new = NewArrival { source: "plex".into(), origin: "here".into(), asked: json!({}) };
    catalog.create_arrival(new).await.expect("kept").id
}

/// Brings as an import of its own, and says what was written.
async fn bring(it: &Sample, person: PersonId, made: &[Made]) -> Brought {
    let arrival = arrival(&it.catalog).await;
    let step = Step { arrival, number: 0, source_person: "7" };
    let tried = it.catalog.try_bringing(Some(person), made).await.expect("tried");
    assert!(it.catalog.bring(step, person, made).await.expect("brought"));
    let kept = it.catalog.find_arrival(arrival).await.expect("it is there");
    assert_eq!(kept.brought["7"], tried, "what was foretold was done");
    tried
}

async fn card(it: &Sample, person: &kernel::Viewer, id: ItemId) -> ItemCard {
    it.catalog.find_card(person, id).await.expect("the item")
}

#[tokio::test]
async fn what_was_made_elsewhere_is_given_once() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let series = it.series(library, "Dark", &[0, 3]).await;
    it.recount(&[film]).await;
    let person = viewer(1, [library]);
    let all = [
        Made { is_favourite: true, rating: Some(9), ..begun(film, HOUR / 2, at(3)) },
        played(series.episodes[0], 2, at(4)),
        Made { is_favourite: true, ..made(series.root) },
        Made { play_count: 3, ..made(series.root) },
    ];
    let brought = bring(&it, person.person_id, &all[..3]).await;
    let expect = Brought { progress_new: 2, plays: 1, favourites: 2, ratings: 1, ..<_>::default() };
    assert_eq!(brought, expect);
    let progress = card(&it, &person, film).await.progress;
    assert_eq!((progress.position_ms, progress.is_played), (HOUR / 2, false));
    assert_eq!(progress.last_played_at, Some(at(3)));
    let next = it.catalog.find_next(&person, series.root).await.expect("asked");
    let next = next.map(|it| it.id);
    assert_eq!(next, Some(series.episodes[1]), "what is derived is derived");
    assert!(card(&it, &person, series.root).await.is_favourite);
    let stranger = viewer(2, [library]);
    assert!(!card(&it, &stranger, film).await.is_favourite);

    let again = bring(&it, person.person_id, &all[..3]).await;
    assert_eq!(again, Brought { progress_same: 2, ..<_>::default() }, "nothing twice");
    let plays = it.catalog.export(&person, Kept::Plays, None, 10).await.expect("the history");
    assert_eq!(plays.len(), 1);
    let group = bring(&it, person.person_id, &all[3..]).await;
    assert_eq!(group.progress_new, 0, "a group has no progress of its own");
}

#[tokio::test]
async fn trying_writes_nothing() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    let all = [Made { is_favourite: true, rating: Some(3), ..played(film, 1, at(3)) }];
    for to in [Some(person.person_id), None] {
        let tried = it.catalog.try_bringing(to, &all).await.expect("tried");
        assert_eq!((tried.progress_new, tried.favourites, tried.ratings), (1, 1, 1));
    }
    let sets = [Set { name: "S".into(), sort_name: "s".into(), overview: None, items: vec![film] }];
    let tried = it.catalog.try_bringing_sets(&sets).await.expect("tried");
    assert_eq!((tried.collections, tried.collection_items), (1, 1));
    let card = card(&it, &person, film).await;
    assert!(!card.progress.is_played && !card.is_favourite);
    let page = it.catalog.list_collections(&person, None, Limit::new(None)).await.expect("sets");
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn the_later_play_has_the_word_and_counts_only_grow() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let report = async |film, position_ms| {
        let (duration_ms, state) = (Some(HOUR), PlayState::Stopped);
        let report = ProgressReport { position_ms, duration_ms, state, file_id: None };
        it.catalog.report_progress(&person, film, report).await.expect("kept");
    };
    let film = async |title| {
        let film = it.item(NewItem::film(library, title)).await;
        it.recount(&[film]).await;
        film
    };
    // Here the clock stands at the 20th.
    let ours_is_later = film("Ours is later").await;
    report(ours_is_later, HOUR / 2).await;
    bring(&it, person.person_id, &[begun(ours_is_later, HOUR / 4, at(3))]).await;
    assert_eq!(card(&it, &person, ours_is_later).await.progress.position_ms, HOUR / 2);

    let theirs_is_later = film("Theirs is later").await;
    report(theirs_is_later, HOUR / 2).await;
    bring(&it, person.person_id, &[begun(theirs_is_later, HOUR / 4, at(21))]).await;
    let progress = card(&it, &person, theirs_is_later).await.progress;
    assert_eq!((progress.position_ms, progress.last_played_at), (HOUR / 4, Some(at(21))));

    let watched_again = film("Watched again here").await;
    report(watched_again, HOUR / 2).await;
    bring(&it, person.person_id, &[played(watched_again, 4, at(3))]).await;
    let progress = card(&it, &person, watched_again).await.progress;
    assert_eq!((progress.is_played, progress.play_count), (true, 4));
    assert_eq!(progress.position_ms, HOUR / 2, "whoever watches it again goes on");
    bring(&it, person.person_id, &[played(watched_again, 1, at(4))]).await;
    assert_eq!(card(&it, &person, watched_again).await.progress.play_count, 4);

    let not_played = film("Said not to be played").await;
    bring(&it, person.person_id, &[played(not_played, 2, at(3))]).await;
    it.catalog.mark_unplayed(&person, not_played).await.expect("marked");
    bring(&it, person.person_id, &[played(not_played, 2, at(3))]).await;
    assert!(!card(&it, &person, not_played).await.progress.is_played, "their word here stays");
    bring(&it, person.person_id, &[played(not_played, 3, at(22))]).await;
    assert!(card(&it, &person, not_played).await.progress.is_played, "until they play it there");

    for (position_ms, expect) in [(HOUR / 100, 0), (HOUR / 2, HOUR / 2), (HOUR, 0), (-5, 0)] {
        let film = film(format!("At {position_ms}").leak()).await;
        bring(&it, person.person_id, &[begun(film, position_ms, at(3))]).await;
        let progress = card(&it, &person, film).await.progress;
        assert_eq!((progress.position_ms, progress.is_played), (expect, false), "{position_ms}");
    }
}

#[tokio::test]
async fn what_somebody_took_away_here_does_not_come_again() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    let loved = [Made { is_favourite: true, ..made(film) }];
    assert_eq!(bring(&it, person.person_id, &loved).await.favourites, 1);
    it.catalog.delete_favourite(&person, film).await.expect("deleted");
    assert_eq!(bring(&it, person.person_id, &loved).await.favourites, 0);
    assert!(!card(&it, &person, film).await.is_favourite);
}

#[tokio::test]
async fn sets_are_found_again_by_name_and_those_of_sources_are_left_alone() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let one = it.item(NewItem::film(library, "One")).await;
    let two = it.item(NewItem::film(library, "Two")).await;
    let set = |items: &[ItemId]| Set {
        name: "The Sea".into(),
        sort_name: "sea".into(),
        overview: Some("All at sea".into()),
        items: items.to_vec(),
    };
    let bring = async |set: Set| {
        let id = arrival(&it.catalog).await;
        let step = Step { arrival: id, number: 0, source_person: "" };
        assert!(it.catalog.bring_sets(step, &[set]).await.expect("brought"));
        let kept = it.catalog.find_arrival(id).await.expect("it is there").brought[""];
        (kept.collections, kept.collection_items)
    };
    assert_eq!(bring(set(&[])).await, (0, 0), "an empty one is none");
    assert_eq!(bring(set(&[one])).await, (1, 1));
    assert_eq!(bring(set(&[two, one])).await, (0, 1), "what it lacks");
    assert_eq!(bring(set(&[two, one])).await, (0, 0));
    let page = it.catalog.list_collections(&person, None, Limit::new(None)).await.expect("sets");
    assert_eq!((page.items.len(), page.items[0].item_count), (1, 2));

    let mut db = it.catalog.connection().await.expect("a connection");
    sqlx::raw_sql("UPDATE collection SET identity = 'tmdb:1'").execute(&mut *db).await.expect("so");
    let three = it.item(NewItem::film(library, "Three")).await;
    assert_eq!(bring(set(&[three])).await, (0, 0), "its source would take it out again");
}

#[tokio::test]
async fn a_step_that_was_done_is_passed_by() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    let arrival = arrival(&it.catalog).await;
    let all = [played(film, 1, at(3))];
    for (number, expect) in [(0, true), (0, false), (1, true), (0, false), (1, false)] {
        let step = Step { arrival, number, source_person: "7" };
        let done = it.catalog.bring(step, person.person_id, &all).await.expect("asked");
        assert_eq!(done, expect, "step {number}");
    }
    let kept = it.catalog.find_arrival(arrival).await.expect("it is there");
    assert_eq!((kept.step, kept.brought["7"].progress_new), (2, 1));
}

#[tokio::test]
async fn one_job_at_a_time_is_at_an_arrival() {
    let it = Sample::start().await;
    let id = arrival(&it.catalog).await;
    let begin = async |from: &[ArrivalState]| {
        let enqueue: EnqueueArrival = Box::new(|_| Box::pin(async { Ok(5) }));
        it.catalog.begin_arrival(id, from, ArrivalState::Reading, enqueue).await.expect("asked")
    };
    assert!(!begin(&[ArrivalState::Ready]).await);
    assert!(begin(&[ArrivalState::New]).await);
    assert!(!begin(&[ArrivalState::New]).await);
    let kept = it.catalog.find_arrival(id).await.expect("it is there");
    assert_eq!((kept.state, kept.job_id), (ArrivalState::Reading, Some(5)));
    it.catalog.delete_arrival(id).await.expect("deleted");
    assert!(it.catalog.find_arrival(id).await.is_err());
}

#[tokio::test]
async fn our_items_are_found_by_ids_files_and_places() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let series = it.series(library, "Dark", &[1, 2]).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let sql = format!("INSERT INTO external_id VALUES ('{film}', 'tmdb', '149')");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *db).await.expect("inserted");
    let ids = [("tmdb", "149"), ("imdb", "149"), ("tmdb", "1")];
    let ids = ids.map(|(it, id)| (it.to_owned(), id.to_owned()));
    let found = it.catalog.list_by_ids_unscoped(&ids).await.expect("found");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].2.id, found[0].2.shape), (film, Shape::Film));
    let named = it.catalog.list_named_unscoped(None).await.expect("listed");
    let mut titles: Vec<_> = named.iter().map(|it| it.title.as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Akira", "Dark"]);
    let after = named.last().map(|it| it.place.id);
    assert!(it.catalog.list_named_unscoped(after).await.expect("listed").is_empty());
    let mut below = it.catalog.list_below_unscoped(&[series.root]).await.expect("listed");
    below.sort_by_key(|it| (it.shape, it.season, it.episode));
    let places: Vec<_> = below.iter().map(|it| (it.shape, it.season, it.episode)).collect();
    let expect = [
        (Shape::Season, Some(0), None),
        (Shape::Season, Some(1), None),
        (Shape::Episode, Some(0), Some(1)),
        (Shape::Episode, Some(1), Some(1)),
        (Shape::Episode, Some(1), Some(2)),
    ];
    assert_eq!(places, expect);
    let (files, next) = it.catalog.list_filed_unscoped(None).await.expect("listed");
    assert!(files.is_empty() && next.is_none());
}

#[tokio::test]
async fn lists_come_once_and_what_was_taken_out_stays_out() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let one = it.item(NewItem::film(library, "One")).await;
    let two = it.item(NewItem::film(library, "Two")).await;
    let list = |items: &[ItemId]| List {
        origin: "plex:1".into(),
        name: "Friday".into(),
        overview: None,
        is_shared: false,
        items: items.to_vec(),
    };
    let bring = async |items: &[ItemId]| {
        let lists = [list(items)];
        let tried = it.catalog.try_bringing_lists(Some(person.person_id), &lists).await;
        let id = arrival(&it.catalog).await;
        let step = Step { arrival: id, number: 0, source_person: "7" };
        assert!(it.catalog.bring_lists(step, person.person_id, &lists).await.expect("brought"));
        let kept = it.catalog.find_arrival(id).await.expect("it is there").brought["7"];
        assert_eq!(kept, tried.expect("tried"), "what was foretold was done");
        (kept.playlists, kept.playlist_items)
    };
    let lists = async || {
        let page = it.catalog.list_playlists(&person, false, None, Limit::new(None)).await;
        page.expect("lists").items
    };
    let titles = async || {
        let id = lists().await[0].id;
        let page = it.catalog.list_playlist_entries(&person, id, None, Limit::new(None)).await;
        page.expect("entries").items
    };
    assert_eq!(bring(&[]).await, (0, 0), "nothing of it is here yet");
    assert_eq!(bring(&[two, two]).await, (1, 2), "twice is twice");
    assert_eq!(bring(&[two, two]).await, (0, 0));
    assert_eq!(bring(&[one, two, two]).await, (0, 1), "what came since");
    let entries = titles().await;
    let names: Vec<_> = entries.iter().map(|it| it.item.title.as_str()).collect();
    assert_eq!(names, ["Two", "Two", "One"]);
    let id = lists().await[0].id;
    it.catalog.remove_from_playlist(&person, id, &[entries[2].id]).await.expect("out");
    assert_eq!(bring(&[one, two, two]).await, (0, 0));
    assert_eq!(titles().await.len(), 2);
    it.catalog.delete_playlist(&person, id).await.expect("deleted");
    assert_eq!(bring(&[one, two, two]).await, (0, 0), "what was deleted stays so");
    assert!(lists().await.is_empty());
}
