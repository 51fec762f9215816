//! VC-1, advanced profile: the sequence header.

use crate::bits::Bits;
use crate::codec::pixel_format;
use crate::stream::Stream;

const SEQUENCE: [u8; 4] = [0, 0, 1, 0x0f];
const ADVANCED: u32 = 3;

/// Fills the stream from the first sequence header in `bytes`.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let at = bytes.windows(4).position(|it| it == SEQUENCE)?;
    let mut bits = Bits::new(&bytes[at + 4..]);
    if bits.take(2)? != ADVANCED {
        return None;
    }
    let level = bits.take(3)?;
    bits.skip(2 + 3 + 5 + 1)?;
    let (width, height) = (bits.take(12)? * 2 + 2, bits.take(12)? * 2 + 2);
    bits.skip(1)?;
    let is_interlaced = bits.bit()?;
    bits.skip(4)?;
    stream.profile = Some("Advanced".to_owned());
    stream.level = Some(level as i32);
    stream.bit_depth = Some(8);
    stream.pixel_format = pixel_format(1, 8);
    if stream.width.is_none() {
        (stream.width, stream.height) = (Some(width), Some(height));
    }
    if !is_interlaced {
        stream.interlaced = Some(false);
    }
    if bits.bit()? {
        display(stream, &mut bits)?;
    }
    Some(())
}

/// The display extension: shape, rate and color.
fn display(stream: &mut Stream, bits: &mut Bits<'_>) -> Option<()> {
    bits.skip(28)?;
    if bits.bit()? {
        let super::color::Aspect(aspect) = super::color::aspect(bits, 4, 15, 8)?;
        stream.sample_aspect = stream.sample_aspect.or(aspect);
    }
    if bits.bit()? {
        let rate = if bits.bit()? {
            super::color::clocked_rate(bits.take(16)? + 1, 32)
        } else {
            let (num, den) = (bits.take(8)?, bits.take(4)?);
            let num = [0, 24, 25, 30, 50, 60, 48, 72].get(num as usize).copied().unwrap_or(0);
            super::color::clocked_rate(num * 1000, if den == 2 { 1001 } else { 1000 })
        };
        stream.frame_rate = stream.frame_rate.or(rate);
    }
    if bits.bit()? {
        let (primaries, transfer, matrix) = (bits.take(8)?, bits.take(8)?, bits.take(8)?);
        stream.color.fill(super::color::from_code_points(primaries, transfer, matrix, None));
    }
    Some(())
}
