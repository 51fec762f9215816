use kernel::{Error, Limit};

use super::*;
use crate::sample::{
    NewItem, SCAN_JOB, Sample, administrator, insert_file, list_asked, run, viewer,
};

fn new(it: &Sample, name: &str) -> NewLibrary {
    let folders = vec![crate::stored_path::to_text(it.folder.path())];
    NewLibrary {
        name: name.to_owned(),
        kind: "movies".to_owned(),
        folders,
        ..NewLibrary::default()
    }
}

#[tokio::test]
async fn a_library_is_made_changed_and_deleted() {
    let it = Sample::start().await;
    let catalog = &it.catalog;
    assert!(catalog.all_library_ids().await.expect("ids").is_empty());
    let made = catalog.create_library(&administrator([]), new(&it, " Films ")).await.expect("made");
    assert_eq!((made.name.as_str(), made.item_count), ("Films", 0));
    assert!(made.folders.as_ref().is_some_and(|it| it[0].is_reachable));
    assert_eq!(catalog.all_library_ids().await.expect("ids"), [made.id], "known at once");

    let admin = administrator([made.id]);
    let patch = LibraryPatch { name: Some("Movies".to_owned()), ..LibraryPatch::default() };
    let changed = catalog.update_library(&admin, made.id, patch).await.expect("changed");
    assert_eq!((changed.name.as_str(), &changed.folders), ("Movies", &made.folders));

    let film = it.item(NewItem::film(made.id, "Akira")).await;
    catalog.delete_library(&admin, made.id).await.expect("deleted");
    assert!(matches!(catalog.delete_library(&admin, made.id).await, Err(Error::NotFound(_))));
    assert!(catalog.all_library_ids().await.expect("ids").is_empty());
    assert!(it.folder.path().is_dir(), "the files stay");
    let mut db = catalog.connection().await.expect("a connection");
    run(&mut db, "DO $$ BEGIN ASSERT (SELECT count(*) FROM search_outbox) = 1; END $$", film).await;
}

#[tokio::test]
async fn what_cannot_be_a_library_says_why() {
    let it = Sample::start().await;
    let admin = administrator([]);
    let file = it.folder.path().join("film.mkv");
    std::fs::write(&file, "").expect("a file");
    let inside = it.folder.path().join("inside");
    std::fs::create_dir(&inside).expect("a folder");
    let text = |path: &std::path::Path| crate::stored_path::to_text(path);
    let (whole, inside, file) = (text(it.folder.path()), text(&inside), text(&file));
    let refusal =
        async |new| it.catalog.create_library(&admin, new).await.expect_err("refused").to_string();

    for (folders, expect) in [
        (vec![], "folders: name at least one folder".to_owned()),
        (
            vec!["films".to_owned()],
            "folders[0]: films is no absolute path: begin it with /".to_owned(),
        ),
        (
            vec!["/no/where".to_owned()],
            "folders[0]: /no/where does not exist on the server".to_owned(),
        ),
        (
            vec!["/".to_owned()],
            "folders[0]: the whole file system is no library: choose a folder in it".to_owned(),
        ),
        (vec!["/a\0b".to_owned()], "folders[0]: a path has no NUL in it".to_owned()),
        (vec![file.clone()], format!("folders[0]: {file} is a file: choose the folder it is in")),
        (
            vec![whole.clone(), inside.clone()],
            format!("folders[1]: {inside} and {whole} overlap: name only the outer one"),
        ),
    ] {
        assert_eq!(refusal(NewLibrary { folders, ..new(&it, "Films") }).await, expect);
    }
    let kind = NewLibrary { kind: "plays".to_owned(), ..new(&it, "Films") };
    assert_eq!(refusal(kind).await, "kind: there is no plays; there is movies, shows");
    assert_eq!(refusal(new(&it, "  ")).await, "name: a name has 1 to 128 letters");

    it.catalog.create_library(&admin, new(&it, "Films")).await.expect("made");
    let taken = it.catalog.create_library(&admin, new(&it, "FILMS")).await.expect_err("refused");
    assert_eq!(taken.code(), "library.name_taken");
}

