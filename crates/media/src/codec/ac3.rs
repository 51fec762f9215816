//! Dolby Digital and Dolby Digital Plus by their own frames: channels, rate, and whether there are objects.

use super::FrameSize;
use super::dolby::{RATES, set_channels};
use crate::bits::Bits;
use crate::stream::{Codec, Stream};

const SYNC: [u8; 2] = [0x0b, 0x77];

/// Bits per second in thousands, by half of `frmsizecod`.
const BITRATES: [u32; 19] =
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/// Numbers of the bit stream that are Dolby Digital Plus.
const PLUS: std::ops::RangeInclusive<u8> = 11..=16;
/// Frames of one moment: an independent one and those that depend on it.
const MAX_SUBSTREAMS: usize = 8;
/// Back surrounds as a pair, in the map of channels that a dependent frame has, which counts from its highest bit.
const BACK_PAIR: u32 = 1 << 9;

/// One frame of either kind.
struct Frame {
    is_plus: bool,
    size: usize,
    sample_rate: u32,
    bitrate: Option<u32>,
    mode: u32,
    has_lfe: bool,
    is_dependent: bool,
    channel_map: u32,
    has_objects: bool,
}

/// Fills the stream from the first frames in `bytes`, wherever they begin.
pub(crate) fn describe_frames(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let mut rest = &bytes[first_frame(bytes)?..];
    let first = frame(rest)?;
    stream.codec = if first.is_plus { Codec::Eac3 } else { Codec::Ac3 };
    stream.sample_rate = Some(first.sample_rate);
    set_channels(stream, first.mode, first.has_lfe);
    let frames_per_second = f64::from(first.sample_rate) / 1536.0;
    let mut n_bytes = 0;
    let mut has_objects = false;
    for n in 0..MAX_SUBSTREAMS {
        let Some(next) = frame(rest).filter(|it| n == 0 || it.is_dependent) else { break };
        has_objects |= next.has_objects;
        n_bytes += next.size;
        if next.is_dependent && next.channel_map & BACK_PAIR != 0 && stream.channels == Some(6) {
            (stream.channels, stream.channel_layout) = (Some(8), Some("7.1".to_owned()));
        }
        rest = rest.get(next.size..).unwrap_or_default();
    }
    let coded = (n_bytes as f64 * 8.0 * frames_per_second).round() as i64;
    let bitrate = first.bitrate.map_or(coded, |it| i64::from(it) * 1000);
    stream.bitrate = stream.bitrate.or(Some(bitrate));
    if has_objects {
        stream.profile = Some("Dolby Digital Plus + Dolby Atmos".to_owned());
    }
    Some(())
}

/// Enough of a frame to say how long it is and whether it depends on another.
const HEAD_BYTES: usize = 8;

/// The size of the frame that begins here, with those that depend on it.
pub(crate) fn packet_size(bytes: &[u8], is_end: bool) -> FrameSize {
    if bytes.len() < HEAD_BYTES {
        let is_open = SYNC.starts_with(&bytes[..bytes.len().min(2)]);
        return if is_open { FrameSize::Open } else { FrameSize::NoFrame };
    }
    let Some(first) = frame(bytes).filter(|it| !it.is_dependent) else {
        return FrameSize::NoFrame;
    };
    let mut size = first.size;
    for _ in 1..MAX_SUBSTREAMS {
        let rest = bytes.get(size..).unwrap_or_default();
        if rest.len() < HEAD_BYTES {
            return if is_end { FrameSize::Known(size) } else { FrameSize::Open };
        }
        let Some(dependent) = frame(rest).filter(|it| it.is_dependent) else { break };
        size += dependent.size;
    }
    FrameSize::Known(size)
}

/// Where the first frame begins: a sync word whose frame ends at another one, or beyond what was read.
fn first_frame(bytes: &[u8]) -> Option<usize> {
    let starts = bytes.windows(2).enumerate().filter(|it| it.1 == SYNC).map(|it| it.0);
    starts.take(MAX_CANDIDATES).find(|at| {
        frame(&bytes[*at..]).is_some_and(|it| {
            let next = bytes.get(at + it.size..at + it.size + 2);
            next.is_none_or(|next| next == SYNC)
        })
    })
}

/// Sync words that are tried; sound contains them by chance once in 64 KiB.
const MAX_CANDIDATES: usize = 64;

fn frame(bytes: &[u8]) -> Option<Frame> {
    if !bytes.starts_with(&SYNC) {
        return None;
    }
    // Both kinds keep their number in the same place.
    let number = bytes.get(5)? >> 3;
    if PLUS.contains(&number) { plus_frame(bytes) } else { plain_frame(bytes, number) }
}

