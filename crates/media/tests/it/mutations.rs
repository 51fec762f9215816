//! Small files of every kind, broken in many ways: no panic, no running away, and indexes that rise. The files lie in
//! `fuzz/corpus`, one folder a reader, and serve `cargo fuzz` too.

use std::cell::Cell;

use media::index::key_frames;
use media::samples::TextCue;
use media::subtitles::{Form, Hints, decode, embedded_to_webvtt, file_to_webvtt};
use media::{Codec, Rational, ffprobe};

use crate::chance::{Round, break_each};
use crate::hostile::bounded;
use crate::mangled::play;

/// Broken files of each good one in the ordinary run.
const N_ORDINARY: usize = 60;
/// The same in the slow run.
const N_SLOW: usize = 20_000;
/// Broken texts of each good one: they are small.
const N_TEXTS: usize = 600;

fn probe_every_file(reader: &str, n_rounds: usize) {
    break_each(reader, n_rounds, |bytes, what, round| {
        let probed = bounded(bytes, what);
        if round == Round::Whole {
            probed.as_ref().unwrap_or_else(|it| panic!("{what}: {it}"));
        }
        if let Ok(probe) = probed {
            assert!(!probe.streams.is_empty(), "{what}");
            assert!(probe.duration_ms.is_none_or(|it| it > 0), "{what}: {:?}", probe.duration_ms);
        }
        if let Ok(Some(index)) = key_frames(&bytes) {
            let rises = index.key_frames.windows(2).all(|it| it[0].time < it[1].time);
            assert!(rises && index.timescale > 0, "{what}");
        }
    });
}

fn cut_every_file(reader: &str, n_rounds: usize) {
    let n_whole = Cell::new(0);
    break_each(reader, n_rounds, |bytes, _, round| {
        let is_film = play(bytes);
        n_whole.set(n_whole.get() + usize::from(is_film && round == Round::Whole));
    });
    assert!(n_whole.get() > 0, "no film of {reader} is cut");
}

fn read_every_subtitle(n_rounds: usize) {
    break_each("subtitles", n_rounds, |bytes, what, round| {
        let mut n_read = 0;
        for language in [None, Some("ja"), Some("ru")] {
            let text = decode(bytes, language);
            let cue = |bytes: &[u8], start_ms| TextCue {
                start_ms,
                duration_ms: None,
                bytes: bytes.to_owned(),
            };
            let (head, rest) = bytes.split_at(bytes.len() / 2);
            let cues = [cue(head, -5), cue(rest, i64::MAX - 1), cue(text.as_bytes(), 7)];
            let codecs = [Codec::Ass, Codec::MovText, Codec::Subrip, Codec::Webvtt];
            let inside = codecs.map(|it| embedded_to_webvtt(&it, language, &cues));
            let hints = Hints { language, frame_rate: Rational::new(24, 1) };
            let forms = [Form::Srt, Form::Script, Form::Sami, Form::Ttml, Form::Lined];
            let beside = forms.map(|it| file_to_webvtt(it, bytes, hints));
            n_read += beside.iter().filter(|it| it.is_ok()).count();
            for vtt in inside.into_iter().chain(beside).flatten() {
                assert!(vtt.starts_with("WEBVTT\n"), "{what}");
                assert!(!vtt.contains("\n\n\n"), "{what}");
            }
        }
        assert!(round == Round::Broken || n_read > 0 || what == "web.vtt", "{what}");
    });
}

fn read_every_answer(n_rounds: usize) {
    break_each("answer", n_rounds, |bytes, what, round| match ffprobe::parse(bytes) {
        Ok(probe) => assert!(!probe.streams.is_empty(), "{what}"),
        Err(error) => assert!(round == Round::Broken, "{what}: {error}"),
    });
}

#[test]
fn broken_matroska_files_do_no_harm() {
    probe_every_file("matroska", N_ORDINARY);
}

#[test]
fn broken_mp4_files_do_no_harm() {
    probe_every_file("mp4", N_ORDINARY);
}

#[test]
fn broken_transport_streams_do_no_harm() {
    probe_every_file("ts", N_ORDINARY);
}

#[test]
fn broken_program_streams_do_no_harm() {
    probe_every_file("ps", N_ORDINARY);
}

#[test]
fn broken_flash_and_windows_media_files_do_no_harm() {
    probe_every_file("flv", N_ORDINARY);
    probe_every_file("asf", N_ORDINARY);
}

#[test]
fn broken_riff_files_do_no_harm() {
    probe_every_file("riff", N_ORDINARY);
}

#[test]
fn broken_audio_files_do_no_harm() {
    probe_every_file("audio", N_ORDINARY);
}

#[test]
fn broken_films_are_cut_or_refused() {
    cut_every_file("matroska", N_ORDINARY);
    cut_every_file("mp4", N_ORDINARY);
    cut_every_file("ts", N_ORDINARY);
    cut_every_file("riff", N_ORDINARY);
    cut_every_file("ps", N_ORDINARY);
    cut_every_file("flv", N_ORDINARY);
    cut_every_file("asf", N_ORDINARY);
}

#[test]
fn broken_subtitles_do_no_harm() {
    read_every_subtitle(N_TEXTS);
}

#[test]
fn broken_answers_of_ffprobe_do_no_harm() {
    read_every_answer(N_TEXTS);
}

#[test]
fn slow_many_broken_files_of_every_kind_do_no_harm() {
    for reader in ["matroska", "mp4", "ts", "ps", "flv", "asf", "riff", "audio"] {
        probe_every_file(reader, N_SLOW);
    }
    cut_every_file("matroska", N_SLOW);
    cut_every_file("mp4", N_SLOW);
    cut_every_file("ts", N_SLOW);
    cut_every_file("riff", N_SLOW);
    cut_every_file("ps", N_SLOW);
    cut_every_file("flv", N_SLOW);
    cut_every_file("asf", N_SLOW);
    read_every_subtitle(N_SLOW);
    read_every_answer(N_SLOW);
}
