//! The media folders that tests of all crates build on.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use xtask::{corpus, demo, hostile};

#[test]
fn a_hostile_folder_has_every_trap() {
    let folder = tempfile::tempdir().expect("a temporary folder");

    let hostile = hostile::make(folder.path()).expect("the folder is made");

    let names: Vec<&[u8]> =
        hostile.playable.iter().map(|it| it.file_name().expect("a name").as_bytes()).collect();
    assert!(names.iter().any(|it| it.len() == 255), "the longest name");
    assert!(names.iter().any(|it| std::str::from_utf8(it).is_err()), "a name that is no UTF-8");
    assert!(names.iter().any(|it| it.contains(&b'\n')), "a name of two lines");
    assert!(hostile.playable.iter().chain(&hostile.broken).all(|it| it.is_file()));
    let mode = fs::metadata(&hostile.unreadable).expect("the folder is there").permissions().mode();
    assert_eq!(mode & 0o777, 0);
}

#[test]
fn a_corpus_has_as_many_different_films_as_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");

    corpus::make(folder.path(), 6).expect("the corpus is made");

    let mut contents = vec![];
    for film in fs::read_dir(folder.path()).expect("a folder") {
        for file in fs::read_dir(film.expect("an entry").path()).expect("a folder of one film") {
            contents.push(fs::read(file.expect("an entry").path()).expect("a film"));
        }
    }
    assert_eq!(contents.len(), 6);
    assert!(contents.iter().all(|it| (10_000..50_000).contains(&it.len())));
    contents.sort();
    contents.dedup();
    assert_eq!(contents.len(), 6, "no two films are the same bytes");
}

#[test]
fn slow_a_demo_folder_is_the_same_each_time_and_made_only_once() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
    let made = folders.each_ref().map(|it| demo::make(it.path()).expect("the demo is made"));
    assert!(made[0].n_made > 40, "{made:?}");

    for film in
        ["Movies/Nightjar.mp4", "Movies/The Lantern Keeper (2021)/poster.jpg", ".manifest.json"]
    {
        let [first, second] =
            folders.each_ref().map(|it| fs::read(it.path().join(film)).expect("a file"));
        assert!(first == second, "{film} differs");
    }
    let again = demo::make(folders[0].path()).expect("the demo is made");
    assert_eq!((again.n_made, again.n_kept), (0, made[0].n_made));
}
