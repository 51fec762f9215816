//! What a copy's sample description is made of, from Matroska's or MP4's own.

use super::vision::Vision;
use super::{Track, dolby_frames};
use crate::bits::Bits;
use crate::codec;
use crate::stream::{Codec, Stream};

/// The four-letter name of a sample entry and the box in it that configures the decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SampleConfig {
    pub entry: [u8; 4],
    pub box_kind: [u8; 4],
    pub body: Vec<u8>,
}

/// A configuration with what follows from it for time.
pub(super) struct Configured {
    pub config: SampleConfig,
    /// Ticks of a second: for sound the sampling rate.
    pub timescale: u32,
    /// Ticks of a frame of sound; 0 where it differs, and for pictures.
    pub frame_ticks: i64,
}

/// A configuration of a decoder that is larger than this configures nothing.
pub(super) const MAX_CONFIG_BYTES: usize = 256 * 1024;

/// Whether only a frame tells how the stream is configured, or how long a frame lasts.
pub(super) fn needs_frame(codec: &Codec) -> bool {
    matches!(codec, Codec::Ac3 | Codec::Eac3 | Codec::Opus | Codec::Mp3)
}

/// From `CodecPrivate` and the first frame of a Matroska track.
pub(super) fn of_matroska(
    stream: &mut Stream,
    private: &[u8],
    frame: &[u8],
) -> Result<Configured, String> {
    let missing = || format!("the {} track does not say how to decode it", stream.codec);
    if private.len() > MAX_CONFIG_BYTES {
        return Err(missing());
    }
    let body = match stream.codec {
        Codec::H264 | Codec::Hevc | Codec::Av1 | Codec::Aac if private.len() < 2 => None,
        Codec::H264 | Codec::Hevc | Codec::Av1 | Codec::Aac => Some(private.to_vec()),
        Codec::Vp9 => Some(vpcc(stream)),
        Codec::Opus => dops(private),
        Codec::Flac => dfla(private),
        Codec::Ac3 => dolby_frames::dac3(frame),
        Codec::Eac3 => dolby_frames::dec3(frame).map(|it| it.0),
        Codec::Mp3 => Some(Vec::new()),
        _ => return Err(format!("{} is not copied into MP4 segments", stream.codec)),
    };
    configure(stream, body.ok_or_else(missing)?, frame)
}

/// From the configuration that MP4 has in the same shape as the copy: `esds` is unpacked to its decoder's own bytes.
pub(super) fn of_mp4(stream: &mut Stream, body: &[u8], frame: &[u8]) -> Result<Configured, String> {
    let is_copied = matches!(
        stream.codec,
        Codec::H264
            | Codec::Hevc
            | Codec::Av1
            | Codec::Vp9
            | Codec::Aac
            | Codec::Opus
            | Codec::Flac
            | Codec::Ac3
            | Codec::Eac3
            | Codec::Mp3
    );
    if !is_copied {
        return Err(format!("{} is not copied into MP4 segments", stream.codec));
    }
    if body.len() > MAX_CONFIG_BYTES || (body.is_empty() && stream.codec != Codec::Mp3) {
        return Err(format!("the {} track does not say how to decode it", stream.codec));
    }
    configure(stream, body.to_vec(), frame)
}

fn configure(stream: &mut Stream, body: Vec<u8>, frame: &[u8]) -> Result<Configured, String> {
    let rate = stream.sample_rate.filter(|it| (1..=768_000).contains(it));
    let need_rate = || rate.ok_or_else(|| "the sound's sampling rate is not known".to_owned());
    let (entry, box_kind) = names(&stream.codec, &body);
    let (timescale, frame_ticks) = match stream.codec {
        Codec::Aac => {
            let is_doubled =
                matches!(stream.profile.as_deref(), Some("HE-AAC" | "HE-AACv2" | "xHE-AAC"));
            (need_rate()?, aac_frame(&body) << u32::from(is_doubled))
        }
        Codec::Ac3 => (need_rate()?, 1536),
        Codec::Eac3 => {
            let n_samples = dolby_frames::dec3(frame).map_or(1536, |it| it.1);
            (need_rate()?, n_samples.into())
        }
        Codec::Mp3 => (need_rate()?, if need_rate()? < 32_000 { 576 } else { 1152 }),
        Codec::Opus => (48_000, opus_frame(frame)),
        Codec::Flac => (need_rate()?, flac_frame(&body)),
        _ => (0, 0),
    };
    rename(stream, entry, &body);
    let entry = if Vision::of(stream).is_some() { Vision::entry(entry) } else { entry };
    Ok(Configured { config: SampleConfig { entry, box_kind, body }, timescale, frame_ticks })
}

