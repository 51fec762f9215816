//! Tiny films, made once by FFmpeg.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Two seconds of Matroska with a tone, title tags and a chapter.
pub fn matroska() -> &'static [u8] {
    static FILM: LazyLock<Vec<u8>> = LazyLock::new(|| make("film.mkv"));
    &FILM
}

/// The same in MP4.
pub fn mp4() -> &'static [u8] {
    static FILM: LazyLock<Vec<u8>> = LazyLock::new(|| make("film.mp4"));
    &FILM
}

/// A picture of 60 by 90 pixels.
pub fn jpeg() -> &'static [u8] {
    static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.jpg");
        run(&["-f", "lavfi", "-i", "color=red:size=60x90", "-frames:v", "1"], &path);
        fs::read(&path).expect("the picture")
    });
    &PICTURE
}

/// Twelve seconds between black bars: black at first, then blurred, and clear from the sixth to the eighth.
pub fn dark_then_clear() -> &'static [u8] {
    static FILM: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("film.mp4");
        let picture = "testsrc2=size=320x132:rate=10:duration=12,\
                       boxblur=12:3:enable='not(between(t,6,8))',eq=brightness=-1:contrast=0:enable='lt(t,3)',\
                       pad=320:180:0:24:black";
        run(&["-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-q:v", "4"], &path);
        fs::read(&path).expect("the film")
    });
    &FILM
}

/// `film` with `n` in an element that players skip, so that no two copies are equal.
pub fn numbered(film: &[u8], n: u64) -> Vec<u8> {
    [film, &[0xec, 0x88], &n.to_be_bytes()].concat()
}

fn make(name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let picture = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=2"];
    let tone = ["-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000:duration=2"];
    let coded = ["-c:v", "mpeg4", "-q:v", "20", "-c:a", "aac", "-b:a", "24k", "-ac", "1"];
    let tags = ["-metadata", "title=www.example.test", "-metadata", "genre=Drama"];
    run(&[&picture[..], &tone, &coded, &tags].concat(), &path);
    fs::read(&path).expect("the film")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the confined runner of media gives its children no file to write"
)]
fn run(args: &[&str], target: &Path) {
    let mut ffmpeg = std::process::Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-y"]).args(args).arg(target);
    assert!(ffmpeg.status().expect("FFmpeg starts").success());
}
