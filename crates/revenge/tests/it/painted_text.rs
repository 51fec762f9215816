//! Subtitles that are text, for clients that show none of it: drawn into the film by FFmpeg's libass, which is given the script
//! in memory and reaches no file.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{App, PASSWORD, ffmpeg, stand_in};
use crate::nodes::{Node, by_nodes};
use crate::transcode::{House, addresses, count_frames, fetch, parts, profile, until_idle};

/// One line in the middle, one that begins before the second run and ends in the third. The fonts are nobody's.
const SCRIPT: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n\
    Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n\
    Style: Sign,Nobody Has This,120,&H00FFFFFF,&H00FFFFFF,&H00FFFFFF,&H00FFFFFF,0,0,0,0,100,100,0,0,1,4,0,5,0,0,0,1\n\n\
    [Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
    Dialogue: 0,0:00:01.00,0:00:02.00,Sign,,0,0,0,,MMMM\n\
    Dialogue: 0,0:00:03.40,0:00:09.20,Sign,,0,0,0,,{\\fnNor This}MMMM\n";
/// Which of the pictures, 25 a second, have a line on them.
const SHOWN: [std::ops::Range<usize>; 2] = [25..50, 85..230];

/// Twelve black seconds with sound and these subtitles, and these fonts.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn make_film(path: &Path, script: Option<&str>, fonts: &[&Path]) {
    let folder = path.parent().expect("a folder");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-f", "lavfi"]);
    command.args(["-i", "color=black:s=640x360:r=25:d=12", "-f", "lavfi"]);
    command.args(["-i", "sine=frequency=440:sample_rate=48000:duration=12"]);
    let text = folder.join("script.txt");
    if let Some(script) = script {
        std::fs::write(&text, script).expect("written");
        command.args(["-f", "ass", "-i"]).arg(&text).args(["-map", "2"]);
    }
    command.args(["-map", "0", "-map", "1", "-c:v", "libx264", "-g", "100", "-bf", "0"]);
    command.args(["-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s", "copy"]);
    for font in fonts {
        command.arg("-attach").arg(font);
    }
    command.args(["-metadata:s:t", "mimetype=application/x-truetype-font"]);
    let output = command.arg(path).output().expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let _ = std::fs::remove_file(text);
}

/// A house with such a film, and files beside it.
async fn house(script: Option<&str>, fonts: &[&Path], beside: &[(&str, &[u8])]) -> House {
    let app = App::start().await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let path = folder.join("Open Sky (2001).mkv");
    make_film(&path, script, fonts);
    for (ending, content) in beside {
        std::fs::write(folder.join(format!("Open Sky (2001).{ending}")), content).expect("written");
    }
    app.scan(&owner, &library).await;
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let items = app.get(&member, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, owner, member, item, path }
}

/// Starts with a client that shows these forms of subtitles, and a wish for the first.
async fn start(house: &House, forms: &[&str]) -> Value {
    let mut profile = profile();
    profile["subtitles"] = json!(forms);
    let body = json!({ "item_id": house.item, "profile": profile, "subtitle_index": 0 });
    let start = house.app.post(&house.member, "/playback", body).await;
    assert_eq!(start.status, 200, "{}", start.text());
    start.json()
}

fn codes(start: &Value) -> Vec<&str> {
    let reasons = start["reasons"].as_array().expect("reasons");
    reasons.iter().map(|it| it["code"].as_str().expect("a code")).collect()
}

/// The playlist of the pictures.
async fn pictures(house: &House, start: &Value) -> String {
    let master = fetch(&house.app, start["url"].as_str().expect("a URL")).await.text();
    addresses(&master)[0].clone()
}

/// How bright the middle of each picture of what was counted last is on average.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn brightness(house: &House) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(house.app.folder.path().join("made.mp4"))
        .args(["-vf", "crop=400:80:120:140,scale=1:1:flags=area,format=gray"])
        .args(["-fps_mode", "passthrough", "-f", "rawvideo", "-"])
        .output()
        .expect("ffmpeg");
    output.stdout
}

/// Every picture is as it should be, to the very picture.
fn assert_shown(brightness: &[u8], shown: &[std::ops::Range<usize>]) {
    assert_eq!(brightness.len(), 300);
    for (number, bright) in brightness.iter().enumerate() {
        let is_shown = shown.iter().any(|it| it.contains(&number));
        let is_fine = if is_shown { *bright > 70 } else { *bright < 25 };
        assert!(is_fine, "picture {number} of {shown:?}: {bright}");
    }
}

#[tokio::test]
async fn a_script_is_drawn_for_those_who_show_no_text_on_its_pictures_and_no_others() {
    let house = house(Some(SCRIPT), &[], &[]).await;
    let shown = start(&house, &["ass"]).await;
    assert_eq!((&shown["method"], &shown["subtitle_index"]), (&json!("remux"), &json!(0)));
    let painted = start(&house, &[]).await;
    assert_eq!(
        (&painted["method"], &painted["subtitle_index"]),
        (&json!("transcode_video"), &json!(0))
    );
    assert_eq!(codes(&painted), ["container", "subtitle_painted"]);
    let said = painted["reasons"][1]["message"].as_str().expect("a sentence");
    assert!(said.contains("does not show ASS subtitles"), "{said}");
    assert_eq!(painted["subtitles"][0]["is_painted"], true);
    let pictures = pictures(&house, &painted).await;
    assert_eq!(count_frames(&house, &pictures).await, 300);
    assert_shown(&brightness(&house), &SHOWN);
    until_idle(&house.app).await;
}

