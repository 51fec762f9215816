//! An FFmpeg that fails: what stands in for it hangs, is merely slow, or makes nothing; and what is played instead.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::{Answer, stand_in};
use crate::transcode::{
    BOTH, House, addresses, codes, count_frames, fetch, house, make_film, master, n_running, parts,
    profile, until,
};

/// In place of FFmpeg: the same program, but that before or after its work on films it does this.
fn program(folder: &Path, before: &str, after: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in */proc/self/fd/*) ;; *pipe:0*) {before}\n{after};; esac\nexec FFMPEG \"$@\"\n"
    );
    stand_in(folder, "ffmpeg", &script)
}

/// The segments of a film's pictures as they are made.
async fn segments(house: &House) -> Vec<String> {
    parts(&house.app, &addresses(&master(house).await)[0]).await.1
}

#[tokio::test]
async fn a_child_that_hangs_is_ended_and_who_waits_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // Some of the film is made, and then nothing more.
    let after = "FFMPEG \"$@\" | head -c 20000; echo is tired >&2; exec sleep 7336.5";
    let program = program(folder.path(), "", after);
    let change = |config: &mut revenge::config::Config| {
        config.media.ffmpeg = Some(program);
        config.transcode.patience_seconds = 1;
    };
    let house = house(BOTH, change).await;
    let segments = segments(&house).await;
    let last = segments.last().expect("segments");
    for _ in 0..2 {
        let told = fetch(&house.app, last).await;
        let problem = (told.status.as_u16(), told.json()["code"].clone());
        assert_eq!(problem, (409, json!("playback.not_converted")), "{}", told.text());
        until("the child is ended", || n_running("7336.5") == 0).await;
    }
    assert_eq!(house.app.workshop.playback.load().n_made, 0);
}

#[tokio::test]
async fn a_child_that_is_slow_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    // Longer than the patience it says nothing, and reads nothing, but it works.
    let before = "i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done";
    let program = program(folder.path(), before, "");
    let change = |config: &mut revenge::config::Config| {
        config.media.ffmpeg = Some(program);
        config.transcode.patience_seconds = 1;
    };
    let house = house(BOTH, change).await;
    let segments = segments(&house).await;
    let made = fetch(&house.app, segments.last().expect("segments")).await;
    assert_eq!(made.status, 200, "{}", made.text());
}

/// In place of FFmpeg: one that makes neither pictures, where it fails at `libx264`, nor sound, where it fails at `aac`.
fn failing(folder: &Path, at: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in */proc/self/fd/*) ;; *{at}*) echo cannot >&2; exit 1;; esac\nexec FFMPEG \"$@\"\n"
    );
    stand_in(folder, "ffmpeg", &script)
}

/// A film that is played as far as its next way lets it be, by a player that believes the server and itself.
struct Player<'a> {
    house: &'a House,
    body: Value,
}

impl<'a> Player<'a> {
    fn new(house: &'a House, languages: &[&str]) -> Self {
        let body = json!({
            "item_id": house.item, "profile": profile(), "languages": languages, "not_converted": [],
        });
        Self { house, body }
    }

    async fn start(&self) -> Answer {
        self.house.app.post(&self.house.member, "/playback", self.body.clone()).await
    }

    /// Starts again after the server could not convert this stream.
    async fn start_without(&mut self, begun: &Value, stream: u32) -> Answer {
        let failed = json!({ "file_id": begun["file_id"], "stream": stream });
        self.body["not_converted"].as_array_mut().expect("a list").push(failed);
        self.start().await
    }

    /// How the first part of every track is answered that is offered.
    async fn statuses(&self, begun: &Value) -> Vec<u16> {
        let master = fetch(&self.house.app, begun["url"].as_str().expect("a URL")).await.text();
        let mut statuses = Vec::new();
        let sounds = master.lines().filter(|it| it.contains("TYPE=AUDIO"));
        let sounds = sounds.filter_map(|it| it.split("URI=\"").nth(1)?.split('"').next());
        let pictures = addresses(&master);
        for playlist in pictures.iter().map(String::as_str).chain(sounds) {
            let (_, segments) = parts(&self.house.app, playlist).await;
            statuses.push(fetch(&self.house.app, &segments[0]).await.status.as_u16());
        }
        statuses
    }
}

fn way(begun: &Value) -> (&str, Vec<&str>) {
    (begun["method"].as_str().expect("a way"), codes(begun))
}

#[tokio::test]
async fn pictures_that_cannot_be_converted_are_followed_by_what_may_play_and_in_the_end_by_an_error()
 {
    let folder = tempfile::tempdir().expect("a folder");
    let program = failing(folder.path(), "libx264");
    let house = house(BOTH, |config| config.media.ffmpeg = Some(program)).await;
    let mut player = Player::new(&house, &[]);
    let begun = player.start().await.json();
    assert_eq!(way(&begun), ("transcode_video", vec!["video_codec", "audio_codec"]));
    assert_eq!(player.statuses(&begun).await, [409, 200]);

    // The film's own pictures, which this player says that it does not decode.
    let begun = player.start_without(&begun, 0).await.json();
    let reasons = vec!["video_codec", "audio_codec", "conversion_failed"];
    assert_eq!(way(&begun), ("transcode_audio", reasons));
    assert_eq!(player.statuses(&begun).await, [200, 200]);
    let master = fetch(&house.app, begun["url"].as_str().expect("a URL")).await.text();
    assert_eq!(count_frames(&house, &addresses(&master)[0]).await, 300);

    // It was right: the file itself is not tried any more either.
    player.body["given_up"] = json!("pictures");
    let told = player.start().await;
    let problem = (told.status.as_u16(), told.json()["code"].clone());
    assert_eq!(problem, (409, json!("playback.no_way_left")), "{}", told.text());
    // Who did not try knows nothing of it.
    let begun = Player::new(&house, &[]).start().await.json();
    assert_eq!(begun["method"], "transcode_video");
}

/// Pictures that plays anybody, and this sound in German beside AAC in English.
const GERMAN_AND_ENGLISH: &str = "-map 0:v -map 1:a -map 1:a -c:v libx264 -pix_fmt yuv420p -preset veryfast -g 25 \
     -c:a:0 ac3 -c:a:1 aac -metadata:s:a:0 language=ger -metadata:s:a:1 language=eng";

#[tokio::test]
async fn sound_that_cannot_be_converted_is_followed_by_another_track_and_then_by_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = failing(folder.path(), "aac");
    let house = house(GERMAN_AND_ENGLISH, |config| config.media.ffmpeg = Some(program)).await;
    let mut player = Player::new(&house, &["de"]);
    let begun = player.start().await.json();
    assert_eq!((&begun["method"], &begun["audio_index"]), (&json!("transcode_audio"), &json!(1)));
    let begun = player.start_without(&begun, 1).await.json();
    assert_eq!((&begun["method"], &begun["audio_index"]), (&json!("remux"), &json!(2)));
    assert_eq!(begun["playable_audio"], json!([2]));
    assert_eq!(codes(&begun), ["container", "audio_not_first", "conversion_failed"]);
    assert_eq!(player.statuses(&begun).await, [200, 200]);

    // Where no other track plays, the film goes on without a sound.
    let mut player = Player::new(&house, &["de"]);
    player.body["profile"]["audio"] = json!([{ "codec": "aac", "max_sample_rate": 8000 }]);
    let begun = player.start().await.json();
    assert_eq!(begun["method"], "transcode_audio");
    let begun = player.start_without(&begun, 1).await.json();
    assert_eq!((&begun["method"], &begun["audio_index"]), (&json!("transcode_audio"), &json!(2)));
    let begun = player.start_without(&begun, 2).await.json();
    assert_eq!((&begun["method"], &begun["audio_index"]), (&json!("remux"), &Value::Null));
    assert_eq!(codes(&begun).last(), Some(&"conversion_failed"));
    assert_eq!(player.statuses(&begun).await, [200], "pictures alone");
}

#[tokio::test]
async fn of_a_film_that_cannot_be_converted_another_version_is_played() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = failing(folder.path(), "libx264");
    let mut house = house(BOTH, |config| config.media.ffmpeg = Some(program)).await;
    let film = house.path.with_extension("");
    std::fs::create_dir(&film).expect("a folder");
    let version = |name: &str| film.join(format!("Open Sky (2001) - {name}.mkv"));
    std::fs::rename(&house.path, version("first")).expect("moved");
    make_film(&version("second"), &BOTH.replace("ac3", "aac"));
    let libraries = house.app.get(&house.owner, "/libraries").await.json();
    let library = libraries["items"][0]["id"].as_str().expect("an id").to_owned();
    house.app.scan(&house.owner, &library).await;
    let items = house.app.get(&house.member, &format!("/items?library_id={library}")).await.json();
    house.item = items["items"][0]["id"].clone();

    let mut player = Player::new(&house, &[]);
    let first = player.start().await.json();
    assert_eq!(first["method"], "transcode_video");
    let second = player.start_without(&first, 0).await.json();
    assert_eq!(second["method"], "transcode_video");
    assert_ne!(second["file_id"], first["file_id"], "it may be the file");
    let third = player.start_without(&second, 0).await.json();
    assert_eq!(third["method"], "transcode_audio", "neither: as it is");
    assert_eq!(player.statuses(&third).await, [200, 200]);
    let many: Vec<Value> =
        (0..300).map(|it| json!({ "file_id": first["file_id"], "stream": it })).collect();
    player.body["not_converted"] = json!(many);
    assert_eq!(player.start().await.status, 422);
}
