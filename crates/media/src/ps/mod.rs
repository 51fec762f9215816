//! MPEG program streams: `.mpg` of MPEG-1 and MPEG-2, and the `.vob` of DVDs. Nothing lists their streams: they are those
//! that are met at the beginning, numbered in that order, as FFmpeg does.
//!
//! Invariant: some megabytes of the beginning and some hundred kilobytes elsewhere are read, whatever is in them.

mod packets;

use self::packets::PRIVATE_2;
pub(crate) use self::packets::{Packet, Passed, walk};
use crate::ProbeError;
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::container::Container;
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::stream::{Codec, Stream, StreamKind};
use crate::ts::ticks_between;

/// How much of the beginning is searched for streams: as much as FFmpeg looks at, so that both find the same.
const HEAD_BYTES: u64 = 5_000_000;
/// Units of time stamps in a second.
const CLOCK: u64 = 90_000;
/// Places along the file whose times tell how long it plays: discs begin their clock anew here and there.
const N_PLACES: u64 = 16;
/// How far from such a place a time is looked for, and how much of the end is searched.
const NEAR_BYTES: u64 = 64 * 1024;
const TAIL_BYTES: u64 = 512 * 1024;
/// A stretch that takes so many times as long as most, and this much longer, is a jump of the clock.
const FACTOR: i64 = 4;
const AHEAD: i64 = 10 * CLOCK as i64;
/// Streams lie less than this apart in the file.
const BEHIND: i64 = 3 * CLOCK as i64;

/// A stream, and what was gathered of it until its parameters were known.
struct Elementary {
    number: u16,
    bytes: Vec<u8>,
    is_described: bool,
    is_scrambled: bool,
}

struct Head {
    probe: Probe,
    elementary: Vec<Elementary>,
    /// The first time, and the earliest near it.
    first: Option<u64>,
}

/// The streams, each with the number that its packets have.
pub(crate) fn numbers(src: &Source<'_>) -> Result<Vec<(u16, u32)>, ProbeError> {
    let head = read_head(src)?;
    Ok(head.elementary.iter().map(|it| it.number).zip(0..).collect())
}

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let Head { mut probe, elementary, first } = read_head(src)?;
    for (elementary, stream) in elementary.iter().zip(0..) {
        if elementary.is_scrambled {
            probe.warn(format!("stream {stream} is encrypted"));
        }
    }
    if let Some(first) = first {
        duration_ms(src, &mut probe, first)?;
    }
    Ok(probe)
}

fn read_head(src: &Source<'_>) -> Result<Head, ProbeError> {
    let probe = Probe::new(Container::MpegPs);
    let mut head = Head { probe, elementary: Vec::new(), first: None };
    let mut types = [0; 256];
    walk(src, 0, HEAD_BYTES, |_, passed| {
        match passed {
            Passed::Map(body) => read_map(body, &mut types),
            Passed::Packet(packet) => head.push(packet, &types),
        }
        true
    })?;
    if head.elementary.is_empty() {
        return Err(ProbeError::malformed("a program stream without streams", 0));
    }
    let Head { probe, elementary, .. } = &mut head;
    for (elementary, stream) in elementary.iter_mut().zip(&mut probe.streams) {
        elementary.describe(stream);
        codec::name_simple(stream);
    }
    Ok(head)
}

/// Takes the types of streams from a table of them.
fn read_map(body: &[u8], types: &mut [u8; 256]) {
    let size = |at: usize| {
        let bytes = body.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    };
    // Behind two bytes of its version stand what describes the program, and the streams.
    let Some(of_program) = size(2) else { return };
    let begin = 6 + of_program;
    let Some(end) = size(4 + of_program).map(|it| begin + it) else { return };
    let mut rest = body.get(begin..end.min(body.len())).unwrap_or_default();
    while let [kind, number, high, low, after @ ..] = rest {
        types[usize::from(*number)] = *kind;
        let size = usize::from(u16::from_be_bytes([*high, *low]));
        rest = after.get(size..).unwrap_or_default();
    }
}

impl Head {
    fn push(&mut self, packet: &Packet<'_>, types: &[u8; 256]) {
        let known = self.elementary.iter().position(|it| it.number == packet.number);
        let at = match known {
            Some(at) => at,
            None => {
                let Some((kind, codec)) = kind_of(packet, types) else { return };
                if self.elementary.len() >= MAX_STREAMS {
                    return;
                }
                let at = self.elementary.len();
                self.probe.streams.push(Stream::new(at as u32, kind, codec));
                self.elementary.push(Elementary {
                    number: packet.number,
                    bytes: Vec::new(),
                    is_described: !matches!(kind, StreamKind::Video | StreamKind::Audio),
                    is_scrambled: false,
                });
                at
            }
        };
        let (elementary, stream) = (&mut self.elementary[at], &mut self.probe.streams[at]);
        if packet.is_scrambled {
            elementary.is_scrambled = true;
            return;
        }
        if let Some(time) = packet.time
            && self
                .first
                .is_none_or(|first| (-(CLOCK as i64)..0).contains(&ticks_between(first, time)))
        {
            self.first = Some(time);
        }
        if !elementary.is_described {
            elementary.bytes.extend_from_slice(packet.payload);
            if elementary.bytes.len() as u64 >= FRAME_HEAD_BYTES && !elementary.is_cut() {
                elementary.describe(stream);
            }
        }
    }
}

impl Elementary {
    /// Whether what was gathered ends within a header, whose rest tells which version of MPEG it is.
    fn is_cut(&self) -> bool {
        /// The header with its tables, and the extension behind it.
        const HEADER_BYTES: usize = 256;
        let near = self.bytes.len().saturating_sub(HEADER_BYTES);
        self.bytes[near..].windows(4).any(|it| it == [0, 0, 1, 0xb3])
    }

