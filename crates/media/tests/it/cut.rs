//! Films cut into CMAF segments: checked by a strict reader of our own, and against FFprobe's packets of the source.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use media::ReadAt;
use media::StreamKind;
use media::cmaf::{Piece, Segment, init_segment, key_segment, media_segment};
use media::samples::{Film, FilmError, Track, read_text};

use crate::films::{self, open};

/// A sample of a segment as its `trun` has it.
pub(crate) struct Sent {
    pub duration: u64,
    size: u64,
    pub is_key: bool,
    pub delay: i64,
}

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
    assert_eq!(bytes.len() as u64, segment.size);
    bytes
}

fn boxes(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        found.push((&rest[4..8], &rest[8..size]));
        rest = &rest[size..];
    }
    found
}

fn only<'a>(bytes: &'a [u8], kind: &[u8]) -> &'a [u8] {
    let found: Vec<_> = boxes(bytes).into_iter().filter(|it| it.0 == kind).collect();
    assert_eq!(found.len(), 1, "one {}", String::from_utf8_lossy(kind));
    found[0].1
}

/// Reads a segment and checks its shape: `moof` and `mdat`, every byte of which is a sample's.
pub(crate) fn read(segment: &[u8], number: usize, is_video: bool) -> (u64, Vec<Sent>) {
    let kinds: Vec<_> = boxes(segment).iter().map(|it| it.0.to_vec()).collect();
    assert_eq!(kinds, [b"moof".to_vec(), b"mdat".to_vec()]);
    let moof = only(segment, b"moof");
    assert_eq!(only(moof, b"mfhd")[4..], (number as u32 + 1).to_be_bytes());
    let traf = only(moof, b"traf");
    let start = u64::from_be_bytes(only(traf, b"tfdt")[4..12].try_into().unwrap());
    let trun = only(traf, b"trun");
    let words: Vec<u32> =
        trun.chunks_exact(4).map(|it| u32::from_be_bytes(it.try_into().unwrap())).collect();
    assert_eq!(words[0], if is_video { 0x0100_0f01 } else { 0x0100_0701 });
    assert_eq!(words[2] as usize, moof.len() + 16, "the data begins behind the head of mdat");
    let width = if is_video { 4 } else { 3 };
    let samples: Vec<Sent> = words[3..]
        .chunks_exact(width)
        .map(|it| Sent {
            duration: it[0].into(),
            size: it[1].into(),
            is_key: it[2] & 0x1_0000 == 0,
            delay: it.get(3).map_or(0, |it| i64::from(*it as i32)),
        })
        .collect();
    assert_eq!(samples.len(), words[1] as usize);
    let data: u64 = samples.iter().map(|it| it.size).sum();
    assert_eq!(data, only(segment, b"mdat").len() as u64, "every byte is a sample's");
    (start, samples)
}

#[test]
fn segments_join_without_gaps_and_begin_with_key_frames() {
    for name in films::names() {
        let (file, film) = open(name);
        for track in &film.tracks {
            let is_video = track.stream.kind == StreamKind::Video;
            let mut expected = 0;
            for number in 0..film.n_segments(track) {
                let at = format!("{name} stream {} segment {number}", track.stream.index);
                let segment = media_segment(&film, &file, track, number)
                    .unwrap_or_else(|it| panic!("{at}: {it}"));
                let (start, samples) = read(&bytes_of(&file, &segment), number, is_video);
                assert!(
                    samples.first().is_some_and(|it| it.is_key),
                    "{at} begins with a key frame"
                );
                if number > 0 {
                    assert_eq!(start, expected, "{at} begins where the one before ends");
                } else if is_video {
                    assert_eq!(start, 0, "{at}");
                }
                assert!(
                    samples.iter().all(|it| it.delay >= 0 && it.duration > 0),
                    "{at}: shown after decoding"
                );
                expected = start + samples.iter().map(|it| it.duration).sum::<u64>();
                let again = media_segment(&film, &file, track, number).unwrap();
                assert_eq!(segment, again, "{at} is the same every time");
            }
            let beyond = media_segment(&film, &file, track, film.n_segments(track));
            assert!(matches!(beyond, Err(FilmError::NotThere)), "{name}");
        }
    }
}

