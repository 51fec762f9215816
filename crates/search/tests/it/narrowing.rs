//! Filters, facets and what the operator teaches, on every engine.

use search::Facet::{Country, Director, Genre, Resolution, Studio};
use search::{
    Counts, Curation, Document, Facet, FacetCounts, Filter, Hits, IdSet, Matched, Number, Of,
    Query, Test,
};
use uuid::Uuid;

use crate::contract::Subject;
use crate::films::{OTHER_LIBRARY, film, id, typed};
use crate::on_every_engine;

on_every_engine! {
    filters_narrow_the_hits_and_need_no_words
    values_are_compared_folded_and_shown_as_written
    facets_are_counted_over_what_is_found_and_may_be_seen
    values_of_one_facet_are_completed
    sets_of_ids_narrow_and_are_counted
    names_are_found_apart_from_items
    numbers_are_found_in_every_way_they_are_written
    numbers_forgive_nothing
    an_article_too_many_does_not_matter
    what_was_meant_is_told
    synonyms_are_found_and_forgotten
    stop_words_are_left_out
}

/// Films with what they are filtered by: title, year, rating, age, facets.
async fn filled(it: Subject) -> Subject {
    let with = |title, year, rating, age, facets: &[(Facet, &str)]| Document {
        year: Some(year),
        rating: Some(rating),
        age: Some(age),
        facets: facets.iter().map(|(facet, value)| (*facet, (*value).to_owned())).collect(),
        ..film(title, rating)
    };
    let mut all = vec![
        with(
            "Night Alien",
            1979,
            8.5,
            16,
            &[
                (Genre, "Horror"),
                (Genre, "Science Fiction"),
                (Resolution, "2160p"),
                (Country, "Brazil"),
            ],
        ),
        with(
            "Night Heat",
            1995,
            8.3,
            16,
            &[
                (Genre, "Crime"),
                (Studio, "Warner Bros."),
                (Resolution, "1080p"),
                (Country, "brazil"),
            ],
        ),
        with(
            "Night Gump",
            1994,
            8.8,
            12,
            &[
                (Genre, "Comedy"),
                (Director, "Robert Zemeckis"),
                (Country, "Brazil"),
                (Country, "BRAZIL"),
            ],
        ),
    ];
    all.push(film("Night Unknown", 1.0));
    all.push(Document {
        library_id: OTHER_LIBRARY,
        ..with("Night Secret", 1995, 5.0, 18, &[(Genre, "Crime"), (Genre, "Secret")])
    });
    it.write(&all).await;
    it
}

const TITLES: [&str; 5] =
    ["Night Gump", "Night Alien", "Night Heat", "Night Unknown", "Night Secret"];

fn titles(hits: &Hits) -> Vec<&'static str> {
    let name = |id_| TITLES.into_iter().find(|it| id(it) == id_).unwrap_or("?");
    hits.hits.iter().map(|it| name(it.id)).collect()
}

async fn narrowed(it: &Subject, text: &str, filters: &[Filter]) -> Vec<&'static str> {
    let hits = it.search.query(&Query { filters, ..typed(text) }).await.unwrap();
    assert_eq!(hits.found as usize, hits.hits.len());
    titles(&hits)
}

fn one_of(facet: Facet, values: &[&str]) -> Filter {
    let values = values.iter().map(|it| (*it).to_owned()).collect();
    Filter { is_not: false, test: Test::OneOf(facet, values) }
}

fn between(number: Number, from: Option<i64>, to: Option<i64>) -> Filter {
    Filter { is_not: false, test: Test::Between(number, from, to) }
}

fn not(filter: Filter) -> Filter {
    Filter { is_not: true, ..filter }
}

