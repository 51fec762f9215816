//! The readers of subtitle files: `cargo fuzz run subtitles corpus/subtitles`.

#![no_main]

use media::subtitles::{ass_to_webvtt, srt_to_webvtt};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for language in [None, Some("ja"), Some("ru")] {
        let _ = srt_to_webvtt(bytes, language);
        let _ = ass_to_webvtt(bytes, language);
    }
});