/// The same for pictures whose parameter sets change: they stand in the samples, and the sample entry says so.
pub(super) fn keep_in_band(stream: &mut Stream, config: &mut SampleConfig) {
    let entry = match &config.entry {
        b"avc1" => *b"avc3",
        b"hvc1" => *b"hev1",
        b"dvh1" => *b"dvhe",
        _ => return,
    };
    let (old, new) = (String::from_utf8_lossy(&config.entry), String::from_utf8_lossy(&entry));
    if let Some(string) = &mut stream.codec_string
        && let Some(rest) = string.strip_prefix(&*old)
    {
        *string = format!("{new}{rest}");
    }
    config.entry = entry;
}

/// A track of sound of which a frame is known, and why it is not copied, if so; an error where nobody can use it.
pub(super) fn sound_track(
    stream: &Stream,
    private: &[u8],
    frame: &[u8],
) -> Result<(Track, Option<String>), String> {
    let mut copied = stream.clone();
    let (stream, timescale, frame_ticks, config, against) =
        match of_matroska(&mut copied, private, frame) {
            Ok(it) => (copied, it.timescale, it.frame_ticks, Some(it.config), None),
            Err(reason) => {
                let size = u32::try_from(frame.len()).unwrap_or(u32::MAX);
                let (timescale, frame_ticks) =
                    sound_grid(stream, frame, size).ok_or_else(|| reason.clone())?;
                (stream.clone(), timescale, frame_ticks, None, Some(reason))
            }
        };
    let track = Track {
        stream,
        timescale,
        config,
        frame_ticks,
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    Ok((track, against))
}

/// Ticks of a second and of a frame of sound that is not copied; `None` without a sampling rate. The frame is 0 where
/// frames differ, or where nobody knows.
pub(super) fn sound_grid(stream: &Stream, frame: &[u8], size: u32) -> Option<(u32, i64)> {
    let rate = stream.sample_rate.filter(|it| (1..=768_000).contains(it))?;
    let frame_ticks = match stream.codec {
        Codec::Aac => 1024,
        Codec::Ac3 | Codec::Eac3 => 1536,
        Codec::Mp2 => 1152,
        Codec::Dts => codec::dts::frame_samples(frame, rate).unwrap_or(0),
        // A unit is a 1200th of a second.
        Codec::TrueHd => i64::from(rate / 1200),
        _ if stream.codec.is_pcm() => {
            let bits = u32::from(stream.bit_depth.unwrap_or(16)).div_ceil(8) * 8;
            let of_all = bits * u32::from(stream.channels.unwrap_or(2).max(1));
            i64::from(size) * 8 / i64::from(of_all)
        }
        _ => 0,
    };
    Some((rate, frame_ticks))
}

fn names(codec: &Codec, body: &[u8]) -> ([u8; 4], [u8; 4]) {
    match codec {
        Codec::H264 => (if avc_has_sets(body) { *b"avc1" } else { *b"avc3" }, *b"avcC"),
        Codec::Hevc => (if hevc_has_sets(body) { *b"hvc1" } else { *b"hev1" }, *b"hvcC"),
        Codec::Av1 => (*b"av01", *b"av1C"),
        Codec::Vp9 => (*b"vp09", *b"vpcC"),
        Codec::Opus => (*b"Opus", *b"dOps"),
        Codec::Flac => (*b"fLaC", *b"dfLa"),
        Codec::Ac3 => (*b"ac-3", *b"dac3"),
        Codec::Eac3 => (*b"ec-3", *b"dec3"),
        _ => (*b"mp4a", *b"esds"),
    }
}

/// The codec string is that of the copy, whose entry may have another name, and Dolby Vision only where nothing else is in it.
fn rename(stream: &mut Stream, entry: [u8; 4], body: &[u8]) {
    if matches!(stream.codec, Codec::H264 | Codec::Hevc) {
        let mut plain = stream.clone();
        plain.codec_string = None;
        codec::describe(&mut plain, &String::from_utf8_lossy(&entry), body);
        stream.codec_string = plain.codec_string.or(stream.codec_string.take());
    }
    if let Some(vision) = Vision::of(stream) {
        stream.codec_string = Some(vision.codec_string(entry));
    }
    // The short form that browsers know for sound in MP4.
    if stream.codec == Codec::Mp3 {
        stream.codec_string = Some("mp4a.6B".to_owned());
    }
}

/// Whether `avcC` has a sequence parameter set; else they come with the frames.
fn avc_has_sets(body: &[u8]) -> bool {
    body.get(5).is_some_and(|it| it & 0x1f > 0)
}

/// Whether `hvcC` has all three kinds of parameter sets.
fn hevc_has_sets(body: &[u8]) -> bool {
    let Some((&n_arrays, mut rest)) = body.get(22..).and_then(<[u8]>::split_first) else {
        return false;
    };
    let mut found = 0_u8;
    for _ in 0..n_arrays {
        let Some(&[kind, high, low]) = rest.first_chunk() else { break };
        let n_units = u16::from_be_bytes([high, low]);
        found |= match kind & 0x3f {
            32 if n_units > 0 => 1,
            33 if n_units > 0 => 2,
            34 if n_units > 0 => 4,
            _ => 0,
        };
        rest = &rest[3..];
        for _ in 0..n_units {
            let Some(&[high, low]) = rest.first_chunk() else { return false };
            let unit = 2 + usize::from(u16::from_be_bytes([high, low]));
            let Some(behind) = rest.get(unit..) else { return false };
            rest = behind;
        }
    }
    found == 7
}

/// Samples in a frame of AAC by its AudioSpecificConfig: 1024, or 960 in some broadcasts.
fn aac_frame(config: &[u8]) -> i64 {
    let is_short = || {
        let mut bits = Bits::new(config);
        let kind = bits.take(5)?;
        if bits.take(4)? == 15 {
            bits.skip(24)?;
        }
        bits.skip(4)?;
        if kind == 2 { bits.bit() } else { Some(false) }
    };
    if is_short() == Some(true) { 960 } else { 1024 }
}

/// Samples in a packet of Opus, by its first bytes; 0 if they make no sense.
fn opus_frame(packet: &[u8]) -> i64 {
    let Some(&head) = packet.first() else { return 0 };
    let (mode, size) = (head >> 3, usize::from(head >> 3 & 3));
    let frame = match mode {
        0..=11 => [480, 960, 1920, 2880][size],
        12..=15 => [480, 960][size & 1],
        _ => [120, 240, 480, 960][size],
    };
    let n_frames = match head & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |it| i64::from(it & 0x3f)),
    };
    frame * n_frames
}

