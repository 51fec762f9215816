use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::id::{ItemId, LibraryId};
use kernel::{Guard, Viewer};

use super::*;
use crate::personal::{PlayState, ProgressReport};
use crate::sample::{NewItem, Sample, at, insert_many_items, viewer};

/// Films by what they are tagged with, fed to the index.
struct Shelf {
    it: Sample,
    library: LibraryId,
    other: LibraryId,
}

impl Shelf {
    async fn start() -> Self {
        let it = Sample::start().await;
        let (library, other) = (it.library("Films").await, it.library("Other").await);
        Self { it, library, other }
    }

    async fn film(&self, library: LibraryId, title: &str, tags: &[&str]) -> ItemId {
        let film = self.it.item(NewItem::film(library, title)).await;
        self.tag(film, tags).await;
        film
    }

    async fn tag(&self, item: ItemId, tags: &[&str]) {
        let mut db = self.it.catalog.connection().await.expect("a connection");
        for tag in tags {
            let sql = "
                WITH made AS (
                    INSERT INTO label (kind, name, identity) VALUES ('tag', $1, $1)
                    ON CONFLICT (kind, identity) DO UPDATE SET name = EXCLUDED.name
                    RETURNING id
                )
                INSERT INTO item_label (item_id, label_id) SELECT $2, id FROM made";
            sqlx::query(sql).bind(tag).bind(item.0).execute(&mut *db).await.expect("tagged");
        }
        let sql = "INSERT INTO search_outbox (item_id) VALUES ($1)";
        sqlx::query(sql).bind(item.0).execute(&mut *db).await.expect("to be fed");
    }

    async fn feed(&self) {
        while self.it.catalog.feed_search().await.expect("fed") > 0 {}
    }

    async fn similar(&self, viewer: &Viewer, id: ItemId) -> Vec<ItemId> {
        let found = self.it.catalog.list_similar(viewer, id, 20).await.expect("an answer");
        found.items.into_iter().map(|it| it.id).collect()
    }

    async fn for_you(&self, viewer: &Viewer) -> Vec<(ItemId, ItemId, Reason)> {
        let found = self.it.catalog.for_you(viewer, 20).await.expect("an answer");
        found.items.into_iter().map(|it| (it.item.id, it.because.id, it.because.reason)).collect()
    }

    async fn watch(&self, viewer: &Viewer, id: ItemId, percent: i64) {
        let (position_ms, duration_ms) = (percent * 1000, Some(100_000));
        let state = PlayState::Stopped;
        let report = ProgressReport { position_ms, duration_ms, state, file_id: None };
        self.it.catalog.report_progress(viewer, id, report).await.expect("kept");
    }

    async fn make(&self, sql: &'static str, viewer: &Viewer, id: ItemId) {
        let mut db = self.it.catalog.connection().await.expect("a connection");
        sqlx::query(sql)
            .bind(viewer.person_id.0)
            .bind(id.0)
            .bind(at(20))
            .execute(&mut *db)
            .await
            .expect(sql);
    }
}

const RATE_10: &str = "
    INSERT INTO rating (person_id, item_id, item_key, value, rated_at)
    SELECT $1, id, kind || ':' || identity, 10, $3 FROM item WHERE id = $2";
const RATE_1: &str = "
    INSERT INTO rating (person_id, item_id, item_key, value, rated_at)
    SELECT $1, id, kind || ':' || identity, 1, $3 FROM item WHERE id = $2";
const HIDE: &str = "
    INSERT INTO hidden (person_id, item_id, item_key, created_at)
    SELECT $1, id, kind || ':' || identity, $3 FROM item WHERE id = $2";
const LOVE: &str = "
    INSERT INTO favourite (person_id, item_id, item_key, created_at)
    SELECT $1, id, kind || ':' || identity, $3 FROM item WHERE id = $2";

const SPACE: &[&str] = &["space", "monster", "crew"];

