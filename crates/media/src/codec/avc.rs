//! H.264: `avcC`, the sequence parameter set, and the order of fields in a frame.

mod numbers;

pub(crate) use self::numbers::Numbers;
use super::nal::{Framing, annex_b, units};
use super::{color, pixel_format, sei};
use crate::bits::{Bits, unescape};
use crate::stream::{Rational, Stream};

/// Profiles whose parameter sets carry the chroma format.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

const NAL_SLICE: u8 = 1;
const NAL_IDR_SLICE: u8 = 5;
const NAL_SEI: u8 = 6;
const NAL_SPS: u8 = 7;

/// Enough of a slice for the head that tells a field from a frame.
const SLICE_HEAD_BYTES: usize = 32;
/// The largest message that is unescaped; what we look for takes some hundred bytes.
const MAX_SEI_BYTES: usize = 4096;

/// What the sequence parameter set says that only matters for reading frames.
#[derive(Debug, Clone)]
pub(crate) struct Sequence {
    /// Every picture is a whole frame.
    frames_only: bool,
    /// Width in bits of `frame_num` in a slice.
    frame_number_bits: u32,
    /// Whether a slice names the plane it belongs to.
    has_separate_planes: bool,
    /// How the order of showing is told: 0 by a number in every slice, 2 by the order of coding.
    order_kind: u32,
    /// Width in bits of that number.
    order_bits: u32,
    /// Bits of a timing message before its field order, when it has one.
    bits_before_pic_struct: Option<usize>,
    /// Frames per second, by the clock of the sequence.
    frame_rate: Option<Rational>,
}

pub(crate) fn describe(stream: &mut Stream, entry: &str, config: &[u8]) -> Option<()> {
    if let [1, profile, constraints, level, ..] = *config {
        name(stream, entry, profile, constraints, level);
        sequence(stream, recorded_sps(config)?)?;
    } else {
        // Transport streams and AVI keep the parameter sets as NAL units after start codes.
        let sps = annex_b(config).find(|it| nal_type(it) == Some(NAL_SPS))?;
        let [_, profile, constraints, level, ..] = *sps else { return None };
        name(stream, entry, profile, constraints, level);
        let clocked = sequence(stream, sps)?.frame_rate;
        stream.frame_rate = stream.frame_rate.or(clocked);
    }
    Some(())
}

/// The first sequence parameter set of a record.
fn recorded_sps(config: &[u8]) -> Option<&[u8]> {
    let size = usize::from(u16::from_be_bytes([*config.get(6)?, *config.get(7)?]));
    // The lower five bits count the sets.
    if config[5] << 3 == 0 { None } else { config.get(8..8 + size) }
}

fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|it| it & 0x1f)
}

/// How the units of a frame are told apart, by the record that describes the stream.
pub(crate) fn framing(config: &[u8]) -> Framing {
    match *config {
        [1, _, _, _, lengths, ..] => Framing::Lengths((lengths & 3) + 1),
        _ => Framing::StartCodes,
    }
}

/// Takes from a frame what it says of the stream, above all which field comes first. `config` is what described the
/// stream; with start codes the frame has its own.
pub(crate) fn describe_frame(stream: &mut Stream, config: &[u8], frame: &[u8]) -> Option<()> {
    let framing = framing(config);
    let sps = match framing {
        Framing::Lengths(_) => recorded_sps(config)?,
        Framing::StartCodes => {
            annex_b(frame).chain(annex_b(config)).find(|it| nal_type(it) == Some(NAL_SPS))?
        }
    };
    let sequence = sequence(stream, sps)?;
    let mut pic_struct = None;
    for unit in units(frame, framing) {
        match nal_type(unit) {
            Some(NAL_SEI) => {
                let payload = unescape(&unit[1..unit.len().min(MAX_SEI_BYTES)]);
                for message in sei::messages(&payload) {
                    if message.is_pic_timing() {
                        pic_struct = sequence.pic_struct(message.payload);
                    }
                    sei::describe(stream, &message);
                }
            }
            Some(NAL_SLICE | NAL_IDR_SLICE) if !sequence.frames_only => {
                let head = unescape(&unit[1..unit.len().min(SLICE_HEAD_BYTES)]);
                set_field_order(stream, sequence.field(&head), pic_struct);
                return Some(());
            }
            Some(NAL_SLICE | NAL_IDR_SLICE) => return Some(()),
            _ => {}
        }
    }
    None
}

/// A field of its own names itself; a frame of two fields is named by the message before it.
fn set_field_order(stream: &mut Stream, field: Option<Field>, pic_struct: Option<u32>) {
    (stream.interlaced, stream.top_field_first) = match (field, pic_struct) {
        (_, Some(3 | 5)) | (Some(Field::Top), _) => (Some(true), Some(true)),
        (_, Some(4 | 6)) | (Some(Field::Bottom), _) => (Some(true), Some(false)),
        (_, Some(0 | 7 | 8)) => (Some(false), None),
        _ => (stream.interlaced, None),
    };
}

/// Which half of a frame a slice codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Top,
    Bottom,
}

/// What the head of a slice says of its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SliceHead {
    /// All of the picture begins with it.
    pub is_first: bool,
    /// It needs no other picture.
    pub is_intra: bool,
    /// Nothing before it is needed for anything behind it.
    pub is_idr: bool,
    /// The number that both fields of a frame share.
    pub frame_number: Option<u32>,
    /// The half that it codes, where it codes half a frame.
    pub field: Option<Field>,
    /// Its place in the order of showing, as far as the slice tells.
    pub order: Option<u32>,
}

