//! AV1: `av1C`, the sequence header, and the metadata in front of a frame.

use super::{color, pixel_format, sei, t35};
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
    // The record may go on with metadata, as a frame does.
    let _ = describe_frame(stream, obus);
    sequence_header(stream, units(obus).find(|it| it.0 == SEQUENCE_HEADER)?.1)
}

const SEQUENCE_HEADER: u8 = 1;
const METADATA: u8 = 5;
/// Units of one frame that are looked at; metadata comes before the picture.
const MAX_UNITS: usize = 32;

/// Kinds of metadata.
const LIGHT_LEVEL: u64 = 1;
const MASTERING_DISPLAY: u64 = 2;
const REGISTERED: u64 = 4;

/// The units of a frame or a record: kind and payload. The last may be cut off by the end of what was read.
fn units(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (header, after) = rest.split_first()?;
        let (has_extension, has_size) = (header & 4 != 0, header & 2 != 0);
        let after = after.get(usize::from(has_extension)..)?;
        let (size, after) = if has_size { leb128(after)? } else { (after.len() as u64, after) };
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(after.len());
        let (payload, after) = after.split_at(size);
        rest = after;
        Some((header >> 3 & 0xf, payload))
    })
    .take(MAX_UNITS)
}

/// A number of seven bits a byte, the lowest first.
fn leb128(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let n = bytes.iter().take(8).position(|it| it & 0x80 == 0)? + 1;
    let (number, rest) = bytes.split_at(n);
    Some((number.iter().rev().fold(0, |sum, it| sum << 7 | u64::from(it & 0x7f)), rest))
}

/// Takes from the metadata of a frame what it says of the stream.
pub(crate) fn describe_frame(stream: &mut Stream, frame: &[u8]) -> Option<()> {
    for (_, payload) in units(frame).filter(|it| it.0 == METADATA) {
        let (kind, body) = leb128(payload)?;
        match kind {
            LIGHT_LEVEL => sei::describe_light_level(stream, body)?,
            MASTERING_DISPLAY => describe_mastering(stream, body)?,
            REGISTERED if t35::is_hdr10_plus(body) => stream.has_hdr10_plus = true,
            _ => {}
        }
    }
    Some(())
}

/// Fractions of 16 bits for points, red first; luminance with 8 and 14 bits behind the point.
fn describe_mastering(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body);
    let mut coordinate = || Some(((u64::from(bits.take(16)?) * 50_000) >> 16) as u16);
    let mut chromaticities = [[0; 2]; 4];
    for point in &mut chromaticities {
        *point = [coordinate()?, coordinate()?];
    }
    let scaled = |value: u32, shift: u32| u32::try_from((u64::from(value) * 10_000) >> shift).ok();
    let (max, min) = (bits.take(32)?, bits.take(32)?);
    let mastering = stream.mastering.get_or_insert_default();
    mastering.chromaticities = Some(chromaticities);
    (mastering.max_luminance, mastering.min_luminance) = (scaled(max, 8), scaled(min, 14));
    Some(())
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
