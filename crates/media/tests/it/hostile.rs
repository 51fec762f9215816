//! Broken, cut and forged files: a typed error or a partial result, soon, with little memory.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::time::{Duration, Instant};

use media::{Probe, ProbeError, ReadAt, probe};

use crate::samples;

/// Small samples of each structure our own readers know.
const SMALL: [&str; 15] = [
    "film.flv",
    "film.wmv",
    "film.mpg",
    "film.ts",
    "film.m2ts",
    "film.avi",
    "film.mkv",
    "film.mp4",
    "fragmented.mp4",
    "dash.mp4",
    "vp9.webm",
    "merged.mkv",
    "song.m4a",
    "av1.mkv",
    "hdr10.mp4",
];

/// No file of a test may take longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A source that counts what is read of it.
struct Counted<'a> {
    bytes: &'a [u8],
    n_read: Cell<u64>,
}

impl ReadAt for Counted<'_> {
    fn size_bytes(&self) -> io::Result<u64> {
        self.bytes.size_bytes()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let n = self.bytes.read_at(buf, offset)?;
        self.n_read.set(self.n_read.get() + n as u64);
        Ok(n)
    }
}

/// Probes within bounds of time and of bytes read.
pub fn bounded(bytes: &[u8], what: &str) -> Result<Probe, ProbeError> {
    let source = Counted { bytes, n_read: Cell::new(0) };
    let started = Instant::now();
    let result = probe(&source, what);
    assert!(started.elapsed() < PATIENCE, "{what} took {:?}", started.elapsed());
    // Some parts are looked at twice through the window; a walk in circles would read a file hundreds of times.
    let limit = 20 * bytes.len() as u64 + 1_000_000;
    assert!(
        source.n_read.get() <= limit,
        "{what}: {} bytes read of {}",
        source.n_read.get(),
        bytes.len()
    );
    result
}

