//! DTS by its own frames: the core, and the extensions that make DTS-HD and DTS:X of it.

use super::FrameSize;
use crate::bits::Bits;
use crate::stream::Stream;

const CORE_SYNC: [u8; 4] = [0x7f, 0xfe, 0x80, 0x01];
const EXTENSION_SYNC: [u8; 4] = [0x64, 0x58, 0x20, 0x25];
/// Parts of an extension by their sync words.
const LOSSLESS: [u8; 4] = [0x41, 0xa2, 0x95, 0x47];
const LOW_RATE: [u8; 4] = [0x0a, 0x80, 0x19, 0x21];
const HIGH_RATE: [[u8; 4]; 3] =
    [[0x65, 0x5e, 0x31, 0x5e], [0x47, 0x00, 0x4a, 0x03], [0x1d, 0x95, 0xf2, 0x62]];
const OBJECTS: [u8; 4] = [0x02, 0x00, 0x08, 0x50];
/// The last bit of this one may be either.
const OBJECTS_IMAX: [u8; 4] = [0xf1, 0x40, 0x00, 0xd0];

#[rustfmt::skip]
const CORE_RATES: [u32; 16] =
    [0, 8000, 16000, 32000, 0, 0, 11025, 22050, 44100, 0, 0, 12000, 24000, 48000, 96000, 192_000];
#[rustfmt::skip]
const EXTENSION_RATES: [u32; 16] = [
    8000, 16000, 32000, 64000, 128_000, 22050, 44100, 88200, 176_400, 352_800, 12000, 24000, 48000, 96000, 192_000,
    384_000,
];
/// Thousands of bits per second; the last three say that the rate is open, variable or lossless.
#[rustfmt::skip]
const BITRATES: [u32; 29] = [
    32, 56, 64, 96, 112, 128, 192, 224, 256, 320, 384, 448, 512, 576, 640, 768, 960, 1024, 1152, 1280, 1344, 1408,
    1411, 1472, 1536, 1920, 2048, 3072, 3840,
];
/// Channels and FFmpeg's layout of each arrangement of the core, without and with LFE.
const ARRANGEMENTS: [(u16, &str, &str); 10] = [
    (1, "mono", "1.1"),
    (2, "stereo", "2.1"),
    (2, "stereo", "2.1"),
    (2, "stereo", "2.1"),
    (2, "stereo", "2.1"),
    (3, "3.0", "3.1"),
    (3, "3.0(back)", "3.0(back)+lfe"),
    (4, "4.0", "4.1"),
    (4, "quad(side)", "quad(side)+lfe"),
    (5, "5.0(side)", "5.1(side)"),
];
/// Bits of the speaker mask that stand for two speakers.
const PAIRS: u32 = 0b1010_1110_0110_0110;

/// Fills the stream from the first frame in `bytes`.
pub(crate) fn describe(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let find = |sync: &[u8; 4], from: usize| {
        bytes.get(from..)?.windows(4).position(|it| it == sync).map(|it| from + it)
    };
    let core = find(&CORE_SYNC, 0);
    let core_size = core.and_then(|at| describe_core(stream, &bytes[at..]));
    let extension = match core.zip(core_size) {
        Some((at, size)) => {
            // The extension follows the core, padded to four bytes.
            let at = at + size;
            (at..at + 4)
                .find(|it| bytes.get(*it..).is_some_and(|it| it.starts_with(&EXTENSION_SYNC)))
        }
        None => find(&EXTENSION_SYNC, 0),
    };
    if let Some(extension) = extension.and_then(|at| bytes.get(at..)) {
        describe_extension(stream, extension, core.is_some());
    } else {
        core_size?;
    }
    Some(())
}

/// Describes the core and gives its size in bytes.
fn describe_core(stream: &mut Stream, bytes: &[u8]) -> Option<usize> {
    let mut bits = Bits::new(bytes.get(4..)?);
    bits.skip(6)?;
    bits.skip(8)?;
    let size = bits.take(14)? as usize + 1;
    let (arrangement, rate, bitrate) = (bits.take(6)?, bits.take(4)?, bits.take(5)?);
    bits.skip(5)?;
    let (extension, has_extension) = (bits.take(3)?, bits.bit()?);
    bits.skip(1)?;
    let has_lfe = matches!(bits.take(2)?, 1 | 2);
    let (channels, plain, with_lfe) = *ARRANGEMENTS.get(arrangement as usize)?;
    let sample_rate = *CORE_RATES.get(rate as usize)?;
    if sample_rate == 0 || size < 96 {
        return None;
    }
    stream.sample_rate = Some(sample_rate);
    stream.channels = Some(channels + u16::from(has_lfe));
    stream.channel_layout = Some(if has_lfe { with_lfe } else { plain }.to_owned());
    stream.bitrate =
        stream.bitrate.or_else(|| BITRATES.get(bitrate as usize).map(|it| i64::from(*it) * 1000));
    let profile = match (has_extension, extension) {
        (true, 0 | 6) => "DTS-ES",
        (true, 2 | 3) => "DTS 96/24",
        _ => "DTS",
    };
    stream.profile = Some(profile.to_owned());
    Some(size)
}

/// The size of the frame that begins here, core and extension together.
pub(crate) fn packet_size(bytes: &[u8], is_end: bool) -> FrameSize {
    /// Enough of either part for its size.
    const HEAD_BYTES: usize = 12;
    if bytes.len() < HEAD_BYTES {
        return FrameSize::Open;
    }
    if bytes.starts_with(&EXTENSION_SYNC) {
        return extension_size(bytes).map_or(FrameSize::NoFrame, FrameSize::Known);
    }
    let Some(size) = core_size(bytes).filter(|it| *it >= 96) else { return FrameSize::NoFrame };
    // The extension follows the core, padded to four bytes.
    let padded = size.next_multiple_of(4);
    let rest = bytes.get(padded..).unwrap_or_default();
    if rest.len() < HEAD_BYTES {
        return if is_end { FrameSize::Known(size) } else { FrameSize::Open };
    }
    let is_extended = rest.starts_with(&EXTENSION_SYNC);
    let extension = extension_size(rest).filter(|_| is_extended);
    FrameSize::Known(extension.map_or(size, |it| padded + it))
}

