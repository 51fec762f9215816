//! What is found out about films after a scan: the pictures along them, as a client gets them.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

/// Forty seconds that get brighter with every second, with three chapters.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_film(path: &Path, size: &str) {
    let chapters = path.with_extension("txt");
    let text = [(0, 15_000), (15_000, 30_000), (30_000, 40_000)]
        .map(|(from, to)| format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={from}\nEND={to}\n"));
    std::fs::write(&chapters, format!(";FFMETADATA1\n{}", text.concat())).expect("written");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i"])
        .arg(format!("color=black:s={size}:r=10:d=40,geq=lum='20+5*floor(T)':cb=128:cr=128"))
        .arg("-i")
        .arg(&chapters)
        .args(["-map_chapters", "1", "-map", "0", "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-g", "10", "-pix_fmt", "yuv420p"])
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(chapters).expect("taken away");
}

struct House {
    app: App,
    owner: Caller,
    library: String,
    member: Caller,
    item: Value,
    path: std::path::PathBuf,
}

impl House {
    async fn start() -> Self {
        let app = App::start_with(|config| config.analysis.enabled = true).await;
        let owner = app.owner().await;
        let (library, folder) = app.library(&owner, "Films").await;
        let path = folder.join("Open Sky (2001).mkv");
        make_film(&path, "320x180");
        app.scan(&owner, &library).await;
        let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
        let member = app.person(&owner, grant).await;
        let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
        let item = items["items"][0]["id"].clone();
        Self { app, owner, library, member, item, path }
    }

    async fn play(&self) -> Value {
        let start = self.app.post(&self.member, "/playback", json!({ "item_id": self.item })).await;
        assert_eq!(start.status, 200, "{}", start.text());
        start.json()
    }

    async fn fetch(&self, url: &Value) -> Answer {
        let url = url.as_str().expect("an address");
        self.app.send(&Caller::nobody(), Method::GET, url, None).await
    }

    /// How bright each tile of a sheet is.
    async fn tiles(&self, url: &Value, n: u32) -> Vec<u8> {
        let sheet = self.fetch(url).await;
        assert_eq!(
            (sheet.status.as_u16(), &sheet.headers["content-type"]),
            (200, &"image/jpeg".parse().expect("a value"))
        );
        let picture = image::load_from_memory(&sheet.body).expect("a picture").to_luma8();
        let columns = n.min(10);
        assert_eq!(picture.dimensions(), (columns * 320, n.div_ceil(10) * 180));
        (0..n).map(|it| picture.get_pixel(it % 10 * 320 + 160, it / 10 * 180 + 90).0[0]).collect()
    }
}

#[tokio::test]
async fn pictures_along_a_film_show_its_moments_to_those_who_may_see_it() {
    let house = House::start().await;
    let trickplay = house.play().await["trickplay"].clone();
    assert_eq!(trickplay["interval_ms"], 1000);
    assert_eq!((&trickplay["tile_width"], &trickplay["tile_height"]), (&json!(320), &json!(180)));
    assert_eq!((&trickplay["tile_count"], &trickplay["columns"]), (&json!(41), &json!(10)));
    let tiles = house.tiles(&trickplay["sheets"][0], 41).await;
    for (second, brightness) in tiles.iter().take(40).enumerate() {
        // From the range of television to that of JPEG.
        let expected = (20.0 + 5.0 * second as f64 - 16.0) * 255.0 / 219.0;
        assert!(
            (f64::from(*brightness) - expected).abs() < 4.0,
            "{second} s: {brightness} for {expected}"
        );
    }
    let chapters = house.tiles(&trickplay["chapter_sheet"], 3).await;
    assert_eq!(chapters, [tiles[0], tiles[15], tiles[30]]);

    let sheet = house.fetch(&trickplay["sheets"][0]).await;
    assert_eq!(sheet.headers["cache-control"], "private, max-age=31536000, immutable");
    let tag = sheet.headers["etag"].to_str().expect("a tag").to_owned();
    let url = trickplay["sheets"][0].as_str().expect("an address");
    let again = Caller::nobody().with("if-none-match", tag);
    assert_eq!(house.app.send(&again, Method::GET, url, None).await.status, 304);

    let text = house.fetch(&trickplay["vtt_url"]).await.text();
    let cues: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(cues.len(), 42);
    assert!(cues[13].starts_with("00:00:12.000 --> 00:00:13.000\n/api/v1/playback/trickplay/"));
    assert!(cues[13].ends_with("#xywh=640,180,320,180"), "{}", cues[13]);

    let path = url.split('?').next().expect("a path");
    let stranger = json!({ "name": "stranger", "password": PASSWORD });
    let stranger = house.app.person(&house.owner, stranger).await;
    for (caller, path, expected) in [
        (&Caller::nobody(), path.to_owned(), 401),
        (&stranger, path.to_owned(), 404),
        (&house.member, path.to_owned(), 200),
        (&house.member, format!("{path}0"), 404),
        (&house.member, path.replace("/0", "/x"), 404),
        (&house.member, path.replace("/1-", "/..%2f1-"), 404),
    ] {
        let answer = house.app.send(caller, Method::GET, &path, None).await;
        assert_eq!(answer.status, expected, "{path}");
    }
}

