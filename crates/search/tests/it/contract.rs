//! One set of tests, run on every engine: the same documents, the same answers.

use futures::stream;
use kernel::{Error, Guard};
use search::{Document, Hits, MAX_HITS, Matched, Query, Search, TypesenseConfig};
use testkit::typesense::{API_KEY, TypesenseServer};
use uuid::Uuid;

use crate::films::{LIBRARY, OTHER_LIBRARY, film, id, library, typed};

pub struct Subject {
    pub search: Search,
    _server: Option<TypesenseServer>,
}

impl Subject {
    pub async fn embedded() -> Self {
        let search = Search::in_memory().await.unwrap();
        Self { search, _server: None }
    }

    pub async fn typesense() -> Self {
        let server = TypesenseServer::start().await;
        let config = TypesenseConfig {
            url: server.url().parse().unwrap(),
            api_key: API_KEY.into(),
            collection: "revenge_items".into(),
        };
        let search = Search::typesense(outbound::trusted_client().unwrap(), config);
        Self { search, _server: Some(server) }
    }

    pub async fn with_library(self) -> Self {
        self.write(&library()).await;
        self
    }

    pub async fn write(&self, documents: &[Document]) {
        self.search.upsert(documents).await.unwrap();
        self.search.flush().await.unwrap();
    }

    pub async fn titles(&self, text: &str) -> Vec<String> {
        Self::names(&self.search.query(&typed(text)).await.unwrap())
    }

    pub fn names(hits: &Hits) -> Vec<String> {
        let all = library();
        let name = |id: Uuid| all.iter().find(|it| it.id == id).map(|it| it.title.clone());
        hits.hits.iter().map(|it| name(it.id).unwrap_or_else(|| it.id.to_string())).collect()
    }

    /// The best hits of `text` are these, in this order; more may follow.
    pub async fn best(&self, text: &str, expected: &[&str]) {
        let titles = self.titles(text).await;
        assert_eq!(
            titles.iter().take(expected.len()).collect::<Vec<_>>(),
            expected,
            "for {text:?}: {titles:?}"
        );
    }

    /// The hits of `text` are these and no more.
    pub async fn all(&self, text: &str, expected: &[&str]) {
        assert_eq!(self.titles(text).await, expected, "for {text:?}");
    }
}

