use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

async fn walk_from(root: &Path, start: &str) -> io::Result<Walked> {
    let door = Door::new(Duration::from_secs(20));
    walk(&door, &door.disk(1, false), root, start, &Pacer::free()).await
}

async fn all(root: &Path) -> Walked {
    walk_from(root, "").await.expect("a folder")
}

fn paths(walked: &Walked) -> Vec<&str> {
    walked.files.iter().map(|it| it.path.as_str()).collect()
}

fn write(root: &TempDir, path: &str) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
    fs::write(path, "x").expect("a file");
}

#[tokio::test]
async fn media_is_found_in_order_and_the_rest_passed_over() {
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
    assert_eq!(paths(&all(root.path()).await), ["a/film.mkv", "a/film.srt"]);
}

#[tokio::test]
async fn a_circle_of_links_ends_and_a_link_elsewhere_is_followed() {
    let root = TempDir::new().expect("a folder");
    let other = TempDir::new().expect("a folder");
    write(&root, "a/film.mkv");
    write(&other, "far.mkv");
    symlink(root.path(), root.path().join("a/loop")).expect("a link");
    symlink(other.path(), root.path().join("z")).expect("a link");
    symlink("nowhere.mkv", root.path().join("dead.mkv")).expect("a link");
    let walked = all(root.path()).await;
    assert_eq!(paths(&walked), ["a/film.mkv", "z/far.mkv"]);
    assert_eq!(walked.unreadable, [("dead.mkv".to_owned(), reason(Errno::NOENT))]);
}

#[tokio::test]
async fn names_of_any_bytes_are_found() {
    let root = TempDir::new().expect("a folder");
    let long = format!("{}.mkv", "x".repeat(251));
    for name in [&b"caf\xe9.mkv"[..], b"new\nline.mkv", b"per%2e%2e'\".mkv", long.as_bytes()] {
        fs::write(root.path().join(OsStr::from_bytes(name)), "x").expect("a file");
    }
    let walked = all(root.path()).await;
    assert_eq!(paths(&walked), ["caf\\xE9.mkv", "new\nline.mkv", "per%2e%2e'\".mkv", &long]);
    for file in &walked.files {
        assert!(root.path().join(stored_path::from_text(&file.path)).exists());
    }
}

#[tokio::test]
async fn only_the_part_asked_for_is_walked() {
    let root = TempDir::new().expect("a folder");
    write(&root, "a/x.mkv");
    write(&root, "b/y/z.mkv");
    let walked = walk_from(root.path(), "b").await.expect("a folder");
    assert_eq!(paths(&walked), ["b/y/z.mkv"]);
}

#[tokio::test]
async fn a_root_that_is_not_there_is_an_error() {
    let root = TempDir::new().expect("a folder");
    let error = walk_from(&root.path().join("gone"), "").await.expect_err("nothing");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn more_folders_than_a_process_may_open_are_found() {
    let root = TempDir::new().expect("a folder");
    for number in 0..1500 {
        write(&root, &format!("{number:04}/film.mkv"));
    }
    let walked = all(root.path()).await;
    assert_eq!((walked.files.len(), walked.unreadable.len()), (1500, 0));
}

#[tokio::test]
async fn a_folder_that_does_not_answer_is_told_and_the_rest_is_found() {
    let root = TempDir::new().expect("a folder");
    for path in ["a/x.mkv", "dead/y.mkv", "z/z.mkv"] {
        write(&root, path);
    }
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (held, dead) = (Mutex::new(held), root.path().join("dead"));
    let hung = dead.clone();
    let door = Door::knocking(Duration::from_millis(300), move |place| {
        if place == hung {
            let _ = held.lock().expect("nobody panicked").recv();
        }
    });
    let disk = door.disk(1, false);
    let silent = [("dead".to_owned(), reason(Errno::TIMEDOUT))];
    // The second walk asks nobody who did not answer the first.
    for _ in 0..2 {
        let walked = walk(&door, &disk, root.path(), "", &Pacer::free()).await.expect("the rest");
        assert_eq!(paths(&walked), ["a/x.mkv", "z/z.mkv"]);
        assert_eq!(walked.unreadable, silent);
    }
    assert!(!door.may_ask(&dead));
    let error = walk(&door, &disk, &dead, "", &Pacer::free()).await.expect_err("it is dead");
    assert_eq!(error.raw_os_error(), Some(Errno::TIMEDOUT.raw_os_error()));
    drop(let_go);
    while !door.may_ask(&dead) {
        tokio::task::yield_now().await;
    }
    let walked = walk(&door, &disk, root.path(), "", &Pacer::free()).await.expect("all of it");
    assert_eq!(paths(&walked), ["a/x.mkv", "dead/y.mkv", "z/z.mkv"]);
}

#[tokio::test]
async fn a_walk_goes_slowly_and_ends_while_somebody_plays() {
    let root = TempDir::new().expect("a folder");
    for number in 0..50 {
        write(&root, &format!("{number:04}/film.mkv"));
    }
    let door = Door::new(Duration::from_secs(20));
    let pacer = Pacer { is_slow: Arc::new(AtomicBool::new(true)), ..Pacer::free() };
    let walked = walk(&door, &door.disk(1, true), root.path(), "", &pacer).await.expect("files");
    assert_eq!(walked.files.len(), 50);
    assert_eq!(pacer.seen.load(Ordering::Relaxed), 50);
}
