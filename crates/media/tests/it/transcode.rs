//! Films made anew by the installed FFmpeg: each run by a call of its own, and together as whole as if by one.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use media::ReadAt;
use media::cmaf::{Piece, Segment};
use media::samples::{Film, Track};
use media::transcode::{
    Abilities, Effort, Encoder, Made, Picture, Rendition, Rung, Step, parts, recipe, track, work,
};
use media::{StreamKind, hls};

use crate::cut::read;
use crate::films::{self, open};

const ABILITIES: Abilities = Abilities { has_zscale: true, ..Abilities::NONE };
pub const SMALL: Rendition = Rendition::Picture(Picture {
    rung: Rung::P480,
    encoder: Encoder::Software(Effort::Ultrafast),
    burnt: None,
});

pub fn bytes_of(file: &dyn ReadAt, segment: &Segment) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in &segment.pieces {
        match piece {
            Piece::Made(made) => bytes.extend(made),
            Piece::Copied { offset, size } => {
                let mut copied = vec![0; *size as usize];
                assert_eq!(file.read_at(&mut copied, *offset).unwrap() as u64, *size);
                bytes.extend(copied);
            }
        }
    }
    assert_eq!(bytes.len() as u64, segment.size, "the size of a feed is known");
    bytes
}

/// The FFmpeg that makes films anew: the installed one, or another that the test run names.
#[expect(clippy::disallowed_methods, reason = "the run of the tests names the program it is about")]
fn program() -> OsString {
    std::env::var_os("REVENGE_TEST_FFMPEG").unwrap_or_else(|| "ffmpeg".into())
}

#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
pub fn ffmpeg(args: &[impl AsRef<std::ffi::OsStr>], input: Vec<u8>) -> (Vec<u8>, String) {
    let mut child = Command::new(program())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A child that has enough closes its end.
    let feeding = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    (output.stdout, said)
}

/// The parts of a run, out of an answer that comes in small pieces.
fn make(file: &File, film: &Film, source: &Track, rendition: Rendition, run: usize) -> Vec<Made> {
    let work = work(film, file, source, (rendition, None), run, ABILITIES).unwrap();
    let feed = bytes_of(file, &work.feed);
    let (answer, said) = ffmpeg(&work.order.args(), feed);
    let mut making = work.making;
    let mut steps = Vec::new();
    for bytes in answer.chunks(777) {
        steps.extend(making.push(bytes).unwrap_or_else(|it| panic!("run {run}: {it}: {said}")));
    }
    steps.extend(making.finish());
    let mut made = Vec::new();
    for step in steps {
        match step {
            Step::Beginning(_) => assert!(made.is_empty(), "it comes first"),
            Step::Part(place, part) => {
                assert_eq!(place, made.len(), "all parts in their order");
                made.push(part.unwrap_or_else(|it| panic!("run {run} part {place}: {it}: {said}")));
            }
        }
    }
    made
}

/// All parts behind their beginning, in a file.
pub fn whole(
    file: &File,
    film: &Film,
    source: &Track,
    rendition: Rendition,
    folder: &Path,
) -> std::path::PathBuf {
    let made_track = track(source, rendition).unwrap();
    let is_video = made_track.stream.kind == StreamKind::Video;
    let mut bytes: Vec<u8> = Vec::new();
    let mut numbers = parts(film, &made_track).map(|it| it.number);
    let mut joint = 0;
    for run in 0..film.n_segments(&made_track) {
        for made in make(file, film, source, rendition, run) {
            let number = numbers.next().expect("as many parts as are listed");
            assert_eq!(made.n_missing, 0, "part {number}");
            let (start, samples) = read(&made.segment, number, is_video);
            assert!(number == 0 || start == joint, "part {number} begins at {start}, not {joint}");
            assert!(samples.first().is_none_or(|it| it.is_key), "part {number} can be decoded");
            joint = start + samples.iter().map(|it| it.duration).sum::<u64>();
            if number == 0 {
                bytes.extend(&made.init);
            } else {
                assert!(bytes.starts_with(&made.init), "one beginning for all");
            }
            bytes.extend(made.segment);
        }
    }
    assert_eq!(numbers.next(), None, "all that are listed");
    let path = folder.join("made.mp4");
    std::fs::write(&path, bytes).unwrap();
    path
}

