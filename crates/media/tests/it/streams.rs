//! Transport streams, AVI files and files without an index: what is cut of them is what was in them.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use media::StreamKind;
use media::cmaf::media_segment;
use media::samples::{Film, FilmError, Index, Track};

use crate::cut::{bytes_of, packets, whole};
use crate::films::{self, open};

/// Hashes of all decoded pictures or sounds, and what FFmpeg complains about.
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn decoded(path: &Path, stream: u32) -> (Vec<String>, String) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", &format!("0:{stream}"), "-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let hashes = text.lines().filter(|it| !it.starts_with('#'));
    let hashes = hashes.map(|it| it.rsplit(',').next().unwrap().trim().to_owned()).collect();
    (hashes, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Tracks that are copied, with the file that all their segments make together.
fn copies(name: &str, folder: &Path) -> Vec<(Track, std::path::PathBuf)> {
    let (file, film) = open(name);
    let copied = film.tracks.iter().filter(|it| it.is_copied());
    copied.map(|it| (it.clone(), whole(&file, &film, it, folder))).collect()
}

#[test]
fn copies_are_decoded_to_the_same_pictures_as_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "h264-aac.ts",
        "h264-sounds.ts",
        "hevc-eac3.ts",
        "h264-ac3.m2ts",
        "h264-ac3.mpg",
        "h264-aac.flv",
        "h264-mp3.flv",
        "h264-mp3.avi",
        "h264-ac3.avi",
        "no-cues.mkv",
        "live.mkv",
        "lying.mkv",
    ] {
        let path = films::folder().join(name);
        for (track, copy) in copies(name, folder.path()) {
            let at = format!("{name} stream {}", track.stream.index);
            let source = packets(&path, track.stream.index);
            let ours = packets(&copy, 0);
            // The encoder's run-up before zero is left out.
            let n_run_up = source.len() - ours.len();
            let is_video = track.stream.kind == StreamKind::Video;
            assert!(
                n_run_up <= if is_video { 0 } else { 2 },
                "{at}: {n_run_up} packets are missing"
            );
            let (ours_decoded, said) = decoded(&copy, 0);
            let (theirs, _) = decoded(&path, track.stream.index);
            if is_video {
                assert!(said.is_empty(), "{at}: {said}");
                assert!(ours_decoded == theirs, "{at}: other pictures");
            } else if track.stream.codec != media::Codec::Aac {
                // Sound whose run-up was left out begins otherwise, and goes on the same. AAC may be filled with noise.
                let same =
                    |n: usize| ours_decoded.iter().rev().nth(n) == theirs.iter().rev().nth(n);
                assert!((5..200).all(same), "{at}: other sound");
            }
            // AVI tells FFmpeg no times of showing.
            if films::is_packed(name) {
                let zero = packets(&path, 0).iter().find(|it| it.2).unwrap().0;
                let first = if is_video { zero } else { source[n_run_up].0 };
                for (number, (our, their)) in ours.iter().zip(&source[n_run_up..]).enumerate() {
                    assert_eq!(our.2, their.2, "{at} packet {number}: a key frame");
                    let off = our.0 - (their.0 - zero).max(0.0);
                    // Of several pictures in one packet, FFmpeg knows when the first is shown; of frames of sound it says the
                    // same of two.
                    let n_alike = source.iter().filter(|it| (it.0 - their.0).abs() < 1e-6).count();
                    assert!(
                        off.abs() < 0.0025 || their.0.is_nan() || n_alike > 1,
                        "{at} packet {number}: {} for {}, first {first}",
                        our.0,
                        their.0
                    );
                }
            }
        }
    }
}

#[test]
fn pictures_of_avi_are_shown_at_even_steps_in_the_order_they_were_made() {
    let folder = tempfile::tempdir().unwrap();
    let name = "h264-mp3.avi";
    let (_, copy) = copies(name, folder.path()).remove(0);
    let mut times: Vec<f64> = packets(&copy, 0).iter().map(|it| it.0).collect();
    assert!(!times.is_sorted(), "it has pictures out of order");
    times.sort_by(f64::total_cmp);
    for (number, time) in times.iter().enumerate() {
        assert!((time - number as f64 * 1001.0 / 24000.0).abs() < 0.0001, "{number}: {time}");
    }
}

#[test]
fn recordings_that_were_put_together_play_one_behind_the_other() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seconds) in [("twice.ts", 26.0), ("jump.ts", 26.0)] {
        let (_, film) = open(name);
        let end = film.plan.end_ns as f64 / 1e9;
        assert!((end - seconds).abs() < 0.3, "{name}: {end} seconds");
        let starts: Vec<i64> = film.plan.cuts.iter().map(|it| it.start_ns).collect();
        assert!(starts.is_sorted() && starts.len() >= 6, "{name}: {starts:?}");
        for (track, copy) in copies(name, folder.path()) {
            let at = format!("{name} stream {}", track.stream.index);
            let packets = packets(&copy, 0);
            let mut times: Vec<f64> = packets.iter().map(|it| it.0).collect();
            times.sort_by(f64::total_cmp);
            let longest = times.windows(2).map(|it| it[1] - it[0]).fold(0.0, f64::max);
            let has_other = name == "jump.ts" && track.stream.kind == StreamKind::Audio;
            assert!(longest < 0.2 || has_other, "{at}: a pause of {longest}");
            if track.stream.kind == StreamKind::Video {
                assert_eq!(packets.len(), 2 * 312, "{at}");
                let (_, said) = decoded(&copy, 0);
                assert!(said.is_empty(), "{at}: {said}");
            }
        }
    }
}

