//! The indexes of key frames: `cargo fuzz run key_frames corpus/matroska corpus/mp4`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(index)) = media::index::key_frames(&bytes) {
        assert!(index.key_frames.windows(2).all(|it| it[0].time < it[1].time));
    }
});