#[tokio::test]
async fn a_file_of_plain_text_beside_a_film_is_drawn_too_and_another_when_it_changes() {
    let srt = "1\n00:00:01,000 --> 00:00:02,000\n<b>A line that is long enough</b>\nand another\nand one more\nand more\n";
    let house = house(None, &[], &[("en.srt", srt.as_bytes())]).await;
    let painted = start(&house, &[]).await;
    assert_eq!(codes(&painted), ["container", "subtitle_painted"]);
    assert!(painted["reasons"][1]["message"].as_str().expect("a sentence").contains("SRT"));
    let pictures = pictures(&house, &painted).await;
    assert_eq!(count_frames(&house, &pictures).await, 300);
    let made = house.app.folder.path().join("made.mp4");
    let drawn = white(&made, 1.5);
    assert!(drawn > 500, "{drawn}");
    assert_eq!(white(&made, 0.5), 0);
    assert_eq!(white(&made, 2.5), 0);
    // The address is that of the file as it was.
    let (_, segments) = parts(&house.app, &pictures).await;
    let beside = house.path.with_extension("en.srt");
    std::fs::write(&beside, srt.replace("00:00:01", "00:00:00")).expect("written");
    let answer = fetch(&house.app, &segments[0]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["code"]),
        (409, &json!("playback.file_changed"))
    );
    let again = start(&house, &[]).await;
    let pictures = self::pictures(&house, &again).await;
    assert_eq!(count_frames(&house, &pictures).await, 300);
    assert!(white(&made, 0.5) > 500);
    // Nobody has a file drawn that is no subtitle, or is not there.
    for odd in ["-t00000000000000000000000000000007ffffffffffffffff", "-s0", "-s9"] {
        let (before, behind) = segments[0].split_once("-t").expect("a name");
        let rest = behind.split_once('/').expect("a path").1.split('?').next().expect("a path");
        let path = format!("{before}{odd}/{rest}");
        let path = path.strip_prefix("/api/v1").unwrap_or(&path).to_owned();
        assert_eq!(house.app.get(&house.member, &path).await.status, 404, "{path}");
    }
    until_idle(&house.app).await;
}

/// How many pixels of the lower part of a picture are white.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn white(made: &Path, at_s: f64) -> usize {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-ss", &at_s.to_string(), "-i"])
        .arg(made)
        .args(["-vf", "crop=400:120:120:230,format=gray"])
        .args(["-frames:v", "1", "-f", "rawvideo", "-"])
        .output()
        .expect("ffmpeg");
    output.stdout.iter().filter(|it| **it > 200).count()
}

#[tokio::test]
async fn the_film_s_own_font_is_used_where_it_has_one_and_the_script_s() {
    let serif = Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf");
    let script = SCRIPT.replace("Nobody Has This", "DejaVu Serif");
    let font = coded(&std::fs::read(serif).expect("a font"));
    let with_font =
        script.replace("[Events]", &format!("[Fonts]\nfontname: x.ttf\n{font}\n[Events]"));
    let mut pictures = Vec::new();
    // The system has it as well, which must not matter.
    for (script, fonts, beside) in [
        (Some(&*script), &[serif][..], &[][..]),
        (None, &[], &[("en.ass", with_font.as_bytes())]),
        (Some(&*script), &[], &[]),
    ] {
        let house = house(script, fonts, beside).await;
        let painted = start(&house, &[]).await;
        count_frames(&house, &self::pictures(&house, &painted).await).await;
        pictures.push(brightness(&house));
        until_idle(&house.app).await;
    }
    let [of_the_film, of_the_script, without] = [&pictures[0], &pictures[1], &pictures[2]];
    assert!(of_the_film[30] > 70 && without[30] > 70);
    let apart = of_the_film[30].abs_diff(without[30]);
    assert!(apart > 2, "{} and {}", of_the_film[30], without[30]);
    assert_eq!(of_the_film[100], without[100], "where another font is meant it is the same one");
    assert_eq!(of_the_film, of_the_script);
}

/// A font as a script holds it: each six bits a character, from `!` on, in lines of eighty.
fn coded(font: &[u8]) -> String {
    let bits: Vec<u8> =
        font.iter().flat_map(|it| (0..8).rev().map(move |bit| it >> bit & 1)).collect();
    let six = |bits: &[u8]| {
        let value = bits.iter().fold(0, |sum, bit| sum << 1 | bit) << (6 - bits.len());
        char::from(b'!' + value)
    };
    let characters: Vec<char> = bits.chunks(6).map(six).collect();
    characters.chunks(80).map(|it| it.iter().collect::<String>() + "\n").collect()
}

