//! The readers of subtitle files: `cargo fuzz run subtitles corpus/subtitles`.

#![no_main]

use media::Rational;
use media::subtitles::{Form, Hints, file_to_webvtt};

const FORMS: [Form; 5] = [Form::Srt, Form::Script, Form::Sami, Form::Ttml, Form::Lined];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for language in [None, Some("ja"), Some("ru")] {
        for form in FORMS {
            let hints = Hints { language, frame_rate: Rational::new(24, 1) };
            let _ = file_to_webvtt(form, bytes, hints);
        }
    }
});