#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
pub fn frames(path: &Path, stream: &str) -> Vec<(f64, bool)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", stream, "-show_entries"])
        .args(["frame=best_effort_timestamp_time,key_frame", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", path.display());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .filter(|it| !it.is_empty())
        .map(|line| {
            let mut fields = line.split(',');
            let is_key = fields.next() == Some("1");
            // FFmpeg does not know when the last pictures of AVI are shown.
            (fields.next().unwrap().parse().unwrap_or(f64::NAN), is_key)
        })
        .collect()
}

/// Stereo samples of a file, as numbers.
fn sound(path: &Path) -> Vec<f32> {
    let path = path.to_str().unwrap();
    let args = ["-v", "error", "-i", path, "-map", "0:a:0", "-f", "f32le", "-ac", "2", "-"];
    let (bytes, said) = ffmpeg(&args, Vec::new());
    assert_eq!(said, "");
    bytes.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect()
}

/// When a stream of a transport stream begins, in seconds.
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn begins(path: &Path, stream: u32) -> f64 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", &stream.to_string(), "-show_entries"])
        .args(["stream=start_time", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().unwrap().trim_end_matches(',').parse().unwrap()
}

#[test]
fn pictures_are_as_many_as_the_source_has_and_shown_at_the_same_moments() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "hevc-eac3.mkv",
        "hevc-hev1.mp4",
        "open-gop.mkv",
        "variable.mkv",
        "variable.mp4",
        "stripped.mkv",
        "av1-opus.mkv",
        "vp9-opus.webm",
        "mpeg2-mp2.mkv",
        "interlaced.mkv",
        "mpeg4.mkv",
        "mpeg4.mp4",
        "hdr.mkv",
        "ten-bit.mkv",
        "no-cues.mkv",
        "mpeg2-mp2.ts",
        "mpeg2-fields.ts",
        "hevc-eac3.ts",
        "h264-aac.ts",
        "mpeg2-mp2.mpg",
        "mpeg1-mp2.mpg",
        "fields.mpg",
        "dvd.vob",
        "h264-ac3.mpg",
        "h264-aac.flv",
        "h264-mp3.flv",
        "sorenson.flv",
        "screen.flv",
        "wmv2-wma.wmv",
        "wmv1-wma.wmv",
        "msmpeg4-mp3.asf",
        "xvid-mp3.avi",
        "packed.avi",
    ] {
        let (file, film) = open(name);
        let made = whole(&file, &film, film.video(), SMALL, folder.path());
        let (ours, theirs) = (frames(&made, "v"), frames(&films::folder().join(name), "v"));
        assert_eq!(ours.len(), theirs.len(), "{name}");
        // Their zero may be anywhere; ours is the first picture.
        let is_free = films::is_other(name);
        let first = if is_free { theirs[0].0 } else { theirs[0].0.min(0.0) };
        // FFmpeg shows the first picture of a packed file late, the file says so of the second.
        let n_skipped = usize::from(name == "packed.avi");
        let first = if n_skipped > 0 { theirs[1].0 - ours[1].0 } else { first };
        for (number, (our, their)) in ours.iter().zip(&theirs).enumerate().skip(n_skipped) {
            let off = our.0 - (their.0 - first);
            assert!(
                off.abs() < 0.0025 || their.0.is_nan(),
                "{name} picture {number}: {} for {}",
                our.0,
                their.0
            );
        }
        for cut in &film.plan.cuts {
            let at = cut.start_ns as f64 / 1e9;
            let mut keys = ours.iter().filter(|it| it.1).map(|it| it.0);
            let is_there = ours[0].1 && (at == 0.0 || keys.any(|it| (it - at).abs() < 0.003));
            assert!(is_there, "{name}: a key frame at {at}");
        }
    }
}

