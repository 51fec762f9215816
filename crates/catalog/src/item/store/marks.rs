//! What the triggers of migration 0012 keep: the marks by which people are kept from items.

use kernel::id::{ItemId, LibraryId};
use kernel::{Guard, LibraryScope, Parental};
use testkit::database::{RolledBack, rolled_back};
use uuid::Uuid;

use super::list_items_by_id;
use crate::migrations;
use crate::sample::{NewItem, insert_item, insert_library, insert_shows, run};

const LABEL: &str = "
    WITH label AS (
        INSERT INTO label (kind, name, identity) VALUES ('tag', 'Gore', 'gore')
        ON CONFLICT ON CONSTRAINT label_identity_unique DO UPDATE SET name = EXCLUDED.name
        RETURNING id
    )
    INSERT INTO item_label (item_id, label_id) SELECT $1, id FROM label";

/// A series, its season, two episodes, and a film.
struct Shelf {
    db: RolledBack,
    libraries: [LibraryId; 2],
    all: [ItemId; 5],
}

impl Shelf {
    async fn start() -> Self {
        let mut db = rolled_back(&migrations(), "catalog,public").await;
        let libraries =
            [insert_shows(&mut db, "Shows").await, insert_library(&mut db, "Films").await];
        let all = [1, 2, 3, 4, 5].map(|it| ItemId(Uuid::from_u128(it)));
        let [series, season, first, second, film] = all;
        let of = |kind, title, parent| NewItem {
            kind,
            form: if kind == "episode" { "video" } else { "group" },
            parent,
            ..NewItem::film(libraries[0], title)
        };
        insert_item(&mut db, series, of("series", "Series", None)).await;
        insert_item(&mut db, season, of("season", "Season", Some((series, series)))).await;
        insert_item(&mut db, first, of("episode", "First", Some((season, series)))).await;
        insert_item(&mut db, second, of("episode", "Second", Some((season, series)))).await;
        insert_item(&mut db, film, NewItem::film(libraries[1], "Film")).await;
        Self { db, libraries, all }
    }

    async fn rate(&mut self, item: usize, age: Option<i16>) {
        let sql = match age {
            None => "UPDATE item SET content_rating_age = NULL WHERE id = $1",
            Some(6) => "UPDATE item SET content_rating_age = 6 WHERE id = $1",
            Some(_) => "UPDATE item SET content_rating_age = 16 WHERE id = $1",
        };
        run(&mut self.db, sql, self.all[item]).await;
    }

    /// Which of them exist, by their places.
    async fn seen(&mut self, guard: Guard) -> Vec<usize> {
        let scope = LibraryScope::of(self.libraries).guarded(guard);
        let ids = self.all.map(|it| it.0);
        let rows = list_items_by_id(&mut self.db, &scope, &ids).await.expect("items");
        let mut places: Vec<_> =
            rows.iter().filter_map(|it| self.all.iter().position(|id| *id == it.id)).collect();
        places.sort_unstable();
        places
    }

    async fn mark(&mut self) -> i64 {
        sqlx::query_scalar("SELECT mark FROM label WHERE identity = 'gore'")
            .fetch_one(&mut *self.db)
            .await
            .expect("the label's mark")
    }
}

fn young() -> Guard {
    Parental { max_age: Some(12), ..Parental::default() }.guard(&[], &[])
}

fn rated() -> Guard {
    Parental { hides_unrated: true, ..Parental::default() }.guard(&[], &[])
}

#[tokio::test]
async fn what_is_in_a_series_has_its_rating_and_no_lower_one() {
    let mut it = Shelf::start().await;
    assert_eq!(it.seen(Guard::default()).await, [0, 1, 2, 3, 4]);
    assert_eq!(it.seen(young()).await, [0, 1, 2, 3, 4], "unrated is not rated too high");
    assert!(it.seen(rated()).await.is_empty());
    it.rate(2, Some(6)).await;
    assert!(it.seen(rated()).await.is_empty(), "an episode's rating does not rate the series");
    it.rate(0, Some(16)).await;
    assert_eq!((it.seen(young()).await, it.seen(rated()).await), (vec![4], vec![0, 1, 2, 3]));
    it.rate(0, Some(6)).await;
    it.rate(3, Some(16)).await;
    assert_eq!(it.seen(young()).await, [0, 1, 2, 4], "one alone is for others");
    it.rate(1, Some(16)).await;
    assert_eq!(it.seen(young()).await, [0, 4], "so is a whole season");
    it.rate(1, None).await;
    it.rate(3, None).await;
    assert_eq!(it.seen(young()).await, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn tags_of_a_series_are_those_of_what_is_in_it() {
    let mut it = Shelf::start().await;
    let (series, season, film) = (it.all[0], it.all[1], it.all[4]);
    run(&mut it.db, LABEL, film).await;
    let mark = it.mark().await;
    let (blocked, wanted) =
        (|| Parental::default().guard(&[mark], &[]), || Parental::default().guard(&[], &[mark]));
    assert_eq!((it.seen(blocked()).await, it.seen(wanted()).await), (vec![0, 1, 2, 3], vec![4]));
    run(&mut it.db, LABEL, season).await;
    assert_eq!(it.seen(blocked()).await, [0]);
    assert_eq!(it.seen(wanted()).await, [4], "a season's tag does not bring back the series");
    run(&mut it.db, "DELETE FROM item_label WHERE item_id = $1", season).await;
    run(&mut it.db, LABEL, series).await;
    assert!(it.seen(blocked()).await.is_empty());
    assert_eq!(it.seen(wanted()).await, [0, 1, 2, 3, 4]);
    run(&mut it.db, "DELETE FROM label WHERE $1::uuid IS NOT NULL", film).await;
    assert_eq!(it.seen(blocked()).await.len(), 5);
    assert!(it.seen(wanted()).await.is_empty());
}

#[tokio::test]
async fn what_moves_to_another_series_is_of_that_one() {
    let mut it = Shelf::start().await;
    it.rate(0, Some(16)).await;
    let other = ItemId(Uuid::from_u128(9));
    let new = NewItem { kind: "series", form: "group", ..NewItem::film(it.libraries[0], "Other") };
    insert_item(&mut it.db, other, new).await;
    assert!(!it.seen(young()).await.contains(&3));
    let sql = "UPDATE item SET parent_id = '00000000-0000-0000-0000-000000000009',
        root_id = '00000000-0000-0000-0000-000000000009' WHERE id = $1";
    let second = it.all[3];
    run(&mut it.db, sql, second).await;
    assert_eq!(it.seen(young()).await, [3, 4]);
    let late = ItemId(Uuid::from_u128(10));
    let new = NewItem {
        kind: "episode",
        form: "video",
        parent: Some((it.all[1], it.all[0])),
        ..NewItem::film(it.libraries[0], "Late")
    };
    insert_item(&mut it.db, late, new).await;
    it.all[4] = late;
    assert_eq!(it.seen(young()).await, [3], "what is added later as well");
}
