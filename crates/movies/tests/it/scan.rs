use std::fs;
use std::task::Poll;

use catalog::scan::pace::Stage;

use crate::films::{matroska, mp4, numbered};
use crate::house::{House, stop_at, watch};

const NFO: &str = "<movie><title>Hitze</title><plot>Two men.</plot><genre>Crime</genre><set><name>Mann</name></set>\
                   <mpaa>Rated R</mpaa><director>Michael Mann</director><uniqueid type='imdb'>tt0113277</uniqueid>\
                   <actor><name>Al Pacino</name><role>Hanna</role></actor></movie>";

/// Three films: one with all that may lie beside it, one in two versions, one alone.
fn furnish(house: &House) {
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.write("Heat (1995)/Heat (1995).de.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHallo\n");
    house.write("Heat (1995)/Heat (1995)-trailer.mp4", mp4());
    house.write("Heat (1995)/movie.nfo", NFO.as_bytes());
    house.write("Heat (1995)/poster.jpg", crate::films::jpeg());
    house.write("Dune (2021)/Dune (2021) - 1080p.mkv", &numbered(matroska(), 2));
    house.write("Dune (2021)/Dune (2021) - 2160p.mkv", &numbered(matroska(), 3));
    house.write("Alien (1979).mkv", &numbered(matroska(), 4));
}

#[tokio::test]
async fn files_become_films_with_what_lies_beside_them() {
    let house = House::new().await;
    furnish(&house);
    let scan = house.scan().await;
    assert_eq!(scan.stage, Stage::Done);
    assert_eq!((scan.counts.found, scan.counts.added, scan.counts.problems), (8, 8, 0));

    let heat =
        "SELECT concat_ws('|', title, year, overview, content_rating_age, match_state) FROM item
                WHERE identity = 'heat|1995'";
    assert_eq!(house.text(heat).await.as_deref(), Some("Hitze|1995|Two men.|17|parsed"));
    let runtime =
        "SELECT (runtime_ms BETWEEN 1900 AND 2200)::text FROM item WHERE identity = 'heat|1995'";
    assert_eq!(house.text(runtime).await.as_deref(), Some("true"));
    let parts =
        "SELECT string_agg(role, ',' ORDER BY role) FROM item_file JOIN item ON item.id = item_id
                 WHERE identity = 'heat|1995'";
    assert_eq!(house.text(parts).await.as_deref(), Some("main,subtitle,trailer"));
    let versions = "SELECT string_agg(version, ',' ORDER BY version) FROM item_file JOIN item ON item.id = item_id
                    WHERE identity = 'dune|2021'";
    assert_eq!(house.text(versions).await.as_deref(), Some("1080p,2160p"));
    let people =
        "SELECT string_agg(concat_ws(' ', person.name, role, character), ', ' ORDER BY position)
                  FROM credit JOIN person ON person.id = person_id";
    assert_eq!(
        house.text(people).await.as_deref(),
        Some("Michael Mann director, Al Pacino actor Hanna")
    );
    let id = "SELECT value FROM external_id WHERE provider = 'imdb'";
    assert_eq!(house.text(id).await.as_deref(), Some("tt0113277"));
    let set = "SELECT collection_name FROM movies.movie WHERE collection_name IS NOT NULL";
    assert_eq!(house.text(set).await.as_deref(), Some("Mann"));
    let alien = "SELECT title FROM item WHERE identity = 'alien|1979'";
    assert_eq!(
        house.text(alien).await.as_deref(),
        Some("Alien"),
        "the title inside the file is advertising"
    );
    assert_eq!(house.count("SELECT count(*) FROM item WHERE is_top AND root_id = id").await, 3);
    assert!(house.count("SELECT count(*) FROM search_outbox").await >= 3);
}

#[tokio::test]
async fn scanning_again_changes_nothing_and_opens_nothing() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let (rows, probed) = (house.rows().await, "SELECT max(probed_at)::text FROM file");
    let before = house.text(probed).await;
    let generation = house.count("SELECT generation FROM library").await;
    let scan = house.scan().await;
    assert_eq!((scan.counts.added, scan.counts.changed, scan.counts.missing), (0, 0, 0));
    assert_eq!(scan.counts.total, Some(0));
    assert_eq!(house.rows().await, rows);
    assert_eq!(house.text(probed).await, before);
    assert_eq!(house.count("SELECT generation FROM library").await, generation);
}

