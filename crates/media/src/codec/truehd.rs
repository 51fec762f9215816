//! Dolby TrueHD by its major sync: channels, rate, and whether there are objects.

use crate::bits::Bits;
use crate::stream::Stream;

/// The word that every major sync begins with, behind four bytes of the access unit.
const MAJOR_SYNC: [u8; 4] = [0xf8, 0x72, 0x6f, 0xba];
/// Set among the substreams when a presentation of sixteen channels is there, which is how objects are carried.
const SIXTEEN_CHANNELS: u32 = 0x80;

/// Channels of each bit of an arrangement: left and right, center, LFE, surrounds, heights, wides and so on.
const CHANNELS: [u16; 13] = [2, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1];

/// FFmpeg's names for the arrangements that films have.
const LAYOUTS: [(u32, &str); 8] = [
    (0x01, "stereo"),
    (0x02, "mono"),
    (0x03, "3.0"),
    (0x09, "quad(side)"),
    (0x0b, "5.0(side)"),
    (0x0f, "5.1(side)"),
    (0x4f, "7.1"),
    (0x8f, "6.1"),
];

/// Fills the stream from the first major sync in `bytes`; between two of them lie a hundred units without.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let at = bytes.windows(4).position(|it| it == MAJOR_SYNC)?;
    let mut bits = Bits::new(bytes.get(at + 4..)?);
    let rate = bits.take(4)?;
    bits.skip(8)?;
    let six = bits.take(5)?;
    bits.skip(2)?;
    let eight = bits.take(13)?;
    let base = if rate & 8 == 0 { 48_000 } else { 44_100 };
    stream.sample_rate = (rate & 7 <= 2).then_some(base << (rate & 7));
    let arrangement = if eight != 0 { eight } else { six };
    let n_channels = (0..13).filter(|it| arrangement >> it & 1 == 1).map(|it| CHANNELS[it]).sum();
    if n_channels > 0 {
        stream.channels = Some(n_channels);
        stream.channel_layout =
            LAYOUTS.iter().find(|it| it.0 == arrangement).map(|it| it.1.to_owned());
    }
    // Signature, flags, a reserved word; then the peak rate, the number of substreams and what they are.
    bits.skip(48 + 16 + 4 + 4)?;
    let substreams = bits.take(8)?;
    if substreams & SIXTEEN_CHANNELS != 0 {
        stream.profile = Some("Dolby TrueHD + Dolby Atmos".to_owned());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Codec, StreamKind};

    #[test]
    fn the_major_sync_tells_channels_and_objects() {
        // Rate 0, six channels 5.1, eight channels 7.1, signature, flags, reserved, rate, substreams.
        let head = |substreams: u8| {
            let format = [0x00, 0x07, 0x80, 0x4f];
            let rest = [0xb7, 0x52, 0, 0, 0, 0, 0x80, 0, 0x40, substreams];
            [&[0x11, 0x22, 0, 0][..], &MAJOR_SYNC, &format, &rest].concat()
        };
        for (substreams, expected) in [(0x80, Some("Dolby TrueHD + Dolby Atmos")), (0x00, None)] {
            let mut stream = Stream::new(0, StreamKind::Audio, Codec::TrueHd);
            describe(&mut stream, &head(substreams)).unwrap();
            assert_eq!(stream.profile.as_deref(), expected);
            assert_eq!((stream.channels, stream.sample_rate), (Some(8), Some(48_000)));
            assert_eq!(stream.channel_layout.as_deref(), Some("7.1"));
        }
        let mut stream = Stream::new(0, StreamKind::Audio, Codec::TrueHd);
        assert_eq!(describe(&mut stream, &head(0)[..9]), None);
    }
}
