use super::*;
use crate::Facet;

fn film(title: &str, tags: &[&str]) -> Document {
    Document {
        title: title.into(),
        is_compared: true,
        facets: tags.iter().map(|it| (Facet::Tag, (*it).to_owned())).collect(),
        ..Document::default()
    }
}

fn cosine(one: &Document, other: &Document, rarity: &Rarity) -> f32 {
    let [one, other] = [one, other].map(|it| Vector::of(it, rarity).expect("something is known"));
    dot(one.numbers(), other.numbers()) as f32 / (one.length() * other.length())
}

fn exact_cosine(one: &Document, other: &Document) -> f32 {
    let [one, other] =
        [one, other].map(|it| exact(it, &Rarity::unknown()).expect("something is known"));
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[test]
fn a_vector_is_the_same_on_every_machine() {
    let mut film = film("Alien", &["space", "monster"]);
    film.genres = vec!["Horror".into(), "Science Fiction".into()];
    film.year = Some(1979);
    let vector = Vector::of(&film, &Rarity::unknown()).expect("something is known");
    let told =
        vector.numbers().iter().fold(0_i64, |told, it| told * 31 % 1_000_003 + i64::from(*it));
    assert_eq!((told, vector.numbers().iter().filter(|it| **it != 0).count()), (978_827, 15));
    assert_eq!(Vector::of(&Document::default(), &Rarity::unknown()), None, "of nothing");
}

#[test]
fn rounding_changes_a_likeness_by_little() {
    let many: Vec<Document> = (0..60)
        .map(|n| {
            let tags = [format!("tag {}", n % 7), format!("theme{}", n % 11), format!("own{n}")];
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            Document {
                year: Some(1950 + n),
                overview: Some(format!("A story of number {n} and of {} others", n * n)),
                ..film(&format!("Film {n}"), &tags)
            }
        })
        .collect();
    let mut largest = 0.0_f32;
    for (one, other) in many.iter().flat_map(|one| many.iter().map(move |it| (one, it))) {
        let rounded = cosine(one, other, &Rarity::unknown());
        largest = largest.max((rounded - exact_cosine(one, other)).abs());
    }
    assert!(largest < 0.005, "{largest}");
}

#[test]
fn what_few_have_says_more_than_what_many_have() {
    let all: Vec<Document> =
        (0..200).map(|n| film(&format!("Numbered {n}"), &["common", &format!("t{n}")])).collect();
    let mut count = Rarity::count();
    for document in &all {
        count.add(document);
    }
    count.add(&Document { is_compared: false, ..film("Part", &["rare"]) });
    let rarity = count.finish(7);
    assert_eq!(rarity.n_items(), 200, "a part of something is not counted");
    let [asked, rare, common] =
        [&["common", "rare"][..], &["rare", "other"], &["common", "another"]]
            .map(|it| film("", it));
    let near = |other, rarity: &Rarity| cosine(&asked, other, rarity);
    assert!((near(&rare, &Rarity::unknown()) - near(&common, &Rarity::unknown())).abs() < 0.2);
    assert!(near(&rare, &rarity) > near(&common, &rarity) + 0.3);
    let kept = Rarity::of_bytes(Rarity::rule(), 200, 7, rarity.bytes().to_vec());
    assert_eq!(kept.as_ref(), Some(&rarity));
    assert_eq!(Rarity::of_bytes(Rarity::rule() + 1, 200, 7, rarity.bytes().to_vec()), None);
    assert_eq!(Rarity::of_bytes(Rarity::rule(), 200, 7, vec![1, 2]), None);
}

#[test]
fn fields_are_compared_as_people_would() {
    let named = |genres: &[&str]| Document {
        genres: genres.iter().map(|it| (*it).to_owned()).collect(),
        ..Document::default()
    };
    let of = |year, age| Document { year: Some(year), age: Some(age), ..Document::default() };
    for (one, other, at_least, at_most) in vec![
        (named(&["Science Fiction", "Fantasy"]), named(&["Sci-Fi & Fantasy"]), 0.99, 1.01),
        (named(&["Action"]), named(&["Documentary"]), -0.3, 0.3),
        (of(1999, 12), of(2001, 12), 0.9, 1.01),
        (of(1950, 12), of(2001, 12), 0.2, 0.6),
        (film("", &["detective"]), film("", &["Detective"]), 0.99, 1.01),
        (film("The Detectives", &[]), film("Detective", &[]), 0.7, 1.01),
    ]
    .into_boxed_slice()
    {
        let likeness = cosine(&one, &other, &Rarity::unknown());
        assert!((at_least..=at_most).contains(&likeness), "{one:?} {other:?}: {likeness}");
    }
}
