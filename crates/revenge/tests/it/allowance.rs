//! How much a person may play: bits per second away and in the house, and films at once.

use std::time::Duration;

use axum::http::Method;
use revenge::config::Config;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::roles::{id_of, role};
use crate::transcode::{House, addresses, fetch, house};

/// Noise, which costs many bits: far more than pictures of 480 lines are made of, the only size that these have.
const RICH: &str = "-vf noise=alls=60:allf=t -c:v libx264 -pix_fmt yuv420p -preset ultrafast -crf 18 -g 25 -c:a aac";
/// Between pictures of 480 lines and the film.
const BPS: i64 = 3_000_000;
const HOME: [u8; 4] = [192, 168, 1, 20];

fn profile() -> Value {
    json!({
        "containers": ["matroska"],
        "protocols": ["hls"],
        "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }],
        "seeks_without_index": true,
    })
}

async fn rich(change: impl FnOnce(&mut Config)) -> House {
    house(RICH, change).await
}

/// The member's path, and their limits changed by the owner.
async fn limit(house: &House, limits: Value) -> u16 {
    let people = house.app.get(&house.owner, "/people").await.json();
    let people = people["items"].as_array().expect("people").clone();
    let member = people.iter().find(|it| it["name"] == "member").expect("the member");
    let path = format!("/api/v1/people/{}", member["id"].as_str().expect("an id"));
    let body = json!({ "limits": limits });
    house.app.send(&house.owner, Method::PATCH, &path, Some(body)).await.status.as_u16()
}

