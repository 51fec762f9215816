//! Probing files on the disk, with and without FFprobe.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use media::tool::locate;
use media::{Codec, Container, ProbeError, ProbeFileError, Reader, Tools, probe_file};

use crate::samples;

fn tools() -> Tools {
    Tools {
        ffprobe: Some(locate("ffprobe", None).expect("ffprobe is needed")),
        timeout: Duration::from_secs(20),
    }
}

#[tokio::test]
async fn what_we_read_ourselves_needs_no_program() {
    let none = Tools { ffprobe: None, timeout: Duration::from_secs(20) };
    let probed = probe_file(&samples::folder().join("film.mkv"), &none).await.unwrap();
    assert_eq!((probed.reader, probed.probe.container), (Reader::Native, Container::Matroska));
    let error = probe_file(&samples::folder().join("film.nut"), &none).await.unwrap_err();
    assert_eq!(error.to_string(), "not a media file we read: looks like unknown data named .nut");
}

#[tokio::test]
async fn what_we_do_not_read_is_read_by_ffprobe() {
    let nut = Container::Other("nut".to_owned());
    let probed = probe_file(&samples::folder().join("film.nut"), &tools()).await.unwrap();
    assert_eq!((probed.reader, probed.probe.container), (Reader::Ffprobe, nut));
    assert_eq!(
        [&probed.probe.streams[0].codec, &probed.probe.streams[1].codec],
        [&Codec::Mpeg4, &Codec::Mp2]
    );
    let duration = probed.probe.duration_ms.unwrap();
    assert!((1900..2200).contains(&duration), "{duration}");
}

/// A program that calls everything a film.
fn credulous(folder: &std::path::Path) -> Tools {
    let program = folder.join("ffprobe");
    let answer = r#"{"format":{"format_name":"nut"},"streams":[{"index":0,"codec_type":"video","codec_name":"wmv2"}]}"#;
    std::fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    Tools { ffprobe: Some(program), timeout: Duration::from_secs(20) }
}

#[tokio::test]
async fn what_is_certainly_no_media_is_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let tools = credulous(folder.path());
    let path = folder.path().join("film.mkv");
    let zeros = vec![0; 100_000];
    let table: [(&[u8], Result<Reader, &str>); 8] = [
        (b"Just a note.\n", Err("text")),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", Err("text")),
        (b"<?xml version=\"1.0\"?>\r\n<movie/>", Err("text")),
        (
            "Eine längere Notiz über etwas, das kein Film ist, sondern ein Brief.".as_bytes(),
            Err("text"),
        ),
        (&zeros, Err("nothing but zeros")),
        (&[&zeros[..], b"G"].concat(), Ok(Reader::Ffprobe)),
        (b"\xd0\xe4", Ok(Reader::Ffprobe)),
        (b"\x01\x02\x03\x04", Ok(Reader::Ffprobe)),
    ];
    for (bytes, expect) in table {
        std::fs::write(&path, bytes).unwrap();
        let found = probe_file(&path, &tools).await;
        let found = found.map(|it| it.reader).map_err(|it| it.to_string());
        let expect = expect.map_err(|it| format!("not a media file we read: looks like {it}"));
        assert_eq!(found, expect, "{:?}", bytes.get(..20));
    }
}

#[tokio::test]
async fn a_relative_path_leads_ffprobe_to_the_same_file() {
    let here = std::env::current_dir().unwrap();
    let up: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    let film = samples::folder().join("film.nut").canonicalize().unwrap();
    let relative = up.join(film.strip_prefix("/").unwrap());
    let probed = probe_file(&relative, &tools()).await.unwrap();
    assert_eq!(probed.probe.container.as_str(), "nut");
}

#[tokio::test]
async fn broadcasts_and_discs_are_read_without_a_program() {
    let none = Tools { ffprobe: None, timeout: Duration::from_secs(20) };
    let table = [
        ("film.avi", Container::Avi, Codec::Mpeg4, Codec::Mp3),
        ("film.ts", Container::MpegTs, Codec::H264, Codec::Aac),
        ("film.m2ts", Container::MpegTs, Codec::H264, Codec::Ac3),
        ("broadcast.ts", Container::MpegTs, Codec::Mpeg2Video, Codec::Mp2),
        ("avc.flv", Container::Flv, Codec::H264, Codec::Aac),
        ("film.mpg", Container::MpegPs, Codec::Mpeg2Video, Codec::Mp2),
    ];
    for (name, container, video, audio) in table {
        let probed = probe_file(&samples::folder().join(name), &none).await.unwrap();
        assert_eq!(
            (probed.reader, &probed.probe.container),
            (Reader::Native, &container),
            "{name}"
        );
        assert_eq!(
            [&probed.probe.streams[0].codec, &probed.probe.streams[1].codec],
            [&video, &audio],
            "{name}"
        );
    }
    let ts = probe_file(&samples::folder().join("film.ts"), &none).await.unwrap().probe;
    assert_eq!(ts.streams[0].codec_string.as_deref(), Some("avc1.64000c"));
    assert_eq!(ts.streams[1].language.as_deref(), Some("de"));
}

#[tokio::test]
async fn our_own_reason_stands_when_ffprobe_finds_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    std::fs::write(&path, "just some text").unwrap();
    let error = probe_file(&path, &tools()).await.unwrap_err();
    assert_eq!(error.to_string(), "not a media file we read: looks like text");
}

#[tokio::test]
async fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("film.mkv");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    for path in [fifo.as_path(), folder.path(), &folder.path().join("absent.mkv")] {
        let error = probe_file(path, &tools()).await.unwrap_err();
        assert!(matches!(error, ProbeFileError::File(ProbeError::Io(_))), "{error:?}");
    }
}