/// What a player shows of a film that stands still: the picture whose time and duration the moment lies in.
#[test]
fn pictures_of_many_lengths_last_until_the_next_one_shown() {
    for name in ["variable.mkv", "variable.mp4"] {
        let (file, film) = open(name);
        let video = film.video();
        let mut lengths = std::collections::BTreeSet::new();
        let mut is_out_of_order = false;
        for number in 1..film.n_segments(video) {
            let segment = media_segment(&film, &file, video, number).unwrap();
            let (start, samples) = read(&bytes_of(&file, &segment), number, true);
            let mut decoded = start as i64;
            let mut shown: Vec<(i64, i64)> = Vec::new();
            for sample in &samples {
                let from = decoded + sample.delay;
                decoded += sample.duration as i64;
                shown.push((from, from + sample.duration as i64));
                lengths.insert(sample.duration);
            }
            is_out_of_order |= !shown.is_sorted();
            shown.sort_unstable();
            for pair in shown.windows(2) {
                assert_eq!(pair[0].1, pair[1].0, "{name} segment {number}");
            }
        }
        assert!(is_out_of_order && lengths.len() > 1, "{name}: {lengths:?}");
    }
}

#[test]
fn key_frames_alone_stand_where_their_segments_begin_and_can_be_decoded() {
    let folder = tempfile::tempdir().unwrap();
    for name in films::names() {
        let (file, film) = open(name);
        let video = film.video();
        if !video.is_copied() {
            continue;
        }
        let mut whole = init_segment(video).unwrap();
        let n_segments = film.n_segments(video);
        for number in 0..n_segments {
            let key = bytes_of(&file, &key_segment(&film, &file, video, number).unwrap());
            let segment = media_segment(&film, &file, video, number).unwrap();
            let (start, samples) = read(&bytes_of(&file, &segment), number, true);
            let (key_start, keys) = read(&key, number, true);
            let [key_sample] = keys.as_slice() else { panic!("{name}: one picture") };
            assert_eq!((key_sample.size, key_sample.is_key), (samples[0].size, true), "{name}");
            // Pictures before an open group's key frame are decoded behind it, and shown before.
            let (shown, first) =
                (key_start as i64 + key_sample.delay, start as i64 + samples[0].delay);
            assert_eq!(shown, first, "{name} {number}");
            whole.extend(key);
        }
        let path = folder.path().join("keys.mp4");
        std::fs::write(&path, whole).unwrap();
        assert_eq!(packets(&path, 0).iter().filter(|it| it.2).count(), n_segments, "{name}");
    }
}

