//! Cutting a film, its bytes in memory: opening it, and the list of what a segment in the middle is made of. And the index of
//! two hours on disk beside FFprobe's walk through the packets of the pictures, which is what there is without one.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use media::cmaf::media_segment;
use media::samples::Film;

fn main() {
    divan::main();
}

/// Ten minutes of small pictures: as many samples as a film has, without its bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark runs a trusted program on its own files"
)]
fn film(ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("film.{ending}"));
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=24:d=600"])
        .args(["-f", "lavfi", "-i", "sine=duration=600", "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-g", "48", "-pix_fmt", "yuv420p", "-c:a", "aac"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(path).unwrap()
}

#[divan::bench(args = ["mkv", "mp4"])]
fn open(bencher: divan::Bencher<'_, '_>, ending: &str) {
    let bytes = film(ending);
    bencher.bench_local(|| Film::open(&bytes.as_slice()).unwrap());
}

#[divan::bench(args = ["mkv", "mp4"])]
fn middle_segment(bencher: divan::Bencher<'_, '_>, ending: &str) {
    let bytes = film(ending);
    let film = Film::open(&bytes.as_slice()).unwrap();
    let track = film.video();
    let number = film.n_segments(track) / 2;
    bencher.bench_local(|| media_segment(&film, &bytes.as_slice(), track, number).unwrap());
}

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// Two hours with a key frame every two seconds: a minute, again and again.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark runs a trusted program on its own files"
)]
fn two_hours(ending: &str) -> PathBuf {
    let (minute, path) =
        (FOLDER.path().join("minute.mp4"), FOLDER.path().join(format!("hours.{ending}")));
    let run = |args: &[&str]| {
        let made = Command::new("ffmpeg").args(["-v", "error", "-nostdin"]).args(args).status();
        assert!(made.unwrap().success());
    };
    if !minute.exists() {
        let pictures = "testsrc2=s=640x360:r=24:d=60";
        let codecs = "-c:v libx264 -preset ultrafast -g 48 -pix_fmt yuv420p -c:a aac";
        let mut args = vec!["-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", "sine=duration=60"];
        args.extend(codecs.split_whitespace());
        args.push(minute.to_str().unwrap());
        run(&args);
    }
    if !path.exists() {
        let (from, to) = (minute.to_str().unwrap(), path.to_str().unwrap());
        run(&["-stream_loop", "119", "-i", from, "-c", "copy", to]);
    }
    path
}

#[divan::bench(args = ["mkv", "mp4"])]
fn index_of_two_hours(bencher: divan::Bencher<'_, '_>, ending: &str) {
    let path = two_hours(ending);
    bencher.bench_local(|| {
        let file = File::open(&path).unwrap();
        let film = Film::open(&file).unwrap();
        assert!(film.n_segments(film.video()) > 1_000);
        film
    });
}

/// What a list of segments is made of, without the tables of every sample.
#[divan::bench(args = ["mkv", "mp4"])]
fn key_frames_of_two_hours(bencher: divan::Bencher<'_, '_>, ending: &str) {
    let path = two_hours(ending);
    bencher.bench_local(|| {
        let index = media::index::key_frames(&File::open(&path).unwrap()).unwrap().unwrap();
        assert!(index.key_frames.len() > 1_000);
        index
    });
}

#[divan::bench(args = ["mkv", "mp4"], sample_count = 3, sample_size = 1)]
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark runs a trusted program on its own files"
)]
fn packets_of_two_hours_by_ffprobe(bencher: divan::Bencher<'_, '_>, ending: &str) {
    let path = two_hours(ending);
    bencher.bench_local(|| {
        let walked = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts,flags"])
            .args(["-of", "csv"])
            .arg(&path)
            .stdout(Stdio::null())
            .status();
        assert!(walked.unwrap().success());
    });
}
