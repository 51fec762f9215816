//! Linear PCM as Blu-ray discs pack it.

use crate::bits::Bits;
use crate::stream::Stream;

/// Channels and FFmpeg's layout by number.
const LAYOUTS: [(u16, &str); 12] = [
    (0, ""),
    (1, "mono"),
    (0, ""),
    (2, "stereo"),
    (3, "3.0"),
    (3, "3.0(back)"),
    (4, "4.0"),
    (4, "quad(side)"),
    (5, "5.0(side)"),
    (6, "5.1(side)"),
    (7, "7.0"),
    (8, "7.1"),
];

/// Fills the stream from the four bytes that every packet begins with.
pub(crate) fn describe_bluray(stream: &mut Stream, packet: &[u8]) -> Option<()> {
    let mut bits = Bits::new(packet);
    bits.skip(16)?;
    let (layout, rate, depth) = (bits.take(4)?, bits.take(4)?, bits.take(2)?);
    let (channels, layout) = *LAYOUTS.get(layout as usize).filter(|it| it.0 > 0)?;
    stream.sample_rate = match rate {
        1 => Some(48_000),
        4 => Some(96_000),
        5 => Some(192_000),
        _ => return None,
    };
    stream.bit_depth = [None, Some(16), Some(20), Some(24)][depth as usize & 3];
    (stream.channels, stream.channel_layout) = (Some(channels), Some(layout.to_owned()));
    Some(())
}
