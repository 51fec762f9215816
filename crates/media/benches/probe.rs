//! Reading headers ourselves beside spawning FFprobe, on the same file. Needs `ffmpeg` and `ffprobe`.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use divan::Bencher;

fn main() {
    divan::main();
}

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// A minute of video with sound.
#[expect(clippy::disallowed_methods, reason = "a benchmark runs trusted programs on its own files")]
fn sample(name: &str) -> PathBuf {
    let path = FOLDER.path().join(name);
    if !path.exists() {
        let inputs =
            ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=60", "-f", "lavfi", "-i", "sine=d=60"];
        let codecs = match name {
            "song.flac" => "-map 1 -c:a flac",
            "song.mp3" => "-map 1 -c:a libmp3lame",
            "film.avi" => "-c:v mpeg4 -c:a libmp3lame",
            "fragmented.mp4" => {
                "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac \
                 -movflags frag_keyframe+empty_moov"
            }
            _ => "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac",
        };
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-y"])
            .args(inputs)
            .args(codecs.split_whitespace())
            .arg(&path)
            .status();
        assert!(status.unwrap().success());
    }
    path
}

const NAMES: [&str; 8] = [
    "film.mkv",
    "film.mp4",
    "fragmented.mp4",
    "film.ts",
    "film.m2ts",
    "film.avi",
    "song.flac",
    "song.mp3",
];

#[divan::bench(args = NAMES)]
fn ours(bencher: Bencher<'_, '_>, name: &str) {
    let path = sample(name);
    bencher.bench(|| media::probe(&File::open(&path).unwrap(), name).unwrap());
}

#[divan::bench(args = ["film.mkv", "film.mp4", "fragmented.mp4"])]
fn key_frames(bencher: Bencher<'_, '_>, name: &str) {
    let path = sample(name);
    bencher.bench(|| media::index::key_frames(&File::open(&path).unwrap()).unwrap().unwrap());
}

#[divan::bench(args = NAMES, sample_count = 9)]
#[expect(clippy::disallowed_methods, reason = "a benchmark runs trusted programs on its own files")]
fn ffprobe(bencher: Bencher<'_, '_>, name: &str) {
    let path = sample(name);
    bencher.bench(|| {
        let output = Command::new("ffprobe").args(media::ffprobe::args(&path)).output().unwrap();
        media::ffprobe::parse(&output.stdout).unwrap()
    });
}
