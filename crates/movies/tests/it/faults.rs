use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use crate::films::{matroska, mp4, numbered};
use crate::house::House;
use crate::store::find_problem;

#[tokio::test]
async fn bad_files_say_why_and_the_rest_is_scanned() {
    let house = House::new().await;
    house.write("Empty (2001).mkv", b"");
    house.write("Cut (2002).mkv", &matroska()[..200]);
    house.write(
        "Text (2003).mp4",
        b"This is no film at all, just some text that somebody renamed.\n",
    );
    house.write("Bad (2004)/Bad (2004).mkv", &numbered(matroska(), 1));
    house.write("Bad (2004)/movie.nfo", b"<movie><title>Never closed");
    house.write("It's \"50%\" ..%2f new\nline (2005).mkv", &numbered(matroska(), 2));
    let odd = house.path("x").with_file_name(OsStr::from_bytes(b"Caf\xe9 (2006).mkv"));
    fs::write(odd, numbered(matroska(), 3)).expect("a file");
    let long = format!("{}.mkv", "L".repeat(251));
    house.write(&long, &numbered(matroska(), 4));
    house.write("Good (2007)/Good (2007).mp4", mp4());
    symlink(house.root.path(), house.path("Good (2007)/loop")).expect("a link");
    symlink("/nowhere.mkv", house.path("Good (2007)/dead.mkv")).expect("a link");

    let scan = house.scan().await;
    assert_eq!(find_problem(&house.pool, "Empty%").await, "the file is empty");
    assert!(
        find_problem(&house.pool, "Cut%").await.starts_with("truncated Matroska"),
        "{}",
        find_problem(&house.pool, "Cut%").await
    );
    assert!(
        find_problem(&house.pool, "Text%").await.starts_with("not a media file"),
        "{}",
        find_problem(&house.pool, "Text%").await
    );
    assert!(find_problem(&house.pool, "%movie.nfo").await.starts_with("the NFO file is broken"));
    let folders = "SELECT path || ': ' || reason FROM folder_problem";
    let dead = "Good (2007)/dead.mkv: it is a link to something that is not there";
    assert_eq!(house.text(folders).await.as_deref(), Some(dead));
    assert_eq!(scan.counts.problems, 5);
    assert_eq!(house.count("SELECT count(*) FROM item").await, 8);
    assert_eq!(
        house.count("SELECT count(*) FROM file WHERE problem IS NULL AND class = 'video'").await,
        5
    );
    let odd = "SELECT path FROM file WHERE path LIKE 'Caf%'";
    assert_eq!(house.text(odd).await.as_deref(), Some("Caf\\xE9 (2006).mkv"));

    // A file that is mended is tried again.
    house.write("Empty (2001).mkv", &numbered(matroska(), 5));
    house.scan().await;
    assert_eq!(house.count("SELECT count(*) FROM file WHERE problem IS NOT NULL").await, 3);
}

#[tokio::test]
async fn an_absent_or_empty_folder_takes_nothing_away_and_warns() {
    let house = House::new().await;
    house.write("Heat (1995).mkv", matroska());
    house.scan().await;
    let rows = house.rows().await;
    let aside = house.root.path().with_extension("aside");
    fs::rename(house.root.path(), &aside).expect("renamed");
    house.scan().await;
    let warning = house.text("SELECT warning FROM library").await.expect("a warning");
    assert!(warning.contains("cannot be read"), "{warning}");
    assert_eq!(house.rows().await, rows);
    fs::create_dir(house.root.path()).expect("a folder");
    house.scan().await;
    let warning = house.text("SELECT warning FROM library").await.expect("a warning");
    assert!(warning.contains("is empty"), "{warning}");
    assert_eq!(house.rows().await, rows);
    fs::remove_dir(house.root.path()).expect("deleted");
    fs::rename(&aside, house.root.path()).expect("renamed");
    house.scan().await;
    assert_eq!(house.text("SELECT warning FROM library").await, None);
    assert_eq!(house.rows().await, rows);
}
