//! Scripts of styled subtitles and the fonts they need, held against what FFmpeg takes out of the same file.

use std::fs::{self, File};

use media::samples::{Film, read_font, read_text, text_description};
use media::subtitles::embedded_to_ass;

use crate::films::{folder, run};

fn events(script: &str) -> Vec<&str> {
    script.lines().filter(|it| it.starts_with("Dialogue:")).collect()
}

#[test]
fn a_script_comes_out_as_it_went_in_with_its_fonts() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path();
    fs::copy(folder().join("styled.mkv"), here.join("styled.mkv")).expect("copied");
    fs::write(here.join("font.bin"), b"the bytes of a font").expect("written");
    let how = "-i {styled.mkv} -map 0 -c copy -attach {font.bin} \
               -metadata:s:t mimetype=application/x-truetype-font";
    run(here, "ffmpeg", how, "attached.mkv");
    run(here, "ffmpeg", "-i {attached.mkv} -map 0:s:0 -c copy", "expected.ass");

    let file = File::open(here.join("attached.mkv")).expect("a film");
    let film = Film::open(&file).expect("a film");
    let stream = film.texts.first().expect("a text track").index;
    let cues = read_text(&film, &file, stream).expect("cues");
    let head = text_description(&film, stream).expect("a head");
    let script = embedded_to_ass(&head, None, &cues);
    let expected = fs::read_to_string(here.join("expected.ass")).expect("a script");
    assert_eq!(events(&script), events(&expected));
    assert_eq!(events(&script).len(), 3);
    assert!(script.starts_with(head_of(&expected)), "{script}");

    let font = film.fonts.first().expect("a font");
    assert_eq!(font.mime, "font/ttf");
    assert_eq!(read_font(&film, &file, 0).expect("its bytes"), b"the bytes of a font");
    assert!(read_font(&film, &file, 1).is_err());
}

/// Up to the styles.
fn head_of(script: &str) -> &str {
    script.split("[Events]").next().expect("a head").trim_end()
}
