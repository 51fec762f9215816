//! What a client can play.

use std::cmp::Reverse;

use super::needed_range;
use super::reason::Reason;
use crate::container::Container;
use crate::stream::{Codec, Stream};

/// How a client takes more than a file's own bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HLS with segments of fragmented MP4.
    Hls,
}

/// What a client says of itself. What it does not name, it does not play; a limit that it does not name is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientProfile {
    /// Files that it plays by ranges.
    pub containers: Vec<Container>,
    /// How else it plays.
    pub protocols: Vec<Protocol>,
    /// Pictures it decodes; several entries of one codec widen each other.
    pub video: Vec<VideoSupport>,
    /// Sound it decodes.
    pub audio: Vec<AudioSupport>,
    /// Whether it can choose among the sound tracks of a file.
    pub chooses_audio: bool,
    /// Whether it finds its way in a file that does not tell where its key frames are.
    pub seeks_without_index: bool,
    /// The most it wants to receive, bits per second.
    pub max_bitrate_bps: Option<i64>,
    /// Subtitles that it shows by itself.
    pub subtitles: SubtitleSupport,
}

/// Subtitles that a client shows by itself, in the forms they are given out in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubtitleSupport {
    /// Text, as WebVTT.
    pub text: bool,
    /// Scripts with styles, as ASS.
    pub script: bool,
    /// Small pictures with times and places.
    pub drawn: bool,
}

impl Default for SubtitleSupport {
    /// All: who says nothing of them needs nothing done.
    fn default() -> Self {
        Self { text: true, script: true, drawn: true }
    }
}

/// A codec of pictures, and how far the decoder goes.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoSupport {
    /// The codec.
    pub codec: Codec,
    /// Profiles by FFmpeg's names; empty: all.
    pub profiles: Vec<String>,
    /// The codec's own number: 51 is H.264 5.1, 153 is HEVC 5.1.
    pub max_level: Option<i32>,
    /// Bits per component.
    pub max_bit_depth: u8,
    /// Pixels.
    pub max_width: Option<u32>,
    /// Pixels.
    pub max_height: Option<u32>,
    /// Frames per second.
    pub max_frame_rate: Option<f64>,
    /// `hdr10`, `hlg`, `dolby_vision`: shown rightly.
    pub ranges: Vec<String>,
    /// Whether it shows coded fields as a picture.
    pub is_interlaced: bool,
}

/// A codec of sound, and how far the decoder goes.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioSupport {
    /// The codec.
    pub codec: Codec,
    /// Channels.
    pub max_channels: Option<u16>,
    /// Samples a second.
    pub max_sample_rate: Option<u32>,
}

impl ClientProfile {
    /// Whether it plays sound that is made anew, which is AAC in segments.
    pub fn takes_made_sound(&self) -> bool {
        self.protocols.contains(&Protocol::Hls)
            && self.audio.iter().any(|it| it.codec == Codec::Aac)
    }

    /// Whether it says that it plays sound that is made anew in 5.1; what says nothing gets stereo, mixed by us.
    pub fn takes_made_surround(&self) -> bool {
        let has_speakers = |it: &AudioSupport| it.max_channels.is_some_and(|it| it >= 6);
        self.takes_made_sound()
            && self.audio.iter().any(|it| it.codec == Codec::Aac && has_speakers(it))
    }

    /// Whether it plays pictures that are made anew, which are H.264 in segments.
    pub fn takes_made_pictures(&self) -> bool {
        let is_high =
            |it: &VideoSupport| it.profiles.is_empty() || it.profiles.iter().any(|it| it == "High");
        self.protocols.contains(&Protocol::Hls)
            && self.video.iter().any(|it| it.codec == Codec::H264 && is_high(it))
    }

    /// Why the client cannot show a stream, by the entry that comes nearest.
    pub(super) fn video_reasons(&self, stream: &Stream) -> Vec<Reason> {
        let entries = self.video.iter().filter(|it| it.codec == stream.codec);
        let reasons = entries.map(|it| it.reasons(stream)).min_by_key(Vec::len);
        reasons.unwrap_or_else(|| vec![Reason::VideoCodec(stream.codec.clone())])
    }

