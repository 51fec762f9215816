//! Films cut into segments: `cargo fuzz run segments corpus/matroska corpus/mp4 corpus/ts corpus/riff`.

#![no_main]

use std::ops::ControlFlow;

use media::cmaf::{init_segment, media_segment};
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
        for number in [0, film.n_segments(track) - 1] {
            let _ = media_segment(&film, &bytes, track, number);
        }
    }
    for text in &film.texts {
        let _ = read_text(&film, &bytes, text.index);
    }
});
