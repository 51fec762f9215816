//! Probing files on the disk, with and without FFprobe.

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
    let error = probe_file(&samples::folder().join("film.wmv"), &none).await.unwrap_err();
    assert_eq!(error.to_string(), "not a media file we read: looks like Windows Media (ASF)");
}

#[tokio::test]
async fn what_we_do_not_read_is_read_by_ffprobe() {
    let other = |name: &str| Codec::Other(name.to_owned());
    let probed = probe_file(&samples::folder().join("film.wmv"), &tools()).await.unwrap();
    assert_eq!((probed.reader, probed.probe.container), (Reader::Ffprobe, Container::Asf));
    assert_eq!(
        [&probed.probe.streams[0].codec, &probed.probe.streams[1].codec],
        [&other("wmv2"), &other("wmav2")]
    );
    let duration = probed.probe.duration_ms.unwrap();
    assert!((1900..2200).contains(&duration), "{duration}");
}

#[tokio::test]
async fn a_relative_path_leads_ffprobe_to_the_same_file() {
    let here = std::env::current_dir().unwrap();
    let up: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    let film = samples::folder().join("film.wmv").canonicalize().unwrap();
    let relative = up.join(film.strip_prefix("/").unwrap());
    let probed = probe_file(&relative, &tools()).await.unwrap();
    assert_eq!(probed.probe.container, Container::Asf);
}

#[tokio::test]
async fn broadcasts_and_discs_are_read_without_a_program() {
    let none = Tools { ffprobe: None, timeout: Duration::from_secs(20) };
    let table = [
        ("film.avi", Container::Avi, Codec::Mpeg4, Codec::Mp3),
        ("film.ts", Container::MpegTs, Codec::H264, Codec::Aac),
        ("film.m2ts", Container::MpegTs, Codec::H264, Codec::Ac3),
        ("broadcast.ts", Container::MpegTs, Codec::Mpeg2Video, Codec::Mp2),
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
