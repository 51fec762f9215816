//! A small library that has what searches stumble over.

use kernel::Guard;
use search::{Counts, Document, Of, Query};
use uuid::Uuid;

pub const LIBRARY: Uuid = Uuid::from_u128(0xa);
pub const OTHER_LIBRARY: Uuid = Uuid::from_u128(0xb);

/// Nothing is kept from anybody.
pub static ALL: Guard = Guard { hidden: Vec::new(), wanted: Vec::new() };

/// A film; its id is made of its title, so that tests can name hits by it.
pub fn film(title: &str, popularity: f32) -> Document {
    Document {
        id: id(title),
        kind: "movie".into(),
        library_id: LIBRARY,
        title: title.into(),
        sort_title: title.strip_prefix("The ").unwrap_or(title).into(),
        popularity,
        ..Document::default()
    }
}

pub fn id(title: &str) -> Uuid {
    let mut bytes = [0_u8; 16];
    for (at, byte) in title.bytes().enumerate() {
        bytes[at % 16] = bytes[at % 16].wrapping_mul(31).wrapping_add(byte);
    }
    Uuid::from_bytes(bytes)
}

pub fn library() -> Vec<Document> {
    let words = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let with = |title, popularity, people: &[&str], genres: &[&str], year| Document {
        people: words(people),
        genres: words(genres),
        year: Some(year),
        ..film(title, popularity)
    };
    let mut all = vec![
        with(
            "The Matrix",
            90.0,
            &["Keanu Reeves", "Laurence Fishburne"],
            &["Science Fiction"],
            1999,
        ),
        with("The Matrix Reloaded", 60.0, &["Keanu Reeves"], &["Science Fiction"], 2003),
        with("Matrix", 1.0, &[], &["Documentary"], 1973),
        with("Forrest Gump", 85.0, &["Tom Hanks", "Robin Wright"], &["Comedy", "Drama"], 1994),
        with("Big", 40.0, &["Tom Hanks"], &["Comedy"], 1988),
        with("Philadelphia", 50.0, &["Tom Hanks", "Denzel Washington"], &["Drama"], 1993),
        with("Spider-Man", 80.0, &["Tobey Maguire"], &["Action"], 2002),
        with("Spiderman of the Jungle", 2.0, &[], &["Action"], 1971),
        with("Amélie", 70.0, &["Audrey Tautou"], &["Romance"], 2001),
        with("Cœur de pirate", 5.0, &[], &["Drama"], 2010),
        with("Łódź Ghetto", 4.0, &[], &["Documentary"], 1988),
        with("Die große Stille", 6.0, &[], &["Documentary"], 2005),
        with("På sporet", 3.0, &[], &["Comedy"], 2001),
        with("Star Wars", 95.0, &["Mark Hamill"], &["Science Fiction"], 1977),
        with("Starman", 20.0, &["Jeff Bridges"], &["Science Fiction"], 1984),
        with("A Star Is Born", 75.0, &["Lady Gaga"], &["Drama"], 2018),
        with("Ocean's Eleven", 65.0, &["George Clooney"], &["Crime"], 2001),
        with("2001: A Space Odyssey", 78.0, &["Keir Dullea"], &["Science Fiction"], 1968),
        with("Schindler's List", 82.0, &["Liam Neeson"], &["History"], 1993),
    ];
    all[8].titles = words(&["Le Fabuleux Destin d'Amélie Poulain"]);
    all[0].overview = Some("A hacker learns the truth about his reality.".into());
    all.push(Document { kind: "series".into(), ..film("Star Trek", 77.0) });
    all.push(Document { library_id: OTHER_LIBRARY, ..film("The Matrix Secret", 99.0) });
    all
}

/// Who sees the ordinary library only, and wants ten hits.
pub fn typed(text: &str) -> Query<'_> {
    Query {
        text,
        libraries: &[LIBRARY],
        guard: &ALL,
        of: Of::Items,
        kinds: None,
        filters: &[],
        counts: Counts::None,
        limit: 10,
        offset: 0,
        sort: None,
    }
}
