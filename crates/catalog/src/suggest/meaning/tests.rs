use std::path::Path;

use kernel::id::{ItemId, LibraryId};
use tempfile::TempDir;

use super::*;
use crate::sample::{NewItem, Sample, viewer};

/// Films that a small model reads, its files in a folder of its own.
struct Shelf {
    it: Sample,
    library: LibraryId,
    model: TempDir,
}

/// Files of a model whose weights are dice.
fn copy_model(name: &str, to: &Path) {
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../search/fixtures/text-model").join(name);
    for file in ["model.onnx", "tokenizer.json"] {
        std::fs::copy(from.join(file), to.join(file)).expect("a copy");
    }
}

impl Shelf {
    async fn start() -> Self {
        let it = Sample::start().await;
        let library = it.library("Films").await;
        let model = tempfile::tempdir().expect("a folder");
        copy_model("hidden", model.path());
        it.catalog.search.use_model(ModelPlace::new(model.path()));
        Self { it, library, model }
    }

    async fn film(&self, title: &str, overview: &str) -> ItemId {
        let film = self.it.item(NewItem::film(self.library, title)).await;
        self.tell(film, overview).await;
        film
    }

    async fn tell(&self, film: ItemId, overview: &str) {
        let mut db = self.it.catalog.connection().await.expect("a connection");
        let sql = "UPDATE item SET overview = $2 WHERE id = $1";
        sqlx::query(sql).bind(film.0).bind(overview).execute(&mut *db).await.expect("told");
        insert_outbox(&mut db, &[film.0]).await.expect("to be fed");
    }

    /// So many films that are about nothing in particular.
    async fn films(&self, n: usize) -> Vec<ItemId> {
        let mut films = Vec::new();
        for n in 0..n {
            films.push(self.film(&format!("Film {n}"), &format!("A crew on ship {n}.")).await);
        }
        films
    }

    async fn feed(&self) {
        while self.it.catalog.feed_search().await.expect("fed") > 0 {}
    }

    async fn read(&self) -> TextsRead {
        self.it.catalog.read_texts(|_, _| Ok(())).await.expect("read")
    }

    /// Reads one batch and is stopped.
    async fn begin_to_read(&self) {
        let stop = |done, _| if done > 0 { Err(JobError::Cancelled) } else { Ok(()) };
        let stopped = self.it.catalog.read_texts(stop).await.expect_err("stopped");
        assert!(matches!(stopped, JobError::Cancelled), "{stopped:?}");
    }

    /// What the index is told of films, and whether that is what it was told.
    async fn meanings(&self, films: &[ItemId]) -> Vec<Option<Meaning>> {
        let ids: Vec<Uuid> = films.iter().map(|it| it.0).collect();
        let mut db = self.it.catalog.connection().await.expect("a connection");
        let documents = documents_of(&mut db, &ids).await.expect("documents");
        let known = self.it.catalog.search.digests().await.expect("digests");
        for document in &documents {
            let told = (document.id, document.digest());
            assert!(known.contains(&told), "the index knows {} otherwise", document.title);
        }
        let of = |id: &Uuid| documents.iter().find(|it| it.id == *id)?.meaning.clone();
        ids.iter().map(of).collect()
    }

    async fn models(&self) -> Vec<(bool, i64)> {
        let mut db = self.it.catalog.connection().await.expect("a connection");
        let models = store::list_models(&mut db).await.expect("models");
        models.iter().map(|it| (it.is_active, it.item_count)).collect()
    }
}

#[tokio::test]
async fn a_model_is_in_force_once_it_has_read_all_and_goes_on_where_it_was_stopped() {
    let it = Shelf::start().await;
    let films = it.films(40).await;
    it.feed().await;
    it.begin_to_read().await;
    assert_eq!(it.models().await, [(false, 0)]);
    assert!(it.meanings(&films).await.iter().all(Option::is_none), "nobody sees a half");
    assert_eq!(it.read().await, TextsRead::Read(24), "16 of the 40 were read");
    assert_eq!(it.models().await, [(true, 40)]);
    it.feed().await;
    assert!(it.meanings(&films).await.iter().all(Option::is_some));
    assert_eq!(it.read().await, TextsRead::Read(0), "again");
    assert_eq!(it.it.catalog.feed_search().await.expect("fed"), 0, "and the index is told nothing");
    it.it.catalog.rebuild_search().await.expect("made anew");
    assert!(it.meanings(&films).await.iter().all(Option::is_some), "without a model asked");
}

