//! MPEG-2 video: the sequence extension behind the sequence header.

use super::pixel_format;
use crate::bits::Bits;
use crate::stream::Stream;

/// Start code of an extension, and the four bits that make it a sequence extension.
const EXTENSION: [u8; 4] = [0, 0, 1, 0xb5];
const SEQUENCE_EXTENSION: u32 = 1;

pub(crate) fn describe(stream: &mut Stream, config: &[u8]) -> Option<()> {
    stream.bit_depth = Some(8);
    // The standard knows no full range.
    stream.color.range.get_or_insert_with(|| "tv".to_owned());
    let at = config.windows(4).position(|it| it == EXTENSION)?;
    let mut bits = Bits::new(&config[at + 4..]);
    if bits.take(4)? != SEQUENCE_EXTENSION {
        return None;
    }
    bits.skip(1)?;
    stream.profile = match bits.take(3)? {
        1 => Some("High"),
        4 => Some("Main"),
        5 => Some("Simple"),
        _ => None,
    }
    .map(str::to_owned);
    stream.level = Some(bits.take(4)? as i32);
    if bits.bit()? {
        stream.interlaced = Some(false);
    }
    stream.pixel_format = pixel_format(bits.take(2)?, 8);
    Some(())
}
