//! Poster frames by the real FFmpeg.

use std::fs::File;
use std::path::Path;

use media::frame::{Poster, args};
use media::tool::{Limits, locate, run};
use media::{Probe, probe};

use crate::samples;

async fn poster(path: &Path, probe: &Probe, poster: Poster) -> Vec<u8> {
    let ffmpeg = locate("ffmpeg", None).expect("ffmpeg is needed for this test");
    run(&ffmpeg, &args(path, probe, poster).unwrap(), Limits::FRAME).await.unwrap().stdout
}

/// Width and height of a JPEG, from its frame header.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let at = jpeg.windows(2).position(|it| matches!(it, [0xff, 0xc0 | 0xc2])).unwrap();
    let word = |from: usize| u16::from_be_bytes([jpeg[from], jpeg[from + 1]]);
    (word(at + 7), word(at + 5))
}

#[tokio::test]
async fn a_poster_is_one_jpeg_of_the_wanted_width_and_the_right_shape() {
    let table = [
        ("film.mkv", 160, (160, 90)),
        ("film.mp4", 4000, (320, 180)),
        ("hdr10.mkv", 160, (160, 90)),
        ("anamorphic.mkv", 512, (512, 288)),
        ("rotated.mp4", 90, (90, 160)),
    ];
    for (name, max_width, expected) in table {
        let path = samples::folder().join(name);
        let found = probe(&File::open(&path).unwrap(), name).unwrap();
        let jpeg = poster(&path, &found, Poster { max_width, has_zscale: true }).await;
        assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]), "{name}");
        assert_eq!(size(&jpeg), expected, "{name}");
    }
}

#[test]
fn sound_has_no_poster_and_long_films_are_not_sought_far() {
    let path = samples::folder().join("song.flac");
    let song = probe(&File::open(&path).unwrap(), "song.flac").unwrap();
    let wanted = Poster { max_width: 300, has_zscale: false };
    assert_eq!(args(&path, &song, wanted), None);

    let mut film =
        probe(&File::open(samples::folder().join("film.mkv")).unwrap(), "film.mkv").unwrap();
    for (duration_ms, expected) in
        [(Some(90_000), "9.000"), (Some(36_000_000), "600.000"), (None, "0.000")]
    {
        film.duration_ms = duration_ms;
        let args = args(Path::new("/film.mkv"), &film, wanted).unwrap();
        let at = args.iter().position(|it| it == "-ss").unwrap();
        assert_eq!(args[at + 1], expected);
        assert!(args.iter().any(|it| it == "file:/film.mkv"));
    }
}
