//! A film whose streams the client plays and whose container it does not: HLS from the file as it is.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

/// A browser that plays MP4 files and HLS, H.264 and AAC.
fn profile() -> Value {
    json!({
        "containers": ["mp4"],
        "protocols": ["hls"],
        "video": [{ "codec": "h264", "profiles": ["High"], "max_level": 51 }],
        "audio": [{ "codec": "aac" }],
    })
}

const LINES: &str =
    "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:08,000 --> 00:00:09,000\nBye\n";

/// Twelve seconds of H.264 with two sound tracks and subtitles in Matroska; the cuts are at 0, 4 and 8.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_film(path: &Path) {
    let text = path.with_extension("srt");
    std::fs::write(&text, LINES).expect("written");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=12"])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=12"])
        .args(["-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000:duration=12"])
        .arg("-i")
        .arg(&text)
        .args(["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-g", "25"])
        .args(["-pix_fmt", "yuv420p", "-c:a:0", "ac3", "-c:a:1", "aac", "-c:s", "srt"])
        .args(["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger"])
        .args(["-metadata:s:s:0", "language=eng"])
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(text, path.with_extension("fr.srt")).expect("beside the film");
}

/// What a playlist leads to.
fn addresses(playlist: &str) -> Vec<String> {
    playlist.lines().filter(|it| it.starts_with('/')).map(str::to_owned).collect()
}

fn quoted(line: &str) -> String {
    line.split("URI=\"").nth(1).and_then(|it| it.split('"').next()).expect("an address").to_owned()
}

async fn fetch(app: &App, url: &str) -> Answer {
    app.send(&Caller::nobody(), Method::GET, url, None).await
}

struct House {
    app: App,
    owner: Caller,
    member: Caller,
    item: Value,
    path: std::path::PathBuf,
}

async fn house() -> House {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let path = folder.join("Open Sky (2001).mkv");
    make_film(&path);
    app.scan(&owner, &library).await;
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, owner, member, item, path }
}

async fn start(house: &House, more: Value) -> Value {
    let mut body = json!({ "item_id": house.item, "profile": profile() });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    start.json()
}

#[tokio::test]
async fn a_film_in_another_container_is_played_from_the_file_as_it_is() {
    let house = house().await;
    let proposed = start(&house, json!({})).await;
    assert_eq!(
        (&proposed["method"], &proposed["audio_index"]),
        (&json!("transcode_audio"), &json!(1)),
        "the language decides, not the codec"
    );
    let start = start(&house, json!({ "languages": ["de"] })).await;
    assert_eq!(start["method"], "remux");
    let codes: Vec<&str> = start["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|it| it["code"].as_str())
        .collect();
    assert_eq!(codes, ["container", "audio_not_first"]);
    assert_eq!((&start["audio_index"], &start["playable_audio"]), (&json!(2), &json!([1, 2])));

    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await;
    assert_eq!(master.headers["content-type"], "application/vnd.apple.mpegurl");
    let master = master.text();
    assert!(master.contains("RESOLUTION=160x90,FRAME-RATE=25.000,VIDEO-RANGE=SDR"), "{master}");
    assert!(
        master.contains(",mp4a.40.2\"") && !master.contains("ac-3"),
        "only what plays: {master}"
    );
    assert!(master.contains("/2/media.m3u8") && master.contains("/1/aac/media.m3u8"), "{master}");
    let sound = master.lines().find(|it| it.contains("TYPE=AUDIO")).expect("a sound track");
    assert!(sound.contains("LANGUAGE=\"de\",DEFAULT=YES"), "{sound}");

    let beside = master.lines().find(|it| it.contains("/beside/")).expect("the file beside");
    assert!(beside.contains("TYPE=SUBTITLES") && beside.contains("LANGUAGE=\"fr\""), "{beside}");
    let beside = fetch(&house.app, &quoted(beside)).await.text();
    let text = fetch(&house.app, &addresses(&beside)[0]).await.text();
    assert!(text.starts_with("WEBVTT") && text.contains("Hello"), "{text}");

    let keys = master.lines().find(|it| it.contains("I-FRAME-STREAM-INF")).expect("key frames");
    let keys = fetch(&house.app, &quoted(keys)).await.text();
    assert!(keys.contains("#EXT-X-I-FRAMES-ONLY"), "{keys}");
    let key_frames = addresses(&keys);
    assert_eq!(key_frames.len(), 3, "{keys}");
    let key = fetch(&house.app, &key_frames[2]).await;
    assert_eq!((key.status.as_u16(), key.body.get(4..8)), (200, Some(b"moof".as_slice())));
    assert_eq!(key.headers["content-length"], key.body.len().to_string());

    for playlist in [addresses(&master)[0].clone(), quoted(sound)] {
        let media = fetch(&house.app, &playlist).await.text();
        let init = fetch(
            &house.app,
            &quoted(media.lines().find(|it| it.contains("EXT-X-MAP")).expect("a map")),
        )
        .await;
        assert_eq!(init.body.get(4..8), Some(b"ftyp".as_slice()));
        let segments = addresses(&media);
        assert_eq!(segments.len(), 3, "{media}");
        for segment in &segments {
            let answer = fetch(&house.app, segment).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.get(4..8)),
                (200, Some(b"moof".as_slice()))
            );
            assert_eq!(answer.headers["content-length"], answer.body.len().to_string());
            assert_eq!(answer.headers["cache-control"], "private, max-age=31536000, immutable");
            let etag = answer.headers["etag"].to_str().expect("text").to_owned();
            let again = Caller::nobody().with("if-none-match", etag);
            let again = house.app.send(&again, Method::GET, segment, None).await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        }
        let (path, query) = segments[2].split_once('?').expect("a signature");
        let beyond = format!("{}3?{query}", path.strip_suffix('2').expect("the last segment"));
        assert_eq!(fetch(&house.app, &beyond).await.status, 401, "a signature is for one segment");
        let by_token = house
            .app
            .send(&house.member, Method::GET, beyond.split('?').next().expect("a path"), None)
            .await;
        assert_eq!(by_token.status, 404, "there is no fourth segment");
    }
}

