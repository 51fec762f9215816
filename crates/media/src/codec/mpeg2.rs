//! MPEG-1 and MPEG-2 video: the sequence header, its extensions, and the head of a picture.

use super::{color, pixel_format};
use crate::bits::Bits;
use crate::stream::{Codec, Rational, Stream};

const SEQUENCE_HEADER: u8 = 0xb3;
const EXTENSION: u8 = 0xb5;
/// The four bits that tell extensions apart.
const SEQUENCE_EXTENSION: u32 = 1;
const DISPLAY_EXTENSION: u32 = 2;
const PICTURE_EXTENSION: u32 = 8;

/// Frames per second by code, over 1001 where the second number says so.
const RATES: [(u64, u64); 9] = [
    (0, 1),
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
];

/// Fills the stream from the first headers in `bytes`. Whether a sequence header was among them.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    stream.bit_depth = Some(8);
    // The standard knows no full range.
    stream.color.range.get_or_insert_with(|| "tv".to_owned());
    let (mut shape, mut is_first_version) = (None, true);
    for unit in super::nal::annex_b(bytes) {
        let (kind, body) = unit.split_first()?;
        let mut bits = Bits::new(body);
        match *kind {
            SEQUENCE_HEADER if shape.is_none() => shape = Some(sequence(stream, &mut bits)?),
            // A picture without a sequence header before it says nothing of the sequence.
            EXTENSION if shape.is_some() => {
                // An extension that is cut off ends what can be known.
                is_first_version &= extension(stream, &mut bits).is_none();
            }
            _ => {}
        }
    }
    let shape: u32 = shape?;
    if is_first_version {
        stream.codec = Codec::Mpeg1Video;
        stream.pixel_format = pixel_format(1, 8);
        stream.interlaced = Some(false);
        return Some(());
    }
    let shape = match shape {
        2 => Some((4, 3)),
        3 => Some((16, 9)),
        4 => Some((221, 100)),
        _ => None,
    };
    if let (None, Some((wide, high)), Some(width), Some(height)) =
        (stream.sample_aspect, shape, stream.width, stream.height)
    {
        stream.sample_aspect = Rational::new(wide * u64::from(height), high * u64::from(width));
    }
    Some(())
}

/// Reads the header; gives the number of the picture's shape, which both versions count differently.
fn sequence(stream: &mut Stream, bits: &mut Bits<'_>) -> Option<u32> {
    let (width, height) = (bits.take(12)?, bits.take(12)?);
    let (shape, rate) = (bits.take(4)?, bits.take(4)?);
    if stream.width.is_none() {
        (stream.width, stream.height) = (Some(width), Some(height));
    }
    let rate = RATES.get(rate as usize).and_then(|(num, den)| Rational::new(*num, *den));
    stream.frame_rate = stream.frame_rate.or(rate);
    Some(shape)
}

fn extension(stream: &mut Stream, bits: &mut Bits<'_>) -> Option<()> {
    match bits.take(4)? {
        SEQUENCE_EXTENSION => {
            stream.codec = Codec::Mpeg2Video;
            bits.skip(1)?;
            stream.profile = match bits.take(3)? {
                0 => Some("4:2:2"),
                1 => Some("High"),
                2 => Some("Spatially Scalable"),
                3 => Some("SNR Scalable"),
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
        }
        DISPLAY_EXTENSION => {
            bits.skip(3)?;
            if bits.bit()? {
                let (primaries, transfer, matrix) = (bits.take(8)?, bits.take(8)?, bits.take(8)?);
                stream.color.fill(color::from_code_points(primaries, transfer, matrix, None));
            }
        }
        PICTURE_EXTENSION if stream.interlaced.is_none() => {
            bits.skip(16 + 2 + 2)?;
            let top_first = bits.bit()?;
            bits.skip(7)?;
            let is_progressive = bits.bit()?;
            stream.interlaced = Some(!is_progressive);
            stream.top_field_first = (!is_progressive).then_some(top_first);
        }
        _ => {}
    }
    Some(())
}
