use std::fs;
use std::io::Write as _;

use super::*;
use crate::sample::{Sample, list_asked, make_scanned};

const QUICK: Rhythm = Rhythm {
    look: Duration::from_millis(40),
    settle: Duration::from_millis(40),
    writer: Duration::from_hours(1),
    poll: Duration::from_hours(1),
};

/// A library over the folder `films`, which was scanned once, and who looks after it.
async fn watched(it: &Sample) -> (LibraryId, PathBuf, Live) {
    let films = it.folder.path().join("films");
    fs::create_dir(&films).expect("a folder");
    let mut db = it.catalog.connection().await.expect("a connection");
    let library = make_scanned(&mut db, &stored_path::to_text(&films)).await;
    let mut live = Live::new(it.catalog.clone(), QUICK);
    assert_eq!(until_asked(it, library, &mut live).await, [String::new()], "what happened before");
    (library, films, live)
}

/// Goes on until a scan is asked for, and takes the request.
async fn until_asked(it: &Sample, library: LibraryId, live: &mut Live) -> Vec<String> {
    loop {
        live.step().await.expect("it goes on");
        let mut db = it.catalog.connection().await.expect("a connection");
        let asked = list_asked(&mut db, library).await;
        if !asked.is_empty() {
            let taken = crate::scan::store::ask::take_requests(&mut db, library, 1).await;
            let ids: Vec<Uuid> = taken.expect("taken").into_iter().map(|it| it.id).collect();
            crate::scan::store::ask::delete_requests(&mut db, &ids).await.expect("done");
            return asked;
        }
    }
}

async fn is_quiet(it: &Sample, library: LibraryId, live: &mut Live) -> bool {
    for _ in 0..12 {
        live.step().await.expect("it goes on");
    }
    let mut db = it.catalog.connection().await.expect("a connection");
    list_asked(&mut db, library).await.is_empty()
}

fn part(films: &Path, name: &str) -> String {
    stored_path::to_text(&films.join(name))
}

#[tokio::test]
async fn a_film_that_is_copied_in_is_scanned_once_the_copy_is_complete() {
    let it = Sample::start().await;
    let (library, films, mut live) = watched(&it).await;
    fs::create_dir(films.join("Heat")).expect("a folder");
    let mut file = fs::File::create(films.join("Heat/Heat.mkv")).expect("a file");
    file.write_all(b"the first half").expect("written");
    // The folder itself may be told before its file is seen at all; that is no scan of half a film.
    let mut is_asked_early = false;
    for _ in 0..20 {
        file.write_all(b"more").expect("written");
        live.step().await.expect("it goes on");
        let mut db = it.catalog.connection().await.expect("a connection");
        is_asked_early |= !list_asked(&mut db, library).await.is_empty();
    }
    assert!(!is_asked_early);
    drop(file);
    assert_eq!(until_asked(&it, library, &mut live).await, [part(&films, "Heat")]);
    assert!(is_quiet(&it, library, &mut live).await);
}

#[tokio::test]
async fn what_is_renamed_and_deleted_is_scanned_on_both_sides() {
    let it = Sample::start().await;
    let (library, films, mut live) = watched(&it).await;
    fs::create_dir(films.join("Heat")).expect("a folder");
    fs::write(films.join("Heat/Heat.mkv"), "x").expect("a file");
    assert_eq!(until_asked(&it, library, &mut live).await, [part(&films, "Heat")]);
    fs::rename(films.join("Heat"), films.join("Hitze")).expect("renamed");
    let mut asked = until_asked(&it, library, &mut live).await;
    while asked.len() < 2 {
        asked.extend(until_asked(&it, library, &mut live).await);
    }
    asked.sort();
    assert_eq!(asked, [part(&films, "Heat"), part(&films, "Hitze")]);
    fs::remove_dir_all(films.join("Hitze")).expect("deleted");
    assert_eq!(until_asked(&it, library, &mut live).await, [part(&films, "Hitze")]);
}

#[tokio::test]
async fn a_folder_that_goes_and_comes_back_is_picked_up() {
    let it = Sample::start().await;
    let (library, films, mut live) = watched(&it).await;
    let aside = it.folder.path().join("aside");
    fs::rename(&films, &aside).expect("renamed");
    assert_eq!(
        until_asked(&it, library, &mut live).await,
        [String::new()],
        "the scan says what is wrong"
    );
    assert!(is_quiet(&it, library, &mut live).await);
    fs::rename(&aside, &films).expect("renamed");
    assert_eq!(until_asked(&it, library, &mut live).await, [String::new()]);
    fs::create_dir(films.join("Heat")).expect("a folder");
    assert_eq!(
        until_asked(&it, library, &mut live).await,
        [part(&films, "Heat")],
        "it hears again"
    );
}

#[tokio::test]
async fn a_library_that_is_not_watched_is_left_alone() {
    let it = Sample::start().await;
    let (library, films, mut live) = watched(&it).await;
    let patch = crate::library::LibraryPatch { is_watched: Some(false), ..Default::default() };
    let admin = crate::sample::administrator([library]);
    it.catalog.update_library(&admin, library, patch).await.expect("changed");
    assert!(is_quiet(&it, library, &mut live).await);
    fs::create_dir(films.join("Heat")).expect("a folder");
    assert!(is_quiet(&it, library, &mut live).await);
    let seen = it.catalog.find_library(&admin, library).await.expect("the library");
    assert_eq!(seen.folders.expect("folders")[0].watched_by, WatchedBy::Nothing);
}

#[tokio::test]
async fn where_the_system_tells_nothing_the_folder_is_scanned_again_and_again() {
    let it = Sample::start().await;
    let (library, _, mut live) = watched(&it).await;
    live.rhythm.poll = Duration::from_millis(100);
    for kept in live.folders.values_mut() {
        let Mode::Events { ear, .. } = &kept.mode else { panic!("it is watched") };
        ear.hear(Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)), Instant::now());
    }
    // Every look asks for a scan, and then tries whether the system watches again.
    let mut was_polled = false;
    loop {
        assert_eq!(until_asked(&it, library, &mut live).await, [String::new()]);
        let is_polled = live.folders.values().any(|it| matches!(it.mode, Mode::Polling { .. }));
        if was_polled && !is_polled {
            break;
        }
        was_polled |= is_polled;
    }
}

#[tokio::test]
async fn the_schedule_asks_once_for_each_of_its_times() {
    let it = Sample::start().await;
    let (library, _, mut live) = watched(&it).await;
    it.pass(24 * 60);
    assert_eq!(until_asked(&it, library, &mut live).await, [String::new()]);
    assert!(is_quiet(&it, library, &mut live).await);
    it.pass(24 * 60);
    assert_eq!(until_asked(&it, library, &mut live).await, [String::new()]);
}
