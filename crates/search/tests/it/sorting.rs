//! Orders that somebody asks for, on every engine.

use search::{Document, Matched, Query, Sort, SortBy};

use crate::contract::Subject;
use crate::films::{film, id, typed};
use crate::on_every_engine;

on_every_engine! {
    hits_come_in_the_order_that_is_asked_for
    an_order_holds_for_more_than_is_looked_at_to_find_the_best
    titles_are_in_order_by_every_letter_and_without_regard_to_signs
    whom_somebody_plays_is_found
}

fn by(by: SortBy, is_descending: bool) -> Sort {
    Sort { by, is_descending }
}

fn known(title: &str, year: Option<i32>, rating: Option<f32>, added_at: i64) -> Document {
    Document { year, rating, added_at, ..film(title, 1.0) }
}

async fn titles(it: &Subject, all: &[Document], query: &Query<'_>) -> Vec<String> {
    let hits = it.search.query(query).await.unwrap().hits;
    let title = |id| all.iter().find(|it| it.id == id).map(|it| it.title.clone());
    hits.iter().map(|it| title(it.id).expect("one of ours")).collect()
}

async fn hits_come_in_the_order_that_is_asked_for(it: Subject) {
    let all = [
        known("Night", Some(1990), Some(7.0), 40),
        known("Night Train", Some(2010), None, 10),
        known("A Long Night", None, Some(9.1), 30),
        known("Zebra Night", Some(-44), Some(7.1), 20),
        known("Day", Some(2020), Some(10.0), 50),
    ];
    it.write(&all).await;
    for (sort, expected) in [
        (None, ["Night", "Night Train", "A Long Night", "Zebra Night"]),
        (Some(by(SortBy::Title, false)), ["A Long Night", "Night", "Night Train", "Zebra Night"]),
        (Some(by(SortBy::Title, true)), ["Zebra Night", "Night Train", "Night", "A Long Night"]),
        (Some(by(SortBy::Year, false)), ["Zebra Night", "Night", "Night Train", "A Long Night"]),
        (Some(by(SortBy::Year, true)), ["Night Train", "Night", "Zebra Night", "A Long Night"]),
        (Some(by(SortBy::Rating, false)), ["Night", "Zebra Night", "A Long Night", "Night Train"]),
        (Some(by(SortBy::Rating, true)), ["A Long Night", "Zebra Night", "Night", "Night Train"]),
        (Some(by(SortBy::AddedAt, false)), ["Night Train", "Zebra Night", "A Long Night", "Night"]),
        (Some(by(SortBy::AddedAt, true)), ["Night", "A Long Night", "Zebra Night", "Night Train"]),
    ] {
        let query = Query { sort, ..typed("night") };
        assert_eq!(titles(&it, &all, &query).await, expected, "{sort:?}");
        let page = Query { limit: 2, offset: 1, ..query };
        assert_eq!(titles(&it, &all, &page).await, expected[1..3], "{sort:?}");
    }
    let misspelled = Query { sort: Some(by(SortBy::Year, true)), ..typed("zebar") };
    let hits = it.search.query(&misspelled).await.unwrap();
    assert_eq!(hits.meant.as_deref(), Some("zebra"));
}

async fn an_order_holds_for_more_than_is_looked_at_to_find_the_best(it: Subject) {
    // Written in several parts, which have each their own first.
    let all: Vec<Document> = (0..900)
        .map(|at| Document {
            popularity: at as f32,
            ..known(&format!("Night {:03}", at * 7 % 900), Some(1000 + at * 11 % 900), None, 0)
        })
        .collect();
    for part in all.chunks(300) {
        it.write(part).await;
    }
    let first = Query { sort: Some(by(SortBy::Title, false)), limit: 3, ..typed("night") };
    assert_eq!(titles(&it, &all, &first).await, ["Night 000", "Night 001", "Night 002"]);
    let last =
        Query { sort: Some(by(SortBy::Title, true)), limit: 2, offset: 200, ..typed("night") };
    assert_eq!(titles(&it, &all, &last).await, ["Night 699", "Night 698"]);
    let newest = Query { sort: Some(by(SortBy::Year, true)), limit: 3, ..typed("night") };
    let years: Vec<_> = titles(&it, &all, &newest)
        .await
        .iter()
        .map(|title| all.iter().find(|it| it.title == *title).expect("one of ours").year)
        .collect();
    assert_eq!(years, [Some(1899), Some(1898), Some(1897)]);
}

async fn titles_are_in_order_by_every_letter_and_without_regard_to_signs(it: Subject) {
    let titles_in_order =
        ["Episode of the Ångström 1", "Episode of the Ångström 12", "Épisode of the Ångstrom: 2"];
    let all = titles_in_order.map(|it| film(it, 0.0));
    let written: Vec<Document> = all.iter().rev().cloned().collect();
    it.write(&written).await;
    let query = Query { sort: Some(by(SortBy::Title, false)), ..typed("episode") };
    assert_eq!(titles(&it, &all, &query).await, titles_in_order);
}

async fn whom_somebody_plays_is_found(it: Subject) {
    let pirates = Document {
        people: vec!["Johnny Depp".into(), "Keira Knightley".into()],
        characters: vec!["Jack Sparrow".into(), "Elizabeth Swann".into()],
        ..film("Pirates of the Caribbean", 9.0)
    };
    it.write(&[pirates, film("Sparrows Can't Sing", 1.0)]).await;
    for text in ["jack sparrow", "jack spar", "jack sparow"] {
        let hits = it.search.query(&typed(text)).await.unwrap().hits;
        let found: Vec<_> = hits.into_iter().map(|it| (it.id, it.matched)).collect();
        let character = Some(Matched::Character("Jack Sparrow".into()));
        assert_eq!(found, [(id("Pirates of the Caribbean"), character)], "{text}");
    }
    let both = it.search.query(&typed("depp sparrow")).await.unwrap().hits;
    assert_eq!(both[0].matched, Some(Matched::Person("Johnny Depp".into())));
}