#[tokio::test]
async fn another_machine_draws_the_same() {
    let house = house(Some(SCRIPT), &[], &[]).await;
    let house = House {
        app: house.app.restarted(|config| config.transcode.disk_cache_mb = 0).await,
        ..house
    };
    let painted = start(&house, &[]).await;
    let (_, urls) = parts(&house.app, &pictures(&house, &painted).await).await;
    let mut before = Vec::new();
    for url in &urls {
        before.push(fetch(&house.app, url).await.body);
    }
    until_idle(&house.app).await;
    let program = ffmpeg();
    let node = Node::start(&[("REVENGE_MEDIA__FFMPEG", program.to_str().expect("a path"))]);
    let house = House { app: house.app.restarted(by_nodes(&[&node.url])).await, ..house };
    let again = start(&house, &[]).await;
    assert_eq!(codes(&again), ["container", "subtitle_painted"], "a server without FFmpeg");
    for (url, before) in urls.iter().zip(&before) {
        assert!(fetch(&house.app, url).await.body == *before, "{url}");
    }
    let n_made = until_idle(&house.app).await;
    assert_eq!(house.app.workshop.playback.load().n_made_there, n_made);
}

#[tokio::test]
async fn where_this_ffmpeg_draws_no_text_the_film_plays_without_and_the_reason_is_told() {
    let house = house(Some(SCRIPT), &[], &[]).await;
    let programs = tempfile::tempdir().expect("a folder");
    let script = "#!/bin/sh\ncase \"$*\" in *ass=*) echo \"No such filter: 'ass'\" >&2; exit 1;; esac\nexec FFMPEG \"$@\"\n";
    let lacking = stand_in(programs.path(), "ffmpeg", script);
    let app = house.app.restarted(|config| config.media.ffmpeg = Some(lacking.clone())).await;
    let house = House { app, ..house };
    let plain = start(&house, &[]).await;
    assert_eq!((&plain["method"], &plain["subtitle_why"]), (&json!("remux"), &json!("not_shown")));
    assert_eq!(
        (&plain["subtitle_index"], codes(&plain)),
        (&Value::Null, vec!["container", "subtitle_not_painted"])
    );
    let said = plain["reasons"][1]["message"].as_str().expect("a sentence");
    assert!(said.contains("No such filter: 'ass'"), "{said}");
    // Nor by another machine that does not.
    let node = Node::start(&[("REVENGE_MEDIA__FFMPEG", lacking.to_str().expect("a path"))]);
    let house = House { app: house.app.restarted(by_nodes(&[&node.url])).await, ..house };
    let plain = start(&house, &[]).await;
    assert_eq!(
        (&plain["subtitle_why"], codes(&plain)),
        (&json!("not_shown"), vec!["container", "subtitle_not_painted"])
    );
}

#[tokio::test]
async fn what_is_hostile_is_drawn_or_left_out_and_never_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    // A font whose names are right, and whose every glyph is garbage.
    let font = std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf").expect("a font");
    let mut broken = font.clone();
    let end = broken.len() * 2 / 3;
    for (place, byte) in broken[12_000..end].iter_mut().enumerate() {
        *byte = (place * 31 % 251) as u8;
    }
    let (hostile, cut) = (folder.path().join("hostile.ttf"), folder.path().join("cut.ttf"));
    std::fs::write(&hostile, broken).expect("written");
    std::fs::write(&cut, &font[..font.len() / 3]).expect("written");
    let script = SCRIPT.replace("Nobody Has This", "DejaVu Serif");
    // Fifty megabytes, of lines that are shown all at once, and of none.
    let line = "Dialogue: 0,0:00:00.00,0:00:12.00,Sign,,0,0,0,,{\\blur9\\frz30\\fnX}{\\p1}m 0 0 l 9 9{\\p0}\\N\u{202e}x\n";
    let crowd = format!("{SCRIPT}{}", line.repeat(50_000_000 / line.len()));
    let garbage: Vec<u8> =
        (0..50_000_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (name, beside, fonts) in [
        ("fonts", script.as_bytes(), &[&*hostile, &*cut][..]),
        ("crowd", crowd.as_bytes(), &[]),
        ("garbage", &garbage, &[]),
    ] {
        let began = Instant::now();
        let house = house(None, fonts, &[("en.ass", beside)]).await;
        let start = start(&house, &[]).await;
        if start["method"] == "transcode_video" {
            let (_, segments) = parts(&house.app, &pictures(&house, &start).await).await;
            let answer = fetch(&house.app, &segments[0]).await;
            let is_told = answer.json()["code"] == "playback.not_converted";
            assert!(answer.status == 200 || is_told, "{name}: {}", answer.text());
        } else {
            assert_eq!(start["subtitle_why"], "not_shown", "{name}");
        }
        assert!(began.elapsed() < Duration::from_secs(150), "{name}: {:?}", began.elapsed());
        println!("{name}: {:?} {}", began.elapsed(), start["method"]);
    }
}
