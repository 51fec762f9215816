//! Subtitles that are pictures, held against what FFmpeg paints over a film.

use std::fs::{self, File};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use media::samples::{Film, Index, TextCue, read_drawn};
use media::subtitles::{self, Drawn};
use tempfile::TempDir;

use crate::chance::break_each;
use crate::films::run;
use crate::sup::{Placed, Set, Size, write};

const CANVAS: Size = (640, 360);
/// Ends of windows that hold all.
const ALWAYS: (i64, i64) = (0, i64::MAX);

/// White, half black and a strong red on nothing.
fn palette() -> Vec<(u8, [u8; 4])> {
    vec![(1, [235, 128, 128, 255]), (2, [16, 128, 128, 128]), (3, [81, 240, 90, 255])]
}

/// Colours in rows that are short runs, long runs, and none.
fn picture((width, height): Size) -> Vec<u8> {
    let color = |x: u16, y: u16| match y % 4 {
        0 => (x % 3 + 1) as u8,
        1 => u8::from(x > 10) * 3,
        2 => u8::from(x < width / 2) * 2,
        _ => 1,
    };
    (0..height).flat_map(|y| (0..width).map(move |x| color(x, y))).collect()
}

fn below() -> Placed {
    Placed { object: 1, place: (170, 300), is_forced: false, crop: None }
}

fn set(ms: u32) -> Set {
    Set { ms, is_beginning: true, palette: None, objects: vec![], shown: vec![] }
}

/// A picture; two, one of them forced and in part; a picture that fades by its palette; nothing.
fn sets() -> Vec<Set> {
    let (large, small) = ((300, 40), (90, 20));
    vec![
        // FFmpeg takes the first for the beginning.
        set(0),
        Set {
            palette: Some(palette()),
            objects: vec![(1, large, picture(large))],
            shown: vec![below()],
            ..set(1000)
        },
        Set { is_beginning: false, ..set(3000) },
        Set {
            palette: Some(palette()),
            objects: vec![(1, large, picture(large)), (2, small, picture(small))],
            shown: vec![
                below(),
                Placed { object: 2, place: (10, 20), is_forced: true, crop: None },
            ],
            ..set(5000)
        },
        Set {
            is_beginning: false,
            palette: Some(vec![(1, [180, 128, 128, 128])]),
            shown: vec![below()],
            ..set(6500)
        },
        Set { is_beginning: false, ..set(8000) },
    ]
}

/// A black film with the pictures, and the folder that holds it.
fn film(how: &str) -> (TempDir, PathBuf) {
    film_of(&sets(), how)
}

fn film_of(sets: &[Set], how: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("drawn.sup"), write(CANVAS, sets)).expect("written");
    let args = format!(
        "-f lavfi -i color=black:s=640x360:r=25:d=10 -i {{drawn.sup}} -map 0 -map 1 -c:v libx264 -g 50 {how}"
    );
    run(folder.path(), "ffmpeg", &args, "film.mkv");
    let film = folder.path().join("film.mkv");
    (folder, film)
}

fn read(film: &Path, (from_ms, to_ms): (i64, i64)) -> Drawn {
    let file = File::open(film).expect("a film");
    let film = Film::open(&file).expect("a film");
    assert_eq!(film.drawn.len(), 1);
    read_drawn(&film, &file, film.drawn[0].index, from_ms, to_ms).expect("pictures")
}

/// What a client paints over black at a moment: red, green and blue of every pixel.
fn painted(drawn: &Drawn, at_ms: i64) -> Vec<u8> {
    let (width, height) = (usize::from(CANVAS.0), usize::from(CANVAS.1));
    assert_eq!(drawn.canvas, (width as u32, height as u32));
    let mut screen = vec![0; width * height * 3];
    for cue in drawn.cues.iter().filter(|it| (it.start_ms..it.end_ms).contains(&at_ms)) {
        let mut decoder = png::Decoder::new(Cursor::new(&cue.png));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        let frame = reader.next_frame(&mut pixels).expect("PNG");
        assert_eq!((frame.width, frame.height), cue.size);
        for (at, pixel) in pixels.chunks_exact(4).enumerate() {
            let x = cue.place.0 as usize + at % cue.size.0 as usize;
            let y = cue.place.1 as usize + at / cue.size.0 as usize;
            for channel in 0..3 {
                let lit = u16::from(pixel[channel]) * u16::from(pixel[3]) / 255;
                screen[(y * width + x) * 3 + channel] = lit as u8;
            }
        }
    }
    screen
}

/// What FFmpeg shows of the film with its subtitles at a moment.
fn expected(film: &Path, at_ms: i64) -> Vec<u8> {
    let folder = film.parent().expect("a folder");
    let args = format!(
        "-i {{film.mkv}} -filter_complex [0:v]format=rgb24[film];[film][0:s:0]overlay=format=rgb,\
         trim=start={}.{:03},format=rgb24 -frames:v 1 -f rawvideo",
        at_ms / 1000,
        at_ms % 1000
    );
    run(folder, "ffmpeg", &args, "picture.rgb");
    fs::read(folder.join("picture.rgb")).expect("a picture")
}

/// The largest difference of any pixel that is of no account: colours are rounded in more than one place.
fn assert_alike(ours: &[u8], theirs: &[u8], most: u8, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let worst = ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    assert!(worst <= most, "{what}: {worst}");
}

/// At these moments, in milliseconds, what we paint is what FFmpeg paints.
fn check_painted(film: &Path, moments: &[i64]) -> Drawn {
    let drawn = read(film, ALWAYS);
    for at_ms in moments {
        assert_alike(&painted(&drawn, *at_ms), &expected(film, *at_ms), 3, &format!("{at_ms} ms"));
    }
    drawn
}

