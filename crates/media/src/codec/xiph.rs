//! Opus and FLAC headers.

use crate::bits::Bits;
use crate::stream::Stream;

/// Layouts of channel mapping family 1, which is Vorbis' order.
const LAYOUTS: [&str; 8] = ["mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"];

/// `OpusHead`, as Ogg and Matroska keep it.
pub(crate) fn describe_opus_head(stream: &mut Stream, head: &[u8]) -> Option<()> {
    describe_opus(stream, *head.strip_prefix(b"OpusHead")?.get(1)?)
}

/// Opus always decodes to 48 kHz, whatever went in.
pub(crate) fn describe_opus(stream: &mut Stream, channels: u8) -> Option<()> {
    stream.sample_rate = Some(48_000);
    stream.channels = Some(channels.into());
    stream.channel_layout = Some((*LAYOUTS.get(usize::from(channels).checked_sub(1)?)?).to_owned());
    Some(())
}

/// FLAC's STREAMINFO, with the marker and block header that Matroska and Ogg put before it, or without.
pub(crate) fn describe_flac(stream: &mut Stream, config: &[u8]) -> Option<()> {
    let config = config.strip_prefix(b"fLaC").unwrap_or(config);
    // Four bytes of block header precede the 34 of the block.
    let info = if config.len() >= 38 { &config[4..] } else { config };
    let mut bits = Bits::new(info.get(10..18)?);
    stream.sample_rate = Some(bits.take(20)?);
    stream.channels = Some(bits.take(3)? as u16 + 1);
    stream.bit_depth = Some(bits.take(5)? as u8 + 1);
    Some(())
}
