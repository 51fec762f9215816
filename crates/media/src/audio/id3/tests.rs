//! Tags put together frame by frame.

use super::*;
use crate::Container;

fn syncsafe_bytes(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8)
}

fn frame(name: &[u8], body: &[u8]) -> Vec<u8> {
    [name, &(body.len() as u32).to_be_bytes(), &[0, 0], body].concat()
}

fn tag(version: u8, flags: u8, frames: &[Vec<u8>]) -> Vec<u8> {
    let body = frames.concat();
    [b"ID3".as_slice(), &[version, 0, flags], &syncsafe_bytes(body.len()), &body].concat()
}

fn read_tag(bytes: &[u8]) -> Probe {
    let source: &dyn ReadAt = &bytes;
    let mut probe = Probe::new(Container::Mp3);
    read(&Source::new(source, "ID3").unwrap(), 0, &mut probe);
    probe
}

#[test]
fn texts_are_read_in_every_encoding_and_version() {
    let wide = [
        &[1, 0xff, 0xfe][..],
        &"Zw\u{f6}lf".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    ]
    .concat();
    let table: [(&[u8], &str); 4] = [
        (b"\0Zw\xf6lf", "Zw\u{f6}lf"),
        (b"\x03Zw\xc3\xb6lf\0", "Zw\u{f6}lf"),
        (&wide, "Zw\u{f6}lf"),
        (b"\x02\0A\0B", "AB"),
    ];
    for (body, expected) in table {
        for version in [3, 4] {
            let probe = read_tag(&tag(version, 0, &[frame(b"TIT2", body)]));
            assert_eq!(probe.tags.title(), Some(expected));
        }
    }
    let short = [b"TT2".as_slice(), &[0, 0, 4], b"\0Old"].concat();
    assert_eq!(read_tag(&tag(2, 0, &[short])).tags.title(), Some("Old"));
}

#[test]
fn genres_are_named_whatever_they_were_written_as() {
    for (written, expected) in [
        ("17", "Rock"),
        ("(17)", "Rock"),
        ("(17)Hard Rock", "Hard Rock"),
        ("Own", "Own"),
        ("(4)(17)", "Disco;Rock"),
    ] {
        let probe = read_tag(&tag(3, 0, &[frame(b"TCON", &[b"\0", written.as_bytes()].concat())]));
        assert_eq!(probe.tags.genre(), Some(expected));
    }
}

#[test]
fn comments_with_a_name_are_left_to_whoever_wrote_them() {
    let own = frame(b"COMM", b"\0engiTunNORM\0 00001");
    let free = frame(b"COMM", b"\0eng\0Remark");
    let named = frame(b"TXXX", b"\0MusicBrainz Album Id\0abc");
    let probe = read_tag(&tag(3, 0, &[own, free, named]));
    assert_eq!(probe.tags.comment(), Some("Remark"));
    assert_eq!(probe.tags.get("musicbrainz_albumid"), Some("abc"));
}

#[test]
fn frames_that_are_cut_off_in_their_head_are_left_out() {
    for name in [b"COMM", b"USLT", b"TXXX", b"TIT2", b"APIC", b"CHAP", b"UFID"] {
        for size in 0..6 {
            let probe = read_tag(&tag(3, 0, &[frame(name, &[0; 6][..size])]));
            assert_eq!(probe.tags.0.len() + probe.chapters.len(), 0, "{size}");
        }
    }
}

#[test]
fn the_front_is_the_cover_and_lies_where_the_probe_says() {
    let back = frame(b"APIC", b"\0image/png\0\x04\0\x89PNGback");
    let front = frame(b"APIC", b"\x01image/jpg\0\x03\xff\xfeA\0\0\0\xff\xd8\xfffront");
    let bytes = tag(3, 0, &[back, front]);
    let cover = read_tag(&bytes).cover.unwrap();
    let from = cover.offset.unwrap() as usize;
    assert_eq!(cover.mime, "image/jpeg");
    assert_eq!(&bytes[from..from + cover.size_bytes.unwrap() as usize], b"\xff\xd8\xfffront");
}

#[test]
fn escaped_bytes_are_read_as_they_were() {
    // 255 and 224 may not follow each other in such a tag.
    let bytes = tag(3, 0x80, &[frame(b"TIT2", b"\x01\xff\0\xfeA\0")]);
    let mut bytes = bytes;
    // The size of the frame counts the bytes before.
    bytes[17] -= 1;
    assert_eq!(read_tag(&bytes).tags.title(), Some("A"));
}

#[test]
fn chapters_have_times_and_titles() {
    let title = frame(b"TIT2", b"\x03One");
    let body =
        [b"c1\0".as_slice(), &1000_u32.to_be_bytes(), &2500_u32.to_be_bytes(), &[0xff; 8], &title]
            .concat();
    let probe = read_tag(&tag(3, 0, &[frame(b"CHAP", &body)]));
    let expected = Chapter { start_ms: 1000, end_ms: Some(2500), title: Some("One".to_owned()) };
    assert_eq!(probe.chapters, [expected]);
}

#[test]
fn chapters_in_chapters_are_not_followed() {
    let mut inner = Vec::new();
    for _ in 0..20_000 {
        inner = frame(b"CHAP", &[b"c\0".as_slice(), &[0; 16], &inner].concat());
        if inner.len() > 400_000 {
            break;
        }
    }
    assert_eq!(read_tag(&tag(3, 0, &[inner])).chapters.len(), 1);
}