#[tokio::test]
async fn a_film_that_changed_gets_new_pictures_and_deleted_ones_are_made_again() {
    let house = House::start().await;
    let before = house.play().await["trickplay"].clone();
    make_film(&house.path.with_extension("new.mkv"), "160x90");
    std::fs::rename(house.path.with_extension("new.mkv"), &house.path).expect("replaced");
    house.app.scan(&house.owner, &house.library).await;
    let after = house.play().await["trickplay"].clone();
    assert_eq!(after["tile_width"], 160);
    assert_ne!(before["sheets"], after["sheets"]);
    assert_eq!(house.fetch(&before["sheets"][0]).await.status, 404);
    assert_eq!(house.fetch(&after["sheets"][0]).await.status, 200);

    std::fs::remove_dir_all(house.app.folder.path().join("trickplay")).expect("deleted");
    assert_eq!(house.fetch(&after["sheets"][0]).await.status, 404);
    house.app.scan(&house.owner, &house.library).await;
    assert_eq!(house.fetch(&after["sheets"][0]).await.status, 200);
}

#[tokio::test]
async fn a_library_that_wants_no_pictures_gets_none_and_a_broken_film_does_not_stop_the_others() {
    let app = App::start_with(|config| config.analysis.enabled = true).await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let off = json!({ "analysis": { "trickplay": false, "segments": true, "loudness": true } });
    let path = format!("/api/v1/libraries/{library}");
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(off)).await.status, 200);
    make_film(&folder.join("Open Sky (2001).mkv"), "64x36");
    let whole = std::fs::read(folder.join("Open Sky (2001).mkv")).expect("read");
    std::fs::write(folder.join("Half Sky (2000).mkv"), &whole[..whole.len() / 2]).expect("written");
    app.scan(&owner, &library).await;
    assert!(!app.folder.path().join("trickplay").join("00").exists());
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let play = async |n: usize| {
        let body = json!({ "item_id": items["items"][n]["id"] });
        app.post(&owner, "/playback", body).await.json()["trickplay"].clone()
    };
    assert_eq!((play(0).await, play(1).await), (Value::Null, Value::Null));

    let on = json!({ "analysis": { "trickplay": true, "segments": true, "loudness": true } });
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(on)).await.status, 200);
    app.scan(&owner, &library).await;
    let made = [play(0).await, play(1).await].iter().filter(|it| it.is_object()).count();
    assert!(made >= 1, "the whole film has pictures");
}

/// The first film of a folder, scanned and looked at: what starting it says.
async fn looked_at(name: &str, make: impl FnOnce(&Path)) -> (App, Caller, Value) {
    let app = App::start_with(|config| config.analysis.enabled = true).await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make(&folder.join(name));
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let body = json!({ "item_id": items["items"][0]["id"] });
    let start = app.post(&owner, "/playback", body).await.json();
    (app, owner, start)
}

