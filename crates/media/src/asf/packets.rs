//! Packets of an ASF file, all of one size, and the frames that are spread over them.

use std::collections::HashMap;

use super::Layout;
use crate::ProbeError;
use crate::read::Source;

/// A larger frame is none.
const MAX_FRAME_BYTES: u32 = 64 << 20;
/// Parts of one frame.
const MAX_PARTS: usize = 1 << 16;
/// Frames of one packet that are told apart by a byte of size each.
const MAX_PAYLOADS: usize = 63;

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The packet in which it begins.
    pub at: u64,
    /// The number of its stream.
    pub number: u8,
    pub is_key: bool,
    /// In milliseconds, as the packets count.
    pub time_ms: i64,
    /// Place and size of its parts.
    pub parts: Vec<(u64, u32)>,
    pub size: u32,
}

/// What a walk comes by.
pub(crate) enum Passed {
    /// A packet, which begins here.
    Packet(u64),
    /// A frame that is whole.
    Frame(Frame),
}

/// A frame that is not whole yet.
struct Open {
    object: u32,
    wanted: u32,
    frame: Frame,
}

/// A part of a frame.
struct Payload<'a> {
    number: u8,
    is_key: bool,
    object: u32,
    /// Where in the frame it belongs.
    offset: u32,
    /// Size and time of the frame.
    size: u32,
    time_ms: u32,
    /// Where in the packet it is.
    place: usize,
    body: &'a [u8],
}

/// Shows `each` the packets from `from` on, and the frames whose first part lies in `from..to`, in the order in which they
/// become whole, until it has enough.
pub(crate) fn walk(
    src: &Source<'_>,
    layout: &Layout,
    from: u64,
    to: u64,
    mut each: impl FnMut(Passed) -> bool,
) -> Result<(), ProbeError> {
    let mut open: HashMap<u8, Open> = HashMap::new();
    let mut at = from.max(layout.begin);
    let end = layout.end.min(src.size);
    let most = to.saturating_add(MAX_FRAME_BYTES.into());
    while at < end && (at < to || !open.is_empty() && at < most) {
        // What is cut off is read as far as it goes.
        let size = layout.packet_bytes.min(end - at);
        let packet = src.bytes(at, size, "a packet")?;
        let mut goes_on = each(Passed::Packet(at));
        parse(&packet, |payload| {
            goes_on = goes_on && take(&mut open, at, to, &payload, &mut each);
        });
        if !goes_on {
            return Ok(());
        }
        at += layout.packet_bytes;
    }
    Ok(())
}

/// Takes a part; whether more are wanted.
fn take(
    open: &mut HashMap<u8, Open>,
    at: u64,
    to: u64,
    payload: &Payload<'_>,
    each: &mut impl FnMut(Passed) -> bool,
) -> bool {
    let number = payload.number;
    if payload.offset == 0 {
        open.remove(&number);
        if at >= to || payload.size == 0 || payload.size > MAX_FRAME_BYTES {
            return true;
        }
        let (is_key, time_ms) = (payload.is_key, payload.time_ms.into());
        let frame = Frame { at, number, is_key, time_ms, parts: Vec::new(), size: 0 };
        open.insert(number, Open { object: payload.object, wanted: payload.size, frame });
    }
    let Some(it) = open.get_mut(&number) else { return true };
    let room = it.wanted - it.frame.size;
    if it.object != payload.object || it.frame.size != payload.offset {
        // A part is missing.
        open.remove(&number);
        return true;
    }
    let n_bytes = (payload.body.len() as u32).min(room);
    if n_bytes > 0 && it.frame.parts.len() < MAX_PARTS {
        it.frame.parts.push((at + payload.place as u64, n_bytes));
        it.frame.size += n_bytes;
    }
    if it.frame.size < it.wanted {
        return true;
    }
    open.remove(&number).is_none_or(|it| each(Passed::Frame(it.frame)))
}