#[test]
fn cells_of_a_disc_play_one_behind_the_other_though_each_begins_its_clock_anew() {
    let (_, film) = open("cells.vob");
    let end = film.plan.end_ns as f64 / 1e9;
    assert!((end - 26.0).abs() < 0.3, "{end} seconds");
    let starts: Vec<i64> = film.plan.cuts.iter().map(|it| it.start_ns).collect();
    assert!(starts.is_sorted() && starts.len() >= 6, "{starts:?}");
    // What is before them is the same.
    let (_, once) = open("dvd.vob");
    let n_common = once.plan.cuts.len() - 1;
    assert_eq!(film.plan.cuts[..n_common], once.plan.cuts[..n_common]);
    assert_eq!(film.tracks.len(), 3);
}

#[test]
fn what_is_cut_off_or_damaged_plays_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    for (name, least) in [
        ("cut-off.ts", 200),
        ("cut-off.vob", 200),
        ("damaged.vob", 280),
        ("cut-off.flv", 200),
        ("damaged.flv", 250),
        ("cut-off.wmv", 200),
        ("damaged.wmv", 250),
        ("damaged.ts", 280),
        ("no-index.avi", 200),
        ("cut-off.mkv", 200),
        ("damaged.mkv", 150),
    ] {
        let (file, film) = open(name);
        let video = film.video();
        let mut n_samples = 0;
        for track in &film.tracks {
            for number in 0..film.n_segments(track) {
                let copied = track.is_copied();
                match media_segment(&film, &file, track, number) {
                    Ok(segment) => drop(bytes_of(&file, &segment)),
                    // One segment may be lost where the damage is.
                    Err(_) if !copied || name == "damaged.mkv" => {}
                    Err(error) => panic!("{name} {} {number}: {error}", track.stream.index),
                }
            }
        }
        if video.is_copied() && name != "damaged.mkv" {
            // The last picture may be cut in two, and is decoded as far as it goes.
            n_samples = decoded(&whole(&file, &film, video, folder.path()), 0).0.len();
        }
        let end = film.plan.end_ns as f64 / 1e9;
        assert!(end > f64::from(least) / 24.0, "{name} ends at {end}");
        assert!(
            n_samples >= least as usize || !video.is_copied() || name == "damaged.mkv",
            "{name}: {n_samples}"
        );
    }
}

#[test]
fn an_index_can_be_stopped_and_a_part_of_one_knows_the_tracks() {
    let mut bytes = Vec::new();
    for _ in 0..40 {
        bytes.extend(std::fs::read(films::folder().join("h264-aac.ts")).unwrap());
    }
    let bytes = bytes.as_slice();
    let mut n_asked = 0;
    let stopped = Index::of(&bytes, None, &mut |_| {
        n_asked += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(stopped, Err(FilmError::Stopped)) && n_asked == 1);
    let part = Index::of(&bytes, Some(1 << 20), &mut |_| ControlFlow::Continue(())).unwrap();
    let all = Index::of(&bytes, None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!part.is_whole() && all.is_whole());
    let open = |index: &Index| Film::open_with(&bytes, Some(index)).unwrap();
    let (part, all) = (open(&part), open(&all));
    let codecs = |it: &Film| -> Vec<_> {
        it.tracks.iter().map(|it| (it.stream.index, it.stream.codec_string.clone())).collect()
    };
    assert_eq!(codecs(&part), codecs(&all));
    assert!(part.plan.cuts.len() < all.plan.cuts.len());
    let end = all.plan.end_ns as f64 / 1e9;
    assert!((end - 40.0 * 13.02).abs() < 4.0, "{end}");
}

/// Says how long a gigabyte takes; the limit is generous, for a slow disk.
#[test]
fn slow_an_index_of_a_large_file_takes_as_long_as_reading_it() {
    let piece = std::fs::read(films::folder().join("h264-aac.ts")).unwrap();
    let path = films::folder().join("large.ts.part");
    let mut file = File::create(&path).unwrap();
    while file.metadata().unwrap().len() < 1 << 30 {
        std::io::Write::write_all(&mut file, &piece).unwrap();
    }
    let file = File::open(&path).unwrap();
    let started = std::time::Instant::now();
    let index = Index::of(&file, None, &mut |_| ControlFlow::Continue(())).unwrap();
    let taken = started.elapsed();
    let bytes = index.to_bytes().len();
    std::fs::remove_file(&path).unwrap();
    println!("a gigabyte in {taken:?}, {bytes} bytes of index");
    assert!(taken.as_secs() < 60, "{taken:?}");
}
