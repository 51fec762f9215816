//! Microsoft's ASF, as `.wmv` and `.wma`: what the objects of its header say, and its packets.
//!
//! Invariant: of the packets only the first are looked at, to tell how often pictures come.

mod packets;
mod texts;

pub(crate) use self::packets::{Passed, walk};
use crate::ProbeError;
use crate::codec::{self, rates};
use crate::container::Container;
use crate::language::bcp47;
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::riff::chunks::{u16_at, u32_at, u64_at};
use crate::riff::streams::{read_picture, read_sound};
use crate::stream::{Codec, Rational, Stream, StreamKind};

/// The header as a whole, which is read into memory; covers stand in it.
const MAX_HEADER_BYTES: u64 = 32 << 20;
/// Objects of a header that are looked at.
const MAX_OBJECTS: usize = 4096;
/// Size and name of every object.
const HEAD_BYTES: usize = 24;
/// Before the packets stand the object's head, the file's name and the number of packets.
const DATA_HEAD_BYTES: u64 = 50;
/// Packets are no smaller and no larger.
const MIN_PACKET_BYTES: u32 = 32;
const MAX_PACKET_BYTES: u32 = 1 << 20;
/// Pictures that are looked at for their rate.
const N_TIMES: usize = 25;
/// How far they are looked for.
const RATE_BYTES: u64 = 4 << 20;

type Guid = [u8; 16];
const HEADER: Guid = *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const DATA: Guid = *b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const CONTENT: Guid = *b"\x33\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const MORE_CONTENT: Guid = *b"\x40\xa4\xd0\xd2\x07\xe3\xd2\x11\x97\xf0\x00\xa0\xc9\x5e\xa8\x50";
const FILE: Guid = *b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: Guid = *b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const EXTENSION: Guid = *b"\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";
const MORE_OF_STREAM: Guid = *b"\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a";
const LANGUAGES: Guid = *b"\xa9\x46\x43\x7c\xe0\xef\xfc\x4b\xb2\x29\x39\x3e\xde\x41\x5c\x85";
const METADATA: Guid = *b"\xea\xcb\xf8\xc5\xaf\x5b\x77\x48\x84\x67\xaa\x8c\x44\xfa\x4c\xca";
const ENCRYPTION: Guid = *b"\xfb\xb3\x11\x22\x23\xbd\xd2\x11\xb4\xb7\x00\xa0\xc9\x55\xfc\x6e";
const MORE_ENCRYPTION: Guid = *b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c";
const SOUND: Guid = *b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const PICTURES: Guid = *b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const SPREAD: Guid = *b"\x50\xcd\xc3\xbf\x8f\x61\xcf\x11\x8b\xb2\x00\xaa\x00\xb4\xe2\x20";

/// Where packets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub begin: u64,
    pub end: u64,
    pub packet_bytes: u64,
}

/// How frames of sound are mixed among each other, so that a packet that is lost is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Frames that are mixed.
    pub n_frames: u32,
    pub frame_bytes: u32,
    /// In pieces of so many bytes.
    pub piece_bytes: u32,
}

/// What the header says of a stream.
#[derive(Debug)]
pub(crate) struct Track {
    /// Its number in the packets.
    pub number: u8,
    /// A `BITMAPINFOHEADER` or a `WAVEFORMATEX`, with what the codec wants behind it.
    pub format: Vec<u8>,
    pub spread: Option<Spread>,
    pub is_encrypted: bool,
}

/// The header.
#[derive(Debug)]
pub(crate) struct Header {
    pub layout: Layout,
    /// By the stream's index.
    pub tracks: Vec<Track>,
    /// By how much packets count ahead, in milliseconds.
    pub preroll_ms: i64,
}

/// What is found while the objects are read.
struct Reading {
    probe: Probe,
    header: Header,
    languages: Vec<Option<String>>,
    /// Stream number, number of its language, and the time from picture to picture in 100 ns.
    more: Vec<(u16, u16, u64)>,
    /// Stream number, and width and height of its pixels.
    shapes: Vec<(u16, [u32; 2])>,
    is_encrypted: bool,
}

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let (mut probe, header) = read_header(src)?;
    for (stream, track) in probe.streams.iter_mut().zip(&header.tracks) {
        if stream.kind == StreamKind::Video && stream.frame_rate.is_none() {
            set_rate(src, &header.layout, stream, track)?;
        }
    }
    Ok(probe)
}