#[test]
fn a_file_cut_anywhere_gives_an_error_or_a_partial_result() {
    let folder = samples::folder();
    for name in SMALL {
        let bytes = fs::read(folder.join(name)).unwrap();
        let mut n_partial = 0;
        for end in (0..bytes.len()).step_by(97) {
            match bounded(&bytes[..end], &format!("{name} cut at {end}")) {
                Ok(partial) => {
                    assert!(!partial.streams.is_empty());
                    n_partial += 1;
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        // Those whose header comes first are usable without their tail.
        let has_header_first = !matches!(name, "film.mp4" | "song.m4a" | "hdr10.mp4");
        assert_eq!(n_partial > 0, has_header_first, "{name}: {n_partial}");
    }
}

#[test]
fn flipped_bytes_never_panic_nor_run_away() {
    let folder = samples::folder();
    // An xorshift generator: every run flips the same bytes, so a failure can be repeated.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for name in SMALL.into_iter().chain(["song.mp3", "song.flac", "song.opus", "song.wav"]) {
        let bytes = fs::read(folder.join(name)).unwrap();
        for round in 0..150 {
            let mut broken = bytes.clone();
            // Headers lie at either end; flips in the middle of the frames would prove nothing.
            let reach = broken.len().min(6000);
            for _ in 0..=random(16) {
                let at = random(reach);
                let at = if random(2) == 0 { at } else { broken.len() - 1 - at };
                broken[at] = random(256) as u8;
            }
            let _ = bounded(&broken, &format!("{name} round {round}"));
        }
    }
}

#[test]
fn files_that_are_no_media_are_called_what_they_are() {
    let table: [(&[u8], &str, &str); 7] = [
        (b"", "film.mkv", "the file is empty"),
        (b"Hello, this is a note.\n", "film.mp4", "not a media file we read: looks like text"),
        (&[0; 4096], "film.mkv", "not a media file we read: looks like nothing but zeros"),
        (b"%PDF-1.7\n\x01\x02", "film.mkv", "not a media file we read: looks like a PDF document"),
        (
            b"RIFF\x10\0\0\0AVI LIST",
            "film.mkv",
            "truncated AVI: ends inside the list of headers at byte 16",
        ),
        (
            b"\x01\x02\x03\x04",
            "film.xyz",
            "not a media file we read: looks like unknown data named .xyz",
        ),
        (b"\x1a\x45\xdf\xa3", "film.mkv", "truncated Matroska: ends inside an element at byte 4"),
    ];
    for (bytes, name, expected) in table {
        assert_eq!(bounded(bytes, name).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_sparse_file_that_claims_terabytes_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.mkv");
    // A whole EBML header and a segment of unknown size, whose tracks claim eight exabytes.
    let mut head = vec![0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xff];
    head.extend([0x16, 0x54, 0xae, 0x6b, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    fs::write(&path, &head).unwrap();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    let started = Instant::now();
    let error = probe(&file, "huge.mkv").unwrap_err();
    assert!(
        matches!(error, ProbeError::Malformed { .. } | ProbeError::Truncated { .. }),
        "{error}"
    );
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_sparse_mp4_of_endless_empty_boxes_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.mp4");
    fs::write(&path, b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x01mdat\0\0\0\xff\0\0\0\0").unwrap();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    let started = Instant::now();
    assert!(probe(&file, "huge.mp4").is_err());
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn nested_masters_do_not_nest_the_reader() {
    // Every byte pair opens another element of unknown size inside the last one.
    let mut bytes = vec![0x1a, 0x45, 0xdf, 0xa3, 0x80];
    for _ in 0..200_000 {
        bytes.extend([0x18, 0x53, 0x80, 0x67, 0xff]);
    }
    assert!(bounded(&bytes, "segments in segments").is_err());

    let mut chapters = vec![
        0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xff, 0x10, 0x43, 0xa7, 0x70, 0xff,
    ];
    for _ in 0..200_000 {
        chapters.extend([0xb6, 0xff]);
    }
    assert!(bounded(&chapters, "chapters in chapters").is_err());
}

#[test]
fn boxes_in_boxes_do_not_nest_the_reader() {
    let depth = 50_000_u32;
    let mut bytes = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
    for level in (1..=depth).rev() {
        bytes.extend((level * 8).to_be_bytes());
        bytes.extend(b"moov");
    }
    assert!(bounded(&bytes, "boxes in boxes").is_err());
}

#[test]
fn chapters_in_chapters_of_a_song_do_not_nest_the_reader() {
    let mut frames = Vec::new();
    while frames.len() < 2_000_000 {
        // The chapters stand inside one another, so the sizes shrink from here on.
        let size = 2_000_000_u32 - frames.len() as u32;
        frames.extend(*b"CHAP");
        frames.extend(size.to_be_bytes());
        frames.extend([0; 2 + 1 + 16]);
    }
    let size = frames.len();
    let mut bytes = b"ID3\x03\0\0".to_vec();
    bytes.extend([21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8));
    bytes.extend(frames);
    let sound = [0xff, 0xfb, 0x90, 0xc4].into_iter().chain([0; 413]);
    bytes.extend(sound.collect::<Vec<_>>().repeat(20));
    assert!(bounded(&bytes, "chapters in chapters").is_ok());
}

#[test]
fn a_song_with_a_hundred_thousand_texts_is_read_soon() {
    let folder = samples::folder();
    let song = fs::read(folder.join("song.mp3")).unwrap();
    let at = song.windows(2).rposition(|it| it == [0xff, 0xfb]).unwrap();
    let frame = b"TXXX\0\0\0\x05\0\0\0a\0bc";
    let size = frame.len() * 100_000;
    let mut bytes = b"ID3\x03\0\0".to_vec();
    bytes.extend([21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8));
    bytes.extend(frame.repeat(100_000));
    bytes.extend(&song[at..]);
    let _ = bounded(&bytes, "texts");
}

#[test]
fn a_million_tiny_elements_are_not_all_visited() {
    let mut bytes = vec![0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xff];
    bytes.extend([0xec, 0x80].repeat(1_000_000));
    assert!(bounded(&bytes, "voids").is_err());
}
