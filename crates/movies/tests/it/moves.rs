//! A film that is moved is the film it was, wherever it goes.

use std::fs;
use std::path::Path;

use crate::films::{matroska, numbered};
use crate::house::{House, watch};

const HEAT: &str = "Heat (1995)/Heat (1995).mkv";

/// Two films, one of which somebody edited and began to watch.
async fn furnish(house: &House) {
    house.write(HEAT, &numbered(matroska(), 1));
    house.write("Dune (2021)/Dune (2021).mkv", &numbered(matroska(), 2));
    house.scan().await;
    house
        .execute(
            "INSERT INTO progress (person_id, item_id, item_key, position_ms)
             SELECT '00000000-0000-0000-0000-000000000007', id, 'movie:heat|1995', 600 FROM item
             WHERE identity = 'heat|1995'",
        )
        .await;
    house
        .execute("UPDATE item SET title = 'Mine', locked = '{title}' WHERE identity = 'heat|1995'")
        .await;
}

/// The film of the history: its id, identity, library, title, and how far somebody is with it.
async fn told(house: &House) -> String {
    let query = "SELECT concat_ws('|', item.identity, item.title, position_ms, item.missing_since IS NULL,
                        (SELECT string_agg(file.path, ',') FROM item_file JOIN file ON file.id = file_id
                         WHERE item_id = item.id AND file.missing_since IS NULL AND file.library_id = item.library_id))
                 FROM progress JOIN item ON item.id = item_id";
    house.text(query).await.expect("the film")
}

/// As another file system does it: a copy with times of its own, then the original is deleted.
fn move_by_copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::copy(from, to).expect("copied");
    fs::remove_file(from).expect("deleted");
}

#[tokio::test]
async fn a_film_moved_to_another_folder_of_its_library_stays_itself() {
    let house = House::new().await;
    furnish(&house).await;
    let other = house.second_folder().await;
    // Renamed on the way, so that only the file itself tells what it is.
    fs::create_dir(other.path().join("Hitze (1996)")).expect("a folder");
    fs::rename(house.path(HEAT), other.path().join("Hitze (1996)/Hitze (1996).mkv"))
        .expect("moved");
    let scan = house.scan().await;
    assert_eq!((scan.counts.added, scan.counts.missing), (0, 0));
    assert_eq!(told(&house).await, "hitze|1996|Mine|600|t|Hitze (1996)/Hitze (1996).mkv");
    assert_eq!(house.count("SELECT count(*) FROM item").await, 2);
}

#[tokio::test]
async fn a_film_copied_to_another_library_and_deleted_stays_itself() {
    for scans_old_first in [true, false] {
        let house = House::new().await;
        furnish(&house).await;
        let (other, root) = house.second_library().await;
        move_by_copy(&house.path(HEAT), &root.path().join("Hitze (1996)/Hitze (1996).mkv"));
        if scans_old_first {
            house.scan().await;
            house.scan_other(other).await;
        } else {
            house.scan_other(other).await;
            house.scan().await;
        }
        assert_eq!(told(&house).await, "hitze|1996|Mine|600|t|Hitze (1996)/Hitze (1996).mkv");
        let counts = "SELECT string_agg(n::text, ',' ORDER BY n)
                      FROM (SELECT count(*) AS n FROM item GROUP BY library_id) AS it";
        assert_eq!(house.text(counts).await.as_deref(), Some("1,1"), "one in each library");
        assert_eq!(
            house.count("SELECT count(*) FROM file WHERE missing_since IS NOT NULL").await,
            0
        );
    }
}

#[tokio::test]
async fn a_film_moved_between_two_scans_of_single_folders_stays_itself() {
    let house = House::new().await;
    furnish(&house).await;
    let (from, to) = (house.path("Heat (1995)"), house.path("Hitze (1996)"));
    fs::rename(&from, &to).expect("renamed");
    fs::rename(to.join("Heat (1995).mkv"), to.join("Hitze (1996).mkv")).expect("renamed");
    house.try_scan(Some(&to), &watch(|| false)).await.expect("a scan");
    house.try_scan(Some(&from), &watch(|| false)).await.expect("a scan");
    assert_eq!(told(&house).await, "hitze|1996|Mine|600|t|Hitze (1996)/Hitze (1996).mkv");
    assert_eq!(house.count("SELECT count(*) FROM file WHERE missing_since IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_copy_beside_its_original_is_another_film() {
    let house = House::new().await;
    furnish(&house).await;
    let (other, root) = house.second_library().await;
    fs::create_dir(root.path().join("Heat (1995)")).expect("a folder");
    fs::copy(house.path(HEAT), root.path().join(HEAT)).expect("copied");
    house.scan_other(other).await;
    assert_eq!(told(&house).await, format!("heat|1995|Mine|600|t|{HEAT}"));
    assert_eq!(house.count("SELECT count(*) FROM item WHERE identity = 'heat|1995'").await, 2);

    // While the folder of the original is away, nobody knows whether it is gone.
    let aside = house.root.path().with_extension("aside");
    fs::rename(house.root.path(), &aside).expect("renamed");
    fs::rename(root.path().join("Heat (1995)"), root.path().join("Heat again (1995)"))
        .expect("renamed");
    fs::copy(aside.join(HEAT), root.path().join("Heat again (1995)/second.mkv")).expect("copied");
    house.scan_other(other).await;
    fs::rename(&aside, house.root.path()).expect("renamed");
    house.scan().await;
    assert_eq!(told(&house).await, format!("heat|1995|Mine|600|t|{HEAT}"));
}
