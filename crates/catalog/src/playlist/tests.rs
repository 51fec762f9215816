use kernel::id::{ItemId, LibraryId};
use kernel::{Error, Guard, Limit, Viewer};
use sqlx::PgConnection;

use super::*;
use crate::personal::{adopt, carry_over};
use crate::sample::{NewItem, Sample, administrator, viewer};

const HOUR: i64 = 3_600_000;

async fn run(db: &mut PgConnection, sql: &str, id: ItemId) {
    let sql = sql.replace("$1", &format!("'{id}'"));
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(db).await.expect("done");
}

async fn film(it: &Sample, library: LibraryId, title: &str) -> ItemId {
    it.item(NewItem::film(library, title)).await
}

async fn films(it: &Sample, library: LibraryId, titles: &[&str]) -> Vec<ItemId> {
    let mut films = Vec::new();
    for title in titles {
        films.push(film(it, library, title).await);
    }
    films
}

async fn list(it: &Sample, person: &Viewer, name: &str, items: &[ItemId]) -> PlaylistCard {
    let new =
        NewPlaylist { name: name.to_owned(), item_ids: items.to_vec(), ..NewPlaylist::default() };
    it.catalog.create_playlist(person, &new).await.expect("made")
}

async fn share(it: &Sample, person: &Viewer, id: PlaylistId) -> PlaylistCard {
    let patch = PlaylistPatch { is_shared: Some(true), ..PlaylistPatch::default() };
    it.catalog.update_playlist(person, id, patch).await.expect("shared")
}

async fn add(it: &Sample, person: &Viewer, id: PlaylistId, items: &[ItemId]) -> i64 {
    let addition = Addition { item_ids: items.to_vec(), ..Addition::default() };
    it.catalog.add_to_playlist(person, id, &addition).await.expect("added").n_entries
}

/// All entries, page by page.
async fn entries(it: &Sample, person: &Viewer, id: PlaylistId) -> Vec<PlaylistEntry> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let limit = Limit::new(Some(3));
        let page = it.catalog.list_playlist_entries(person, id, cursor.as_deref(), limit);
        let page = page.await.expect("a page");
        all.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

async fn titles(it: &Sample, person: &Viewer, id: PlaylistId) -> Vec<String> {
    entries(it, person, id).await.into_iter().map(|it| it.item.title).collect()
}

