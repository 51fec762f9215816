//! VP9: `vpcC`, WebM's codec features, and the head of a frame where a file has neither.

use super::{color, pixel_format};
use crate::bits::Bits;
use crate::stream::Stream;

/// Largest picture in luma samples and largest rate in luma samples per second of each level.
const LEVELS: [(u8, u64, u64); 14] = [
    (10, 36_864, 829_440),
    (11, 73_728, 2_764_800),
    (20, 122_880, 4_608_000),
    (21, 245_760, 9_216_000),
    (30, 552_960, 20_736_000),
    (31, 983_040, 36_864_000),
    (40, 2_228_224, 83_558_400),
    (41, 2_228_224, 160_432_128),
    (50, 8_912_896, 311_951_360),
    (51, 8_912_896, 588_251_136),
    (52, 8_912_896, 1_176_502_272),
    (60, 35_651_584, 1_176_502_272),
    (61, 35_651_584, 2_353_004_544),
    (62, 35_651_584, 4_706_009_088),
];

/// The body of an MP4 `vpcC` box, version 1.
pub(crate) fn describe_vpcc(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let [1, _, _, _, profile, level, packed, primaries, transfer, matrix, ..] = *body else {
        return None;
    };
    let (bit_depth, chroma, full_range) = (packed >> 4, packed >> 1 & 7, packed & 1 == 1);
    let known =
        color::from_code_points(primaries.into(), transfer.into(), matrix.into(), Some(full_range));
    stream.color.fill(known);
    parameters(stream, profile, Some(level), bit_depth, Some(chroma));
    Some(())
}

/// Matroska's `CodecPrivate`: features of id, length 1 and value.
pub(crate) fn describe_features(stream: &mut Stream, features: &[u8]) -> Option<()> {
    let feature =
        |id: u8| features.chunks_exact(3).find(|it| it[0] == id && it[1] == 1).map(|it| it[2]);
    let profile = feature(1)?;
    let bit_depth = feature(3).unwrap_or(if profile < 2 { 8 } else { 10 });
    parameters(stream, profile, feature(2), bit_depth, feature(4));
    Some(())
}

/// The uncompressed header of a key frame.
pub(crate) fn describe_frame(stream: &mut Stream, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let profile = bits.take(1)? as u8 | (bits.take(1)? as u8) << 1;
    if profile == 3 {
        bits.skip(1)?;
    }
    let (shows_existing, is_inter) = (bits.bit()?, bits.bit()?);
    bits.skip(2)?;
    if shows_existing || is_inter || bits.take(24)? != 0x49_83_42 {
        return None;
    }
    let bit_depth = match profile {
        0 | 1 => 8,
        _ if bits.bit()? => 12,
        _ => 10,
    };
    let space = bits.take(3)?;
    let mut chroma = 1;
    if space == 7 {
        chroma = 3;
        stream.color.fill(color::from_code_points(2, 2, 0, Some(true)));
    } else {
        let full_range = bits.bit()?;
        if profile % 2 == 1 {
            chroma = match (bits.bit()?, bits.bit()?) {
                (true, true) => 1,
                (true, false) => 2,
                _ => 3,
            };
        }
        // bt601, bt709, smpte170m, smpte240m, bt2020 in this order; 0 says nothing.
        let matrix = [2, 5, 1, 6, 7, 9, 2][space as usize];
        stream.color.fill(color::from_code_points(2, 2, matrix, Some(full_range)));
    }
    parameters(stream, profile, None, bit_depth, Some(chroma));
    Some(())
}

fn parameters(
    stream: &mut Stream,
    profile: u8,
    level: Option<u8>,
    bit_depth: u8,
    chroma: Option<u8>,
) {
    let level = level.filter(|it| *it != 0);
    stream.profile = Some(format!("Profile {profile}"));
    stream.level = level.map(Into::into);
    stream.bit_depth = Some(bit_depth);
    // 0 and 1 are both 4:2:0, with different sample positions.
    stream.pixel_format = chroma.and_then(|it| pixel_format(u32::from(it.max(1)), bit_depth));
    stream.interlaced = Some(false);
    let level = level.unwrap_or_else(|| lowest_level(stream));
    stream.codec_string = Some(format!("vp09.{profile:02}.{level:02}.{bit_depth:02}"));
}

/// The lowest level that the picture size and rate fit into, for files that do not state one.
fn lowest_level(stream: &Stream) -> u8 {
    let size =
        u64::from(stream.width.unwrap_or(0)).saturating_mul(stream.height.unwrap_or(0).into());
    let per_second = stream.frame_rate.map_or(30.0, |it| it.as_f64().clamp(1.0, 480.0));
    let rate = (size as f64 * per_second) as u64;
    LEVELS.iter().find(|it| size <= it.1 && rate <= it.2).map_or(62, |it| it.0)
}
