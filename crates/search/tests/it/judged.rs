//! What people type and what they mean by it, judged by hand, on every engine.

mod house;

use std::collections::HashMap;

use search::{Asked, Filter, Query, Test, Wanted};

use crate::contract::Subject;
use crate::films::typed;
use crate::on_every_engine;

on_every_engine! {
    what_people_mean_comes_first
}

/// What must come first.
const FIRST: &[(&str, &str)] = &[
    // As it is written, whole or begun.
    ("star wars", "Star Wars"),
    ("star w", "Star Wars"),
    ("star t", "Star Trek"),
    ("starg", "Stargate"),
    ("the matrix", "The Matrix"),
    ("matrix", "The Matrix"),
    ("matrix rel", "The Matrix Reloaded"),
    ("heat", "Heat"),
    ("the heat", "The Heat"),
    ("white heat", "White Heat"),
    ("big", "Big"),
    ("big l", "The Big Lebowski"),
    ("up", "Up"),
    ("it", "It"),
    ("her", "Her"),
    ("alien", "Alien"),
    ("aliens", "Aliens"),
    ("alien cov", "Alien: Covenant"),
    ("rocky", "Rocky"),
    ("the office", "The Office"),
    ("office", "The Office"),
    ("office s", "Office Space"),
    ("brea", "Breaking Bad"),
    ("game of thr", "Game of Thrones"),
    ("brazil", "Brazil"),
    ("die hard", "Die Hard"),
    ("mission impossible", "Mission: Impossible"),
    ("the favourite", "The Favourite"),
    ("friends", "Friends"),
    // Articles too many or missing.
    ("the star wars", "Star Wars"),
    ("godfather", "The Godfather"),
    ("a godfather", "The Godfather"),
    ("shining", "The Shining"),
    ("the alien", "Alien"),
    ("boot", "Das Boot"),
    ("haine", "La Haine"),
    ("la la land", "La La Land"),
    // Numbers.
    ("rocky 2", "Rocky II"),
    ("rocky ii", "Rocky II"),
    ("rocky 3", "Rocky III"),
    ("rocky iii", "Rocky III"),
    ("rocky 4", "Rocky IV"),
    ("godfather 2", "The Godfather Part II"),
    ("godfather part 3", "The Godfather Part III"),
    ("star trek 2", "Star Trek II: The Wrath of Khan"),
    ("oceans 11", "Ocean's Eleven"),
    ("oceans 12", "Ocean's Twelve"),
    ("ocean's 13", "Ocean's Thirteen"),
    ("toy story 2", "Toy Story 2"),
    ("toy story ii", "Toy Story 2"),
    ("toystory 3", "Toy Story 3"),
    ("terminator ii", "Terminator 2: Judgment Day"),
    ("apollo xiii", "Apollo 13"),
    ("twelve monkeys", "12 Monkeys"),
    ("12 monkeys", "12 Monkeys"),
    ("2001", "2001: A Space Odyssey"),
    ("die hard 2", "Die Hard 2"),
    ("blade runner 2049", "Blade Runner 2049"),
    ("seven", "Se7en"),
    ("se7en", "Se7en"),
    ("v for", "V for Vendetta"),
    ("i robot", "I, Robot"),
    // Hyphens, spaces, signs, apostrophes.
    ("spiderman", "Spider-Man"),
    ("spider man", "Spider-Man"),
    ("spiderman no way", "Spider-Man: No Way Home"),
    ("spider verse", "Spider-Man: Into the Spider-Verse"),
    ("spiderverse", "Spider-Man: Into the Spider-Verse"),
    ("walle", "WALL·E"),
    ("wall-e", "WALL·E"),
    ("oceans eleven", "Ocean's Eleven"),
    ("schindlers list", "Schindler's List"),
    ("et", "E.T. the Extra-Terrestrial"),
    ("swat", "S.W.A.T."),
    ("fast and furious", "Fast & Furious"),
    ("castaway", "Cast Away"),
    ("lalaland", "La La Land"),
    // Accents and ligatures.
    ("amelie", "Amélie"),
    ("plynace", "Płynące wieżowce"),
    ("ausserirdische", "E.T. the Extra-Terrestrial"),
    ("gefahrliche seilschaften", "Borgen"),
    // Other titles.
    ("fabuleux", "Amélie"),
    ("fabelhafte welt", "Amélie"),
    ("der pate", "The Godfather"),
    ("krieg der sterne", "Star Wars"),
    ("stirb langsam", "Die Hard"),
    ("chihiro", "Spirited Away"),
    ("千と千尋", "Spirited Away"),
    ("the killing", "Forbrydelsen"),
    ("run lola run", "Lola rennt"),
    ("lives of others", "Das Leben der Anderen"),
    // Typing errors.
    ("matirx", "The Matrix"),
    ("forest gump", "Forrest Gump"),
    ("philadelfia", "Philadelphia"),
    ("breakin bad", "Breaking Bad"),
    ("braeking bad", "Breaking Bad"),
    ("game of throns", "Game of Thrones"),
    ("casblanca", "Casablanca"),
    ("termintor", "The Terminator"),
    ("schindlers lits", "Schindler's List"),
    ("jurrasic park", "Jurassic Park"),
    ("star wras", "Star Wars"),
    // Several fields.
    ("tom hanks 1994 comedy", "Forrest Gump"),
    ("kubrick horror", "The Shining"),
    ("pacino heat", "Heat"),
    ("scott 1982", "Blade Runner"),
    ("villeneuve", "Blade Runner 2049"),
    ("cameron 1991", "Terminator 2: Judgment Day"),
    ("pitt monkeys", "12 Monkeys"),
    // Filters.
    ("genre:horror kubrick", "The Shining"),
    ("year:1995 heat", "Heat"),
    ("heat year:>2000", "The Heat"),
    ("kind:movie year:1990-1999 genre:comedy", "Forrest Gump"),
    ("year:1990-1999 genre:comedy", "Friends"),
    ("kind:series star", "Star Trek"),
    ("-genre:\"science fiction\" star", "A Star Is Born"),
];

