use super::*;

fn card(title: &str, popularity: f32) -> Card {
    Card {
        characters: Vec::new(),
        rating: None,
        id: uuid::Uuid::nil(),
        kind: "movie".into(),
        titles: vec![title.into(), "Alternative".into()],
        sort_title: title.trim_start_matches("The ").into(),
        people: vec!["Tom Hanks".into()],
        labels: vec!["Comedy".into()],
        year: Some(1994),
        popularity,
        added_at: 0,
        variants: crate::numerals::variants(&fold(title)).into_iter().map(|it| (0, it)).collect(),
        label_variants: Vec::new(),
        overview: None,
    }
}

fn needle(text: &str) -> Needle {
    Needle::new(text, &Curation::default())
}

#[test]
fn places_and_typing_errors_are_told_apart() {
    use Place::{Elsewhere, ExactBare, ExactTitle, Named, StartBare, TitleStart, TitleWords};
    let title = || Some(Matched::Title("Alternative".into()));
    let person = || Some(Matched::Person("Tom Hanks".into()));
    let label = || Some(Matched::Label("Comedy".into()));
    for (text, of, expected) in [
        ("the matrix", "The Matrix", (0, ExactTitle, None)),
        ("spiderman", "Spider-Man", (0, ExactTitle, None)),
        ("spider man", "Spiderman", (0, ExactTitle, None)),
        ("alternative", "The Matrix", (0, ExactTitle, title())),
        ("rocky 2", "Rocky II", (0, ExactTitle, None)),
        ("rocky ii", "Rocky 2", (0, ExactTitle, None)),
        ("oceans 11", "Ocean's Eleven", (0, ExactTitle, None)),
        ("matr", "The Matrix", (0, TitleStart, None)),
        ("altern", "The Matrix", (0, TitleStart, title())),
        ("the star wars", "Star Wars", (0, ExactBare, None)),
        ("a matrix", "The Matrix", (0, ExactBare, None)),
        ("the star wars", "Star Wars: The Clone Wars", (0, StartBare, None)),
        ("matrix the", "The Matrix", (0, TitleWords, None)),
        ("matrxi", "The Matrix", (1, ExactBare, None)),
        ("star wrs", "Star Wars", (1, TitleWords, None)),
        ("star wrs", "Star Wars Rebels", (1, TitleWords, None)),
        ("tom hanks", "Forrest Gump", (0, Named, person())),
        ("gump 1994 comedy", "Forrest Gump", (0, Named, label())),
        ("gump chocolate", "Forrest Gump", (0, Elsewhere, Some(Matched::Overview))),
    ] {
        let rank = rank(&needle(text), &card(of, 1.0));
        assert_eq!((rank.typos, rank.place, rank.matched), expected, "{text:?} in {of:?}");
    }
}

#[test]
fn what_was_meant_is_told_where_something_else_was_typed() {
    for (text, of, expected) in [
        ("matrxi", "The Matrix", Some("matrix")),
        ("amelei", "Amélie", Some("amélie")),
        ("tom hnaks", "Forrest Gump", Some("tom hanks")),
        ("forest gump", "Forrest Gump", Some("forrest gump")),
        ("matrix", "The Matrix", None),
        ("mat", "The Matrix", None),
    ] {
        let (hits, meant) = order(&needle(text), vec![card(of, 1.0)], None);
        assert_eq!((hits.len(), meant.as_deref()), (1, expected), "{text:?}");
    }
}

#[test]
fn distance_counts_a_swap_as_one() {
    assert_eq!(distance("teh", "the", false), 1);
    assert_eq!(distance("matrx", "matrix", false), 1);
    assert_eq!(distance("matr", "matrix", true), 0);
    assert_eq!(distance("mtar", "matrix", true), 1);
    assert_eq!(distance("", "abc", false), 3);
}

#[test]
fn a_card_that_does_not_have_the_words_is_no_hit() {
    let film = || Card { overview: Some("a fighter".into()), ..card("Rocky II", 1.0) };
    assert_eq!(order(&needle("rocky fighter"), vec![film()], None).0.len(), 1);
    assert!(order(&needle("rocky 3"), vec![film()], None).0.is_empty());
    assert!(order(&needle("rocky3"), vec![film()], None).0.is_empty());
}
