//! The reader of FFprobe's answer: `cargo fuzz run answer corpus/answer`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = media::ffprobe::parse(bytes);
});
