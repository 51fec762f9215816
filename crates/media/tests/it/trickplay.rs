//! Sheets of small pictures, made by the installed FFmpeg of key frames alone: each tile shows the right moment.

use media::samples::Film;
use media::transcode::Abilities;
use media::trickplay::{self, COLUMNS, dark, tile_size};

use crate::films;
use crate::films::open;
use crate::transcode::{bytes_of, ffmpeg};

const ABILITIES: Abilities = Abilities::NONE;

/// Gray pixels of all pictures in `input`, by FFmpeg's own decoding.
fn gray(path: &str, filter: &str, size: (u32, u32)) -> Vec<Vec<u8>> {
    let filter =
        format!("{filter}scale={}:{}:flags=bilinear:out_range=pc,format=gray", size.0, size.1);
    let args = [
        "-v",
        "error",
        "-i",
        path,
        "-map",
        "0:v:0",
        "-vf",
        &filter,
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-",
    ];
    let (bytes, _) = ffmpeg(&args, Vec::new());
    bytes.chunks_exact((size.0 * size.1) as usize).map(<[u8]>::to_vec).collect()
}

fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one.iter().zip(other).map(|it| u64::from(it.0.abs_diff(*it.1))).sum();
    sum as f64 / one.len() as f64
}

/// The tiles of a sheet, in order, as gray pixels.
fn tiles(jpeg: &[u8], n: usize, (width, height): (u32, u32)) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sheet.jpg");
    std::fs::write(&path, jpeg).unwrap();
    let columns = n.min(COLUMNS) as u32;
    let whole = (columns * width, n.div_ceil(COLUMNS) as u32 * height);
    let sheet = gray(path.to_str().unwrap(), "", whole).remove(0);
    let tile = |n: u32| {
        let (left, top) = (n % columns * width, n / columns * height);
        let rows = (top..top + height).map(|y| (y * whole.0 + left) as usize);
        rows.flat_map(|at| sheet[at..at + width as usize].to_vec()).collect()
    };
    (0..n as u32).map(tile).collect()
}

fn make(file: &std::fs::File, film: &Film, moments_ms: &[i64]) -> Vec<u8> {
    let sheet = trickplay::sheet(film, file, moments_ms, ABILITIES).unwrap();
    let (answer, said) = ffmpeg(&sheet.args, bytes_of(file, &sheet.feed));
    trickplay::finish(&answer).unwrap_or_else(|| panic!("a sheet: {said}")).to_vec()
}

#[test]
fn every_tile_shows_the_key_frame_that_is_nearest_to_its_moment() {
    let moments: Vec<i64> = (0..13).map(|it| it * 1000).collect();
    for name in [
        "h264-aac.mkv",
        "h264-aac.mp4",
        "fragmented.mp4",
        "hevc-eac3.mkv",
        "hevc-hev1.mp4",
        "vp9-opus.webm",
        "av1-opus.mkv",
        "av1-opus.mp4",
        "open-gop.mkv",
        "open-gop.mp4",
        "fields.mkv",
        "wrapping.mkv",
        "every-frame.mkv",
        "one-group.mkv",
        "variable.mkv",
        "merged.mkv",
        "stripped.mkv",
        "mpeg2-mp2.mkv",
        "interlaced.mkv",
        "mpeg4.mp4",
        "ten-bit.mkv",
    ] {
        let (file, film) = open(name);
        let size = tile_size(&film.video().stream);
        let tiles = tiles(&make(&file, &film, &moments), moments.len(), size);
        let path = films::folder().join(name);
        // All key frames as a decoder that has seen everything shows them, and when.
        let keys = media::index::key_frames(&file).unwrap().unwrap();
        let times: Vec<i64> = keys.key_frames.iter().map(|it| keys.time_ms(*it)).collect();
        let all = gray(path.to_str().unwrap(), "", size);
        let every_ms = 13_000.0 / all.len() as f64;
        for (tile, moment) in tiles.iter().zip(&moments) {
            let nearest = times.iter().min_by_key(|it| (*it - moment).abs()).unwrap();
            // Which of the film's pictures the tile is most like.
            let best = (0..all.len())
                .min_by(|a, b| difference(tile, &all[*a]).total_cmp(&difference(tile, &all[*b])))
                .unwrap();
            let shown = best as f64 * every_ms;
            assert!(
                (shown - *nearest as f64).abs() < 110.0,
                "{name}: at {moment} ms shows {shown} instead of {nearest}"
            );
            let off = difference(tile, &all[best]);
            assert!(off < 12.0, "{name} at {moment} ms: off by {off}");
        }
    }
}

