//! Broken films of every kind through the segmenter: the plan, and every segment of it, is valid or an error, soon and
//! without much memory.

use std::cell::Cell;
use std::io;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use media::cmaf::{Piece, init_segment, key_segment, media_segment};
use media::samples::{Film, FilmError, Index, Track};
use media::transcode::{Abilities, Effort, Encoder, Picture, Rendition, Rung, work};
use media::{ReadAt, StreamKind, hls};

use crate::chance::{Round, SEED, break_from};
use crate::cut::read;

/// Broken films of each good one in the ordinary run, and how long the slow one goes on.
const N_ORDINARY: usize = 25;
const SLOW_SECONDS: u64 = 300;
/// Folders of the corpus that have films.
const FILMS: [&str; 7] = ["matroska", "mp4", "ts", "riff", "ps", "flv", "asf"];
/// Segments of a track that are made; a broken plan may have any number.
const MAX_SEGMENTS: usize = 64;
/// Nothing of a film of some kilobytes may take longer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of memory that a film of some kilobytes may take when it is open.
const MAX_MEMORY: usize = 4 << 20;

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

/// Does something within bounds of time and of bytes read.
fn bounded<T>(source: &Counted<'_>, what: &str, doing: impl FnOnce() -> T) -> T {
    source.n_read.set(0);
    let started = Instant::now();
    let done = doing();
    assert!(started.elapsed() < PATIENCE, "{what} took {:?}", started.elapsed());
    // A file is looked through a few times, and windows overlap; going in circles would read it hundreds of times.
    let limit = 60 * source.bytes.len() as u64 + 1_000_000;
    let n_read = source.n_read.get();
    assert!(n_read <= limit, "{what}: {n_read} bytes read of {}", source.bytes.len());
    done
}

fn open(source: &Counted<'_>, what: &str) -> Option<Film> {
    let opened = bounded(source, what, || Film::open(source));
    let film = match opened {
        Err(FilmError::NoIndex) => bounded(source, what, || {
            let index = Index::of(source, None, &mut |_| ControlFlow::Continue(())).ok()?;
            assert_eq!(Index::from_bytes(&index.to_bytes()).as_ref(), Some(&index), "{what}");
            Film::open_with(source, Some(&index)).ok()
        })?,
        opened => opened.ok()?,
    };
    assert!(film.memory_bytes() < MAX_MEMORY, "{what}: {} bytes", film.memory_bytes());
    Some(film)
}

/// Checks a film and all that can be made of it; how many segments were. `None`: it is no film.
fn segment_all(bytes: &[u8], what: &str) -> Option<usize> {
    let source = Counted { bytes, n_read: Cell::new(0) };
    let film = open(&source, what)?;
    let starts: Vec<i64> = film.plan.cuts.iter().map(|it| it.start_ns).collect();
    assert_eq!(starts.first(), Some(&0), "{what}: a film begins at its beginning");
    assert!(starts.windows(2).all(|it| it[0] < it[1]), "{what}: {starts:?}");
    assert!(starts.last() < Some(&film.plan.end_ns), "{what}: the last segment has an end");
    let mut n_made = 0;
    for track in &film.tracks {
        let what = format!("{what} stream {}", track.stream.index);
        let playlist = hls::media(&film, track, "init", |it| it.to_string());
        let n_listed = playlist.lines().filter(|it| it.starts_with("#EXTINF:")).count();
        let n_segments = film.n_segments(track);
        assert_eq!(n_listed, n_segments, "{what}");
        assert_eq!(init_segment(track).is_some(), track.is_copied(), "{what}");
        let all = (0..n_segments).take(MAX_SEGMENTS - 1).chain([n_segments - 1]);
        for number in all {
            let what = format!("{what} segment {number}");
            n_made += usize::from(segment(&source, &film, track, number, &what));
            feed(&source, &film, track, number, &what);
        }
        let beyond = media_segment(&film, &source, track, n_segments);
        assert!(matches!(beyond, Err(FilmError::NotThere)), "{what}");
    }
    Some(n_made)
}

