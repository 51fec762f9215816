//! What a client says of itself in Jellyfin's words, its `DeviceProfile`, in ours. Pure and bounded.
//!
//! Jellyfin's profile is finer in some places, and what cannot be told in our words is told as follows. Each file kind goes with
//! each codec that is named with any. Limits that count for one kind of file count for all; a kind of file with conditions of its
//! own is not taken as it is. Everything is everything that we know by name, in colours of the usual fineness. A limit that counts only in a case counts always where the case cannot be told. What a player wants
//! at least, and what is said of reference frames, tags, single bit rates and the like, is not heeded. Whoever takes HLS is given
//! fragmented MP4 (RFC 8216, section 3.3), whichever kind of segment it names. Drawn subtitles are given out in a form of our own:
//! only who reads them in the film itself (`Embed`) is believed to draw them, and what only takes a file of them is not.

mod limits;
mod names;
mod read;

use serde_json::Value;

use self::limits::Limits;
use self::read::{DeviceProfile, Kind, Names, Shown};
use super::{ClientProfile, Protocol, SubtitleSupport};
use crate::container::Container;
use crate::stream::Codec;

/// A client that names more is none.
const MAX_CODECS: usize = 96;

/// Why something is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Refused {
    /// Where in it, as `CodecProfiles[3].Conditions[0].Value`; empty: all of it.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub why: &'static str,
}

impl Refused {
    fn new(place: impl Into<String>, why: &'static str) -> Self {
        Self { place: place.into(), why }
    }
}

/// What the client plays by its `DeviceProfile`. Keys may have any case, and those that nobody knows are passed over.
///
/// # Errors
/// Where something of it cannot be read, or there is too much of it; the place is named.
pub fn translate(profile: &Value) -> Result<ClientProfile, Refused> {
    let profile = DeviceProfile::read(profile)?;
    let limits = Limits(&profile.codecs);
    let mut containers = Vec::new();
    let mut takes_segments = false;
    let mut pictures = Vec::new();
    // A sound track, and how many channels at the most because of where it is named.
    let mut sounds: Vec<(Codec, Option<u16>)> = Vec::new();
    for direct in &profile.direct {
        match direct.kind {
            Kind::Video => {
                takes_segments |= direct.containers.names().iter().any(|it| names::is_hls(it));
                add(&mut containers, names::containers(&direct.containers));
                add(&mut pictures, names::pictures(&direct.video));
                add(&mut sounds, names::sounds(&direct.audio).into_iter().map(|it| (it, None)));
            }
            Kind::Audio => {
                let all = names::containers(&direct.containers).into_iter();
                add(&mut containers, all.filter(names::holds_sound_only));
                // Whoever names no codec means what such files hold.
                if !direct.audio.is_all() {
                    let codecs = names::sounds(&direct.audio).into_iter();
                    add(&mut sounds, codecs.map(|it| (it, None)));
                }
            }
            Kind::Other => {}
        }
    }
    for made in profile.made.iter().filter(|it| it.kind == Kind::Video && it.is_hls) {
        takes_segments = true;
        let named = |it: &Names| !it.is_all();
        if named(&made.video) {
            add(&mut pictures, names::pictures(&made.video));
        }
        if named(&made.audio) {
            let codecs = names::sounds(&made.audio).into_iter();
            add(&mut sounds, codecs.map(|it| (it, made.max_channels)));
        }
    }
    if pictures.len() + sounds.len() > MAX_CODECS {
        return Err(Refused::new("DirectPlayProfiles", "so many codecs has nobody"));
    }
    containers.retain(|it| !has_conditions(&profile, it));
    Ok(ClientProfile {
        containers,
        protocols: takes_segments.then_some(Protocol::Hls).into_iter().collect(),
        video: pictures.iter().flat_map(|it| limits.pictures(it)).collect(),
        audio: sounds.iter().filter_map(|(it, most)| limits.sound(it, *most)).collect(),
        chooses_audio: !limits.takes_first_sound_only(),
        seeks_without_index: false,
        max_bitrate_bps: profile.max_streaming_bps.or(profile.max_static_bps),
        subtitles: subtitles(&profile.subtitles),
    })
}

fn add<T: PartialEq>(to: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for it in more {
        if !to.contains(&it) {
            to.push(it);
        }
    }
}

/// Whether not every file of a kind is taken.
fn has_conditions(profile: &DeviceProfile, container: &Container) -> bool {
    profile.conditional.iter().any(|it| names::containers(it).contains(container))
}

/// What is not named is painted into the pictures, as Jellyfin does.
fn subtitles(all: &[(String, Shown)]) -> SubtitleSupport {
    let shows = |formats: &[&str], ways: &[Shown]| {
        all.iter().any(|(format, way)| formats.contains(&format.as_str()) && ways.contains(way))
    };
    SubtitleSupport {
        text: shows(names::TEXTS, &[Shown::External, Shown::Hls, Shown::Embed]),
        script: shows(names::SCRIPTS, &[Shown::External, Shown::Embed]),
        drawn: shows(names::DRAWN, &[Shown::Embed]),
    }
}

#[cfg(test)]
mod tests;
