use std::fs;
use std::path::PathBuf;

use catalog::arrival::Shape;
use rusqlite::Connection;

use super::{files, read};
use crate::source::sample::{ENTITIES, LIBRARY, PEOPLE, make, now};
use crate::source::sqlite::copy;
use crate::source::{Household, State};

fn entities() -> Household {
    let folder = tempfile::tempdir().expect("a folder");
    let file = make(folder.path(), "jellyfin.db", ENTITIES);
    read(&[file], now()).expect("it is read")
}

/// What somebody made of something, by title.
fn state<'a>(household: &'a Household, person: &str, title: &str) -> Option<&'a State> {
    let person = household.people.iter().find(|it| it.name == person).expect("the person");
    person.states.iter().find(|it| household.items[it.item as usize].title == title)
}

const FRIDAY: [&str; 4] = ["Slack Water", "Quiet Orbit", "Never Here", "Slack Water"];

fn titles<'a>(household: &'a Household, items: &[u32]) -> Vec<&'a str> {
    items.iter().map(|it| household.items[*it as usize].title.as_str()).collect()
}

fn check(household: &Household) {
    let names: Vec<_> = household.people.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Anna", "Ben"]);
    assert_eq!(household.items.len(), 9, "neither folders nor sets are items");
    let by_title = |title: &str| household.items.iter().find(|it| it.title == title).expect(title);
    let film = by_title("Salt and Starlight");
    assert_eq!(
        film.ids,
        [("tmdb".to_owned(), "99900001".to_owned())],
        "an id that is none is none"
    );
    assert_eq!((film.shape, film.year), (Some(Shape::Film), Some(2018)));
    assert_eq!(by_title("Die Hüterin").original_title.as_deref(), Some("The Lantern Keeper"));
    let episode = by_title("Slack Water");
    let series = household.items[episode.series.expect("its series") as usize].title.as_str();
    assert_eq!((series, episode.season, episode.episode), ("Tidewater Station", Some(1), Some(2)));
    let season = by_title("Season 1");
    assert_eq!((season.shape, season.season, season.episode), (Some(Shape::Season), Some(1), None));

    let played = state(household, "Anna", "Salt and Starlight").expect("played");
    assert!(played.is_played && played.play_count == 2 && played.position_ms == 0);
    let at = played.last_played_at.expect("when");
    assert_eq!(at.to_rfc3339(), "2024-05-01T20:15:00.123456+00:00", "to the microsecond");
    assert_eq!(played.plays, [at]);
    let begun = state(household, "Anna", "Quiet Orbit").expect("begun");
    assert_eq!((begun.is_played, begun.position_ms), (false, 600_000));
    assert_eq!((begun.play_count, begun.plays.len()), (0, 0), "what was begun was not played");
    let loved = state(household, "Anna", "Die Hüterin").expect("loved");
    assert_eq!((loved.is_favourite, loved.rating), (true, Some(8)));
    assert!(state(household, "Anna", "Tidewater Station").expect("loved").is_favourite);
    assert!(state(household, "Ben", "Quiet Orbit").is_none(), "nothing is no entry");
    assert_eq!(state(household, "Ben", "Never Here").expect("played").play_count, 1);

    let [set] = &household.collections[..] else { panic!("one set: {:?}", household.collections) };
    let inside: Vec<_> = set.items.iter().map(|it| &household.items[*it as usize].title).collect();
    assert_eq!(
        (set.name.as_str(), &inside[..]),
        ("Sea Films", &[&film.title, &by_title("Quiet Orbit").title][..])
    );
    let [list] = &household.lists[..] else { panic!("one list: {:?}", household.lists) };
    assert_eq!((list.name.as_str(), list.is_shared), ("Friday", true));
    assert_eq!(Some(&list.person), household.people.first().map(|it| &it.id), "it is Anna's");
    assert_eq!(titles(household, &list.items), FRIDAY, "in order, and twice what is twice");
    assert_eq!(household.playlists, ["Old"], "whose it is nobody knows");
}

#[test]
fn a_database_of_10_11_is_read() {
    let household = entities();
    check(&household);
    assert!(household.warnings.is_empty(), "{:?}", household.warnings);
}

#[test]
fn what_is_in_a_list_is_read_from_a_table_of_its_own_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = |last: &str| format!("'0A0B0C0D-0102-0304-0506-0708090A0B{last}'");
    let sql = format!(
        "{ENTITIES}
         UPDATE BaseItems SET Data = '{{\"OwnerUserId\": \"aaaa000000004000800000000000000a\"}}'
             WHERE Name IN ('Friday', 'Sea Films');
         CREATE TABLE LinkedChildren (ParentId TEXT, ChildId TEXT, ChildType INTEGER, SortOrder INTEGER);
         INSERT INTO LinkedChildren VALUES ({list}, {two}, 0, 1), ({list}, {eight}, 0, 0), ({set}, {two}, 0, NULL);",
        list = id("0B"),
        set = id("0A"),
        two = id("02"),
        eight = id("08"),
    );
    let household = read(&[make(folder.path(), "jellyfin.db", &sql)], now()).expect("it is read");
    assert_eq!(titles(&household, &household.lists[0].items), ["Slack Water", "Quiet Orbit"]);
    assert_eq!(titles(&household, &household.collections[0].items), ["Quiet Orbit"]);
}

#[test]
fn the_two_databases_of_10_9_are_read_from_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    make(&data, "library.db", LIBRARY);
    make(&data, "jellyfin.db", PEOPLE);
    let found = files(folder.path());
    assert_eq!(found.len(), 2, "{found:?}");
    check(&read(&found, now()).expect("it is read"));
    assert_eq!(files(&data.join("library.db")).len(), 2, "the other one is found beside it");
}