/// Reads a packet's head and takes its payloads one by one; one that makes no sense ends it.
fn parse(packet: &[u8], each: impl FnMut(Payload<'_>)) {
    // A packet whose head makes no sense has none.
    let _ = Reader { bytes: packet, at: 0 }.packet(each);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A number of none, one, two or four bytes.
    fn number(&mut self, width: u8) -> Option<u32> {
        let n_bytes = [0, 1, 2, 4][usize::from(width & 3)];
        let bytes = self.bytes.get(self.at..self.at + n_bytes)?;
        self.at += n_bytes;
        Some(bytes.iter().rev().fold(0, |sum, it| sum << 8 | u32::from(*it)))
    }

    fn packet(&mut self, mut each: impl FnMut(Payload<'a>)) -> Option<()> {
        let mut flags = self.byte()?;
        if flags & 0x80 != 0 {
            // Correction of errors, which nobody uses.
            self.at += usize::from(flags & 0x0f);
            flags = self.byte()?;
        }
        let widths = self.byte()?;
        let length = self.number(flags >> 5)?;
        self.number(flags >> 1)?;
        let padding = self.number(flags >> 3)? as usize;
        // When it is sent, and for how long it lasts.
        self.at += 6;
        let end = if flags >> 5 & 3 == 0 { self.bytes.len() } else { length as usize };
        let end = end.min(self.bytes.len()).checked_sub(padding)?;
        if flags & 1 == 0 {
            return self.payload(widths, None, end, &mut each);
        }
        let several = self.byte()?;
        for _ in 0..(several & 0x3f).min(MAX_PAYLOADS as u8) {
            self.payload(widths, Some(several >> 6), end, &mut each)?;
        }
        Some(())
    }

    /// `width` is that of the payload's size, where it is not all that is left.
    fn payload(
        &mut self,
        widths: u8,
        width: Option<u8>,
        end: usize,
        each: &mut impl FnMut(Payload<'a>),
    ) -> Option<()> {
        let stream = self.byte()?;
        let (number, is_key) = (stream & 0x7f, stream & 0x80 != 0);
        let object = self.number(widths >> 4)?;
        let offset = self.number(widths >> 2)?;
        let n_repeated = self.number(widths)? as usize;
        let repeated = self.bytes.get(self.at..self.at.checked_add(n_repeated)?)?;
        self.at += n_repeated;
        let size = match width {
            Some(width) => self.number(width)? as usize,
            None => end.checked_sub(self.at)?,
        };
        let body_at = self.at;
        let body_end = body_at.checked_add(size)?.min(end);
        let body = self.bytes.get(body_at..body_end)?;
        self.at = body_end;
        let word = |at: usize| {
            repeated.get(at..at + 4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]))
        };
        if n_repeated != 1 {
            let (size, time_ms) = (word(0)?, word(4)?);
            each(Payload { number, is_key, object, offset, size, time_ms, place: body_at, body });
            return Some(());
        }
        // Several small frames: the time of the first stands where the offset does, and how far the next ones are from it.
        let step = u32::from(*repeated.first()?);
        let mut place = 0;
        for n in 0..=u32::from(u8::MAX) {
            let Some(&size) = body.get(place) else { break };
            let part = body.get(place + 1..place + 1 + usize::from(size))?;
            each(Payload {
                number,
                is_key,
                object: object.wrapping_add(n),
                offset: 0,
                size: size.into(),
                time_ms: offset.saturating_add(n * step),
                place: body_at + place + 1,
                body: part,
            });
            place += 1 + usize::from(size);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout { begin: 0, end: u64::MAX, packet_bytes: 40 };

    /// A packet with one payload of stream 1.
    fn single(object: u8, offset: u8, size: u32, body: &[u8]) -> Vec<u8> {
        let padding = 40 - (3 + 3 + 6 + 4 + 1 + 8 + body.len()) + 1;
        let mut packet = vec![0x82, 0, 0, 0x08, 0x55, padding as u8];
        packet.extend([0; 6]);
        packet.extend([0x81, object, offset, 8]);
        packet.extend(size.to_le_bytes());
        packet.extend(3100_u32.to_le_bytes());
        packet.extend(body);
        packet.resize(40, 0);
        packet
    }

    fn frames(bytes: &[u8]) -> Vec<Frame> {
        let mut found = Vec::new();
        walk(&Source::new(&bytes, "ASF").unwrap(), &LAYOUT, 0, u64::MAX, |it| {
            if let Passed::Frame(it) = it {
                found.push(it);
            }
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn frames_are_put_together_across_packets() {
        let bytes = [single(7, 0, 5, b"abc"), single(7, 3, 5, b"de"), single(8, 0, 2, b"fg")];
        let found = frames(&bytes.concat());
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].at, found[0].time_ms, found[0].is_key), (0, 3100, true));
        assert_eq!(found[0].parts, [(24, 3), (64, 2)]);
        assert_eq!((found[1].at, found[1].size), (80, 2));
        let lost = [single(7, 0, 5, b"abc"), single(7, 4, 5, b"e"), single(8, 0, 2, b"fg")];
        assert_eq!(frames(&lost.concat()).len(), 1, "what lacks a part is no frame");
    }

    #[test]
    fn small_frames_share_a_payload() {
        let mut packet = vec![0x82, 0, 0, 0x00, 0x5d];
        packet.extend([0; 6]);
        // Object 5 at 1000 ms, each ten later; the offset takes four bytes.
        packet.extend([0x02, 5, 0xe8, 3, 0, 0, 1, 10, 2, b'a', b'b', 1, b'c']);
        packet.resize(40, 0);
        let found = frames(&packet);
        let told: Vec<_> = found.iter().map(|it| (it.number, it.time_ms, it.size)).collect();
        assert_eq!(told, [(2, 1000, 2), (2, 1010, 1)]);
        let whole = |it: &Frame| packet[it.parts[0].0 as usize..][..it.size as usize].to_vec();
        assert_eq!(found.iter().map(whole).collect::<Vec<_>>(), [b"ab".to_vec(), b"c".to_vec()]);
    }

    #[test]
    fn nonsense_is_no_packet() {
        for byte in 0..=u8::MAX {
            assert_eq!(frames(&[byte; 120]).iter().filter(|it| it.size > 120).count(), 0);
        }
    }
}
