//! Films whose streams the client does not play: made anew by FFmpeg, through the real program that confines it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::Method;
use revenge::config::Config;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD, stand_in};
use crate::roles::{id_of, own_role};

/// A browser that plays HLS, H.264 and AAC.
pub fn profile() -> Value {
    json!({
        "containers": ["mp4"],
        "protocols": ["hls"],
        "video": [{ "codec": "h264", "profiles": ["High"], "max_level": 51 }],
        "audio": [{ "codec": "aac" }],
    })
}

/// Thirteen seconds with the pictures and the sound of these codecs; cut at 0, 4 and 8 seconds.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
pub fn make_film(path: &Path, coding: &str) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=12"])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=12"])
        .args(coding.split_whitespace())
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const SOUND_ONLY: &str = "-c:v libx264 -pix_fmt yuv420p -preset veryfast -g 25 -c:a ac3";
pub const BOTH: &str =
    "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=25 -c:a ac3";

pub struct House {
    pub app: App,
    pub owner: Caller,
    pub member: Caller,
    pub item: Value,
    pub path: PathBuf,
}

pub async fn house(coding: &str, change: impl FnOnce(&mut Config)) -> House {
    let app = App::start_with(change).await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let path = folder.join("Open Sky (2001).mkv");
    make_film(&path, coding);
    app.scan(&owner, &library).await;
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, owner, member, item, path }
}

pub async fn start(house: &House, profile: Value) -> Value {
    let body = json!({ "item_id": house.item, "profile": profile });
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    start.json()
}

pub async fn fetch(app: &App, url: &str) -> Answer {
    app.send(&Caller::nobody(), Method::GET, url, None).await
}

pub fn codes(start: &Value) -> Vec<&str> {
    let reasons = start["reasons"].as_array().expect("reasons");
    reasons.iter().filter_map(|it| it["code"].as_str()).collect()
}

pub fn addresses(playlist: &str) -> Vec<String> {
    playlist.lines().filter(|it| it.starts_with('/')).map(str::to_owned).collect()
}

fn quoted(line: &str) -> String {
    line.split("URI=\"").nth(1).and_then(|it| it.split('"').next()).expect("an address").to_owned()
}

pub async fn master(house: &House) -> String {
    let start = start(house, profile()).await;
    fetch(&house.app, start["url"].as_str().expect("a URL")).await.text()
}

/// The addresses of what is needed first, and of all segments.
pub async fn parts(app: &App, playlist: &str) -> (String, Vec<String>) {
    let media = fetch(app, playlist).await.text();
    let map = media.lines().find(|it| it.contains("EXT-X-MAP")).expect("a map");
    (quoted(map), addresses(&media))
}

/// Decodes everything behind a playlist and counts the frames.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
pub async fn count_frames(house: &House, playlist: &str) -> u64 {
    let (init, segments) = parts(&house.app, playlist).await;
    let mut bytes = Vec::new();
    for url in std::iter::once(&init).chain(&segments) {
        let answer = fetch(&house.app, url).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        assert_eq!(answer.headers["cache-control"], "private, max-age=31536000, immutable");
        bytes.extend(answer.body);
    }
    let path = house.app.folder.path().join("made.mp4");
    std::fs::write(&path, bytes).expect("written");
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"])
        .args(["-of", "csv=p=0"])
        .arg(&path)
        .output()
        .expect("ffprobe");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().trim_end_matches(',').parse().expect("a number")
}

#[tokio::test]
async fn sound_alone_is_made_anew_where_the_pictures_will_do() {
    let house = house(SOUND_ONLY, |_| ()).await;
    let start = start(&house, profile()).await;
    assert_eq!(start["method"], "transcode_audio");
    assert_eq!(codes(&start), ["audio_codec"]);
    assert_eq!(start["playable_audio"], json!([1]));
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    assert!(master.contains(",mp4a.40.2\"") && !master.contains("ac-3"), "{master}");
    assert!(addresses(&master)[0].contains("/0/media.m3u8"), "the pictures as they are: {master}");
    let sound = quoted(master.lines().find(|it| it.contains("TYPE=AUDIO")).expect("a track"));
    assert!(sound.contains("/1/aac/media.m3u8"), "{sound}");
    // 12 seconds, and what the source's last frame has more.
    let n_frames = count_frames(&house, &sound).await;
    assert!((563..=565).contains(&n_frames), "{n_frames} frames");
    assert_eq!(count_frames(&house, &addresses(&master)[0]).await, 300);
}

