//! An FFmpeg that fails: what stands in for it hangs, or is merely slow.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::stand_in;
use crate::transcode::{BOTH, House, addresses, fetch, house, master, n_running, parts, until};

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
