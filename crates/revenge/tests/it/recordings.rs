//! Transport and program streams, DVDs, AVI, Flash and Windows Media files, and films without an index, from the scan to the last segment.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

/// A browser that plays HLS, H.264 and AAC.
fn profile() -> Value {
    json!({
        "containers": ["mp4"],
        "protocols": ["hls"],
        "video": [{ "codec": "h264", "profiles": ["High", "Main"], "max_level": 51 }],
        "audio": [{ "codec": "aac" }],
    })
}

/// Twelve seconds; the cuts are at 0, 4 and 8.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_film(path: &Path, coding: &str) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=12"])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=12"])
        .args(["-pix_fmt", "yuv420p"])
        .args(coding.split_whitespace())
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Seconds of decoded pictures, and what FFmpeg complains about.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn decoded(bytes: &[u8]) -> (usize, String) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(file.path())
        .args(["-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let n_frames = text.lines().filter(|it| !it.starts_with('#')).count();
    (n_frames, String::from_utf8_lossy(&output.stderr).into_owned())
}

struct House {
    app: App,
    member: Caller,
    item: Value,
}

async fn house(name: &str, make: impl FnOnce(&Path)) -> House {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make(&folder.join(name));
    app.scan(&owner, &library).await;
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, member, item }
}

async fn start(house: &House) -> Value {
    start_file(house, Value::Null).await
}

async fn start_file(house: &House, file: Value) -> Value {
    let body = json!({ "item_id": house.item, "file_id": file, "profile": profile() });
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    start.json()
}

async fn fetch(app: &App, url: &str) -> Answer {
    app.send(&Caller::nobody(), Method::GET, url, None).await
}

fn quoted(line: &str) -> String {
    line.split("URI=\"").nth(1).and_then(|it| it.split('"').next()).expect("an address").to_owned()
}

/// All of a track: its beginning and every segment behind it.
async fn whole(app: &App, playlist: &str) -> (usize, Vec<u8>) {
    let answer = fetch(app, playlist).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let media = answer.text();
    let map = media.lines().find(|it| it.contains("EXT-X-MAP")).expect("a map");
    let mut bytes = fetch(app, &quoted(map)).await.body;
    let segments: Vec<&str> = media.lines().filter(|it| it.starts_with('/')).collect();
    for segment in &segments {
        let answer = fetch(app, segment).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        bytes.extend(&answer.body);
    }
    (segments.len(), bytes)
}

