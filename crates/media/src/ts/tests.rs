//! Streams put together packet by packet, for what no tool at hand writes.

use super::*;
use crate::read::ReadAt;
use crate::stream::Hdr;

/// A packet with a payload, filled up in front of it.
fn packet(pid: u16, is_start: bool, payload: &[u8]) -> Vec<u8> {
    let start = if is_start { 0x40 } else { 0 };
    let mut bytes = vec![0x47, start | (pid >> 8) as u8, pid as u8, 0x10];
    let room = 184 - payload.len();
    if room > 0 {
        bytes[3] |= 0x20;
        bytes.push(room as u8 - 1);
        if room > 1 {
            bytes.push(0);
            bytes.resize(4 + room, 0xff);
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// A section with its checksum, in a packet of its own.
fn section(pid: u16, kind: u8, body: &[u8]) -> Vec<u8> {
    let size = body.len() + 9;
    let mut bytes = vec![kind, 0xb0 | (size >> 8) as u8, size as u8, 0, 1, 0xc1, 0, 0];
    bytes.extend_from_slice(body);
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
            if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 }
        })
    });
    bytes.extend(sum.to_be_bytes());
    packet(pid, true, &[&[0], bytes.as_slice()].concat())
}

/// The two tables for streams given by type, packet number and descriptors.
fn tables(of_program: &[u8], streams: &[(u8, u16, &[u8])]) -> Vec<u8> {
    let mut map = vec![0xe1, 0x00, 0xf0, of_program.len() as u8];
    map.extend_from_slice(of_program);
    for (kind, pid, descriptors) in streams {
        map.extend([*kind, 0xe0 | (pid >> 8) as u8, *pid as u8, 0xf0, descriptors.len() as u8]);
        map.extend_from_slice(descriptors);
    }
    [section(0, 0, &[0, 1, 0xe0 | 0x10, 0x00]), section(0x1000, 2, &map)].concat()
}

/// A packet of an elementary stream with a time.
fn pes(pid: u16, time: u64, payload: &[u8]) -> Vec<u8> {
    let mut head = vec![0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5];
    head.push(0x21 | (time >> 29 & 0xe) as u8);
    head.extend(((time >> 14 & 0xfffe | 1) as u16).to_be_bytes());
    head.extend(((time << 1 & 0xfffe | 1) as u16).to_be_bytes());
    head.extend_from_slice(payload);
    packet(pid, true, &head)
}

fn read_bytes(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    let layout = Layout::find(bytes).expect("it looks like a transport stream");
    read(&Source::new(source, "MPEG-TS").unwrap(), layout)
}

