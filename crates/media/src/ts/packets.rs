//! Packets of a transport stream, and the head of a packetized elementary stream in them.

use crate::ProbeError;
use crate::read::Source;

pub(crate) const SYNC: u8 = 0x47;
/// A packet without what some recorders put before or behind it.
const PACKET_BYTES: usize = 188;
/// Units of time stamps in a second.
pub(crate) const CLOCK: u64 = 90_000;
/// Time stamps have 33 bits and begin anew after 26 hours.
pub(crate) const CLOCK_MASK: u64 = (1 << 33) - 1;

/// How packets lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// From one packet to the next: 188, 192 with a time before it, 204 with a checksum behind it.
    pub stride: usize,
    /// Where the first sync byte is; recordings may begin within a packet.
    pub start: usize,
}

impl Layout {
    /// The layout of a file that begins with `head`; `None` when it is no transport stream.
    pub fn find(head: &[u8]) -> Option<Self> {
        /// Sync bytes in a row that are no chance.
        const ENOUGH: usize = 5;
        for start in 0..204.min(head.len()) {
            for stride in [188, 192, 204] {
                let mut syncs = head.get(start..)?.iter().step_by(stride).take(ENOUGH);
                // A short file may end before that many.
                if syncs.len() >= 2.max(ENOUGH.min((head.len() - start) / stride))
                    && syncs.all(|it| *it == SYNC)
                {
                    return Some(Self { stride, start });
                }
            }
        }
        None
    }
}

/// One packet.
pub(crate) struct Packet<'a> {
    pub pid: u16,
    /// A section or a packet of an elementary stream begins in it.
    pub is_start: bool,
    pub is_scrambled: bool,
    /// The clock of the program, in units of [`CLOCK`].
    pub clock: Option<u64>,
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [SYNC, high, low, control, rest @ ..] = bytes else { return None };
        if high & 0x80 != 0 {
            return None;
        }
        let mut clock = None;
        let mut payload = rest;
        if control & 0x20 != 0 {
            let (size, after) = rest.split_first()?;
            let (field, after) = after.split_at_checked(usize::from(*size))?;
            if let [flags, high, low @ ..] = field
                && flags & 0x10 != 0
                && let Some(low) = low.first_chunk::<4>()
            {
                clock = Some(u64::from(*high) << 25 | u64::from(u32::from_be_bytes(*low)) >> 7);
            }
            payload = after;
        }
        Some(Self {
            pid: u16::from(high & 0x1f) << 8 | u16::from(*low),
            is_start: high & 0x40 != 0,
            is_scrambled: control & 0xc0 != 0,
            clock,
            payload: if control & 0x10 != 0 { payload } else { &[] },
        })
    }
}

/// Reads the packets in `from..to` piece by piece until `each` has enough. `each` gets the place of a packet and the
/// packet. Where the grid is lost, it is found again.
pub(crate) fn walk(
    src: &Source<'_>,
    layout: Layout,
    from: u64,
    to: u64,
    mut each: impl FnMut(u64, &Packet<'_>) -> bool,
) -> Result<(), ProbeError> {
    /// Bytes of the first piece; each next one is larger, since whoever goes on needs much.
    const FIRST_PIECE: u64 = 32 * 1024;
    const LARGEST_PIECE: u64 = 256 * 1024;
    let (mut at, mut piece_bytes) = (from, FIRST_PIECE);
    let to = to.min(src.size);
    while to.saturating_sub(at) >= PACKET_BYTES as u64 {
        let piece = src.bytes(at, piece_bytes.min(to - at), "the packets")?;
        let mut place = 0;
        while let Some(bytes) = piece.get(place..place + PACKET_BYTES) {
            if bytes[0] != SYNC {
                place += next_sync(&piece[place..], layout.stride);
                continue;
            }
            if let Some(packet) = Packet::parse(bytes)
                && !each(at + place as u64, &packet)
            {
                return Ok(());
            }
            place += layout.stride;
        }
        // What is left of the piece begins the next one.
        at += place as u64;
        piece_bytes = (piece_bytes * 2).min(LARGEST_PIECE);
    }
    Ok(())
}

/// How far it is to the next byte that another sync byte follows; at least one.
fn next_sync(bytes: &[u8], stride: usize) -> usize {
    let is_sync = |at: usize| bytes.get(at).is_none_or(|it| *it == SYNC);
    (1..bytes.len()).find(|at| bytes[*at] == SYNC && is_sync(at + stride)).unwrap_or(bytes.len())
}

/// The head of a packet of an elementary stream.
pub(crate) struct PesHead<'a> {
    /// When it is shown, in units of [`CLOCK`].
    pub time: Option<u64>,
    pub payload: &'a [u8],
}

/// Kinds of streams whose packets have no head.
const HEADLESS: [u8; 8] = [0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff];

pub(crate) fn pes_head(bytes: &[u8]) -> Option<PesHead<'_>> {
    let [0, 0, 1, id, _, _, rest @ ..] = bytes else { return None };
    if HEADLESS.contains(id) {
        return Some(PesHead { time: None, payload: rest });
    }
    let [_, flags, size, rest @ ..] = rest else { return None };
    let (head, payload) = rest.split_at_checked(usize::from(*size))?;
    // Three parts of 3, 15 and 15 bits, each with a bit of one behind it.
    let time = head.first_chunk::<5>().filter(|_| flags & 0x80 != 0).map(|stamp| {
        let part = |at: usize| u64::from(u16::from_be_bytes([stamp[at], stamp[at + 1]]) >> 1);
        u64::from(stamp[0] >> 1 & 7) << 30 | part(1) << 15 | part(3)
    });
    Some(PesHead { time, payload })
}