/// Samples in a frame of FLAC, where all frames are alike.
fn flac_frame(dfla: &[u8]) -> i64 {
    let word =
        |at: usize| dfla.get(at..at + 2).map(|it| i64::from(u16::from_be_bytes([it[0], it[1]])));
    match (word(8), word(10)) {
        (Some(least), Some(most)) if least == most => least,
        _ => 0,
    }
}

/// `OpusHead` in MP4's byte order.
fn dops(head: &[u8]) -> Option<Vec<u8>> {
    let head = head.strip_prefix(b"OpusHead")?;
    let (fixed, mapping) = (head.get(..11)?, head.get(11..)?);
    let mut body = vec![0, fixed[1]];
    body.extend([fixed[3], fixed[2]]);
    body.extend([fixed[7], fixed[6], fixed[5], fixed[4]]);
    body.extend([fixed[9], fixed[8], fixed[10]]);
    if fixed[10] != 0 {
        body.extend(mapping.get(..2 + usize::from(fixed[1]))?);
    }
    Some(body)
}

/// STREAMINFO alone, as the last metadata block.
fn dfla(private: &[u8]) -> Option<Vec<u8>> {
    let blocks = private.strip_prefix(b"fLaC").unwrap_or(private);
    let info = if blocks.len() >= 38 { blocks.get(4..38)? } else { blocks.get(..34)? };
    let mut body = vec![0, 0, 0, 0, 0x80, 0, 0, 34];
    body.extend(info);
    Some(body)
}

