//! Pictures coded by hardware, which a program stands in for: one that works, one that fails midway, one that hangs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::http::Method;
use revenge::config::{Config, HardwareSetting};
use serde_json::Value;
use tempfile::TempDir;

use crate::app::{App, Caller, stand_in};
use crate::transcode::{
    BOTH, addresses, count_frames, fetch, house, master, n_running, parts, profile, start, until,
};

/// In place of FFmpeg: the same program, but that its VAAPI is x264, and does what a file beside it says.
const SCRIPT: &str = r#"#!/bin/sh
case "$*" in *h264_vaapi*) ;; *) exec FFMPEG "$@";; esac
mode=$(cat "$0.mode")
left=$#
while [ $left -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case $word in
    -vaapi_device|-async_depth) shift; left=$((left - 1));;
    h264_vaapi) set -- "$@" libx264 -preset ultrafast -x264opts ref=2;;
    *,hwupload) set -- "$@" "${word%,hwupload}";;
    *) set -- "$@" "$word";;
  esac
done
case $mode in
  works) exec FFMPEG "$@";;
  fails) FFMPEG "$@" | head -c 60000; echo "[h264_vaapi @ 0x7] the device is lost" >&2; exit 1;;
  hangs) FFMPEG "$@" | head -c 60000; exec sleep 7335.5;;
esac
"#;

struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder") };
        stand_in(machine.folder.path(), "ffmpeg", SCRIPT);
        machine.turn("works");
        machine
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("ffmpeg")
    }

    /// What its hardware does from now on.
    fn turn(&self, mode: &str) {
        let path: PathBuf = format!("{}.mode", self.program().display()).into();
        std::fs::write(path, mode).expect("written");
    }

    fn configure(&self, config: &mut Config) {
        config.media.ffmpeg = Some(self.program());
        config.transcode.hardware = HardwareSetting::Vaapi;
    }
}

/// What the administrator is told of the encoder.
async fn encoder_part(app: &App, owner: &Caller) -> Value {
    let system = app.get(owner, "/system").await.json();
    let parts = system["parts"].as_array().expect("parts").clone();
    parts.into_iter().find(|it| it["name"] == "encoder").expect("an encoder")
}

#[tokio::test]
async fn hardware_that_works_codes_the_pictures_and_is_known_after_a_restart() {
    let machine = Machine::new();
    let house = house(BOTH, |config| machine.configure(config)).await;
    house.app.workshop.playback.try_encoders().await;
    let begun = start(&house, profile()).await;
    assert_eq!(begun["encoder"], "VAAPI");
    let master = fetch(&house.app, begun["url"].as_str().expect("a URL")).await.text();
    let pictures = addresses(&master)[0].clone();
    assert!(pictures.contains("/h264-480-vaapi/media.m3u8"), "{master}");
    assert_eq!(count_frames(&house, &pictures).await, 300);
    let part = encoder_part(&house.app, &house.owner).await;
    assert_eq!(part["status"], "fine");
    assert!(part["found"].as_str().expect("text").starts_with("VAAPI; NVENC: "), "{part}");

    // What is kept of the trial is believed: this machine would not pass another.
    machine.turn("fails");
    let app = house.app.restarted(|_| ()).await;
    app.workshop.playback.try_encoders().await;
    let part = encoder_part(&app, &house.owner).await;
    assert!(part["found"].as_str().expect("text").starts_with("VAAPI; "), "{part}");
}

#[tokio::test]
async fn hardware_that_fails_midway_is_replaced_in_the_same_request_and_set_aside() {
    let machine = Machine::new();
    let house = house(BOTH, |config| machine.configure(config)).await;
    house.app.workshop.playback.try_encoders().await;
    let pictures = addresses(&master(&house).await)[0].clone();
    assert!(pictures.contains("/h264-480-vaapi/"), "{pictures}");
    let (init, segments) = parts(&house.app, &pictures).await;
    assert_eq!(fetch(&house.app, &init).await.status, 200);
    machine.turn("fails");
    for segment in &segments {
        assert_eq!(fetch(&house.app, segment).await.status, 200, "{segment}");
    }
    assert_eq!(count_frames(&house, &pictures).await, 300, "all of it plays together");
    let part = encoder_part(&house.app, &house.owner).await;
    assert_eq!(part["status"], "degraded");
    let found = part["found"].as_str().expect("text");
    assert!(found.starts_with("x264; VAAPI failed: "), "{found}");
    let again = start(&house, profile()).await;
    assert_eq!(again["encoder"], "x264");
    assert!(again["url"].as_str().expect("a URL").contains("video=h264-480-"), "{again}");
}

#[tokio::test]
async fn hardware_that_hangs_is_replaced_in_the_same_request() {
    let machine = Machine::new();
    let house = house(BOTH, |config| machine.configure(config)).await;
    house.app.workshop.playback.try_encoders().await;
    machine.turn("hangs");
    let pictures = addresses(&master(&house).await)[0].clone();
    assert!(pictures.contains("/h264-480-vaapi/"), "{pictures}");
    let (_, segments) = parts(&house.app, &pictures).await;
    let started = Instant::now();
    for segment in &segments {
        let answer = house.app.send(&Caller::nobody(), Method::GET, segment, None).await;
        assert_eq!(answer.status, 200, "{segment}: {}", answer.text());
    }
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    until("its child is ended", || n_running("7335.5") == 0).await;
    let part = encoder_part(&house.app, &house.owner).await;
    assert!(part["found"].as_str().expect("text").contains("nothing came for"), "{part}");
}

#[tokio::test]
async fn where_no_hardware_is_software_codes_and_the_reasons_are_told() {
    let house = house(BOTH, |config| config.transcode.hardware = HardwareSetting::Nvenc).await;
    house.app.workshop.playback.try_encoders().await;
    if Path::new("/dev/nvidiactl").exists() {
        // Here it may work.
        return;
    }
    let begun = start(&house, profile()).await;
    assert_eq!(begun["encoder"], "x264");
    let pictures = addresses(&master(&house).await)[0].clone();
    assert_eq!(count_frames(&house, &pictures).await, 300);
    let part = encoder_part(&house.app, &house.owner).await;
    assert_eq!(part["status"], "degraded", "it was wished for");
    let found = part["found"].as_str().expect("text");
    assert!(found.contains("x264; NVENC: h264_nvenc: "), "{found}");
    assert!(found.contains("VAAPI: the configuration names another"), "{found}");
}