/// What a sequence parameter set says for the reading of slices.
pub(crate) fn read_sequence(sps: &[u8]) -> Option<Sequence> {
    let mut unused = Stream::new(0, crate::StreamKind::Video, crate::Codec::H264);
    sequence(&mut unused, sps)
}

/// Bits of the number by which the slices of these parameter sets tell the order of showing; 0 where they do not.
pub(crate) fn order_bits(sets: &[Vec<u8>]) -> u32 {
    let sequence = sets.iter().find(|it| nal_type(it) == Some(NAL_SPS));
    sequence.and_then(|it| read_sequence(it)).map_or(0, |it| it.order_bits)
}

/// The head of a slice, which begins with its NAL header; without the parameters of its sequence only what they do not
/// matter for.
pub(crate) fn slice_head(unit: &[u8], sequence: Option<&Sequence>) -> Option<SliceHead> {
    let kind = nal_type(unit)?;
    let payload = unescape(unit.get(1..unit.len().min(SLICE_HEAD_BYTES))?);
    let mut bits = Bits::new(&payload);
    let is_first = bits.ue()? == 0;
    let is_intra = matches!(bits.ue()? % 5, 2 | 4);
    let is_idr = kind == NAL_IDR_SLICE;
    let mut head =
        SliceHead { is_first, is_intra, is_idr, frame_number: None, field: None, order: None };
    if let Some(sequence) = sequence {
        // What is cut off stays unknown.
        let _ = sequence.read_rest(&mut head, &mut bits);
    }
    Some(head)
}

impl Sequence {
    fn read_rest(&self, head: &mut SliceHead, bits: &mut Bits<'_>) -> Option<()> {
        bits.ue()?;
        bits.skip(if self.has_separate_planes { 2 } else { 0 })?;
        head.frame_number = Some(bits.take(self.frame_number_bits.min(16))?);
        if !self.frames_only && bits.bit()? {
            head.field = Some(if bits.bit()? { Field::Bottom } else { Field::Top });
        }
        if head.is_idr {
            bits.ue()?;
        }
        if self.order_kind == 0 {
            head.order = Some(bits.take(self.order_bits.min(16))?);
        }
        Some(())
    }

    /// The half that a slice codes, by its head; `None` for a whole frame.
    fn field(&self, slice: &[u8]) -> Option<Field> {
        let mut bits = Bits::new(slice);
        for _ in 0..3 {
            bits.ue()?;
        }
        let plane_bits = if self.has_separate_planes { 2 } else { 0 };
        bits.skip(plane_bits + self.frame_number_bits as usize)?;
        if self.frames_only || !bits.bit()? {
            return None;
        }
        Some(if bits.bit()? { Field::Bottom } else { Field::Top })
    }

    fn pic_struct(&self, message: &[u8]) -> Option<u32> {
        let mut bits = Bits::new(message);
        bits.skip(self.bits_before_pic_struct?)?;
        bits.take(4)
    }
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

fn sequence(stream: &mut Stream, sps: &[u8]) -> Option<Sequence> {
    let sps = unescape(sps.get(1..)?);
    let mut bits = Bits::new(&sps);
    let profile = bits.take(8)? as u8;
    bits.skip(16)?;
    bits.ue()?;
    let (mut chroma_format, mut bit_depth, mut has_separate_planes) = (1, 8, false);
    if HIGH_PROFILES.contains(&profile) {
        chroma_format = bits.ue()?;
        if chroma_format == 3 {
            has_separate_planes = bits.bit()?;
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
    let frame_number_bits = bits.ue()?.checked_add(4)?;
    let (order_kind, mut order_bits) = (bits.ue()?, 0);
    match order_kind {
        0 => order_bits = bits.ue()?.checked_add(4)?,
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
    let mut sequence = Sequence {
        frames_only,
        frame_number_bits,
        has_separate_planes,
        order_kind,
        order_bits,
        bits_before_pic_struct: None,
        frame_rate: None,
    };
    // What follows is optional; a set that is cut off in it still described the picture.
    let _ = usability(stream, &mut bits, &mut sequence);
    Some(sequence)
}

/// The part of the set about showing pictures: shape, color, clock and timing messages.
fn usability(stream: &mut Stream, bits: &mut Bits<'_>, sequence: &mut Sequence) -> Option<()> {
    if !bits.bit()? {
        return Some(());
    }
    let (aspect, color) = color::vui_head(bits)?;
    stream.sample_aspect = stream.sample_aspect.or(aspect);
    stream.color.fill(color);
    if bits.bit()? {
        let (tick, scale) = (bits.take(32)?, bits.take(32)?);
        bits.skip(1)?;
        // The clock counts fields.
        sequence.frame_rate = color::clocked_rate(scale, u64::from(tick) * 2);
    }
    let mut delay_bits = None;
    for _ in ["nal", "vcl"] {
        if bits.bit()? {
            delay_bits = Some(skip_buffering(bits)?);
        }
    }
    if delay_bits.is_some() {
        bits.skip(1)?;
    }
    if bits.bit()? {
        sequence.bits_before_pic_struct = Some(delay_bits.unwrap_or(0));
    }
    Some(())
}

/// Skips the buffering model; gives the bits that delays take in every timing message.
fn skip_buffering(bits: &mut Bits<'_>) -> Option<usize> {
    let n_specs = bits.ue()?;
    bits.skip(8)?;
    for _ in 0..=n_specs.min(31) {
        bits.ue()?;
        bits.ue()?;
        bits.skip(1)?;
    }
    bits.skip(5)?;
    let delay_bits = bits.take(5)? + 1 + bits.take(5)? + 1;
    bits.skip(5)?;
    Some(delay_bits as usize)
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
