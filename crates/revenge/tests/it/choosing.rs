//! With which sound, subtitle and version a film begins, by what a person likes and chose before.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller};

/// English, German and Japanese sound, the first proposed; English, German and forced German subtitles.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
pub fn make_film(folder: &Path, path: &Path, size: &str) {
    let text = folder.join("text.srt");
    std::fs::write(&text, "1\n00:00:00,500 --> 00:00:02,000\nHello\n").expect("written");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-f", "lavfi", "-i"]);
    command.arg(format!("testsrc2=s={size}:r=25:d=4"));
    command.args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=4", "-i"]);
    command.arg(&text);
    for map in ["0:v", "1:a", "1:a", "1:a", "2:s", "2:s", "2:s"] {
        command.args(["-map", map]);
    }
    for (stream, language) in [
        ("a:0", "eng"),
        ("a:1", "ger"),
        ("a:2", "jpn"),
        ("s:0", "eng"),
        ("s:1", "ger"),
        ("s:2", "ger"),
    ] {
        command.arg(format!("-metadata:s:{stream}")).arg(format!("language={language}"));
    }
    command.args("-disposition:a:0 default -disposition:a:1 0 -disposition:a:2 0".split(' '));
    command.args("-disposition:s:0 0 -disposition:s:1 0 -disposition:s:2 forced".split(' '));
    command
        .args("-c:v libx264 -pix_fmt yuv420p -preset veryfast -g 25 -c:a aac -c:s srt".split(' '));
    let output = command.arg(path).output().expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(text).expect("removed");
}

/// Copies a film with the sound of these languages alone.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn keep_sounds(whole: &Path, path: &Path, languages: &[&str]) {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-i"]).arg(whole).args(["-map", "0:v"]);
    for language in languages {
        command.args(["-map", &format!("0:a:m:language:{language}")]);
    }
    let output = command.args(["-c", "copy"]).arg(path).output().expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(whole).expect("removed");
}

fn profile() -> Value {
    json!({
        "containers": ["mp4"],
        "protocols": ["hls"],
        "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }],
    })
}

