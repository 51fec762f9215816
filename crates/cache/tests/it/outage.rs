//! The server stops, freezes, refuses, comes back empty: Revenge goes on.

use std::time::{Duration, Instant};

use bytes::Bytes;
use cache::{Cache, Event, Rate};
use futures::StreamExt;
use kernel::{Clock, Error};
use testkit::redis::RedisServer;

const MINUTE: Duration = Duration::from_mins(1);

fn cache_on(server: &RedisServer) -> Cache {
    Cache::server(&server.config(), Clock::system()).expect("the address is one")
}

async fn until_healthy(cache: &Cache) {
    let started_at = Instant::now();
    while cache.health().await.is_err() {
        assert!(started_at.elapsed() < Duration::from_secs(10), "it recovers by itself");
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_server_that_stops_is_an_error_at_once_and_comes_back_by_itself() {
    let mut server = RedisServer::start();
    let cache = cache_on(&server);
    cache.set("key", "value", MINUTE).await.unwrap();
    server.stop();

    let started_at = Instant::now();
    for _ in 0..100 {
        assert!(matches!(cache.get("key").await, Err(Error::Unavailable { .. })));
    }
    assert!(started_at.elapsed() < Duration::from_secs(2), "took {:?}", started_at.elapsed());
    assert!(cache.health().await.is_err());

    server.start_again();
    until_healthy(&cache).await;
    assert_eq!(cache.get("key").await.unwrap(), None, "it came back empty");
    cache.set("key", "value", MINUTE).await.unwrap();
}

#[tokio::test]
async fn a_server_that_never_was_there_does_not_stop_the_start() {
    let mut server = RedisServer::start();
    server.stop();
    let cache = cache_on(&server);
    assert!(matches!(cache.health().await, Err(Error::Unavailable { .. })));
    let filled = cache.get_or_fill("key", MINUTE, || async { Ok(Bytes::from("1")) }).await;
    assert_eq!(filled.unwrap(), "1", "the value comes from its source");
    server.start_again();
    until_healthy(&cache).await;
}

#[tokio::test]
async fn a_frozen_server_costs_a_bounded_time_once() {
    let server = RedisServer::start();
    let cache = cache_on(&server);
    cache.health().await.unwrap();
    server.freeze();
    let started_at = Instant::now();
    for _ in 0..50 {
        assert!(cache.get("key").await.is_err());
    }
    assert!(started_at.elapsed() < Duration::from_secs(2), "took {:?}", started_at.elapsed());
    server.thaw();
    until_healthy(&cache).await;
}

#[tokio::test]
async fn without_the_server_a_rate_limit_neither_refuses_everyone_nor_lets_a_flood_through() {
    let mut server = RedisServer::start();
    let cache = cache_on(&server);
    server.stop();
    let rate = Rate::per_minute(5);
    let mut allowed = 0;
    for _ in 0..50 {
        allowed += u32::from(cache.allow("somebody", rate).await.allowed);
    }
    assert_eq!(allowed, 5);
    assert!(cache.allow("somebody else", rate).await.allowed);
}

#[tokio::test]
async fn a_listener_hears_again_after_the_server_came_back_and_is_told_of_the_gap() {
    let mut server = RedisServer::start();
    let cache = cache_on(&server);
    let mut heard = cache.subscribe("channel").await;
    server.stop();
    assert!(cache.publish("channel", "lost").await.is_err());
    server.start_again();
    assert_eq!(heard.next().await, Some(Event::Missed));
    until_healthy(&cache).await;
    cache.publish("channel", "after").await.unwrap();
    assert_eq!(heard.next().await, Some(Event::Message(Bytes::from("after"))));
}

#[tokio::test]
async fn a_server_without_memory_refuses_and_stays_connected() {
    let server = RedisServer::start();
    let cache = cache_on(&server);
    cache.set("key", "value", MINUTE).await.unwrap();
    server.command("CONFIG SET maxmemory 1");
    assert!(matches!(cache.set("other", "value", MINUTE).await, Err(Error::Unavailable { .. })));
    assert_eq!(cache.get("key").await.unwrap(), Some(Bytes::from("value")), "reading goes on");
    assert!(cache.allow("somebody", Rate::per_minute(1)).await.allowed);
    assert!(!cache.allow("somebody", Rate::per_minute(1)).await.allowed, "counted here meanwhile");
}

#[tokio::test]
async fn a_channel_nobody_hears_any_more_is_left() {
    let server = RedisServer::start();
    let cache = cache_on(&server);
    drop(cache.subscribe("channel").await);
    cache.publish("channel", "nobody hears this").await.unwrap();
    let started_at = Instant::now();
    while server.command("PUBSUB CHANNELS").contains("channel") {
        assert!(started_at.elapsed() < Duration::from_secs(5));
        tokio::task::yield_now().await;
    }
    let mut heard = cache.subscribe("channel").await;
    cache.publish("channel", "again").await.unwrap();
    assert_eq!(heard.next().await, Some(Event::Message(Bytes::from("again"))));
}
