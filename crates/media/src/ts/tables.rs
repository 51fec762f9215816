//! The tables of a transport stream: which programs there are, and which streams a program has.

use crate::codec::{dolby, xiph};
use crate::language::bcp47;
use crate::stream::{Codec, Stream, StreamKind};

/// The longest section of the tables we read.
const MAX_SECTION_BYTES: usize = 4096;

/// Puts sections together from the packets of one number.
#[derive(Default)]
pub(super) struct Sections {
    bytes: Vec<u8>,
    /// The beginning of a section was seen, so that what follows belongs to it.
    is_open: bool,
}

impl Sections {
    /// Takes a packet's payload; gives every section that ends in it, checked.
    pub fn push(&mut self, payload: &[u8], is_start: bool, mut each: impl FnMut(&[u8])) {
        if !is_start {
            if self.is_open {
                self.bytes.extend_from_slice(payload);
                self.drain(&mut each);
            }
            return;
        }
        // The first byte says where a new section begins; what precedes it ends the last one.
        let Some((pointer, rest)) = payload.split_first() else { return };
        let Some((tail, head)) = rest.split_at_checked(usize::from(*pointer)) else { return };
        if self.is_open {
            self.bytes.extend_from_slice(tail);
            self.drain(&mut each);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(head);
        self.is_open = true;
        self.drain(&mut each);
    }

    fn drain(&mut self, each: &mut impl FnMut(&[u8])) {
        while let [kind, high, low, ..] = *self.bytes {
            // Packets are filled up with ones.
            let size = 3 + (usize::from(high & 0x0f) << 8 | usize::from(low));
            if kind == 0xff || size > MAX_SECTION_BYTES {
                self.is_open = false;
                self.bytes.clear();
                return;
            }
            let Some(section) = self.bytes.get(..size) else { return };
            if checksum(section) == 0 {
                each(section);
            }
            self.bytes.drain(..size);
        }
    }
}

/// The remainder of the polynomial of the standard; 0 over a whole section.
fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
            if sum >> 31 == 1 { sum << 1 ^ POLYNOMIAL } else { sum << 1 }
        })
    })
}

/// Packet numbers of the programs' tables, from a program association section.
pub(super) fn programs(section: &[u8]) -> Vec<u16> {
    let Some(body) = body_of(section, 0x00) else { return Vec::new() };
    let programs = body.chunks_exact(4).filter(|it| it[..2] != [0, 0]);
    programs.map(|it| u16::from_be_bytes([it[2] & 0x1f, it[3]])).collect()
}

/// The part of a long section between its head and its checksum, if it is of this kind and valid now.
fn body_of(section: &[u8], kind: u8) -> Option<&[u8]> {
    let is_current = *section.first()? == kind && section.get(5)? & 1 == 1;
    let body = section.get(8..section.len().checked_sub(4)?)?;
    is_current.then_some(body)
}

/// A stream of a program: its packet number, and what the table says of it.
pub(super) struct Entry {
    pub pid: u16,
    pub stream: Stream,
    /// A second stream travels under the same number: the plain sound inside a TrueHD stream of a disc.
    pub twin: Option<Stream>,
}

/// The streams of a program map section. `is_disc` says that numbers are to be read as discs use them.
pub(super) fn streams(section: &[u8], is_disc: bool) -> Vec<Entry> {
    let Some(body) = body_of(section, 0x02) else { return Vec::new() };
    let Some((head, rest)) = body.split_at_checked(4) else { return Vec::new() };
    let size = usize::from(u16::from_be_bytes([head[2] & 0x0f, head[3]]));
    let Some((of_program, mut rest)) = rest.split_at_checked(size) else { return Vec::new() };
    let registration = descriptors(of_program).find(|it| it.0 == REGISTRATION).map(|it| it.1);
    let is_disc = is_disc
        || registration.is_some_and(|it| it.starts_with(b"HDMV") || it.starts_with(b"HDPR"));
    let mut entries = Vec::new();
    while let [number, high, low, size_high, size_low, after @ ..] = rest {
        let size = usize::from(u16::from_be_bytes([size_high & 0x0f, *size_low]));
        let of_stream = &after[..size.min(after.len())];
        rest = &after[of_stream.len()..];
        let pid = u16::from_be_bytes([high & 0x1f, *low]);
        let stream = stream(*number, of_stream, is_disc);
        let twin = (is_disc && *number == 0x83).then(|| {
            let language = stream.language.clone();
            Stream { language, ..Stream::new(0, StreamKind::Audio, Codec::Ac3) }
        });
        entries.push(Entry { pid, stream, twin });
    }
    entries
}

const REGISTRATION: u8 = 0x05;
const LANGUAGE: u8 = 0x0a;
const TELETEXT: u8 = 0x56;
const SUBTITLING: u8 = 0x59;
const AC3: u8 = 0x6a;
const ENHANCED_AC3: u8 = 0x7a;
const DTS: u8 = 0x7b;
const AAC: u8 = 0x7c;
const EXTENSION: u8 = 0x7f;
const DOLBY_VISION: u8 = 0xb0;

fn descriptors(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let [tag, size, after @ ..] = rest else { return None };
        let (body, after) = after.split_at_checked(usize::from(*size))?;
        rest = after;
        Some((*tag, body))
    })
}