async fn filters_narrow_the_hits_and_need_no_words(it: Subject) {
    let it = filled(it).await;
    let genre = |it: &str| one_of(Facet::Genre, &[it]);
    let years = |from, to| between(Number::Year, from, to);
    for (text, filters, expected) in [
        ("night", vec![], &["Night Gump", "Night Alien", "Night Heat", "Night Unknown"][..]),
        ("", vec![genre("Comedy")], &["Night Gump"]),
        ("night", vec![genre("Crime")], &["Night Heat"]),
        ("alien", vec![genre("Crime")], &[]),
        ("", vec![one_of(Facet::Genre, &["Comedy", "Horror"])], &["Night Gump", "Night Alien"]),
        ("", vec![genre("Horror"), genre("Science Fiction")], &["Night Alien"]),
        ("", vec![genre("Horror"), genre("Comedy")], &[]),
        ("night", vec![not(genre("Crime"))], &["Night Gump", "Night Alien", "Night Unknown"]),
        ("", vec![years(Some(1990), Some(1999))], &["Night Gump", "Night Heat"]),
        ("", vec![years(Some(1995), None)], &["Night Heat"]),
        ("", vec![years(None, Some(1979))], &["Night Alien"]),
        ("", vec![not(years(Some(1990), Some(1994)))], &["Night Alien", "Night Heat"]),
        ("", vec![not(years(Some(1990), None))], &["Night Alien"]),
        ("", vec![between(Number::Rating, Some(84), None)], &["Night Gump", "Night Alien"]),
        ("", vec![between(Number::Age, None, Some(12))], &["Night Gump"]),
        ("", vec![one_of(Facet::Studio, &["Warner Bros."])], &["Night Heat"]),
        ("", vec![one_of(Facet::Director, &["Robert Zemeckis"])], &["Night Gump"]),
        ("", vec![one_of(Facet::Director, &["Robert"])], &[]),
        (
            "",
            vec![one_of(Facet::Resolution, &["1080p", "2160p"]), years(None, Some(1990))],
            &["Night Alien"],
        ),
        ("", vec![one_of(Facet::Genre, &["` || kind:=x"])], &[]),
        ("", vec![one_of(Facet::Genre, &["Secret"])], &[]),
        ("", vec![one_of(Facet::Genre, &[])], &[]),
        ("", vec![one_of(Facet::Kind, &["movie"]), genre("Crime")], &["Night Heat"]),
    ] {
        assert_eq!(narrowed(&it, text, &filters).await, expected, "{text:?} {filters:?}");
    }
    assert!(it.titles("").await.is_empty(), "neither words nor filters ask nothing");
}

async fn values_are_compared_folded_and_shown_as_written(it: Subject) {
    let it = filled(it).await;
    for written in ["brazil", "Brazil", "BRAZIL", "Brázil"] {
        let found = narrowed(&it, "", &[one_of(Facet::Country, &[written])]).await;
        assert_eq!(found, ["Night Gump", "Night Alien", "Night Heat"], "{written}");
    }
    let found = narrowed(&it, "", &[one_of(Facet::Studio, &["warner bros"])]).await;
    assert_eq!(found, ["Night Heat"]);
    let query = Query { counts: Counts::All(&[]), ..typed("night") };
    let hits = it.search.query(&query).await.unwrap();
    assert_eq!(values(&hits, Facet::Country), [("Brazil".to_owned(), 3)], "each film once");
}

fn values(hits: &Hits, facet: Facet) -> Vec<(String, u64)> {
    let counts: Option<&FacetCounts> = hits.facets.iter().find(|it| it.facet == facet);
    counts.map(|it| it.values.clone()).unwrap_or_default()
}

async fn facets_are_counted_over_what_is_found_and_may_be_seen(it: Subject) {
    let it = filled(it).await;
    let count = async |text: &str, filters: &[Filter], facet| {
        let query = Query { counts: Counts::All(&[]), filters, limit: 1, ..typed(text) };
        let hits = it.search.query(&query).await.unwrap();
        let values = values(&hits, facet);
        values.iter().map(|it| format!("{} {}", it.0, it.1)).collect::<Vec<_>>()
    };
    let all = count("night", &[], Facet::Genre).await;
    assert_eq!(all, ["Comedy 1", "Crime 1", "Horror 1", "Science Fiction 1"], "no secret");
    assert_eq!(count("night", &[], Facet::Decade).await, ["1990s 2", "1970s 1"]);
    assert_eq!(count("night", &[], Facet::Kind).await, ["movie 4"]);
    assert_eq!(count("night", &[], Facet::Age).await, ["16 2", "12 1"]);
    assert_eq!(count("night", &[], Facet::Rating).await, ["8 3"]);
    let nineties = [between(Number::Year, Some(1990), Some(1999))];
    assert_eq!(count("", &nineties, Facet::Genre).await, ["Comedy 1", "Crime 1"]);
    assert_eq!(count("gump", &[], Facet::Genre).await, ["Comedy 1"]);
    assert!(count("nothing of it", &[], Facet::Genre).await.is_empty());
    let plain = it.search.query(&typed("night")).await.unwrap();
    assert!(plain.facets.is_empty(), "nobody asked");
}

