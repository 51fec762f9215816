//! AAC: the AudioSpecificConfig of ISO/IEC 14496-3, and the frames of transport streams.

use crate::bits::Bits;
use crate::stream::Stream;

const RATES: [u32; 13] =
    [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/// Object types that matter here.
const LOW_COMPLEXITY: u32 = 2;
const SPECTRAL_BAND_REPLICATION: u32 = 5;
const PARAMETRIC_STEREO: u32 = 29;
const EXTENDED_HE: u32 = 42;

pub(crate) fn describe(stream: &mut Stream, config: &[u8]) -> Option<()> {
    let mut bits = Bits::new(config);
    let mut object_type = object_type(&mut bits)?;
    let mut rate = sample_rate(&mut bits)?;
    let channel_config = bits.take(4)?;
    // What a decoder gives out, while the string names the outermost object type.
    let signalled = object_type;
    if matches!(object_type, SPECTRAL_BAND_REPLICATION | PARAMETRIC_STEREO) {
        rate = sample_rate(&mut bits)?;
        object_type = self::object_type(&mut bits)?;
    }
    stream.codec_string = Some(format!("mp4a.40.{signalled}"));
    stream.profile = match signalled {
        1 => Some("Main"),
        LOW_COMPLEXITY => Some("LC"),
        3 => Some("SSR"),
        4 => Some("LTP"),
        SPECTRAL_BAND_REPLICATION => Some("HE-AAC"),
        PARAMETRIC_STEREO => Some("HE-AACv2"),
        23 => Some("LD"),
        39 => Some("ELD"),
        EXTENDED_HE => Some("xHE-AAC"),
        _ => None,
    }
    .map(str::to_owned);
    stream.sample_rate = Some(rate);
    if signalled == PARAMETRIC_STEREO {
        stream.channels = Some(2);
    } else if let Some((channels, layout)) = channels(channel_config) {
        (stream.channels, stream.channel_layout) = (Some(channels), Some(layout.to_owned()));
    }
    if signalled == LOW_COMPLEXITY && object_type == LOW_COMPLEXITY {
        describe_backward_compatible(stream, &mut bits)?;
    }
    Some(())
}

/// HE-AAC that is announced behind the configuration, so that old decoders play its lower half.
fn describe_backward_compatible(stream: &mut Stream, bits: &mut Bits<'_>) -> Option<()> {
    bits.skip(1)?;
    if bits.bit()? {
        bits.skip(14)?;
    }
    bits.skip(1)?;
    if bits.take(11)? != 0x2b7 || object_type(bits)? != SPECTRAL_BAND_REPLICATION || !bits.bit()? {
        return None;
    }
    stream.sample_rate = Some(sample_rate(bits)?);
    stream.profile = Some("HE-AAC".to_owned());
    if bits.take(11)? == 0x548 && bits.bit()? {
        stream.profile = Some("HE-AACv2".to_owned());
        (stream.channels, stream.channel_layout) = (Some(2), None);
    }
    Some(())
}

/// Bytes of an ADTS header without its checksum.
const ADTS_HEADER_BYTES: usize = 7;
/// Positions that are tried for the first frame.
const MAX_OFFSET: usize = 8 * 1024;

/// Fills the stream from the first ADTS frame in `bytes` that another one follows.
pub(crate) fn describe_adts(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    (0..bytes.len().min(MAX_OFFSET)).filter(|at| bytes[*at] == 0xff).find_map(|at| {
        let (size, header) = adts(&bytes[at..])?;
        let follows = bytes.get(at + size..).filter(|it| it.len() >= ADTS_HEADER_BYTES);
        if follows.is_some_and(|it| adts(it).is_none()) {
            return None;
        }
        let mut bits = Bits::new(header);
        bits.skip(16)?;
        let object_type = bits.take(2)? + 1;
        let rate = *RATES.get(bits.take(4)? as usize)?;
        bits.skip(1)?;
        let channel_config = bits.take(3)?;
        stream.codec_string = Some(format!("mp4a.40.{object_type}"));
        stream.profile =
            ["Main", "LC", "SSR", "LTP"].get(object_type as usize - 1).map(|it| (*it).to_owned());
        stream.sample_rate = Some(rate);
        if let Some((channels, layout)) = channels(channel_config) {
            (stream.channels, stream.channel_layout) = (Some(channels), Some(layout.to_owned()));
        }
        Some(())
    })
}

/// The size and header of a frame that begins here.
fn adts(bytes: &[u8]) -> Option<(usize, &[u8; ADTS_HEADER_BYTES])> {
    let header: &[u8; ADTS_HEADER_BYTES] = bytes.first_chunk()?;
    let size = usize::from(header[3] & 3) << 11
        | usize::from(header[4]) << 3
        | usize::from(header[5] >> 5);
    let is_sync = header[0] == 0xff && header[1] & 0xf6 == 0xf0;
    (is_sync && header[2] >> 2 & 0xf < 13 && size >= ADTS_HEADER_BYTES).then_some((size, header))
}

/// The size of the ADTS frame that begins with this head, the head included.
pub(crate) fn adts_size(head: [u8; ADTS_HEADER_BYTES]) -> Option<usize> {
    adts(&head).map(|it| it.0)
}

/// The AudioSpecificConfig that says what an ADTS head does; `None` where the frames describe their channels.
pub(crate) fn specific(head: &[u8]) -> Option<Vec<u8>> {
    let (_, head) = adts(head)?;
    let (kind, rate) = (u16::from(head[2] >> 6) + 1, u16::from(head[2] >> 2 & 0xf));
    let channels = u16::from(head[2] & 1) << 2 | u16::from(head[3] >> 6);
    (channels > 0).then(|| (kind << 11 | rate << 7 | channels << 3).to_be_bytes().to_vec())
}

/// Fills the stream from the first LOAS frame in `bytes` that carries its configuration.
pub(crate) fn describe_latm(stream: &mut Stream, bytes: &[u8]) -> Option<()> {
    let starts = bytes.windows(2).enumerate().take(MAX_OFFSET);
    starts.filter(|(_, it)| it[0] == 0x56 && it[1] & 0xe0 == 0xe0).find_map(|(at, _)| {
        // Sync and length take three bytes. A configuration of its own, of version 0, for one program of one layer,
        // takes two more.
        let [_, _, _, first, second, config @ ..] = bytes.get(at..)? else { return None };
        (first & 0xc0 == 0 && second << 1 == 0).then(|| describe(stream, config))?
    })
}

/// Reads an AudioSpecificConfig to its end; `None` for kinds whose end is told by nothing but its size.
pub(crate) fn skip_specific(bits: &mut Bits<'_>) -> Option<()> {
    let mut kind = object_type(bits)?;
    sample_rate(bits)?;
    let channel_config = bits.take(4)?;
    if matches!(kind, SPECTRAL_BAND_REPLICATION | PARAMETRIC_STEREO) {
        sample_rate(bits)?;
        kind = object_type(bits)?;
    }
    if !(1..=4).contains(&kind) || channel_config == 0 {
        return None;
    }
    bits.skip(1)?;
    if bits.bit()? {
        bits.skip(14)?;
    }
    // No extension stands behind these kinds.
    (!bits.bit()?).then_some(())
}

fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        other => Some(other),
    }
}

fn sample_rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(4)? {
        15 => bits.take(24),
        index => RATES.get(index as usize).copied(),
    }
}

fn channels(config: u32) -> Option<(u16, &'static str)> {
    Some(match config {
        1 => (1, "mono"),
        2 => (2, "stereo"),
        3 => (3, "3.0"),
        4 => (4, "4.0"),
        5 => (5, "5.0"),
        6 => (6, "5.1"),
        7 => (8, "7.1(wide)"),
        11 => (7, "6.1(back)"),
        12 => (8, "7.1"),
        _ => return None,
    })
}