#[tokio::test]
async fn films_without_an_index_of_their_own_have_pictures_too() {
    for (name, sound) in [("Open Sky (2001).ts", "aac"), ("Open Sky (2001).avi", "libmp3lame")] {
        let (app, _, start) = looked_at(name, |path| make_ending(path, 40, 40, sound)).await;
        assert_eq!(start["trickplay"]["tile_count"], 41, "{name}: {start}");
        let kept = std::fs::read_dir(app.folder.path().join("cache/indexes"));
        let n_kept = kept.map_or(0, Iterator::count);
        // An AVI has one, if not of every kind.
        assert!(n_kept == 1 || name.ends_with("avi"), "{name}: {n_kept} indexes are kept");
    }
}

#[tokio::test]
async fn the_credits_of_a_film_are_told_by_words_on_dark_ground_at_its_end() {
    let make = |path: &Path| make_ending(path, 720, 630, "aac");
    let (app, owner, start) = looked_at("Open Sky (2001).mkv", make).await;
    let segments = start["segments"].as_array().expect("a list");
    assert_eq!(segments.len(), 1, "{start}");
    let credits = &segments[0];
    assert_eq!((&credits["kind"], &credits["source"]), (&json!("credits"), &json!("pictures")));
    let begin = credits["start_ms"].as_f64().expect("a time");
    assert!((begin - 630_000.0).abs() < 6000.0, "{credits}");
    assert_eq!(credits["end_ms"], start["duration_ms"]);
    assert!(credits["confidence"].as_f64().is_some_and(|it| (0.5..=0.81).contains(&it)));

    let file = start["file_id"].as_str().expect("a file");
    let said =
        json!({ "segments": [{ "kind": "credits", "start_ms": 640_000, "end_ms": 720_000 }] });
    let path = format!("/api/v1/files/{file}/segments");
    assert_eq!(app.send(&owner, Method::PUT, &path, Some(said)).await.status, 200);
    let now = app.get(&owner, &format!("/files/{file}/segments")).await.json();
    assert_eq!(now["segments"][0]["source"], "person");
}