#[test]
fn without_the_people_their_numbers_are_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = make(folder.path(), "library.db", LIBRARY);
    let household = read(&[file], now()).expect("it is read");
    let names: Vec<_> = household.people.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Jellyfin 1", "Jellyfin 2", "Jellyfin 9"]);
    assert_eq!(household.warnings.len(), 1);
}

#[test]
fn what_is_only_in_the_journal_is_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = make(folder.path(), "jellyfin.db", ENTITIES);
    let writer = Connection::open(&path).expect("a database");
    writer.pragma_update(None, "journal_mode", "wal").expect("with a journal");
    writer.pragma_update(None, "wal_autocheckpoint", 0).expect("kept there");
    writer
        .execute("UPDATE UserData SET PlayCount = 7 WHERE CustomDataKey = 'key-1'", [])
        .expect("written");
    assert!(folder.path().join("jellyfin.db-wal").is_file());
    let before = fs::read(&path).expect("read");
    let copies = tempfile::tempdir().expect("a folder");
    let copied = copy(&path, copies.path()).expect("copied");
    let household = read(&[copied], now()).expect("it is read");
    let played = state(&household, "Anna", "Salt and Starlight").expect("played");
    assert_eq!(played.play_count, 7);
    assert_eq!(fs::read(&path).expect("read"), before, "theirs is as it was");
}

#[test]
fn whatever_else_a_file_is_is_told_and_breaks_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = make(folder.path(), "whole.db", ENTITIES);
    let bytes = fs::read(&whole).expect("read");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    let mut broken = bytes.clone();
    for byte in broken.iter_mut().skip(4_200).step_by(97) {
        *byte ^= 0xa5;
    }
    let check = |file: PathBuf, expect: &str| {
        let error = read(std::slice::from_ref(&file), now()).expect_err(expect).to_string();
        assert!(error.contains(expect), "{}: {error}", file.display());
    };
    check(write("empty.db", b""), "not an SQLite database");
    check(write("text.db", b"jellyfin jellyfin jellyfin"), "not an SQLite database");
    check(folder.path().to_owned(), "is not a file");
    check(write("cut.db", &bytes[..bytes.len() / 2]), "cannot be read");
    check(write("broken.db", &broken), "cannot be read");
    check(
        make(folder.path(), "other.db", "CREATE TABLE notes (id INTEGER)"),
        "no database of Jellyfin",
    );
    check(
        make(folder.path(), "old.db", "CREATE TABLE TypedBaseItems (guid GUID, type TEXT)"),
        "lacks columns",
    );
    check(
        make(
            folder.path(),
            "strange.db",
            "CREATE TABLE BaseItems (Id TEXT, Type TEXT); INSERT INTO BaseItems VALUES ('1', 'x')",
        ),
        "are not those of Jellyfin 10.11",
    );
}

#[test]
fn values_that_no_server_writes_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let sql = format!(
        "{ENTITIES}
         UPDATE BaseItems SET ProductionYear = 99999999999, IndexNumber = -3, Name = X'FF00' WHERE Name = 'Never Here';
         UPDATE BaseItems SET Data = '{{\"LinkedChildren\": 7}}' WHERE Name = 'Sea Films';
         UPDATE UserData SET PlayCount = 9223372036854775807, PlaybackPositionTicks = -5, LastPlayedDate = 'never',
             Rating = 'good' WHERE CustomDataKey = 'key-1';
         UPDATE UserData SET PlaybackPositionTicks = 9223372036854775807 WHERE CustomDataKey = 'key-2';
         INSERT INTO UserData VALUES ('k', 'no guid', 'nobody', NULL, 0, 1, 0, NULL, 1, NULL, NULL, NULL, NULL);"
    );
    let household = read(&[make(folder.path(), "jellyfin.db", &sql)], now()).expect("it is read");
    let strange =
        household.items.iter().find(|it| it.path.as_deref().is_some_and(|it| it.contains("Never")));
    let strange = strange.expect("it is there");
    assert_eq!((strange.title.as_str(), strange.year, strange.episode), ("", None, None));
    let played = state(&household, "Anna", "Salt and Starlight").expect("played");
    assert_eq!((played.play_count, played.position_ms, played.last_played_at), (100_000, 0, None));
    assert_eq!(played.rating, None);
    assert!(state(&household, "Anna", "Quiet Orbit").is_none(), "a position of ages is none");
    assert!(household.collections[0].items.is_empty());
}

#[test]
fn a_table_that_never_ends_is_left_after_a_while() {
    let folder = tempfile::tempdir().expect("a folder");
    let sql = ENTITIES.replace("CREATE TABLE \"BaseItemProviders\"", "CREATE TABLE Ids");
    let sql = sql.replace("INSERT INTO \"BaseItemProviders\"", "INSERT INTO Ids");
    let sql = format!(
        "{sql}
         DROP TABLE UserData;
         CREATE VIEW UserData AS
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n)
             SELECT '0A0B0C0D-0102-0304-0506-0708090A0B01' AS ItemId, 'AAAA0000-0000-4000-8000-00000000000A' AS UserId,
                 1 AS Played, 1 AS PlayCount, 0 AS PlaybackPositionTicks, NULL AS LastPlayedDate, 0 AS IsFavorite,
                 NULL AS Rating
             FROM n"
    );
    let file = make(folder.path(), "jellyfin.db", &sql);
    let error = read(&[file], now()).expect_err("it has no end").to_string();
    assert!(error.contains("which no household has"), "{error}");
}