#[test]
fn parts_are_as_long_as_their_playlist_says() {
    for name in ["hevc-eac3.mkv", "hevc-hev1.mp4", "open-gop.mkv", "hdr.mkv"] {
        let (file, film) = open(name);
        let made_track = track(film.video(), SMALL).unwrap();
        let playlist = hls::made(&film, &made_track, "init", |number| format!("part-{number}"));
        let stated: Vec<f64> = playlist
            .lines()
            .filter_map(|it| it.strip_prefix("#EXTINF:")?.trim_end_matches(',').parse().ok())
            .collect();
        let target = playlist.lines().find_map(|it| it.strip_prefix("#EXT-X-TARGETDURATION:"));
        let target: f64 = target.unwrap().parse().unwrap();
        assert!(stated.iter().all(|it| *it < target + 0.5 && *it < 3.1), "{name}: {stated:?}");
        let mut numbers = 0..;
        for run in 0..film.n_segments(&made_track) {
            for made in make(&file, &film, film.video(), SMALL, run) {
                let number = numbers.next().unwrap();
                let (_, samples) = read(&made.segment, number, true);
                let ticks = samples.iter().map(|it| it.duration).sum::<u64>();
                let seconds = ticks as f64 / f64::from(made_track.timescale);
                let off = (seconds - stated[number]).abs();
                // The first picture may come a little behind the film's beginning, and the last one stays to its end.
                let is_at_an_end = run == 0 || number + 1 == stated.len();
                let limit = if is_at_an_end { 0.045 } else { 0.002 };
                assert!(off < limit, "{name} {number}: {seconds} for {stated:?}");
            }
        }
        assert_eq!(numbers.next(), Some(stated.len()), "{name}");
    }
}

#[test]
fn sound_joins_as_if_one_encoder_had_made_it() {
    let folder = tempfile::tempdir().unwrap();
    for (name, stream) in [
        ("sweeps.mkv", 1),
        ("sweeps.mkv", 2),
        ("sweeps.mkv", 3),
        ("sweeps.mkv", 4),
        ("sweeps.mkv", 5),
        ("sweeps.mkv", 6),
        ("sweeps.mp4", 1),
        ("sweeps.mp4", 2),
        ("sweeps.mp4", 3),
        ("h264-dts.mkv", 1),
        ("h264-truehd.mkv", 1),
        ("h264-vorbis.mkv", 1),
        ("h264-pcm.mkv", 1),
        ("h264-alac.mp4", 1),
        ("mpeg2-mp2.mkv", 1),
        ("mpeg4.mp4", 1),
        ("low-sweep.mkv", 1),
        ("late-sweep.mkv", 1),
        ("early-sweep.mkv", 1),
        ("sweeps.ts", 1),
        ("sweeps.ts", 2),
        ("mpeg2-mp2.ts", 1),
        ("h264-dts.m2ts", 1),
        ("latm.ts", 1),
        ("sorenson.flv", 0),
        ("screen.flv", 1),
        ("speex.flv", 0),
        ("nelly.flv", 0),
        ("wmv2-wma.wmv", 1),
        ("wmv1-wma.wmv", 1),
        ("msmpeg4-mp3.asf", 1),
        ("pcm.m2ts", 1),
        ("pcm.m2ts", 2),
        ("mpeg2-mp2.mpg", 1),
        ("dvd.vob", 2),
        ("dts.vob", 1),
        ("xvid-mp3.avi", 1),
        ("packed.avi", 1),
    ] {
        // FFmpeg 9 decodes nothing of the TrueHD that older versions code, neither from us nor from the file.
        if name == "h264-truehd.mkv" && program() != "ffmpeg" {
            continue;
        }
        let (file, film) = open(name);
        let source = film.track(stream).unwrap();
        let made = whole(&file, &film, source, Rendition::Sound, folder.path());
        let ours = sound(&made);
        // The same in one piece, by the same words for the mix.
        let rate = track(source, Rendition::Sound).unwrap().stream.sample_rate.unwrap();
        let reference = folder.path().join("reference.wav");
        let path = films::folder().join(name);
        let filter = format!(
            "asidedata=mode=delete:type=DOWNMIX_INFO,aresample={rate}:osf=fltp:ochl=stereo:clev=1.18:slev=0.7:lfe_mix_level=0:rmvol=0.6,aresample=async=1:min_comp=0.000001:first_pts=0"
        );
        let args = [
            "-v",
            "error",
            "-y",
            "-i",
            path.to_str().unwrap(),
            "-map",
            &format!("0:{stream}"),
            "-af",
            &filter,
            "-c:a",
            "pcm_f32le",
            reference.to_str().unwrap(),
        ];
        ffmpeg(&args, Vec::new());
        let mut theirs = sound(&reference);
        if films::is_packed(name) {
            // FFmpeg's zero is where the sound begins, ours the first picture.
            let late = begins(&path, film.video().stream.index) - begins(&path, stream);
            theirs.drain(..(late * f64::from(rate)).round() as usize * 2);
        }
        let (n_ours, n_theirs) = (ours.len() as i64 / 2, theirs.len() as i64 / 2);
        assert!((n_ours - n_theirs).abs() < 4096, "{name} {stream}: {n_ours} of {n_theirs}");
        // A sample too many or too few moves the tone against itself, which differs by far more than coding does. The first
        // frame has none before it to join.
        let skipped = 2 * 1024;
        let pairs = ours.iter().zip(&theirs).enumerate().skip(skipped);
        let worst = pairs.map(|(at, (our, their))| ((our - their).abs(), at / 2));
        let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        // These are on no grid that is known, and their containers tell times to the millisecond.
        let is_rounded = ["vorbis", "screen", "speex", "nelly", "wma"];
        let is_rounded = is_rounded.iter().any(|it| name.contains(it));
        let limit = if is_rounded { 0.25 } else { 0.04 };
        assert!(worst.0 < limit, "{name} {stream}: off by {} at sample {}", worst.0, worst.1);
    }
}