#[test]
fn descriptors_name_codec_language_and_purpose() {
    let streams: [(u8, u16, &[u8]); 7] = [
        (0x06, 0x101, &[0x6a, 1, 0, 0x0a, 4, b'd', b'e', b'u', 3]),
        (0x06, 0x102, &[0x7a, 1, 0, 0x0a, 4, b'e', b'n', b'g', 0]),
        (0x06, 0x103, &[0x59, 8, b'f', b'r', b'a', 0x24, 0, 1, 0, 1]),
        (0x06, 0x104, &[0x56, 5, b's', b'p', b'a', 0x29, 0]),
        (0x86, 0x105, &[]),
        (0x24, 0x106, &[0xb0, 5, 1, 0, 0x10, 0x4d, 0x1f]),
        (0x06, 0x107, &[0x05, 4, b'O', b'p', b'u', b's', 0x7f, 2, 0x80, 6]),
    ];
    let bytes = [tables(&[], &streams), pes(0x101, 9000, &[]), pes(0x101, 99_000, &[])].concat();
    let probe = read_bytes(&bytes).unwrap();
    let of = |n: usize| &probe.streams[n];
    assert_eq!((&of(0).codec, of(0).language.as_deref()), (&Codec::Ac3, Some("de")));
    assert!(of(0).flags.visual_impaired);
    assert_eq!((&of(1).codec, of(1).language.as_deref()), (&Codec::Eac3, Some("en")));
    assert_eq!((&of(2).codec, of(2).kind), (&Codec::DvbSubtitle, StreamKind::Subtitle));
    assert!(of(2).flags.hearing_impaired);
    assert_eq!((of(3).codec.as_str(), of(3).flags.hearing_impaired), ("dvb_teletext", true));
    assert_eq!(of(4).kind, StreamKind::Data);
    assert!(matches!(
        of(5).hdr,
        Some(Hdr::DolbyVision { profile: 8, level: 9, compatibility: 1, .. })
    ));
    assert_eq!((&of(6).codec, of(6).channels), (&Codec::Opus, Some(6)));
    assert_eq!(probe.streams.iter().map(|it| it.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn numbers_mean_something_else_on_discs() {
    let registration = [5, 4, b'H', b'D', b'M', b'V'];
    let streams: [(u8, u16, &[u8]); 3] =
        [(0x83, 0x1100, &[]), (0x90, 0x1200, &[]), (0x86, 0x1101, &[])];
    let bytes = [tables(&registration, &streams), pes(0x1100, 0, &[])].concat();
    let probe = read_bytes(&bytes).unwrap();
    let codecs: Vec<_> = probe.streams.iter().map(|it| it.codec.clone()).collect();
    // The stream of TrueHD carries a plain one for old receivers.
    assert_eq!(codecs, [Codec::TrueHd, Codec::Ac3, Codec::HdmvPgs, Codec::Dts]);
}

#[test]
fn time_stamps_that_begin_anew_still_tell_the_duration() {
    let near_the_end = (1 << 33) - 45_000;
    let bytes = [
        tables(&[], &[(0x03, 0x101, &[])]),
        pes(0x101, near_the_end, &[]),
        pes(0x101, 0, &[]),
        pes(0x101, 45_000, &[]),
    ];
    assert_eq!(read_bytes(&bytes.concat()).unwrap().duration_ms, Some(1000));
}

#[test]
fn a_recording_that_begins_within_a_packet_is_read() {
    let stream = [
        tables(&[], &[(0x03, 0x101, &[])]),
        pes(0x101, 0, &[]),
        pes(0x101, 90_000, &[]),
        pes(0x101, 180_000, &[]),
    ]
    .concat();
    let bytes = [vec![0x11; 77], stream].concat();
    assert_eq!(read_bytes(&bytes).unwrap().duration_ms, Some(2000));
}

#[test]
fn packets_that_were_lost_are_passed_over() {
    let mut bytes = [tables(&[], &[(0x03, 0x101, &[])]), pes(0x101, 0, &[])].concat();
    bytes.extend([0x22; 100]);
    bytes.extend([pes(0x101, 90_000, &[]), pes(0x101, 180_000, &[])].concat());
    let source: &dyn ReadAt = &bytes.as_slice();
    let layout = Layout { stride: 188, start: 0 };
    let probe = read(&Source::new(source, "MPEG-TS").unwrap(), layout).unwrap();
    assert_eq!(probe.duration_ms, Some(2000));
}

#[test]
fn encrypted_streams_are_named_and_not_waited_for() {
    let mut scrambled = pes(0x101, 0, &[1, 2, 3]);
    scrambled[3] |= 0x80;
    let bytes = [tables(&[], &[(0x1b, 0x101, &[])]), scrambled.clone(), scrambled].concat();
    let probe = read_bytes(&bytes).unwrap();
    assert_eq!(probe.warnings, ["stream 0 is encrypted"]);
    assert_eq!(probe.streams[0].codec, Codec::H264);
}

#[test]
fn a_stream_without_tables_or_with_a_wrong_checksum_says_so() {
    let mut broken = tables(&[], &[(0x03, 0x101, &[])]);
    let end = broken.len() - 1;
    broken[end] ^= 1;
    for bytes in [pes(0x101, 0, &[]).repeat(8), [broken, pes(0x101, 0, &[])].concat()] {
        let error = read_bytes(&bytes).unwrap_err().to_string();
        assert_eq!(
            error,
            "malformed file: a transport stream without a table of streams at byte 0"
        );
    }
}