async fn start(house: &House, caller: &Caller, profile: Option<Value>) -> Value {
    let mut body = json!({ "item_id": house.item });
    if let Some(profile) = profile {
        body["profile"] = profile;
    }
    let answer = house.app.post(caller, "/playback", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(start: &Value) -> Vec<&str> {
    let reasons = start["reasons"].as_array().expect("reasons");
    reasons.iter().filter_map(|it| it["code"].as_str()).collect()
}

fn at_home(caller: &Caller) -> Caller {
    caller.clone().at_address(HOME)
}

async fn status(house: &House, caller: &Caller, url: &str) -> u16 {
    house.app.send(caller, Method::GET, url, None).await.status.as_u16()
}

#[tokio::test]
async fn a_person_s_limit_converts_what_exceeds_it_and_nothing_leads_round_it() {
    let house = rich(|_| {}).await;
    let free = start(&house, &house.member, Some(profile())).await;
    assert_eq!((&free["method"], codes(&free)), (&json!("direct"), vec![]), "nobody is limited");
    let file_url = free["file_url"].as_str().expect("an address");
    assert_eq!(fetch(&house.app, file_url).await.status, 200);
    // Segments of the film's own pictures, as somebody had them before the limit.
    let segments = json!({ "protocols": ["hls"], "containers": [], "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }] });
    let copied = start(&house, &house.member, Some(segments)).await;
    assert_eq!(copied["method"], "remux");
    let master = fetch(&house.app, copied["url"].as_str().expect("an address")).await.text();
    let media = addresses(&master).into_iter().next().expect("pictures");
    let media = media.as_str();
    let segment = addresses(&fetch(&house.app, media).await.text()).remove(0);
    assert_eq!(fetch(&house.app, &segment).await.status, 200);

    assert_eq!(limit(&house, json!({ "max_bitrate_bps": BPS })).await, 200);
    for asked in [Some(profile()), None] {
        let held = start(&house, &house.member, asked).await;
        assert_eq!(held["method"], "transcode_video", "{held}");
        assert_eq!(codes(&held), ["bitrate_of_person"]);
        let master = fetch(&house.app, held["url"].as_str().expect("an address")).await.text();
        let pictures: Vec<_> =
            addresses(&master).into_iter().filter(|it| it.contains("/h264-")).collect();
        assert!(pictures.iter().all(|it| it.contains("/h264-480-")), "{master}");
        let made = addresses(&fetch(&house.app, &pictures[0]).await.text()).remove(0);
        assert_eq!(fetch(&house.app, &made).await.status, 200);
        // A size of more than that by its address.
        let larger = made.split('?').next().expect("a path").replace("/h264-480-", "/h264-720-");
        assert_eq!(status(&house, &house.member, &larger).await, 403);
    }
    for url in [file_url, media, &segment] {
        let refused = fetch(&house.app, url).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!("forbidden")));
        // Neither with the session itself.
        let path = url.split('?').next().expect("a path");
        assert_eq!(status(&house, &house.member, path).await, 403);
        assert_eq!(status(&house, &at_home(&house.member), path).await, 200, "at home");
        assert_eq!(status(&house, &house.owner, path).await, 200, "the owner has no limit");
    }
    let near = start(&house, &at_home(&house.member), Some(profile())).await;
    assert_eq!(near["method"], "direct", "what stays in the house has a limit of its own");

    assert_eq!(limit(&house, json!({ "max_local_bitrate_bps": BPS })).await, 200);
    let near = start(&house, &at_home(&house.member), Some(profile())).await;
    assert_eq!(codes(&near), ["bitrate_of_person"]);
    assert_eq!(start(&house, &house.member, Some(profile())).await["method"], "direct");
    assert_eq!(fetch(&house.app, file_url).await.status, 200);
}

#[tokio::test]
async fn the_smallest_limit_decides_and_what_cannot_be_kept_within_it_is_not_played() {
    let house = rich(|config| config.playback.max_bitrate_mbps = 4).await;
    let held = start(&house, &house.member, Some(profile())).await;
    assert_eq!(codes(&held), ["bitrate_of_server"]);
    let owner = start(&house, &house.owner, Some(profile())).await;
    assert_eq!(codes(&owner), ["bitrate_of_server"], "it holds for everybody");
    assert_eq!(limit(&house, json!({ "max_bitrate_bps": BPS })).await, 200);
    assert_eq!(codes(&start(&house, &house.member, Some(profile())).await), ["bitrate_of_person"]);
    let mut small = profile();
    small["max_bitrate_bps"] = json!(2_000_000);
    assert_eq!(codes(&start(&house, &house.member, Some(small)).await), ["bitrate"]);

    assert_eq!(limit(&house, json!({ "max_bitrate_bps": 500_000 })).await, 200);
    for asked in [Some(profile()), None] {
        let refused = start(&house, &house.member, asked).await;
        assert_eq!(refused["method"], "unsupported", "{refused}");
        assert_eq!(codes(&refused), ["bitrate_of_person", "nothing_smaller"]);
    }
}

#[tokio::test]
async fn a_library_s_limit_holds_for_everybody_and_for_its_films_alone() {
    let house = rich(|_| {}).await;
    let libraries = house.app.get(&house.owner, "/libraries").await.json();
    let id = libraries["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/libraries/{id}");
    let set = |limits: Value| {
        let body = json!({ "limits": limits });
        let sent = house.app.send(&house.owner, Method::PATCH, &path, Some(body));
        async { sent.await.status.as_u16() }
    };
    let free = start(&house, &house.owner, Some(profile())).await;
    let file_url = free["file_url"].as_str().expect("an address");
    assert_eq!(free["cost"]["processors"], 0.0, "{}", free["cost"]);
    assert!(free["cost"]["bitrate_bps"].as_i64() > Some(BPS), "{}", free["cost"]);

    assert_eq!(set(json!({ "max_bitrate_bps": BPS })).await, 200);
    let held = start(&house, &house.owner, Some(profile())).await;
    assert_eq!(
        (&held["method"], codes(&held)),
        (&json!("transcode_video"), vec!["bitrate_of_library"])
    );
    assert!(held["cost"]["processors"].as_f64() > Some(0.0), "{}", held["cost"]);
    assert!(held["cost"]["bitrate_bps"].as_i64() <= Some(BPS), "{}", held["cost"]);
    assert_eq!(fetch(&house.app, file_url).await.status, 403);
    let near = start(&house, &at_home(&house.member), Some(profile())).await;
    assert_eq!(near["method"], "direct", "at home is another limit");
    assert_eq!(limit(&house, json!({ "max_bitrate_bps": BPS - 1 })).await, 200);
    assert_eq!(codes(&start(&house, &house.member, Some(profile())).await), ["bitrate_of_person"]);

    for wrong in [json!({ "max_bitrate_bps": 0 }), json!({ "max_local_bitrate_bps": -1 })] {
        assert_eq!(set(wrong).await, 422);
    }
    let kept = house.app.get(&house.owner, "/libraries").await.json()["items"][0].clone();
    assert_eq!(kept["limits"], json!({ "max_bitrate_bps": BPS, "max_local_bitrate_bps": null }));
    let seen = house.app.get(&house.member, "/libraries").await.json()["items"][0].clone();
    assert_eq!((&seen["id"], seen.get("limits")), (&kept["id"], None), "for administrators only");
    assert_eq!(set(json!({})).await, 200);
    assert_eq!(fetch(&house.app, file_url).await.status, 200);
}

#[tokio::test]
async fn limits_are_checked_kept_and_taken_away() {
    let house = rich(|_| {}).await;
    for wrong in [
        json!({ "max_streams": 0 }),
        json!({ "max_streams": 40_000 }),
        json!({ "max_bitrate_bps": 0 }),
        json!({ "max_local_bitrate_bps": -1 }),
    ] {
        let status = limit(&house, wrong.clone()).await;
        assert_eq!(status, 422, "{wrong}");
    }
    let all = json!({ "max_streams": 2, "max_bitrate_bps": BPS, "max_local_bitrate_bps": 7 });
    assert_eq!(limit(&house, all.clone()).await, 200);
    let kept = async || {
        let people = house.app.get(&house.owner, "/people").await.json();
        let people = people["items"].as_array().expect("people").clone();
        people.into_iter().find(|it| it["name"] == "member").expect("the member")["limits"].take()
    };
    assert_eq!(kept().await, all);
    // A program with the person's key is held to the same.
    let key = json!({ "name": "TV", "scopes": ["browse", "play", "transcode"] });
    let key = house.app.post(&house.member, "/me/keys", key).await.json();
    let program = Caller::with_token(key["secret"].as_str().expect("a key"));
    assert_eq!(codes(&start(&house, &program, Some(profile())).await), ["bitrate_of_person"]);

    assert_eq!(limit(&house, json!({})).await, 200);
    let none =
        json!({ "max_streams": null, "max_bitrate_bps": null, "max_local_bitrate_bps": null });
    assert_eq!(kept().await, none);
    assert_eq!(start(&house, &program, Some(profile())).await["method"], "direct");
}

#[tokio::test]
async fn who_is_limited_themselves_widens_no_limit() {
    let (app, owner) = App::start_with_owner().await;
    let manager = json!({ "name": "manager", "password": PASSWORD, "all_libraries": true,
        "role_id": role(&app, &owner, "manager").await });
    let manager = app.person(&owner, manager).await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let (me, them) = (id_of(&app, &manager).await, id_of(&app, &member).await);
    let give = async |by: &Caller, id: &str, limits: Value| {
        let body = json!({ "limits": limits });
        let path = format!("/api/v1/people/{id}");
        app.send(by, Method::PATCH, &path, Some(body)).await.status.as_u16()
    };
    assert_eq!(give(&manager, &them, json!({ "max_streams": 9 })).await, 200);
    assert_eq!(give(&owner, &me, json!({ "max_streams": 2 })).await, 200);
    for id in [&me, &them] {
        for wider in [json!({}), json!({ "max_streams": 3 }), json!({ "max_bitrate_bps": 1 })] {
            assert_eq!(give(&manager, id, wider).await, 403);
        }
    }
    assert_eq!(give(&manager, &them, json!({ "max_streams": 9 })).await, 200, "as it was");
    assert_eq!(give(&manager, &me, json!({ "max_streams": 1, "max_bitrate_bps": 1 })).await, 200);
}

async fn stop(app: &App, caller: &Caller, play: &Value, item: &Value) {
    let path = format!("/api/v1/playback/playing/{}", play["play_id"].as_str().expect("an id"));
    let body =
        json!({ "item_id": item, "position_ms": 0, "duration_ms": 60_000, "state": "stopped" });
    assert_eq!(app.send(caller, Method::PUT, &path, Some(body)).await.status, 204);
}

#[tokio::test]
async fn only_so_many_films_play_at_once() {
    let house = rich(|_| {}).await;
    let again = json!({ "name": "member", "password": PASSWORD });
    let again = house.app.post(&Caller::nobody(), "/sessions", again).await.json();
    let television = Caller::with_token(again["token"].as_str().expect("a token"));
    let refused = async |caller: &Caller| {
        let body = json!({ "item_id": house.item });
        let answer = house.app.post(caller, "/playback", body).await;
        assert_eq!(answer.json()["code"], "playback.too_many_streams", "{}", answer.text());
        (answer.status.as_u16(), answer.json()["detail"].as_str().expect("words").to_owned())
    };
    assert_eq!(limit(&house, json!({ "max_streams": 1 })).await, 200);
    start(&house, &house.member, None).await;
    // The same player begins again: another sound track, or after an error.
    let play = start(&house, &house.member, None).await;
    let (status, detail) = refused(&television).await;
    assert_eq!(status, 409);
    assert!(detail.contains("you play 2 at once already, and 1 is your limit"), "{detail}");
    start(&house, &house.owner, None).await;

    stop(&house.app, &house.member, &play, &house.item).await;
    house.app.clock.advance(Duration::from_secs(90));
    start(&house, &television, None).await;
    assert_eq!(refused(&house.member).await.0, 409);
    house.app.clock.advance(Duration::from_secs(90));
    start(&house, &house.member, None).await;

    assert_eq!(limit(&house, json!({ "max_streams": 2 })).await, 200);
    start(&house, &television, None).await;
}

#[tokio::test]
async fn a_server_plays_only_so_much_to_everybody_together() {
    let house = rich(|config| config.playback.max_streams = 1).await;
    let play = start(&house, &house.member, None).await;
    let body = json!({ "item_id": house.item });
    let refused = house.app.post(&house.owner, "/playback", body).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("1 play on this server already"), "{}", refused.text());
    stop(&house.app, &house.member, &play, &house.item).await;
    start(&house, &house.owner, None).await;
}
