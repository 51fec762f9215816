//! The reader of NFO files: `cargo fuzz run nfo corpus/nfo`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(documents) = metadata::local::nfo::read(bytes) {
        assert!(!documents.is_empty());
    }
});