#[tokio::test]
async fn more_like_this_is_the_likest_of_what_one_may_see_and_not_itself() {
    let it = Shelf::start().await;
    let alien = it.film(it.library, "Alien", SPACE).await;
    let aliens = it.film(it.library, "Aliens", &["space", "monster", "marines"]).await;
    let gravity = it.film(it.library, "Gravity", &["space", "orbit"]).await;
    it.film(it.library, "Notting Hill", &["love", "london"]).await;
    let secret = it.film(it.other, "Secret", SPACE).await;
    let again = it.film(it.other, "Alien", SPACE).await;
    it.feed().await;

    let person = viewer(1, [it.library]);
    assert_eq!(it.similar(&person, alien).await, [aliens, gravity]);
    let both = viewer(2, [it.library, it.other]);
    let found = it.similar(&both, alien).await;
    assert!(found.contains(&secret) && !found.contains(&again), "the same film is no other");
    let found = it.it.catalog.list_similar(&person, secret, 20).await;
    assert!(matches!(found, Err(kernel::Error::NotFound("item"))));
    assert_eq!(it.it.catalog.list_similar(&both, alien, 1).await.expect("some").items.len(), 1);

    let mut db = it.it.catalog.connection().await.expect("a connection");
    let sql = "UPDATE item SET missing_since = now() WHERE id = $1";
    sqlx::query(sql).bind(aliens.0).execute(&mut *db).await.expect("gone");
    assert_eq!(it.similar(&person, alien).await, [gravity], "gone, though the index has it yet");
}

#[tokio::test]
async fn an_episode_has_what_is_like_its_series_and_none_of_its_own() {
    let it = Shelf::start().await;
    let series = it.it.series(it.library, "Dark Space", &[0, 3]).await;
    it.tag(series.root, SPACE).await;
    for episode in &series.episodes {
        it.tag(*episode, SPACE).await;
    }
    let alien = it.film(it.library, "Alien", SPACE).await;
    it.feed().await;
    let person = viewer(1, [it.library]);
    for id in [series.root, series.seasons[1], series.episodes[0]] {
        assert_eq!(it.similar(&person, id).await, [alien]);
    }
    assert_eq!(it.similar(&person, alien).await, [series.root]);
}

#[tokio::test]
async fn what_is_kept_from_somebody_is_neither_near_nor_a_reason() {
    let it = Shelf::start().await;
    let alien = it.film(it.library, "Alien", SPACE).await;
    let aliens = it.film(it.library, "Aliens", SPACE).await;
    let gravity = it.film(it.library, "Gravity", SPACE).await;
    let mut db = it.it.catalog.connection().await.expect("a connection");
    let sql = "UPDATE item SET content_rating_age = 16 WHERE id = $1";
    for film in [aliens, alien] {
        sqlx::query(sql).bind(film.0).execute(&mut *db).await.expect("rated");
    }
    // Tags are marks, too, which all of them have.
    let sql = "
        SELECT mark FROM item, unnest(marks) AS mark WHERE id = $1
        EXCEPT SELECT mark FROM item, unnest(marks) AS mark WHERE id = $2";
    let marks = sqlx::query_scalar(sql).bind(aliens.0).bind(gravity.0);
    let marks: Vec<i64> = marks.fetch_all(&mut *db).await.expect("marks");
    assert!(!marks.is_empty(), "an age is a mark");
    it.feed().await;

    let person = viewer(1, [it.library]);
    let mut child = viewer(1, [it.library]);
    child.scope = child.scope.guarded(Guard { hidden: marks, ..Guard::default() });
    it.watch(&person, alien, 100).await;
    assert_eq!(it.similar(&child, gravity).await, []);
    assert_eq!(it.similar(&person, gravity).await.len(), 2);
    assert_eq!(it.for_you(&child).await, [], "what they may not see any more is no reason");
    assert_eq!(it.for_you(&person).await.len(), 2);
}

