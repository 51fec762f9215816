//! How a stream is decoded, from what it says itself: for a copy, and for whoever makes it anew.

use super::{Coded, Found, Sets};
use crate::codec::{aac, latm};
use crate::samples::config::{self, Configured};
use crate::samples::frames::Framing;
use crate::samples::pictures::Coding;
use crate::samples::{Track, entry, parameter_sets};
use crate::stream::{Codec, Stream, StreamKind};
use crate::ts::CLOCK;

/// The track, how its samples are told apart, its description as Matroska has it, and why it is not copied, if so.
pub(super) type Described = (Track, Coded, Vec<u8>, Option<String>);

pub(super) fn describe(stream: &Stream, found: &Found) -> Result<Described, String> {
    if stream.kind == StreamKind::Video { picture(stream, found) } else { sound(stream, found) }
}

/// Why a stream is left out whose codec nobody here takes apart.
pub(super) fn unread(stream: &Stream) -> String {
    format!("{} is not taken out of packets", stream.codec)
}

fn picture(stream: &Stream, found: &Found) -> Result<Described, String> {
    let coding = Coding::of(&stream.codec).ok_or_else(|| unread(stream))?;
    let (private, codec_id) = match coding {
        Coding::Avc | Coding::Hevc => {
            let body = parameter_sets::record(coding, stream, &found.heads)
                .ok_or_else(|| "the parameter sets cannot be read".to_owned())?;
            (body, entry::codec_id(&stream.codec))
        }
        Coding::Mpeg2 | Coding::Mpeg4 => {
            (parameter_sets::with_codes(&found.heads), entry::codec_id(&stream.codec))
        }
        Coding::Vc1 => {
            let sets = parameter_sets::with_codes(&found.heads);
            (entry::bitmap_info(stream, *b"WVC1", &sets), Some(entry::FOURCC))
        }
    };
    let mut copied = stream.clone();
    let configured = config::of_mp4(&mut copied, &private, &[]);
    let codec_id = codec_id.ok_or_else(|| unread(stream))?;
    let written = entry::write(stream, codec_id, &private);
    let (config, against) = match configured {
        Ok(Configured { mut config, .. }) => {
            if !found.changes.is_empty() {
                config::keep_in_band(&mut copied, &mut config);
            }
            (Some(config), None)
        }
        Err(reason) => (None, Some(reason)),
    };
    let stream = if config.is_some() { copied } else { stream.clone() };
    let track = Track {
        stream,
        timescale: CLOCK as u32,
        config,
        frame_ticks: 0,
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    let sets = Sets { first: found.heads.clone(), changes: found.changes.clone() };
    Ok((track, Coded::Pictures(coding, sets), written, against))
}

fn sound(stream: &Stream, found: &Found) -> Result<Described, String> {
    let framing = Framing::of(&stream.codec).ok_or_else(|| unread(stream))?;
    let head = found.heads.first().map_or(&[][..], Vec::as_slice);
    let private = match framing {
        Framing::Adts => {
            aac::specific(head).ok_or("the channels of the AAC sound are not stated")?
        }
        Framing::Latm => {
            latm::specific(head).ok_or("the AAC sound does not say how to decode it")?
        }
        _ => Vec::new(),
    };
    // What was put back on bytes is plain AAC.
    let plain = match framing {
        Framing::Latm => Stream { codec: Codec::Aac, ..stream.clone() },
        _ => stream.clone(),
    };
    let codec_id = entry::codec_id(&plain.codec).ok_or_else(|| unread(stream))?;
    let (mut track, against) = config::sound_track(&plain, &private, head)?;
    if matches!(framing, Framing::DvdPcm | Framing::BlurayPcm) {
        // Packets have as many samples as they happen to have.
        track.frame_ticks = 0;
    }
    let written = entry::write(&plain, codec_id, &private);
    Ok((track, Coded::Sound(framing), written, against))
}