#[tokio::test]
async fn what_changed_is_read_again_and_what_is_new_too() {
    let it = Shelf::start().await;
    let mut films = it.films(20).await;
    it.feed().await;
    assert_eq!(it.read().await, TextsRead::Read(20));
    it.feed().await;
    let before = it.meanings(&films).await;
    it.tell(films[3], "A girl in the city, in love, at war.").await;
    it.tell(films[4], "A crew on ship 4.").await;
    films.push(it.film("New", "A monster.").await);
    it.feed().await;
    assert_eq!(it.read().await, TextsRead::Read(2), "one with another text and one that is new");
    it.feed().await;
    let after = it.meanings(&films).await;
    assert_ne!(after[3], before[3]);
    assert!(after[20].is_some());
    assert_eq!((&after[2], &after[4]), (&before[2], &before[4]));
}

#[tokio::test]
async fn another_model_reads_all_before_it_follows() {
    let it = Shelf::start().await;
    let films = it.films(20).await;
    it.feed().await;
    it.read().await;
    it.feed().await;
    let before = it.meanings(&films).await;
    copy_model("pooled", it.model.path());
    it.begin_to_read().await;
    assert_eq!(it.models().await.len(), 2);
    it.feed().await;
    assert_eq!(it.meanings(&films).await, before, "what the first said is told until then");
    assert_eq!(it.read().await, TextsRead::Read(4));
    it.feed().await;
    assert_eq!(it.models().await, [(true, 20)]);
    let after = it.meanings(&films).await;
    assert!(after.iter().zip(&before).all(|(after, before)| after.is_some() && after != before));
}

#[tokio::test]
async fn a_model_that_breaks_is_told_and_changes_nothing_and_one_taken_away_is_forgotten() {
    let it = Shelf::start().await;
    let films = it.films(20).await;
    it.feed().await;
    std::fs::write(it.model.path().join("model.onnx"), "garbage").expect("broken");
    let TextsRead::Unusable(why) = it.read().await else { panic!("it is garbage") };
    assert!(why.contains("model.onnx: no ONNX model"), "{why}");
    assert!(it.meanings(&films).await.iter().all(Option::is_none));
    copy_model("hidden", it.model.path());
    it.read().await;
    it.feed().await;
    let before = it.meanings(&films).await;
    std::fs::remove_file(it.model.path().join("tokenizer.json")).expect("gone");
    let TextsRead::Unusable(why) = it.read().await else { panic!("a file is missing") };
    assert!(why.contains("tokenizer.json: "), "{why}");
    assert_eq!(it.meanings(&films).await, before);

    let none = it.it.catalog.read_texts_by(None, |_, _| Ok(())).await.expect("forgotten");
    assert_eq!((none, it.models().await), (TextsRead::NoModel, Vec::new()));
    it.feed().await;
    assert!(it.meanings(&films).await.iter().all(Option::is_none));
}

#[tokio::test]
async fn what_a_model_calls_near_is_nearer() {
    let it = Shelf::start().await;
    let films = it.films(20).await;
    let [alien, same, other] = [
        it.film("Kobold", "The monster of the ship, home of the crew.").await,
        it.film("Zebra", "The monster of the ship, home of the crew.").await,
        it.film("Quarry", "Love, war and a girl 99 in the science city search.").await,
    ];
    it.feed().await;
    assert_eq!(it.read().await, TextsRead::Read(23));
    it.feed().await;
    let person = viewer(1, [it.library]);
    let found = it.it.catalog.list_similar(&person, alien, 30).await.expect("an answer");
    let found: Vec<ItemId> = found.items.iter().map(|it| it.id).collect();
    assert_eq!(found.first(), Some(&same));
    assert!(!found.contains(&other) || found.last() == Some(&other), "{found:?} {films:?}");
}
