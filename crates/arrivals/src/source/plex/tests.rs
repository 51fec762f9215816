use std::fs;

use catalog::arrival::Shape;

use super::{files, read};
use crate::source::sample::{PLEX, make, now};
use crate::source::{Household, State};

fn plex() -> Household {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("Plug-in Support/Databases");
    fs::create_dir_all(&place).expect("a folder");
    make(&place, "com.plexapp.plugins.library.db", PLEX);
    read(&files(folder.path()), now()).expect("it is read")
}

fn state<'a>(household: &'a Household, person: &str, title: &str) -> Option<&'a State> {
    let person = household.people.iter().find(|it| it.name == person).expect("the person");
    person.states.iter().find(|it| household.items[it.item as usize].title == title)
}

#[test]
fn a_database_is_read_from_the_folder_that_people_know() {
    let household = plex();
    let names: Vec<_> = household.people.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Anna", "Cleo"], "account 0 is nobody");
    let by_title = |title: &str| household.items.iter().find(|it| it.title == title).expect(title);
    assert_eq!(household.items.len(), 8, "what was deleted there is not there");
    let id = |provider: &str, id: &str| (provider.to_owned(), id.to_owned());
    assert_eq!(
        by_title("Salt and Starlight").ids,
        [id("tmdb", "99900001"), id("imdb", "tt9999991")]
    );
    assert_eq!(by_title("The Lantern Keeper").ids, [id("imdb", "tt0000003")], "of an older agent");
    let episode = by_title("Slack Water");
    assert_eq!(
        (episode.season, episode.episode, episode.shape),
        (Some(1), Some(2), Some(Shape::Episode))
    );
    assert!(episode.ids.is_empty(), "the id of the series is not its own");
    let series = &household.items[episode.series.expect("its series") as usize];
    assert_eq!(series.title, "Tidewater Station");
    assert!(by_title("Quiet Orbit").path.as_deref().is_some_and(|it| it.contains(".webm")));

    let played = state(&household, "Anna", "Salt and Starlight").expect("played");
    assert_eq!((played.is_played, played.play_count, played.rating), (true, 2, Some(9)));
    let plays: Vec<_> = played.plays.iter().map(chrono::DateTime::timestamp).collect();
    assert_eq!(plays, [1_700_000_000, 1_714_594_500], "each play, in either form");
    let begun = state(&household, "Anna", "Quiet Orbit").expect("begun");
    assert_eq!((begun.is_played, begun.position_ms), (false, 600_000));
    assert_eq!(begun.last_played_at.map(|it| it.timestamp()), Some(1_717_272_900));
    assert_eq!(state(&household, "Anna", "Arrival").expect("played").rating, None);
    assert!(state(&household, "Cleo", "Never Here").expect("played").is_played);

    let [set] = &household.collections[..] else { panic!("one set: {:?}", household.collections) };
    assert_eq!((set.name.as_str(), set.overview.as_deref()), ("Sea Films", Some("All at sea")));
    assert_eq!(set.items.len(), 2);
    let lists = household.lists.iter().map(|list| {
        let items = list.items.iter().map(|it| household.items[*it as usize].title.as_str());
        (list.name.as_str(), list.person.as_str(), items.collect::<Vec<_>>())
    });
    let friday = vec!["Slack Water", "Quiet Orbit", "Never Here", "Slack Water"];
    assert_eq!(
        lists.collect::<Vec<_>>(),
        [("Friday", "1", friday), ("Cleo's", "2", vec!["Season 1"])]
    );
    assert_eq!(household.playlists, ["Unwatched"], "it puts itself together");
}

#[test]
fn what_is_no_database_of_plex_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(files(folder.path()).is_empty());
    let other = make(folder.path(), "other.db", "CREATE TABLE accounts (id INTEGER, name TEXT)");
    let error = read(&[other], now()).expect_err("it is not").to_string();
    assert!(error.contains("metadata_items"), "{error}");
    let without = "DROP TABLE tags; DROP TABLE media_parts; DROP TABLE metadata_item_views; \
                   DROP TABLE play_queue_generators;";
    let old = make(folder.path(), "old.db", &format!("{PLEX}{without}"));
    let household = read(&[old], now()).expect("the rest is read");
    assert_eq!((household.warnings.len(), household.items.len()), (3, 8));
    assert_eq!((household.lists.len(), household.playlists.len()), (0, 3));
    assert_eq!(state(&household, "Anna", "Salt and Starlight").expect("played").play_count, 2);
}