#[test]
fn a_film_without_an_index_of_its_own_has_pictures_by_ours() {
    for name in [
        "h264-aac.ts",
        "hevc-eac3.ts",
        "h264-ac3.m2ts",
        "mpeg2-mp2.ts",
        "mpeg2-fields.ts",
        "h264-mp3.avi",
        "xvid-mp3.avi",
        "packed.avi",
        "no-index.avi",
        "no-cues.mkv",
        "live.mkv",
    ] {
        let (file, film) = open(name);
        let size = tile_size(&film.video().stream);
        let moments: Vec<i64> = film.plan.cuts.iter().map(|it| it.start_ns / 1_000_000).collect();
        assert!(moments.len() > 1, "{name}");
        let tiles = tiles(&make(&file, &film, &moments), moments.len(), size);
        let all = gray(films::folder().join(name).to_str().unwrap(), "", size);
        let every_ms = film.plan.end_ns as f64 / 1e6 / all.len() as f64;
        for (tile, moment) in tiles.iter().zip(&moments) {
            let best = (0..all.len())
                .min_by(|a, b| difference(tile, &all[*a]).total_cmp(&difference(tile, &all[*b])))
                .unwrap();
            let shown = best as f64 * every_ms;
            // The next key frame is a second away or more; a decoder may leave out some at the ends.
            assert!((shown - *moment as f64).abs() < 300.0, "{name}: {moment} ms shows {shown}");
            let off = difference(tile, &all[best]);
            assert!(off < 14.0, "{name} at {moment} ms: off by {off}");
        }
    }
}

#[test]
fn the_darkness_of_key_frames_is_told_moment_by_moment() {
    let (file, film) = open("h264-aac.mkv");
    let moments: Vec<i64> = (0..12).map(|it| it * 1000).collect();
    let look = dark::look(&film, &file, &moments).unwrap();
    let (answer, said) = ffmpeg(&look.args, bytes_of(&file, &look.feed));
    let seen = dark::read(&answer);
    assert_eq!(seen.len(), moments.len(), "{said}");
    // Half of a test picture is light, and no part of it but its lines is black.
    assert!(seen.iter().all(|it| it.dark < 0.5 && it.light > 0.2), "{seen:?}");
}

#[test]
fn a_key_frame_that_is_broken_is_covered_by_the_one_before() {
    let (file, film) = open("h264-aac.mkv");
    let moments: Vec<i64> = (0..12).map(|it| it * 1000).collect();
    let sheet = trickplay::sheet(&film, &file, &moments, ABILITIES).unwrap();
    let mut feed = Vec::new();
    let mut n_pictures = 0;
    for piece in &sheet.feed.pieces {
        let one = media::cmaf::Segment { pieces: vec![piece.clone()], size: size(piece) };
        let mut bytes = bytes_of(&file, &one);
        if matches!(piece, media::cmaf::Piece::Copied { .. }) {
            if n_pictures == 5 {
                bytes.fill(0xff);
            }
            n_pictures += 1;
        }
        feed.extend(bytes);
    }
    let (answer, _) = ffmpeg(&sheet.args, feed);
    let size = tile_size(&film.video().stream);
    let tiles = tiles(trickplay::finish(&answer).unwrap(), moments.len(), size);
    assert!(difference(&tiles[5], &tiles[4]) < 2.0, "covered");
    assert!(difference(&tiles[6], &tiles[4]) > 2.0, "the next has its own");
    let whole = self::tiles(&make(&file, &film, &moments), moments.len(), size);
    assert!(difference(&tiles[11], &whole[11]) < 2.0, "and the last is in its place");
}

fn size(piece: &media::cmaf::Piece) -> u64 {
    match piece {
        media::cmaf::Piece::Made(bytes) => bytes.len() as u64,
        media::cmaf::Piece::Copied { size, .. } => *size,
    }
}

#[test]
fn colours_of_a_high_range_are_brought_down_where_ffmpeg_can() {
    let (file, film) = open("hdr.mkv");
    let brought =
        trickplay::sheet(&film, &file, &[0], Abilities { has_zscale: true, ..Abilities::NONE })
            .unwrap();
    assert!(brought.args.iter().any(|it| it.to_string_lossy().contains("tonemap")));
    let (answer, said) = ffmpeg(&brought.args, bytes_of(&file, &brought.feed));
    let size = tile_size(&film.video().stream);
    let tile = tiles(trickplay::finish(&answer).expect(&said), 1, size).remove(0);
    let plain = tiles(&make(&file, &film, &[0]), 1, size).remove(0);
    assert!(difference(&tile, &plain) > 3.0);
}
