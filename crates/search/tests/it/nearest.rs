//! What is near to what, on every engine.

use kernel::Guard;
use search::{
    Document, Facet, Meaning, MeaningCenter, MeaningNumbers, Near, Search, TypesenseConfig,
};
use testkit::typesense::{API_KEY, TypesenseServer};
use uuid::Uuid;

use crate::films::{ALL, LIBRARY, OTHER_LIBRARY, film, id};

struct Subject {
    search: Search,
    _server: Option<TypesenseServer>,
}

impl Subject {
    async fn embedded() -> Self {
        Self { search: Search::in_memory().await.unwrap(), _server: None }
    }

    async fn typesense() -> Self {
        let server = TypesenseServer::start().await;
        let config = TypesenseConfig {
            url: server.url().parse().unwrap(),
            api_key: API_KEY.into(),
            collection: "revenge_items".into(),
        };
        let search = Search::typesense(outbound::trusted_client().unwrap(), config);
        Self { search, _server: Some(server) }
    }

    async fn write(&self, documents: &[Document]) {
        self.search.upsert(documents).await.unwrap();
        self.search.flush().await.unwrap();
    }

    async fn near(&self, document: &Document, libraries: &[Uuid], guard: &Guard) -> Vec<Uuid> {
        let near = Near { document, libraries, guard, limit: 10 };
        let found = self.search.nearest(&near).await.unwrap();
        assert!(found.windows(2).all(|it| it[0].likeness >= it[1].likeness), "{found:?}");
        found.into_iter().map(|it| it.id).collect()
    }
}

