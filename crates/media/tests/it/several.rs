//! Films whose description changes on the way: every segment is decoded alone, and all of them together, by FFmpeg.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use media::cmaf::{init_segment, media_segment};
use media::samples::{Film, Index};
use media::transcode::Rendition;

use crate::cut::bytes_of;
use crate::films::run;
use crate::joined::{Part, read, with_fragments, with_short_sizes, with_tables, with_tracks};
use crate::transcode;

const N_FRAMES: usize = 144;

/// Six seconds of pictures of a size, key frames a second apart and others out of order.
fn part(folder: &Path, codec: &str, size: &str, name: &str) -> Part {
    let how = format!(
        "-f lavfi -i testsrc2=s={size}:r=24:d=6 -preset ultrafast -bf 2 -g 24 -pix_fmt yuv420p \
         -video_track_timescale 12288 -c:v {codec}"
    );
    let quiet = if codec == "libx265" { " -x265-params log-level=none:open-gop=0" } else { "" };
    run(folder, "ffmpeg", &format!("{how}{quiet}"), name);
    read(&fs::read(folder.join(name)).expect("a file"))
}

/// Width and height of every picture that FFmpeg decodes, in the order of showing; what it complains of fails the test.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn sizes(path: &Path) -> Vec<(u32, u32)> {
    let output = Command::new("ffprobe")
        .args(["-v", "warning", "-select_streams", "v:0", "-of", "csv=p=0"])
        .args(["-show_entries", "frame=width,height"])
        .arg(path)
        .output()
        .expect("ffprobe is needed for this test");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{}: {complaints}", path.display());
    let text = String::from_utf8(output.stdout).expect("numbers");
    let size = |line: &str| {
        let mut numbers = line.split(',').filter_map(|it| it.trim().parse().ok());
        Some((numbers.next()?, numbers.next()?))
    };
    text.lines().filter_map(size).collect()
}

/// Pictures of one size, and how many.
type Stretch = ((u32, u32), usize);

fn stretches(sizes: &[(u32, u32)]) -> Vec<Stretch> {
    sizes.chunk_by(PartialEq::eq).map(|it| (it[0], it.len())).collect()
}

/// What tells every picture apart that FFmpeg decodes, whatever its size.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn pictures(path: &Path) -> Vec<String> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args([
            "-map",
            "0:v:0",
            "-autoscale",
            "0",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ])
        .output()
        .expect("ffmpeg is needed for this test");
    let text = String::from_utf8(output.stdout).expect("sums");
    let lines = text.lines().filter(|it| !it.starts_with('#'));
    lines.filter_map(|it| Some(it.rsplit_once(',')?.1.trim().to_owned())).collect()
}

/// Opens a film, and decodes its segments.
fn check(folder: &Path, what: &str, file: &[u8], entry: [u8; 4], expected: &[Stretch]) {
    let film = Film::open(&file).unwrap_or_else(|it| panic!("{what}: {it}"));
    decode(folder, what, &film, file, entry, expected);
}

fn decode(
    folder: &Path,
    what: &str,
    film: &Film,
    file: &[u8],
    entry: [u8; 4],
    expected: &[Stretch],
) {
    let video = film.video();
    let init = init_segment(video).unwrap_or_else(|| panic!("{what}: {:?}", film.left_out));
    assert!(init.windows(4).any(|it| it == entry), "{what}");
    let string = video.stream.codec_string.as_deref().expect("a name");
    assert!(string.as_bytes().starts_with(&entry), "{what}: {string}");
    let (mut whole, mut alone) = (init.clone(), Vec::new());
    for number in 0..film.n_segments(video) {
        let segment = media_segment(film, &file, video, number).expect("a segment");
        let segment = bytes_of(&file, &segment);
        let path = folder.join(format!("{number}.mp4"));
        fs::write(&path, [&init[..], &segment].concat()).expect("written");
        alone.extend(sizes(&path));
        whole.extend(segment);
    }
    assert_eq!(stretches(&alone), expected, "{what}");
    let path = folder.join("whole.mp4");
    fs::write(&path, whole).expect("written");
    assert_eq!(stretches(&sizes(&path)), expected, "{what}");
}

/// How many pictures there are of a film that is made anew.
fn made(folder: &Path, film: &[u8]) -> usize {
    let path = folder.join("film.mp4");
    fs::write(&path, film).expect("written");
    let file = File::open(&path).expect("a file");
    let film = Film::open(&file).expect("a film");
    let made = transcode::whole(&file, &film, film.video(), transcode::SMALL, folder);
    transcode::frames(&made, "v:0").len()
}

