//! Flash videos: `.flv`. Their streams are those whose tags are met at the beginning, in that order, as FFmpeg counts.
//!
//! Invariant: the head of the file and its last tag are read.

mod coded;
mod script;
mod tags;

pub(crate) use self::coded::{Coded, Role, of as coded, sound_format};
use self::script::Value;
use self::tags::{SCRIPT, SOUND};
pub(crate) use self::tags::{Tag, begin, walk};
use crate::ProbeError;
use crate::codec::{self, FRAME_HEAD_BYTES, rates};
use crate::container::Container;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Codec, Rational, Stream, StreamKind};

/// How far streams are looked for, and how often pictures come.
const HEAD_BYTES: u64 = 4 << 20;
/// Pictures that are looked at for their rate.
const N_TIMES: usize = 25;
/// The largest script that is read.
const MAX_SCRIPT_BYTES: u64 = 4 << 20;

/// The streams in the order in which they are met, each with the kind of its tags.
pub(crate) fn numbers(src: &Source<'_>) -> Result<Vec<u8>, ProbeError> {
    let mut found = Vec::new();
    walk(src, begin(src)?, HEAD_BYTES, |tag| {
        if tag.kind != SCRIPT && tag.size > 0 && !found.contains(&tag.kind) {
            found.push(tag.kind);
        }
        found.len() < 2
    })?;
    Ok(found)
}

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let mut probe = Probe::new(Container::Flv);
    let mut said: Vec<(String, Value)> = Vec::new();
    let (mut times, mut n_sounds) = (Vec::new(), 0);
    let mut outcome = Ok(());
    walk(src, begin(src)?, HEAD_BYTES, |tag| {
        if tag.kind == SCRIPT {
            if said.is_empty() && tag.size <= MAX_SCRIPT_BYTES {
                match src.bytes(tag.body, tag.size, "the script") {
                    Ok(body) => said = script::read(&body),
                    Err(error) => outcome = Err(error),
                }
            }
            return outcome.is_ok();
        }
        let Some(coded) = coded(tag) else { return true };
        let kind = if tag.kind == SOUND { StreamKind::Audio } else { StreamKind::Video };
        let known = probe.streams.iter().position(|it| it.kind == kind);
        let at = known.unwrap_or_else(|| {
            let index = probe.streams.len() as u32;
            probe.streams.push(Stream::new(index, kind, coded.codec.clone()));
            probe.streams.len() - 1
        });
        if let Err(error) = describe(src, tag, &coded, &mut probe.streams[at]) {
            outcome = Err(error);
            return false;
        }
        match kind {
            StreamKind::Video if coded.role == Role::Frame => {
                // In the order of decoding none is missing.
                times.push(tag.time_ms);
            }
            StreamKind::Audio => n_sounds += 1,
            _ => {}
        }
        times.len() < N_TIMES || n_sounds == 0
    })?;
    outcome?;
    if probe.streams.is_empty() {
        return Err(ProbeError::malformed("a Flash video without streams", 0));
    }
    let number = |name: &str| {
        said.iter().find_map(|(it, value)| match value {
            Value::Number(value) if it == name => Some(*value),
            _ => None,
        })
    };
    for stream in &mut probe.streams {
        complete(stream, &number, &mut times);
        codec::name_simple(stream);
    }
    for (name, value) in &said {
        if let Value::Text(text) = value
            && matches!(name.as_str(), "title" | "artist" | "description" | "comment" | "date")
        {
            probe.tags.add(name, text);
        }
    }
    let stated = number("duration").filter(|it| (0.001..1e9).contains(it));
    probe.duration_ms = match stated {
        Some(seconds) => Some((seconds * 1000.0).round() as i64),
        // What was recorded live states none.
        None => last_time_ms(src)?,
    };
    Ok(probe)
}

