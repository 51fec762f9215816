//! Headers put together object by object, for what no tool at hand writes.

use super::*;
use crate::read::ReadAt;

fn object(name: Guid, body: &[u8]) -> Vec<u8> {
    [&name[..], &(body.len() as u64 + 24).to_le_bytes(), body].concat()
}

fn file_properties(packet_bytes: u32) -> Vec<u8> {
    let mut body = vec![0; 40];
    body.extend(130_000_000_u64.to_le_bytes());
    body.extend([0; 8]);
    body.extend(3000_u64.to_le_bytes());
    body.extend([0; 4]);
    body.extend(packet_bytes.to_le_bytes().repeat(2));
    body.extend([0; 4]);
    object(FILE, &body)
}

fn stream(kind: Guid, correction: Guid, number: u16, own: &[u8], mixed: &[u8]) -> Vec<u8> {
    let mut body = [&kind[..], &correction, &[0; 8]].concat();
    body.extend((own.len() as u32).to_le_bytes());
    body.extend((mixed.len() as u32).to_le_bytes());
    body.extend(number.to_le_bytes());
    body.extend([0; 4]);
    body.extend([own, mixed].concat());
    object(STREAM, &body)
}

fn picture(number: u16) -> Vec<u8> {
    let mut own = vec![0; 11];
    own.extend(40_u32.to_le_bytes());
    own.extend(720_u32.to_le_bytes());
    own.extend(576_u32.to_le_bytes());
    own.extend([1, 0, 24, 0]);
    own.extend(*b"WMV3");
    own.resize(11 + 40, 0);
    stream(PICTURES, [0; 16], number, &own, &[])
}

fn header(objects: &[Vec<u8>]) -> Vec<u8> {
    let body = [&[0_u8; 6][..], &objects.concat()].concat();
    let mut bytes = object(HEADER, &body);
    bytes.extend(object(DATA, &[0; 26]));
    bytes
}

fn read_bytes(bytes: &[u8]) -> Result<(Probe, Header), ProbeError> {
    let source: &dyn ReadAt = &bytes;
    read_header(&Source::new(source, "ASF").unwrap())
}

#[test]
fn a_stream_in_the_extension_is_a_stream_like_others() {
    let words = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let german = words("de-DE");
    let languages = [&[1, 0, german.len() as u8][..], &german].concat();
    // Stream 2, language 0, 33.3667 ms a picture, no names and extensions, and the stream's own object.
    let mut more = vec![0; 48];
    more.extend([2, 0, 0, 0]);
    more.extend(333_667_u64.to_le_bytes());
    more.extend([0; 4]);
    more.extend(picture(2));
    let mut shape = vec![2, 0];
    for (name, side) in [("AspectRatioX", 64_u32), ("AspectRatioY", 45)] {
        let name = words(name);
        shape.extend([0, 0, 2, 0, name.len() as u8, 0, 3, 0, 4, 0, 0, 0]);
        shape.extend(name);
        shape.extend(side.to_le_bytes());
    }
    let inner =
        [object(LANGUAGES, &languages), object(METADATA, &shape), object(MORE_OF_STREAM, &more)];
    let extension = object(EXTENSION, &[&[0; 22][..], &inner.concat()].concat());
    let (probe, header) = read_bytes(&header(&[file_properties(3200), extension])).unwrap();
    let video = &probe.streams[0];
    assert_eq!((video.codec.as_str(), video.width, video.height), ("wmv3", Some(720), Some(576)));
    assert_eq!(video.language.as_deref(), Some("de-DE"));
    assert_eq!(video.frame_rate, Rational::new(30_000, 1001));
    assert_eq!(video.sample_aspect, Rational::new(64, 45));
    assert_eq!((probe.duration_ms, header.preroll_ms), (Some(10_000), 3000));
    assert_eq!((header.tracks[0].number, header.layout.packet_bytes), (2, 3200));
}

#[test]
fn sound_that_is_mixed_says_how() {
    let mut wave = vec![0x61, 1, 2, 0];
    wave.extend(44_100_u32.to_le_bytes());
    wave.extend([0; 10]);
    let mixed = [4, 0xe8, 2, 0xba, 0, 0xba, 0, 0];
    let sound = stream(SOUND, SPREAD, 0x8001, &wave, &mixed);
    let (probe, header) = read_bytes(&header(&[file_properties(3200), sound])).unwrap();
    assert_eq!(probe.streams[0].codec.as_str(), "wmav2");
    assert_eq!(
        header.tracks[0].spread,
        Some(Spread { n_frames: 4, frame_bytes: 744, piece_bytes: 186 })
    );
    assert!(header.tracks[0].is_encrypted);
    assert_eq!(probe.warnings, ["the file is encrypted"]);
}

#[test]
fn a_header_without_what_is_needed_is_refused() {
    for objects in [vec![], vec![file_properties(0), picture(1)], vec![file_properties(100)]] {
        assert!(read_bytes(&header(&objects)).is_err());
    }
    assert!(read_bytes(b"0&\xb2u\x8ef\xcf\x11").is_err());
}