fn plain_frame(bytes: &[u8], number: u8) -> Option<Frame> {
    if number > 10 {
        return None;
    }
    let mut bits = Bits::new(bytes.get(4..)?);
    let (rate, size) = (bits.take(2)? as usize, bits.take(6)? as usize);
    bits.skip(8)?;
    let mode = bits.take(3)?;
    if mode & 1 == 1 && mode != 1 {
        bits.skip(2)?;
    }
    if mode & 4 != 0 {
        bits.skip(2)?;
    }
    if mode == 2 {
        bits.skip(2)?;
    }
    let has_lfe = bits.bit()?;
    let (sample_rate, bitrate) = (*RATES.get(rate)?, *BITRATES.get(size / 2)?);
    // A frame has 1536 samples; at 44.1 kHz every other one is a word longer.
    let words =
        bitrate as usize * 96_000 / sample_rate as usize + usize::from(rate == 1 && size % 2 == 1);
    // Numbers above 8 halve and quarter the rates.
    let shift = number.max(8) - 8;
    Some(Frame {
        is_plus: false,
        size: words * 2,
        sample_rate: sample_rate >> shift,
        bitrate: Some(bitrate >> shift),
        mode,
        has_lfe,
        is_dependent: false,
        channel_map: 0,
        has_objects: false,
    })
}

fn plus_frame(bytes: &[u8]) -> Option<Frame> {
    let mut bits = Bits::new(bytes.get(2..)?);
    let kind = bits.take(2)?;
    let substream = bits.take(3)?;
    let size = (bits.take(11)? as usize + 1) * 2;
    let (rate, blocks) = (bits.take(2)?, bits.take(2)?);
    let (sample_rate, blocks) = match rate {
        3 => (RATES.get(blocks as usize)? / 2, 3),
        _ => (*RATES.get(rate as usize)?, blocks),
    };
    let (mode, has_lfe) = (bits.take(3)?, bits.bit()?);
    if kind == 3 {
        return None;
    }
    let mut frame = Frame {
        is_plus: true,
        size,
        sample_rate,
        bitrate: None,
        mode,
        has_lfe,
        is_dependent: kind == 1,
        channel_map: 0,
        has_objects: false,
    };
    // A second independent program is not part of this sound.
    if kind == 0 && substream > 0 {
        return None;
    }
    // What follows says only whether there is more; a head that is cut off in it is still a frame.
    let _ = extension(&mut bits, &mut frame, kind, rate, blocks);
    Some(frame)
}

/// Reads on to the extension behind the head, where objects announce themselves.
fn extension(
    bits: &mut Bits<'_>,
    frame: &mut Frame,
    kind: u32,
    rate: u32,
    blocks: u32,
) -> Option<()> {
    bits.skip(5)?;
    let n_programs = if frame.mode == 0 { 2 } else { 1 };
    for _ in 0..n_programs {
        bits.skip(5)?;
        skip_if_present(bits, 8)?;
    }
    if kind == 1 && bits.bit()? {
        frame.channel_map = bits.take(16)?;
    }
    if bits.bit()? {
        skip_mixing(bits, frame, kind, blocks, n_programs)?;
    }
    if bits.bit()? {
        skip_informational(bits, frame.mode, rate, n_programs)?;
    }
    if kind == 0 && blocks != 3 {
        bits.skip(1)?;
    }
    if kind == 2 && (blocks == 3 || bits.bit()?) {
        bits.skip(6)?;
    }
    if bits.bit()? {
        bits.skip(6 + 7)?;
        frame.has_objects = bits.bit()?;
    }
    Some(())
}

fn skip_if_present(bits: &mut Bits<'_>, n: usize) -> Option<()> {
    if bits.bit()? { bits.skip(n) } else { Some(()) }
}

fn skip_mixing(
    bits: &mut Bits<'_>,
    frame: &Frame,
    kind: u32,
    blocks: u32,
    n_programs: usize,
) -> Option<()> {
    let (mode, has_center, has_surround) = (frame.mode, frame.mode & 1 == 1, frame.mode & 4 != 0);
    if mode > 2 {
        bits.skip(2 + if has_center { 6 } else { 0 })?;
    }
    if has_surround {
        bits.skip(6)?;
    }
    if frame.has_lfe {
        skip_if_present(bits, 5)?;
    }
    if kind != 0 {
        return Some(());
    }
    for _ in 0..=n_programs {
        skip_if_present(bits, 6)?;
    }
    match bits.take(2)? {
        1 => bits.skip(5)?,
        2 => bits.skip(12)?,
        3 => {
            let n_bytes = bits.take(5)? as usize + 2;
            bits.skip(n_bytes * 8)?;
        }
        _ => {}
    }
    if mode < 2 {
        for _ in 0..n_programs {
            skip_if_present(bits, 14)?;
        }
    }
    if bits.bit()? {
        if blocks == 0 {
            bits.skip(5)?;
        } else {
            for _ in 0..[1, 2, 3, 6][blocks as usize & 3] {
                skip_if_present(bits, 5)?;
            }
        }
    }
    Some(())
}