#[tokio::test]
async fn what_a_client_gave_up_is_followed_by_the_next_way() {
    let house = house(SOUND_ONLY, |_| ()).await;
    let mut anything = profile();
    anything["containers"] = json!(["matroska"]);
    anything["audio"] = json!([{ "codec": "ac3" }, { "codec": "aac" }]);
    // The same for a client that says nothing of itself.
    let ways = [
        (Value::Null, "direct", vec![]),
        (json!("file"), "remux", vec!["file_given_up"]),
        (json!("pictures"), "transcode_video", vec!["pictures_given_up"]),
    ];
    let all = ways.iter().flat_map(|it| [&anything, &Value::Null].map(|profile| (profile, it)));
    for (profile, (given_up, method, reasons)) in all {
        let body = json!({ "item_id": house.item, "profile": profile, "given_up": given_up });
        let start = house.app.post(&house.member, "/playback", body).await.json();
        let found = (start["method"].as_str(), codes(&start));
        assert_eq!(found, (Some(*method), reasons.clone()), "{start}");
        if *method == "transcode_video" {
            let url = start["url"].as_str().expect("a URL");
            let master = fetch(&house.app, url).await.text();
            assert_eq!(count_frames(&house, &addresses(&master)[0]).await, 300);
        }
    }
    // With sound that must be made anew, too.
    let body = json!({ "item_id": house.item, "profile": profile(), "given_up": "pictures" });
    let start = house.app.post(&house.member, "/playback", body).await.json();
    assert_eq!(start["method"], "transcode_video");
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    assert!(master.contains("/1/aac/media.m3u8") && !master.contains("ac-3"), "{master}");
    let unknown = json!({ "item_id": house.item, "given_up": "everything" });
    assert_eq!(house.app.post(&house.member, "/playback", unknown).await.status, 422);
}

