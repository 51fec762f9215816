//! What is to be done with a file so that a client can play it: nothing, another container, or a transcode of what it
//! cannot decode. Pure: streams and a profile in, a decision with its reasons out.

mod choose;
mod clients;
pub mod jellyfin;
mod language;
mod profile;
mod reason;
mod taste;

use crate::container::Container;
use crate::samples::Vision;
use crate::stream::{Codec, Hdr, Stream, StreamKind, main_video};

pub use self::choose::{choose_audio, is_aside, rank_heard};
pub use self::clients::known_client;
pub use self::profile::{AudioSupport, ClientProfile, Protocol, SubtitleSupport, VideoSupport};
pub use self::reason::{LimitOf, Reason};
pub use self::taste::{
    AudioChoice, AudioWhy, SubtitleChoice, SubtitleMode, SubtitleWhy, Taste, Text, choose_subtitle,
};

/// What is known of a file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its container.
    pub container: &'a Container,
    /// Its streams.
    pub streams: &'a [Stream],
    /// Average of the whole, bits per second.
    pub bitrate_bps: Option<i64>,
    /// Whether it is known to lack an index of its key frames.
    pub lacks_index: bool,
}

/// What a person wants of it.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// This sound track and no other.
    pub audio: Option<u32>,
    /// What they like in every film.
    pub taste: Taste,
    /// The language it was made in, BCP 47.
    pub original: Option<String>,
    /// The sound they chose before, in this film or another part of its series.
    pub remembered: Option<AudioChoice>,
    /// Whether sound that the client does not play is made anew, so that its language may decide.
    pub makes_sound: bool,
    /// Streams of which the server found out that it cannot make them anew: they play as they are, or not at all.
    pub unmade: Vec<u32>,
}

/// How a file is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Its own bytes.
    Direct,
    /// Its own pictures and sound in another container.
    Remux,
    /// Its own pictures; the sound must be made anew.
    TranscodeAudio,
    /// The pictures must be made anew.
    TranscodeVideo,
}

impl Method {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Remux => "remux",
            Self::TranscodeAudio => "transcode_audio",
            Self::TranscodeVideo => "transcode_video",
        }
    }
}

/// The decision on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How the file is played.
    pub method: Method,
    /// The picture that is played.
    pub video: Option<u32>,
    /// The sound that is played.
    pub audio: Option<u32>,
    /// Why that one.
    pub audio_why: Option<AudioWhy>,
    /// Sound tracks that play without being made anew.
    pub playable_audio: Vec<u32>,
    /// Why nothing cheaper does; none for direct play.
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// Whether the client plays the file itself, but for seeking in it.
    pub fn plays_unsought(&self) -> bool {
        let is_in_the_way =
            |it: &Reason| matches!(it, Reason::Container(_) | Reason::AudioNotFirst);
        self.reasons.contains(&Reason::NoIndex) && !self.reasons.iter().any(is_in_the_way)
    }
}

/// Decides how a client plays a file.
pub fn decide(source: Source<'_>, profile: &ClientProfile, wish: &Wish) -> Decision {
    let video = main_video(source.streams);
    let sounds = || source.streams.iter().filter(|it| it.kind == StreamKind::Audio);
    let first = sounds().next().map(|it| it.index);
    let takes_file = profile.containers.contains(source.container) && !is_lost_in(source, profile);
    // As it is: from the file itself, or copied into segments.
    let plays = |it: &Stream| {
        let is_in_reach = takes_file && (profile.chooses_audio || Some(it.index) == first);
        profile.audio_reasons(it).is_empty() && (copies_audio(&it.codec) || is_in_reach)
    };
    let (audio, audio_why) = choose_audio(source.streams, wish, plays).unzip();

    let mut in_the_way: Vec<Reason> = video.map_or_else(Vec::new, |it| profile.video_reasons(it));
    if let (Some(limit), Some(bps)) = (profile.max_bitrate_bps, source.bitrate_bps)
        && bps > limit
    {
        in_the_way.push(Reason::Bitrate { bps, limit });
    }
    let video_fails = !in_the_way.is_empty();
    let audio_reasons = audio.map_or_else(Vec::new, |it| profile.audio_reasons(it));
    let audio_fails = !audio_reasons.is_empty();
    in_the_way.extend(audio_reasons);

    let against_direct = against_direct(source, profile, audio);
    let against_remux = against_remux(source, profile, video, audio);
    let (method, reasons) = if !video_fails && !audio_fails && against_direct.is_empty() {
        (Method::Direct, Vec::new())
    } else if !video_fails && !audio_fails && against_remux.is_empty() {
        (Method::Remux, against_direct)
    } else {
        // What the client decodes and no segment carries must be made anew, too.
        let video_lost = against_remux.iter().any(Reason::is_about_video);
        let method = match video {
            Some(_) if video_fails || video_lost => Method::TranscodeVideo,
            _ => Method::TranscodeAudio,
        };
        if !video_fails && !audio_fails {
            in_the_way.extend(against_direct);
            in_the_way.extend(against_remux);
        }
        (method, in_the_way)
    };
    Decision {
        method,
        video: video.map(|it| it.index),
        audio: audio.map(|it| it.index),
        audio_why,
        playable_audio: sounds().filter(|it| plays(it)).map(|it| it.index).collect(),
        reasons,
    }
}

