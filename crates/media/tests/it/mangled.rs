//! Films with wrong bytes: cutting them ends, in time and with an answer, whatever they say.

use std::ops::ControlFlow;

use media::ReadAt;
use media::cmaf::{Piece, init_segment, media_segment};
use media::samples::{Film, FilmError, Index, Track, read_text};
use media::transcode::{Abilities, Effort, Encoder, Picture, Rendition, Rung, work};

use crate::films;

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Everything that can be asked of a film; what it promises must be there.
pub fn play(bytes: &[u8]) -> bool {
    let opened = match Film::open(&bytes) {
        Err(FilmError::NoIndex) => Index::of(&bytes, None, &mut |_| ControlFlow::Continue(()))
            .and_then(|index| {
                assert_eq!(Index::from_bytes(&index.to_bytes()), Some(index.clone()));
                Film::open_with(&bytes, Some(&index))
            }),
        opened => opened,
    };
    let Ok(film) = opened else { return false };
    for track in &film.tracks {
        assert_eq!(init_segment(track).is_some(), track.is_copied());
        let n_segments = film.n_segments(track);
        let playlist = media::hls::media(&film, track, "i", |it| it.to_string());
        assert!(playlist.ends_with("#EXT-X-ENDLIST\n"));
        for number in [0, n_segments / 2, n_segments - 1] {
            make(&film, bytes, track, number);
            let Ok(segment) = media_segment(&film, &bytes, track, number) else { continue };
            let sizes = segment.pieces.iter().map(|it| match it {
                Piece::Made(made) => made.len() as u64,
                Piece::Copied { size, .. } => *size,
            });
            assert_eq!(sizes.sum::<u64>(), segment.size);
        }
    }
    for text in &film.texts {
        if let Ok(cues) = read_text(&film, &bytes, text.index) {
            let _ = media::subtitles::embedded_to_webvtt(&text.codec, None, &cues);
        }
    }
    true
}

/// What FFmpeg would be given; its answer is this feed, which is no answer at all.
fn make(film: &Film, bytes: &[u8], track: &Track, number: usize) {
    let picture =
        Picture { rung: Rung::P480, encoder: Encoder::Software(Effort::Ultrafast), burnt: None };
    let abilities = Abilities { has_zscale: true, ..Abilities::NONE };
    for rendition in [Rendition::Sound, Rendition::Surround, Rendition::Picture(picture)] {
        let Ok(work) = work(film, &bytes, track, (rendition, None), number, abilities) else {
            continue;
        };
        let sizes = work.feed.pieces.iter().map(|it| match it {
            Piece::Made(made) => made.len() as u64,
            Piece::Copied { size, .. } => *size,
        });
        assert_eq!(sizes.sum::<u64>(), work.feed.size);
        let mut making = work.making;
        let n_steps = making.push(bytes).map_or(0, |it| it.len()) + making.finish().len();
        assert!(n_steps > 0, "every part has an outcome");
    }
}

fn mangle(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    // Most of a film is samples; what leads to them stands at its ends.
    let length = bytes.len();
    for _ in 0..=numbers.below(8) {
        let near = numbers.below(4096.min(length));
        let at = match numbers.below(3) {
            0 => near,
            1 => length - 1 - near,
            _ => numbers.below(length),
        };
        bytes[at] = match numbers.below(4) {
            0 => 0,
            1 => 0xff,
            2 => bytes[at] ^ 1 << numbers.below(8),
            _ => numbers.below(256) as u8,
        };
    }
    if numbers.below(8) == 0 {
        bytes.truncate(numbers.below(length));
    }
}

fn films_survive(seed: u64, rounds: usize) {
    let folder = films::folder();
    let mut numbers = Numbers(seed);
    for name in [
        "sounds.mkv",
        "sounds.mp4",
        "fragmented.mp4",
        "merged-sounds.mkv",
        "vp9-opus.webm",
        "styled.mkv",
        "live.mkv",
        "h264-sounds.ts",
        "h264-ac3.m2ts",
        "mpeg2-mp2.ts",
        "latm.ts",
        "mpeg1-mp2.mpg",
        "h264-mp3.flv",
        "wmv2-wma.wmv",
        "packed.avi",
        "h264-mp3.avi",
    ] {
        let whole = std::fs::read(folder.join(name)).unwrap();
        assert!(play(&whole), "{name} is whole");
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            mangle(&mut bytes, &mut numbers);
            play(&bytes);
        }
    }
}

#[test]
fn mangled_films_are_cut_or_refused() {
    films_survive(0x5eed_0fc0_ffee, 45);
}

/// Found by the next one: parts that had come whole were lost where the same piece of an answer ended in disorder.
#[test]
fn what_of_an_answer_was_whole_is_not_lost_with_the_rest() {
    let whole = std::fs::read(films::folder().join("fragmented.mp4")).unwrap();
    let film = Film::open(&whole.as_slice()).unwrap();
    let first = whole.windows(4).position(|it| it == b"moof").unwrap() - 4;
    let twice = [&whole[..], &whole[first..]].concat();
    make(&film, &twice, film.video(), 0);
}

/// Some minutes long.
#[test]
fn slow_many_mangled_films_are_cut_or_refused() {
    films_survive(0x00ca_fe00_d00d, 2000);
}

/// A source that fails at a place, as a disk does.
struct Failing<'a>(&'a [u8], u64);

impl ReadAt for Failing<'_> {
    fn size_bytes(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
        if offset <= self.1 && self.1 < offset + buf.len() as u64 {
            return Err(std::io::Error::other("a bad sector"));
        }
        self.0.read_at(buf, offset)
    }
}

#[test]
fn a_bad_sector_spoils_what_is_on_it_and_nothing_else() {
    let whole = std::fs::read(films::folder().join("h264-aac.mkv")).unwrap();
    let film = Film::open(&whole.as_slice()).unwrap();
    let track = film.video();
    let last = media_segment(&film, &whole.as_slice(), track, film.n_segments(track) - 1).unwrap();
    let Some(Piece::Copied { offset, .. }) = last.pieces.get(1) else { panic!("a sample") };
    let failing = Failing(&whole, offset - 8);
    assert!(media_segment(&film, &failing, track, 0).is_ok());
    assert!(media_segment(&film, &failing, track, film.n_segments(track) - 1).is_err());
}