#[tokio::test]
async fn a_scan_stopped_anywhere_is_completed_by_the_next() {
    let whole = House::new().await;
    furnish(&whole);
    whole.scan().await;
    let expect = whole.rows().await;
    let house = House::new().await;
    furnish(&house);
    for n in 0..12 {
        let stopped = house.try_scan(None, &stop_at(n)).await.expect("a scan");
        assert!(matches!(stopped.stage, Stage::Cancelled | Stage::Done));
    }
    house.scan().await;
    assert_eq!(house.rows().await, expect);
}

#[tokio::test]
async fn a_scan_killed_anywhere_is_completed_by_the_next() {
    let house = House::new().await;
    furnish(&house);
    // The scan is dropped when it is woken for the `n`th time: what a kill does to it, at every point where it waits.
    for n in 1.. {
        let watch = watch(|| false);
        let mut scan = Box::pin(house.try_scan(None, &watch));
        let mut n_woken = 0;
        let is_whole = std::future::poll_fn(|context| {
            n_woken += 1;
            if n_woken > n {
                return Poll::Ready(false);
            }
            scan.as_mut().poll(context).map(|done| done.expect("a scan").stage == Stage::Done)
        })
        .await;
        if is_whole {
            break;
        }
    }
    house.scan().await;
    let whole = House::new().await;
    furnish(&whole);
    whole.scan().await;
    assert_eq!(house.rows().await, whole.rows().await);
    let open = "SELECT count(*) FROM scan WHERE finished_at IS NULL";
    assert_eq!(house.count(open).await, 0);
}

#[tokio::test]
async fn a_renamed_film_is_the_same_item_with_its_history() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let heat = house.item("heat|1995").await.expect("an item");
    house
        .execute(
            "INSERT INTO favourite (person_id, item_id, item_key)
             SELECT '00000000-0000-0000-0000-000000000007', id, 'movie:heat|1995' FROM item WHERE identity = 'heat|1995'",
        )
        .await;
    let file = house.text("SELECT id::text FROM file WHERE path LIKE '%Heat (1995).mkv'").await;
    fs::rename(house.path("Heat (1995)"), house.path("Heat, the Film (1996)")).expect("renamed");
    fs::rename(
        house.path("Heat, the Film (1996)/Heat (1995).mkv"),
        house.path("Heat, the Film (1996)/Heat the Film (1996).mkv"),
    )
    .expect("renamed");
    house.scan().await;
    assert_eq!(house.item("heatthefilm|1996").await, Some(heat));
    assert_eq!(house.item("heat|1995").await, None);
    let moved =
        house.text("SELECT id::text FROM file WHERE path LIKE '%Heat the Film (1996).mkv'").await;
    assert_eq!(moved, file);
    let key = house.text("SELECT item_key FROM favourite").await;
    assert_eq!(key.as_deref(), Some("movie:heatthefilm|1996"));
    assert_eq!(house.count("SELECT count(*) FROM file WHERE missing_since IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_film_that_vanishes_is_missed_and_comes_back() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let rows = house.rows().await;
    let alien = house.item("alien|1979").await;
    let away = tempfile::tempdir().expect("a folder");
    fs::copy(house.path("Alien (1979).mkv"), away.path().join("alien")).expect("copied");
    fs::remove_file(house.path("Alien (1979).mkv")).expect("deleted");
    let scan = house.scan().await;
    assert_eq!(scan.counts.missing, 1);
    let missing = "SELECT identity FROM item WHERE missing_since IS NOT NULL";
    assert_eq!(house.text(missing).await.as_deref(), Some("alien|1979"));
    // Back under the same path: another inode and time, so it is read anew, and is the same film.
    fs::copy(away.path().join("alien"), house.path("Alien (1979).mkv")).expect("copied");
    house.scan().await;
    assert_eq!(house.item("alien|1979").await, alien);
    assert_eq!(house.rows().await, rows);
}

#[tokio::test]
async fn a_better_copy_takes_the_place_of_a_film() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let dune = house.item("dune|2021").await;
    house
        .execute(
            "INSERT INTO progress (person_id, item_id, item_key, position_ms)
             SELECT '00000000-0000-0000-0000-000000000007', id, 'movie:dune|2021', 600 FROM item
             WHERE identity = 'dune|2021'",
        )
        .await;
    fs::remove_file(house.path("Dune (2021)/Dune (2021) - 1080p.mkv")).expect("deleted");
    fs::remove_file(house.path("Dune (2021)/Dune (2021) - 2160p.mkv")).expect("deleted");
    house.write("Dune (2021)/Dune.2021.2160p.BluRay.REMUX-GRP.mkv", &numbered(matroska(), 99));
    house.scan().await;
    assert_eq!(house.item("dune|2021").await, dune);
    assert_eq!(house.count("SELECT count(*) FROM item WHERE missing_since IS NOT NULL").await, 0);
    let kept = "SELECT count(*) FROM progress JOIN item ON item.id = item_id
                WHERE identity = 'dune|2021' AND position_ms = 600";
    assert_eq!(house.count(kept).await, 1);
}