/// What must be among the first three.
const AMONG_THREE: &[(&str, &[&str])] = &[
    ("star", &["Star Wars", "Star Trek"]),
    ("s", &["Star Wars"]),
    ("b", &["Breaking Bad"]),
    ("br", &["Breaking Bad"]),
    ("tom hanks", &["Forrest Gump", "Toy Story"]),
    ("keanu", &["The Matrix", "John Wick"]),
    ("keanu reevs", &["The Matrix"]),
    ("miyazaki", &["Spirited Away", "Princess Mononoke"]),
    ("spielberg 1993", &["Schindler's List", "Jurassic Park"]),
    ("ridley scott", &["Alien", "Blade Runner"]),
    ("jedi", &["Return of the Jedi"]),
    ("harrison ford sci", &["Star Wars"]),
    ("animation 2001", &["Spirited Away"]),
    ("episode iv", &["Star Wars"]),
    ("empire strikes", &["The Empire Strikes Back"]),
];

/// What must find nothing: no number is near another, and what is short is as it is written.
const NOTHING: &[&str] =
    &["rocky 7", "rocky vii", "toy story 9", "blade runner 2050", "upp", "hxr", "1887", "qqqq"];

async fn what_people_mean_comes_first(it: Subject) {
    let documents = house::documents();
    let titles: HashMap<_, _> = documents.iter().map(|it| (it.id, it.title.clone())).collect();
    assert_eq!(titles.len(), documents.len());
    it.write(&documents).await;
    let mut wrong = Vec::new();
    let ask = async |text: &str| {
        let asked = Asked::parse(text);
        let filters: Vec<Filter> = asked.filters.iter().map(filter).collect();
        let query = Query { filters: &filters, ..typed(&asked.words) };
        let hits = it.search.query(&query).await.unwrap();
        hits.hits.iter().map(|it| titles[&it.id].as_str()).collect::<Vec<_>>()
    };
    for (text, expected) in FIRST {
        let found = ask(text).await;
        if found.first() != Some(expected) {
            wrong.push(format!("{text:?}: {expected:?} is not first of {found:?}"));
        }
    }
    for (text, expected) in AMONG_THREE {
        let found = ask(text).await;
        let first: Vec<_> = found.iter().take(3).collect();
        if !expected.iter().all(|it| first.contains(&it)) {
            wrong.push(format!("{text:?}: {expected:?} are not the first of {found:?}"));
        }
    }
    for text in NOTHING {
        let found = ask(text).await;
        if !found.is_empty() {
            wrong.push(format!("{text:?} finds {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn filter(narrowing: &search::Narrowing) -> Filter {
    let test = match &narrowing.wanted {
        Wanted::Value(facet, values) => Test::OneOf(*facet, values.clone()),
        Wanted::Range(number, from, to) => Test::Between(*number, *from, *to),
        Wanted::Own(_) => unreachable!("nobody watched anything here"),
    };
    Filter { is_not: narrowing.is_not, test }
}
