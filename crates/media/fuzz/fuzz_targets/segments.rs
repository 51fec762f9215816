//! Films cut into segments: `cargo fuzz run segments corpus/matroska corpus/mp4 corpus/ts corpus/riff
//! corpus/ps corpus/flv corpus/asf`.

#![no_main]

use std::ops::ControlFlow;

use media::cmaf::{Piece, init_segment, media_segment};
use media::samples::{Film, FilmError, Index, read_text};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let opened = match Film::open(&bytes) {
        Err(FilmError::NoIndex) => Index::of(&bytes, None, &mut |_| ControlFlow::Continue(()))
            .and_then(|index| Film::open_with(&bytes, Some(&index))),
        opened => opened,
    };
    let Ok(film) = opened else { return };
    for track in &film.tracks {
        assert_eq!(init_segment(track).is_some(), track.is_copied());
        let n_segments = film.n_segments(track);
        for number in (0..n_segments).take(64).chain([n_segments - 1]) {
            let Ok(segment) = media_segment(&film, &bytes, track, number) else { continue };
            let sizes = segment.pieces.iter().map(|it| match it {
                Piece::Made(made) => made.len() as u64,
                Piece::Copied { offset, size } => {
                    assert!(offset + size <= bytes.len() as u64);
                    *size
                }
            });
            assert_eq!(sizes.sum::<u64>(), segment.size);
        }
    }
    for text in &film.texts {
        let _ = read_text(&film, &bytes, text.index);
    }
});
