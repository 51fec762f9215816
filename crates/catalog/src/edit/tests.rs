use kernel::id::LibraryId;
use kernel::{Error, Limit};
use metadata::{Described, Facts};
use serde_json::json;

use super::*;
use crate::Catalog;
use crate::sample::{
    Memory, NewItem, Sample, administrator, insert_file, insert_shows, run, text, viewer,
};

fn patch(value: serde_json::Value) -> ItemPatch {
    serde_json::from_value(value).expect("a patch")
}

fn heat() -> Described {
    let facts = Facts {
        overview: Some("Two men.".to_owned()),
        genres: vec!["Crime".to_owned()],
        rating: Some(7.9),
        ..Facts::default()
    };
    Described { facts, ..Described::default() }
}

async fn stock() -> (Sample, LibraryId, ItemId) {
    let tmdb = Memory::new("tmdb");
    tmdb.know("949", "Heat", 1995, heat());
    let it = Sample::asking(&[tmdb]).await;
    let library = it.library("Films").await;
    let film = it.item(NewItem { year: Some(1995), ..NewItem::film(library, "Heat") }).await;
    it.catalog.describe_item(film).await.expect("asked");
    (it, library, film)
}

async fn edits(catalog: &Catalog, viewer: &kernel::Viewer, item: ItemId) -> Vec<EditView> {
    catalog.list_edits(viewer, item, None, Limit::new(None)).await.expect("edits").items
}

#[tokio::test]
async fn what_a_person_edits_is_locked_and_never_overwritten() {
    let (it, library, film) = stock().await;
    let admin = administrator([library]);
    let change = patch(json!({
        "title": " The Heat ", "overview": null, "rating": 9.5, "genres": ["Crime", "crime", "Heist"],
        "credits": [{ "name": "Al Pacino", "role": "actor", "character": "Hanna" }],
    }));
    let detail = it.catalog.update_item(&admin, film, &change).await.expect("changed");
    assert_eq!(
        (detail.card.title.as_str(), detail.card.sort_title.as_str()),
        ("The Heat", "heat, the")
    );
    it.catalog.describe_item(film).await.expect("asked");
    let detail = it.catalog.find_item(&admin, film).await.expect("the film");
    assert_eq!(
        (detail.card.title.as_str(), &detail.overview, detail.rating),
        ("The Heat", &None, Some(9.5))
    );
    assert_eq!(detail.genres, ["Crime", "Heist"]);
    assert_eq!(detail.credits[0].character.as_deref(), Some("Hanna"));
    let mut locked = detail.about.locked.expect("for administrators");
    locked.sort();
    assert_eq!(locked, ["credits", "genres", "overview", "rating", "title"]);

    // What is unlocked is what sources say again.
    let open = patch(json!({ "locked": ["title"] }));
    let detail = it.catalog.update_item(&admin, film, &open).await.expect("changed");
    assert_eq!(
        (detail.card.title.as_str(), detail.overview.as_deref()),
        ("The Heat", Some("Two men."))
    );
    assert_eq!((detail.genres, detail.credits.len()), (vec!["Crime".to_owned()], 0));
}

#[tokio::test]
async fn an_edit_is_undone_with_its_lock_and_only_the_last_one() {
    let (it, library, film) = stock().await;
    let admin = administrator([library]);
    for title in ["One", "Two"] {
        it.catalog
            .update_item(&admin, film, &patch(json!({ "title": title })))
            .await
            .expect("changed");
    }
    it.catalog
        .update_item(&admin, film, &patch(json!({ "title": "Two" })))
        .await
        .expect("nothing new");
    let history = edits(&it.catalog, &admin, film).await;
    let titles: Vec<_> = history.iter().filter(|it| it.field == "title").collect();
    let seen: Vec<_> =
        titles.iter().map(|it| (&it.before, &it.after, it.was_locked, it.can_undo)).collect();
    assert_eq!(
        seen,
        [(&json!("One"), &json!("Two"), true, true), (&json!("Heat"), &json!("One"), false, false)]
    );
    let refused = it.catalog.undo_edit(&admin, film, titles[1].id).await.expect_err("refused");
    assert_eq!(refused.code(), "item.edit_not_last");
    let undone = it.catalog.undo_edit(&admin, film, titles[0].id).await.expect("undone");
    assert_eq!((undone.card.title.as_str(), undone.card.sort_title.as_str()), ("One", "one"));
    assert!(undone.about.locked.expect("locked").contains(&"title".to_owned()));
    let refused = it.catalog.undo_edit(&admin, film, titles[0].id).await.expect_err("refused");
    assert_eq!(refused.code(), "item.edit_undone");
    let undone = it.catalog.undo_edit(&admin, film, titles[1].id).await.expect("undone");
    assert_eq!(undone.card.title, "Heat");
    assert!(!undone.about.locked.expect("locked").contains(&"title".to_owned()));
}

