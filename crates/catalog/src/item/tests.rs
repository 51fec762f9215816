use kernel::{Error, Limit};

use super::*;
use crate::sample::{NewItem, Sample, administrator, insert_file, insert_image, run, viewer};

fn first_page() -> Limit {
    Limit::new(None)
}

#[tokio::test]
async fn a_viewer_sees_only_their_libraries() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let film = it.item(NewItem::film(mine, "Akira")).await;
    let secret = it.item(NewItem::film(other, "Secret")).await;
    let series = it.series(other, "Hidden", &[0, 2]).await;
    let person = viewer(1, [mine]);
    let catalog = &it.catalog;

    let page =
        catalog.list_items(&person, &Listing::default(), None, first_page()).await.expect("a page");
    assert_eq!(page.items.iter().map(|it| it.id).collect::<Vec<_>>(), [film]);
    let theirs = Listing { library_id: Some(other), ..Listing::default() };
    assert!(
        catalog
            .list_items(&person, &theirs, None, first_page())
            .await
            .expect("a page")
            .items
            .is_empty()
    );
    let children = ItemFilter { parent_id: Some(series.root), ..ItemFilter::default() };
    let children = Listing { filter: children, ..Listing::default() };
    assert!(
        catalog
            .list_items(&person, &children, None, first_page())
            .await
            .expect("a page")
            .items
            .is_empty()
    );

    for hidden in [secret, series.root, series.episodes[0]] {
        assert!(matches!(catalog.find_item(&person, hidden).await, Err(Error::NotFound(_))));
        assert!(matches!(catalog.find_card(&person, hidden).await, Err(Error::NotFound(_))));
        assert!(matches!(catalog.find_next(&person, hidden).await, Err(Error::NotFound(_))));
        let children = catalog.list_children(&person, hidden, None, first_page()).await;
        assert!(matches!(children, Err(Error::NotFound(_))));
    }
    assert_eq!(catalog.find_card(&person, film).await.expect("theirs").title, "Akira");
}

#[tokio::test]
async fn an_item_page_shows_files_streams_and_where_it_belongs() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[0, 2]).await;
    let episode = series.episodes[1];
    let mut db = it.catalog.connection().await.expect("a connection");
    let main = insert_file(&mut db, library, episode, "Dark/s01e02.mkv", "main").await;
    insert_file(&mut db, library, episode, "Dark/s01e02.de.srt", "subtitle").await;
    insert_file(&mut db, library, episode, "Dark/Making of.mkv", "extra").await;
    run(&mut db, "UPDATE item_file SET language = 'de', is_forced = TRUE WHERE item_id = $1 AND role = 'subtitle'", episode).await;
    run(&mut db, "UPDATE file SET container = NULL WHERE path LIKE '%.srt' AND id IN (SELECT file_id FROM item_file WHERE item_id = $1)", episode).await;
    run(&mut db, "INSERT INTO stream (file_id, index, kind, codec, width, height) SELECT file_id, 0, 'video', 'h264', 1920, 1080 FROM item_file WHERE item_id = $1 AND role = 'main'", episode).await;
    run(&mut db, "INSERT INTO chapter (file_id, number, start_ms, title) SELECT file_id, 1, 0, 'Opening' FROM item_file WHERE item_id = $1 AND role = 'main'", episode).await;
    let poster = insert_image(&mut db, series.root, "poster", &[1; 32]).await;
    let backdrop = insert_image(&mut db, series.root, "backdrop", &[2; 32]).await;

    let detail = it.catalog.find_item(&viewer(1, [library]), episode).await.expect("the episode");
    assert_eq!((detail.card.season_number, detail.card.episode_number), (Some(1), Some(2)));
    assert_eq!(detail.card.series, Some(SeriesRef { id: series.root, title: "Dark".to_owned() }));
    assert_eq!(detail.card.poster.map(|it| it.id), Some(poster), "of the series");
    assert_eq!(detail.backdrop.map(|it| it.id), Some(backdrop));
    let crumbs: Vec<_> = detail.breadcrumbs.iter().map(|it| it.id).collect();
    assert_eq!(crumbs, [series.root, series.seasons[1]]);
    assert_eq!(detail.extras.len(), 1);
    assert_eq!(detail.extras[0].title, "Making of");
    let file = &detail.files[0];
    assert_eq!((file.id, file.path.as_deref(), file.name.as_str()), (main, None, "s01e02.mkv"));
    let words: Vec<_> =
        file.streams.iter().map(|it| (it.index, it.summary.as_str(), it.is_external)).collect();
    assert_eq!(words, [(0, "1080p H.264", false), (1, "German SubRip, forced", true)]);
    assert_eq!(file.chapters[0].title.as_deref(), Some("Opening"));

    let detail =
        it.catalog.find_item(&administrator([library]), episode).await.expect("the episode");
    assert_eq!(detail.files[0].path.as_deref(), Some("/media/Dark/s01e02.mkv"));
}

