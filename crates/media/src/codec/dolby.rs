//! Dolby: `dac3`, `dec3` and the Dolby Vision configuration.

use crate::bits::Bits;
use crate::stream::{Hdr, Stream};

pub(super) const RATES: [u32; 3] = [48000, 44100, 32000];

pub(crate) fn describe_dac3(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body);
    stream.sample_rate = RATES.get(bits.take(2)? as usize).copied().or(stream.sample_rate);
    bits.skip(8)?;
    let (mode, has_lfe) = (bits.take(3)?, bits.bit()?);
    set_channels(stream, mode, has_lfe);
    Some(())
}

pub(crate) fn describe_dec3(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body);
    stream.bitrate = Some(i64::from(bits.take(13)?) * 1000);
    let n_substreams = bits.take(3)? + 1;
    for substream in 0..n_substreams {
        let rate = bits.take(2)?;
        bits.skip(10)?;
        let (mode, has_lfe) = (bits.take(3)?, bits.bit()?);
        bits.skip(3)?;
        let n_dependent = bits.take(4)?;
        let locations = if n_dependent > 0 { bits.take(9)? } else { bits.take(1).map(|_| 0)? };
        if substream == 0 {
            stream.sample_rate = RATES.get(rate as usize).copied().or(stream.sample_rate);
            set_channels(stream, mode, has_lfe);
            // Bit 1 of the locations adds the pair of back surrounds that makes 7.1 of 5.1.
            if locations & 0b10 != 0 && stream.channels == Some(6) {
                (stream.channels, stream.channel_layout) = (Some(8), Some("7.1".to_owned()));
            }
        }
    }
    bits.skip(7)?;
    if bits.bit()? {
        stream.profile = Some("Dolby Digital Plus + Dolby Atmos".to_owned());
    }
    Some(())
}

/// Channels by `acmod` and `lfeon`.
pub(super) fn set_channels(stream: &mut Stream, mode: u32, has_lfe: bool) {
    let (channels, plain, with_lfe) = match mode {
        1 => (1, "mono", "1.1"),
        0 | 2 => (2, "stereo", "2.1"),
        3 => (3, "3.0", "3.1"),
        4 => (3, "3.0(back)", "3.0(back)+lfe"),
        5 => (4, "4.0", "4.1"),
        6 => (4, "quad(side)", "quad(side)+lfe"),
        _ => (5, "5.0(side)", "5.1(side)"),
    };
    stream.channels = Some(channels + u16::from(has_lfe));
    stream.channel_layout = Some(if has_lfe { with_lfe } else { plain }.to_owned());
}

/// `dvcC`, `dvvC`, `dvwC`, and Matroska's block addition of the same bytes.
pub(crate) fn describe_vision(stream: &mut Stream, config: &[u8]) -> Option<()> {
    let mut bits = Bits::new(config);
    bits.skip(16)?;
    let (profile, level) = (bits.take(7)? as u8, bits.take(6)? as u8);
    bits.skip(1)?;
    let has_enhancement_layer = bits.bit()?;
    bits.skip(1)?;
    let compatibility = bits.take(4)? as u8;
    stream.hdr = Some(Hdr::DolbyVision { profile, level, compatibility, has_enhancement_layer });
    // These sample entries say that only a Dolby Vision decoder may play the stream.
    if let Some((entry @ ("dvh1" | "dvhe" | "dva1" | "dvav" | "dav1"), _)) =
        stream.codec_string.as_deref().and_then(|it| it.split_once('.'))
    {
        stream.codec_string = Some(format!("{entry}.{profile:02}.{level:02}"));
    }
    Some(())
}