#[tokio::test]
async fn subtitles_in_the_file_are_read_through_its_index() {
    let house = house().await;
    let start = start(&house, json!({})).await;
    let subtitles = start["subtitles"].as_array().expect("subtitles");
    let subtitle = subtitles.iter().find(|it| it["language"] == "en").expect("that of the file");
    assert_eq!((&subtitle["language"], &subtitle["is_forced"]), (&json!("en"), &json!(false)));
    let text = fetch(&house.app, subtitle["url"].as_str().expect("a URL")).await;
    assert_eq!(text.headers["content-type"], "text/vtt; charset=utf-8");
    let text = text.text();
    assert!(
        text.starts_with("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:01.0"),
        "{text}"
    );
    assert!(text.contains("Hello") && text.contains("Bye"), "{text}");
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    let line = master.lines().find(|it| it.contains("TYPE=SUBTITLES")).expect("a text track");
    let playlist = fetch(&house.app, &quoted(line)).await.text();
    assert!(fetch(&house.app, &addresses(&playlist)[0]).await.text().contains("Bye"));
}

#[tokio::test]
async fn only_subtitles_that_are_pictures_have_windows_of_them() {
    let house = house().await;
    let start = start(&house, json!({})).await;
    let subtitles = start["subtitles"].as_array().expect("a list");
    assert!(subtitles.iter().all(|it| it["format"] == "webvtt"));
    let urls = subtitles.iter().filter_map(|it| it["url"].as_str());
    let text = urls.into_iter().find(|it| it.contains("text.vtt")).expect("one in the file");
    // The address of something else is no key to it.
    let forged = text.replace("text.vtt", "drawn.json");
    assert_eq!(fetch(&house.app, &forged).await.status, 401);
    let path = forged.trim_start_matches("/api/v1").split('?').next().expect("a path").to_owned();
    assert_eq!(house.app.get(&house.member, &path).await.status, 404);
    let window = path.replace("drawn.json", "drawn/0");
    assert_eq!(house.app.get(&house.member, &window).await.status, 404);
}

#[tokio::test]
async fn a_wish_that_the_client_cannot_hear_is_made_anew_and_the_reason_told() {
    let house = house().await;
    let made = start(&house, json!({ "audio_index": 1 })).await;
    assert_eq!((&made["method"], &made["audio_index"]), (&json!("transcode_audio"), &json!(1)));
    assert_eq!(made["reasons"][0]["code"], "audio_codec");
    assert_eq!(made["reasons"][0]["message"], "this player does not decode Dolby Digital sound");
    let whole = fetch(&house.app, made["file_url"].as_str().expect("a URL")).await;
    assert_eq!(whole.body.len() as u64, house.path.metadata().expect("a file").len());
    let mut wrong = profile();
    wrong["protocols"] = json!(["pigeon"]);
    let body = json!({ "item_id": house.item, "profile": wrong });
    let invalid = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(invalid.status, 422, "{}", invalid.text());
}

#[tokio::test]
async fn many_at_once_get_the_same_segment() {
    let house = house().await;
    let start = start(&house, json!({})).await;
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    let media = fetch(&house.app, &addresses(&master)[0]).await.text();
    let segment = addresses(&media)[1].clone();
    let answers = futures::future::join_all((0..100).map(|_| fetch(&house.app, &segment))).await;
    assert!(answers.iter().all(|it| it.status == 200 && it.body == answers[0].body));
}

#[tokio::test]
async fn a_segment_is_nobodys_once_the_grant_or_the_session_or_the_file_is_gone() {
    let house = house().await;
    let start = start(&house, json!({})).await;
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    let media = fetch(&house.app, &addresses(&master)[0]).await.text();
    let segment = addresses(&media)[0].clone();

    let film = std::fs::read(&house.path).expect("the film");
    for replaced in [&film[..film.len() - 1], b"no film".as_slice()] {
        std::fs::write(&house.path, replaced).expect("replaced");
        let changed = fetch(&house.app, &segment).await;
        assert_eq!(
            (changed.status.as_u16(), &changed.json()["code"]),
            (409, &json!("playback.file_changed"))
        );
    }
    std::fs::remove_file(&house.path).expect("taken away");
    assert_eq!(fetch(&house.app, &segment).await.status, 404, "the file is gone");

    let id =
        house.app.get(&house.member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let patch = json!({ "library_ids": [] });
    house.app.send(&house.owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    assert_eq!(fetch(&house.app, &segment).await.status, 404, "the grant is gone");
    house.app.send(&house.member, Method::DELETE, "/api/v1/sessions/current", None).await;
    assert_eq!(fetch(&house.app, &segment).await.status, 401, "the session is over");
}
