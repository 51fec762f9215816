//! Linear PCM as discs pack it: what its heads say of it.

use super::lpcm::Packing;
use crate::stream::Stream;

/// FFmpeg's names of Blu-ray's layouts by number.
const LAYOUTS: [&str; 12] = [
    "",
    "mono",
    "",
    "stereo",
    "3.0",
    "3.0(back)",
    "4.0",
    "quad(side)",
    "5.0(side)",
    "5.1(side)",
    "7.0",
    "7.1",
];

/// Fills the stream from the four bytes that every packet begins with.
pub(crate) fn describe_bluray(stream: &mut Stream, packet: &[u8]) -> Option<()> {
    let packing = Packing::bluray(packet)?;
    let layout = *LAYOUTS.get(usize::from(packet.get(2)? >> 4))?;
    describe(stream, packing);
    stream.channel_layout = Some(layout.to_owned());
    Some(())
}

/// Fills the stream from the three bytes that stand before the samples of a DVD's packet.
pub(crate) fn describe_dvd(stream: &mut Stream, packet: &[u8]) -> Option<()> {
    let packing = Packing::dvd(packet)?;
    describe(stream, packing);
    let layout = ["mono", "stereo"].get(usize::from(packing.channels) - 1);
    stream.channel_layout = layout.map(|it| (*it).to_owned());
    Some(())
}

fn describe(stream: &mut Stream, packing: Packing) {
    stream.sample_rate = Some(packing.rate);
    stream.bit_depth = Some(packing.bits);
    stream.channels = Some(packing.channels);
}