/// Why the file's own bytes do not do, though the client may decode what is in it.
fn against_direct(
    source: Source<'_>,
    profile: &ClientProfile,
    audio: Option<&Stream>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !profile.containers.contains(source.container) {
        reasons.push(Reason::Container(source.container.clone()));
    }
    // A player that is given a file plays its first sound.
    let first = source.streams.iter().find(|it| it.kind == StreamKind::Audio);
    if !profile.chooses_audio && audio.map(|it| it.index) != first.map(|it| it.index) {
        reasons.push(Reason::AudioNotFirst);
    }
    if is_lost_in(source, profile) {
        reasons.push(Reason::NoIndex);
    }
    reasons
}

/// Whether the client could not seek in the file itself, though it could in segments of it.
fn is_lost_in(source: Source<'_>, profile: &ClientProfile) -> bool {
    let takes_segments = profile.protocols.contains(&Protocol::Hls);
    source.lacks_index && !profile.seeks_without_index && takes_segments
}

/// Why the streams cannot be copied into segments.
fn against_remux(
    source: Source<'_>,
    profile: &ClientProfile,
    video: Option<&Stream>,
    audio: Option<&Stream>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !profile.protocols.contains(&Protocol::Hls) {
        reasons.push(Reason::NoProtocol);
    }
    let is_read = matches!(
        source.container,
        Container::Matroska
            | Container::WebM
            | Container::Mp4
            | Container::Mov
            | Container::MpegTs
            | Container::MpegPs
            | Container::Flv
            | Container::Asf
            | Container::Avi
    );
    if !is_read {
        reasons.push(Reason::NotCut(source.container.clone()));
    }
    match video {
        Some(video) if !copies_video(&video.codec) => {
            reasons.push(Reason::VideoNotCopied(video.codec.clone()));
        }
        // Two layers of which neither is anything to others: a copy has one.
        Some(video)
            if needed_range(video) == Some("dolby_vision") && Vision::of(video).is_none() =>
        {
            reasons.push(Reason::VideoRange("dolby_vision"));
        }
        Some(_) => {}
        None => reasons.push(Reason::NoVideo),
    }
    if let Some(audio) = audio.filter(|it| !copies_audio(&it.codec)) {
        reasons.push(Reason::AudioNotCopied(audio.codec.clone()));
    }
    reasons
}

/// Codecs of pictures that CMAF segments carry.
fn copies_video(codec: &Codec) -> bool {
    matches!(codec, Codec::H264 | Codec::Hevc | Codec::Av1 | Codec::Vp9)
}

/// Codecs of sound that CMAF segments carry.
fn copies_audio(codec: &Codec) -> bool {
    matches!(codec, Codec::Aac | Codec::Ac3 | Codec::Eac3 | Codec::Opus | Codec::Flac | Codec::Mp3)
}

/// What a player must know of high dynamic range to show a stream rightly: `None` for nothing.
///
/// Dolby Vision over a base that others know is that base.
fn needed_range(stream: &Stream) -> Option<&'static str> {
    match stream.hdr? {
        Hdr::Hdr10 | Hdr::Hdr10Plus | Hdr::DolbyVision { compatibility: 1 | 6, .. } => {
            Some("hdr10")
        }
        Hdr::Hlg | Hdr::DolbyVision { compatibility: 4, .. } => Some("hlg"),
        Hdr::DolbyVision { compatibility: 2, .. } => None,
        Hdr::DolbyVision { .. } => Some("dolby_vision"),
    }
}

#[cfg(test)]
mod tests;
