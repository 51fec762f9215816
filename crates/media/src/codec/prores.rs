//! ProRes: all is in the name of the sample entry.

use super::pixel_format;
use crate::stream::Stream;

pub(crate) fn describe(stream: &mut Stream, entry: &str) -> Option<()> {
    let (profile, chroma, bit_depth) = match entry {
        "apco" => ("Proxy", 2, 10),
        "apcs" => ("LT", 2, 10),
        "apcn" => ("Standard", 2, 10),
        "apch" => ("HQ", 2, 10),
        "ap4h" => ("4444", 3, 12),
        "ap4x" => ("XQ", 3, 12),
        _ => return None,
    };
    stream.profile = Some(profile.to_owned());
    (stream.bit_depth, stream.pixel_format) = (Some(bit_depth), pixel_format(chroma, bit_depth));
    stream.color.range.get_or_insert_with(|| "tv".to_owned());
    Some(())
}
