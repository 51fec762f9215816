//! Films cut into segments: `cargo fuzz run segments corpus/matroska corpus/mp4`.

#![no_main]

use media::cmaf::{init_segment, media_segment};
use media::samples::{Film, read_text};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(film) = Film::open(&bytes) else { return };
    for track in &film.tracks {
        assert!(!init_segment(track).is_empty());
        for number in [0, film.n_segments(track) - 1] {
            let _ = media_segment(&film, &bytes, track, number);
        }
    }
    for text in &film.texts {
        let _ = read_text(&film, &bytes, text.index);
    }
});
