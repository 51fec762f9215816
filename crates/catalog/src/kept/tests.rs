use std::sync::atomic::{AtomicUsize, Ordering};

use cache::{Cache, ServerConfig};
use kernel::{Guard, Limit};
use tokio::sync::Notify;

use super::*;
use crate::item::Listing;
use crate::sample::{NewItem, Sample, viewer};

/// A catalog that keeps answers, and how often one was made.
struct Counted {
    it: Sample,
    n_made: AtomicUsize,
}

impl Counted {
    async fn start() -> Self {
        let it = Sample::keeping(Cache::in_process(1 << 20, kernel::Clock::system())).await;
        Self { it, n_made: AtomicUsize::new(0) }
    }

    async fn ask(&self, scope: &LibraryScope, question: &str) -> usize {
        let make = || async { Ok(self.n_made.fetch_add(1, Ordering::Relaxed) + 1) };
        self.it.catalog.kept(scope, &question, make).await.expect("an answer")
    }
}

#[tokio::test]
async fn an_answer_is_kept_for_its_scope_and_question_until_a_library_of_it_changes() {
    let it = Counted::start().await;
    let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)].map(LibraryId);
    let (both, first) = (LibraryScope::of([one, two]), LibraryScope::of([one]));
    let child = first.clone().guarded(Guard { hidden: vec![12], ..Guard::default() });
    assert_eq!((it.ask(&both, "a").await, it.ask(&both, "a").await), (1, 1));
    assert_eq!((it.ask(&first, "a").await, it.ask(&child, "a").await), (2, 3));
    assert_eq!((it.ask(&both, "b").await, it.ask(&first, "a").await), (4, 2));

    it.it.catalog.renew(two).await;
    assert_eq!((it.ask(&first, "a").await, it.ask(&child, "a").await), (2, 3), "nothing of theirs");
    assert_eq!((it.ask(&both, "a").await, it.ask(&both, "b").await), (5, 6));
    it.it.catalog.renew(one).await;
    assert_eq!((it.ask(&child, "a").await, it.ask(&both, "a").await), (7, 8));
    let nothing = LibraryScope::of([]);
    assert_eq!((it.ask(&nothing, "a").await, it.ask(&nothing, "a").await), (9, 10), "not kept");
}

#[tokio::test]
async fn many_who_ask_at_once_are_answered_by_one() {
    let it = Counted::start().await;
    let scope = LibraryScope::of([LibraryId(Uuid::from_u128(1))]);
    let asking = (0..50).map(|_| async {
        let make = || async {
            tokio::task::yield_now().await;
            Ok(it.n_made.fetch_add(1, Ordering::Relaxed) + 1)
        };
        it.it.catalog.kept(&scope, &"a", make).await.expect("an answer")
    });
    assert_eq!(futures::future::join_all(asking).await, [1; 50]);
}

#[tokio::test]
async fn what_was_made_while_something_changed_is_found_by_nobody_afterwards() {
    let it = Counted::start().await;
    let library = LibraryId(Uuid::from_u128(1));
    let scope = LibraryScope::of([library]);
    let (begun, go_on) = (Notify::new(), Notify::new());
    let slow = it.it.catalog.kept(&scope, &"a", || async {
        begun.notify_one();
        go_on.notified().await;
        Ok(0_usize)
    });
    let changing = async {
        begun.notified().await;
        it.it.catalog.renew(library).await;
        go_on.notify_one();
    };
    let (old, ()) = futures::future::join(slow, changing).await;
    assert_eq!((old.expect("an answer"), it.ask(&scope, "a").await), (0, 1));
}

#[tokio::test]
async fn without_a_cache_every_answer_is_made() {
    let away = ServerConfig { host: "127.0.0.1".to_owned(), port: 1, password: None };
    let away = Cache::server(&away, kernel::Clock::system()).expect("a cache");
    let it = Counted { it: Sample::keeping(away).await, n_made: AtomicUsize::new(0) };
    let scope = LibraryScope::of([LibraryId(Uuid::from_u128(1))]);
    assert_eq!((it.ask(&scope, "a").await, it.ask(&scope, "a").await), (1, 2));
}

#[tokio::test]
async fn what_one_made_of_an_item_is_no_part_of_the_answer_for_another() {
    let it = Counted::start().await.it;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let (ana, bob) = (viewer(1, [library]), viewer(2, [library]));
    it.catalog.add_favourite(&ana, film).await.expect("theirs");
    it.catalog.mark_played(&ana, film).await.expect("theirs");
    for (who, is_theirs) in [(&ana, true), (&bob, false), (&ana, true)] {
        let page = it
            .catalog
            .list_items(who, &Listing::default(), None, Limit::new(None))
            .await
            .expect("a page");
        let detail = it.catalog.find_item(who, film).await.expect("the film");
        for card in [&page.items[0], &detail.card] {
            assert_eq!((card.is_favourite, card.progress.is_played), (is_theirs, is_theirs));
        }
    }
}
