//! Subtitle files of the corpus, held against what FFmpeg makes of the same.

use std::fs;
use std::path::Path;

use media::subtitles::{Form, Hints, file_to_webvtt};

use crate::films::run;

/// The cues of a file by ours, without its tags.
fn cues(path: &Path) -> Vec<String> {
    let ending = path.extension().and_then(|it| it.to_str()).expect("an ending");
    let form = Form::of_extension(ending).expect("a form");
    let bytes = fs::read(path).expect("a file");
    let vtt = file_to_webvtt(form, &bytes, Hints::default()).expect("cues");
    let plain = ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>", "<c.yellow>", "</c>", " line:0"]
        .iter()
        .fold(vtt, |text, tag| text.replace(tag, ""));
    plain.split("\n\n").skip(1).map(|it| it.trim_end().to_owned()).collect()
}

#[test]
fn other_forms_have_the_cues_that_ffmpeg_finds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/subtitles");
    for (name, n_cues) in
        [("film.smi", 2), ("counted.sub", 3), ("tenths.mpl", 3), ("viewer.sub", 3)]
    {
        let here = tempfile::tempdir().expect("a folder");
        let here = here.path();
        fs::copy(corpus.join(name), here.join(name)).expect("copied");
        run(here, "ffmpeg", &format!("-i {{{name}}} -c:s srt"), "expected.srt");
        let own = cues(&here.join(name));
        // What SAMI's letters stand for is left to others by FFmpeg.
        let expected = cues(&here.join("expected.srt"));
        let expected: Vec<_> = expected.iter().map(|it| it.replace("&amp;amp;", "&amp;")).collect();
        assert_eq!(own, expected, "{name}");
        assert_eq!(own.len(), n_cues, "{name}");
    }
}

#[test]
fn what_ffmpeg_writes_as_ttml_has_the_same_cues() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/subtitles");
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    fs::copy(corpus.join("film.srt"), here.join("film.srt")).expect("copied");
    run(here, "ffmpeg", "-i {film.srt}", "made.ttml");
    let (own, expected) = (cues(&here.join("made.ttml")), cues(&here.join("film.srt")));
    assert_eq!(own, expected);
    assert_eq!(own.len(), 3);
}