#[tokio::test]
async fn children_come_in_order_and_page_by_page() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[1, 12]).await;
    let person = viewer(1, [library]);

    let seasons =
        it.catalog.list_children(&person, series.root, None, first_page()).await.expect("seasons");
    assert_eq!(seasons.items.iter().map(|it| it.id).collect::<Vec<_>>(), series.seasons);
    assert_eq!(seasons.items[1].child_count, Some(12));
    assert_eq!(seasons.items[1].unplayed_count, Some(12));

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let limit = Limit::new(Some(5));
        let page = it
            .catalog
            .list_children(&person, series.seasons[1], cursor.as_deref(), limit)
            .await
            .expect("a page");
        seen.extend(page.items.iter().map(|it| it.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, series.episodes[1..]);
}

#[tokio::test]
async fn next_is_the_episode_after_and_never_a_special() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[2, 2, 1]).await;
    let person = viewer(1, [library]);
    let next =
        async |id| it.catalog.find_next(&person, id).await.expect("an answer").map(|it| it.id);
    let [special, other_special, first, second, third] = series.episodes[..] else {
        panic!("five episodes")
    };

    assert_eq!(next(first).await, Some(second));
    assert_eq!(next(second).await, Some(third), "over the end of the season");
    assert_eq!(next(third).await, None);
    assert_eq!(next(special).await, Some(other_special));
    assert_eq!(next(other_special).await, None);

    assert_eq!(next(series.root).await, Some(first), "of a series nobody began");
    it.catalog.mark_played(&person, first).await.expect("marked");
    assert_eq!(next(series.root).await, Some(second));
    assert_eq!(next(series.seasons[2]).await, Some(third));
    it.catalog.mark_played(&person, series.root).await.expect("marked");
    assert_eq!(next(series.root).await, Some(first), "over again");
}

#[tokio::test]
async fn specials_are_listed_and_come_next_where_they_were_broadcast() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[3, 2, 1]).await;
    let [between, after, apart, first, second, third] = series.episodes[..] else {
        panic!("six episodes")
    };
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "INSERT INTO item_about (item_id, airs_before_season, airs_before_episode) VALUES ($1, 1, 2)", between).await;
    run(&mut db, "INSERT INTO item_about (item_id, airs_after_season) VALUES ($1, 1)", after).await;
    drop(db);
    it.recount(&[series.root]).await;
    let person = viewer(1, [library]);
    let list = async |season: usize, page_size| {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let (id, limit) = (series.seasons[season], Limit::new(Some(page_size)));
            let page = it.catalog.list_children(&person, id, cursor.as_deref(), limit).await;
            let page = page.expect("a page");
            seen.extend(page.items.iter().map(|it| it.id));
            cursor = page.next;
            if cursor.is_none() {
                return seen;
            }
        }
    };
    let next =
        async |id| it.catalog.find_next(&person, id).await.expect("an answer").map(|it| it.id);
    let up = async || {
        let home = it.catalog.home(&person).await.expect("the first page");
        let row = home.rows.iter().find(|it| it.id == crate::home::HomeRowId::NextUp);
        row.map(|it| it.items[0].id)
    };

    for page_size in [1, 2, 50] {
        assert_eq!(list(1, page_size).await, [first, between, second, after]);
        assert_eq!(list(2, page_size).await, [third]);
        assert_eq!(list(0, page_size).await, [between, after, apart], "all of them stay together");
    }
    let walk = [(first, between), (between, second), (second, after), (after, third)];
    for (from, to) in walk {
        assert_eq!(next(from).await, Some(to));
    }
    assert_eq!(next(third).await, None);
    assert_eq!(next(apart).await, None);
    for (watched, to) in walk {
        it.catalog.mark_played(&person, watched).await.expect("marked");
        assert_eq!((next(series.root).await, up().await), (Some(to), Some(to)));
    }

    it.catalog.mark_unplayed(&person, between).await.expect("marked");
    it.catalog.mark_unplayed(&person, after).await.expect("marked");
    assert_eq!(up().await, Some(after));
    let patch = crate::library::LibraryPatch { places_specials: Some(false), ..Default::default() };
    it.catalog.update_library(&it.admin().await, library, patch).await.expect("changed");
    assert_eq!(list(1, 50).await, [first, second], "who wants them apart has them apart");
    assert_eq!((next(second).await, next(series.root).await), (Some(third), Some(third)));
    assert_eq!(up().await, Some(third));
    let other = viewer(2, []);
    let hidden = it.catalog.list_children(&other, series.seasons[1], None, first_page()).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    for title in ["A", "B", "C"] {
        it.item(NewItem::film(library, title)).await;
    }
    let person = viewer(1, [library]);
    let limit = Limit::new(Some(1));
    let by = |sort| Listing { sort, ..Listing::default() };
    let page =
        it.catalog.list_items(&person, &by(ItemSort::Title), None, limit).await.expect("a page");
    let cursor = page.next.expect("there is more");
    let next = it
        .catalog
        .list_items(&person, &by(ItemSort::Title), Some(&cursor), limit)
        .await
        .expect("a page");
    assert_eq!(next.items[0].title, "B");
    let refused = it.catalog.list_items(&person, &by(ItemSort::Rating), Some(&cursor), limit).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
    let refused = it.catalog.list_items(&person, &by(ItemSort::Title), Some("bm9wZQ"), limit).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
}
