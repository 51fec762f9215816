//! What a client says of itself, as it travels.

use kernel::Error;
use media::decide::{
    AudioSupport, ClientProfile, Protocol, SubtitleSupport, VideoSupport, jellyfin, known_client,
};
use media::{Codec, Container};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a client can play. What it does not name, it does not play; a limit that it does not name is none.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClientProfile)]
pub struct ProfileBody {
    /// Files that it plays by ranges: `mp4`, `webm`, `matroska`, `mov`, ...
    pub containers: Vec<String>,
    /// How else it plays.
    #[serde(default)]
    pub protocols: Vec<ProtocolBody>,
    /// Pictures it decodes; several entries of one codec widen each other.
    pub video: Vec<VideoSupportBody>,
    /// Sound it decodes.
    pub audio: Vec<AudioSupportBody>,
    /// Whether it can choose among the sound tracks of a file.
    #[serde(default)]
    pub chooses_audio: bool,
    /// Whether it finds its way in a file that does not tell where its key frames are.
    #[serde(default)]
    pub seeks_without_index: bool,
    /// The most it wants to receive, in bits per second.
    pub max_bitrate_bps: Option<i64>,
    /// Forms of subtitles that it shows by itself; left out: all. Those that it shows in no form are painted into the film
    /// when they are chosen: pictures, and text where this server's FFmpeg draws it.
    pub subtitles: Option<Vec<SubtitleFormBody>>,
}

/// A form that subtitles are given out in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = SubtitleForm)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleFormBody {
    /// Text, as WebVTT.
    Webvtt,
    /// Scripts with styles.
    Ass,
    /// Small pictures with times and places.
    Drawn,
}

/// A way to stream.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = StreamingProtocol)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolBody {
    /// HLS with segments of fragmented MP4.
    Hls,
}

/// A codec of pictures, and how far the decoder goes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VideoSupport)]
pub struct VideoSupportBody {
    /// In FFmpeg's words: `h264`, `hevc`, `av1`, `vp9`.
    pub codec: String,
    /// In FFmpeg's words: `High`, `Main 10`; empty: all.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// The codec's own number: 51 is H.264 5.1, 153 is HEVC 5.1.
    pub max_level: Option<i32>,
    /// Bits a colour.
    pub max_bit_depth: Option<u8>,
    /// Pixels.
    pub max_width: Option<u32>,
    /// Pixels.
    pub max_height: Option<u32>,
    /// Pictures a second.
    pub max_frame_rate: Option<f64>,
    /// `hdr10`, `hlg`, `dolby_vision`: shown in right colours.
    #[serde(default)]
    pub ranges: Vec<String>,
    /// Whether interlaced pictures may come as they are.
    #[serde(default)]
    pub is_interlaced: bool,
}

/// A codec of sound, and how far the decoder goes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AudioSupport)]
pub struct AudioSupportBody {
    /// In FFmpeg's words: `aac`, `eac3`, `opus`.
    pub codec: String,
    /// Channels.
    pub max_channels: Option<u16>,
    /// Samples a second.
    pub max_sample_rate: Option<u32>,
}

/// What a client plays, from what it sent: in our words, in Jellyfin's, or by its name. None: anything.
pub(super) fn client_profile(
    own: Option<ProfileBody>,
    jellyfin: Option<&Value>,
    name: Option<&str>,
) -> Result<Option<ClientProfile>, Error> {
    match (own, jellyfin) {
        (Some(_), Some(_)) => {
            Err(Error::invalid("device_profile", "send either `profile` or `device_profile`"))
        }
        (Some(own), None) => Ok(Some(own.into())),
        (None, Some(profile)) => {
            let refused = |it: jellyfin::Refused| {
                let dot = if it.place.is_empty() { "" } else { "." };
                Error::invalid(format!("device_profile{dot}{}", it.place), it.why)
            };
            jellyfin::translate(profile).map(Some).map_err(refused)
        }
        (None, None) => Ok(name.and_then(known_client).cloned()),
    }
}

impl From<ProfileBody> for ClientProfile {
    fn from(body: ProfileBody) -> Self {
        let ProfileBody {
            containers,
            protocols,
            video,
            audio,
            chooses_audio,
            seeks_without_index,
            max_bitrate_bps,
            subtitles,
        } = body;
        let shows = |it| subtitles.as_ref().is_none_or(|all| all.contains(&it));
        let subtitles = SubtitleSupport {
            text: shows(SubtitleFormBody::Webvtt),
            script: shows(SubtitleFormBody::Ass),
            drawn: shows(SubtitleFormBody::Drawn),
        };
        Self {
            containers: containers.into_iter().map(Container::from).collect(),
            protocols: protocols.into_iter().map(|ProtocolBody::Hls| Protocol::Hls).collect(),
            video: video.into_iter().map(VideoSupport::from).collect(),
            audio: audio
                .into_iter()
                .map(|AudioSupportBody { codec, max_channels, max_sample_rate }| AudioSupport {
                    codec: Codec::from(codec),
                    max_channels,
                    max_sample_rate,
                })
                .collect(),
            chooses_audio,
            seeks_without_index,
            max_bitrate_bps,
            subtitles,
        }
    }
}

impl From<VideoSupportBody> for VideoSupport {
    fn from(body: VideoSupportBody) -> Self {
        let VideoSupportBody {
            codec,
            profiles,
            max_level,
            max_bit_depth,
            max_width,
            max_height,
            max_frame_rate,
            ranges,
            is_interlaced,
        } = body;
        Self {
            codec: Codec::from(codec),
            profiles,
            max_level,
            max_bit_depth: max_bit_depth.unwrap_or(8),
            max_width,
            max_height,
            max_frame_rate,
            ranges,
            is_interlaced,
        }
    }
}