#[tokio::test]
async fn pictures_are_made_anew_in_sizes_that_help() {
    let house = house(BOTH, |_| ()).await;
    let start = start(&house, profile()).await;
    assert_eq!(start["method"], "transcode_video");
    assert_eq!(codes(&start), ["video_codec", "audio_codec"]);
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    let pictures = addresses(&master);
    assert_eq!(pictures.len(), 1, "no larger than it was: {master}");
    assert!(master.contains("RESOLUTION=640x360") && master.contains("avc1.64001E"), "{master}");
    assert_eq!(count_frames(&house, &pictures[0]).await, 300);
    let (_, segments) = parts(&house.app, &pictures[0]).await;
    let etag =
        fetch(&house.app, &segments[1]).await.headers["etag"].to_str().expect("text").to_owned();
    let again = Caller::nobody().with("if-none-match", etag);
    let again = house.app.send(&again, Method::GET, &segments[1], None).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_client_that_does_not_play_what_is_made_is_refused_with_the_reasons() {
    let house = house(BOTH, |_| ()).await;
    let mut odd = profile();
    odd["video"] = json!([{ "codec": "vp9" }]);
    let refused = start(&house, odd).await;
    assert_eq!(refused["method"], "unsupported");
    assert_eq!(codes(&refused), ["video_codec", "audio_codec", "video_codec"]);
}

#[tokio::test]
async fn who_may_not_have_films_converted_is_told_so_and_gets_none_by_an_address_either() {
    let house = house(BOTH, |_| ()).await;
    let made = addresses(&master(&house).await).remove(0);
    let role = own_role(&house.app, &house.owner, "Plain", &["play"]).await;
    let path = format!("/api/v1/people/{}", id_of(&house.app, &house.member).await);
    let change = json!({ "role_id": role });
    let changed = house.app.send(&house.owner, Method::PATCH, &path, Some(change)).await;
    assert_eq!(changed.status, 200);
    let refused = start(&house, profile()).await;
    assert_eq!(refused["method"], "unsupported");
    assert_eq!(codes(&refused), ["video_codec", "audio_codec", "not_allowed"]);
    let fetched = house.app.send(&Caller::nobody(), Method::GET, &made, None).await;
    assert_eq!(fetched.status, 403, "the address was signed while they were allowed");
}

#[tokio::test]
async fn a_server_that_makes_nothing_says_so() {
    let house = house(BOTH, |config| config.transcode.enabled = false).await;
    let refused = start(&house, profile()).await;
    assert_eq!(refused["method"], "unsupported");
    assert_eq!(codes(&refused), ["video_codec", "audio_codec", "no_transcoding"]);
}

#[tokio::test]
async fn many_at_once_are_served_by_one_child() {
    let house = house(BOTH, |_| ()).await;
    let master = master(&house).await;
    let (_, segments) = parts(&house.app, &addresses(&master)[0]).await;
    let before = until_idle(&house.app).await;
    // Of the last run, behind which nothing is made ahead.
    let asked = (0..1000).map(|_| fetch(&house.app, &segments[7]));
    let answers = futures::future::join_all(asked).await;
    assert!(answers.iter().all(|it| it.status == 200 && it.body == answers[0].body));
    assert_eq!(until_idle(&house.app).await, before + 1, "one production for all");
}

/// Waits until nothing is made, and says how much was.
pub async fn until_idle(app: &App) -> u64 {
    until("nothing is made", || app.workshop.playback.load().n_running == 0).await;
    app.workshop.playback.load().n_made
}

#[tokio::test]
async fn pictures_come_in_parts_of_a_second_or_two() {
    let house = house(BOTH, |_| ()).await;
    let master = master(&house).await;
    let media = fetch(&house.app, &addresses(&master)[0]).await.text();
    let stated: Vec<&str> = media.lines().filter_map(|it| it.strip_prefix("#EXTINF:")).collect();
    assert_eq!(stated[3..6], ["1.000000,", "1.000000,", "2.000000,"], "{media}");
    assert_eq!(stated.len(), 9, "{media}");
    assert!(media.contains("#EXT-X-TARGETDURATION:2\n"), "{media}");
}

#[tokio::test]
async fn a_part_has_the_same_bytes_whichever_was_asked_for_first() {
    let house = house(BOTH, |config| config.transcode.disk_cache_mb = 0).await;
    let (_, segments) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    let mut before = Vec::new();
    for url in &segments[3..6] {
        before.push(fetch(&house.app, url).await.body);
    }
    let app = house.app.restarted(|_| ()).await;
    for number in [5, 3, 4] {
        let after = fetch(&app, &segments[number]).await.body;
        assert!(after == before[number - 3], "part {number}");
    }
}

/// In place of FFmpeg: the same program, but that it is never given more than so many bytes, and waits for the rest. It may
/// try what it can draw.
fn starved_program(folder: &Path, seconds: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in */proc/self/fd/*) ;; *pipe:0*) (head -c \"$(cat \"$0.bytes\")\"; exec sleep {seconds}) | \
         FFMPEG \"$@\"; exit;; esac\nexec FFMPEG \"$@\"\n"
    );
    stand_in(folder, "starved", &script)
}

#[tokio::test]
async fn the_first_part_comes_long_before_the_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = starved_program(folder.path(), "7333.75");
    let bytes = program.with_extension("bytes");
    std::fs::write(&bytes, "0").expect("written");
    let house = house(BOTH, |config| config.media.ffmpeg = Some(program)).await;
    // The pictures of somewhat over half a run of three.
    let size = house.path.metadata().expect("a film").len();
    std::fs::write(&bytes, (size / 5).to_string()).expect("written");
    let master = master(&house).await;
    let (init, segments) = parts(&house.app, &addresses(&master)[0]).await;
    assert_eq!(fetch(&house.app, &init).await.status, 200);
    assert_eq!(fetch(&house.app, &segments[0]).await.status, 200);
    let load = house.app.workshop.playback.load();
    assert_eq!((load.n_running, load.n_made), (1, 0), "its run is not made");
    // The child of whoever looks elsewhere ends at once.
    let children = running("7333.75");
    let elsewhere = fetch(&house.app, &segments[8]);
    let turns = async {
        let left_at = Instant::now();
        until("the child ends", || !running("7333.75").contains(&children[0])).await;
        assert!(left_at.elapsed() < Duration::from_millis(1500), "{:?}", left_at.elapsed());
    };
    tokio::select! {
        answer = elsewhere => panic!("answered with {}", answer.status),
        () = turns => {}
    }
}

/// In place of FFmpeg: the same program, but that it makes nothing.
fn lazy_program(folder: &Path) -> PathBuf {
    let script = "#!/bin/sh\ncase \"$*\" in *pipe:0*) exit 1;; esac\nexec FFMPEG \"$@\"\n";
    stand_in(folder, "lazy", script)
}

/// Files in the folder of what is kept.
fn n_kept(app: &App) -> usize {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let shelves = entries(&app.folder.path().join("cache/made")).map(|it| it.path());
    let files = shelves.flat_map(|it| entries(&it).collect::<Vec<_>>()).map(|it| it.path());
    files.filter(|it| it.extension().is_none()).count()
}

#[tokio::test]
async fn what_was_made_before_a_restart_is_not_made_again() {
    let house = house(BOTH, |_| {}).await;
    let pictures = addresses(&master(&house).await)[0].clone();
    let (init, segments) = parts(&house.app, &pictures).await;
    let before = [fetch(&house.app, &init).await.body, fetch(&house.app, &segments[1]).await.body];
    // Three parts of each run, and what comes before them.
    let n_files = 1 + 3 * until_idle(&house.app).await;
    until("all is kept", || n_kept(&house.app) as u64 == n_files).await;

    let programs = tempfile::tempdir().expect("a folder");
    let lazy = lazy_program(programs.path());
    let app = house.app.restarted(|config| config.media.ffmpeg = Some(lazy)).await;
    let after = [fetch(&app, &init).await, fetch(&app, &segments[1]).await];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after.status, 200, "{}", after.text());
        assert!(after.body == *before, "the very bytes");
    }
    assert_eq!(app.workshop.playback.load().n_made, 0);
    assert_ne!(fetch(&app, &segments[8]).await.status, 200, "this program makes nothing");
}

/// In place of FFmpeg: a program that never has anything to say, and by whose argument it is found.
fn idle_program(folder: &Path, seconds: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in */proc/self/fd/*) ;; *pipe:0*) exec sleep {seconds};; esac\nexit 1\n"
    );
    stand_in(folder, "idle", &script)
}

/// Processes with this argument.
pub fn running(argument: &str) -> Vec<PathBuf> {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten().map(|it| it.path());
    let has = |line: &[u8]| line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes());
    processes.filter(|it| std::fs::read(it.join("cmdline")).is_ok_and(|line| has(&line))).collect()
}

pub fn n_running(argument: &str) -> usize {
    running(argument).len()
}

pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(15), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_child_ends_when_nobody_waits_for_it() {
    const SECONDS: &str = "7331.25";
    let folder = tempfile::tempdir().expect("a folder");
    let program = idle_program(folder.path(), SECONDS);
    let house = house(BOTH, |config| config.media.ffmpeg = Some(program)).await;
    let master = master(&house).await;
    let (_, segments) = parts(&house.app, &addresses(&master)[0]).await;
    {
        let viewer = fetch(&house.app, &segments[0]);
        let starts = until("a child starts", || n_running(SECONDS) == 1);
        tokio::select! {
            answer = viewer => panic!("{}", answer.text()),
            () = starts => {}
        }
    }
    let left_at = Instant::now();
    until("the child ends", || n_running(SECONDS) == 0).await;
    assert!(left_at.elapsed() < Duration::from_secs(8), "it ends soon after its viewer left");
    until("it is forgotten", || house.app.workshop.playback.load().n_running == 0).await;
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_is_asked_to_come_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = idle_program(folder.path(), "7332.5");
    let change = |config: &mut Config| {
        config.media.ffmpeg = Some(program);
        config.transcode.max_films = 1;
        // It hangs as long as the test wants.
        config.transcode.patience_seconds = 0;
    };
    let house = house(BOTH, change).await;
    let master = master(&house).await;
    let (_, segments) = parts(&house.app, &addresses(&master)[0]).await;
    let first = fetch(&house.app, &segments[0]);
    let second = async {
        until("the place is taken", || n_running("7332.5") == 1).await;
        fetch(&house.app, &segments[3]).await
    };
    tokio::select! {
        answer = first => panic!("{}", answer.text()),
        busy = second => {
            assert_eq!((busy.status.as_u16(), &busy.json()["code"]), (503, &json!("overloaded")));
            assert_eq!(busy.headers["retry-after"], "3");
        }
    }
}

#[tokio::test]
async fn a_part_that_is_broken_is_a_problem_and_not_the_end() {
    let house = house(BOTH, |_| ()).await;
    let film = std::fs::read(&house.path).expect("the film");
    // The pictures of the middle are noise; what leads to them is whole.
    let mut broken = film.clone();
    let (from, to) = (film.len() * 47 / 100, film.len() * 53 / 100);
    for byte in broken[from..to].iter_mut().step_by(7) {
        *byte ^= 0xa5;
    }
    std::fs::write(&house.path, broken).expect("replaced");
    let master = master(&house).await;
    let (_, segments) = parts(&house.app, &addresses(&master)[0]).await;
    let started = Instant::now();
    let mut statuses = Vec::new();
    for segment in &segments {
        let answer = fetch(&house.app, segment).await;
        statuses.push(answer.status.as_u16());
        if answer.status != 200 {
            assert!(answer.json()["code"].is_string(), "{}", answer.text());
        }
    }
    assert_eq!(statuses[0], 200, "what is whole plays");
    assert!(started.elapsed() < Duration::from_mins(1));
}
