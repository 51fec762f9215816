//! Frames by the real FFmpeg.

use std::fs::File;
use std::path::Path;

use media::frame::{Poster, args, split};
use media::tool::{Limits, locate, run};
use media::{Probe, probe};

use crate::samples;

/// The moments of a film, one JPEG each.
async fn moments(path: &Path, probe: &Probe, poster: Poster) -> Vec<Vec<u8>> {
    let ffmpeg = locate("ffmpeg", None).expect("ffmpeg is needed for this test");
    let args = args(path, probe, poster).unwrap();
    let written = run(&ffmpeg, &args, Limits::FRAME).await.unwrap().stdout;
    let pictures: Vec<Vec<u8>> = split(&written).into_iter().map(<[u8]>::to_vec).collect();
    assert_eq!(pictures.concat(), written, "nothing is between them");
    pictures
}

/// Width and height of a JPEG, from its frame header.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let at = jpeg.windows(2).position(|it| matches!(it, [0xff, 0xc0 | 0xc2])).unwrap();
    let word = |from: usize| u16::from_be_bytes([jpeg[from], jpeg[from + 1]]);
    (word(at + 7), word(at + 5))
}

#[tokio::test]
async fn each_moment_is_one_jpeg_of_the_wanted_width_and_the_right_shape() {
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
        let pictures = moments(&path, &found, Poster { max_width, has_zscale: true }).await;
        assert_eq!(pictures.len(), 6, "{name}");
        assert!(pictures.iter().all(|it| size(it) == expected), "{name}");
        assert!(pictures.windows(2).any(|it| it[0] != it[1]), "{name} moves");
    }
}

#[tokio::test]
async fn a_film_shorter_than_it_says_gives_the_moments_it_has() {
    let path = samples::folder().join("film.mkv");
    let mut found = probe(&File::open(&path).unwrap(), "film.mkv").unwrap();
    for duration_ms in [None, found.duration_ms.map(|it| it * 3), Some(4_000_000)] {
        found.duration_ms = duration_ms;
        let wanted = Poster { max_width: 160, has_zscale: true };
        let pictures = moments(&path, &found, wanted).await;
        assert!((1..=6).contains(&pictures.len()), "{duration_ms:?}: {}", pictures.len());
    }
}

#[test]
fn sound_has_no_moments_and_those_of_a_film_are_spread_over_it() {
    let path = samples::folder().join("song.flac");
    let song = probe(&File::open(&path).unwrap(), "song.flac").unwrap();
    let wanted = Poster { max_width: 300, has_zscale: false };
    assert_eq!(args(&path, &song, wanted), None);

    let mut film =
        probe(&File::open(samples::folder().join("film.mkv")).unwrap(), "film.mkv").unwrap();
    for (duration_ms, first, last, to_key_frames) in [
        (Some(90_000), "9.000", "63.000", false),
        (Some(7_200_000), "720.000", "5040.000", true),
        (None, "0.000", "45.000", false),
    ] {
        film.duration_ms = duration_ms;
        let args = args(Path::new("/film.mkv"), &film, wanted).unwrap();
        let seeks: Vec<_> =
            args.windows(2).filter(|it| it[0] == "-ss").map(|it| it[1].clone()).collect();
        assert_eq!((seeks[0].to_str(), seeks[seeks.len() - 1].to_str()), (Some(first), Some(last)));
        assert_eq!(args.iter().any(|it| it == "-noaccurate_seek"), to_key_frames);
        assert_eq!(args.iter().filter(|it| *it == "file:/film.mkv").count(), seeks.len());
    }
}
