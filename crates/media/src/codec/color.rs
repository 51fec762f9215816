//! Code points of ISO/IEC 23091-2 by FFmpeg's names, and the part of a VUI that carries them.

use crate::bits::Bits;
use crate::stream::{Color, Rational};

/// Colour description by its three code points and range flag; what is unspecified stays `None`.
pub(crate) fn from_code_points(
    primaries: u32,
    transfer: u32,
    matrix: u32,
    full_range: Option<bool>,
) -> Color {
    Color {
        primaries: primaries_name(primaries).map(str::to_owned),
        transfer: transfer_name(transfer).map(str::to_owned),
        matrix: matrix_name(matrix).map(str::to_owned),
        range: full_range.map(|it| if it { "pc" } else { "tv" }.to_owned()),
    }
}

impl Color {
    /// Takes from `other` what is not known yet.
    pub(crate) fn fill(&mut self, other: Self) {
        self.primaries = self.primaries.take().or(other.primaries);
        self.transfer = self.transfer.take().or(other.transfer);
        self.matrix = self.matrix.take().or(other.matrix);
        self.range = self.range.take().or(other.range);
    }
}

fn primaries_name(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "bt709",
        4 => "bt470m",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "film",
        9 => "bt2020",
        10 => "smpte428",
        11 => "smpte431",
        12 => "smpte432",
        22 => "ebu3213",
        _ => return None,
    })
}

pub(crate) fn transfer_name(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "bt709",
        4 => "bt470m",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "linear",
        9 => "log100",
        10 => "log316",
        11 => "iec61966-2-4",
        12 => "bt1361e",
        13 => "iec61966-2-1",
        14 => "bt2020-10",
        15 => "bt2020-12",
        16 => "smpte2084",
        17 => "smpte428",
        18 => "arib-std-b67",
        _ => return None,
    })
}

fn matrix_name(code: u32) -> Option<&'static str> {
    Some(match code {
        0 => "gbr",
        1 => "bt709",
        4 => "fcc",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "ycgco",
        9 => "bt2020nc",
        10 => "bt2020c",
        11 => "smpte2085",
        12 => "chroma-derived-nc",
        13 => "chroma-derived-c",
        14 => "ictcp",
        _ => return None,
    })
}

/// The head of a VUI, which H.264 and HEVC share: pixel aspect and colour.
pub(crate) fn vui_head(bits: &mut Bits<'_>) -> Option<(Option<Rational>, Color)> {
    let Aspect(aspect) = if bits.bit()? { aspect(bits, 8, 255, 16)? } else { Aspect::default() };
    if bits.bit()? {
        bits.skip(1)?;
    }
    let mut color = Color::default();
    if bits.bit()? {
        bits.skip(3)?;
        let full_range = bits.bit()?;
        color.range = Some(if full_range { "pc" } else { "tv" }.to_owned());
        if bits.bit()? {
            color = from_code_points(bits.take(8)?, bits.take(8)?, bits.take(8)?, Some(full_range));
        }
    }
    if bits.bit()? {
        bits.ue()?;
        bits.ue()?;
    }
    Some((aspect, color))
}

/// The shape of a pixel: a number of `n_bits` from the table, or `escape` and then both sides in `side_bits`. The outer
/// `None` says that the bits ended.
pub(crate) fn aspect(
    bits: &mut Bits<'_>,
    n_bits: u32,
    escape: u32,
    side_bits: u32,
) -> Option<Aspect> {
    let number = bits.take(n_bits)?;
    if number == escape {
        let sides = (bits.take(side_bits)?, bits.take(side_bits)?);
        return Some(Aspect(Rational::new(sides.0.into(), sides.1.into())));
    }
    let known = ASPECTS.get(number as usize);
    Some(Aspect(known.and_then(|(num, den)| Rational::new(*num, *den))))
}

/// A pixel's shape as stated, if what is stated is one.
#[derive(Default)]
pub(crate) struct Aspect(pub Option<Rational>);

/// A rate by the clock of a sequence, unless it is one that no film has: some writers count in arbitrary ticks.
pub(crate) fn clocked_rate(scale: u32, tick: u64) -> Option<Rational> {
    Rational::new(scale.into(), tick).filter(|it| (1.0..=480.0).contains(&it.as_f64()))
}

/// `aspect_ratio_idc` 0 to 16.
const ASPECTS: [(u64, u64); 17] = [
    (0, 0),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];
