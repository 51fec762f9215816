//! Files put together element by element, for what no tool at hand writes.

use super::*;
use crate::ReadAt;
use crate::stream::{Codec, Hdr, Rational};

/// An element with a four-byte size.
fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|it| *it == 0).collect();
    bytes.extend((0x1000_0000 | body.len() as u32).to_be_bytes());
    bytes.extend(body);
    bytes
}

fn file(segment: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = element(EBML, &element(DOC_TYPE, b"matroska"));
    bytes.extend(element(SEGMENT, &segment.concat()));
    bytes
}

fn track(fields: &[(u32, &[u8])]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|it| element(it.0, it.1)).collect();
    element(TRACKS, &element(0xae, &fields))
}

fn read_bytes(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    read(&Source::new(source, "Matroska").unwrap())
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_format() {
    let probe = read_bytes(&file(&[track(&[(0x83, &[2]), (0x86, b"A_VORBIS")])])).unwrap();
    let stream = &probe.streams[0];
    assert_eq!((stream.channels, stream.sample_rate), (None, None));
    assert_eq!(stream.language.as_deref(), Some("en"));
    assert!(stream.flags.default && !stream.flags.forced);
    assert_eq!(probe.duration_ms, None);
}

#[test]
fn the_newer_language_element_wins_wherever_it_stands() {
    for languages in [
        [(0x22_b59d, b"pt-BR".as_slice()), (0x22_b59c, b"por")],
        [(0x22_b59c, b"por"), (0x22_b59d, b"pt-BR")],
    ] {
        let fields = [&[(0x83, [1].as_slice()), (0x86, b"V_VP8")], languages.as_slice()].concat();
        let probe = read_bytes(&file(&[track(&fields)])).unwrap();
        assert_eq!(probe.streams[0].language.as_deref(), Some("pt-BR"));
    }
}

#[test]
fn dolby_vision_is_found_in_a_block_addition() {
    let mapping = [element(0x41e7, b"dvcC"), element(0x41ed, &[1, 0, 0x10, 0x4d, 0x10])].concat();
    let fields = [(0x83, [1].as_slice()), (0x86, b"V_MPEGH/ISO/HEVC"), (0x41e4, &mapping)];
    let probe = read_bytes(&file(&[track(&fields)])).unwrap();
    assert_eq!(
        probe.streams[0].hdr,
        Some(Hdr::DolbyVision {
            profile: 8,
            level: 9,
            compatibility: 1,
            has_enhancement_layer: false
        })
    );
}

#[test]
fn frame_durations_snap_to_the_rates_that_exist() {
    let table = [
        (41_708_333_u32, 24_000, 1001),
        (41_666_667, 24, 1),
        (40_000_000, 25, 1),
        (33_366_667, 30_000, 1001),
        (16_683_333, 60_000, 1001),
        (8_333_333, 120, 1),
        (100_000_000, 10, 1),
        (1_001_000_000, 1000, 1001),
    ];
    for (duration_ns, num, den) in table {
        let fields =
            [(0x83, [1].as_slice()), (0x86, b"V_VP8"), (0x23_e383, &duration_ns.to_be_bytes())];
        let probe = read_bytes(&file(&[track(&fields)])).unwrap();
        assert_eq!(probe.streams[0].frame_rate, Rational::new(num, den), "{duration_ns}");
    }
}

#[test]
fn codecs_of_older_writers_are_known_by_their_private_data() {
    let fourcc = [&[0; 16], b"XVID".as_slice(), &[0; 20]].concat();
    let wave = [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 24, 0];
    let table: [(u8, &[u8], &[u8], Codec); 4] = [
        (1, b"V_MS/VFW/FOURCC", &fourcc, Codec::Mpeg4),
        (2, b"A_MS/ACM", &wave, Codec::PcmS24le),
        (2, b"A_AAC/MPEG4/LC", &[], Codec::Aac),
        (0x11, b"S_SOMETHING", &[], Codec::Other("something".to_owned())),
    ];
    for (kind, id, private, expected) in table {
        let kind = [kind];
        let fields = [(0x83, kind.as_slice()), (0x86, id), (0x63a2, private)];
        let probe = read_bytes(&file(&[track(&fields)])).unwrap();
        assert_eq!(probe.streams[0].codec, expected);
    }
}

#[test]
fn a_seek_head_that_lies_is_a_warning() {
    let seek = [element(SEEK_ID, &TAGS.to_be_bytes()), element(SEEK_POSITION, &[0])].concat();
    let head = element(SEEK_HEAD, &element(SEEK, &seek));
    let probe = read_bytes(&file(&[head, track(&[(0x83, &[1]), (0x86, b"V_VP8")])])).unwrap();
    assert_eq!(probe.streams.len(), 1);
    assert!(probe.warnings[0].contains("points at something else"), "{:?}", probe.warnings);
}

#[test]
fn a_file_without_tracks_or_cut_before_them_says_so() {
    let info = element(INFO, &element(TITLE, b"x"));
    let without = file(&[info.clone(), element(CLUSTER, &[])]);
    assert!(matches!(read_bytes(&without), Err(ProbeError::Malformed { .. })));
    let mut cut = file(&[info, track(&[(0x83, &[1]), (0x86, b"V_VP8")])]);
    cut.truncate(cut.len() - 3);
    let error = read_bytes(&cut).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("truncated Matroska: ends inside the list of tracks at byte {}", cut.len())
    );
}