fn of(sizes: &[(u32, u32)]) -> Vec<Stretch> {
    let all: Vec<(u32, u32)> = sizes.iter().flat_map(|it| vec![*it; N_FRAMES]).collect();
    stretches(&all)
}

const SMALL: (u32, u32) = (320, 180);
const LARGE: (u32, u32) = (640, 360);

#[test]
fn pictures_of_changing_sizes_are_copied_with_their_parameter_sets() {
    for (codec, entry) in [("libx264", *b"avc3"), ("libx265", *b"hev1")] {
        let here = tempfile::tempdir().expect("a folder");
        let here = here.path();
        let small = part(here, codec, "320x180", "small.mp4");
        let large = part(here, codec, "640x360", "large.mp4");
        let entries = [small.entry.as_slice(), &large.entry];
        let parts = [(&small, 0), (&large, 1), (&small, 0)];
        let expected = of(&[SMALL, LARGE, SMALL]);
        let shown: Vec<String> = ["small.mp4", "large.mp4", "small.mp4"]
            .iter()
            .flat_map(|it| pictures(&here.join(it)))
            .collect();
        assert_eq!(shown.len(), 3 * N_FRAMES);
        assert_eq!(made(here, &with_tables(&entries, &parts)), 3 * N_FRAMES);
        for file in [with_tables(&entries, &parts), with_fragments(&entries, &parts)] {
            check(here, codec, &file, entry, &expected);
            assert!(pictures(&here.join("whole.mp4")) == shown, "{codec}: the same pictures");
        }
    }
}

#[test]
fn sizes_of_units_are_written_anew_where_they_differ() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    let small = part(here, "libx264", "320x180", "small.mp4");
    let large = with_short_sizes(&part(here, "libx264", "640x360", "large.mp4"));
    let entries = [small.entry.as_slice(), &large.entry];
    for (parts, expected) in [
        ([(&small, 0), (&large, 1), (&small, 0)], of(&[SMALL, LARGE, SMALL])),
        ([(&large, 1), (&small, 0), (&large, 1)], of(&[LARGE, SMALL, LARGE])),
    ] {
        check(here, "short sizes", &with_tables(&entries, &parts), *b"avc3", &expected);
    }
}

#[test]
fn one_description_for_all_is_copied_as_ever_wherever_it_stands() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    let small = part(here, "libx264", "320x180", "small.mp4");
    let large = part(here, "libx264", "640x360", "large.mp4");
    for (entries, parts, expected) in [
        ([&small.entry[..], &small.entry], [(&small, 0), (&small, 1)], [SMALL, SMALL]),
        // The first entry is nobody's; and one that is not there is the first.
        ([&small.entry[..], &large.entry], [(&large, 1), (&large, 1)], [LARGE, LARGE]),
        ([&small.entry[..], &large.entry], [(&small, 0), (&small, 7)], [SMALL, SMALL]),
    ] {
        check(here, "one", &with_tables(&entries, &parts), *b"avc1", &of(&expected));
    }
}

#[test]
fn what_changes_its_codec_or_its_depth_is_not_copied_and_cut_where_it_does() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    let one = part(here, "libx264", "320x180", "one.mp4");
    let other = part(here, "libx265", "320x180", "other.mp4");
    let deep = part(here, "libx264 -pix_fmt yuv420p10le", "320x180", "deep.mp4");
    for (other, with, reason) in [
        (&other, with_tables as fn(&[&[u8]], &[(&Part, u32)]) -> Vec<u8>, "its codec"),
        (&other, with_fragments, "its codec"),
        (&deep, with_tables, "its format of pictures"),
    ] {
        let entries = [one.entry.as_slice(), &other.entry];
        let file = with(&entries, &[(&one, 0), (other, 1), (&one, 0)]);
        let film = Film::open(&file.as_slice()).expect("a film");
        assert!(!film.video().is_copied());
        assert!(init_segment(film.video()).is_none());
        assert_eq!(film.left_out, [(0, format!("the video track changes {reason}"))]);
        let starts: Vec<i64> =
            film.plan.cuts.iter().map(|it| it.start_ns / 1_000_000_000).collect();
        assert_eq!(starts, [0, 4, 6, 10, 12, 16]);
        assert_eq!(made(here, &file), 3 * N_FRAMES);
    }
}

