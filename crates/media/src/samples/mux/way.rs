//! The packets of a stream that carries several others, whichever kind of stream it is.

use crate::ProbeError;
use crate::ps::{self, Passed};
use crate::read::Source;
use crate::samples::FilmError;
use crate::sniff::{Family, sniff};
use crate::ts;

/// Bytes of a packet of a transport stream, whose payload is always at its end.
const TS_PACKET_BYTES: u64 = 188;

/// How packets lie in the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// MPEG-TS, where a packet of a stream is spread over many small ones.
    Transport(ts::Layout),
    /// MPEG-PS, where each is whole.
    Program,
}

/// A part of an elementary stream.
pub(super) struct Part<'a> {
    /// Which stream's.
    pub number: u16,
    pub head: Head,
    /// Where the payload begins in the file.
    pub offset: u64,
    pub payload: &'a [u8],
}

/// What a part begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// A packet, with the time of what begins in it, and with the place of the payload where that does, where they are told.
    Begins(Option<u64>, Option<usize>),
    /// It goes on from the part before.
    GoesOn,
    /// A packet that cannot be read.
    Lost,
}

impl Way {
    pub fn of(src: &Source<'_>) -> Result<Self, FilmError> {
        match sniff(src, "")? {
            Family::Ts(layout) => Ok(Self::Transport(layout)),
            Family::Ps => Ok(Self::Program),
            _ => Err(ProbeError::malformed("no stream of packets", 0).into()),
        }
    }

    /// Where the first packet is.
    pub fn start(self) -> u64 {
        match self {
            Self::Transport(layout) => layout.start as u64,
            Self::Program => 0,
        }
    }

    /// The streams, each with the number that its packets have.
    pub fn numbers(self, src: &Source<'_>) -> Result<Vec<(u16, u32)>, ProbeError> {
        match self {
            Self::Transport(layout) => ts::numbers(src, layout),
            Self::Program => ps::numbers(src),
        }
    }

    /// Shows `each` the parts that begin in `from..to`, with the place from which they can be read, until it has enough.
    pub fn walk(
        self,
        src: &Source<'_>,
        from: u64,
        to: u64,
        mut each: impl FnMut(u64, &Part<'_>) -> bool,
    ) -> Result<(), ProbeError> {
        match self {
            Self::Transport(layout) => ts::walk(src, layout, from, to, |at, packet| {
                let (mut head, mut payload) = (Head::GoesOn, packet.payload);
                if packet.is_scrambled {
                    head = Head::Lost;
                } else if packet.is_start {
                    head = Head::Lost;
                    if let Some(it) = ts::pes_head(payload) {
                        (head, payload) = (Head::Begins(it.time, None), it.payload);
                    }
                }
                let offset = at + (TS_PACKET_BYTES - payload.len() as u64);
                each(at, &Part { number: packet.pid, head, offset, payload })
            }),
            Self::Program => ps::walk(src, from, to, |at, passed| {
                let Passed::Packet(packet) = passed else { return true };
                let head = if packet.is_scrambled {
                    Head::Lost
                } else {
                    Head::Begins(packet.time, packet.begins)
                };
                let (number, offset, payload) = (packet.number, packet.offset, packet.payload);
                each(at, &Part { number, head, offset, payload })
            }),
        }
    }
}