async fn start(app: &App, caller: &Caller, item: &Value) -> Value {
    let body = json!({ "item_id": item, "profile": profile() });
    let answer = app.post(caller, "/playback", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn put(app: &App, caller: &Caller, path: &str, body: Value) -> u16 {
    let path = format!("/api/v1{path}");
    app.send(caller, Method::PUT, &path, Some(body)).await.status.as_u16()
}

/// Languages of what is heard and read at the start, each with its reason.
fn begins(start: &Value) -> [String; 4] {
    let by_index = |list: &str, index: &Value| {
        let streams = start[list].as_array().expect("a list");
        let found = streams.iter().find(|it| it["index"] == *index);
        found.map_or("-", |it| it["language"].as_str().unwrap_or("?")).to_owned()
    };
    [
        by_index("audio", &start["audio_index"]),
        start["audio_why"].as_str().unwrap_or("-").to_owned(),
        by_index("subtitles", &start["subtitle_index"]),
        start["subtitle_why"].as_str().expect("a reason").to_owned(),
    ]
}

#[tokio::test]
async fn a_film_begins_as_its_person_likes_it_and_as_they_chose_before() {
    let app = App::start().await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_film(app.folder.path(), &folder.join("Open Sky (2001).mkv"), "320x180");
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let item = &items["items"][0]["id"];

    assert_eq!(begins(&start(&app, &owner, item).await), ["en", "proposed", "-", "nothing"]);
    let taste = |audio: &[&str], subtitles: &str, read: &[&str]| {
        json!({
            "audio_languages": audio, "prefers_original": false, "subtitles": subtitles,
            "subtitle_languages": read, "prefers_hearing_impaired": false,
        })
    };
    assert_eq!(put(&app, &owner, "/me/taste", taste(&["de"], "forced", &[])).await, 200);
    let begun = start(&app, &owner, item).await;
    assert_eq!(begins(&begun), ["de", "language", "de", "forced"]);
    assert_eq!(begun["subtitles"][2]["is_forced"], true);
    assert_eq!(begun["subtitle_index"], 2);
    put(&app, &owner, "/me/taste", taste(&["ja"], "foreign", &["de"])).await;
    assert_eq!(begins(&start(&app, &owner, item).await), ["ja", "language", "de", "foreign"]);
    assert_eq!(app.get(&owner, "/me/taste").await.json(), taste(&["ja"], "foreign", &["de"]));

    let english = begun["audio"][0]["index"].clone();
    let choice = format!("/items/{}/choice", item.as_str().expect("an id"));
    let body = json!({ "audio": { "file_id": begun["file_id"], "index": english } });
    assert_eq!(put(&app, &owner, &choice, body).await, 204);
    let body = json!({ "subtitle": { "is_shown": false } });
    assert_eq!(put(&app, &owner, &choice, body).await, 204);
    assert_eq!(begins(&start(&app, &owner, item).await), ["en", "remembered", "-", "remembered"]);
    let body = json!({ "audio": { "file_id": begun["file_id"], "index": 0 } });
    assert_eq!(put(&app, &owner, &choice, body).await, 422, "that is no sound");
}

#[tokio::test]
async fn the_best_version_is_played_unless_another_was_chosen() {
    let app = App::start().await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001)");
    std::fs::create_dir(&film).expect("a folder");
    make_film(app.folder.path(), &film.join("Open Sky (2001) - 180p.mkv"), "320x180");
    make_film(app.folder.path(), &film.join("Open Sky (2001) - 360p.mkv"), "640x360");
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let item = &items["items"][0]["id"];
    let detail = app.get(&owner, &format!("/items/{}", item.as_str().expect("an id"))).await.json();
    let version = |name: &str| {
        let files = detail["files"].as_array().expect("files");
        let is_it = |it: &&Value| it["name"].as_str().is_some_and(|it| it.contains(name));
        files.iter().find(is_it).expect("a version")["id"].clone()
    };
    assert_eq!(start(&app, &owner, item).await["file_id"], version("360p"));
    let choice = format!("/items/{}/choice", item.as_str().expect("an id"));
    let body = json!({ "version": version("180p") });
    assert_eq!(put(&app, &owner, &choice, body).await, 204);
    assert_eq!(start(&app, &owner, item).await["file_id"], version("180p"));
}

#[tokio::test]
async fn the_version_is_played_that_is_heard_in_the_language_of_its_person() {
    let app = App::start().await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001)");
    std::fs::create_dir(&film).expect("a folder");
    let make = |name: &str, size: &str, languages: &[&str]| {
        let whole = app.folder.path().join("whole.mkv");
        make_film(app.folder.path(), &whole, size);
        keep_sounds(&whole, &film.join(format!("Open Sky (2001) - {name}.mkv")), languages);
    };
    make("large", "640x360", &["eng"]);
    make("small", "320x180", &["ger"]);
    make("both", "160x90", &["jpn", "ger"]);
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let item = &items["items"][0]["id"];
    let address = format!("/items/{}", item.as_str().expect("an id"));
    let detail = app.get(&owner, &address).await.json();
    let version = |name: &str| {
        let files = detail["files"].as_array().expect("files");
        let is_it = |it: &&Value| it["name"].as_str().is_some_and(|it| it.contains(name));
        files.iter().find(is_it).expect("a version")["id"].clone()
    };
    let with_languages = async |languages: Value| {
        let body = json!({ "item_id": item, "profile": profile(), "languages": languages });
        let begun = app.post(&owner, "/playback", body).await.json();
        let language = begins(&begun)[0].clone();
        (begun["file_id"].clone(), language)
    };
    assert_eq!(with_languages(json!([])).await, (version("large"), "en".to_owned()));
    assert_eq!(with_languages(json!(["fr"])).await, (version("large"), "en".to_owned()));
    assert_eq!(with_languages(json!(["de", "en"])).await, (version("small"), "de".to_owned()));
    assert_eq!(with_languages(json!(["ja", "de"])).await, (version("both"), "ja".to_owned()));
    // Another sound of the same version.
    let body =
        json!({ "item_id": item, "profile": profile(), "languages": ["ja"], "audio_index": 2 });
    let begun = app.post(&owner, "/playback", body).await.json();
    assert_eq!((&begun["file_id"], &begun["audio_index"]), (&version("both"), &json!(2)));
    // What the person likes goes before what their browser says, and what they chose before both.
    let taste = json!({
        "audio_languages": ["ja"], "prefers_original": false, "subtitles": "off",
        "subtitle_languages": [], "prefers_hearing_impaired": false,
    });
    assert_eq!(put(&app, &owner, "/me/taste", taste).await, 200);
    assert_eq!(with_languages(json!(["de"])).await, (version("both"), "ja".to_owned()));
    let body = json!({ "version": version("small") });
    assert_eq!(put(&app, &owner, &format!("{address}/choice"), body).await, 204);
    assert_eq!(with_languages(json!(["de"])).await, (version("small"), "de".to_owned()));
}