#[tokio::test]
async fn only_administrators_of_the_library_edit() {
    let (it, library, film) = stock().await;
    let change = patch(json!({ "title": "X" }));
    let edit = uuid::Uuid::from_u128(9);
    for (viewer, is_known) in [(viewer(1, [library]), true), (administrator([]), false)] {
        let split = Split { file_ids: vec![kernel::id::FileId(edit)] };
        let merge = Merge { item_ids: vec![film, ItemId(edit)] };
        for refused in [
            it.catalog.update_item(&viewer, film, &change).await.map(|_| ()),
            it.catalog.list_edits(&viewer, film, None, Limit::new(None)).await.map(|_| ()),
            it.catalog.undo_edit(&viewer, film, edit).await.map(|_| ()),
            it.catalog.split_item(&viewer, film, &split).await.map(|_| ()),
            it.catalog.list_split_files(&viewer, film).await.map(|_| ()),
            it.catalog.merge_items(&viewer, &merge).await.map(|_| ()),
        ] {
            let is_right = match refused {
                Err(Error::Forbidden(_)) => is_known,
                Err(Error::NotFound(_)) => !is_known,
                _ => false,
            };
            assert!(is_right);
        }
    }
    let admin = administrator([library]);
    let wrong = patch(json!({ "episode_order": "dvd" }));
    assert!(matches!(
        it.catalog.update_item(&admin, film, &wrong).await,
        Err(Error::Invalid { .. })
    ));
    assert!(matches!(it.catalog.undo_edit(&admin, film, edit).await, Err(Error::NotFound(_))));
    assert!(serde_json::from_value::<ItemPatch>(json!({ "colour": 1 })).is_err());
}

