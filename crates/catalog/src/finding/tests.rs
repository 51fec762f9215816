use super::*;
use crate::sample::{NewItem, Sample, run, viewer};

#[tokio::test]
async fn what_changed_is_found_and_what_went_is_not() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let akira = it.item(NewItem::film(mine, "Akira")).await;
    let secret = it.item(NewItem::film(other, "Akira's secret")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    for item in [akira, secret, akira] {
        run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", item).await;
    }
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 3);
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 0, "nothing is left");
    let find = async |person: &kernel::Viewer| {
        let found = it.catalog.find_items(person, "akir", None, 10).await.expect("an answer");
        found.hits.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(find(&viewer(1, [mine])).await, [akira], "only of their libraries");
    assert_eq!(find(&viewer(1, [mine, other])).await.len(), 2);
    assert!(find(&viewer(1, [])).await.is_empty());

    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", akira).await;
    run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", akira).await;
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 1);
    assert!(find(&viewer(1, [mine])).await.is_empty());
}

#[tokio::test]
async fn an_index_made_anew_has_all_that_is_there() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let akira = it.item(NewItem::film(library, "Akira")).await;
    it.item(NewItem::film(library, "Alien")).await;
    let gone = it.item(NewItem::film(library, "Gone")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", gone).await;
    assert_eq!(it.catalog.rebuild_search().await.expect("made"), 2);
    it.catalog.search.flush().await.expect("written");
    let found =
        it.catalog.find_items(&viewer(1, [library]), "akira", None, 10).await.expect("an answer");
    assert_eq!(found.hits.iter().map(|it| it.id).collect::<Vec<_>>(), [akira]);
}

#[tokio::test]
async fn without_the_engine_titles_alike_are_found() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let akira = it.item(NewItem::film(mine, "Akira")).await;
    it.item(NewItem::film(mine, "Brazil")).await;
    it.item(NewItem::film(other, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let scope = kernel::LibraryScope::of([mine]);
    for text in ["akira", "Akir", "akkira"] {
        let ids = store::list_alike(&mut db, &scope, text, None, 10).await.expect("an answer");
        assert_eq!(ids, [akira], "{text}");
    }
    assert!(
        store::list_alike(&mut db, &scope, "akira", Some("series"), 10)
            .await
            .expect("an answer")
            .is_empty()
    );
}

#[tokio::test]
async fn a_query_of_nothing_finds_nothing_and_one_too_long_is_refused() {
    let it = Sample::start().await;
    let person = viewer(1, []);
    assert_eq!(it.catalog.find_items(&person, "  ", None, 10).await.expect("an answer").found, 0);
    for wrong in ["a".repeat(201), "a\0b".to_owned()] {
        assert!(it.catalog.find_items(&person, &wrong, None, 10).await.is_err());
    }
}