/// The header, and what a probe tells of it.
pub(crate) fn read_header(src: &Source<'_>) -> Result<(Probe, Header), ProbeError> {
    let head = src.array::<30>(0, "the header")?;
    let size = u64_at(&head, 16).unwrap_or(0);
    if head[..16] != HEADER || !(30..=MAX_HEADER_BYTES).contains(&size) {
        return Err(ProbeError::malformed("an ASF file without a header", 0));
    }
    let body = src.bytes(30, size - 30, "the header")?;
    let data = src.array::<24>(size, "the packets")?;
    if data[..16] != DATA {
        return Err(ProbeError::malformed("an ASF file without packets", size));
    }
    let begin = size + DATA_HEAD_BYTES;
    // A recorder that was cut off leaves the size open.
    let stated = u64_at(&data, 16).filter(|it| *it > DATA_HEAD_BYTES);
    let end = stated.map_or(u64::MAX, |it| size.saturating_add(it));
    let layout = Layout { begin, end, packet_bytes: 0 };
    let mut reading = Reading {
        probe: Probe::new(Container::Asf),
        header: Header { layout, tracks: Vec::new(), preroll_ms: 0 },
        languages: Vec::new(),
        more: Vec::new(),
        shapes: Vec::new(),
        is_encrypted: false,
    };
    reading.objects(&body);
    let (probe, header) = reading.finish();
    if header.layout.packet_bytes == 0 {
        return Err(ProbeError::malformed("an ASF file that states no size of its packets", 0));
    }
    if probe.streams.is_empty() {
        return Err(ProbeError::malformed("an ASF file without streams", 0));
    }
    Ok((probe, header))
}

impl Reading {
    /// Goes through objects; those in others are put where those were.
    fn objects(&mut self, body: &[u8]) {
        let mut rest = vec![body];
        for _ in 0..MAX_OBJECTS {
            let Some(bytes) = rest.pop() else { return };
            let Some((head, _)) = bytes.split_first_chunk::<HEAD_BYTES>() else { continue };
            let size = u64_at(head, 16).and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
            let size = size.clamp(HEAD_BYTES, bytes.len());
            let (object, behind) = bytes.split_at(size);
            rest.push(behind);
            let body = &object[HEAD_BYTES..];
            let Some(name) = head.first_chunk::<16>() else { continue };
            match *name {
                // Twenty-two bytes stand before the objects in it.
                EXTENSION => rest.extend(body.get(22..)),
                MORE_OF_STREAM => rest.extend(self.more_of_stream(body)),
                other => {
                    // An object that is too short says nothing.
                    let _ = self.object(other, body);
                }
            }
        }
    }

    fn object(&mut self, name: Guid, body: &[u8]) -> Option<()> {
        match name {
            FILE => {
                let preroll_ms = u64_at(body, 56)?;
                let duration_ms = (u64_at(body, 40)? / 10_000).checked_sub(preroll_ms);
                self.probe.duration_ms = duration_ms.and_then(|it| i64::try_from(it).ok());
                self.header.preroll_ms = i64::try_from(preroll_ms).ok()?;
                let (least, most) = (u32_at(body, 68)?, u32_at(body, 72)?);
                if least == most && (MIN_PACKET_BYTES..=MAX_PACKET_BYTES).contains(&most) {
                    self.header.layout.packet_bytes = most.into();
                }
            }
            STREAM => self.stream(body)?,
            LANGUAGES => self.languages = texts::languages(body),
            METADATA => self.shapes = texts::shapes(body),
            CONTENT => texts::content(body, &mut self.probe),
            MORE_CONTENT => texts::more_content(body, &mut self.probe),
            ENCRYPTION | MORE_ENCRYPTION => self.is_encrypted = true,
            _ => {}
        }
        Some(())
    }

    fn stream(&mut self, body: &[u8]) -> Option<()> {
        let kind = body.first_chunk::<16>()?;
        let n_own = u32_at(body, 40)? as usize;
        let n_correction = u32_at(body, 44)? as usize;
        let flags = u16_at(body, 48)?;
        let rest = body.get(54..)?;
        let own = rest.get(..n_own.min(rest.len()))?;
        if self.header.tracks.len() >= MAX_STREAMS {
            return None;
        }
        let index = self.header.tracks.len() as u32;
        let unknown = Codec::Other("unknown".to_owned());
        let mut spread = None;
        let (stream, format) = match *kind {
            PICTURES => {
                let mut stream = Stream::new(index, StreamKind::Video, unknown);
                // Width, height, a byte of nothing, and the size of what follows.
                let format = own.get(11..).unwrap_or_default();
                read_picture(&mut stream, &[], format);
                (stream, format)
            }
            SOUND => {
                let mut stream = Stream::new(index, StreamKind::Audio, unknown);
                read_sound(&mut stream, own);
                let correction = rest.get(n_own..).unwrap_or_default();
                if body.get(16..32) == Some(&SPREAD) && n_correction >= 8 {
                    spread = spread_of(correction);
                }
                (stream, own)
            }
            _ => (Stream::new(index, StreamKind::Data, unknown), &[][..]),
        };
        self.probe.streams.push(stream);
        self.header.tracks.push(Track {
            number: (flags & 0x7f) as u8,
            format: format.to_vec(),
            spread,
            is_encrypted: flags & 0x8000 != 0,
        });
        Some(())
    }