async fn names(it: &Sample, person: &Viewer, only_mine: bool) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let limit = Limit::new(Some(1));
        let page = it.catalog.list_playlists(person, only_mine, cursor.as_deref(), limit);
        let page = page.await.expect("a page");
        all.extend(page.items.into_iter().map(|it| it.name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_list_keeps_its_order_and_may_hold_a_thing_twice() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let films = films(&it, library, &["A", "B", "C", "D"]).await;
    let made = list(&it, &person, " Friday ", &films[..2]).await;
    assert_eq!((made.name.as_str(), made.item_count, made.runtime_ms), ("Friday", 2, 2 * HOUR));
    assert!(made.is_mine && made.may_edit && !made.is_shared);
    assert_eq!(add(&it, &person, made.id, &[films[0], films[3], films[2]]).await, 3);
    assert_eq!(titles(&it, &person, made.id).await, ["A", "B", "A", "D", "C"]);

    let all = entries(&it, &person, made.id).await;
    let behind = Addition {
        item_ids: vec![films[3], films[1]],
        after: Some(all[0].id),
        ..Addition::default()
    };
    it.catalog.add_to_playlist(&person, made.id, &behind).await.expect("added");
    assert_eq!(titles(&it, &person, made.id).await, ["A", "D", "B", "B", "A", "D", "C"]);
    it.catalog.remove_from_playlist(&person, made.id, &[all[0].id, all[4].id]).await.expect("out");
    assert_eq!(titles(&it, &person, made.id).await, ["D", "B", "B", "A", "D"]);
    it.catalog.delete_playlist(&person, made.id).await.expect("deleted");
    assert!(matches!(it.catalog.find_playlist(&person, made.id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_entry_goes_wherever_it_is_put_however_often() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let films = films(&it, library, &["A", "B", "C", "D"]).await;
    let made = list(&it, &person, "Friday", &films).await;
    let all = entries(&it, &person, made.id).await;
    let go = async |entry: usize, after: Option<usize>| {
        let after = after.map(|at| all[at].id);
        it.catalog.move_in_playlist(&person, made.id, all[entry].id, after).await.expect("moved");
        titles(&it, &person, made.id).await.concat()
    };
    assert_eq!(go(3, None).await, "DABC");
    assert_eq!(go(0, Some(2)).await, "DBCA");
    assert_eq!(go(3, Some(0)).await, "BCAD");
    assert_eq!(go(2, Some(1)).await, "BCAD", "where it was");
    // More often than a gap can be halved: the list is spread out in between.
    for _ in 0..30 {
        assert_eq!(go(0, Some(1)).await, "BACD");
        assert_eq!(go(2, Some(1)).await, "BCAD");
    }
    let wrong = it.catalog.move_in_playlist(&person, made.id, all[0].id, Some(all[0].id)).await;
    assert!(matches!(wrong, Err(Error::Invalid { .. })));
    let gone = EntryId(uuid::Uuid::nil());
    for (entry, after) in [(gone, None), (all[0].id, Some(gone))] {
        let wrong = it.catalog.move_in_playlist(&person, made.id, entry, after).await;
        assert!(matches!(wrong, Err(Error::NotFound("entry"))));
    }
}

#[tokio::test]
async fn two_who_add_at_once_lose_nothing() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let films = films(&it, library, &["A", "B"]).await;
    let made = list(&it, &person, "Friday", &[]).await;
    let adding = (0..20).map(|n| {
        let (catalog, person, film) = (it.catalog.clone(), person.clone(), films[n % 2]);
        tokio::spawn(async move {
            let addition = Addition { item_ids: vec![film; 3], ..Addition::default() };
            catalog.add_to_playlist(&person, made.id, &addition).await
        })
    });
    for added in futures::future::join_all(adding).await {
        assert_eq!(added.expect("it ran").expect("added").n_entries, 3);
    }
    let all = titles(&it, &person, made.id).await;
    assert_eq!(all.len(), 60);
    assert!(all.chunks(3).all(|it| it[0] == it[1] && it[1] == it[2]), "each as a whole: {all:?}");
    let mut db = it.catalog.connection().await.expect("a connection");
    run(
        &mut db,
        "DO $$ BEGIN ASSERT (SELECT count(DISTINCT position) FROM playlist_entry) = 60; END $$",
        films[0],
    )
    .await;
}

#[tokio::test]
async fn a_series_stands_for_its_episodes_and_a_set_for_its_films() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let person = viewer(1, [library]);
    let series = it.series(library, "Dark", &[1, 2, 2]).await;
    let film = film(&it, library, "Akira").await;
    let made = list(&it, &person, "Friday", &[series.seasons[2], film]).await;
    assert_eq!(titles(&it, &person, made.id).await, ["Dark 2x1", "Dark 2x2", "Akira"]);
    let whole = list(&it, &person, "Whole", &[series.root]).await;
    let order = ["Dark 1x1", "Dark 1x2", "Dark 2x1", "Dark 2x2", "Dark 0x1"];
    assert_eq!(titles(&it, &person, whole.id).await, order, "specials last");

    let mut db = it.catalog.connection().await.expect("a connection");
    run(
        &mut db,
        "INSERT INTO collection (id, kind, name, sort_name) VALUES ($1, 'collection', 'Set', 'set');
         INSERT INTO collection_item (collection_id, position, item_id, item_key) VALUES ($1, 0, $1, 'x')",
        film,
    )
    .await;
    let set = Some(CollectionId(film.0));
    let addition = Addition { collection_id: set, ..Addition::default() };
    let added = it.catalog.add_to_playlist(&person, made.id, &addition).await.expect("added");
    assert_eq!(added.n_entries, 1);
    let stranger = viewer(2, []);
    let theirs = list(&it, &stranger, "Mine", &[]).await;
    let refused = it.catalog.add_to_playlist(&stranger, theirs.id, &addition).await;
    assert!(matches!(refused, Err(Error::NotFound("collection"))));
}

#[tokio::test]
async fn what_somebody_may_not_see_is_in_no_page_count_or_time() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let (owner, member) = (viewer(1, [mine, other]), viewer(2, [mine]));
    let (seen, secret) = (film(&it, mine, "Seen").await, film(&it, other, "Secret").await);
    let made = list(&it, &owner, "Both", &[secret, seen, secret]).await;
    let hidden = list(&it, &owner, "Hidden", &[secret]).await;
    let own = list(&it, &owner, "Own", &[seen]).await;
    let not_found = |it: kernel::Result<PlaylistCard>| matches!(it, Err(Error::NotFound(_)));
    assert!(not_found(it.catalog.find_playlist(&member, made.id).await), "not shared");
    for id in [made.id, hidden.id] {
        share(&it, &owner, id).await;
    }
    assert_eq!(names(&it, &member, false).await, ["Both"]);
    assert!(names(&it, &member, true).await.is_empty());
    assert_eq!(names(&it, &owner, false).await, ["Both", "Hidden", "Own"]);
    let card = it.catalog.find_playlist(&member, made.id).await.expect("shared");
    assert_eq!((card.item_count, card.runtime_ms, card.may_edit), (1, HOUR, false));
    assert_eq!(titles(&it, &member, made.id).await, ["Seen"]);
    for id in [hidden.id, own.id] {
        assert!(not_found(it.catalog.find_playlist(&member, id).await));
        let limit = Limit::new(None);
        assert!(it.catalog.list_playlist_entries(&member, id, None, limit).await.is_err());
        assert!(it.catalog.find_next_entry(&member, id, None, Order::Own).await.is_err());
        assert!(matches!(
            it.catalog.delete_playlist(&member, id).await,
            Err(Error::NotFound("playlist"))
        ));
    }
    let addition = Addition { item_ids: vec![secret], ..Addition::default() };
    let theirs = list(&it, &member, "Theirs", &[]).await;
    let refused = it.catalog.add_to_playlist(&member, theirs.id, &addition).await;
    assert!(matches!(refused, Err(Error::NotFound("item"))));

    // Of age: no library hides it, a mark does.
    let guard = Guard { hidden: vec![-100], wanted: Vec::new() };
    let child = Viewer { scope: owner.scope.clone().guarded(guard), ..viewer(3, [mine, other]) };
    assert!(names(&it, &child, false).await.is_empty());
}

#[tokio::test]
async fn only_its_owner_and_who_administers_change_a_list() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let (owner, member) = (viewer(2, [library]), viewer(3, [library]));
    let admin = administrator([library]);
    let film = film(&it, library, "Akira").await;
    let made = list(&it, &owner, "Friday", &[film]).await;
    let rename = |name: &str| PlaylistPatch { name: Some(name.to_owned()), ..<_>::default() };
    let refused = it.catalog.update_playlist(&admin, made.id, rename("X")).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "what is not shared is nobody's business");
    share(&it, &owner, made.id).await;
    let entry = entries(&it, &member, made.id).await[0].id;
    assert!(matches!(
        it.catalog.update_playlist(&member, made.id, rename("X")).await,
        Err(Error::Forbidden(_))
    ));
    assert!(matches!(
        it.catalog.remove_from_playlist(&member, made.id, &[entry]).await,
        Err(Error::Forbidden(_))
    ));
    let renamed = it.catalog.update_playlist(&admin, made.id, rename("X")).await.expect("renamed");
    assert_eq!((renamed.name.as_str(), renamed.is_mine, renamed.may_edit), ("X", false, true));
}

