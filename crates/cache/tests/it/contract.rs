//! One set of tests, run on every engine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cache::{Cache, Event, Rate};
use futures::StreamExt;
use kernel::{Clock, Error};
use testkit::redis::{DragonflyPeer, RedisServer};

const MINUTE: Duration = Duration::from_mins(1);

/// An engine and the way time passes for it.
struct Subject {
    cache: Cache,
    clock: Clock,
    /// A server keeps its own time: there we have to wait.
    has_own_time: bool,
    _server: Option<Box<dyn Send + Sync>>,
}

impl Subject {
    fn in_process() -> Self {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let cache = Cache::in_process(1 << 20, clock.clone());
        Self { cache, clock, has_own_time: false, _server: None }
    }

    fn redis() -> Self {
        let server = RedisServer::start();
        Self::on(&server.config(), Box::new(server))
    }

    fn dragonfly() -> Self {
        let server = DragonflyPeer::start();
        Self::on(&server.config(), Box::new(server))
    }

    fn on(config: &cache::ServerConfig, server: Box<dyn Send + Sync>) -> Self {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let cache = Cache::server(config, clock.clone()).expect("the address is one");
        Self { cache, clock, has_own_time: true, _server: Some(server) }
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        if self.has_own_time {
            tokio::time::sleep_until(tokio::time::Instant::now() + time).await;
        }
    }
}

