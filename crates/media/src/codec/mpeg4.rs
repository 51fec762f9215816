//! MPEG-4 part 2: the visual object sequence.

use crate::stream::Stream;

/// Start code of a visual object sequence; its next byte is `profile_and_level_indication`.
const SEQUENCE: [u8; 4] = [0, 0, 1, 0xb0];

pub(crate) fn describe(stream: &mut Stream, config: &[u8]) -> Option<()> {
    stream.bit_depth = Some(8);
    stream.pixel_format = Some("yuv420p".to_owned());
    let at = config.windows(4).position(|it| it == SEQUENCE)?;
    let indication = *config.get(at + 4)?;
    stream.codec_string = Some(format!("mp4v.20.{indication}"));
    stream.profile = match indication >> 4 {
        0 => Some("Simple Profile".to_owned()),
        15 => Some("Advanced Simple Profile".to_owned()),
        _ => None,
    };
    stream.level = Some((indication & 0xf).into());
    Some(())
}
