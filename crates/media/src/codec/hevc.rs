//! HEVC: `hvcC`, the sequence parameter set, and what the messages before a frame say.

use std::fmt::Write;

use super::nal::{Framing, annex_b, units};
use super::{color, pixel_format, sei};
use crate::bits::{Bits, unescape};
use crate::stream::{Rational, Stream};

const NAL_SPS: u8 = 33;
const NAL_PREFIX_SEI: u8 = 39;
/// Units below this number are slices.
const FIRST_NON_SLICE: u8 = 32;
/// The largest message that is unescaped; what we look for takes some hundred bytes.
const MAX_SEI_BYTES: usize = 4096;
/// Units of a record that are looked at; three parameter sets and some messages are usual.
const MAX_RECORDED_UNITS: usize = 64;

pub(crate) fn describe(stream: &mut Stream, entry: &str, config: &[u8]) -> Option<()> {
    if config.starts_with(&[0, 0, 1]) || config.starts_with(&[0, 0, 0, 1]) {
        let sps = annex_b(config).find(|it| nal_type(it) == Some(NAL_SPS))?;
        return parameters(stream, entry, &unescape(sps.get(2..)?), true);
    }
    let head: &[u8; 23] = config.first_chunk()?;
    name(stream, entry, &head[1..13]);
    let bit_depth = (head[17] & 7) + 8;
    stream.bit_depth = Some(bit_depth);
    stream.pixel_format = pixel_format((head[16] & 3).into(), bit_depth);
    let mut sps = None;
    for unit in arrays(&config[23..], head[22]) {
        match nal_type(unit) {
            Some(NAL_SPS) => sps = sps.or(unit.get(2..)),
            Some(NAL_PREFIX_SEI) => describe_messages(stream, unit),
            _ => {}
        }
    }
    parameters(stream, entry, &unescape(sps?), false)
}

/// How the units of a frame are told apart, by the record that describes the stream.
pub(crate) fn framing(config: &[u8]) -> Framing {
    match config.get(21) {
        Some(lengths) if config.starts_with(&[1]) => Framing::Lengths((lengths & 3) + 1),
        _ => Framing::StartCodes,
    }
}

/// Takes from the messages before the first slice of a frame what they say of the stream. Whether a slice was reached:
/// before it, more messages may follow.
pub(crate) fn describe_frame(stream: &mut Stream, framing: Framing, frame: &[u8]) -> Option<()> {
    for unit in units(frame, framing) {
        match nal_type(unit)? {
            NAL_PREFIX_SEI => describe_messages(stream, unit),
            kind if kind < FIRST_NON_SLICE => return Some(()),
            _ => {}
        }
    }
    None
}

fn describe_messages(stream: &mut Stream, unit: &[u8]) {
    let payload = unescape(unit.get(2..unit.len().min(MAX_SEI_BYTES)).unwrap_or_default());
    for message in sei::messages(&payload) {
        sei::describe(stream, &message);
    }
}

fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|it| it >> 1 & 0x3f)
}

/// The NAL units of `hvcC`, at most some dozens of them.
fn arrays(bytes: &[u8], n_arrays: u8) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut n_arrays, mut n_units) = (bytes, n_arrays, 0_u16);
    std::iter::from_fn(move || {
        while n_units == 0 {
            n_arrays = n_arrays.checked_sub(1)?;
            n_units = u16::from_be_bytes([*rest.get(1)?, *rest.get(2)?]);
            rest = &rest[3..];
        }
        n_units -= 1;
        let (size, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
        rest = after;
        Some(unit)
    })
    .take(MAX_RECORDED_UNITS)
}

/// Profile, level and codec string from the twelve bytes of `general_profile_space` to `general_level_idc`.
fn name(stream: &mut Stream, entry: &str, general: &[u8]) -> Option<()> {
    let [first, compat @ .., level] = general else { return None };
    let (compat, constraints) = compat.split_first_chunk::<4>()?;
    let profile = first & 0x1f;
    let space = ["", "A", "B", "C"][usize::from(first >> 6)];
    let tier = if first & 0x20 == 0 { 'L' } else { 'H' };
    let compat = u32::from_be_bytes(*compat).reverse_bits();
    let mut codec = format!("{entry}.{space}{profile}.{compat:X}.{tier}{level}");
    let n_constraints = constraints.iter().rposition(|it| *it != 0).map_or(0, |it| it + 1);
    for byte in &constraints[..n_constraints] {
        // Writing to a string cannot fail.
        let _ = write!(codec, ".{byte:X}");
    }
    stream.codec_string = Some(codec);
    stream.level = Some((*level).into());
    stream.profile = match profile {
        1 => Some("Main".to_owned()),
        2 => Some("Main 10".to_owned()),
        3 => Some("Main Still Picture".to_owned()),
        4 => Some("Rext".to_owned()),
        _ => None,
    };
    Some(())
}

