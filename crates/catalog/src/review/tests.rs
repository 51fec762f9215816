use kernel::{Error, LibraryScope, Limit};
use metadata::{Described, ProviderError};

use super::api::MatchQuery;
use super::*;
use crate::describe::run::Outcome;
use crate::sample::pictures::PictureServer;
use crate::sample::{
    DESCRIBE_JOB, Memory, NewItem, Sample, administrator, analyze, insert_library,
    insert_many_items, plan, viewer,
};

/// A provider that knows two films of one name, and a library with one of them.
async fn stock(tmdb: &Memory) -> (Sample, LibraryId, ItemId) {
    tmdb.know("1", "Heat", 1995, Described::default());
    tmdb.know("2", "Heat", 1986, Described::default());
    let it = Sample::asking(std::slice::from_ref(tmdb)).await;
    let library = it.library("Films").await;
    let film = it.item(NewItem { year: Some(1995), ..NewItem::film(library, "Heat") }).await;
    it.catalog.describe_item(film).await.expect("asked");
    (it, library, film)
}

async fn title_and_year(it: &Sample, library: LibraryId, film: ItemId) -> (String, Option<i32>) {
    let card = it.catalog.find_card(&viewer(1, [library]), film).await.expect("the film");
    (card.title, card.year)
}

#[tokio::test]
async fn a_person_says_what_it_is_and_nothing_changes_that() {
    let tmdb = Memory::new("tmdb");
    let (it, library, film) = stock(&tmdb).await;
    let admin = administrator([library]);
    assert_eq!(title_and_year(&it, library, film).await.1, Some(1995));
    let found = it.catalog.list_matches(&admin, film, &MatchQuery::default()).await.expect("found");
    assert_eq!(found.candidates.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let new = NewMatch { provider: "tmdb".to_owned(), id: "2".to_owned() };
    assert_eq!(it.catalog.set_match(&admin, film, &new).await.expect("decided"), DESCRIBE_JOB);
    for _ in 0..2 {
        assert_eq!(it.catalog.describe_item(film).await.expect("asked"), Outcome::Described);
        assert_eq!(title_and_year(&it, library, film).await.1, Some(1986));
    }
    let sources = it.catalog.list_item_sources(&admin, film).await.expect("sources");
    assert_eq!(
        (sources.r#match.state.as_str(), sources.r#match.id.as_deref()),
        ("fixed", Some("2"))
    );

    let edits = it.catalog.list_edits(&admin, film, None, Limit::new(None)).await.expect("edits");
    assert_eq!((edits.items[0].field.as_str(), edits.items[0].can_undo), ("match", true));
    it.catalog.undo_edit(&admin, film, edits.items[0].id).await.expect("undone");
    it.catalog.describe_item(film).await.expect("asked");
    assert_eq!(title_and_year(&it, library, film).await.1, Some(1995));
}

#[tokio::test]
async fn the_server_fetches_pictures_of_what_it_may_be_for_administrators_and_once() {
    let tmdb = Memory::new("tmdb");
    let (it, library, film) = stock(&tmdb).await;
    let server = PictureServer::start().await;
    tmdb.picture("1", &server.url("a.png"));
    tmdb.picture("2", &server.url("gone"));
    let admin = administrator([library]);
    let find = async |viewer: &kernel::Viewer, key: &str| {
        let wish = crate::images::ImageWish::default();
        let delivery = it.catalog.find_candidate_poster(viewer, key, wish).await?;
        it.catalog.read_image(&delivery).await
    };
    let asked = async || {
        let found = it.catalog.list_matches(&admin, film, &MatchQuery::default()).await;
        let urls = found.expect("found").candidates.into_iter().map(|it| it.poster_url);
        urls.map(|it| it.expect("a picture")).collect::<Vec<_>>()
    };
    let urls = asked().await;
    let keys: Vec<&str> = urls
        .iter()
        .map(|it| it.strip_prefix("/api/v1/candidate-posters/").expect("one of ours"))
        .collect();
    assert_eq!([server.n_asked("a.png"), server.n_asked("gone")], [0, 0], "nobody looked");
    for _ in 0..2 {
        let (bytes, mime) = find(&admin, keys[0]).await.expect("a picture");
        assert_eq!((mime.as_str(), bytes.starts_with(b"\x89PNG")), ("image/png", true));
        assert!(matches!(find(&admin, keys[1]).await, Err(Error::NotFound(_))));
    }
    assert_eq!([server.n_asked("a.png"), server.n_asked("gone")], [1, 1]);
    let someone = viewer(1, [library]);
    assert!(matches!(find(&someone, keys[0]).await, Err(Error::Forbidden(_))));

    // What is offered to those who may ask for it is apart, and not for those who are kept from anything.
    let wish = crate::images::ImageWish::default();
    let offered = async |viewer: &kernel::Viewer| {
        it.catalog.find_offered_poster(viewer, keys[0], wish).await.map(|_| ())
    };
    let guest = kernel::Viewer { permissions: Vec::new(), ..someone.clone() };
    let mut kept = someone.clone();
    kept.scope = kept.scope.guarded(kernel::Guard { hidden: vec![-19], wanted: Vec::new() });
    assert!(matches!(offered(&guest).await, Err(Error::Forbidden(_))));
    assert!(matches!(offered(&someone).await, Err(Error::NotFound(_))), "nobody offered it");
    assert_eq!(it.catalog.offer_posters(&[server.url("a.png")]).await, [keys[0]]);
    assert!(matches!(offered(&kept).await, Err(Error::NotFound(_))));
    offered(&someone).await.expect("a picture");
    for unknown in ["0123456789abcdef0123456789abcdef", "../secret"] {
        assert!(matches!(find(&admin, unknown).await, Err(Error::NotFound(_))));
    }

    // Its file is swept up like any that nothing shows, and comes again.
    let hash = crate::artwork::hex(&sha2::Digest::finalize(
        <sha2::Sha256 as sha2::Digest>::new_with_prefix(find(&admin, keys[0]).await.expect("it").0),
    ));
    std::fs::remove_file(it.catalog.gallery.path(&hash)).expect("removed");
    find(&admin, keys[0]).await.expect("a picture");
    assert_eq!(server.n_asked("a.png"), 2);
}

#[tokio::test]
async fn a_pasted_id_finds_the_thing() {
    let tmdb = Memory::new("tmdb");
    let (it, library, film) = stock(&tmdb).await;
    let admin = administrator([library]);
    let by_id = |text: &str| MatchQuery { id: Some(text.to_owned()), ..MatchQuery::default() };
    for text in ["tmdb:2", "https://www.themoviedb.org/movie/2-heat"] {
        let found = it.catalog.list_matches(&admin, film, &by_id(text)).await.expect("found");
        assert_eq!(found.candidates.len(), 1, "{text}");
        assert_eq!(found.candidates[0].year, Some(1986));
    }
    let unknown =
        it.catalog.list_matches(&admin, film, &by_id("tt9999999")).await.expect("nothing");
    assert!(unknown.candidates.is_empty());
    let refused = it.catalog.list_matches(&admin, film, &by_id("nonsense")).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
    let title = MatchQuery { title: Some("a\0".to_owned()), ..MatchQuery::default() };
    assert!(it.catalog.list_matches(&admin, film, &title).await.is_err());
    tmdb.fail(Some(ProviderError::KeyRefused));
    let failed =
        it.catalog.list_matches(&admin, film, &MatchQuery::default()).await.expect("an answer");
    assert_eq!(
        failed.failures,
        [ProviderFailure {
            provider: "tmdb".to_owned(),
            reason: "it does not accept the key".to_owned()
        }]
    );
}

#[tokio::test]
async fn what_fits_nothing_stays_open_until_somebody_asks_again() {
    let tmdb = Memory::new("tmdb");
    let (it, library, film) = stock(&tmdb).await;
    let admin = administrator([library]);
    it.catalog.delete_match(&admin, film).await.expect("decided");
    let n_asked = tmdb.n_asked();
    assert_eq!(it.catalog.describe_item(film).await.expect("asked"), Outcome::Nothing);
    assert_eq!(tmdb.n_asked(), n_asked, "nobody is asked");
    let sources = it.catalog.list_item_sources(&admin, film).await.expect("sources");
    assert_eq!(sources.sources.iter().map(|it| it.source.as_str()).collect::<Vec<_>>(), ["name"]);
    assert_eq!(sources.r#match.provider, None);
    assert_eq!(it.catalog.refresh_item(&admin, film).await.expect("on the queue"), DESCRIBE_JOB);
    assert_eq!(it.catalog.describe_item(film).await.expect("asked"), Outcome::Described);
}

#[tokio::test]
async fn only_administrators_of_the_library_decide() {
    let tmdb = Memory::new("tmdb");
    let (it, library, film) = stock(&tmdb).await;
    let new = NewMatch { provider: "tmdb".to_owned(), id: "2".to_owned() };
    for (viewer, is_known) in [(viewer(1, [library]), true), (administrator([]), false)] {
        let catalog = &it.catalog;
        for refused in [
            catalog.set_match(&viewer, film, &new).await.map(|_| ()),
            catalog.delete_match(&viewer, film).await,
            catalog.refresh_item(&viewer, film).await.map(|_| ()),
            catalog.list_matches(&viewer, film, &MatchQuery::default()).await.map(|_| ()),
            catalog.list_item_sources(&viewer, film).await.map(|_| ()),
        ] {
            let is_right = match refused {
                Err(Error::Forbidden(_)) => is_known,
                Err(Error::NotFound(_)) => !is_known,
                _ => false,
            };
            assert!(is_right);
        }
    }
    assert!(
        it.catalog.list_review(&viewer(1, [library]), None, None, Limit::new(None)).await.is_err()
    );
    let admin = administrator([library]);
    for (provider, id) in [("nobody", "1"), ("tmdb", ""), ("tmdb", "a b")] {
        let new = NewMatch { provider: provider.to_owned(), id: id.to_owned() };
        assert!(matches!(
            it.catalog.set_match(&admin, film, &new).await,
            Err(Error::Invalid { .. })
        ));
    }
    let silent = Sample::start().await;
    let films = silent.library("Films").await;
    let film = silent.item(NewItem::film(films, "Heat")).await;
    let refused =
        silent.catalog.refresh_item(&administrator([films]), film).await.expect_err("nobody");
    assert_eq!(refused.code(), "metadata.no_provider");
}

#[tokio::test]
async fn the_list_of_doubts_goes_page_by_page_over_an_index() {
    let it = Sample::start().await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let libraries = [insert_library(&mut db, "A").await, insert_library(&mut db, "B").await];
    for library in libraries {
        insert_many_items(&mut db, library, 2000).await;
        crate::sample::run(
            &mut db,
            "UPDATE item SET match_state = 'review' WHERE library_id = $1 AND year < 1953",
            ItemId(library.0),
        )
        .await;
    }
    analyze(&mut db).await;
    let admin = administrator(libraries);
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = it
            .catalog
            .list_review(&admin, None, cursor.as_deref(), Limit::new(Some(37)))
            .await
            .expect("a page");
        seen.extend(page.items.into_iter().map(|it| it.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all, "nothing comes twice");
    assert_eq!(all, 2 * (28 + 29 + 29), "the years 1950 to 1952 of each library");
    let scope = LibraryScope::of(libraries);
    let sql = "EXPLAIN SELECT page.id FROM unnest($1::uuid[]) AS scope (library_id) CROSS JOIN LATERAL (
        SELECT item.id, item.sort_title FROM item WHERE item.library_id = scope.library_id
        AND item.match_state = 'review' AND item.missing_since IS NULL ORDER BY item.sort_title, item.id LIMIT 51) AS page
        ORDER BY page.sort_title, page.id LIMIT 51";
    let plan = plan(&mut db, sql, scope.ids()).await;
    assert!(plan.contains("item_review_idx") && !plan.contains("Seq Scan on item"), "{plan}");
}