fn core_size(bytes: &[u8]) -> Option<usize> {
    let mut bits = Bits::new(bytes.strip_prefix(&CORE_SYNC)?);
    bits.skip(14)?;
    Some(bits.take(14)? as usize + 1)
}

fn extension_size(bytes: &[u8]) -> Option<usize> {
    let mut bits = Bits::new(bytes);
    bits.skip(32 + 8 + 2)?;
    let is_wide = bits.bit()?;
    bits.skip(if is_wide { 12 } else { 8 })?;
    Some(bits.take(if is_wide { 20 } else { 16 })? as usize + 1)
}

/// Samples of a frame at the stream's rate, by its core; `None` without one.
pub(crate) fn frame_samples(bytes: &[u8], rate: u32) -> Option<i64> {
    let mut bits = Bits::new(bytes.strip_prefix(&CORE_SYNC)?);
    bits.skip(7)?;
    let blocks = i64::from(bits.take(7)?) + 1;
    bits.skip(20)?;
    let core_rate = *CORE_RATES.get(bits.take(4)? as usize)?;
    // An extension may sample twice or four times as often as the core.
    (core_rate > 0 && rate >= core_rate).then(|| blocks * 32 * i64::from(rate / core_rate))
}

fn describe_extension(stream: &mut Stream, bytes: &[u8], has_core: bool) {
    // What is there is told by sync words; that noise makes one in a few kilobytes does not happen.
    let has = |sync: &[u8; 4]| bytes.windows(4).any(|it| it == sync);
    let profile = match () {
        () if has(&LOSSLESS) && has(&OBJECTS) => "DTS-HD MA + DTS:X",
        () if has(&LOSSLESS) && has(&OBJECTS_IMAX) => "DTS-HD MA + DTS:X IMAX",
        () if has(&LOSSLESS) => "DTS-HD MA",
        () if HIGH_RATE.iter().any(has) => "DTS-HD HRA",
        () if has(&LOW_RATE) && !has_core => "DTS Express",
        () => return,
    };
    stream.profile = Some(profile.to_owned());
    if profile != "DTS Express" {
        // The rate of the core is not the rate of the whole.
        stream.bitrate = None;
    }
    // The head may be cut off; then the core's word stands.
    let _ = describe_asset(stream, profile, bytes);
}

/// Reads the head of the extension up to the first asset's channels.
fn describe_asset(stream: &mut Stream, profile: &str, bytes: &[u8]) -> Option<()> {
    let mut bits = Bits::new(bytes.get(4..)?);
    bits.skip(8)?;
    let n_masks = bits.take(2)? + 1;
    let is_long = bits.bit()?;
    let size_bits = if is_long { 20 } else { 16 };
    bits.skip(if is_long { 12 } else { 8 } + size_bits)?;
    let is_static = bits.bit()?;
    let mut n_assets = 1;
    if is_static {
        bits.skip(5)?;
        if bits.bit()? {
            bits.skip(36)?;
        }
        let n_presentations = bits.take(3)? + 1;
        n_assets = bits.take(3)? + 1;
        let mut n_active = 0;
        for _ in 0..n_presentations {
            n_active += bits.take(n_masks)?.count_ones();
        }
        bits.skip(8 * n_active as usize)?;
        if bits.bit()? {
            bits.skip(2)?;
            let mask_bits = bits.take(2)? * 4 + 4;
            let n_mixes = bits.take(2)? + 1;
            bits.skip((mask_bits * n_mixes) as usize)?;
        }
    }
    bits.skip(size_bits * n_assets as usize)?;
    // The first asset's descriptor.
    bits.skip(9 + 3)?;
    if !is_static {
        return None;
    }
    for n in [4, 24] {
        if bits.bit()? {
            bits.skip(n)?;
        }
    }
    if bits.bit()? {
        let n_bytes = bits.take(10)? as usize + 1;
        bits.skip(8 * n_bytes)?;
    }
    let (depth, rate, channels) = (bits.take(5)? + 1, bits.take(4)?, bits.take(8)? + 1);
    let is_mapped = bits.bit()?;
    if profile.contains("MA") {
        stream.bit_depth = Some(depth as u8);
    }
    stream.sample_rate = Some(EXTENSION_RATES[rate as usize & 15]);
    stream.channels = Some(channels as u16);
    stream.channel_layout = None;
    if !is_mapped {
        return Some(());
    }
    bits.skip(usize::from(channels > 2) + usize::from(channels > 6))?;
    if bits.bit()? {
        let mask_bits = bits.take(2)? * 4 + 4;
        let mask = bits.take(mask_bits)?;
        stream.channel_layout = layout(mask, channels).map(str::to_owned);
    }
    Some(())
}

fn layout(mask: u32, channels: u32) -> Option<&'static str> {
    if mask.count_ones() + (mask & PAIRS).count_ones() != channels {
        return None;
    }
    // Center, left and right, surrounds, LFE, center surround, back surrounds as a pair, sides as a pair.
    Some(match mask {
        0x01 => "mono",
        0x02 => "stereo",
        0x03 => "3.0",
        0x07 => "5.0(side)",
        0x0f => "5.1(side)",
        0x1f => "6.1",
        0x4f | 0x84f => "7.1",
        _ => return None,
    })
}
