//! Packets of a program stream, of MPEG-1 and of MPEG-2, and the heads that discs put before what they carry privately.

use crate::ProbeError;
use crate::read::Source;

/// Head of a packet: a start code, whose it is, how long it is.
const HEAD_BYTES: usize = 6;
/// Streams that have a table of their own about what they are.
const PROGRAM_MAP: u8 = 0xbc;
const PACK: u8 = 0xba;
const END: u8 = 0xb9;
/// Sound of Dolby and DTS, PCM, pictures of subtitles.
const PRIVATE_1: u8 = 0xbd;
const PADDING: u8 = 0xbe;
/// How discs are found their way in.
pub(crate) const PRIVATE_2: u8 = 0xbf;
/// Whose number stands in an extension of the head.
const EXTENDED: u8 = 0xfd;

/// One packet.
pub(crate) struct Packet<'a> {
    /// The stream's number: of private and extended ones the second number stands in the lower byte.
    pub number: u16,
    pub is_scrambled: bool,
    /// When what begins in it is shown, in units of 90 kHz.
    pub time: Option<u64>,
    /// Where the payload begins in the file.
    pub offset: u64,
    pub payload: &'a [u8],
    /// Where in the payload a frame begins, as far as the packet says so.
    pub begins: Option<usize>,
}