macro_rules! on_every_engine {
    ($($test:ident)*) => {
        mod embedded { $(#[tokio::test] async fn $test() { super::$test(super::Subject::embedded().await).await; })* }
        mod typesense { $(#[tokio::test] async fn $test() { super::$test(super::Subject::typesense().await).await; })* }
    };
}

on_every_engine! {
    the_likest_is_first_and_what_is_not_compared_is_not_there
    only_what_may_be_seen_is_near
    what_is_written_again_deleted_or_rebuilt_is_as_it_is_then
    nothing_is_near_to_nothing
    what_a_text_model_says_counts_beside_what_is_known
    many_are_ordered_and_no_more_than_wanted
}

fn about(title: &str, tags: &[&str]) -> Document {
    Document {
        is_compared: true,
        facets: tags.iter().map(|it| (Facet::Tag, (*it).to_owned())).collect(),
        ..film(title, 1.0)
    }
}

fn space() -> Vec<Document> {
    vec![
        about("Alien", &["space", "monster", "crew"]),
        about("Aliens", &["space", "monster", "marines"]),
        about("Gravity", &["space", "astronaut", "orbit"]),
        about("Notting Hill", &["love", "london", "bookshop"]),
    ]
}

async fn the_likest_is_first_and_what_is_not_compared_is_not_there(it: Subject) {
    let all = space();
    it.write(&all).await;
    let part =
        Document { is_compared: false, ..about("Alien part", &["space", "monster", "crew"]) };
    it.write(&[part]).await;
    let expected = ["Alien", "Aliens", "Gravity", "Notting Hill"].map(id);
    assert_eq!(it.near(&all[0], &[LIBRARY], &ALL).await, expected);
    let near = Near { document: &all[0], libraries: &[LIBRARY], guard: &ALL, limit: 1 };
    let found = it.search.nearest(&near).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!((found[0].likeness - 1.0).abs() < 0.001, "as like itself as can be: {found:?}");
}

async fn only_what_may_be_seen_is_near(it: Subject) {
    let mut all = space();
    all[1].library_id = OTHER_LIBRARY;
    all[2].marks = vec![-16, 5];
    it.write(&all).await;
    let [alien, aliens, gravity, notting] = ["Alien", "Aliens", "Gravity", "Notting Hill"].map(id);
    let asked = &all[0];
    assert_eq!(it.near(asked, &[LIBRARY], &ALL).await, [alien, gravity, notting]);
    assert_eq!(it.near(asked, &[OTHER_LIBRARY], &ALL).await, [aliens]);
    assert_eq!(it.near(asked, &[LIBRARY, OTHER_LIBRARY], &ALL).await.len(), 4);
    assert!(it.near(asked, &[], &ALL).await.is_empty());
    let hidden = Guard { hidden: vec![-16], wanted: Vec::new() };
    assert_eq!(it.near(asked, &[LIBRARY], &hidden).await, [alien, notting]);
    let wanted = Guard { hidden: Vec::new(), wanted: vec![5, 6] };
    assert_eq!(it.near(asked, &[LIBRARY, OTHER_LIBRARY], &wanted).await, [gravity]);
}

async fn what_is_written_again_deleted_or_rebuilt_is_as_it_is_then(it: Subject) {
    let mut all = space();
    it.write(&all).await;
    all[3] = about("Notting Hill", &["space", "monster", "crew"]);
    it.write(&all[3..]).await;
    it.search.delete(&[id("Aliens")]).await.unwrap();
    it.search.flush().await.unwrap();
    let expected = ["Alien", "Notting Hill", "Gravity"].map(id);
    assert_eq!(it.near(&all[0], &[LIBRARY], &ALL).await, expected);
    let batches = futures::stream::iter([Ok(all[2..].to_vec())]);
    it.search.rebuild(batches).await.unwrap();
    let expected = ["Notting Hill", "Gravity"].map(id);
    assert_eq!(it.near(&all[0], &[LIBRARY], &ALL).await, expected);
}

async fn nothing_is_near_to_nothing(it: Subject) {
    it.write(&space()).await;
    assert!(it.near(&Document::default(), &[LIBRARY], &ALL).await.is_empty());
    let unknown = Document { is_compared: true, title: String::new(), ..film("Nothing", 1.0) };
    it.write(&[Document { sort_title: String::new(), ..unknown }]).await;
    assert_eq!(it.near(&space()[0], &[LIBRARY], &ALL).await.len(), 4, "it has no vector");
}

async fn what_a_text_model_says_counts_beside_what_is_known(it: Subject) {
    let nothing_in_common = MeaningCenter::count().finish();
    let says = |n: usize| {
        let mut numbers = [0.0; 8];
        numbers[n] = 1.0;
        Meaning::new(&MeaningNumbers::of(&numbers).expect("something"), &nothing_in_common)
    };
    let mut all: Vec<Document> =
        (0..4).map(|n| about(&format!("{n}"), &["space", "crew"])).collect();
    for (film, meaning) in all.iter_mut().zip([Some(2), Some(5), Some(2), None]) {
        film.meaning = meaning.and_then(says);
    }
    all.push(Document { meaning: says(2), ..about("4", &["love", "london"]) });
    it.write(&all).await;
    let expected = ["0", "2", "3", "1", "4"].map(id);
    assert_eq!(
        it.near(&all[0], &[LIBRARY], &ALL).await,
        expected,
        "alike in both, unknown, in one"
    );
    assert_eq!(it.near(&all[3], &[LIBRARY], &ALL).await[0], id("3"), "none of its own");
}

async fn many_are_ordered_and_no_more_than_wanted(it: Subject) {
    // Several segments in process, with documents between them that are not compared.
    for hundred in 0..4 {
        let batch: Vec<Document> = (0..100)
            .map(|n| {
                let n = hundred * 100 + n;
                let tags = [format!("tag{}", n % 13), format!("tag{}", n % 7)];
                let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
                let document = about(&format!("Film {n:03}"), &tags);
                Document { id: Uuid::from_u128(n), is_compared: n % 3 > 0, ..document }
            })
            .collect();
        it.write(&batch).await;
    }
    let asked = about("Film 001", &["tag1", "tag1"]);
    let found = it.near(&asked, &[LIBRARY], &ALL).await;
    assert_eq!(found.len(), 10);
    assert_eq!(found[0], Uuid::from_u128(1));
    assert!(found.iter().all(|it| it.as_u128() % 3 > 0), "{found:?}");
}
