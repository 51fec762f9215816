//! Encoders of hardware: their words given to a stand-in, and to the installed FFmpeg without such hardware.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use media::samples::Film;
use media::transcode::{
    Abilities, AnswerError, Effort, Encoder, Hardware, Made, Picture, Rendition, Rung, Step, Work,
    parts, track, trial, trial_of_libplacebo, work,
};

use crate::cut::read;
use crate::films::open;
use crate::transcode::{bytes_of, ffmpeg, frames};

/// Words that only these encoders know, with the word behind each.
const OWN: [&str; 14] = [
    "-vaapi_device",
    "-qsv_device",
    "-async_depth",
    "-look_ahead",
    "-forced_idr",
    "-forced-idr",
    "-preset",
    "-rc",
    "-delay",
    "-no-scenecut",
    "-usage",
    "-quality",
    "-num_capture_buffers",
    "-x264-params",
];

/// The same with x264 in place of the hardware.
fn stand_in(args: &[OsString], more: &[&str]) -> Vec<String> {
    let mut words = args.iter().map(|it| it.to_string_lossy().into_owned());
    let mut mapped = Vec::new();
    while let Some(word) = words.next() {
        if OWN.contains(&word.as_str()) {
            words.next();
        } else if word.starts_with("h264_") {
            mapped.extend(["libx264", "-preset", "ultrafast"].map(str::to_owned));
            mapped.extend(more.iter().map(|it| (*it).to_owned()));
        } else {
            mapped.push(word.replace(",hwupload", ""));
        }
    }
    mapped
}

fn outcome(mut work: Work, answer: &[u8]) -> Result<Vec<Made>, AnswerError> {
    let mut steps = Vec::new();
    for bytes in answer.chunks(999) {
        steps.extend(work.making.push(bytes)?);
    }
    steps.extend(work.making.finish());
    let made = steps.into_iter().filter_map(|it| match it {
        Step::Beginning(_) => None,
        Step::Part(_, part) => Some(part),
    });
    made.collect()
}

#[test]
fn the_trial_is_passed_by_an_encoder_that_does_as_it_is_told() {
    for hardware in Hardware::ALL {
        let work = trial(hardware, Abilities::NONE);
        let feed = bytes_of(&Vec::new().as_slice(), &work.feed);
        // This one tells nothing of its own before its first picture.
        let more: &[&str] = match hardware {
            Hardware::V4l2 => &["-flags", "-global_header"],
            _ => &[],
        };
        let (answer, said) = ffmpeg(&stand_in(&work.order.args(), more), feed);
        let made = outcome(work, &answer).unwrap_or_else(|it| panic!("{hardware:?}: {it}: {said}"));
        assert_eq!(made.len(), 2, "{hardware:?}");
        assert!(made.iter().all(|it| it.n_missing == 0), "{hardware:?}");
    }
}

#[test]
fn the_trial_of_the_filter_for_high_ranges_is_of_a_film_with_one() {
    let feed = bytes_of(&Vec::new().as_slice(), &trial_of_libplacebo().feed);
    let (_, said) = ffmpeg(&["-f", "matroska", "-i", "pipe:0", "-f", "null", "-"], feed);
    let stream = said.lines().find(|it| it.contains("Video: rawvideo")).expect("pictures");
    assert!(stream.contains("yuv420p(tv, bt2020nc/bt2020/smpte2084"), "{stream}");
}

#[test]
fn the_trial_is_failed_by_an_encoder_that_does_not() {
    for more in [
        ["-force_key_frames:v", "0"],
        // Out of the order of showing.
        ["-bf:v", "2"],
    ] {
        let work = trial(Hardware::Vaapi, Abilities::NONE);
        let feed = bytes_of(&Vec::new().as_slice(), &work.feed);
        let mut words = stand_in(&work.order.args(), &[]);
        let at = words.iter().position(|it| it == "-avoid_negative_ts").expect("a word of ours");
        words.splice(at..at, more.map(str::to_owned));
        let (answer, _) = ffmpeg(&words, feed);
        assert!(outcome(work, &answer).is_err(), "{more:?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn without_the_hardware_the_trial_fails_and_ffmpeg_says_why() {
    for hardware in Hardware::ALL {
        let work = trial(hardware, Abilities { render_node: 9999, ..Abilities::NONE });
        let child = Command::new("ffmpeg")
            .args(work.order.args())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .expect("ffmpeg");
        let said = String::from_utf8_lossy(&child.stderr).into_owned();
        let is_passed = child.status.success()
            && outcome(work, &child.stdout)
                .is_ok_and(|it| it.len() == 2 && it.iter().all(|part| part.n_missing == 0));
        assert!(!is_passed, "{hardware:?}");
        assert!(!said.is_empty(), "{hardware:?}");
    }
}

/// Runs of hardware, some of which software made in its stead, one behind the other.
#[test]
fn what_is_made_in_the_stead_of_hardware_stands_behind_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let (file, film) = open("hevc-eac3.mkv");
    let source = film.video();
    let picture = |encoder| Rendition::Picture(Picture { rung: Rung::P480, encoder, burnt: None });
    let hardware = picture(Encoder::Hardware(Hardware::Vaapi));
    let instead = picture(Encoder::Instead(Effort::Veryfast));
    let made_track = track(source, hardware).unwrap();
    let mut bytes = Vec::new();
    let mut numbers = 0..;
    for run in 0..film.n_segments(&made_track) {
        let rendition = if run % 2 == 0 { hardware } else { instead };
        for made in make(&file, &film, rendition, run) {
            assert_eq!(made.n_missing, 0);
            let (_, samples) = read(&made.segment, numbers.next().unwrap(), true);
            assert!(samples[0].is_key);
            if bytes.is_empty() {
                bytes.extend(made.init);
            }
            bytes.extend(made.segment);
        }
    }
    assert_eq!(parts(&film, &made_track).count(), numbers.next().unwrap());
    let path = folder.path().join("made.mp4");
    std::fs::write(&path, bytes).unwrap();
    // FFprobe complains of a picture that it cannot decode.
    assert_eq!(frames(&path, "v").len(), 312);
}

fn make(file: &std::fs::File, film: &Film, rendition: Rendition, run: usize) -> Vec<Made> {
    let work = work(film, file, film.video(), (rendition, None), run, Abilities::NONE).unwrap();
    let feed = bytes_of(file, &work.feed);
    // Other parameter sets than those of who stands in.
    let more = ["-x264opts", "ref=3:cabac=0"];
    let words = match rendition {
        Rendition::Picture(Picture { encoder: Encoder::Hardware(_), .. }) => {
            stand_in(&work.order.args(), &more)
        }
        _ => work.order.args().iter().map(|it| it.to_string_lossy().into_owned()).collect(),
    };
    let (answer, said) = ffmpeg(&words, feed);
    outcome(work, &answer).unwrap_or_else(|it| panic!("run {run}: {it}: {said}"))
}