#[tokio::test]
async fn people_see_their_libraries_and_no_folders() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    it.item(NewItem::film(mine, "Akira")).await;
    let person = viewer(1, [mine]);
    let seen = it.catalog.list_libraries(&person).await.expect("libraries");
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id, seen[0].item_count, &seen[0].folders), (mine, 1, &None));
    assert!(matches!(it.catalog.find_library(&person, other).await, Err(Error::NotFound(_))));

    for refused in [
        it.catalog.create_library(&person, new(&it, "Films")).await.map(|_| ()),
        it.catalog.update_library(&person, mine, LibraryPatch::default()).await.map(|_| ()),
        it.catalog.delete_library(&person, mine).await,
        it.catalog.scan_library(&person, mine, &ScanRequest::default()).await.map(|_| ()),
        it.catalog.list_problems(&person, mine, None, Limit::new(None)).await.map(|_| ()),
        it.catalog.list_server_folders(&person, None).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn counts_follow_the_generation() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let person = viewer(1, [library]);
    let count =
        async || it.catalog.find_library(&person, library).await.expect("the library").item_count;
    assert_eq!(count().await, 0);
    it.item(NewItem::film(library, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    bump_generation(&mut db, library).await.expect("bumped");
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn a_scan_is_asked_for_the_library_or_a_folder_in_it() {
    let it = Sample::start().await;
    let made =
        it.catalog.create_library(&administrator([]), new(&it, "Films")).await.expect("made");
    let library = made.id;
    let admin = administrator([library]);
    let root = it.folder.path().to_str().expect("a plain path").to_owned();
    let scan = async |folder: Option<String>| {
        let request = ScanRequest { folder, retry_problems: false };
        it.catalog.scan_library(&admin, library, &request).await
    };
    assert_eq!(scan(None).await.expect("queued"), SCAN_JOB);
    assert_eq!(scan(None).await.expect("asked for again"), SCAN_JOB);
    for folder in ["Heat", "Heat/Extras", "Heat/Heat.mkv"] {
        assert_eq!(scan(Some(format!("{root}/{folder}"))).await.expect("queued"), SCAN_JOB);
    }
    let mut db = it.catalog.connection().await.expect("a connection");
    assert_eq!(list_asked(&mut db, library).await, [String::new(), format!("{root}/Heat")]);

    for folder in
        ["/etc", "Heat", "", &format!("{root}/../x"), &format!("{root}x"), &format!("{root}/a\0b")]
    {
        let refused = scan(Some((*folder).to_owned())).await.expect_err("refused");
        assert!(matches!(&refused, Error::Invalid { field, .. } if field == "folder"), "{folder}");
    }
    let unknown = LibraryId(uuid::Uuid::from_u128(9));
    let request = ScanRequest::default();
    let refused = it.catalog.scan_library(&admin, unknown, &request).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn how_a_library_is_kept_up_to_date_is_the_administrators_to_say() {
    let it = Sample::start().await;
    let made =
        it.catalog.create_library(&administrator([]), new(&it, "Films")).await.expect("made");
    let daily = |at: &str| Some(Schedule::Daily { at: at.to_owned() });
    assert_eq!((made.is_watched, made.schedule), (Some(true), daily("04:00")));
    let admin = administrator([made.id]);
    let change = async |patch| it.catalog.update_library(&admin, made.id, patch).await;
    let patch = LibraryPatch {
        is_watched: Some(false),
        schedule: Some(Schedule::Interval { minutes: 30 }),
        ..LibraryPatch::default()
    };
    let changed = change(patch).await.expect("changed");
    let half_hourly = Some(Schedule::Interval { minutes: 30 });
    assert_eq!((changed.is_watched, &changed.schedule), (Some(false), &half_hourly));
    let patch = LibraryPatch { name: Some("Movies".to_owned()), ..LibraryPatch::default() };
    assert_eq!(
        change(patch).await.expect("changed").schedule,
        half_hourly,
        "what is left out stays"
    );
    let patch = LibraryPatch { schedule: daily("25:00"), ..LibraryPatch::default() };
    assert!(matches!(change(patch).await, Err(Error::Invalid { .. })));
    let seen = it.catalog.find_library(&viewer(2, [made.id]), made.id).await.expect("the library");
    assert_eq!((seen.is_watched, seen.schedule), (None, None));
}

#[tokio::test]
async fn problems_of_folders_come_first_and_page_by_page() {
    let it = Sample::start().await;
    let (library, other) = (it.library("Films").await, it.library("Other").await);
    let film = it.item(NewItem::film(library, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    for path in ["a.mkv", "b.mkv", "c.mkv"] {
        insert_file(&mut db, library, film, path, "main").await;
    }
    run(&mut db, "UPDATE file SET problem = 'it is empty' WHERE id IN (SELECT file_id FROM item_file WHERE item_id = $1)", film).await;
    for path in ["/media/x", "/media/y"] {
        let sql = if path == "/media/x" {
            "INSERT INTO folder_problem (folder_id, path, reason) SELECT folder_id, 'x', 'locked' FROM file JOIN item_file ON file_id = id WHERE item_id = $1 LIMIT 1"
        } else {
            "INSERT INTO folder_problem (folder_id, path, reason) SELECT folder_id, 'y', 'locked' FROM file JOIN item_file ON file_id = id WHERE item_id = $1 LIMIT 1"
        };
        run(&mut db, sql, film).await;
    }
    let admin = administrator([library, other]);
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let limit = Limit::new(Some(2));
        let page = it
            .catalog
            .list_problems(&admin, library, cursor.as_deref(), limit)
            .await
            .expect("a page");
        seen.extend(page.items.into_iter().map(|it| it.path));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["/media/x", "/media/y", "/media/a.mkv", "/media/b.mkv", "/media/c.mkv"]);
    assert_eq!(
        it.catalog.find_library(&admin, library).await.expect("the library").problem_count,
        5
    );
    let page =
        it.catalog.list_problems(&admin, other, None, Limit::new(None)).await.expect("a page");
    assert!(page.items.is_empty());
}
