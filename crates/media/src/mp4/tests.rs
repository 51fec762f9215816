//! Files put together box by box, for what no tool at hand writes.

use super::*;
use crate::ReadAt;
use crate::stream::{Codec, Rational};

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u32 + 8).to_be_bytes();
    [size.as_slice(), &kind, body].concat()
}

fn movie_header() -> Vec<u8> {
    let mut body = vec![0; 100];
    body[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    body[16..20].copy_from_slice(&2000_u32.to_be_bytes());
    boxed(*b"mvhd", &body)
}

/// A track of one sample entry, with `extra` boxes beside its media.
fn track(handler: [u8; 4], language: u16, entry: &[u8], extra: &[u8]) -> Vec<u8> {
    let mut media_header = vec![0; 24];
    media_header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    media_header[20..22].copy_from_slice(&language.to_be_bytes());
    let handler = [&[0; 8], handler.as_slice(), &[0; 12]].concat();
    let description = [&[0, 0, 0, 0, 0, 0, 0, 1], entry].concat();
    let table = boxed(*b"stbl", &boxed(*b"stsd", &description));
    let media =
        [boxed(*b"mdhd", &media_header), boxed(*b"hdlr", &handler), boxed(*b"minf", &table)]
            .concat();
    boxed(
        *b"trak",
        &[boxed(*b"tkhd", &[0; 84]).as_slice(), &boxed(*b"mdia", &media), extra].concat(),
    )
}

fn visual_entry(kind: [u8; 4], boxes: &[u8]) -> Vec<u8> {
    let mut fixed = vec![0; 78];
    fixed[24..28].copy_from_slice(&[0x07, 0x80, 0x04, 0x38]);
    boxed(kind, &[fixed.as_slice(), boxes].concat())
}

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [boxed(*b"ftyp", b"isom\0\0\0\0"), boxed(*b"moov", &parts.concat())].concat()
}

fn read_bytes(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    read(&Source::new(source, "MP4")?)
}

#[test]
fn languages_are_packed_letters_or_unknown() {
    // Five bits per letter: "deu", "und", and numbers of the Macintosh's list.
    for (packed, expected) in
        [(0x10b5, Some("de")), (0x55c4, None), (0, Some("en")), (6, Some("es")), (0x7fff, None)]
    {
        let probe = read_bytes(&file(&[
            movie_header(),
            track(*b"vide", packed, &visual_entry(*b"vp08", &[]), &[]),
        ]))
        .unwrap();
        assert_eq!(probe.streams[0].language.as_deref(), expected, "{packed:#x}");
        assert_eq!((probe.streams[0].width, probe.streams[0].height), (Some(1920), Some(1080)));
        assert_eq!(probe.duration_ms, Some(2000));
    }
}

#[test]
fn roles_and_names_of_tracks_are_read() {
    let kind = [&[0; 4], b"urn:mpeg:dash:role:2011\0commentary\0".as_slice()].concat();
    let user_data =
        boxed(*b"udta", &[boxed(*b"name", b"Director"), boxed(*b"kind", &kind)].concat());
    let probe = read_bytes(&file(&[
        movie_header(),
        track(*b"vide", 0, &visual_entry(*b"vp08", &[]), &user_data),
    ]))
    .unwrap();
    assert_eq!(probe.streams[0].title.as_deref(), Some("Director"));
    assert!(probe.streams[0].flags.commentary);
}

#[test]
fn color_shape_and_dolby_vision_boxes_are_read() {
    let color = boxed(*b"colr", &[b"nclx".as_slice(), &[0, 9, 0, 16, 0, 9, 0]].concat());
    let shape = boxed(*b"pasp", &[0, 0, 0, 4, 0, 0, 0, 3]);
    let vision = boxed(*b"dvcC", &[1, 0, 0x0a, 0x35, 0, 0]);
    let config = boxed(
        *b"hvcC",
        &[
            1, 2, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 120, 0xf0, 0, 0xfc, 0xfd, 0xfa, 0xfa, 0, 0,
            15, 0,
        ],
    );
    let entry = visual_entry(*b"dvh1", &[color, shape, config, vision].concat());
    let probe = read_bytes(&file(&[movie_header(), track(*b"vide", 0, &entry, &[])])).unwrap();
    let stream = &probe.streams[0];
    assert_eq!((&stream.codec, stream.codec_string.as_deref()), (&Codec::Hevc, Some("dvh1.05.06")));
    assert_eq!(
        (stream.color.transfer.as_deref(), stream.color.range.as_deref()),
        (Some("smpte2084"), Some("tv"))
    );
    assert_eq!(stream.sample_aspect, Rational::new(4, 3));
}

#[test]
fn an_encrypted_stream_shows_its_true_codec() {
    let scheme = boxed(*b"sinf", &boxed(*b"frma", b"avc1"));
    let probe = read_bytes(&file(&[
        movie_header(),
        track(*b"vide", 0, &visual_entry(*b"encv", &scheme), &[]),
    ]))
    .unwrap();
    assert_eq!(probe.streams[0].codec, Codec::H264);
}

#[test]
fn a_broken_track_does_not_spoil_the_others() {
    let broken = boxed(*b"trak", &boxed(*b"tkhd", &[0; 84]));
    let probe = read_bytes(&file(&[
        movie_header(),
        broken,
        track(*b"vide", 0, &visual_entry(*b"vp08", &[]), &[]),
    ]))
    .unwrap();
    assert_eq!(probe.streams.len(), 1);
    assert!(probe.warnings[0].starts_with("a track cannot be read"), "{:?}", probe.warnings);
}

#[test]
fn a_file_that_ends_before_its_index_says_so() {
    let bytes = [boxed(*b"ftyp", b"isom\0\0\0\0"), b"\0\0\x10\0mdatxxxx".to_vec()].concat();
    let error = read_bytes(&bytes).unwrap_err().to_string();
    assert_eq!(error, "truncated MP4: ends inside the media bytes, before the index at byte 28");
    let error = read_bytes(&file(&[])).unwrap_err().to_string();
    assert_eq!(error, "malformed file: an index without a movie header (mvhd) at byte 16");
}

#[test]
fn the_short_list_of_chapters_counts_in_tenths_of_microseconds() {
    let list = [
        &[1, 0, 0, 0, 0, 0, 0, 0, 2],
        [0; 8].as_slice(),
        b"\x03One",
        &20_000_000_u64.to_be_bytes(),
        b"\x00",
    ]
    .concat();
    let chapters = chapters::read_list(&list);
    assert_eq!(chapters.iter().map(|it| it.start_ms).collect::<Vec<_>>(), [0, 2000]);
    assert_eq!(chapters[0].title.as_deref(), Some("One"));
    assert_eq!(chapters[1].title, None);
}
