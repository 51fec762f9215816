//! Subtitles that are pictures, for clients that cannot lay them over a film: painted into it, and only then.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::app::{App, PASSWORD};
use crate::sup::{Placed, Set, write};
use crate::transcode::{House, addresses, count_frames, fetch, profile, until_idle};

const WITH_TEXT: &[&str] = &["-map", "3", "-c:s:1", "srt", "-metadata:s:s:1", "language=eng"];

/// Pictures that every browser plays, with subtitles that are pictures in German and text in English.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_film(path: &Path) {
    let folder = path.parent().expect("a folder");
    let shown = |ms, is_shown: bool| Set {
        ms,
        is_beginning: true,
        palette: Some(vec![(1, [235, 128, 128, 255])]),
        objects: vec![(1, (320, 64), vec![1; 320 * 64])],
        shown: Vec::from_iter(is_shown.then_some(Placed {
            object: 1,
            place: (160, 280),
            is_forced: false,
            crop: None,
        })),
    };
    let sets = [shown(0, false), shown(1000, true), shown(6000, false)];
    let (drawn, text) = (folder.join("drawn.sup"), folder.join("text.txt"));
    std::fs::write(&drawn, write((640, 360), &sets)).expect("written");
    std::fs::write(&text, "1\n00:00:01,000 --> 00:00:06,000\nA line\n").expect("written");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=12"])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=12"])
        .arg("-i")
        .arg(&drawn)
        .args(["-f", "srt", "-i"])
        .arg(&text)
        .args(["-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-g", "25"])
        .args(["-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s:0", "copy"])
        .args(["-metadata:s:s:0", "language=ger"])
        // A transport stream carries no such text.
        .args(if path.extension().is_some_and(|it| it == "mkv") { WITH_TEXT } else { &[] })
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(drawn).expect("removed");
    std::fs::remove_file(text).expect("removed");
}

async fn house() -> House {
    house_of("Open Sky (2001).mkv").await
}

async fn house_of(name: &str) -> House {
    let app = App::start().await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let path = folder.join(name);
    make_film(&path);
    app.scan(&owner, &library).await;
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, owner, member, item, path }
}

/// Starts with a client that shows these forms of subtitles, and a wish for one of them or none.
async fn start(house: &House, forms: &[&str], subtitle: i32) -> Value {
    let mut profile = profile();
    profile["subtitles"] = json!(forms);
    let body = json!({ "item_id": house.item, "profile": profile, "subtitle_index": subtitle });
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    start.json()
}

fn place_of(start: &Value, language: &str) -> i32 {
    let subtitles = start["subtitles"].as_array().expect("subtitles");
    let place = subtitles.iter().position(|it| it["language"] == language);
    place.and_then(|it| i32::try_from(it).ok()).expect("a subtitle")
}

#[tokio::test]
async fn a_client_that_cannot_lay_pictures_over_a_film_gets_them_in_it() {
    let house = house().await;
    let before = start(&house, &["webvtt"], -1).await;
    assert_eq!((&before["method"], &before["subtitle_why"]), (&json!("remux"), &json!("asked")));
    let german = place_of(&before, "de");
    let painted = start(&house, &["webvtt"], german).await;
    assert_eq!(painted["method"], "transcode_video");
    assert_eq!(painted["subtitle_index"], german);
    let reasons = painted["reasons"].as_array().expect("reasons");
    let codes: Vec<&Value> = reasons.iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["container", "subtitle_painted"]);
    let flags: Vec<&Value> = painted["subtitles"]
        .as_array()
        .expect("subtitles")
        .iter()
        .map(|it| &it["is_painted"])
        .collect();
    assert_eq!(flags.iter().filter(|it| **it == true).count(), 1, "{flags:?}");
    let url = painted["url"].as_str().expect("a URL");
    let master = fetch(&house.app, url).await.text();
    let pictures = addresses(&master)[0].clone();
    let number = pictures.rsplit_once("-s").and_then(|it| it.1.split_once('/')).expect("a name").0;
    assert_eq!(number, "2", "the name tells which: {pictures}");
    assert_eq!(count_frames(&house, &pictures).await, 300);
    assert!(brightness(&house, 2.0) > 220);
    assert!(brightness(&house, 8.0) < 30);
    until_idle(&house.app).await;
}

/// How bright the lower middle of what was counted last is at a moment.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn brightness(house: &House, at_s: f64) -> u8 {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-ss", &at_s.to_string(), "-i"])
        .arg(house.app.folder.path().join("made.mp4"))
        .args(["-vf", "crop=100:16:200:310,scale=1:1:flags=area,format=yuv420p"])
        .args(["-frames:v", "1", "-f", "rawvideo", "-"])
        .output()
        .expect("ffmpeg");
    output.stdout[0]
}

#[tokio::test]
async fn pictures_in_a_transport_stream_are_shown_as_they_are_by_those_who_draw() {
    let house = house_of("Open Sky (2001).m2ts").await;
    let begun = start(&house, &["drawn"], -1).await;
    let subtitles = begun["subtitles"].as_array().expect("subtitles");
    assert_eq!(subtitles.len(), 1, "{begun}");
    assert_eq!(subtitles[0]["format"], "drawn");
    let shown = start(&house, &["drawn"], 0).await;
    assert_eq!(shown["method"], "remux", "{shown}");
    let list = fetch(&house.app, subtitles[0]["url"].as_str().expect("a URL")).await;
    assert_eq!(list.status, 200, "{}", list.text());
}

#[tokio::test]
async fn nothing_is_painted_for_those_who_show_it_or_may_read_the_same_as_text() {
    let house = house().await;
    let all = ["webvtt", "ass", "drawn"];
    let german = place_of(&start(&house, &all, -1).await, "de");
    let shown = start(&house, &all, german).await;
    assert_eq!((&shown["method"], &shown["subtitle_index"]), (&json!("remux"), &json!(german)));
    let english = place_of(&shown, "en");
    let text = start(&house, &["webvtt"], english).await;
    assert_eq!((&text["method"], &text["subtitle_index"]), (&json!("remux"), &json!(english)));
    // Text is painted as well, for those who show none at all.
    let painted = start(&house, &[], english).await;
    assert_eq!(
        (&painted["method"], &painted["subtitle_why"]),
        (&json!("transcode_video"), &json!("asked"))
    );
    assert_eq!(painted["subtitle_index"], english);
}

#[tokio::test]
async fn a_client_for_which_nothing_can_be_painted_plays_without() {
    let house = house().await;
    let app = house.app.restarted(|config| config.transcode.enabled = false).await;
    let house = House { app, ..house };
    let german = place_of(&start(&house, &[], -1).await, "de");
    for wanted in [german, place_of(&start(&house, &[], -1).await, "en")] {
        let none = start(&house, &[], wanted).await;
        assert_eq!(
            (&none["method"], &none["subtitle_why"]),
            (&json!("remux"), &json!("not_shown"))
        );
        assert_eq!(none["reasons"][1]["code"], "no_transcoding");
    }
}