async fn values_of_one_facet_are_completed(it: Subject) {
    let it = filled(it).await;
    let complete = async |facet, start: &str| {
        let counts = Counts::Of(facet, start);
        let hits = it.search.query(&Query { counts, limit: 0, ..typed("") }).await.unwrap();
        assert!(hits.hits.is_empty());
        let of = hits.facets.into_iter().next().unwrap();
        of.values.into_iter().map(|it| it.0).collect::<Vec<_>>()
    };
    assert_eq!(complete(Facet::Genre, "co").await, ["Comedy"]);
    assert_eq!(complete(Facet::Genre, "fict").await, ["Science Fiction"]);
    assert_eq!(complete(Facet::Studio, "WARN").await, ["Warner Bros."]);
    assert_eq!(complete(Facet::Genre, "").await.len(), 4);
    assert!(complete(Facet::Genre, "sec").await.is_empty());
}

async fn sets_of_ids_narrow_and_are_counted(it: Subject) {
    let it = filled(it).await;
    let set = |titles: &[&str]| IdSet::new(titles.iter().map(|it| id(it)).collect());
    let watched = set(&["Night Gump", "Night Secret", "gone"]);
    let favourite = set(&["Night Heat", "Night Gump"]);
    let inside = |it: &IdSet| Filter { is_not: false, test: Test::In(it.clone()) };
    assert_eq!(narrowed(&it, "night", &[inside(&watched)]).await, ["Night Gump"]);
    let left = narrowed(&it, "night", &[not(inside(&watched))]).await;
    assert_eq!(left, ["Night Alien", "Night Heat", "Night Unknown"]);
    let both = [inside(&favourite), not(inside(&watched))];
    assert_eq!(narrowed(&it, "", &both).await, ["Night Heat"]);
    assert!(narrowed(&it, "night", &[inside(&IdSet::default())]).await.is_empty());
    assert_eq!(narrowed(&it, "night", &[not(inside(&IdSet::default()))]).await.len(), 4);

    let sets = [watched, favourite, IdSet::default()];
    let query = Query { counts: Counts::All(&sets), limit: 1, ..typed("night") };
    let hits = it.search.query(&query).await.unwrap();
    assert_eq!((hits.found, hits.in_sets), (4, vec![1, 2, 0]));

    let many: Vec<Uuid> = (0..20_000).map(|it| Uuid::from_u128(it << 64 | it)).collect();
    let many = IdSet::new(many.into_iter().chain([id("Night Heat")]).collect());
    assert_eq!(narrowed(&it, "night", &[inside(&many)]).await, ["Night Heat"]);
}

