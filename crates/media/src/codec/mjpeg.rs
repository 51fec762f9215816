//! Motion JPEG: the frame header of a picture.

use super::pixel_format;
use crate::stream::Stream;

/// Segments that are looked at before the frame header.
const MAX_SEGMENTS: usize = 64;

/// Fills the stream from the first picture in `bytes`.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    for _ in 0..MAX_SEGMENTS {
        let [0xff, kind, high, low, ..] = *rest else { return None };
        let segment = rest.get(4..2 + usize::from(u16::from_be_bytes([high, low])))?;
        if matches!(kind, 0xc0..=0xc3) {
            return frame(stream, kind, segment);
        }
        rest = &rest[segment.len() + 4..];
    }
    None
}

fn frame(stream: &mut Stream, kind: u8, segment: &[u8]) -> Option<()> {
    let [depth, _, _, _, _, n_components, luma @ ..] = segment else { return None };
    // How often the first component is sampled beside the others, across and down.
    let chroma_format = match (n_components, luma.get(1)?) {
        (1, _) => 0,
        (_, 0x22) => 1,
        (_, 0x21) => 2,
        (_, 0x11) => 3,
        _ => return None,
    };
    stream.profile = match kind {
        0xc0 => Some("Baseline"),
        0xc1 => Some("Sequential"),
        0xc2 => Some("Progressive"),
        _ => Some("Lossless"),
    }
    .map(str::to_owned);
    stream.bit_depth = Some(*depth);
    stream.pixel_format = pixel_format(chroma_format, *depth);
    // The standard of the file format fixes both.
    stream.color.matrix.get_or_insert_with(|| "bt470bg".to_owned());
    stream.color.range.get_or_insert_with(|| "pc".to_owned());
    Some(())
}