#[test]
fn what_people_say_is_as_loud_in_two_channels_as_it_was_in_six() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voice.mkv");
    let voice = "aevalsrc=0|0|0.4*sin(3000*t)|0|0|0:c=5.1:s=48000:d=5";
    let args =
        ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:d=5", "-f", "lavfi", "-i", voice];
    let coding = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", path.to_str().unwrap()];
    ffmpeg(&[&args[..], &coding].concat(), Vec::new());
    let file = File::open(&path).unwrap();
    let film = Film::open(&file).unwrap();
    let made = whole(&file, &film, film.track(1).unwrap(), Rendition::Sound, folder.path());
    let sound = sound(&made);
    let middle = &sound[96_000..192_000];
    let power = middle.iter().map(|it| f64::from(it * it)).sum::<f64>() / middle.len() as f64 * 2.0;
    let expected = 0.4_f64.powi(2) / 2.0;
    let decibels = 10.0 * (power / expected).log10();
    assert!(decibels.abs() < 0.5, "{decibels} dB louder");

    let source = film.track(1).unwrap();
    let made = whole(&file, &film, source, Rendition::Surround, folder.path());
    let args = ["-v", "error", "-i", made.to_str().unwrap(), "-f", "f32le", "-"];
    let (bytes, said) = ffmpeg(&args, Vec::new());
    assert_eq!(said, "");
    let samples: Vec<f32> =
        bytes.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect();
    let loudness = |channel: usize| {
        let heard = samples.chunks_exact(6).skip(48_000).take(96_000);
        heard.map(|it| f64::from(it[channel].powi(2))).sum::<f64>() / 96_000.0
    };
    let centre = 10.0 * (loudness(2) / expected).log10();
    assert!(centre.abs() < 0.5, "{centre} dB louder in the centre");
    assert!([0, 1, 3, 4, 5].iter().all(|it| loudness(*it) < expected / 1000.0), "and nowhere else");
    assert!(track(film.video(), Rendition::Surround).is_none());
}

/// Arguments but those that tell a place in the film: the reader and how it counts, from when to when, and where parts begin.
fn without_place(args: &[std::ffi::OsString]) -> Vec<String> {
    let mut words: Vec<_> = args.iter().map(|it| it.to_string_lossy()).collect();
    for option in ["-force_key_frames", "-enc_time_base"] {
        if let Some(at) = words.iter().position(|it| it == option) {
            words.drain(at..at + 2);
        }
    }
    let words = words.join(" ");
    let parts = words.split([' ', ',', ':']);
    let is_place = |it: &&str| {
        ["trim=", "end=", "atrim=", "apad=", "first_pts="].iter().any(|word| it.starts_with(word))
            || ["matroska", "mov", ""].contains(it)
    };
    parts.filter(|it| !is_place(it)).map(str::to_owned).collect()
}

#[test]
fn a_recipe_has_every_word_that_a_segment_is_made_with() {
    for (name, stream, rendition) in [
        ("hevc-eac3.mkv", 0, SMALL),
        ("hevc-hev1.mp4", 0, SMALL),
        ("interlaced.mkv", 0, SMALL),
        ("sweeps.mkv", 1, Rendition::Sound),
        ("sweeps.mp4", 1, Rendition::Sound),
    ] {
        let (file, film) = open(name);
        let source = film.track(stream).unwrap();
        let recipe = recipe(source, rendition, ABILITIES).expect("of this kind");
        let work = work(&film, &file, source, (rendition, None), 0, ABILITIES).unwrap();
        assert_eq!(recipe[0].to_string_lossy(), format!("{rendition}/2"));
        assert_eq!(without_place(&recipe[1..]), without_place(&work.order.args()), "{name}");
    }
}