fn skip_informational(bits: &mut Bits<'_>, mode: u32, rate: u32, n_programs: usize) -> Option<()> {
    bits.skip(5)?;
    if mode == 2 {
        bits.skip(4)?;
    }
    if mode >= 6 {
        bits.skip(2)?;
    }
    for _ in 0..n_programs {
        skip_if_present(bits, 8)?;
    }
    if rate < 3 { bits.skip(1) } else { Some(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKind;

    /// Bits by name and value, most significant first.
    fn written(fields: &[(u32, u32)]) -> Vec<u8> {
        let bits: Vec<bool> = fields
            .iter()
            .flat_map(|(n, value)| (0..*n).rev().map(move |it| value >> it & 1 == 1))
            .collect();
        bits.chunks(8)
            .map(|it| it.iter().enumerate().fold(0, |sum, (n, it)| sum | u8::from(*it) << (7 - n)))
            .collect()
    }

    fn plus(kind: u32, middle: &[(u32, u32)], objects: u32) -> Vec<u8> {
        // Sync, kind, substream, 32 words, 48 kHz, six blocks, 3/2 with LFE, number 16, dialogue, no compression.
        let mut fields = vec![
            (16, 0x0b77),
            (2, kind),
            (3, 0),
            (11, 31),
            (2, 0),
            (2, 3),
            (3, 7),
            (1, 1),
            (5, 16),
            (5, 31),
            (1, 0),
        ];
        fields.extend_from_slice(middle);
        fields.extend([(1, 1), (6, 1), (7, 0), (1, objects), (8, 16)]);
        let mut bytes = written(&fields);
        bytes.resize(64, 0);
        bytes
    }

    fn described(bytes: &[u8]) -> Option<Stream> {
        let mut stream = Stream::new(0, StreamKind::Audio, Codec::Eac3);
        describe_frames(&mut stream, bytes).map(|()| stream)
    }

    #[test]
    fn objects_are_announced_behind_the_head() {
        for (objects, expected) in [(1, Some("Dolby Digital Plus + Dolby Atmos")), (0, None)] {
            // Neither mixing nor informational part.
            let plain = described(&plus(0, &[(1, 0), (1, 0)], objects)).unwrap();
            assert_eq!(plain.profile.as_deref(), expected);
            // With both: levels, low frequency level, three scales, a mixing definition of 5 bits, no blocks.
            let mixing = [
                (1, 1),
                (2, 1),
                (6, 0),
                (6, 0),
                (2, 3),
                (5, 0),
                (1, 0),
                (1, 0),
                (2, 1),
                (5, 0),
                (1, 0),
            ];
            let informational = [(1, 1), (5, 0), (2, 0), (1, 0), (1, 0)];
            let full = plus(0, &[mixing.as_slice(), &informational].concat(), objects);
            let full = described(&full).unwrap();
            assert_eq!(full.profile.as_deref(), expected);
            assert_eq!((full.channels, full.sample_rate), (Some(6), Some(48_000)));
        }
    }

    #[test]
    fn a_dependent_frame_adds_back_surrounds() {
        let map = (1, 1);
        let dependent = plus(1, &[map, (16, 1 << 9), (1, 0), (1, 0)], 0);
        let both = [plus(0, &[(1, 0), (1, 0)], 0), dependent].concat();
        let stream = described(&both).unwrap();
        assert_eq!((stream.channels, stream.channel_layout.as_deref()), (Some(8), Some("7.1")));
        // 128 bytes 31.25 times a second.
        assert_eq!(stream.bitrate, Some(32_000));
    }

    #[test]
    fn what_only_looks_like_a_frame_is_passed_over() {
        let frame = plus(0, &[(1, 0), (1, 0)], 0);
        let shifted = [&[0x0b, 0x77, 0, 0, 0, 0, 0, 0][..], &frame, &frame].concat();
        assert_eq!(described(&shifted).unwrap().channels, Some(6));
        for bytes in [&[][..], &[0x0b, 0x77], &[0; 64]] {
            assert!(described(bytes).is_none());
        }
    }

    #[test]
    fn the_older_kind_states_its_rate() {
        // Number 8, 448 kbit/s at 48 kHz, 3/2: center and surround levels, LFE.
        let mut frame = written(&[
            (16, 0x0b77),
            (16, 0),
            (2, 0),
            (6, 30),
            (5, 8),
            (3, 0),
            (3, 7),
            (2, 0),
            (2, 0),
            (1, 1),
        ]);
        frame.resize(1792, 0);
        let stream = described(&frame.repeat(2)).unwrap();
        assert_eq!((stream.codec, stream.bitrate), (Codec::Ac3, Some(448_000)));
        assert_eq!(stream.channel_layout.as_deref(), Some("5.1(side)"));
    }
}