    /// Why the client cannot play a sound, by the entry that comes nearest.
    pub(super) fn audio_reasons(&self, stream: &Stream) -> Vec<Reason> {
        let entries = self.audio.iter().filter(|it| it.codec == stream.codec);
        // Of those that come as near, the one that takes the most channels.
        let nearest = entries.min_by_key(|it| {
            (it.reasons(stream).len(), Reverse(it.max_channels.unwrap_or(u16::MAX)))
        });
        let reasons = nearest.map(|it| it.reasons(stream));
        reasons.unwrap_or_else(|| vec![Reason::AudioCodec(stream.codec.clone())])
    }
}

impl AudioSupport {
    /// Why the decoder cannot play a stream of its codec.
    fn reasons(&self, stream: &Stream) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let channels = stream.channels.unwrap_or(2);
        if let Some(limit) = self.max_channels.filter(|it| channels > *it) {
            reasons.push(Reason::AudioChannels { channels, limit });
        }
        if let (Some(rate), Some(limit)) = (stream.sample_rate, self.max_sample_rate)
            && rate > limit
        {
            reasons.push(Reason::AudioSampleRate { rate, limit });
        }
        reasons
    }
}

impl VideoSupport {
    /// Pictures of a codec in eight bits, without any limit.
    pub fn of(codec: Codec) -> Self {
        Self {
            codec,
            profiles: Vec::new(),
            max_level: None,
            max_bit_depth: 8,
            max_width: None,
            max_height: None,
            max_frame_rate: None,
            ranges: Vec::new(),
            is_interlaced: false,
        }
    }

    /// Whether a picture is beyond the sizes. Where both are limited, a picture that stands upright counts as if it lay.
    fn is_too_large(&self, stream: &Stream) -> bool {
        let too_large = |size: Option<u32>, limit: Option<u32>| {
            size.zip(limit).is_some_and(|(size, limit)| size > limit)
        };
        match (self.max_width.zip(self.max_height), stream.width.zip(stream.height)) {
            (Some((wide, high)), Some((width, height))) => {
                width.max(height) > wide.max(high) || width.min(height) > wide.min(high)
            }
            _ => {
                too_large(stream.width, self.max_width) || too_large(stream.height, self.max_height)
            }
        }
    }

    /// Why the decoder cannot show a stream of its codec. What the file does not tell is no reason.
    fn reasons(&self, stream: &Stream) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(profile) = &stream.profile
            && !self.profiles.is_empty()
            && !self.profiles.contains(profile)
        {
            reasons.push(Reason::VideoProfile(profile.clone()));
        }
        if let (Some(level), Some(limit)) = (stream.level, self.max_level)
            && level > limit
        {
            reasons.push(Reason::VideoLevel { level, limit });
        }
        let bit_depth = stream.bit_depth.unwrap_or(8);
        if bit_depth > self.max_bit_depth {
            reasons.push(Reason::VideoBitDepth { bit_depth, limit: self.max_bit_depth });
        }
        let is_sub_sampled =
            |it: &String| it.contains("420") || it.starts_with("gray") || it == "nv12";
        if let Some(format) = stream.pixel_format.as_ref().filter(|it| !is_sub_sampled(it))
            && self.profiles.is_empty()
        {
            reasons.push(Reason::VideoChroma(format.clone()));
        }
        if self.is_too_large(stream) {
            reasons.push(Reason::VideoSize {
                width: stream.width.unwrap_or(0),
                height: stream.height.unwrap_or(0),
            });
        }
        // A hundredth of a frame is a matter of rounding.
        if let (Some(rate), Some(limit)) = (stream.frame_rate, self.max_frame_rate)
            && rate.as_f64() > limit + 0.01
        {
            reasons.push(Reason::VideoFrameRate);
        }
        if let Some(range) = needed_range(stream)
            && !self.ranges.iter().any(|it| it == range)
        {
            reasons.push(Reason::VideoRange(range));
        }
        if stream.interlaced == Some(true) && !self.is_interlaced {
            reasons.push(Reason::VideoInterlaced);
        }
        reasons
    }
}