    /// Reads the parameters from what was gathered; what it does not have, the next packets may.
    fn describe(&mut self, stream: &mut Stream) {
        if !self.is_described && !self.bytes.is_empty() {
            self.is_described = codec::describe_elementary(stream, &self.bytes);
            self.bytes.clear();
        }
    }
}

/// What a stream is, by its number, by a table, or by its first bytes.
fn kind_of(packet: &Packet<'_>, types: &[u8; 256]) -> Option<(StreamKind, Codec)> {
    use StreamKind::{Audio, Data, Subtitle, Video};
    let other = |name: &str| Codec::Other(name.to_owned());
    let number = packet.number;
    if number == u16::from(PRIVATE_2) {
        // Others than discs put there what nobody knows.
        let is_disc = matches!(
            (packet.payload.len(), packet.payload.first()),
            (980, Some(0)) | (1018, Some(1))
        );
        return is_disc.then(|| (Data, other("dvd_nav_packet")));
    }
    let listed = match types[usize::from(number & 0xff)] {
        _ if number > 0xff => None,
        0x01 => Some((Video, Codec::Mpeg1Video)),
        0x02 => Some((Video, Codec::Mpeg2Video)),
        0x03 | 0x04 => Some((Audio, Codec::Mp3)),
        0x0f => Some((Audio, Codec::Aac)),
        0x10 => Some((Video, Codec::Mpeg4)),
        0x1b => Some((Video, Codec::H264)),
        0x24 => Some((Video, Codec::Hevc)),
        0x81 => Some((Audio, Codec::Ac3)),
        _ => None,
    };
    listed.or_else(|| {
        Some(match number {
            0xc0..=0xdf => (Audio, Codec::Mp2),
            0xe0..=0xef => (Video, picture_codec(packet.payload)),
            0xbd20..=0xbd3f => (Subtitle, Codec::DvdSubtitle),
            0xbd80..=0xbd87 | 0xbdc0..=0xbdcf => (Audio, Codec::Ac3),
            0xbd88..=0xbd8f | 0xbd98..=0xbd9f => (Audio, Codec::Dts),
            0xbda0..=0xbdaf => (Audio, other("pcm_dvd")),
            0xbdb0..=0xbdbf => (Audio, Codec::TrueHd),
            0xfd55..=0xfd5f => (Video, Codec::Vc1),
            _ => return None,
        })
    })
}

/// The codec of pictures that nothing lists: MPEG-1 or MPEG-2, unless the packet begins with what only another has. A piece of
/// a film may begin within a picture, whose slices have numbers that mean something else elsewhere.
fn picture_codec(bytes: &[u8]) -> Codec {
    let unit = bytes.strip_prefix(&[0, 0, 0, 1]).or_else(|| bytes.strip_prefix(&[0, 0, 1]));
    match unit.unwrap_or_default() {
        // A delimiter has one byte, behind which the next unit begins.
        [0x09, _, 0, 0, ..] => Codec::H264,
        [0x27 | 0x47 | 0x67, 66 | 77 | 88 | 100 | 110 | 122 | 244, limits, ..]
            if limits & 3 == 0 =>
        {
            Codec::H264
        }
        [0x40 | 0x46, 0x01, ..] => Codec::Hevc,
        [0xb0, ..] => Codec::Mpeg4,
        _ => Codec::Mpeg2Video,
    }
}

/// Sets the duration: the times at places along the file are added up, and where the clock jumps between two of them, as
/// much as between most is taken.
fn duration_ms(src: &Source<'_>, probe: &mut Probe, first: u64) -> Result<(), ProbeError> {
    let mut times = vec![first];
    for n in 1..N_PLACES {
        let from = src.size / N_PLACES * n;
        let mut found = None;
        walk(src, from, from.saturating_add(NEAR_BYTES), |_, passed| {
            found = time_of(passed);
            found.is_none()
        })?;
        times.extend(found);
    }
    let mut last: Option<u64> = None;
    walk(src, src.size.saturating_sub(TAIL_BYTES), u64::MAX, |_, passed| {
        let is_later = |time: &u64| last.is_none_or(|last| ticks_between(last, *time) > 0);
        last = time_of(passed).filter(is_later).or(last);
        true
    })?;
    times.extend(last);
    let steps: Vec<i64> = times.windows(2).map(|it| ticks_between(it[0], it[1])).collect();
    let mut forward: Vec<i64> = steps.iter().copied().filter(|it| *it > 0).collect();
    forward.sort_unstable();
    let Some(&usual) = forward.get(forward.len() / 2) else { return Ok(()) };
    let most = usual.saturating_mul(FACTOR).saturating_add(AHEAD);
    let is_sane = |it: &i64| (-BEHIND..=most).contains(it);
    if !steps.iter().all(is_sane) {
        probe.warn("its time stamps jump, so that the duration is an estimate");
    }
    let ticks: i64 = steps.iter().map(|it| if is_sane(it) { *it } else { usual }).sum();
    let rate = probe.video().and_then(|it| it.frame_rate);
    let last_frame = rate.map_or(0, |it| (CLOCK as f64 / it.as_f64()).round() as i64);
    probe.duration_ms = Some(ticks.saturating_add(last_frame).saturating_mul(1000) / CLOCK as i64);
    Ok(())
}

fn time_of(passed: &Passed<'_>) -> Option<u64> {
    match passed {
        Passed::Packet(it) => it.time.filter(|_| !matches!(it.number, 0xbd20..=0xbd3f)),
        Passed::Map(_) => None,
    }
}

#[cfg(test)]
mod tests;