#[tokio::test]
async fn for_you_is_like_what_one_watched_and_loved_and_says_so() {
    let it = Shelf::start().await;
    let alien = it.film(it.library, "Alien", SPACE).await;
    let aliens = it.film(it.library, "Aliens", &["space", "monster", "marines"]).await;
    let notting = it.film(it.library, "Notting Hill", &["love", "london", "bookshop"]).await;
    let actually = it.film(it.library, "Actually", &["love", "london", "christmas"]).await;
    let western = it.film(it.library, "Western", &["desert", "gun", "sheriff"]).await;
    it.film(it.library, "Duel", &["desert", "gun", "horse"]).await;
    it.film(it.other, "Secret", SPACE).await;
    it.feed().await;
    let person = viewer(1, [it.library]);
    assert_eq!(it.for_you(&person).await, [], "nothing is known of them");

    it.watch(&person, alien, 100).await;
    assert_eq!(it.for_you(&person).await, [(aliens, alien, Reason::Watched)]);
    it.make(LOVE, &person, notting).await;
    let expected = [(actually, notting, Reason::Loved), (aliens, alien, Reason::Watched)];
    assert_eq!(it.for_you(&person).await, expected);
    it.make(RATE_1, &person, western).await;
    assert_eq!(it.for_you(&person).await, expected, "nothing like what they dislike");
    it.make(RATE_10, &person, alien).await;
    assert_eq!(it.for_you(&person).await[0], (aliens, alien, Reason::Rated));
    assert_eq!(it.for_you(&viewer(2, [it.library])).await, [], "another's taste is not theirs");
    assert_eq!(it.for_you(&viewer(1, [])).await, [], "what they may not see is no reason");
}

#[tokio::test]
async fn what_one_knows_or_hid_is_not_suggested() {
    for known in ["begun", "watched", "loved", "rated", "hidden"] {
        let it = Shelf::start().await;
        let alien = it.film(it.library, "Alien", SPACE).await;
        let aliens = it.film(it.library, "Aliens", SPACE).await;
        let gravity = it.film(it.library, "Gravity", SPACE).await;
        it.film(it.other, "Aliens", SPACE).await;
        it.feed().await;
        let person = viewer(1, [it.library, it.other]);
        it.watch(&person, alien, 100).await;
        assert_eq!(it.for_you(&person).await.len(), 2, "each thing once");
        match known {
            "begun" => it.watch(&person, aliens, 40).await,
            "watched" => it.watch(&person, aliens, 100).await,
            "loved" => it.make(LOVE, &person, aliens).await,
            "rated" => it.make(RATE_10, &person, aliens).await,
            _ => it.make(HIDE, &person, aliens).await,
        }
        let found = it.for_you(&person).await;
        let ids: Vec<ItemId> = found.iter().map(|it| it.0).collect();
        assert_eq!(ids, [gravity], "{known}, from whichever library");
    }
}

#[tokio::test]
async fn traits_are_counted_when_there_is_enough_and_again_when_there_is_twice_as_much() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let n_checks = AtomicUsize::new(0);
    let count = || {
        it.catalog.count_traits(|| {
            n_checks.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    };
    let mut db = it.catalog.connection().await.expect("a connection");
    insert_many_items(&mut db, library, 19).await;
    assert_eq!(count().await.expect("asked"), None, "too few say nothing");
    it.item(NewItem::film(library, "The twentieth")).await;
    assert_eq!(count().await.expect("counted"), Some(20));
    assert_eq!(count().await.expect("asked"), None, "done again it changes nothing");
    assert!(it.catalog.has_new_rarity().await.expect("asked"));
    assert_eq!(it.catalog.rebuild_search().await.expect("made"), 20);
    assert!(!it.catalog.has_new_rarity().await.expect("asked"), "the index is made by it");
    assert_eq!(it.catalog.search.rarity().n_items(), 20);

    for n in 0..20 {
        it.item(NewItem::film(library, &format!("Another {n}"))).await;
    }
    it.pass(1);
    assert_eq!(count().await.expect("counted"), Some(40));
    assert!(it.catalog.has_new_rarity().await.expect("asked"));
    it.catalog.learn_rarity(&mut db).await.expect("learnt");
    assert_eq!(it.catalog.search.rarity().n_items(), 40, "every node takes the newest");
    assert!(n_checks.into_inner() >= 4, "between batches it asks whether to go on");
    let stopped = || Err(kernel::Error::NotFound("time"));
    sqlx::query("DELETE FROM rarity").execute(&mut *db).await.expect("forgotten");
    assert!(it.catalog.count_traits(stopped).await.is_err());
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM rarity")
        .fetch_one(&mut *db)
        .await
        .expect("counted");
    assert_eq!(kept, 0, "what was stopped is begun anew");
}