/// A film of so many seconds whose last part, from a second on, is white words on black.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_ending(path: &Path, seconds: u32, credits_at_s: u32, sound: &str) {
    let words = format!(
        "drawbox=c=black:t=fill:enable='gte(t,{credits_at_s})',\
         drawbox=x=100:y=mod(t*7\\,100):w=60:h=6:c=white:t=fill:enable='gte(t,{credits_at_s})'"
    );
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i"])
        .arg(format!("testsrc2=s=320x180:r=5:d={seconds},{words}"))
        .args(["-f", "lavfi", "-i", &format!("sine=d={seconds}"), "-pix_fmt", "yuv420p"])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-bf", "0", "-c:a", sound])
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Four minutes of an episode: noise of its own, with a melody at its beginning and another at its end.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_episode(path: &Path, number: u32, intro_at_ms: u32, credits_at_ms: u32, sound: &str) {
    std::fs::create_dir_all(path.parent().expect("a season")).expect("a folder");
    let melody = |seed: u32, seconds: u32| {
        format!(
            "aevalsrc=0.4*sin(2*PI*t*(200+45*mod(floor(t*3)*{seed}\\,11)))*(0.6+0.4*sin(2*PI*3*t)):s=44100:d={seconds}"
        )
    };
    let mix = format!(
        "[2]adelay={intro_at_ms}:all=1[intro];[3]adelay={credits_at_ms}:all=1[credits];\
         [1][intro][credits]amix=inputs=3:duration=first:normalize=0"
    );
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "color=gray:s=32x18:r=2:d=240"])
        .args(["-f", "lavfi", "-i"])
        .arg(format!("anoisesrc=color=pink:amplitude=0.08:seed={number}:r=44100:d=240"))
        .args(["-f", "lavfi", "-i", &melody(7, 30)])
        .args(["-f", "lavfi", "-i", &melody(4, 25)])
        .args(["-filter_complex", &mix, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"])
        .args(["-c:a", sound])
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn what_episodes_share_is_their_intro_and_their_credits_and_a_person_s_word_is_stronger() {
    let app = App::start_with(|config| config.analysis.enabled = true).await;
    let owner = app.owner().await;
    let folder = app.folder.path().join("Shows");
    let places = [(4_000, 200_000, "aac"), (21_500, 212_000, "ac3"), (12_250, 190_000, "libopus")];
    for (number, (intro, credits, sound)) in (1..).zip(places) {
        let path = folder.join(format!("Harbour/Season 01/Harbour S01E0{number}.mkv"));
        make_episode(&path, number, intro, credits, sound);
    }
    let body = json!({ "name": "Shows", "kind": "shows", "folders": [folder] });
    let library = app.post(&owner, "/libraries", body).await.json()["id"].clone();
    let library = library.as_str().expect("an id").to_owned();
    app.scan(&owner, &library).await;

    let series = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let series = series["items"][0]["id"].as_str().expect("a series").to_owned();
    let season = app.get(&owner, &format!("/items/{series}/children")).await.json();
    let season = season["items"][0]["id"].as_str().expect("a season").to_owned();
    let episodes = app.get(&owner, &format!("/items/{season}/children")).await.json();
    let mut files = Vec::new();
    for (number, (intro, credits, _)) in places.iter().enumerate() {
        let body = json!({ "item_id": episodes["items"][number]["id"] });
        let start = app.post(&owner, "/playback", body).await.json();
        let segments = start["segments"].as_array().expect("a list").clone();
        let kinds: Vec<&str> = segments.iter().filter_map(|it| it["kind"].as_str()).collect();
        assert_eq!(kinds, ["intro", "credits"], "{start}");
        for (segment, (from, to)) in
            segments.iter().zip([(*intro, intro + 30_000), (*credits, credits + 25_000)])
        {
            let off = |name: &str, expected: u32| {
                (segment[name].as_f64().expect("a time") - f64::from(expected)).abs()
            };
            assert!(off("start_ms", from) < 1500.0, "{segment} for {from}");
            // Credits that end near the end last to the end.
            assert!(
                off("end_ms", to) < 2500.0 || segment["end_ms"] == start["duration_ms"],
                "{segment} for {to}"
            );
            assert_eq!(segment["source"], "sound");
            assert!(segment["confidence"].as_f64().is_some_and(|it| (0.6..0.95).contains(&it)));
        }
        files.push(start["file_id"].as_str().expect("a file").to_owned());
    }

    let path = format!("/api/v1/files/{}/segments", files[0]);
    let said = json!({ "segments": [{ "kind": "recap", "start_ms": 0, "end_ms": 3000 }] });
    let set = app.send(&owner, Method::PUT, &path, Some(said)).await;
    assert_eq!((set.status.as_u16(), set.json()["is_edited"].clone()), (200, json!(true)));
    let wrong =
        json!({ "segments": [{ "kind": "recap", "start_ms": 300_000, "end_ms": 300_001 }] });
    assert_eq!(app.send(&owner, Method::PUT, &path, Some(wrong)).await.status, 422);
    // One more episode has the whole season compared again.
    let fourth = folder.join("Harbour/Season 01/Harbour S01E04.mkv");
    make_episode(&fourth, 4, 9_000, 205_000, "aac");
    app.scan(&owner, &library).await;
    let kept = app.get(&owner, &format!("/files/{}/segments", files[0])).await.json();
    assert_eq!(kept["segments"][0]["kind"], "recap");
    assert_eq!(kept["segments"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    app.scan(&owner, &library).await;
    let found = app.get(&owner, &format!("/files/{}/segments", files[0])).await.json();
    assert_eq!(found["segments"].as_array().map(Vec::len), Some(2), "{found}");
}
