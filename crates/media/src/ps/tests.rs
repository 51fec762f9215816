//! Streams put together packet by packet, for what no tool at hand writes.

use super::*;
use crate::read::ReadAt;

fn pack() -> Vec<u8> {
    vec![0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xf8]
}

/// A packet with a time, in seconds.
fn packet(id: u8, seconds: u64, payload: &[u8]) -> Vec<u8> {
    let time = seconds * CLOCK;
    let mut head = vec![0x80, 0x80, 5, 0x21 | (time >> 29 & 0xe) as u8];
    head.extend(((time >> 14 & 0xfffe | 1) as u16).to_be_bytes());
    head.extend(((time << 1 & 0xfffe | 1) as u16).to_be_bytes());
    let size = (head.len() + payload.len()) as u16;
    [&[0, 0, 1, id][..], &size.to_be_bytes(), &head, payload].concat()
}

fn read_bytes(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    read(&Source::new(source, "MPEG-PS").unwrap())
}

#[test]
fn streams_are_numbered_as_they_are_met() {
    let frame = [0xff, 0xfd, 0xa4, 0x00];
    let navigation = [&[0, 0, 1, 0xbf, 0x03, 0xd4, 0][..], &[0; 979]].concat();
    let bytes = [
        pack(),
        navigation,
        packet(0xbd, 1, &[0xa1, 1, 0, 4, 0, 0x81, 0x80, 1, 2, 3]),
        packet(0xbd, 1, &[0x21, 0, 4]),
        packet(0xc1, 1, &frame),
        packet(0xbd, 2, &[0x8a, 1, 0, 1]),
        packet(0xe0, 2, &[0, 0, 1, 0xb3]),
        packet(0xc1, 3, &frame),
    ];
    let probe = read_bytes(&bytes.concat()).unwrap();
    let codecs: Vec<_> = probe.streams.iter().map(|it| it.codec.as_str()).collect();
    let expected = ["dvd_nav_packet", "pcm_dvd", "dvd_subtitle", "mp2", "dts", "mpeg2video"];
    assert_eq!(codecs, expected);
    let pcm = &probe.streams[1];
    assert_eq!((pcm.channels, pcm.bit_depth, pcm.sample_rate), (Some(2), Some(24), Some(48_000)));
    assert_eq!(probe.duration_ms, Some(2000));
    assert!(probe.warnings.is_empty(), "{:?}", probe.warnings);
}

#[test]
fn what_others_than_discs_write_privately_is_no_stream() {
    let bytes =
        [pack(), vec![0, 0, 1, 0xbf, 0, 3, 1, 2, 3], packet(0xc0, 0, &[]), packet(0xc0, 1, &[])];
    assert_eq!(read_bytes(&bytes.concat()).unwrap().streams.len(), 1);
}

#[test]
fn a_table_of_streams_tells_what_they_are() {
    let map = [0xe0, 0xff, 0, 0, 0, 8, 0x1b, 0xe0, 0, 0, 0x0f, 0xc0, 0, 0, 0, 0, 0, 0];
    let map = [&[0, 0, 1, 0xbc, 0, map.len() as u8][..], &map].concat();
    let bytes = [pack(), map, packet(0xe0, 0, &[]), packet(0xc0, 1, &[])];
    let probe = read_bytes(&bytes.concat()).unwrap();
    assert_eq!([&probe.streams[0].codec, &probe.streams[1].codec], [&Codec::H264, &Codec::Aac]);
}

#[test]
fn a_clock_that_begins_anew_does_not_shorten_the_film() {
    let cell = |seconds: u64| -> Vec<u8> {
        (0..seconds).flat_map(|it| [pack(), packet(0xc0, it, &[7; 30_000])].concat()).collect()
    };
    let probe = read_bytes(&[cell(40), cell(24)].concat()).unwrap();
    let duration = probe.duration_ms.unwrap();
    assert!((58_000..68_000).contains(&duration), "{duration}");
    assert_eq!(probe.warnings.len(), 1);
}

#[test]
fn encrypted_discs_say_so() {
    let mut scrambled = packet(0xe0, 0, &[1, 2, 3]);
    scrambled[6] |= 0x30;
    let probe = read_bytes(&[pack(), scrambled].concat()).unwrap();
    assert_eq!(probe.warnings, ["stream 0 is encrypted"]);
    assert_eq!(
        read_bytes(&pack()).unwrap_err().to_string(),
        "malformed file: a program stream without streams at byte 0"
    );
}

#[test]
fn a_piece_that_begins_within_a_picture_is_known_for_what_it_is() {
    let table: [(&[u8], Codec); 7] = [
        // Slices of MPEG, whose numbers are those of units elsewhere.
        (&[7, 7, 0, 0, 1, 0x09, 0x12, 0x34, 0x56], Codec::Mpeg2Video),
        (&[0, 0, 1, 0x09, 0x12, 0x34, 0x56, 0x78], Codec::Mpeg2Video),
        (&[0, 0, 1, 0x27, 0x12, 0x34, 0x56], Codec::Mpeg2Video),
        (&[0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x67], Codec::H264),
        (&[0, 0, 0, 1, 0x67, 100, 0, 31], Codec::H264),
        (&[0, 0, 0, 1, 0x40, 1, 12], Codec::Hevc),
        (&[0, 0, 1, 0xb0, 1], Codec::Mpeg4),
    ];
    for (bytes, codec) in table {
        assert_eq!(picture_codec(bytes), codec, "{bytes:?}");
    }
}
