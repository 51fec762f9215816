use catalog::arrival::{Place, Shape};
use kernel::id::ItemId;
use uuid::Uuid;

use super::*;
use crate::source::{Household, Thing};

fn id(n: u128) -> ItemId {
    ItemId(Uuid::from_u128(n))
}

fn place(n: u128, shape: Shape) -> Place {
    Place { id: id(n), root_id: id(n), shape, season: None, episode: None, episode_end: None }
}

fn episode(n: u128, root: u128, season: i32, episode: i32, end: Option<i32>) -> Place {
    Place {
        root_id: id(root),
        season: Some(season),
        episode: Some(episode),
        episode_end: end,
        ..place(n, Shape::Episode)
    }
}

fn film(title: &str, year: Option<i32>) -> Thing {
    Thing { shape: Some(Shape::Film), title: title.into(), year, ..Thing::default() }
}

/// Adds a file of ours.
fn file(known: &mut Known, path: &str, place: Place) {
    let parts = paths::parts(path);
    let name = parts.last().expect("a name").to_lowercase();
    known.roots.insert(place.id, place.root_id);
    known.by_name.entry(name).or_default().push((parts, place));
}

fn title(known: &mut Known, title: &str, year: Option<i32>, place: Place) {
    known.by_title.entry(naming::fold(title)).or_default().push((place, year));
}

fn with_id(known: &mut Known, provider: &str, value: &str, place: Place) {
    known.by_id.entry((provider.into(), value.into())).or_default().push(place);
}

fn all(household: &Household, known: &Known, below: &[Place]) -> Vec<Found> {
    let mut matches = find(household, known, &[]);
    number(household, below, &mut matches);
    matches.found
}

fn one(thing: Thing, known: &Known) -> Found {
    let household = Household { items: vec![thing], ..Household::default() };
    all(&household, known, &[])[0]
}

#[test]
fn an_id_goes_before_a_file_and_a_file_before_a_title() {
    let mut known = Known::default();
    with_id(&mut known, "tmdb", "1", place(1, Shape::Film));
    file(&mut known, "/media/films/Heat (1995)/Heat (1995).mkv", place(2, Shape::Film));
    title(&mut known, "Heat", Some(1995), place(3, Shape::Film));
    let mut thing = film("Heat", Some(1995));
    assert_eq!(one(thing.clone(), &known), Found::Item(id(3), Rule::Title));
    thing.path = Some("D:\\Films\\Heat (1995)\\heat (1995).MKV".into());
    assert_eq!(one(thing.clone(), &known), Found::Item(id(2), Rule::Path));
    thing.ids = vec![("tmdb".into(), "1".into())];
    assert_eq!(one(thing.clone(), &known), Found::Item(id(1), Rule::Id));
    thing.shape = Some(Shape::Series);
    assert_eq!(one(thing, &known), Found::Missing, "a series is no film, whatever its number");
}

#[test]
fn what_may_be_several_things_is_none() {
    let mut known = Known::default();
    with_id(&mut known, "tmdb", "1", place(1, Shape::Film));
    with_id(&mut known, "imdb", "tt1", place(2, Shape::Film));
    title(&mut known, "Heat", Some(1995), place(1, Shape::Film));
    let ids = vec![("tmdb".into(), "1".into()), ("imdb".into(), "tt1".into())];
    let mut thing = Thing { ids, ..film("Heat", Some(1995)) };
    assert_eq!(one(thing.clone(), &known), Found::Ambiguous, "ids that do not agree");
    file(&mut known, "/m/Heat (1995)/Heat.mkv", place(2, Shape::Film));
    thing.path = Some("/x/Heat (1995)/Heat.mkv".into());
    assert_eq!(one(thing, &known), Found::Item(id(2), Rule::Path), "the file says which");

    let mut known = Known::default();
    title(&mut known, "Heat", Some(1986), place(1, Shape::Film));
    title(&mut known, "Heat", Some(1995), place(2, Shape::Film));
    assert_eq!(one(film("Heat", Some(1995)), &known), Found::Item(id(2), Rule::Title));
    assert_eq!(one(film("Heat", None), &known), Found::Ambiguous);
    assert_eq!(one(film("Heat", Some(1972)), &known), Found::Missing, "another year, another film");
    title(&mut known, "Heat", Some(1995), place(3, Shape::Film));
    assert_eq!(one(film("Heat", Some(1995)), &known), Found::Ambiguous, "it is here twice");
    title(&mut known, "Ran", None, place(4, Shape::Film));
    assert_eq!(one(film("The Ran", Some(1985)), &known), Found::Item(id(4), Rule::Title));
}

