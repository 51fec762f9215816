use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn all(root: &Path) -> Walked {
    walk(root, "", &AtomicU64::new(0), &|| false).expect("a folder")
}

fn paths(walked: &Walked) -> Vec<&str> {
    walked.files.iter().map(|it| it.path.as_str()).collect()
}

fn write(root: &TempDir, path: &str) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
    fs::write(path, "x").expect("a file");
}

#[test]
fn media_is_found_in_order_and_the_rest_passed_over() {
    let root = TempDir::new().expect("a folder");
    for path in [
        "b/film.mkv",
        "a/film.mkv",
        "a/film.srt",
        "a/notes.txt",
        "a/@eaDir/thumb.jpg",
        "a/.hidden/x.mkv",
        "off/.nomedia",
        "off/x.mkv",
        "ignored/.ignore",
        "ignored/x.mkv",
    ] {
        write(&root, path);
    }
    fs::write(root.path().join("ignored/.ignore"), "").expect("a file");
    fs::write(root.path().join(".plexignore"), "b*\n").expect("a file");
    assert_eq!(paths(&all(root.path())), ["a/film.mkv", "a/film.srt"]);
}

#[test]
fn a_circle_of_links_ends_and_a_link_elsewhere_is_followed() {
    let root = TempDir::new().expect("a folder");
    let other = TempDir::new().expect("a folder");
    write(&root, "a/film.mkv");
    write(&other, "far.mkv");
    symlink(root.path(), root.path().join("a/loop")).expect("a link");
    symlink(other.path(), root.path().join("z")).expect("a link");
    symlink("nowhere.mkv", root.path().join("dead.mkv")).expect("a link");
    let walked = all(root.path());
    assert_eq!(paths(&walked), ["a/film.mkv", "z/far.mkv"]);
    assert_eq!(walked.unreadable, [("dead.mkv".to_owned(), reason(Errno::NOENT))]);
}

#[test]
fn names_of_any_bytes_are_found() {
    let root = TempDir::new().expect("a folder");
    let long = format!("{}.mkv", "x".repeat(251));
    for name in [&b"caf\xe9.mkv"[..], b"new\nline.mkv", b"per%2e%2e'\".mkv", long.as_bytes()] {
        fs::write(root.path().join(OsStr::from_bytes(name)), "x").expect("a file");
    }
    let walked = all(root.path());
    assert_eq!(paths(&walked), ["caf\\xE9.mkv", "new\nline.mkv", "per%2e%2e'\".mkv", &long]);
    for file in &walked.files {
        assert!(root.path().join(stored_path::from_text(&file.path)).exists());
    }
}

#[test]
fn only_the_part_asked_for_is_walked() {
    let root = TempDir::new().expect("a folder");
    write(&root, "a/x.mkv");
    write(&root, "b/y/z.mkv");
    let walked = walk(root.path(), "b", &AtomicU64::new(0), &|| false).expect("a folder");
    assert_eq!(paths(&walked), ["b/y/z.mkv"]);
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let root = TempDir::new().expect("a folder");
    assert!(walk(&root.path().join("gone"), "", &AtomicU64::new(0), &|| false).is_err());
}
