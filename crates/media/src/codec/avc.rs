//! H.264: `avcC` and the sequence parameter set.

use super::{color, pixel_format};
use crate::bits::{Bits, unescape};
use crate::stream::Stream;

/// Profiles whose parameter sets carry the chroma format.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

pub(crate) fn describe(stream: &mut Stream, entry: &str, config: &[u8]) -> Option<()> {
    let sps = if let [1, profile, constraints, level, _, n_sps, size_high, size_low, rest @ ..] =
        config
    {
        name(stream, entry, *profile, *constraints, *level);
        let size = usize::from(u16::from_be_bytes([*size_high, *size_low]));
        (n_sps & 0x1f > 0).then_some(rest.get(..size)?)?
    } else {
        // Transport streams and AVI keep the parameter sets as NAL units after start codes.
        let sps = annex_b(config).find(|it| it.first().is_some_and(|nal| nal & 0x1f == 7))?;
        name(stream, entry, *sps.get(1)?, *sps.get(2)?, *sps.get(3)?);
        sps
    };
    parameters(stream, &unescape(sps.get(1..)?))
}

fn name(stream: &mut Stream, entry: &str, profile: u8, constraints: u8, level: u8) {
    stream.codec_string = Some(format!("{entry}.{profile:02x}{constraints:02x}{level:02x}"));
    stream.level = Some(level.into());
    stream.profile = profile_name(profile, constraints).map(str::to_owned);
}

fn profile_name(profile: u8, constraints: u8) -> Option<&'static str> {
    let intra = constraints & 0x10 != 0;
    Some(match profile {
        66 if constraints & 0x40 != 0 => "Constrained Baseline",
        66 => "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 if intra => "High 10 Intra",
        110 => "High 10",
        122 if intra => "High 4:2:2 Intra",
        122 => "High 4:2:2",
        244 if intra => "High 4:4:4 Intra",
        244 => "High 4:4:4 Predictive",
        44 => "CAVLC 4:4:4",
        118 => "Multiview High",
        128 => "Stereo High",
        _ => return None,
    })
}

/// NAL units between start codes `00 00 01`.
pub(crate) fn annex_b(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    let start = |it: &[u8]| it.windows(3).position(|it| it == [0, 0, 1]);
    std::iter::from_fn(move || {
        let begin = start(rest)? + 3;
        rest = &rest[begin..];
        Some(&rest[..start(rest).unwrap_or(rest.len())])
    })
}

fn parameters(stream: &mut Stream, sps: &[u8]) -> Option<()> {
    let mut bits = Bits::new(sps);
    let profile = bits.take(8)? as u8;
    bits.skip(16)?;
    bits.ue()?;
    let (mut chroma_format, mut bit_depth) = (1, 8);
    if HIGH_PROFILES.contains(&profile) {
        chroma_format = bits.ue()?;
        if chroma_format == 3 {
            bits.skip(1)?;
        }
        bit_depth = 8 + bits.ue()?.min(8) as u8;
        bits.ue()?;
        bits.skip(1)?;
        if bits.bit()? {
            let n_lists = if chroma_format == 3 { 12 } else { 8 };
            for list in 0..n_lists {
                if bits.bit()? {
                    skip_scaling_list(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    stream.bit_depth = Some(bit_depth);
    stream.pixel_format = pixel_format(chroma_format, bit_depth);
    bits.ue()?;
    match bits.ue()? {
        0 => {
            bits.ue()?;
        }
        1 => {
            bits.skip(1)?;
            bits.se()?;
            bits.se()?;
            for _ in 0..bits.ue()?.min(255) {
                bits.se()?;
            }
        }
        _ => {}
    }
    bits.ue()?;
    bits.skip(1)?;
    let width_mbs = bits.ue()?.checked_add(1)?;
    let height_units = bits.ue()?.checked_add(1)?;
    let frames_only = bits.bit()?;
    if frames_only {
        stream.interlaced = Some(false);
    } else {
        bits.skip(1)?;
    }
    bits.skip(1)?;
    let mut crop = [0; 4];
    if bits.bit()? {
        for side in &mut crop {
            *side = bits.ue()?;
        }
    }
    let field_factor = if frames_only { 1 } else { 2 };
    let unit_x = if matches!(chroma_format, 1 | 2) { 2 } else { 1 };
    let unit_y = field_factor * if chroma_format == 1 { 2 } else { 1 };
    let cropped = |whole: u32, a: u32, b: u32, unit: u32| {
        whole.checked_mul(16)?.checked_sub(a.checked_add(b)?.checked_mul(unit)?)
    };
    if stream.width.is_none() {
        stream.width = cropped(width_mbs, crop[0], crop[1], unit_x);
        stream.height = cropped(height_units.checked_mul(field_factor)?, crop[2], crop[3], unit_y);
    }
    if bits.bit()? {
        let (aspect, color) = color::vui_head(&mut bits)?;
        stream.sample_aspect = stream.sample_aspect.or(aspect);
        stream.color.fill(color);
    }
    Some(())
}

fn skip_scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..size {
        if next != 0 {
            next = last.wrapping_add(bits.se()?).rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}