    /// More of a stream; gives what stands behind it, which may be the stream's own object.
    fn more_of_stream<'a>(&mut self, body: &'a [u8]) -> Option<&'a [u8]> {
        let (stream, language) = (u16_at(body, 48)?, u16_at(body, 50)?);
        self.more.push((stream, language, u64_at(body, 52)?));
        let (n_names, n_extensions) = (u16_at(body, 60)?, u16_at(body, 62)?);
        let mut at = 64;
        for _ in 0..n_names {
            at += 4 + usize::from(u16_at(body, at + 2)?);
        }
        for _ in 0..n_extensions {
            at += 22 + u32_at(body, at + 18)? as usize;
        }
        body.get(at..).filter(|it| it.len() >= HEAD_BYTES)
    }

    fn finish(self) -> (Probe, Header) {
        let Self { mut probe, mut header, languages, more, shapes, is_encrypted } = self;
        for (stream, track) in probe.streams.iter_mut().zip(&mut header.tracks) {
            let number = u16::from(track.number);
            track.is_encrypted |= is_encrypted;
            if let Some((_, language, frame)) = more.iter().find(|it| it.0 == number) {
                let language = languages.get(usize::from(*language)).cloned().flatten();
                stream.language = language.as_deref().and_then(bcp47);
                if stream.kind == StreamKind::Video {
                    stream.frame_rate = rate_of_step(*frame);
                }
            }
            if let Some((_, [wide, high])) = shapes.iter().find(|it| it.0 == number)
                && stream.kind == StreamKind::Video
            {
                let shape = Rational::new((*wide).into(), (*high).into());
                stream.sample_aspect = stream.sample_aspect.or(shape);
            }
            let name = stream.codec.as_str();
            if name.starts_with("wmv") || name.starts_with("msmpeg4") {
                let format = stream.pixel_format.take().unwrap_or_else(|| "yuv420p".to_owned());
                (stream.pixel_format, stream.bit_depth) = (Some(format), Some(8));
            }
            codec::name_simple(stream);
        }
        if header.tracks.iter().any(|it| it.is_encrypted) {
            probe.warn("the file is encrypted");
        }
        (probe, header)
    }
}

fn spread_of(correction: &[u8]) -> Option<Spread> {
    let n_frames = u32::from(*correction.first()?);
    let (frame_bytes, piece_bytes) = (u16_at(correction, 1)?.into(), u16_at(correction, 3)?.into());
    let spread = Spread { n_frames, frame_bytes, piece_bytes };
    let is_mixed = n_frames > 1
        && piece_bytes > 0
        && frame_bytes > piece_bytes
        && frame_bytes.is_multiple_of(piece_bytes);
    is_mixed.then_some(spread)
}

/// Pictures a second of which each is shown for so many 100 ns.
fn rate_of_step(step: u64) -> Option<Rational> {
    const TICKS: u64 = 10_000_000;
    let rate = Rational::new(TICKS, step)?;
    // One step is rounded: of the usual rates the one that is as near as that.
    let rounded = |it: &Rational| (TICKS as f64 / it.as_f64() - step as f64).abs() <= 1.0;
    let usual = rates::usual().find(rounded);
    usual.or((1.0..=240.0).contains(&rate.as_f64()).then_some(rate))
}

/// The rate by the times of the first pictures, of a stream that states none.
fn set_rate(
    src: &Source<'_>,
    layout: &Layout,
    stream: &mut Stream,
    track: &Track,
) -> Result<(), ProbeError> {
    let mut times = Vec::new();
    walk(src, layout, layout.begin, layout.begin.saturating_add(RATE_BYTES), |passed| {
        if let Passed::Frame(frame) = passed
            && frame.number == track.number
        {
            times.push(frame.time_ms);
        }
        times.len() < N_TIMES
    })?;
    stream.frame_rate = rates::of_times(&mut times);
    Ok(())
}

#[cfg(test)]
mod tests;