fn stream(number: u8, of_stream: &[u8], is_disc: bool) -> Stream {
    let (kind, codec) =
        by_number(number, is_disc).or_else(|| by_descriptors(of_stream)).unwrap_or_else(|| {
            (
                StreamKind::Data,
                Codec::Other(if number == 6 { "bin_data" } else { "unknown" }.to_owned()),
            )
        });
    let mut stream = Stream::new(0, kind, codec);
    for (tag, body) in descriptors(of_stream) {
        // A descriptor that is too short says nothing.
        let _ = read_descriptor(&mut stream, tag, body);
    }
    stream
}

fn read_descriptor(stream: &mut Stream, tag: u8, body: &[u8]) -> Option<()> {
    match tag {
        LANGUAGE => {
            stream.language = language(body);
            match body.get(3)? {
                2 => stream.flags.hearing_impaired = true,
                3 => stream.flags.visual_impaired = true,
                _ => {}
            }
        }
        SUBTITLING => {
            stream.language = language(body);
            stream.flags.hearing_impaired = (0x20..=0x25).contains(body.get(3)?);
        }
        TELETEXT => {
            stream.language = language(body);
            // The upper five bits are the kind of page.
            stream.flags.hearing_impaired = body.get(3)? >> 3 == 5;
        }
        EXTENSION if *body.first()? == 0x80 && stream.codec == Codec::Opus => {
            xiph::describe_opus(stream, *body.get(1)?)?;
        }
        DOLBY_VISION => {
            // As in MP4, but that a layer of its own names the stream that it refines.
            let flags = *body.get(3)?;
            let compatibility = if flags & 1 == 1 { body.get(4)? } else { body.get(6)? };
            let config = [body[0], body[1], body[2], flags, *compatibility];
            dolby::describe_vision(stream, &config)?;
        }
        _ => {}
    }
    Some(())
}

fn language(body: &[u8]) -> Option<String> {
    bcp47(std::str::from_utf8(body.get(..3)?).ok()?)
}

/// Kind and codec by the number of the stream's type.
fn by_number(number: u8, is_disc: bool) -> Option<(StreamKind, Codec)> {
    use StreamKind::{Audio, Data, Subtitle, Video};
    let other = |name: &str| Codec::Other(name.to_owned());
    Some(match number {
        0x01 => (Video, Codec::Mpeg1Video),
        0x02 => (Video, Codec::Mpeg2Video),
        0x03 | 0x04 => (Audio, Codec::Mp3),
        0x0f => (Audio, Codec::Aac),
        0x10 => (Video, Codec::Mpeg4),
        0x11 => (Audio, other("aac_latm")),
        0x15 => (Data, other("timed_id3")),
        0x1b | 0x20 => (Video, Codec::H264),
        0x21 => (Video, other("jpeg2000")),
        0x24 => (Video, Codec::Hevc),
        0x33 => (Video, other("vvc")),
        0x42 => (Video, other("cavs")),
        0xd1 => (Video, other("dirac")),
        0xea => (Video, Codec::Vc1),
        0x80 if is_disc => (Audio, other("pcm_bluray")),
        0x82 | 0x85 | 0x86 | 0xa2 if is_disc => (Audio, Codec::Dts),
        0x83 if is_disc => (Audio, Codec::TrueHd),
        0x84 | 0xa1 if is_disc => (Audio, Codec::Eac3),
        0x90 if is_disc => (Subtitle, Codec::HdmvPgs),
        0x91 if is_disc => (Data, other("hdmv_igs")),
        0x92 if is_disc => (Subtitle, other("hdmv_text_subtitle")),
        0x81 => (Audio, Codec::Ac3),
        0x87 => (Audio, Codec::Eac3),
        0x8a => (Audio, Codec::Dts),
        _ => return None,
    })
}

/// Kind and codec by what the descriptors say, for streams whose number says only that they are private.
fn by_descriptors(of_stream: &[u8]) -> Option<(StreamKind, Codec)> {
    use StreamKind::{Audio, Data, Subtitle, Video};
    let other = |name: &str| Codec::Other(name.to_owned());
    descriptors(of_stream).find_map(|(tag, body)| {
        Some(match (tag, body.get(..4)) {
            (AC3, _) | (REGISTRATION, Some(b"AC-3")) => (Audio, Codec::Ac3),
            (ENHANCED_AC3, _) | (REGISTRATION, Some(b"EAC3" | b"EC-3")) => (Audio, Codec::Eac3),
            (DTS, _) | (REGISTRATION, Some(b"DTS1" | b"DTS2" | b"DTS3")) => (Audio, Codec::Dts),
            (AAC, _) => (Audio, Codec::Aac),
            (REGISTRATION, Some(b"HEVC")) => (Video, Codec::Hevc),
            (REGISTRATION, Some(b"AV01")) => (Video, Codec::Av1),
            (REGISTRATION, Some(b"VC-1")) => (Video, Codec::Vc1),
            (REGISTRATION, Some(b"drac")) => (Video, other("dirac")),
            (REGISTRATION, Some(b"BSSD")) => (Audio, other("s302m")),
            (REGISTRATION, Some(b"Opus")) => (Audio, Codec::Opus),
            (REGISTRATION, Some(b"KLVA")) => (Data, other("klv")),
            (REGISTRATION, Some(b"ID3 ")) => (Data, other("timed_id3")),
            (REGISTRATION, Some(b"CUEI")) => (Data, other("scte_35")),
            (SUBTITLING, _) => (Subtitle, Codec::DvbSubtitle),
            (TELETEXT, _) => (Subtitle, other("dvb_teletext")),
            _ => return None,
        })
    })
}