/// Packets of one part behind the other, as a recorder writes them; of every second part none but the first key frame brings
/// its parameter sets.
fn recorded(folder: &Path, codec: &str, is_hevc: bool) -> Vec<u8> {
    let (sets, quiet) = if is_hevc {
        ("32-34", " -x265-params log-level=none:open-gop=0:repeat-headers=1")
    } else {
        ("7-8", "")
    };
    for (size, name) in [("320x180", "small.ts"), ("640x360", "large.ts")] {
        let how = format!(
            "-f lavfi -i testsrc2=s={size}:r=24:d=6 -c:v {codec} -preset ultrafast -bf 2 -g 24 -pix_fmt yuv420p{quiet}"
        );
        run(folder, "ffmpeg", &how, name);
    }
    let bare = format!("-i {{large.ts}} -c copy -bsf:v filter_units=remove_types={sets}");
    run(folder, "ffmpeg", &bare, "bare.ts");
    let part = |name: &str| fs::read(folder.join(name)).expect("a file");
    ["small.ts", "large.ts", "bare.ts", "small.ts"].map(part).concat()
}

#[test]
fn recordings_whose_parameter_sets_change_and_change_back_are_copied_with_them() {
    for (codec, is_hevc, entry) in [("libx264", false, *b"avc3"), ("libx265", true, *b"hev1")] {
        let here = tempfile::tempdir().expect("a folder");
        let here = here.path();
        let file = recorded(here, codec, is_hevc);
        let index = Index::of(&file.as_slice(), None, &mut |_| ControlFlow::Continue(()));
        let index = index.expect("an index");
        let kept = Index::from_bytes(&index.to_bytes());
        assert_eq!(kept.as_ref(), Some(&index));
        let film = Film::open_with(&file.as_slice(), Some(&index)).expect("a film");
        let expected = [(SMALL, N_FRAMES), (LARGE, 2 * N_FRAMES), (SMALL, N_FRAMES)];
        decode(here, codec, &film, &file, entry, &expected);
        let shown: Vec<String> = ["small.ts", "large.ts", "large.ts", "small.ts"]
            .iter()
            .flat_map(|it| pictures(&here.join(it)))
            .collect();
        assert!(pictures(&here.join("whole.mp4")) == shown, "{codec}: the same pictures");
    }
}

/// Loudness of a sound, for every half second the greatest of its samples.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn loudness(path: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-map", "0:a:0", "-ac", "1", "-ar", "8000", "-f", "f32le", "-"])
        .output()
        .expect("ffmpeg is needed for this test");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let samples: Vec<f32> = output
        .stdout
        .chunks_exact(4)
        .map(|it| f32::from_le_bytes(it.try_into().expect("four bytes")).abs())
        .collect();
    samples.chunks(4000).map(|it| it.iter().copied().fold(0.0, f32::max)).collect()
}

#[test]
fn sound_that_changes_its_channels_is_made_anew_and_heard_but_where_it_changes() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    let pictures = part(here, "libx264", "320x180", "pictures.mp4");
    let sound = |channels: &str, name: &str| {
        let how = format!(
            "-f lavfi -i sine=440:r=48000:d=6 -af volume=12dB -ac {channels} -c:a aac -b:a 96k"
        );
        run(here, "ffmpeg", &how, name);
        read(&fs::read(here.join(name)).expect("a file"))
    };
    let (one, two) = (sound("1", "one.m4a"), sound("2", "two.m4a"));
    let file = with_tracks(&[
        (&[&pictures.entry], &[(&pictures, 0), (&pictures, 0)]),
        (&[&two.entry, &one.entry], &[(&two, 0), (&one, 1)]),
    ]);
    let path = here.join("film.mp4");
    fs::write(&path, &file).expect("written");
    let file = File::open(&path).expect("a file");
    let film = Film::open(&file).expect("a film");
    assert!(film.video().is_copied());
    let reason = "the sound track changes how it is coded".to_owned();
    assert_eq!(film.left_out, [(1, reason)]);
    let source = film.track(1).expect("a track");
    let made = transcode::whole(&file, &film, source, Rendition::Sound, here);
    let heard = loudness(&made);
    assert_eq!(heard.len(), 25, "twelve seconds, and the end of the last frame: {heard:?}");
    let n_silent = heard[..24].iter().filter(|it| **it < 0.05).count();
    assert!(n_silent <= 8, "{heard:?}");
    assert!(heard[..8].iter().chain(&heard[16..23]).all(|it| *it > 0.1), "{heard:?}");
}