#[tokio::test]
async fn what_vanishes_keeps_its_place_and_comes_back_to_it() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let films = films(&it, library, &["A", "B", "C"]).await;
    let made = list(&it, &person, "Friday", &films).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", films[0]).await;
    assert_eq!(titles(&it, &person, made.id).await, ["B", "C"], "its disk is unplugged");
    run(&mut db, "UPDATE item SET missing_since = NULL WHERE id = $1", films[0]).await;
    run(&mut db, "DELETE FROM item WHERE id = $1", films[1]).await;
    let card = it.catalog.find_playlist(&person, made.id).await.expect("it is there");
    assert_eq!((card.item_count, card.runtime_ms), (2, 2 * HOUR));
    assert_eq!(titles(&it, &person, made.id).await, ["A", "C"]);
    let back = film(&it, library, "B").await;
    for _ in ["once", "and again"] {
        adopt(&mut db, &[back]).await.expect("adopted");
    }
    assert_eq!(titles(&it, &person, made.id).await, ["A", "B", "C"]);

    carry_over(&mut db, &[films[0].0], &[films[2].0]).await.expect("they are one");
    assert_eq!(titles(&it, &person, made.id).await, ["C", "B", "C"]);
}

#[tokio::test]
async fn a_list_is_gone_through_in_its_order_or_shuffled_and_each_entry_comes_once() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let films = films(&it, library, &["A", "B", "C", "D", "E", "F"]).await;
    let made = list(&it, &person, "Friday", &films).await;
    run(
        &mut it.catalog.connection().await.expect("a connection"),
        "UPDATE item SET missing_since = now() WHERE id = $1",
        films[2],
    )
    .await;
    let through = async |order| {
        let (mut all, mut after) = (String::new(), None);
        while let Some(entry) =
            it.catalog.find_next_entry(&person, made.id, after, order).await.expect("asked")
        {
            all.push_str(&entry.item.title);
            after = Some(entry.id);
        }
        all
    };
    assert_eq!(through(Order::Own).await, "ABDEF");
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..8 {
        let order = through(Order::Shuffled(seed)).await;
        assert_eq!(order, through(Order::Shuffled(seed)).await, "the same for the same number");
        let mut letters: Vec<char> = order.chars().collect();
        letters.sort_unstable();
        assert_eq!(letters.iter().collect::<String>(), "ABDEF");
        orders.insert(order);
    }
    assert!(orders.len() > 4, "{orders:?}");
}

