//! MPEG audio, layers 1 to 3, by its own frames.

use crate::stream::{Codec, Stream};

/// Thousands of bits per second by index: MPEG-1 layers 1, 2 and 3, MPEG-2 layer 1, MPEG-2 layers 2 and 3.
const BITRATES: [[u16; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// Positions that are tried for the first frame.
const MAX_OFFSET: usize = 8 * 1024;

struct Frame {
    codec: Codec,
    size: usize,
    sample_rate: u32,
    bitrate: i64,
    channels: u16,
}

/// Fills the stream from the first frame in `bytes` that another one follows.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let found =
        (0..bytes.len().min(MAX_OFFSET)).filter(|at| bytes[*at] == 0xff).find_map(|at| {
            let found = frame(&bytes[at..])?;
            let follows = bytes.get(at + found.size..).filter(|it| it.len() >= 4);
            follows.is_none_or(|it| frame(it).is_some()).then_some(found)
        })?;
    stream.codec = found.codec;
    stream.sample_rate = Some(found.sample_rate);
    stream.channels = Some(found.channels);
    stream.channel_layout = Some(if found.channels == 1 { "mono" } else { "stereo" }.to_owned());
    stream.bitrate = stream.bitrate.or(Some(found.bitrate));
    Some(())
}

/// The size of the frame that begins here.
pub(crate) fn frame_size(bytes: &[u8]) -> Option<usize> {
    frame(bytes).map(|it| it.size).filter(|it| *it >= 4)
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let [0xff, second, third, fourth, ..] = *bytes else { return None };
    let (version, layer) = (second >> 3 & 3, 4 - (second >> 1 & 3));
    let rate = *RATES.get(usize::from(third >> 2 & 3))?;
    if second & 0xe0 != 0xe0 || version == 1 || layer == 4 {
        return None;
    }
    let is_first = version == 3;
    let table = match (is_first, layer) {
        (true, layer) => usize::from(layer) - 1,
        (false, 1) => 3,
        (false, _) => 4,
    };
    let kilobits = u32::from(*BITRATES[table].get(usize::from(third >> 4)).filter(|it| **it > 0)?);
    // MPEG-2 halves the rates, 2.5 quarters them.
    let sample_rate = rate >> [2, 0, 1, 0][usize::from(version)];
    let padding = u32::from(third >> 1 & 1);
    let size = match layer {
        1 => (12_000 * kilobits / sample_rate + padding) * 4,
        3 if !is_first => 72_000 * kilobits / sample_rate + padding,
        _ => 144_000 * kilobits / sample_rate + padding,
    };
    Some(Frame {
        codec: match layer {
            1 => Codec::Other("mp1".to_owned()),
            2 => Codec::Mp2,
            _ => Codec::Mp3,
        },
        size: size as usize,
        sample_rate,
        bitrate: i64::from(kilobits) * 1000,
        channels: if fourth >> 6 == 3 { 1 } else { 2 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKind;

    #[test]
    fn frames_of_every_layer_are_known_by_the_next_one() {
        let table: [([u8; 4], usize, Codec, u32, i64); 3] = [
            ([0xff, 0xfd, 0xa4, 0x00], 576, Codec::Mp2, 48_000, 192_000),
            ([0xff, 0xfb, 0x90, 0xc4], 417, Codec::Mp3, 44_100, 128_000),
            ([0xff, 0xf3, 0x84, 0x00], 192, Codec::Mp3, 24_000, 64_000),
        ];
        for (head, size, codec, rate, bitrate) in table {
            let mut frame = head.to_vec();
            frame.resize(size, 0);
            // Noise that looks like the beginning of one stands before.
            let bytes = [&[0xff, 0xfb, 0x90, 0, 1, 2], frame.as_slice(), &frame, &frame].concat();
            let mut stream = Stream::new(0, StreamKind::Audio, Codec::Mp2);
            describe(&mut stream, &bytes).unwrap();
            assert_eq!((stream.codec, stream.sample_rate), (codec, Some(rate)));
            assert_eq!(stream.bitrate, Some(bitrate));
        }
    }
}