async fn names_are_found_apart_from_items(it: Subject) {
    let name = |kind: &str, title, libraries: &[Uuid]| Document {
        is_name: true,
        kind: kind.into(),
        library_id: libraries[0],
        other_libraries: libraries[1..].to_vec(),
        ..film(title, 1.0)
    };
    let it = filled(it).await;
    let library = crate::films::LIBRARY;
    it.write(&[
        name("person", "Nightingale", &[OTHER_LIBRARY, library]),
        name("genre", "Night Life", &[library]),
        name("person", "Nightmare", &[OTHER_LIBRARY]),
    ])
    .await;
    assert_eq!(narrowed(&it, "night", &[]).await.len(), 4, "items only");
    let names = async |kinds: Option<&[&str]>| {
        let kinds = kinds.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        let query = Query { of: Of::Names, kinds, ..typed("night") };
        let hits = it.search.query(&query).await.unwrap();
        hits.hits.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(names(None).await.len(), 2, "none of another library");
    assert_eq!(names(Some(&["person"])).await, [id("Nightingale")]);
}

async fn numbers_are_found_in_every_way_they_are_written(it: Subject) {
    it.write(&[film("Rocky II", 2.0), film("Apollo 13", 1.0), film("Ocean's Eleven", 1.0)]).await;
    for (typed, title) in [
        ("rocky 2", "Rocky II"),
        ("rocky ii", "Rocky II"),
        ("rocky two", "Rocky II"),
        ("rocky2", "Rocky II"),
        ("apollo xiii", "Apollo 13"),
        ("oceans 11", "Ocean's Eleven"),
        ("ocean's eleven", "Ocean's Eleven"),
        ("ocean's elev", "Ocean's Eleven"),
    ] {
        let hits = it.search.query(&crate::films::typed(typed)).await.unwrap();
        assert_eq!(hits.hits.first().map(|it| it.id), Some(id(title)), "{typed}");
    }
}

async fn numbers_forgive_nothing(it: Subject) {
    it.write(&[film("Rocky II", 2.0), film("Rocky 2", 1.0), film("Terminator 2", 1.0)]).await;
    for text in ["rocky 3", "rocky3", "rocky iii", "rocky v", "terminator 3", "terminator3"] {
        let hits = it.search.query(&typed(text)).await.unwrap();
        assert!(hits.hits.is_empty(), "{text}: {hits:?}");
    }
    let hits = it.search.query(&typed("terminator2")).await.unwrap();
    assert_eq!(hits.hits.len(), 1);
}

async fn an_article_too_many_does_not_matter(it: Subject) {
    let clones = Document {
        overview: Some("the star of the wars".into()),
        ..film("Star Wars: The Clone Wars", 99.0)
    };
    it.write(&[film("Star Wars", 50.0), clones, film("The Star", 60.0)]).await;
    for text in ["the star wars", "star wars", "a star wars"] {
        let hits = it.search.query(&typed(text)).await.unwrap();
        let ids: Vec<Uuid> = hits.hits.iter().map(|it| it.id).collect();
        assert_eq!(ids, [id("Star Wars"), id("Star Wars: The Clone Wars")], "{text}");
    }
    let hits = it.search.query(&typed("the")).await.unwrap();
    assert!(hits.found >= 2, "an article alone is a word");
}

async fn what_was_meant_is_told(it: Subject) {
    let it = it.with_library().await;
    let meant = async |text| it.search.query(&typed(text)).await.unwrap().meant;
    assert_eq!(meant("matrxi").await.as_deref(), Some("matrix"));
    assert_eq!(meant("tom hnaks").await.as_deref(), Some("tom hanks"));
    assert_eq!(meant("matrix").await, None);
    assert_eq!(meant("xqzzy").await, None);
}

async fn synonyms_are_found_and_forgotten(it: Subject) {
    let documents = [
        Document { genres: vec!["Science Fiction".into()], ..film("Alien", 3.0) },
        film("Das Boot", 2.0),
    ];
    let found = async |text| {
        let hits = it.search.query(&typed(text)).await.unwrap();
        hits.hits.into_iter().map(|hit| (hit.id, hit.matched)).collect::<Vec<_>>()
    };
    it.write(&documents).await;
    assert!(found("sci-fi").await.is_empty() && found("the ship").await.is_empty());
    let groups = [vec!["sci-fi", "Science Fiction"], vec!["das boot", "the ship"]];
    it.search.teach(Curation::new(&groups, &[]));
    let batches = || futures::stream::iter([Ok(documents.to_vec())]);
    it.search.rebuild(batches()).await.unwrap();
    assert_eq!(found("sci-fi").await[0].0, id("Alien"));
    assert_eq!(found("the ship").await, [(id("Das Boot"), None)], "as if it were its title");
    assert_eq!(found("das boot").await, [(id("Das Boot"), None)]);
    it.search.teach(Curation::default());
    it.search.rebuild(batches()).await.unwrap();
    assert!(found("sci-fi").await.is_empty() && found("the ship").await.is_empty());
    let label = Some(Matched::Label("Science Fiction".into()));
    assert_eq!(found("science fiction").await, [(id("Alien"), label)]);
}

async fn stop_words_are_left_out(it: Subject) {
    let it = it.with_library().await;
    it.all("film matrix", &[]).await;
    it.search.teach(Curation::new(&[], &["film"]));
    it.best("film matrix", &["The Matrix"]).await;
    it.all("film", &[]).await;
    it.search.teach(Curation::default());
    it.all("film matrix", &[]).await;
}