fn vpcc(stream: &Stream) -> Vec<u8> {
    let number = |prefix: &str| {
        let text = stream.codec_string.as_deref().unwrap_or_default();
        text.split('.').nth(if prefix == "profile" { 1 } else { 2 }).and_then(|it| it.parse().ok())
    };
    let chroma = match stream.pixel_format.as_deref() {
        Some(it) if it.contains("422") => 2,
        Some(it) if it.contains("444") => 3,
        _ => 1,
    };
    let (primaries, transfer, matrix) = code_points(stream);
    let is_full = stream.color.range.as_deref() == Some("pc");
    let packed = stream.bit_depth.unwrap_or(8) << 4 | chroma << 1 | u8::from(is_full);
    let (profile, level) = (number("profile").unwrap_or(0), number("level").unwrap_or(40));
    vec![1, 0, 0, 0, profile, level, packed, primaries, transfer, matrix, 0, 0]
}

/// The code points behind a stream's colours; 2 is "unspecified".
pub(crate) fn code_points(stream: &Stream) -> (u8, u8, u8) {
    let find = |pick: fn(&crate::Color) -> Option<&String>| {
        let wanted = pick(&stream.color)?;
        (0..=22_u8).find(|code| {
            let code = u32::from(*code);
            let named = codec::color::from_code_points(code, code, code, None);
            pick(&named) == Some(wanted)
        })
    };
    (
        find(|it| it.primaries.as_ref()).unwrap_or(2),
        find(|it| it.transfer.as_ref()).unwrap_or(2),
        find(|it| it.matrix.as_ref()).unwrap_or(2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKind;

    #[test]
    fn a_packet_of_opus_says_how_long_it_is() {
        let table: [(&[u8], i64); 5] = [
            (&[31 << 3], 960),
            (&[31 << 3 | 1], 1920),
            (&[31 << 3 | 3, 3], 2880),
            (&[1 << 3], 960),
            (&[], 0),
        ];
        for (packet, expected) in table {
            assert_eq!(opus_frame(packet), expected, "{packet:?}");
        }
    }

    #[test]
    fn the_head_of_opus_is_turned_to_big_endian() {
        let head = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";
        assert_eq!(dops(head), Some(vec![0, 2, 1, 0x38, 0, 0, 0xbb, 0x80, 0, 0, 0]));
        assert_eq!(dops(&head[..12]), None);
    }

    #[test]
    fn hevc_without_its_parameter_sets_keeps_them_in_the_frames() {
        let mut body = vec![0; 22];
        body.push(3);
        for kind in [32_u8, 33, 34] {
            body.extend([kind, 0, 1, 0, 2, 1, 1]);
        }
        assert!(hevc_has_sets(&body));
        assert!(!hevc_has_sets(&body[..body.len() - 1]));
        assert!(!hevc_has_sets(&[0; 23]));
    }

    #[test]
    fn vp9_is_described_by_what_the_prober_found() {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::Vp9);
        stream.codec_string = Some("vp09.02.41.10".to_owned());
        stream.bit_depth = Some(10);
        stream.color = codec::color::from_code_points(9, 16, 9, Some(false));
        assert_eq!(vpcc(&stream), [1, 0, 0, 0, 2, 41, 0xa2, 9, 16, 9, 0, 0]);
    }
}