/// What FFprobe says of each packet: time of showing in seconds, size, whether it is a key frame.
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
pub fn packets(path: &Path, stream: u32) -> Vec<(f64, u64, bool)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", &stream.to_string(), "-show_entries"])
        .args(["packet=pts_time,size,flags", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.lines()
        // Side data of a packet is shown as an empty line.
        .filter(|it| !it.is_empty())
        .map(|line| {
            let mut fields = line.split(',');
            let mut next = || fields.next().unwrap_or_default();
            (next().parse().unwrap_or(f64::NAN), next().parse().unwrap(), next().starts_with('K'))
        })
        .collect()
}

pub fn whole(file: &File, film: &Film, track: &Track, folder: &Path) -> std::path::PathBuf {
    let mut bytes = init_segment(track).unwrap();
    for number in 0..film.n_segments(track) {
        bytes.extend(bytes_of(file, &media_segment(film, file, track, number).unwrap()));
    }
    let path = folder.join(format!("{}.mp4", track.stream.index));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn all_segments_together_are_the_packets_of_the_source() {
    let folder = tempfile::tempdir().unwrap();
    // Other containers count bytes and times otherwise: `streams.rs` looks into them.
    for name in films::names().filter(|it| !films::is_other(it)) {
        let (file, film) = open(name);
        for track in &film.tracks {
            let at = format!("{name} stream {}", track.stream.index);
            let source = packets(&films::folder().join(name), track.stream.index);
            let copy = packets(&whole(&file, &film, track, folder.path()), 0);
            // The encoder's run-up before zero is left out.
            let n_run_up = source.len() - copy.len();
            assert!(n_run_up <= 2, "{at}: {} packets of {}", copy.len(), source.len());
            let slack = if track.stream.kind == StreamKind::Video { 0.0012 } else { 0.0025 };
            for (number, (ours, theirs)) in copy.iter().zip(&source[n_run_up..]).enumerate() {
                assert_eq!((ours.1, ours.2), (theirs.1, theirs.2), "{at} packet {number}");
                // A frame that begins before the film does begins with it.
                let shown = theirs.0.max(0.0);
                assert!(
                    (ours.0 - shown).abs() < slack,
                    "{at} packet {number}: {} for {}",
                    ours.0,
                    shown
                );
            }
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn every_segment_can_be_decoded_with_nothing_but_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "h264-aac.mkv",
        "hevc-eac3.mkv",
        "sounds.mp4",
        "vp9-opus.webm",
        "av1-opus.mkv",
        "fragmented.mp4",
        "no-cues.mkv",
        "live.mkv",
        "h264-sounds.ts",
        "hevc-eac3.ts",
        "h264-mp3.avi",
    ] {
        let (file, film) = open(name);
        for track in &film.tracks {
            let number = film.n_segments(track) / 2;
            let segment = bytes_of(&file, &media_segment(&film, &file, track, number).unwrap());
            let path = folder.path().join("alone.mp4");
            std::fs::write(&path, [init_segment(track).unwrap(), segment].concat()).unwrap();
            let output = Command::new("ffmpeg")
                .args(["-v", "error", "-xerror", "-nostdin", "-i"])
                .arg(&path)
                .args(["-f", "null", "-"])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && said.is_empty(),
                "{name} {}: {said}",
                track.stream.index
            );
        }
    }
}

#[test]
fn playlists_announce_what_the_segments_hold() {
    for name in films::names() {
        let (file, film) = open(name);
        for track in &film.tracks {
            let playlist = media::hls::media(&film, track, "init.mp4", |it| format!("{it}.m4s"));
            let announced: Vec<f64> = playlist
                .lines()
                .filter_map(|it| it.strip_prefix("#EXTINF:")?.trim_end_matches(',').parse().ok())
                .collect();
            assert_eq!(announced.len(), film.n_segments(track), "{name}");
            let target =
                playlist.lines().find_map(|it| it.strip_prefix("#EXT-X-TARGETDURATION:")).unwrap();
            let target: f64 = target.parse().unwrap();
            // Sound is cut at its own frames, and open groups show pictures before their key frame.
            let is_video = track.stream.kind == StreamKind::Video;
            let is_open = ["open", "hevc", "stripped", "h264-ac3.m2ts", "h264-mp3.", "variable"];
            let is_open = is_open.iter().any(|it| name.starts_with(it));
            let slack = if is_video && !is_open { 0.05 } else { 0.2 };
            for (number, seconds) in announced.iter().enumerate() {
                assert!(seconds.round() <= target, "{name}");
                let segment = media_segment(&film, &file, track, number).unwrap();
                let (_, samples) = read(&bytes_of(&file, &segment), number, is_video);
                let ticks: u64 = samples.iter().map(|it| it.duration).sum();
                let held = ticks as f64 / f64::from(track.timescale);
                let is_late = name.starts_with("late") && !is_video && number == 0;
                assert!(
                    (held - seconds).abs() < slack || is_late,
                    "{name} {} {number}: {held} for {seconds}",
                    track.stream.index
                );
            }
        }
    }
}

#[test]
fn the_whole_is_announced_with_codecs_size_and_sounds() {
    let (_, film) = open("sounds.mkv");
    let audio: Vec<_> = film.tracks[1..]
        .iter()
        .map(|track| media::hls::Audio {
            track,
            name: track.stream.language.clone().unwrap_or_default(),
            is_default: track.stream.index == 1,
            url: format!("{}.m3u8", track.stream.index),
        })
        .collect();
    let video = media::hls::Video {
        track: film.video(),
        bitrate_bps: film.bitrate_bps,
        url: "0.m3u8".to_owned(),
        keys_url: Some("keys.m3u8".to_owned()),
    };
    let master = media::hls::master(&[video], &audio, &[]);
    let stream = master.lines().find(|it| it.starts_with("#EXT-X-STREAM-INF")).unwrap();
    for part in [
        "RESOLUTION=160x90",
        "FRAME-RATE=23.976",
        "VIDEO-RANGE=SDR",
        "AUDIO=\"audio\"",
        "mp4a.6B,ac-3,fLaC",
    ] {
        assert!(stream.contains(part), "{part} in {stream}");
    }
    let german =
        "NAME=\"de\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES,CHANNELS=\"6\",URI=\"2.m3u8\"";
    assert!(master.contains(german), "{master}");
    let keys = master.lines().find(|it| it.starts_with("#EXT-X-I-FRAME-STREAM-INF")).unwrap();
    assert!(keys.ends_with("RESOLUTION=160x90,VIDEO-RANGE=SDR,URI=\"keys.m3u8\""), "{keys}");
    assert!(keys.contains("CODECS=\"avc1.") && !keys.contains("mp4a"), "{keys}");
}

#[test]
fn a_film_without_an_index_says_so() {
    let file = File::open(films::folder().join("no-cues.mkv")).unwrap();
    assert!(matches!(Film::open(&file), Err(FilmError::NoIndex)));
}

#[test]
fn embedded_subtitles_are_found_with_their_times() {
    for (name, texts) in [
        ("sounds.mkv", ["Hello", "<i>Bye</i>", "Two"]),
        ("merged-sounds.mkv", ["Hello", "<i>Bye</i>", "Two"]),
        ("sounds.mp4", ["\0\x05Hello", "\0\x03Bye", "\0\x09Two"]),
        ("styled.mkv", ["0,0,Default,,0,0,0,,Hello", "1,0,Default,,0,0,0,,{\\i1}Bye", "2,0,"]),
    ] {
        let (file, film) = open(name);
        let stream = film.texts[0].index;
        let cues = read_text(&film, &file, stream).unwrap();
        let source = packets(&films::folder().join(name), stream);
        // A pause of MP4 is a packet too.
        let shown: Vec<_> = source.iter().filter(|it| it.1 > 2).collect();
        assert_eq!(cues.len(), shown.len(), "{name}");
        let durations: Vec<_> = cues.iter().map(|it| it.duration_ms).collect();
        assert_eq!(durations, [Some(900), Some(1700), Some(1000)], "{name}");
        for ((cue, packet), text) in cues.iter().zip(shown).zip(texts) {
            assert!(
                (cue.start_ms as f64 / 1000.0 - packet.0).abs() < 0.0015,
                "{name}: {}",
                cue.start_ms
            );
            let found = String::from_utf8_lossy(&cue.bytes);
            assert!(found.starts_with(text), "{name}: {found:?}");
        }
    }
}

/// `bytes` with the first `old` in place of which `new` stands, of the same length.
fn with(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|it| it == old).expect("it is in there");
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn dolby_vision_that_nothing_else_is_says_so_in_its_copy() {
    /// Version 1.0, profile 5, level 6, metadata and one layer, a base that nobody else knows.
    const FIVE: &[u8] = &[1, 0, 0x0a, 0x35, 0, 0, 0, 0, 0, 0, 0, 0];
    /// The same as profile 8 over HDR10.
    const EIGHT: &[u8] = &[1, 0, 0x10, 0x35, 0x10, 0, 0, 0, 0, 0, 0, 0];
    let plain = std::fs::read(films::folder().join("hevc-hev1.mp4")).unwrap();
    let at = plain.windows(4).position(|it| it == b"btrt").expect("how many bits it has");
    let rates = &plain[at..at + 16];
    let vision = |config: &[u8]| with(&plain, rates, &[b"dvcC", config].concat());
    let copy_of = |film: Vec<u8>| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        std::fs::write(&path, film).unwrap();
        let file = File::open(&path).unwrap();
        let film = Film::open(&file).unwrap();
        let track = film.tracks.iter().find(|it| it.stream.kind == StreamKind::Video).unwrap();
        let mut bytes = init_segment(track).unwrap();
        let segment = media_segment(&film, &file, track, 0).unwrap();
        bytes.extend(bytes_of(&file, &segment));
        std::fs::write(&path, bytes).unwrap();
        let shown = Command::new("ffprobe")
            .args(["-v", "error", "-of", "default=nw=1", "-show_streams", "-i"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(shown.stderr.is_empty(), "{}", String::from_utf8_lossy(&shown.stderr));
        (track.stream.codec_string.clone().unwrap(), String::from_utf8(shown.stdout).unwrap())
    };
    let (codecs, shown) = copy_of(with(&vision(FIVE), b"hev1", b"dvhe"));
    assert!(codecs == "dvh1.05.06" || codecs == "dvhe.05.06", "{codecs}");
    for line in [
        &format!("codec_tag_string={}", &codecs[..4]),
        "codec_name=hevc",
        "dv_profile=5",
        "dv_level=6",
        "rpu_present_flag=1",
        "el_present_flag=0",
        "bl_present_flag=1",
        "dv_bl_signal_compatibility_id=0",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line}: {shown}");
    }
    // Everybody plays this one as HDR10, and it says no more.
    let (codecs, shown) = copy_of(vision(EIGHT));
    assert!(codecs.starts_with("hvc1.") || codecs.starts_with("hev1."), "{codecs}");
    assert!(!shown.contains("dv_profile"), "{shown}");
}