#[test]
fn a_file_is_found_only_where_its_path_names_it() {
    let mut known = Known::default();
    file(&mut known, "/tv/Dark/Season 1/S01E01.mkv", episode(1, 9, 1, 1, None));
    let series = |title: &str| Thing { shape: Some(Shape::Series), ..film(title, None) };
    let part = |path: &str| Thing {
        shape: Some(Shape::Episode),
        title: "Pilot".into(),
        series: Some(0),
        season: Some(1),
        episode: Some(1),
        path: Some(path.into()),
        ..Thing::default()
    };
    let household = |it: &str, path: &str| Household {
        items: vec![series(it), part(path)],
        ..Household::default()
    };
    let lost = household("Lost", "D:\\TV\\Lost\\Season 1\\S01E01.mkv");
    assert_eq!(all(&lost, &known, &[])[1], Found::Missing, "the same numbers of another series");
    let dark = household("Dark", "D:\\TV\\Dark\\Season 1\\S01E01.mkv");
    let found = all(&dark, &known, &[]);
    assert_eq!(found[1], Found::Item(id(1), Rule::Path));
    assert_eq!(found[0], Found::Item(id(9), Rule::Path), "and so is its series");
}

#[test]
fn a_folder_is_learned_from_those_that_are_sure_and_said_by_who_knows() {
    let mut known = Known::default();
    let mut household = Household::default();
    for (n, name) in [(1, "Heat"), (2, "Ran"), (3, "Alien")] {
        file(&mut known, &format!("/media/films/{name}/{name}.mkv"), place(n, Shape::Film));
        let path = Some(format!("D:\\Filme\\{name}\\{name}.mkv"));
        household.items.push(Thing { path, ..film(name, None) });
    }
    file(&mut known, "/media/films/x/movie.mkv", place(4, Shape::Film));
    file(&mut known, "/media/other/y/movie.mkv", place(5, Shape::Film));
    let path = Some("D:\\Filme\\x\\movie.mkv".to_owned());
    household.items.push(Thing { path, ..film("Das Boot", None) });
    let matches = find(&household, &known, &[]);
    assert_eq!(matches.found[3], Found::Item(id(4), Rule::Path));
    let rule = PathRule { from: "D:\\Filme".into(), to: "/media/films".into() };
    assert_eq!(matches.paths, [(rule, 3)]);

    household.items = vec![household.items.pop().expect("the last")];
    assert_eq!(find(&household, &known, &[]).found[0], Found::Missing, "one alone is not sure");
    let rule = PathRule { from: "d:/filme/".into(), to: "/media/films".into() };
    assert_eq!(find(&household, &known, &[rule]).found[0], Found::Item(id(4), Rule::Path));
}

#[test]
fn episodes_are_found_by_their_numbers_also_where_one_file_has_two() {
    let mut known = Known::default();
    with_id(&mut known, "tvdb", "7", place(9, Shape::Series));
    let part = |season: Option<i32>, episode: Option<i32>| Thing {
        shape: Some(Shape::Episode),
        series: Some(0),
        season,
        episode,
        ..Thing::default()
    };
    let ids = vec![("tvdb".into(), "7".into())];
    let items = vec![
        Thing { shape: Some(Shape::Series), ids, ..film("Dark", None) },
        part(Some(1), Some(1)),
        part(Some(1), Some(3)),
        part(Some(1), Some(9)),
        part(None, Some(1)),
        part(Some(2), Some(1)),
        Thing { shape: Some(Shape::Season), ..part(Some(1), None) },
    ];
    let household = Household { items, ..Household::default() };
    let below = [
        episode(1, 9, 1, 1, None),
        episode(2, 9, 1, 2, Some(3)),
        episode(3, 9, 2, 1, None),
        episode(4, 9, 2, 1, None),
        Place { root_id: id(9), season: Some(1), ..place(5, Shape::Season) },
    ];
    let found = all(&household, &known, &below);
    let numbered = |n| Found::Item(id(n), Rule::Number);
    assert_eq!(
        found[1..],
        [numbered(1), numbered(2), Found::Missing, Found::Missing, Found::Ambiguous, numbered(5)]
    );
}

#[test]
fn one_file_of_two_episodes_is_the_one_of_the_number() {
    let mut known = Known::default();
    for (n, number) in [(1, 1), (2, 2)] {
        file(&mut known, "/tv/Dark/Dark S01E01E02.mkv", episode(n, 9, 1, number, None));
    }
    let items = vec![
        Thing { shape: Some(Shape::Series), ..film("Dark", None) },
        Thing {
            shape: Some(Shape::Episode),
            series: Some(0),
            season: Some(1),
            episode: Some(2),
            path: Some("/x/Dark/Dark S01E01E02.mkv".into()),
            ..Thing::default()
        },
    ];
    let household = Household { items, ..Household::default() };
    assert_eq!(all(&household, &known, &[])[1], Found::Item(id(2), Rule::Path));
}
