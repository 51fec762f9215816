//! Cutting a film, its bytes in memory: opening it, and the list of what a segment in the middle is made of.

use std::process::Command;

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