#[tokio::test]
async fn what_a_person_edited_is_never_overwritten() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    house
        .execute(
            "UPDATE item SET title = 'Mine', overview = 'Mine', locked = '{title,overview,genres}'",
        )
        .await;
    house.execute("DELETE FROM item_label").await;
    house.write("Heat (1995)/movie.nfo", format!("{NFO}\n").as_bytes());
    house.scan().await;
    let heat = "SELECT concat_ws('|', title, overview) FROM item WHERE identity = 'heat|1995'";
    assert_eq!(house.text(heat).await.as_deref(), Some("Mine|Mine"));
    assert_eq!(house.count("SELECT count(*) FROM item_label").await, 0);
}

#[tokio::test]
async fn only_the_folder_asked_for_is_scanned() {
    let house = House::new().await;
    furnish(&house);
    let folder = house.path("Heat (1995)");
    house.try_scan(Some(&folder), &watch(|| false)).await.expect("a scan");
    assert_eq!(
        house.text("SELECT string_agg(identity, ',') FROM item").await.as_deref(),
        Some("heat|1995")
    );
    house.scan().await;
    assert_eq!(house.count("SELECT count(*) FROM item").await, 3);
    fs::remove_dir_all(&folder).expect("deleted");
    house.try_scan(Some(&folder), &watch(|| false)).await.expect("a scan");
    let missing = "SELECT identity FROM item WHERE missing_since IS NOT NULL";
    assert_eq!(house.text(missing).await.as_deref(), Some("heat|1995"));
}

/// The same films in three folders, so many that batches of them are written side by side.
fn furnish_shelves(house: &House) {
    for n in 0..900_u64 {
        let (shelf, film) = (n / 300, n % 300);
        let path =
            format!("Shelf {shelf}/Film {film:03} (1999)/Film {film:03} (1999) - {shelf}.mkv");
        house.write(&path, &numbered(matroska(), n));
    }
}

#[tokio::test]
async fn what_is_written_side_by_side_is_as_if_written_one_after_the_other() {
    let side_by_side = House::new().await;
    furnish_shelves(&side_by_side);
    let scan = side_by_side.scan().await;
    assert_eq!((scan.stage, scan.counts.added), (Stage::Done, 900));

    // Where one file is known already, there is only one writer.
    let one_by_one = House::new().await;
    one_by_one.write("Alien (1979).mkv", &numbered(matroska(), 1000));
    one_by_one.scan().await;
    furnish_shelves(&one_by_one);
    one_by_one.scan().await;
    std::fs::remove_file(one_by_one.path("Alien (1979).mkv")).expect("removed");
    one_by_one.execute("DELETE FROM item WHERE identity = 'alien|1979'").await;
    one_by_one.execute("DELETE FROM file WHERE path = 'Alien (1979).mkv'").await;

    assert_eq!(side_by_side.count("SELECT count(*) FROM item").await, 300);
    assert_eq!(side_by_side.count("SELECT count(*) FROM item_file").await, 900);
    assert_eq!(side_by_side.rows().await, one_by_one.rows().await);
}
