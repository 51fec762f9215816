//! MPEG-4 part 2: the visual object sequence and the video object layer.

use super::color;
use crate::bits::Bits;
use crate::stream::Stream;

/// Start code of a visual object sequence; its next byte is `profile_and_level_indication`.
const SEQUENCE: u8 = 0xb0;
/// Start codes of video object layers.
const LAYERS: std::ops::RangeInclusive<u8> = 0x20..=0x2f;

/// Fills the stream from the headers in `config`. Whether a video object layer was among them.
pub(crate) fn describe(stream: &mut Stream, config: &[u8]) -> Option<()> {
    stream.bit_depth = Some(8);
    stream.pixel_format = Some("yuv420p".to_owned());
    let mut found = None;
    for unit in super::nal::annex_b(config) {
        match *unit {
            [SEQUENCE, indication, ..] => {
                stream.codec_string = Some(format!("mp4v.20.{indication}"));
                stream.profile = match indication >> 4 {
                    0 => Some("Simple Profile".to_owned()),
                    15 => Some("Advanced Simple Profile".to_owned()),
                    _ => None,
                };
                stream.level = Some((indication & 0xf).into());
            }
            [code, ref body @ ..] if LAYERS.contains(&code) && found.is_none() => {
                found = layer(stream, body);
            }
            _ => {}
        }
    }
    found
}

fn layer(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body);
    bits.skip(9)?;
    if bits.bit()? {
        bits.skip(7)?;
    }
    let color::Aspect(aspect) = color::aspect(&mut bits, 4, 15, 8)?;
    if bits.bit()? {
        bits.skip(3)?;
        if bits.bit()? {
            bits.skip(79)?;
        }
    }
    let is_rectangle = bits.take(2)? == 0;
    bits.skip(1)?;
    let ticks = bits.take(16)?;
    bits.skip(1)?;
    if bits.bit()? {
        let n_bits = 32 - ticks.saturating_sub(1).leading_zeros();
        bits.skip(n_bits.max(1) as usize)?;
    }
    stream.sample_aspect = stream.sample_aspect.or(aspect);
    if !is_rectangle {
        return Some(());
    }
    bits.skip(1)?;
    let width = bits.take(13)?;
    bits.skip(1)?;
    let height = bits.take(13)?;
    bits.skip(1)?;
    if stream.width.is_none() {
        (stream.width, stream.height) = (Some(width), Some(height));
    }
    if bits.bit()? {
        stream.interlaced = Some(true);
    }
    Some(())
}
