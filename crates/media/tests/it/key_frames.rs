//! The index of key frames beside what FFprobe finds by reading every packet.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use media::index::{KeyFrameIndex, key_frames};

use crate::samples;

/// Time in milliseconds and place of every key frame of the first video.
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn by_reading(path: &Path) -> Vec<(i64, u64)> {
    let args = "-v error -select_streams v:0 -show_entries packet=pts_time,pos,flags -of csv=p=0";
    let output = Command::new("ffprobe").args(args.split_whitespace()).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let packets = text.lines().map(|it| it.split(',').collect::<Vec<_>>());
    packets
        .filter(|it| it.iter().any(|it| it.starts_with('K')))
        .map(|it| {
            let seconds: f64 = it[0].parse().unwrap();
            ((seconds * 1000.0).round() as i64, it[1].parse().unwrap())
        })
        .collect()
}

fn index(name: &str) -> Option<KeyFrameIndex> {
    key_frames(&File::open(samples::folder().join(name)).unwrap()).unwrap()
}

fn times(index: &KeyFrameIndex) -> Vec<i64> {
    index.key_frames.iter().map(|it| index.time_ms(*it)).collect()
}

#[test]
fn sample_tables_tell_when_and_where_every_key_frame_is() {
    for name in
        ["keys.mp4", "film.mp4", "keys.mov", "rotated.mp4", "variable.mp4", "interlaced.mp4"]
    {
        let found = index(name).unwrap();
        let expected = by_reading(&samples::folder().join(name));
        let places: Vec<u64> = found.key_frames.iter().map(|it| it.position).collect();
        assert_eq!(places, expected.iter().map(|it| it.1).collect::<Vec<_>>(), "{name}");
        for (ours, theirs) in times(&found).iter().zip(&expected) {
            assert!((ours - theirs.0).abs() <= 1, "{name}: {ours} and {theirs:?}");
        }
    }
}

#[test]
fn cues_tell_the_times_and_clusters_of_key_frames() {
    for name in ["keys.mkv", "film.mkv", "merged.mkv", "vp9.webm", "hdr10.mkv", "av1.mkv"] {
        let path = samples::folder().join(name);
        let (found, expected) = (index(name).unwrap(), by_reading(&path));
        assert_eq!(times(&found), expected.iter().map(|it| it.0).collect::<Vec<_>>(), "{name}");
        let bytes = std::fs::read(path).unwrap();
        for it in &found.key_frames {
            assert_eq!(bytes[it.position as usize..][..4], [0x1f, 0x43, 0xb6, 0x75], "{name}");
        }
    }
}

#[test]
fn fragments_are_indexed_with_and_without_an_index_of_their_own() {
    // Segment index, random access points, and neither.
    for name in
        ["dash-keys.mp4", "dash.mp4", "fragments.mp4", "fragmented.mp4", "fragmented-only.mp4"]
    {
        let path = samples::folder().join(name);
        let (found, expected) = (index(name).unwrap(), by_reading(&path));
        for (ours, theirs) in times(&found).iter().zip(&expected) {
            assert!((ours - theirs.0).abs() <= 1, "{name}: {:?} and {expected:?}", times(&found));
        }
        assert_eq!(found.key_frames.len(), expected.len(), "{name}");
        let bytes = std::fs::read(path).unwrap();
        for (n, it) in found.key_frames.iter().enumerate() {
            assert_eq!(&bytes[it.position as usize + 4..][..4], b"moof", "{name}");
            // The frame itself lies in that fragment.
            assert!(it.position < expected[n].1, "{name}");
            let next = found.key_frames.get(n + 1).map_or(u64::MAX, |it| it.position);
            assert!(expected[n].1 < next, "{name}");
        }
    }
}

#[test]
fn files_without_an_index_or_a_video_have_none() {
    for name in
        ["no-cues.mkv", "live.webm", "song.m4a", "song.flac", "film.avi", "film.ts", "sound.mka"]
    {
        assert_eq!(index(name), None, "{name}");
    }
}