/// What stands at a place.
enum Found<'a> {
    Packet(Packet<'a>),
    /// A table of streams: numbers and types.
    Map(&'a [u8]),
    Other,
}

/// What a walk comes by.
pub(crate) enum Passed<'a> {
    Packet(Packet<'a>),
    /// The body of a table of streams.
    Map(&'a [u8]),
}

/// Goes from packet to packet of those that begin in `from..to`, until `each` has enough. `each` gets the place of a packet
/// and the packet. Where the chain is broken, the next start code that makes sense is taken.
pub(crate) fn walk(
    src: &Source<'_>,
    from: u64,
    to: u64,
    mut each: impl FnMut(u64, &Passed<'_>) -> bool,
) -> Result<(), ProbeError> {
    /// Bytes of the first piece; each next one is larger, since whoever goes on needs much.
    const FIRST_PIECE: u64 = 32 * 1024;
    /// Larger than any packet.
    const LARGEST_PIECE: u64 = 256 * 1024;
    let (mut at, mut piece_bytes) = (from, FIRST_PIECE);
    let to = to.min(src.size);
    while at < to {
        let piece = src.bytes(at, piece_bytes.min(src.size - at), "the packets")?;
        let is_last = at + piece.len() as u64 >= src.size;
        let mut place = 0;
        while at + (place as u64) < to {
            let rest = piece.get(place..).unwrap_or_default();
            let place_at = at + place as u64;
            match size(rest) {
                // What is cut off is read as far as it goes.
                Some(size) if size <= rest.len() || is_last => {
                    let bytes = &rest[..size.min(rest.len())];
                    let goes_on = match find(bytes, place_at) {
                        Found::Packet(it) => each(place_at, &Passed::Packet(it)),
                        Found::Map(it) => each(place_at, &Passed::Map(it)),
                        Found::Other => true,
                    };
                    if !goes_on {
                        return Ok(());
                    }
                    place += size;
                }
                Some(_) => break,
                None if rest.len() < MOST_FOR_SIZE && !is_last => break,
                None => place += next_code(rest),
            }
        }
        // What is left of the piece begins the next one.
        at += place as u64;
        piece_bytes = (piece_bytes * 2).min(LARGEST_PIECE);
    }
    Ok(())
}

/// With so many bytes, the size of whatever begins with them is known.
const MOST_FOR_SIZE: usize = 14;

/// The size of what begins here; `None` where nothing does, or where it cannot be seen yet.
fn size(bytes: &[u8]) -> Option<usize> {
    let [0, 0, 1, id, rest @ ..] = bytes else { return None };
    match *id {
        END => Some(4),
        PACK => match rest.first()? >> 4 {
            2 | 3 => Some(12),
            4..=7 => Some(14 + usize::from(rest.get(9)? & 7)),
            _ => None,
        },
        0xbb..=0xff => {
            let size = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
            (size > 0).then_some(HEAD_BYTES + size)
        }
        _ => None,
    }
}

/// How far it is to the next start code of a packet; at least one.
fn next_code(bytes: &[u8]) -> usize {
    let is_code = |it: &[u8]| it[..3] == [0, 0, 1] && it[3] >= END;
    let found = bytes.windows(4).skip(1).position(is_code);
    // A code may begin in the last three bytes.
    found.map_or(bytes.len().saturating_sub(3).max(1), |it| it + 1)
}

fn find(bytes: &[u8], at: u64) -> Found<'_> {
    let Some((head, body)) = bytes.split_at_checked(HEAD_BYTES) else { return Found::Other };
    match head[3] {
        PROGRAM_MAP => Found::Map(body),
        PRIVATE_2 => Found::Packet(Packet {
            number: PRIVATE_2.into(),
            is_scrambled: false,
            time: None,
            offset: at + HEAD_BYTES as u64,
            payload: body,
            begins: None,
        }),
        PADDING => Found::Other,
        id @ (PRIVATE_1 | 0xc0..=0xef | EXTENDED) => {
            let Some(head) = elementary_head(body) else { return Found::Other };
            let offset = at + (bytes.len() - head.payload.len()) as u64;
            let mut packet = Packet {
                number: id.into(),
                is_scrambled: head.is_scrambled,
                time: head.time,
                offset,
                payload: head.payload,
                begins: None,
            };
            match id {
                PRIVATE_1 => take_private_head(&mut packet),
                EXTENDED => packet.number = 0xfd00 | u16::from(head.extension.unwrap_or(0)),
                _ => {}
            }
            Found::Packet(packet)
        }
        _ => Found::Other,
    }
}

struct Head<'a> {
    is_scrambled: bool,
    time: Option<u64>,
    extension: Option<u8>,
    payload: &'a [u8],
}

/// The head behind the size: MPEG-2 states its length, MPEG-1 must be read to its end.
fn elementary_head(body: &[u8]) -> Option<Head<'_>> {
    /// Bytes that fill up before the head.
    const MAX_FILLING: usize = 16;
    if let [flags, fields, size, rest @ ..] = body
        && flags & 0xc0 == 0x80
    {
        let (head, payload) = rest.split_at_checked(usize::from(*size))?;
        let time = stamp(head).filter(|_| fields & 0x80 != 0);
        let is_scrambled = flags & 0x30 != 0;
        let extension = extension(*fields, head);
        return Some(Head { is_scrambled, time, extension, payload });
    }
    let n_filling = body.iter().take(MAX_FILLING).take_while(|it| **it == 0xff).count();
    let mut rest = &body[n_filling..];
    if rest.first()? & 0xc0 == 0x40 {
        rest = rest.get(2..)?;
    }
    let (time, n_bytes) = match rest.first()? >> 4 {
        2 => (stamp(rest), 5),
        3 => (stamp(rest), 10),
        _ if *rest.first()? == 0x0f => (None, 1),
        _ => return None,
    };
    Some(Head { is_scrambled: false, time, extension: None, payload: rest.get(n_bytes..)? })
}

/// Three parts of 3, 15 and 15 bits, each with a bit of one behind it.
fn stamp(head: &[u8]) -> Option<u64> {
    let stamp = head.first_chunk::<5>()?;
    let part = |at: usize| u64::from(u16::from_be_bytes([stamp[at], stamp[at + 1]]) >> 1);
    Some(u64::from(stamp[0] >> 1 & 7) << 30 | part(1) << 15 | part(3))
}

