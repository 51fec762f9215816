//! Every reader of ours, chosen by content: `cargo fuzz run probe corpus/matroska corpus/mp4 corpus/ts corpus/riff
//! corpus/audio corpus/ps corpus/flv corpus/asf`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(probe) = media::probe(&bytes, "file") {
        assert!(!probe.streams.is_empty());
    }
});