/// The bytes of a segment, all of which must be there.
fn bytes_of(source: &Counted<'_>, pieces: &[Piece], size: u64, what: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Made(made) => bytes.extend(made),
            Piece::Copied { offset, size } => {
                let (from, to) = (*offset as usize, (*offset + *size) as usize);
                let copied = source.bytes.get(from..to);
                bytes.extend(copied.unwrap_or_else(|| panic!("{what}: more than is there")));
            }
        }
    }
    assert_eq!(bytes.len() as u64, size, "{what}: its size is known");
    bytes
}

/// Makes a segment; whether there is one. It is as a strict reader wants it.
fn segment(source: &Counted<'_>, film: &Film, track: &Track, number: usize, what: &str) -> bool {
    let made = bounded(source, what, || media_segment(film, source, track, number));
    let Ok(made) = made else { return false };
    let again = media_segment(film, source, track, number);
    assert!(again.is_ok_and(|it| it == made), "{what}: the same every time");
    let is_video = track.stream.kind == StreamKind::Video;
    let bytes = bytes_of(source, &made.pieces, made.size, what);
    let (_, samples) = read(&bytes, number, is_video);
    assert!(samples.iter().all(|it| it.duration > 0), "{what}: time goes on");
    assert!(samples.iter().all(|it| it.delay >= 0), "{what}: decoded before it is shown");
    assert!(!is_video || samples.first().is_some_and(|it| it.is_key), "{what}: a key frame first");
    if is_video {
        let key = bounded(source, what, || key_segment(film, source, track, number));
        let key = key.unwrap_or_else(|it| panic!("{what}: no key frame alone: {it}"));
        assert_eq!(read(&bytes_of(source, &key.pieces, key.size, what), number, true).1.len(), 1);
    }
    true
}

/// What FFmpeg is given of a segment is as large as it says, too.
fn feed(source: &Counted<'_>, film: &Film, track: &Track, number: usize, what: &str) {
    let encoder = Encoder::Software(Effort::Ultrafast);
    let picture = Picture { rung: Rung::P480, encoder, burnt: None };
    let rendition = match track.stream.kind {
        StreamKind::Video => Rendition::Picture(picture),
        _ => Rendition::Sound,
    };
    let abilities = Abilities { has_zscale: true, ..Abilities::NONE };
    let work =
        bounded(source, what, || work(film, source, track, (rendition, None), number, abilities));
    if let Ok(work) = work {
        let sizes = work.feed.pieces.iter().map(|it| match it {
            Piece::Made(made) => made.len() as u64,
            Piece::Copied { size, .. } => *size,
        });
        assert_eq!(sizes.sum::<u64>(), work.feed.size, "{what}: its size is known");
    }
}

/// How many files were tried, were films still, and gave how many segments.
#[derive(Debug, Default)]
struct Counts {
    files: Cell<usize>,
    films: Cell<usize>,
    segments: Cell<usize>,
}

impl Counts {
    /// Breaks every film of the corpus so often.
    fn add(&self, seed: u64, n_rounds: usize) {
        let count = |cell: &Cell<usize>, n: usize| cell.set(cell.get() + n);
        for reader in FILMS {
            let n_whole = Cell::new(0);
            break_from(seed, reader, n_rounds, |bytes, what, round| {
                count(&self.files, 1);
                if let Some(n_made) = segment_all(bytes, &format!("{what} of seed {seed:x}")) {
                    count(&self.films, 1);
                    count(&self.segments, n_made);
                    count(&n_whole, usize::from(round == Round::Whole));
                }
            });
            assert!(n_whole.get() > 0, "no film of {reader} is cut");
        }
    }
}

#[test]
fn every_segment_of_a_broken_film_is_valid_or_an_error() {
    let counts = Counts::default();
    counts.add(SEED, N_ORDINARY);
    let is_much = counts.films.get() > counts.files.get() / 4 && counts.segments.get() > 100;
    assert!(is_much, "{counts:?}");
}

/// `SEGMENTER_SECONDS` says for how long, where it is set.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a test runs is said from outside")]
fn slow_every_segment_of_many_broken_films_is_valid_or_an_error() {
    let seconds = std::env::var("SEGMENTER_SECONDS").ok().and_then(|it| it.parse().ok());
    let long = Duration::from_secs(seconds.unwrap_or(SLOW_SECONDS));
    let (counts, started) = (Counts::default(), Instant::now());
    let mut seed = SEED;
    while started.elapsed() < long {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        counts.add(seed, N_ORDINARY);
    }
    println!("{counts:?} in {:?}", started.elapsed());
}