/// Runs each test on either engine.
#[macro_export]
macro_rules! on_every_engine {
    ($($test:ident)*) => {
        mod embedded {
            use $crate::contract::Subject;
            $(#[tokio::test] async fn $test() { super::$test(Subject::embedded().await).await; })*
        }
        mod typesense {
            use $crate::contract::Subject;
            $(#[tokio::test] async fn $test() { super::$test(Subject::typesense().await).await; })*
        }
    };
}

on_every_engine! {
    the_very_title_is_first_then_titles_that_begin_so_then_the_popular
    the_last_word_may_be_unfinished_and_the_others_not
    typos_are_forgiven_by_length
    accents_ligatures_and_foreign_letters_do_not_matter
    hyphens_and_spaces_do_not_matter
    words_may_come_from_several_fields
    what_matched_is_named_when_it_is_not_the_title
    only_libraries_of_the_query_exist
    what_is_kept_from_somebody_is_neither_found_nor_counted
    kinds_narrow_the_hits
    pages_follow_each_other
    writing_again_replaces
    what_is_in_the_index_is_told_by_id_and_digest
    deleted_documents_are_gone
    a_rebuild_replaces_everything_without_a_gap
    writes_during_a_rebuild_win_over_it
    a_rebuild_that_fails_changes_nothing
    only_one_rebuild_runs
    strange_queries_find_nothing_and_break_nothing
    strange_documents_are_written
}

async fn the_very_title_is_first_then_titles_that_begin_so_then_the_popular(it: Subject) {
    let it = it.with_library().await;
    it.all("matrix", &["Matrix", "The Matrix", "The Matrix Reloaded"]).await;
    it.best("the matrix", &["The Matrix", "The Matrix Reloaded"]).await;
    it.best("star", &["Star Wars", "Star Trek", "Starman", "A Star Is Born"]).await;
    it.best("big", &["Big"]).await;
    it.best("2001", &["2001: A Space Odyssey", "Amélie", "Ocean's Eleven", "På sporet"]).await;
}

async fn the_last_word_may_be_unfinished_and_the_others_not(it: Subject) {
    let it = it.with_library().await;
    it.best("m", &["The Matrix", "The Matrix Reloaded", "Matrix"]).await;
    it.best("ma", &["The Matrix"]).await;
    it.best("schin", &["Schindler's List"]).await;
    it.all("schindlers l", &["Schindler's List"]).await;
    it.all("forrest g", &["Forrest Gump"]).await;
    it.all("forr gump", &[]).await;
    it.all("oceans elev", &["Ocean's Eleven"]).await;
    it.all("star t", &["Star Trek"]).await;
}

async fn typos_are_forgiven_by_length(it: Subject) {
    let it = it.with_library().await;
    it.best("matrxi", &["The Matrix"]).await;
    it.all("forest gump", &["Forrest Gump"]).await;
    it.all("philadelfia", &["Philadelphia"]).await;
    it.all("philadelpfai", &["Philadelphia"]).await;
    it.all("bgi", &[]).await;
    it.all("mtarxx", &[]).await;
    it.all("1976", &[]).await;
    it.best("star wrs", &["Star Wars"]).await;
    it.best("tom hnaks", &["Forrest Gump", "Philadelphia", "Big"]).await;
}

async fn accents_ligatures_and_foreign_letters_do_not_matter(it: Subject) {
    let it = it.with_library().await;
    for (typed, title) in [
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("coeur", "Cœur de pirate"),
        ("cœur", "Cœur de pirate"),
        ("lodz", "Łódź Ghetto"),
        ("grosse stille", "Die große Stille"),
        ("pa sporet", "På sporet"),
        ("på", "På sporet"),
    ] {
        it.best(typed, &[title]).await;
    }
}

async fn hyphens_and_spaces_do_not_matter(it: Subject) {
    let it = it.with_library().await;
    for typed in ["spiderman", "spider-man", "spider man", "Spider Man", "spiderm"] {
        it.all(typed, &["Spider-Man", "Spiderman of the Jungle"]).await;
    }
    it.best("star-wars", &["Star Wars"]).await;
    it.best("starwars", &["Star Wars"]).await;
}

async fn words_may_come_from_several_fields(it: Subject) {
    let it = it.with_library().await;
    it.all("tom hanks comedy", &["Forrest Gump", "Big"]).await;
    it.all("tom hanks 1994 comedy", &["Forrest Gump"]).await;
    it.all("reeves matrix", &["The Matrix", "The Matrix Reloaded"]).await;
    it.all("hacker reality", &["The Matrix"]).await;
    it.all("matrix hanks", &[]).await;
}

async fn what_matched_is_named_when_it_is_not_the_title(it: Subject) {
    let it = it.with_library().await;
    let first = async |text| it.search.query(&typed(text)).await.unwrap().hits.remove(0).matched;
    assert_eq!(first("matrix").await, None);
    let (title, person) = (Matched::Title, Matched::Person);
    assert_eq!(first("tom hanks").await, Some(person("Tom Hanks".into())));
    let french = "Le Fabuleux Destin d'Amélie Poulain";
    assert_eq!(first("fabuleux").await, Some(title(french.into())));
    assert_eq!(first("romance").await, Some(Matched::Label("Romance".into())));
    assert_eq!(first("hacker").await, Some(Matched::Overview));
}

async fn only_libraries_of_the_query_exist(it: Subject) {
    let it = it.with_library().await;
    let ask = async |libraries: &[Uuid]| {
        let query = Query { libraries, ..typed("matrix") };
        let hits = it.search.query(&query).await.unwrap();
        (Subject::names(&hits), hits.found)
    };
    assert_eq!(ask(&[OTHER_LIBRARY]).await, (vec!["The Matrix Secret".to_owned()], 1));
    assert_eq!(ask(&[LIBRARY]).await.1, 3);
    assert_eq!(ask(&[LIBRARY, OTHER_LIBRARY]).await.1, 4);
    assert_eq!(ask(&[]).await, (Vec::new(), 0));
    assert_eq!(ask(&[Uuid::from_u128(77)]).await, (Vec::new(), 0));
    it.all("secret", &[]).await;
}

async fn what_is_kept_from_somebody_is_neither_found_nor_counted(it: Subject) {
    let marked = |title, marks: &[i64]| Document { marks: marks.to_vec(), ..film(title, 1.0) };
    it.write(&[
        marked("Moon for all", &[-1, 70]),
        marked("Moon for some", &[-17, 70, 80]),
        marked("Moon unknown", &[-100, -80]),
    ])
    .await;
    let ask = async |hidden: &[i64], wanted: &[i64]| {
        let guard = Guard { hidden: hidden.to_vec(), wanted: wanted.to_vec() };
        let hits = it.search.query(&Query { guard: &guard, ..typed("moon") }).await.unwrap();
        assert_eq!(hits.found, hits.hits.len() as u64);
        let titles = ["Moon for all", "Moon for some", "Moon unknown"];
        let is_hit = |title: &&str| hits.hits.iter().any(|it| it.id == id(title));
        titles.into_iter().filter(is_hit).collect::<Vec<_>>()
    };
    assert_eq!(ask(&[], &[]).await.len(), 3);
    assert_eq!(ask(&[-17, -18], &[]).await, ["Moon for all", "Moon unknown"]);
    assert_eq!(ask(&[80, -80], &[]).await, ["Moon for all"]);
    assert_eq!(ask(&[-17, -100], &[]).await, ["Moon for all"]);
    assert_eq!(ask(&[], &[80]).await, ["Moon for some"]);
    assert_eq!(ask(&[-17], &[70]).await, ["Moon for all"]);
    assert!(ask(&[], &[90]).await.is_empty());
}

async fn kinds_narrow_the_hits(it: Subject) {
    let it = it.with_library().await;
    let ask = async |kinds: &[&str]| {
        let kinds = kinds.iter().map(|it| (*it).to_owned()).collect();
        let query = Query { kinds: Some(kinds), ..typed("star") };
        Subject::names(&it.search.query(&query).await.unwrap())
    };
    assert_eq!(ask(&["series"]).await, ["Star Trek"]);
    assert_eq!(ask(&["series", "movie"]).await.len(), 4);
    assert!(ask(&["a `strange` kind]"]).await.is_empty());
    assert!(ask(&[]).await.is_empty(), "no kind is no kind");
}

async fn pages_follow_each_other(it: Subject) {
    let many: Vec<Document> =
        (0..300).map(|n| film(&format!("Episode number {n:03}"), n as f32)).collect();
    it.write(&many).await;
    let page = async |offset, limit| {
        let query = Query { offset, limit, ..typed("episode") };
        it.search.query(&query).await.unwrap()
    };
    let first = page(0, 100).await;
    assert_eq!((first.hits.len(), first.found), (100, 300));
    assert_eq!(first.hits[0].id, id("Episode number 299"), "the most popular first");
    let second = page(100, 100).await;
    assert_eq!(second.hits[0].id, id("Episode number 199"));
    let last = page(200, 100).await;
    assert_eq!(last.hits.len(), MAX_HITS - 200);
    assert!(page(usize::MAX, 10).await.hits.is_empty());
}

async fn what_is_in_the_index_is_told_by_id_and_digest(subject: Subject) {
    assert_eq!(subject.search.digests().await.unwrap(), []);
    let (mut first, second, third) = (film("Alien", 3.0), film("Akira", 2.0), film("Brazil", 1.0));
    subject.write(&[first.clone(), second.clone(), third.clone()]).await;
    first.year = Some(1979);
    subject.write(std::slice::from_ref(&first)).await;
    subject.search.delete(&[second.id]).await.unwrap();
    subject.search.flush().await.unwrap();
    let mut expected = [first, third].map(|it| (it.id, it.digest()));
    expected.sort_unstable();
    assert_eq!(subject.search.digests().await.unwrap(), expected);
}

async fn writing_again_replaces(it: Subject) {
    it.write(&[film("Before", 1.0)]).await;
    it.write(&[Document { id: id("Before"), ..film("After", 1.0) }]).await;
    assert_eq!(it.search.count().await.unwrap(), 1);
    assert!(it.titles("before").await.is_empty());
    assert_eq!(it.titles("after").await.len(), 1);
    it.write(&[film("Twice", 1.0), film("Twice", 2.0)]).await;
    assert_eq!(it.search.count().await.unwrap(), 2);
}

async fn deleted_documents_are_gone(it: Subject) {
    let it = it.with_library().await;
    let before = it.search.count().await.unwrap();
    it.search.delete(&[id("Matrix"), id("was never there")]).await.unwrap();
    it.search.flush().await.unwrap();
    assert_eq!(it.search.count().await.unwrap(), before - 1);
    it.all("matrix", &["The Matrix", "The Matrix Reloaded"]).await;
    let many: Vec<Uuid> =
        library().iter().map(|it| it.id).chain((0..200).map(Uuid::from_u128)).collect();
    it.search.delete(&many).await.unwrap();
    it.search.flush().await.unwrap();
    assert_eq!(it.search.count().await.unwrap(), 0);
}

async fn a_rebuild_replaces_everything_without_a_gap(it: Subject) {
    assert!(it.search.needs_rebuild().await.unwrap(), "a new index lacks what was there before");
    it.write(&[film("Vanishes", 1.0), film("Matrix", 1.0)]).await;
    let answering = it.search.clone();
    let batches = stream::iter(library().chunks(5).map(<[_]>::to_vec).collect::<Vec<_>>());
    let batches = futures::StreamExt::then(batches, |batch| {
        let search = answering.clone();
        async move {
            let hits = search.query(&typed("matrix")).await?;
            assert_eq!(hits.found, 1, "the old index answers until the new one is whole");
            Ok(batch)
        }
    });
    assert_eq!(it.search.rebuild(batches).await.unwrap(), library().len() as u64);
    assert!(!it.search.needs_rebuild().await.unwrap());
    assert_eq!(it.search.count().await.unwrap(), library().len() as u64);
    it.all("vanishes", &[]).await;
    it.all("matrix", &["Matrix", "The Matrix", "The Matrix Reloaded"]).await;
    it.write(&[film("Written after", 1.0)]).await;
    assert_eq!(it.titles("written after").await.len(), 1);
    assert_eq!(it.search.rebuild(stream::empty()).await.unwrap(), 0);
    assert_eq!(it.search.count().await.unwrap(), 0);
}

async fn writes_during_a_rebuild_win_over_it(it: Subject) {
    let it = it.with_library().await;
    let search = it.search.clone();
    let batches = stream::once(async move {
        search.upsert(&[Document { popularity: 3.0, ..film("New", 1.0) }]).await?;
        search.upsert(&[Document { id: id("Big"), ..film("Small", 1.0) }]).await?;
        search.delete(&[id("Matrix")]).await?;
        Ok(library())
    });
    it.search.rebuild(batches).await.unwrap();
    assert_eq!(it.titles("new").await.len(), 1);
    assert_eq!(it.titles("small").await, ["Big"], "the id of what was Big");
    it.all("big", &[]).await;
    it.all("matrix", &["The Matrix", "The Matrix Reloaded"]).await;
}

async fn a_rebuild_that_fails_changes_nothing(it: Subject) {
    let it = it.with_library().await;
    let batches = stream::iter([Ok(vec![film("Half", 1.0)]), Err(Error::NotFound("database"))]);
    assert!(matches!(it.search.rebuild(batches).await, Err(Error::NotFound("database"))));
    it.all("half", &[]).await;
    it.best("matrix", &["Matrix"]).await;
    it.write(&[film("Written after", 1.0)]).await;
    it.search.rebuild(stream::iter([Ok(library())])).await.unwrap();
    it.best("matrix", &["Matrix"]).await;
}

async fn only_one_rebuild_runs(it: Subject) {
    let search = it.search.clone();
    let batches = stream::once(async move {
        let second = search.rebuild(stream::empty()).await;
        assert!(matches!(second, Err(Error::Conflict { code: "search.rebuild_running", .. })));
        Ok(library())
    });
    it.search.rebuild(batches).await.unwrap();
}

async fn strange_queries_find_nothing_and_break_nothing(it: Subject) {
    let it = it.with_library().await;
    let long = "word ".repeat(5_000);
    let wide = "x".repeat(50_000);
    for text in [
        "",
        "   ",
        "…",
        "* && library_id:*",
        "`",
        "'\"\\",
        "\0",
        "-",
        "[]:=",
        &long,
        &wide,
        "😀",
        "AND OR NOT",
    ] {
        it.all(text, &[]).await;
    }
}

async fn strange_documents_are_written(it: Subject) {
    let strange = [
        film("", 1.0),
        film("…", f32::NAN),
        film(&"very long title ".repeat(200), f32::INFINITY),
        film("line\nbreak \"quoted\" \\ `tick` \u{0}", -1.0),
        film("千と千尋の神隠し", 1.0),
    ];
    it.write(&strange).await;
    assert_eq!(it.search.count().await.unwrap(), strange.len() as u64);
    assert_eq!(it.titles("quoted break").await.len(), 1);
    assert_eq!(it.titles("千と").await.len(), 1);
    assert_eq!(it.titles("very long").await.len(), 1);
}