/// Jumps to the end, the beginning and the middle of a track: each place is decoded with nothing but its beginning.
async fn seek(app: &App, playlist: &str) {
    let media = fetch(app, playlist).await.text();
    let map = media.lines().find(|it| it.contains("EXT-X-MAP")).expect("a map");
    let init = fetch(app, &quoted(map)).await.body;
    let segments: Vec<&str> = media.lines().filter(|it| it.starts_with('/')).collect();
    for place in [segments.len() - 1, 0, segments.len() / 2] {
        let answer = fetch(app, segments[place]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (n_frames, said) = decoded(&[&init[..], &answer.body].concat());
        assert!(n_frames > 0 && said.is_empty(), "{place}: {n_frames} frames: {said}");
    }
}

/// Plays all of a film; how the bytes came.
async fn play(house: &House) -> String {
    play_sound_of(house, 48_000).await
}

/// The same of a film whose sound has so many samples a second.
async fn play_sound_of(house: &House, rate: usize) -> String {
    let start = start(house).await;
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    let video = master.lines().find(|it| it.starts_with('/')).expect("a picture");
    seek(&house.app, video).await;
    let (n_segments, pictures) = whole(&house.app, video).await;
    // What is made comes in shorter parts of the same cuts.
    let is_made = start["method"] == "transcode_video";
    assert!(if is_made { n_segments > 3 } else { n_segments == 3 }, "{n_segments}: {master}");
    let (n_pictures, said) = decoded(&pictures);
    assert!(n_pictures == 300 && said.is_empty(), "{n_pictures} pictures: {said}");
    let sound = master.lines().find(|it| it.contains("TYPE=AUDIO")).expect("a sound track");
    let (_, sound) = whole(&house.app, &quoted(sound)).await;
    let (n_frames, said) = decoded(&sound);
    // Frames of 1024 samples.
    let expected = 12 * rate / 1024;
    assert!(n_frames.abs_diff(expected) <= 12 && said.is_empty(), "{n_frames} of sound: {said}");
    start["method"].as_str().expect("a method").to_owned()
}

#[tokio::test]
async fn a_transport_stream_is_played_from_the_file_as_it_is() {
    let coding = "-c:v libx264 -g 25 -c:a aac";
    let house = house("Open Sky (2001).ts", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "remux");
    let kept = house.app.folder.path().join("cache/indexes");
    let kept: Vec<_> = std::fs::read_dir(kept).expect("indexes").collect();
    assert_eq!(kept.len(), 1, "the index is kept");
    assert_eq!(play(&house).await, "remux", "and again");
}

#[tokio::test]
async fn a_matroska_file_without_cues_is_played_from_the_file_as_it_is() {
    let coding = "-c:v libx264 -g 25 -c:a aac -live 1";
    let house = house("Open Sky (2001).mkv", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "remux");
}

/// How a client that opens Matroska and WebM files plays a film, and why not as the file.
async fn way(house: &House, more: Value) -> (String, Vec<String>) {
    let mut profile = profile();
    let fields = profile.as_object_mut().expect("an object");
    fields.insert("containers".to_owned(), json!(["mp4", "matroska", "webm"]));
    fields.extend(more.as_object().expect("an object").clone());
    let body = json!({ "item_id": house.item, "profile": profile });
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    let start = start.json();
    let reasons = start["reasons"].as_array().expect("reasons");
    let codes = reasons.iter().filter_map(|it| it["code"].as_str()).map(str::to_owned).collect();
    (start["method"].as_str().expect("a method").to_owned(), codes)
}

fn answer(method: &str, codes: &[&str]) -> (String, Vec<String>) {
    (method.to_owned(), codes.iter().map(|it| (*it).to_owned()).collect())
}

#[tokio::test]
async fn a_file_without_an_index_is_not_given_to_a_player_that_could_not_seek_in_it() {
    let coding = "-c:v libx264 -g 25 -c:a aac";
    let whole = house("Open Sky (2001).mkv", |path| make_film(path, coding)).await;
    assert_eq!(way(&whole, json!({})).await, answer("direct", &[]));

    let coding = "-c:v libx264 -g 25 -c:a aac -live 1";
    let live = house("Open Sky (2001).mkv", |path| make_film(path, coding)).await;
    let remuxed = answer("remux", &["no_index"]);
    assert_eq!(way(&live, json!({})).await, remuxed);
    assert_eq!(way(&live, json!({})).await, remuxed, "and again, when our own index is kept");
    let seeks = json!({ "seeks_without_index": true });
    assert_eq!(way(&live, seeks).await, answer("direct", &[]));
    let files_only = json!({ "protocols": [] });
    assert_eq!(way(&live, files_only).await, answer("direct", &[]), "better than nothing");
}

#[tokio::test]
async fn a_file_without_an_index_that_nobody_can_convert_is_played_as_it_is() {
    let coding = "-c:v libvpx -deadline realtime -cpu-used 8 -g 25 -c:a libopus -live 1";
    let mut house = house("Open Sky (2001).webm", |path| make_film(path, coding)).await;
    let vp8 = || {
        json!({
            "video": [{ "codec": "vp8" }, { "codec": "h264" }],
            "audio": [{ "codec": "opus" }, { "codec": "aac" }],
        })
    };
    let made = answer("transcode_video", &["no_index", "video_not_copied"]);
    assert_eq!(way(&house, vp8()).await, made);
    house.app = house.app.restarted(|config| config.transcode.enabled = false).await;
    let (method, codes) = way(&house, vp8()).await;
    assert_eq!((method.as_str(), codes[0].as_str()), ("direct", "no_index"), "{codes:?}");
}

#[tokio::test]
async fn a_broadcast_is_made_anew() {
    let coding = "-c:v mpeg2video -g 25 -bf 2 -c:a mp2";
    let house = house("Open Sky (2001).ts", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "transcode_video");
}

#[tokio::test]
async fn an_xvid_in_avi_is_made_anew() {
    let coding = "-c:v mpeg4 -vtag XVID -g 25 -c:a libmp3lame";
    let house = house("Open Sky (2001).avi", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "transcode_video");
}

#[tokio::test]
async fn a_piece_of_a_dvd_is_made_anew() {
    let coding = "-c:v mpeg2video -g 25 -bf 2 -c:a ac3 -f dvd";
    let house = house("Open Sky (2001).vob", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "transcode_video");
    assert_eq!(play(&house).await, "transcode_video", "and again");
}

#[tokio::test]
async fn a_film_of_mpeg_1_is_made_anew() {
    let coding = "-c:v mpeg1video -g 25 -bf 2 -c:a mp2 -f mpeg";
    let house = house("Open Sky (2001).mpg", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "transcode_video");
}

#[tokio::test]
async fn a_flash_video_of_h264_is_played_from_the_file_as_it_is() {
    let coding = "-c:v libx264 -g 25 -c:a aac";
    let house = house("Open Sky (2001).flv", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "remux");
}

#[tokio::test]
async fn an_old_flash_video_is_made_anew() {
    let coding = "-c:v flv1 -g 25 -c:a libmp3lame -ar 44100";
    let house = house("Open Sky (2001).flv", |path| make_film(path, coding)).await;
    assert_eq!(play_sound_of(&house, 44_100).await, "transcode_video");
}

#[tokio::test]
async fn a_windows_media_file_is_made_anew() {
    let coding = "-c:v wmv2 -g 25 -c:a wmav2";
    let house = house("Open Sky (2001).wmv", |path| make_film(path, coding)).await;
    assert_eq!(play(&house).await, "transcode_video");
}

/// The folder of a DVD, whose film is cut into pieces between two packets, wherever that is.
#[tokio::test]
async fn the_pieces_of_a_dvd_are_the_parts_of_one_film() {
    let house = house("Open Sky (2001)/VIDEO_TS", |folder| {
        std::fs::create_dir_all(folder).expect("a folder");
        let whole = folder.join("whole.vob");
        make_film(&whole, "-c:v mpeg2video -g 12 -bf 2 -c:a ac3 -f dvd");
        let film = std::fs::read(&whole).expect("the film");
        std::fs::remove_file(whole).expect("deleted");
        let (one, two) = film.split_at(film.len() / 2 / 2048 * 2048);
        for (name, bytes) in [("VTS_01_1.VOB", one), ("VTS_01_2.VOB", two), ("VIDEO_TS.IFO", &[])] {
            std::fs::write(folder.join(name), bytes).expect("written");
        }
    })
    .await;
    let item = house.item.as_str().expect("an id");
    let detail = house.app.get(&house.member, &format!("/items/{item}")).await.json();
    let files = detail["files"].as_array().expect("files");
    let mut parts: Vec<_> = files.iter().filter(|it| it["role"] == "main").collect();
    parts.sort_by_key(|it| it["part"].as_i64());
    assert_eq!(parts.len(), 2, "{detail}");
    assert_eq!(start(&house).await["file_id"], parts[0]["id"], "the first part first");
    let mut n_pictures = 0;
    for part in parts {
        let start = start_file(&house, part["id"].clone()).await;
        assert_eq!(start["method"], "transcode_video");
        let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
        let video = master.lines().find(|it| it.starts_with('/')).expect("a picture");
        seek(&house.app, video).await;
        let (n, said) = decoded(&whole(&house.app, video).await.1);
        assert!(said.is_empty(), "{said}");
        n_pictures += n;
    }
    // What is decoded from a picture on the other side of the cut is lost.
    assert!((288..=300).contains(&n_pictures), "{n_pictures}");
}

#[tokio::test]
async fn an_index_that_takes_long_is_asked_for_again_and_the_tracks_are_known_at_once() {
    let house = house("Open Sky (2001).ts", |path| {
        // Larger than what is read to know the tracks.
        make_film(path, "-c:v libx264 -g 25 -b:v 4M -c:a aac");
        let film = std::fs::read(path).expect("the film");
        let n_copies = (20 << 20) / film.len() + 1;
        std::fs::write(path, film.repeat(n_copies)).expect("written");
    })
    .await;
    let start = start(&house).await;
    assert_eq!(start["method"], "remux");
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await;
    assert_eq!(master.status, 200, "{}", master.text());
    let master = master.text();
    let video = master.lines().find(|it| it.starts_with('/')).expect("a picture");
    let mut answer = fetch(&house.app, video).await;
    for _ in 0..20 {
        if answer.status != 503 {
            break;
        }
        assert!(answer.headers.contains_key("retry-after"), "{}", answer.text());
        answer = fetch(&house.app, video).await;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let media = answer.text();
    let segments: Vec<&str> = media.lines().filter(|it| it.starts_with('/')).collect();
    assert!(segments.len() > 20, "{}", segments.len());
    let last = fetch(&house.app, segments[segments.len() - 1]).await;
    assert_eq!((last.status.as_u16(), last.body.get(4..8)), (200, Some(b"moof".as_slice())));
}