fn parameters(stream: &mut Stream, entry: &str, sps: &[u8], named_by_sps: bool) -> Option<()> {
    let mut bits = Bits::new(sps);
    bits.skip(4)?;
    let max_sub_layers = bits.take(3)?;
    bits.skip(1)?;
    if named_by_sps {
        name(stream, entry, sps.get(1..13)?);
    }
    bits.skip(96)?;
    skip_sub_layers(&mut bits, max_sub_layers)?;
    bits.ue()?;
    let chroma_format = bits.ue()?;
    if chroma_format == 3 {
        bits.skip(1)?;
    }
    let (width, height) = (bits.ue()?, bits.ue()?);
    let mut crop = [0; 4];
    if bits.bit()? {
        for side in &mut crop {
            *side = bits.ue()?;
        }
    }
    if stream.width.is_none() {
        let unit_x = if matches!(chroma_format, 1 | 2) { 2 } else { 1 };
        let unit_y = if chroma_format == 1 { 2 } else { 1 };
        stream.width = width.checked_sub(crop[0].checked_add(crop[1])?.checked_mul(unit_x)?);
        stream.height = height.checked_sub(crop[2].checked_add(crop[3])?.checked_mul(unit_y)?);
    }
    let bit_depth = 8 + bits.ue()?.min(8) as u8;
    stream.bit_depth = Some(bit_depth);
    stream.pixel_format = pixel_format(chroma_format, bit_depth);
    bits.ue()?;
    let poc_bits = bits.ue()?.checked_add(4)?;
    let n_orderings = if bits.bit()? { max_sub_layers + 1 } else { 1 };
    for _ in 0..3 * n_orderings + 6 {
        bits.ue()?;
    }
    if bits.bit()? && bits.bit()? {
        skip_scaling_lists(&mut bits)?;
    }
    bits.skip(2)?;
    if bits.bit()? {
        bits.skip(8)?;
        bits.ue()?;
        bits.ue()?;
        bits.skip(1)?;
    }
    skip_short_term_sets(&mut bits)?;
    if bits.bit()? {
        for _ in 0..bits.ue()?.min(32) {
            bits.skip(poc_bits as usize + 1)?;
        }
    }
    bits.skip(2)?;
    if bits.bit()? {
        let (aspect, color) = color::vui_head(&mut bits)?;
        stream.sample_aspect = stream.sample_aspect.or(aspect);
        stream.color.fill(color);
        bits.skip(1)?;
        stream.interlaced = Some(bits.bit()?);
        if named_by_sps {
            stream.frame_rate = stream.frame_rate.or(clock(&mut bits));
        }
    } else {
        stream.interlaced = Some(false);
    }
    Some(())
}

/// The clock that follows the head of the usability part; where fields are coded, it counts fields.
fn clock(bits: &mut Bits<'_>) -> Option<Rational> {
    bits.skip(1)?;
    if bits.bit()? {
        for _ in 0..4 {
            bits.ue()?;
        }
    }
    if !bits.bit()? {
        return None;
    }
    let (tick, scale) = (bits.take(32)?, bits.take(32)?);
    color::clocked_rate(scale, tick.into())
}

fn skip_sub_layers(bits: &mut Bits<'_>, max_sub_layers: u32) -> Option<()> {
    if max_sub_layers == 0 {
        return Some(());
    }
    let mut present = [(false, false); 8];
    for slot in present.iter_mut().take(max_sub_layers as usize) {
        *slot = (bits.bit()?, bits.bit()?);
    }
    bits.skip(2 * (8 - max_sub_layers as usize))?;
    for (has_profile, has_level) in present {
        bits.skip(if has_profile { 88 } else { 0 } + if has_level { 8 } else { 0 })?;
    }
    Some(())
}

fn skip_scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4_u32 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.bit()? {
                bits.ue()?;
                continue;
            }
            if size > 1 {
                bits.se()?;
            }
            for _ in 0..64.min(1 << (4 + 2 * size)) {
                bits.se()?;
            }
        }
    }
    Some(())
}

fn skip_short_term_sets(bits: &mut Bits<'_>) -> Option<()> {
    let n_sets = bits.ue()?;
    if n_sets > 64 {
        return None;
    }
    let mut n_previous = 0_u32;
    for set in 0..n_sets {
        if set > 0 && bits.bit()? {
            bits.skip(1)?;
            bits.ue()?;
            let mut kept = 0;
            for _ in 0..=n_previous {
                // A picture is kept when it is used, or else when its delta is.
                if bits.bit()? || bits.bit()? {
                    kept += 1;
                }
            }
            n_previous = kept;
        } else {
            let (negative, positive) = (bits.ue()?, bits.ue()?);
            if negative > 16 || positive > 16 {
                return None;
            }
            for _ in 0..negative + positive {
                bits.ue()?;
                bits.skip(1)?;
            }
            n_previous = negative + positive;
        }
    }
    Some(())
}