/// Takes what a tag says of its stream.
fn describe(
    src: &Source<'_>,
    tag: &Tag,
    coded: &Coded,
    stream: &mut Stream,
) -> Result<(), ProbeError> {
    let body = |most: u64| {
        let size = tag.size.saturating_sub(coded.skipped).min(most);
        src.bytes(tag.body + coded.skipped, size, "a frame")
    };
    if stream.kind == StreamKind::Audio && stream.sample_rate.is_none() {
        let (rate, channels) = sound_format(tag.first[0]);
        if coded.codec == Codec::Mp3 {
            codec::describe_elementary(stream, &body(FRAME_HEAD_BYTES)?);
        }
        if coded.codec != Codec::Aac && stream.sample_rate.is_none() {
            (stream.sample_rate, stream.channels) = (Some(rate), Some(channels));
            let layout = if channels == 1 { "mono" } else { "stereo" };
            stream.channel_layout = Some(layout.to_owned());
        }
    }
    match coded.role {
        Role::Configuration if stream.codec_string.is_none() => {
            let entry = if coded.codec == Codec::Hevc { "hvc1" } else { "avc1" };
            codec::describe(stream, entry, &body(FRAME_HEAD_BYTES)?);
        }
        Role::Frame if stream.kind == StreamKind::Video && stream.width.is_none() => {
            let first = body(16)?;
            let size = match coded.codec.as_str() {
                "flv1" => sorenson_size(&first),
                "vp6f" | "vp6a" => vp6_size(&first, tag.first[1], coded.is_key),
                _ => None,
            };
            (stream.width, stream.height) = size.unzip();
        }
        _ => {}
    }
    Ok(())
}

/// Takes what the script says and the tags leave open.
fn complete(stream: &mut Stream, number: &impl Fn(&str) -> Option<f64>, times: &mut Vec<i64>) {
    if stream.kind != StreamKind::Video {
        return;
    }
    let side =
        |name: &str| number(name).filter(|it| (1.0..65_536.0).contains(it)).map(|it| it as u32);
    if stream.width.is_none() {
        (stream.width, stream.height) = (side("width"), side("height"));
    }
    if matches!(stream.codec, Codec::Other(_)) && stream.codec.as_str() != "unknown" {
        let has_alpha = stream.codec.as_str() == "vp6a";
        let format = match stream.codec.as_str() {
            "flashsv" | "flashsv2" => "bgr24",
            _ if has_alpha => "yuva420p",
            _ => "yuv420p",
        };
        (stream.pixel_format, stream.bit_depth) = (Some(format.to_owned()), Some(8));
    }
    // What the pictures say stands above what somebody wrote.
    let stated = number("framerate").filter(|it| (1.0..=240.0).contains(it));
    let stated = stated.and_then(|it| {
        let near = rates::usual().find(|usual| (usual.as_f64() - it).abs() < 0.005);
        near.or_else(|| Rational::new((it * 1000.0).round() as u64, 1000))
    });
    stream.frame_rate = rates::of_times(times).or(stated).or(stream.frame_rate);
}

/// The size of a picture of Sorenson's H.263, by its head.
fn sorenson_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut bits = crate::bits::Bits::new(bytes);
    if bits.take(17)? != 1 {
        return None;
    }
    bits.skip(5 + 8)?;
    Some(match bits.take(3)? {
        0 => (bits.take(8)?, bits.take(8)?),
        1 => (bits.take(16)?, bits.take(16)?),
        2 => (352, 288),
        3 => (176, 144),
        4 => (128, 96),
        5 => (320, 240),
        6 => (160, 120),
        _ => return None,
    })
}

/// The size of a key frame of VP6, in blocks of sixteen, less what is not shown.
fn vp6_size(bytes: &[u8], less: u8, is_key: bool) -> Option<(u32, u32)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    if !is_key || first & 0x80 != 0 {
        return None;
    }
    // Where the picture is in two parts, the place of the second stands first.
    let at = if first & 1 != 0 || second & 6 == 0 { 4 } else { 2 };
    let (rows, columns) = (u32::from(*bytes.get(at)?), u32::from(*bytes.get(at + 1)?));
    let side = |blocks: u32, less: u8| (blocks * 16).checked_sub(less.into()).filter(|it| *it > 0);
    side(columns, less >> 4).zip(side(rows, less & 0xf))
}

/// The time of the last tag, by the number that stands behind it.
fn last_time_ms(src: &Source<'_>) -> Result<Option<i64>, ProbeError> {
    let Some(at) = src.size.checked_sub(4) else { return Ok(None) };
    let size = u32::from_be_bytes(src.array_alone::<4>(at, "the last tag")?);
    let Some(from) = at.checked_sub(size.into()) else { return Ok(None) };
    let mut last = None;
    walk(src, from, src.size, |tag| {
        last = Some(tag.time_ms);
        false
    })?;
    Ok(last.filter(|it| *it > 0))
}

#[cfg(test)]
mod tests;
