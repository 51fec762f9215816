//! Pictures that people give themselves, and accounts that go with what was in them taken along.

use std::io::Cursor;
use std::time::Duration;

use axum::http::Method;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;

use crate::app::{Answer, App, Caller, PASSWORD};

const MINE: &str = "/api/v1/me/avatar";

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let pixels = RgbImage::from_fn(width, height, |x, _| image::Rgb([(x % 256) as u8, 90, 160]));
    DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

async fn give(app: &App, caller: &Caller, bytes: Vec<u8>) -> Answer {
    app.send_bytes(&caller.clone().with("content-type", "image/png"), Method::PUT, MINE, bytes)
        .await
}

#[tokio::test]
async fn a_picture_is_made_small_and_seen_by_its_person_and_those_who_look_after_people() {
    let (app, owner) = App::start_with_owner().await;
    let ana = app.person(&owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let bob = app.person(&owner, json!({ "name": "bob", "password": PASSWORD })).await;
    assert!(app.get(&ana, "/me").await.json()["avatar_url"].is_null());
    assert_eq!(app.get(&ana, "/me/avatar").await.status, 404);
    let mut versions = Vec::new();
    for (width, height, format) in
        [(1200, 800, ImageFormat::Jpeg), (40, 90, ImageFormat::Png), (300, 300, ImageFormat::WebP)]
    {
        let given = give(&app, &ana, picture(width, height, format)).await;
        assert_eq!(given.status, 200, "{}", given.text());
        let url = given.json()["avatar_url"].as_str().expect("an address").to_owned();
        assert_eq!(app.get(&ana, "/me").await.json()["avatar_url"], url);
        let seen = app.send(&ana, Method::GET, &url, None).await;
        assert_eq!(
            (seen.status.as_u16(), &seen.headers["content-type"]),
            (200, &"image/webp".parse().expect("text"))
        );
        let made =
            image::load_from_memory_with_format(&seen.body, ImageFormat::WebP).expect("WebP");
        let side = 256.min(width).min(height);
        assert_eq!((made.width(), made.height()), (side, side), "{width} x {height}");
        versions.push(url);
    }
    versions.dedup();
    assert_eq!(versions.len(), 3, "another address for every picture");

    let people = app.get(&owner, "/people").await.json();
    let people = people["items"].as_array().expect("people");
    let seen = people.iter().find(|it| it["name"] == "ana").expect("she is there");
    let url = seen["avatar_url"].as_str().expect("an address").to_owned();
    assert_eq!(app.send(&owner, Method::GET, &url, None).await.status, 200);
    assert_eq!(app.send(&bob, Method::GET, &url, None).await.status, 403);
    assert_eq!(app.send(&Caller::nobody(), Method::GET, &url, None).await.status, 401);
    assert_eq!(app.send(&ana, Method::DELETE, MINE, None).await.status, 204);
    assert_eq!(app.send(&ana, Method::DELETE, MINE, None).await.status, 404);
    assert_eq!(app.send(&owner, Method::GET, &url, None).await.status, 404);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused() {
    let (app, owner) = App::start_with_owner().await;
    let mut gif = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(4, 4).write_to(&mut gif, ImageFormat::Gif).expect("written");
    let mut cut = picture(64, 64, ImageFormat::Png);
    cut.truncate(80);
    // A header that promises 60,000 by 60,000 pixels.
    let mut vast = picture(64, 64, ImageFormat::Png);
    vast[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for (what, bytes) in [
        ("text", b"hello".to_vec()),
        ("a GIF", gif.into_inner()),
        ("half a file", cut),
        ("too many pixels", vast),
    ] {
        app.clock.advance(Duration::from_mins(1));
        let refused = give(&app, &owner, bytes).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["field"].as_str()),
            (422, Some("picture")),
            "{what}"
        );
    }
    let large = give(&app, &owner, vec![0; (8 << 20) + 1]).await;
    assert_eq!(large.status, 413);
}

#[tokio::test]
async fn an_account_goes_with_what_was_in_it_taken_along() {
    let (app, owner) = App::start_with_owner().await;
    let ana = app.person(&owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let id = app.get(&ana, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/people/{id}/export");
    assert_eq!(app.get(&ana, &path).await.status, 403);
    let export = app.get(&owner, &path).await;
    assert_eq!(export.status, 200, "{}", export.text());
    let export = export.json();
    assert_eq!(
        (&export["format"], &export["person"]["name"]),
        (&json!("revenge.person"), &json!("ana"))
    );
    assert!(app.get(&owner, "/audit").await.text().contains("person_exported"));

    app.clock.advance(Duration::from_mins(11));
    let late = app.send(&ana, Method::DELETE, "/api/v1/me", None).await;
    assert_eq!(late.json()["code"], "accounts.confirm_first");
    assert_eq!(
        app.post(&ana, "/me/confirmation", json!({ "password": PASSWORD })).await.status,
        204
    );
    assert_eq!(app.send(&ana, Method::DELETE, "/api/v1/me", None).await.status, 204);
    assert_eq!(app.get(&ana, "/me").await.status, 401, "at once");
    assert_eq!(app.get(&owner, &path).await.status, 404);
    app.post(&owner, "/me/confirmation", json!({ "password": PASSWORD })).await;
    let last = app.send(&owner, Method::DELETE, "/api/v1/me", None).await;
    assert_eq!(last.json()["code"], "accounts.last_administrator");
    assert_eq!(app.get(&owner, "/me").await.status, 200);
}