/// The number of an extended stream, which stands behind everything else that a head may have.
fn extension(fields: u8, head: &[u8]) -> Option<u8> {
    if fields & 1 == 0 {
        return None;
    }
    let mut at = match fields >> 6 {
        2 => 5,
        3 => 10,
        _ => 0,
    };
    for (flag, n_bytes) in [(0x20, 6), (0x10, 3), (0x08, 1), (0x04, 1), (0x02, 2)] {
        at += if fields & flag != 0 { n_bytes } else { 0 };
    }
    let flags = *head.get(at)?;
    at += 1;
    at += if flags & 0x80 != 0 { 16 } else { 0 };
    if flags & 0x40 != 0 {
        at += 1 + usize::from(*head.get(at)?);
    }
    at += if flags & 0x20 != 0 { 2 } else { 0 };
    at += if flags & 0x10 != 0 { 2 } else { 0 };
    if flags & 1 == 0 || head.get(at)? & 0x7f == 0 {
        return None;
    }
    head.get(at + 1).filter(|it| **it & 0x80 == 0).copied()
}

/// Takes the second number, and what discs put before sound: how many frames begin in the packet, and where the first does.
fn take_private_head(packet: &mut Packet<'_>) {
    // Recorders of television write Dolby Digital without any of it.
    if packet.payload.starts_with(&[0x0b, 0x77]) {
        packet.number = 0xbd80;
        return;
    }
    let Some((number, rest)) = packet.payload.split_first() else { return };
    packet.number = 0xbd00 | u16::from(*number);
    let n_bytes = match number {
        0x80..=0xaf | 0xc0..=0xcf => 3,
        0xb0..=0xbf => 4,
        _ => 0,
    };
    let Some((head, payload)) = rest.split_at_checked(n_bytes) else {
        packet.payload = &[];
        return;
    };
    if let [_, high, low, ..] = head {
        // Counted from the last byte of the number itself; nought where none begins.
        let begins = usize::from(u16::from_be_bytes([*high, *low]));
        packet.begins = begins.checked_sub(1).filter(|it| *it <= payload.len());
    }
    packet.offset += 1 + n_bytes as u64;
    packet.payload = payload;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_both_versions_tell_the_time() {
        let stamp = [0x21, 0x00, 0x05, 0xbf, 0x21];
        let second = [&[0x81, 0x80, 5][..], &stamp, b"abc"].concat();
        let first = [&[0xff, 0xff, 0x60, 0x20][..], &stamp, b"abc"].concat();
        for body in [second, first] {
            let head = elementary_head(&body).expect("a head");
            assert_eq!((head.time, head.payload), (Some(90_000), &b"abc"[..]));
        }
        let without = elementary_head(&[0x0f, 7]).expect("a head");
        assert_eq!((without.time, without.payload), (None, &[7][..]));
        assert!(elementary_head(&[0xff; 20]).is_none() && elementary_head(&[]).is_none());
    }

    #[test]
    fn what_lies_between_packets_is_passed_over() {
        let packet = |id: u8, body: &[u8]| {
            let mut bytes = vec![0, 0, 1, id];
            bytes.extend((body.len() as u16).to_be_bytes());
            bytes.extend(body);
            bytes
        };
        let pack = [0, 0, 1, PACK, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xf8];
        let bytes = [
            &[9, 9, 0, 0][..],
            &pack,
            &packet(0xe0, &[0x80, 0, 0, 1, 2]),
            &[7; 3],
            &packet(PADDING, &[0xff; 9]),
            &packet(PRIVATE_1, &[0x80, 0, 0, 0x82, 1, 0, 2, 5, 6]),
            &packet(0xc0, &[0x80, 0, 0, 3]),
        ]
        .concat();
        let mut found = Vec::new();
        let source = bytes.as_slice();
        walk(&Source::new(&source, "MPEG-PS").unwrap(), 0, u64::MAX, |_, it| {
            if let Passed::Packet(it) = it {
                let at = it.offset as usize;
                assert_eq!(bytes[at..at + it.payload.len()], *it.payload);
                found.push((it.number, it.payload.to_vec(), it.begins));
            }
            true
        })
        .unwrap();
        let expected =
            [(0xe0, vec![1, 2], None), (0xbd82, vec![5, 6], Some(1)), (0xc0, vec![3], None)];
        assert_eq!(found, expected);
    }
}
