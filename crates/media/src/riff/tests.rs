//! Files put together chunk by chunk, for what no tool at hand writes.

use super::*;
use crate::ProbeError;
use crate::probe::Probe;
use crate::read::{ReadAt, Source};
use crate::stream::{Codec, StreamKind};

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = [kind.as_slice(), &(body.len() as u32).to_le_bytes(), body].concat();
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn list(kind: [u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    chunk(*b"LIST", &[kind.as_slice(), &parts.concat()].concat())
}

fn riff(kind: [u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    chunk(*b"RIFF", &[kind.as_slice(), &parts.concat()].concat())
}

/// A stream header of `n_units` that last `scale / rate` seconds.
fn header(kind: [u8; 4], scale: u32, rate: u32, n_units: u32) -> Vec<u8> {
    let mut body = vec![0; 56];
    body[..4].copy_from_slice(&kind);
    for (at, value) in [(20, scale), (24, rate), (32, n_units)] {
        body[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    chunk(*b"strh", &body)
}

fn picture_format(fourcc: [u8; 4]) -> Vec<u8> {
    let mut body = vec![0; 40];
    body[4..8].copy_from_slice(&640_u32.to_le_bytes());
    body[8..12].copy_from_slice(&(-480_i32).to_le_bytes());
    body[16..20].copy_from_slice(&fourcc);
    chunk(*b"strf", &body)
}

fn read_avi(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    avi::read(&Source::new(source, "AVI").unwrap())
}

fn read_wav(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    wav::read(&Source::new(source, "WAVE").unwrap())
}

#[test]
fn a_large_file_counts_its_frames_in_its_own_header() {
    let video = list(*b"strl", &[header(*b"vids", 1, 25, 100), picture_format(*b"XVID")]);
    let total = list(*b"odml", &[chunk(*b"dmlh", &1000_u32.to_le_bytes())]);
    let headers = list(*b"hdrl", &[video, total]);
    let probe = read_avi(&riff(*b"AVI ", &[headers, list(*b"movi", &[])])).unwrap();
    assert_eq!((probe.duration_ms, probe.streams[0].n_frames), (Some(40_000), Some(1000)));
    assert_eq!((probe.streams[0].width, probe.streams[0].height), (Some(640), Some(480)));
    assert_eq!(probe.streams[0].codec, Codec::Mpeg4);
}

#[test]
fn the_texts_name_the_languages_of_sound() {
    let sound =
        list(*b"strl", &[header(*b"auds", 1, 100, 1000), chunk(*b"strf", &[0x55, 0, 2, 0])]);
    let texts = list(
        *b"INFO",
        &[chunk(*b"IAS1", b"ger\0"), chunk(*b"IAS2", b"xx"), chunk(*b"INAM", b"Der K\xf6nig\0")],
    );
    let headers = list(*b"hdrl", &[sound]);
    let probe = read_avi(&riff(*b"AVI ", &[headers, texts, list(*b"movi", &[])])).unwrap();
    assert_eq!(probe.streams[0].language.as_deref(), Some("de"));
    assert_eq!((probe.streams[0].kind, &probe.streams[0].codec), (StreamKind::Audio, &Codec::Mp3));
    assert_eq!(probe.tags.title(), Some("Der K\u{f6}nig"));
}

#[test]
fn a_file_without_streams_or_cut_before_them_says_so() {
    for bytes in [riff(*b"AVI ", &[]), riff(*b"AVI ", &[list(*b"movi", &[])])] {
        let error = read_avi(&bytes).unwrap_err().to_string();
        assert!(error.starts_with("truncated AVI: ends inside the list of headers"), "{error}");
    }
    let mut cut =
        riff(*b"AVI ", &[list(*b"hdrl", &[list(*b"strl", &[header(*b"vids", 1, 25, 9)])])]);
    cut.truncate(cut.len() - 9);
    assert!(matches!(read_avi(&cut), Err(ProbeError::Truncated { .. })));
}

#[test]
fn extensible_sound_states_its_speakers() {
    let mut format = vec![0xfe, 0xff, 6, 0];
    format.extend(48_000_u32.to_le_bytes());
    format.extend((48_000_u32 * 18).to_le_bytes());
    format.extend([18, 0, 24, 0, 22, 0, 24, 0]);
    format.extend(0x60f_u32.to_le_bytes());
    format.extend([1, 0]);
    format.resize(40, 0);
    let parts = [chunk(*b"fmt ", &format), chunk(*b"data", &[0; 18 * 480])];
    let probe = read_wav(&riff(*b"WAVE", &parts)).unwrap();
    let stream = &probe.streams[0];
    assert_eq!((&stream.codec, stream.bit_depth), (&Codec::PcmS24le, Some(24)));
    assert_eq!(stream.channel_layout.as_deref(), Some("5.1(side)"));
    assert_eq!(probe.duration_ms, Some(10));
}

#[test]
fn sound_whose_size_was_left_open_ends_with_the_file() {
    let mut format = vec![1, 0, 1, 0];
    format.extend(8000_u32.to_le_bytes());
    format.extend(8000_u32.to_le_bytes());
    format.extend([1, 0, 8, 0]);
    let mut bytes = riff(*b"WAVE", &[chunk(*b"fmt ", &format)]);
    bytes.extend(b"data\xff\xff\xff\xff");
    bytes.extend([128; 4000]);
    let probe = read_wav(&bytes).unwrap();
    assert_eq!((probe.duration_ms, probe.warnings.len()), (Some(500), 1));
}