#[test]
fn graphics_of_discs_are_painted_as_ffmpeg_paints_them() {
    let (_folder, film) = film("-c:s copy");
    let drawn = check_painted(&film, &[500, 2000, 4000, 6000, 7000, 9000]);
    let times: Vec<_> =
        drawn.cues.iter().map(|it| (it.start_ms, it.end_ms, it.is_forced)).collect();
    let expect =
        [(1000, 3000, false), (5000, 6500, false), (5000, 6500, true), (6500, 8000, false)];
    assert_eq!(times, expect);
}

/// FFmpeg shows such objects whole.
#[test]
fn of_an_object_that_is_cropped_only_the_part_is_shown() {
    let mut sets = sets();
    sets[1].shown = vec![Placed { crop: Some([10, 4, 150, 8]), ..below() }];
    let (_folder, film) = film_of(&sets, "-c:s copy");
    let cue = read(&film, (1000, 2000)).cues.remove(0);
    assert_eq!((cue.place, cue.size), ((170, 300), (150, 8)));
    let part = Drawn { canvas: (640, 360), cues: vec![cue] };
    let (_folder, whole) = self::film("-c:s copy");
    let (part, whole) = (painted(&part, 1500), painted(&read(&whole, (1000, 2000)), 1500));
    let row = |screen: &[u8], x: usize, y: usize| screen[(y * 640 + x) * 3..][..150 * 3].to_vec();
    for y in 0..8 {
        assert!(row(&part, 170, 300 + y) == row(&whole, 180, 304 + y), "row {y}");
    }
}

#[test]
fn subpictures_of_dvds_are_painted_as_ffmpeg_paints_them() {
    let (_folder, film) = film("-c:s dvdsub");
    let drawn = check_painted(&film, &[500, 2000, 6000]);
    assert!(!drawn.cues.is_empty());
}

/// A film in packets, with an index of ours.
fn read_packed(film: &Path, (from_ms, to_ms): (i64, i64)) -> Drawn {
    let file = File::open(film).expect("a film");
    let index = Index::of(&file, None, &mut |_| ControlFlow::Continue(())).expect("an index");
    assert_eq!(Index::from_bytes(&index.to_bytes()).as_ref(), Some(&index));
    let film = Film::open_with(&file, Some(&index)).expect("a film");
    assert_eq!(film.drawn.len(), 1);
    read_drawn(&film, &file, film.drawn[0].index, from_ms, to_ms).expect("pictures")
}

#[test]
fn pictures_among_the_packets_of_a_disc_are_those_that_were_put_there() {
    for (how, name, coding) in [
        ("-c:s copy", "film.m2ts", "-c:v copy -c:s copy"),
        ("-c:s dvdsub", "film.vob", "-c:v mpeg2video -g 12 -c:s copy -f dvd"),
    ] {
        let (folder, film) = film(how);
        run(folder.path(), "ffmpeg", &format!("-i {{film.mkv}} -map 0 {coding}"), name);
        let packed = folder.path().join(name);
        let (ours, theirs) = (read_packed(&packed, ALWAYS).cues, read(&film, ALWAYS).cues);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        assert!(!ours.is_empty(), "{name}");
        for (our, their) in ours.iter().zip(&theirs) {
            assert_eq!((our.place, our.size), (their.place, their.size), "{name}");
            assert_eq!(our.is_forced, their.is_forced, "{name}");
            // The colours of a DVD are not in its packets.
            assert!(our.png == their.png || name == "film.vob", "{name}");
            let off = our.start_ms.abs_diff(their.start_ms).max(our.end_ms.abs_diff(their.end_ms));
            assert!(off <= 2, "{name}: {our:?} for {their:?}");
        }
        let part = read_packed(&packed, (ours[0].start_ms, ours[0].start_ms + 1)).cues;
        assert!(part == ours[..1], "{name}");
    }
}

#[test]
fn a_window_has_what_is_shown_in_it_and_nothing_else() {
    let (folder, film) = film("-c:s copy");
    // Without an index of its subtitles, and with all of them deflated.
    run(
        folder.path(),
        "mkvmerge",
        "-o {out} --cues 1:none --compression 1:zlib {film.mkv}",
        "bare.mkv",
    );
    for film in [film, folder.path().join("bare.mkv")] {
        let all = read(&film, ALWAYS).cues;
        assert_eq!(all.len(), 4);
        let table = [
            ((0, 1000), 0..0),
            ((0, 1001), 0..1),
            ((2999, 5000), 0..1),
            ((3000, 5000), 0..0),
            ((6000, 7000), 1..4),
            // What it shows came with the set before.
            ((7000, 7001), 3..4),
        ];
        for (window, expect) in table {
            let is_right = read(&film, window).cues == all[expect];
            assert!(is_right, "{} {window:?}", film.display());
        }
    }
}

#[test]
fn broken_pictures_are_left_out_and_harm_nobody() {
    let streams = ["-c:s copy", "-c:s dvdsub"].map(|how| {
        let (_folder, film) = film(how);
        let file = File::open(film).expect("a film");
        Film::open(&file).expect("a film").drawn.remove(0)
    });
    break_each("drawn", 1500, |bytes, name, _| {
        let sample = TextCue { start_ms: 0, duration_ms: Some(1000), bytes: bytes.to_vec() };
        for stream in &streams {
            let drawn = subtitles::draw(stream, bytes, std::slice::from_ref(&sample));
            let drawn = drawn.expect("a codec that is drawn");
            assert!(drawn.cues.iter().all(|it| it.end_ms > it.start_ms), "{name}");
        }
    });
}
