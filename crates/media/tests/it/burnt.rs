//! Subtitles that are pictures, painted into what is made anew, held against what FFmpeg paints over the whole film.

use std::fs::File;
use std::path::{Path, PathBuf};

use media::samples::Film;
use media::transcode::{Burnt, Effort, Encoder, Picture, Rendition, Rung};
use tempfile::TempDir;

use crate::films::run;
use crate::sup::{Placed, Set, Size, write};
use crate::transcode::{ffmpeg, frames, whole};

const SIZE: Size = (640, 360);
/// The first pictures from which on something else is painted, at 25 a second.
const CHANGES: [usize; 5] = [25, 63, 85, 255, 275];

/// White above red, in blocks that survive coding.
fn objects() -> Vec<(u16, Size, Vec<u8>)> {
    let (width, height): Size = (320, 64);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |_| if y < 32 { 1 } else { 2 }));
    vec![(1, (width, height), pixels.collect())]
}

fn set(ms: u32, y: u16) -> Set {
    Set {
        ms,
        is_beginning: true,
        palette: Some(vec![(1, [235, 128, 128, 255]), (2, [81, 90, 240, 255])]),
        objects: objects(),
        shown: vec![Placed { object: 1, place: (160, y), is_forced: false, crop: None }],
    }
}

fn nothing(ms: u32) -> Set {
    Set { ms, is_beginning: false, palette: None, objects: vec![], shown: vec![] }
}

/// One that begins and ends within a run, one that stays through two of them and is exchanged for another.
fn sets() -> Vec<Set> {
    vec![
        // FFmpeg takes the first for the beginning.
        Set { is_beginning: true, ..nothing(0) },
        set(1000, 280),
        nothing(2500),
        set(3400, 40),
        set(10_200, 280),
        nothing(11_000),
    ]
}

fn film(canvas: Size, sets: &[Set], how: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("painted.sup"), write(canvas, sets)).unwrap();
    let args = format!(
        "-f lavfi -i testsrc2=s=640x360:r=25:d=13 -i {{painted.sup}} -map 0 -map 1 {how} -c:s copy"
    );
    run(folder.path(), "ffmpeg", &args, "film.mkv");
    let path = folder.path().join("film.mkv");
    (folder, path)
}

/// Grey values of all pictures, one behind the other.
fn grey(path: &Path, graph: &str) -> Vec<u8> {
    let path = path.to_str().unwrap();
    let args = ["-v", "error", "-i", path, "-filter_complex", graph, "-fps_mode", "passthrough"];
    let (bytes, said) = ffmpeg(&[&args[..], &["-f", "rawvideo", "-"]].concat(), Vec::new());
    assert_eq!(said, "");
    bytes
}

fn made(folder: &Path, path: &Path) -> PathBuf {
    let file = File::open(path).unwrap();
    let film = Film::open(&file).unwrap();
    let picture = Picture {
        rung: Rung::P480,
        encoder: Encoder::Software(Effort::Veryfast),
        burnt: Some(Burnt::Stream(film.drawn[0].index)),
    };
    whole(&file, &film, film.video(), Rendition::Picture(picture), folder)
}

#[test]
fn what_is_painted_is_what_ffmpeg_paints_over_the_film() {
    for how in [
        "-c:v libx264 -g 50",
        // Pictures that are shown before a key frame and coded behind it.
        "-c:v libx264 -x264-params open-gop=1:keyint=50:min-keyint=50:scenecut=0:bframes=3",
    ] {
        let (folder, path) = film(SIZE, &sets(), how);
        let made = made(folder.path(), &path);
        let ours = grey(&made, "[0:v]format=gray");
        let theirs = grey(&path, "[0:v][0:s]overlay,trim=end=13,format=gray");
        let plain = grey(&path, "[0:v]format=gray");
        let n_pixels = usize::from(SIZE.0) * usize::from(SIZE.1);
        assert_eq!(ours.len(), 325 * n_pixels, "{how}: no picture more or less");
        assert_eq!(frames(&made, "v").len(), 325);
        let mean = |a: &[u8], b: &[u8]| {
            let off: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            off as f64 / a.len() as f64
        };
        let mut n_painted = 0;
        for (number, our) in ours.chunks_exact(n_pixels).enumerate() {
            // Where pictures are coded out of order, FFmpeg notices a change in a file a few of them late.
            if CHANGES.iter().any(|it| (*it..*it + 5).contains(&number)) {
                continue;
            }
            let [their, plain] =
                [&theirs, &plain].map(|it| &it[number * n_pixels..(number + 1) * n_pixels]);
            assert!(mean(our, their) < 3.0, "{how} picture {number}: {}", mean(our, their));
            if mean(their, plain) > 4.0 {
                n_painted += 1;
                assert!(mean(our, plain) > 3.0, "{how} picture {number}: is painted");
            }
        }
        assert!((150..260).contains(&n_painted), "{n_painted} pictures are painted");
        // Each change to the picture: before and behind it, where the white of the subtitle is.
        for (change, (before, behind)) in CHANGES.iter().zip([
            (None, Some(280)),
            (Some(280), None),
            (None, Some(40)),
            (Some(40), Some(280)),
            (Some(280), None),
        ]) {
            for (number, place) in [(change - 1, before), (*change, behind)] {
                let picture = &ours[number * n_pixels..(number + 1) * n_pixels];
                let is_white = |y: usize| {
                    let line = &picture[(y + 12) * 640 + 170..(y + 12) * 640 + 470];
                    line.iter().all(|it| *it > 220)
                };
                let found = [40, 280].into_iter().find(|it| is_white(*it));
                assert_eq!(found, place, "{how} picture {number}");
            }
        }
    }
}

#[test]
fn what_stood_on_bars_that_were_cut_off_is_seen() {
    // The disc's picture was higher, and twice as fine: of the film itself the middle is left.
    let begins = || Set { is_beginning: true, ..nothing(0) };
    for (sets, line) in [
        // Below the film, and moved to its bottom.
        (vec![begins(), set(1000, 840), nothing(3000)], 335),
        // Above it, and moved to its top.
        (vec![begins(), set(1000, 20), nothing(3000)], 8),
        // Within it, and left where it is.
        (vec![begins(), set(1000, 480), nothing(3000)], 188),
    ] {
        let (folder, path) = film((1280, 960), &sets, "-c:v libx264 -g 50");
        let made = made(folder.path(), &path);
        let ours = grey(&made, "[0:v]format=gray");
        let picture = &ours[50 * 640 * 360..51 * 640 * 360];
        let seen = &picture[line * 640 + 90..line * 640 + 230];
        assert!(seen.iter().all(|it| *it > 200), "line {line}: {seen:?}");
    }
}