/// Writes each test once per engine.
macro_rules! on_every_engine {
    ($($test:ident)*) => {
        mod in_process { $(#[tokio::test] async fn $test() { super::$test(super::Subject::in_process()).await; })* }
        mod redis { $(#[tokio::test] async fn $test() { super::$test(super::Subject::redis()).await; })* }
        mod dragonfly { $(#[tokio::test] async fn $test() { super::$test(super::Subject::dragonfly()).await; })* }
    };
}

on_every_engine! {
    a_value_is_kept_until_its_time_is_over
    setting_again_begins_a_new_life
    any_bytes_are_a_value_and_any_text_a_key
    of_many_who_set_if_absent_one_does
    a_value_is_replaced_only_by_who_saw_it_last
    of_many_who_change_a_value_none_is_lost
    deleting_says_whether_there_was_something
    many_are_read_in_their_order
    prefixes_keep_caches_apart
    a_limit_allows_its_burst_and_then_one_per_step
    limits_of_different_keys_are_apart
    many_at_once_never_get_more_than_the_limit
    a_message_reaches_every_listener_of_its_channel_in_order
    a_slow_listener_loses_the_oldest_and_is_told
    one_fill_serves_all_who_wait
    a_fill_that_fails_is_not_kept
    the_engine_is_healthy
}

async fn a_value_is_kept_until_its_time_is_over(it: Subject) {
    assert_eq!(it.cache.get("key").await.unwrap(), None);
    it.cache.set("key", "value", Duration::from_millis(300)).await.unwrap();
    assert_eq!(it.cache.get("key").await.unwrap(), Some(Bytes::from("value")));
    it.pass(Duration::from_millis(400)).await;
    assert_eq!(it.cache.get("key").await.unwrap(), None);
}

async fn setting_again_begins_a_new_life(it: Subject) {
    it.cache.set("key", "old", Duration::from_millis(100)).await.unwrap();
    it.cache.set("key", "new", MINUTE).await.unwrap();
    it.pass(Duration::from_millis(200)).await;
    assert_eq!(it.cache.get("key").await.unwrap(), Some(Bytes::from("new")));
}

async fn any_bytes_are_a_value_and_any_text_a_key(it: Subject) {
    let bytes: Vec<u8> = (0..=255).collect();
    for key in ["", "a key\nof two lines", "ключ", "a:b*[?]"] {
        it.cache.set(key, bytes.clone(), MINUTE).await.unwrap();
        assert_eq!(it.cache.get(key).await.unwrap().unwrap(), bytes, "under {key:?}");
    }
    it.cache.set("empty", "", MINUTE).await.unwrap();
    assert_eq!(it.cache.get("empty").await.unwrap(), Some(Bytes::new()));
}

async fn of_many_who_set_if_absent_one_does(it: Subject) {
    let attempts = (0..20).map(|n| it.cache.set_if_absent("key", n.to_string(), MINUTE));
    let winners = futures::future::join_all(attempts).await;
    assert_eq!(winners.into_iter().filter(|it| matches!(it, Ok(true))).count(), 1);

    assert!(it.cache.set_if_absent("short", "1", Duration::from_millis(100)).await.unwrap());
    it.pass(Duration::from_millis(200)).await;
    assert!(it.cache.set_if_absent("short", "2", MINUTE).await.unwrap());
}

async fn a_value_is_replaced_only_by_who_saw_it_last(it: Subject) {
    let cache = &it.cache;
    let replace = async |before: Option<&'static [u8]>, after: &'static [u8]| {
        cache.replace("k", before, after, MINUTE).await.expect("the engine answers")
    };
    assert!(!replace(Some(b"\0\xff"), b"a").await, "nothing is there");
    assert!(replace(None, b"\0\xff").await);
    assert!(!replace(None, b"b").await);
    assert!(!replace(Some(b"b"), b"c").await);
    assert!(replace(Some(b"\0\xff"), b"d").await);
    assert_eq!(cache.get("k").await.expect("an answer").as_deref(), Some(&b"d"[..]));
    cache.replace("k", Some(b"d"), &b"e"[..], Duration::from_millis(50)).await.expect("an answer");
    it.pass(Duration::from_millis(120)).await;
    assert!(!replace(Some(b"e"), b"f").await, "its time is over");
}

async fn of_many_who_change_a_value_none_is_lost(it: Subject) {
    let add = |text: Option<&[u8]>| {
        let number = text.map_or(0, |it| String::from_utf8_lossy(it).parse::<u32>().expect("ours"));
        Some((number + 1).to_string().into_bytes())
    };
    let changes = (0..20).map(|_| it.cache.change("k", MINUTE, add));
    for changed in futures::future::join_all(changes).await {
        changed.expect("changed");
    }
    assert_eq!(it.cache.get("k").await.expect("an answer").as_deref(), Some(&b"20"[..]));
    let left = it.cache.change("k", MINUTE, |_| None).await.expect("an answer");
    assert_eq!(left.as_deref(), Some(&b"20"[..]));
}

async fn deleting_says_whether_there_was_something(it: Subject) {
    it.cache.set("key", "value", MINUTE).await.unwrap();
    assert!(it.cache.delete("key").await.unwrap());
    assert!(!it.cache.delete("key").await.unwrap());
    assert_eq!(it.cache.get("key").await.unwrap(), None);
}

async fn many_are_read_in_their_order(it: Subject) {
    it.cache.set("a", "1", MINUTE).await.unwrap();
    it.cache.set("c", "3", MINUTE).await.unwrap();
    let found = it.cache.get_many(&["c", "b", "a"]).await.unwrap();
    assert_eq!(found, [Some(Bytes::from("3")), None, Some(Bytes::from("1"))]);
    assert!(it.cache.get_many(&[] as &[&str]).await.unwrap().is_empty());
}

async fn prefixes_keep_caches_apart(it: Subject) {
    let (one, other) = (it.cache.prefixed("one"), it.cache.prefixed("other"));
    one.set("key", "1", MINUTE).await.unwrap();
    assert_eq!(other.get("key").await.unwrap(), None);
    assert_eq!(it.cache.get("one:key").await.unwrap(), Some(Bytes::from("1")));
    let mut heard = other.subscribe("channel").await;
    one.publish("channel", "not for you").await.unwrap();
    other.publish("channel", "for you").await.unwrap();
    assert_eq!(heard.next().await, Some(Event::Message(Bytes::from("for you"))));
}

async fn a_limit_allows_its_burst_and_then_one_per_step(it: Subject) {
    let rate = Rate { limit: 3, per: Duration::from_millis(1500) };
    let mut remaining = Vec::new();
    for _ in 0..3 {
        let decision = it.cache.allow("key", rate).await;
        assert!(decision.allowed);
        assert_eq!(decision.retry_after, Duration::ZERO);
        remaining.push(decision.remaining);
    }
    assert_eq!(remaining, [2, 1, 0]);
    let refused = it.cache.allow("key", rate).await;
    assert!(!refused.allowed);
    assert!(
        refused.retry_after > Duration::ZERO && refused.retry_after <= Duration::from_millis(500)
    );

    it.pass(refused.retry_after).await;
    assert!(it.cache.allow("key", rate).await.allowed, "one is free after the time it named");
    assert!(!it.cache.allow("key", rate).await.allowed, "but only one");
    it.pass(Duration::from_millis(1600)).await;
    assert_eq!(it.cache.allow("key", rate).await.remaining, 2, "all are free after the span");
}

async fn limits_of_different_keys_are_apart(it: Subject) {
    let rate = Rate::per_minute(1);
    assert!(it.cache.allow("a", rate).await.allowed);
    assert!(it.cache.allow("b", rate).await.allowed);
    assert!(!it.cache.allow("a", rate).await.allowed);
    assert!(!it.cache.allow("none", Rate::per_minute(0)).await.allowed);
}

async fn many_at_once_never_get_more_than_the_limit(it: Subject) {
    let rate = Rate::per_minute(10);
    let asked = (0..50).map(|_| it.cache.allow("key", rate));
    let decisions = futures::future::join_all(asked).await;
    assert_eq!(decisions.iter().filter(|it| it.allowed).count(), 10);
}

async fn a_message_reaches_every_listener_of_its_channel_in_order(it: Subject) {
    let mut first = it.cache.subscribe("a").await;
    let mut second = it.cache.subscribe("a").await;
    let mut other = it.cache.subscribe("b").await;
    for message in ["1", "2", "3"] {
        it.cache.publish("a", message).await.unwrap();
    }
    it.cache.publish("b", "other").await.unwrap();
    for listener in [&mut first, &mut second] {
        for message in ["1", "2", "3"] {
            assert_eq!(listener.next().await, Some(Event::Message(Bytes::from(message))));
        }
    }
    assert_eq!(other.next().await, Some(Event::Message(Bytes::from("other"))));
}

async fn a_slow_listener_loses_the_oldest_and_is_told(it: Subject) {
    const MANY: u32 = 600;
    let mut slow = it.cache.subscribe("channel").await;
    let mut quick = it.cache.subscribe("channel").await;
    for n in 0..MANY {
        it.cache.publish("channel", n.to_string()).await.unwrap();
        assert_eq!(quick.next().await, Some(Event::Message(Bytes::from(n.to_string()))));
    }
    assert_eq!(slow.next().await, Some(Event::Missed));
    let Some(Event::Message(next)) = slow.next().await else { panic!("the newer ones are there") };
    let mut last = std::str::from_utf8(&next).unwrap().parse::<u32>().unwrap();
    assert!(last > 0);
    while last < MANY - 1 {
        assert_eq!(slow.next().await, Some(Event::Message(Bytes::from((last + 1).to_string()))));
        last += 1;
    }
}

async fn one_fill_serves_all_who_wait(it: Subject) {
    let fills = AtomicU32::new(0);
    let ask = || {
        it.cache.get_or_fill("key", MINUTE, || async {
            fills.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(Bytes::from("filled"))
        })
    };
    let answers = futures::future::join_all((0..20).map(|_| ask())).await;
    assert!(answers.into_iter().all(|it| it.unwrap() == "filled"));
    assert_eq!(fills.load(Ordering::SeqCst), 1);
    assert_eq!(ask().await.unwrap(), "filled");
    assert_eq!(fills.load(Ordering::SeqCst), 1, "the value was kept");
}

async fn a_fill_that_fails_is_not_kept(it: Subject) {
    let failed =
        it.cache.get_or_fill("key", MINUTE, || async { Err(Error::NotFound("item")) }).await;
    assert!(matches!(failed, Err(Error::NotFound("item"))));
    let filled = it.cache.get_or_fill("key", MINUTE, || async { Ok(Bytes::from("1")) }).await;
    assert_eq!(filled.unwrap(), "1");
}

async fn the_engine_is_healthy(it: Subject) {
    it.cache.health().await.unwrap();
}
