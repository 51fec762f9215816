//! AV1: `av1C` and the sequence header in it.

use super::{color, pixel_format};
use crate::bits::Bits;
use crate::stream::Stream;

pub(crate) fn describe(stream: &mut Stream, config: &[u8]) -> Option<()> {
    let [marker, profile_level, flags, _, obus @ ..] = config else { return None };
    if *marker != 0x81 {
        return None;
    }
    let (profile, level) = (profile_level >> 5, profile_level & 0x1f);
    let flag = |bit: u8| flags >> bit & 1 == 1;
    let (tier, high_bit_depth, twelve_bit, monochrome) = (flag(7), flag(6), flag(5), flag(4));
    let bit_depth = match (high_bit_depth, twelve_bit) {
        (true, true) => 12,
        (true, false) => 10,
        _ => 8,
    };
    let chroma_format = match (monochrome, flag(3), flag(2)) {
        (true, ..) => 0,
        (_, true, true) => 1,
        (_, true, false) => 2,
        _ => 3,
    };
    let tier_letter = if tier { 'H' } else { 'M' };
    stream.codec_string = Some(format!("av01.{profile}.{level:02}{tier_letter}.{bit_depth:02}"));
    stream.profile =
        ["Main", "High", "Professional"].get(usize::from(profile)).map(|it| (*it).to_owned());
    stream.level = Some(level.into());
    stream.bit_depth = Some(bit_depth);
    stream.pixel_format = pixel_format(chroma_format, bit_depth);
    stream.interlaced = Some(false);
    sequence_header(stream, sequence_obu(obus)?)
}

/// The payload of the first OBU if it is a sequence header, as `av1C` demands.
fn sequence_obu(obus: &[u8]) -> Option<&[u8]> {
    let (header, rest) = obus.split_first()?;
    let (kind, has_extension, has_size) = (header >> 3 & 0xf, header & 4 != 0, header & 2 != 0);
    let rest = rest.get(usize::from(has_extension)..)?;
    if kind != 1 {
        return None;
    }
    if !has_size {
        return Some(rest);
    }
    let n_size = rest.iter().take(4).position(|it| it & 0x80 == 0)? + 1;
    let size =
        rest[..n_size].iter().rev().fold(0_usize, |sum, it| sum << 7 | usize::from(it & 0x7f));
    rest[n_size..].get(..size)
}

/// Reads on to the colour description.
fn sequence_header(stream: &mut Stream, header: &[u8]) -> Option<()> {
    let mut bits = Bits::new(header);
    let profile = bits.take(3)?;
    bits.skip(1)?;
    let reduced = bits.bit()?;
    if reduced {
        bits.skip(5)?;
    } else {
        skip_operating_points(&mut bits)?;
    }
    let (width_bits, height_bits) = (bits.take(4)? + 1, bits.take(4)? + 1);
    let (width, height) = (bits.take(width_bits)?, bits.take(height_bits)?);
    if stream.width.is_none() {
        (stream.width, stream.height) = (width.checked_add(1), height.checked_add(1));
    }
    if !reduced && bits.bit()? {
        bits.skip(7)?;
    }
    bits.skip(3)?;
    if !reduced {
        bits.skip(4)?;
        let has_order_hint = bits.bit()?;
        if has_order_hint {
            bits.skip(2)?;
        }
        let forces_screen_content = if bits.bit()? { true } else { bits.bit()? };
        if forces_screen_content && !bits.bit()? {
            bits.skip(1)?;
        }
        if has_order_hint {
            bits.skip(3)?;
        }
    }
    bits.skip(3)?;
    let high_bit_depth = bits.bit()?;
    if profile == 2 && high_bit_depth {
        bits.skip(1)?;
    }
    let monochrome = profile != 1 && bits.bit()?;
    let (mut primaries, mut transfer, mut matrix) = (2, 2, 2);
    if bits.bit()? {
        (primaries, transfer, matrix) = (bits.take(8)?, bits.take(8)?, bits.take(8)?);
    }
    // sRGB with the identity matrix has no range bit: it is full.
    let is_srgb = !monochrome && (primaries, transfer, matrix) == (1, 13, 0);
    let full_range = is_srgb || bits.bit()?;
    stream.color.fill(color::from_code_points(primaries, transfer, matrix, Some(full_range)));
    Some(())
}

fn skip_operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.bit()? {
        bits.skip(64)?;
        if bits.bit()? {
            bits.ue()?;
        }
        if bits.bit()? {
            delay_bits = Some(bits.take(5)? as usize + 1);
            bits.skip(42)?;
        }
    }
    let has_display_delay = bits.bit()?;
    for _ in 0..=bits.take(5)? {
        bits.skip(12)?;
        if bits.take(5)? > 7 {
            bits.skip(1)?;
        }
        if let Some(n) = delay_bits
            && bits.bit()?
        {
            bits.skip(2 * n + 1)?;
        }
        if has_display_delay && bits.bit()? {
            bits.skip(4)?;
        }
    }
    Some(())
}