#[tokio::test]
async fn files_are_split_off_and_merged_back_with_what_people_made_of_them() {
    let (it, library, film) = stock().await;
    let admin = administrator([library]);
    let mut db = it.catalog.connection().await.expect("a connection");
    let one = insert_file(&mut db, library, film, "Heat/Heat.mkv", "main").await;
    let two = insert_file(&mut db, library, film, "Heat/Heat cut.mkv", "main").await;
    insert_file(&mut db, library, film, "Heat/Heat cut.de.srt", "subtitle").await;
    let person = viewer(1, [library]);
    it.catalog.mark_played(&person, film).await.expect("played");

    for wrong in [vec![], vec![one, two], vec![kernel::id::FileId(uuid::Uuid::from_u128(9))]] {
        let refused = it.catalog.split_item(&admin, film, &Split { file_ids: wrong }).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
    }
    let off =
        it.catalog.split_item(&admin, film, &Split { file_ids: vec![two] }).await.expect("split");
    let names = async |id| {
        let detail = it.catalog.find_item(&admin, id).await.expect("an item");
        detail.files.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(names(film).await, ["Heat.mkv"]);
    assert_eq!(names(off).await, ["Heat cut.mkv", "Heat cut.de.srt"]);
    assert_eq!(it.catalog.find_card(&admin, off).await.expect("the film").title, "Heat");
    assert!(!it.catalog.find_card(&person, off).await.expect("the film").progress.is_played);
    it.catalog.add_favourite(&person, off).await.expect("loved");

    let merge = Merge { item_ids: vec![film, off] };
    let merged = it.catalog.merge_items(&admin, &merge).await.expect("merged");
    assert!(merged.card.is_favourite && merged.card.progress.is_played);
    let versions: Vec<_> = merged.files.iter().map(|it| it.version.as_deref()).collect();
    assert!(versions.contains(&Some("Heat cut")), "{versions:?}");
    assert!(it.catalog.find_card(&admin, off).await.is_err());
    let history = edits(&it.catalog, &admin, film).await;
    assert!(history.iter().any(|it| it.field == "files" && !it.can_undo));
    let decided = "SELECT string_agg(file_decision.identity || ' ' || is_whole, ',' ORDER BY path) FROM file_decision, item WHERE item.id = $1";
    assert_eq!(text(&mut db, decided, film).await.as_deref(), Some("Heat true"));

    for wrong in [vec![film], vec![film, film]] {
        let refused = it.catalog.merge_items(&admin, &Merge { item_ids: wrong }).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
    }
}

#[tokio::test]
async fn series_are_merged_episode_by_episode() {
    let it = Sample::start().await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let library = insert_shows(&mut db, "Shows").await;
    let admin = administrator([library]);
    let (dark, other) = (
        it.series(library, "Dark", &[0, 2]).await,
        it.series(library, "Dark DE", &[0, 3, 1]).await,
    );
    // As a scan calls what is below a series.
    for series in [&dark, &other] {
        run(&mut db, "UPDATE item SET identity = root.title || '|s' || item.number FROM item AS root WHERE root.id = item.root_id AND item.parent_id = $1 AND item.form = 'group'", series.root).await;
        run(&mut db, "UPDATE item SET identity = root.title || '|s' || item.parent_number || 'e' || item.number FROM item AS root WHERE root.id = item.root_id AND item.root_id = $1 AND item.form <> 'group'", series.root).await;
    }
    for (place, episode) in dark.episodes.iter().chain(&other.episodes).enumerate() {
        let path = Box::leak(format!("{place}.mkv").into_boxed_str());
        insert_file(&mut db, library, *episode, path, "main").await;
    }
    let person = viewer(1, [library]);
    it.catalog.mark_played(&person, other.episodes[1]).await.expect("played");
    it.catalog.mark_played(&person, other.episodes[2]).await.expect("played");
    let merge = Merge { item_ids: vec![dark.root, other.root] };
    let merged = it.catalog.merge_items(&admin, &merge).await.expect("merged");
    assert_eq!(merged.card.unplayed_count, Some(2), "of four episodes two are played");
    let seasons =
        it.catalog.list_children(&admin, dark.root, None, Limit::new(None)).await.expect("seasons");
    assert_eq!(
        seasons.items.iter().map(|it| it.child_count).collect::<Vec<_>>(),
        [Some(3), Some(1)]
    );
    let second = it.catalog.find_item(&admin, dark.episodes[1]).await.expect("an episode");
    assert_eq!((second.files.len(), second.card.progress.is_played), (2, true));
    assert_eq!(
        it.catalog
            .find_card(&admin, other.episodes[2])
            .await
            .expect("it moved")
            .series
            .map(|it| it.id),
        Some(dark.root)
    );
    assert!(it.catalog.find_card(&admin, other.root).await.is_err());

    // And apart again: the third episode with what was made of it, and a file of the second.
    let third = it.catalog.find_item(&admin, other.episodes[2]).await.expect("an episode");
    let files = vec![third.files[0].id, second.files[1].id];
    let offered = it.catalog.list_split_files(&admin, dark.root).await.expect("files").files;
    assert!(offered.is_sorted_by_key(|it| &it.path));
    assert!(files.iter().all(|id| offered.iter().any(|it| it.id == *id)), "those of all episodes");
    let of_an_episode = it.catalog.list_split_files(&admin, third.card.id).await.expect("files");
    assert_eq!(of_an_episode.files, offered);
    let off =
        it.catalog.split_item(&admin, dark.root, &Split { file_ids: files }).await.expect("split");
    let card = it.catalog.find_card(&person, off).await.expect("the series");
    assert_eq!((card.title.as_str(), card.unplayed_count), ("Dark", Some(1)));
    assert!(
        it.catalog
            .find_card(&person, other.episodes[2])
            .await
            .expect("it moved")
            .progress
            .is_played
    );
}

#[tokio::test]
async fn what_was_edited_finds_an_item_that_comes_back() {
    let (it, library, film) = stock().await;
    let admin = administrator([library]);
    let change = patch(json!({ "title": "Mine", "genres": ["Heist"], "year": 1999 }));
    it.catalog.update_item(&admin, film, &change).await.expect("changed");
    let undone = edits(&it.catalog, &admin, film).await.into_iter().find(|it| it.field == "year");
    it.catalog.undo_edit(&admin, film, undone.expect("an edit").id).await.expect("undone");
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DELETE FROM item WHERE id = $1", film).await;
    let again = it.item(NewItem { year: Some(1995), ..NewItem::film(library, "Heat") }).await;
    super::adopt(&mut db, &[again.0], it.catalog.clock.now()).await.expect("adopted");
    let detail = it.catalog.find_item(&admin, again).await.expect("the film");
    assert_eq!((detail.card.title.as_str(), detail.card.year), ("Mine", Some(1995)));
    assert_eq!(detail.genres, ["Heist"]);
    assert_eq!(edits(&it.catalog, &admin, again).await.len(), 3);
}