#[tokio::test]
async fn a_list_has_bounds() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let film = film(&it, library, "Akira").await;
    for name in ["", "  ", "a\0", &"a".repeat(201)] {
        let new = NewPlaylist { name: name.to_owned(), ..NewPlaylist::default() };
        let refused = it.catalog.create_playlist(&person, &new).await;
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "name"), "{name}");
    }
    let made = list(&it, &person, "Friday", &[film]).await;
    for n in [0, 501] {
        let addition = Addition { item_ids: vec![film; n], ..Addition::default() };
        let refused = it.catalog.add_to_playlist(&person, made.id, &addition).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{n}");
    }
    let mut db = it.catalog.connection().await.expect("a connection");
    run(
        &mut db,
        "INSERT INTO playlist_entry (playlist_id, position, item_id, item_key, added_at)
         SELECT playlist.id, 2000000 + n, $1, 'x', now() FROM playlist, generate_series(1, 9998) AS n",
        film,
    )
    .await;
    let two = Addition { item_ids: vec![film; 2], ..Addition::default() };
    let refused = it.catalog.add_to_playlist(&person, made.id, &two).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "playlists.full", .. })));
    assert_eq!(add(&it, &person, made.id, &[film]).await, 1);
    run(
        &mut db,
        "INSERT INTO playlist (id, person_id, name, sort_name, created_at, updated_at)
         SELECT uuidv7(), person_id, 'x', 'x', now(), now() FROM playlist, generate_series(1, 198)",
        film,
    )
    .await;
    let making = (0..8).map(|_| {
        let (catalog, person) = (it.catalog.clone(), person.clone());
        tokio::spawn(async move {
            let new = NewPlaylist { name: "One more".to_owned(), ..NewPlaylist::default() };
            catalog.create_playlist(&person, &new).await
        })
    });
    let made = futures::future::join_all(making).await.into_iter().map(|it| it.expect("it ran"));
    let (made, refused): (Vec<_>, Vec<_>) = made.partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7), "one was left");
    let is_told = |it: &_| matches!(it, Err(Error::Conflict { code: "playlists.too_many", .. }));
    assert!(refused.iter().all(is_told));
    it.catalog.forget_playlists_of(person.person_id).await.expect("forgotten");
    assert!(names(&it, &person, false).await.is_empty());
}
