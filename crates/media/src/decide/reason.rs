//! Why a file is not played in a cheaper way.

use std::fmt;

use crate::container::Container;
use crate::stream::Codec;

/// Whose limit something exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitOf {
    /// Of the person's account.
    Person,
    /// Of the library that the film is in.
    Library,
    /// Of the server.
    Server,
}

/// One thing that stands in the way. `Display` is a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The client takes no such files.
    Container(Container),
    /// The wanted sound is not the one that a player of the file takes.
    AudioNotFirst,
    /// The file does not tell where its key frames are, and the client would not find them.
    NoIndex,
    /// The client has no decoder.
    VideoCodec(Codec),
    /// The decoder does not go so far.
    VideoProfile(String),
    /// The decoder does not go so far.
    VideoLevel {
        /// Of the file.
        level: i32,
        /// Of the client.
        limit: i32,
    },
    /// The decoder does not go so far.
    VideoBitDepth {
        /// Of the file.
        bit_depth: u8,
        /// Of the client.
        limit: u8,
    },
    /// Colours at a fineness that hardly any decoder takes.
    VideoChroma(String),
    /// The picture is larger than the client takes.
    VideoSize {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// More pictures a second than the client takes.
    VideoFrameRate,
    /// `hdr10`, `hlg` or `dolby_vision` would be shown in wrong colours.
    VideoRange(&'static str),
    /// Fields would be shown as combs.
    VideoInterlaced,
    /// More than the client, or the way to it, takes.
    Bitrate {
        /// Of the file.
        bps: i64,
        /// Of the client.
        limit: i64,
    },
    /// More than somebody's account, or this server, allows.
    BitrateAllowed {
        /// Of the file.
        bps: i64,
        /// What is allowed.
        limit: i64,
        /// Whose limit it is.
        whose: LimitOf,
    },
    /// Pictures of no size are made that stay within the limit; the bits per second of the smallest.
    NothingSmaller(u64),
    /// The client has no decoder.
    AudioCodec(Codec),
    /// More channels than the client takes.
    AudioChannels {
        /// Of the file.
        channels: u16,
        /// Of the client.
        limit: u16,
    },
    /// More samples a second than the client takes.
    AudioSampleRate {
        /// Of the file.
        rate: u32,
        /// Of the client.
        limit: u32,
    },
    /// The client plays whole files only.
    NoProtocol,
    /// Files of this kind are not cut into segments.
    NotCut(Container),
    /// Segments do not carry these pictures.
    VideoNotCopied(Codec),
    /// Segments do not carry this sound.
    AudioNotCopied(Codec),
    /// There is nothing to cut by.
    NoVideo,
    /// This file cannot be cut, though others of its kind can.
    Uncut(String),
    /// Nobody has looked into the file yet.
    Unknown,
    /// The client shows no such subtitle as the chosen one: it is painted into the pictures, all of which are therefore made
    /// anew.
    SubtitlePainted(Codec),
    /// The chosen subtitle is not shown: neither does the client show it, nor could it be painted into the pictures.
    SubtitleNotPainted(String),
    /// The client tried the file itself, and made nothing of it.
    FileGivenUp,
    /// The client tried the film's own pictures, and made nothing of them.
    PicturesGivenUp,
    /// Nobody here can make these pictures anew.
    NotConverted(String),
    /// The server began to make this anew for the client, and could not.
    ConversionFailed,
    /// The server makes nothing anew.
    NoTranscoding,
    /// The person may not have anything made anew.
    NotAllowed,
}

impl Reason {
    /// The stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Container(_) => "container",
            Self::AudioNotFirst => "audio_not_first",
            Self::NoIndex => "no_index",
            Self::VideoCodec(_) => "video_codec",
            Self::VideoProfile(_) => "video_profile",
            Self::VideoLevel { .. } => "video_level",
            Self::VideoBitDepth { .. } => "video_bit_depth",
            Self::VideoChroma(_) => "video_chroma",
            Self::VideoSize { .. } => "video_size",
            Self::VideoFrameRate => "video_frame_rate",
            Self::VideoRange(_) => "video_range",
            Self::VideoInterlaced => "video_interlaced",
            Self::Bitrate { .. } => "bitrate",
            Self::BitrateAllowed { whose: LimitOf::Person, .. } => "bitrate_of_person",
            Self::BitrateAllowed { whose: LimitOf::Library, .. } => "bitrate_of_library",
            Self::BitrateAllowed { whose: LimitOf::Server, .. } => "bitrate_of_server",
            Self::NothingSmaller(_) => "nothing_smaller",
            Self::AudioCodec(_) => "audio_codec",
            Self::AudioChannels { .. } => "audio_channels",
            Self::AudioSampleRate { .. } => "audio_sample_rate",
            Self::NoProtocol => "no_protocol",
            Self::NotCut(_) => "not_cut",
            Self::VideoNotCopied(_) => "video_not_copied",
            Self::AudioNotCopied(_) => "audio_not_copied",
            Self::NoVideo => "no_video",
            Self::Uncut(_) => "uncut",
            Self::Unknown => "unknown",
            Self::SubtitlePainted(_) => "subtitle_painted",
            Self::SubtitleNotPainted(_) => "subtitle_not_painted",
            Self::FileGivenUp => "file_given_up",
            Self::PicturesGivenUp => "pictures_given_up",
            Self::NotConverted(_) => "not_converted",
            Self::ConversionFailed => "conversion_failed",
            Self::NoTranscoding => "no_transcoding",
            Self::NotAllowed => "not_allowed",
        }
    }

    /// Whether nothing can be done about it, neither by copying nor by making anew.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::NoProtocol | Self::NotCut(_) | Self::NoVideo | Self::Unknown)
    }

    /// Whether pictures cannot come in segments, so that only new ones could.
    pub(super) fn is_about_video(&self) -> bool {
        matches!(
            self,
            Self::VideoNotCopied(_) | Self::VideoRange(_) | Self::NotCut(_) | Self::NoProtocol
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(it) => write!(f, "this player does not play {} files", container(it)),
            Self::AudioNotFirst => {
                f.write_str("a player of the file itself would play another sound track")
            }
            Self::NoIndex => f.write_str("this player cannot seek in a file without an index"),
            Self::VideoCodec(it) => write!(f, "this player does not decode {} pictures", codec(it)),
            Self::VideoProfile(it) => write!(f, "this player does not decode the profile {it}"),
            Self::VideoLevel { .. } => {
                f.write_str("the pictures ask more of a decoder than this player's gives")
            }
            Self::VideoBitDepth { bit_depth, limit } => {
                write!(
                    f,
                    "the pictures have {bit_depth} bits a colour, and this player decodes {limit}"
                )
            }
            Self::VideoChroma(it) => {
                write!(f, "this player does not decode colours stored as {it}")
            }
            Self::VideoSize { width, height } => {
                write!(f, "the picture of {width} by {height} is larger than this player takes")
            }
            Self::VideoFrameRate => {
                f.write_str("the film has more pictures a second than this player takes")
            }
            Self::VideoRange(it) => {
                write!(f, "this player would show {} in wrong colours", range(it))
            }
            Self::VideoInterlaced => {
                f.write_str("the film is interlaced, and this player would show combs")
            }
            Self::Bitrate { bps, limit } => {
                let megabits = |it: i64| it as f64 / 1e6;
                write!(
                    f,
                    "the file has {:.1} Mbit/s, and {:.1} are allowed",
                    megabits(*bps),
                    megabits(*limit)
                )
            }
            Self::BitrateAllowed { bps, limit, whose } => {
                let who = match whose {
                    LimitOf::Person => "your account",
                    LimitOf::Library => "its library",
                    LimitOf::Server => "this server",
                };
                let (bps, limit) = (*bps as f64 / 1e6, *limit as f64 / 1e6);
                write!(f, "the file has {bps:.1} Mbit/s, and {who} allows {limit:.1}")
            }
            Self::NothingSmaller(bps) => {
                write!(f, "no pictures are made of less than {:.1} Mbit/s", *bps as f64 / 1e6)
            }
            Self::AudioCodec(it) => write!(f, "this player does not decode {} sound", codec(it)),
            Self::AudioChannels { channels, limit } => {
                write!(f, "the sound has {channels} channels, and this player takes {limit}")
            }
            Self::AudioSampleRate { rate, limit } => {
                write!(f, "the sound has {rate} samples a second, and this player takes {limit}")
            }
            Self::NoProtocol => f.write_str("this player only plays whole files"),
            Self::NotCut(it) => write!(f, "{} files are not cut into segments", container(it)),
            Self::VideoNotCopied(it) => {
                write!(f, "{} pictures are not put into segments", codec(it))
            }
            Self::AudioNotCopied(it) => write!(f, "{} sound is not put into segments", codec(it)),
            Self::NoVideo => f.write_str("the file has no pictures"),
            Self::Uncut(it) => write!(f, "this file cannot be cut into segments: {it}"),
            Self::Unknown => f.write_str("nobody knows yet what is in this file"),
            Self::SubtitlePainted(it) => write!(
                f,
                "this player does not show {} subtitles, so the film is converted with them in its pictures",
                codec(it)
            ),
            Self::SubtitleNotPainted(why) => {
                write!(f, "these subtitles cannot be drawn into the pictures: {why}")
            }
            Self::FileGivenUp => f.write_str("this player could not play the file as it is"),
            Self::PicturesGivenUp => {
                f.write_str("this player could not decode the pictures as they are")
            }
            Self::NotConverted(it) => f.write_str(it),
            Self::ConversionFailed => {
                f.write_str("the server could not convert it; its log has the reason")
            }
            Self::NoTranscoding => f.write_str("this server does not convert while playing"),
            Self::NotAllowed => f.write_str("you may not have films converted"),
        }
    }
}

/// As people call it.
fn container(it: &Container) -> &str {
    match it {
        Container::Matroska => "Matroska",
        Container::Mp4 => "MP4",
        Container::WebM => "WebM",
        Container::Avi => "AVI",
        Container::MpegTs => "MPEG-TS",
        Container::MpegPs => "MPEG program stream",
        Container::Flv => "Flash video",
        Container::Asf => "Windows Media",
        Container::Mov => "QuickTime",
        other => other.as_str(),
    }
}

/// As people call it.
fn codec(it: &Codec) -> &str {
    match it {
        Codec::H264 => "H.264",
        Codec::Hevc => "HEVC",
        Codec::Av1 => "AV1",
        Codec::Vp9 => "VP9",
        Codec::Vp8 => "VP8",
        Codec::Mpeg4 => "MPEG-4 (DivX, Xvid)",
        Codec::Mpeg2Video => "MPEG-2",
        Codec::Vc1 => "VC-1",
        Codec::Aac => "AAC",
        Codec::Ac3 => "Dolby Digital",
        Codec::Eac3 => "Dolby Digital Plus",
        Codec::Dts => "DTS",
        Codec::TrueHd => "Dolby TrueHD",
        Codec::Opus => "Opus",
        Codec::Vorbis => "Vorbis",
        Codec::Flac => "FLAC",
        Codec::Mp3 => "MP3",
        Codec::HdmvPgs => "PGS",
        Codec::DvdSubtitle => "VobSub",
        Codec::Ass => "ASS",
        Codec::Subrip => "SRT",
        Codec::Webvtt => "WebVTT",
        Codec::Other(name) if name == "microdvd" => "MicroDVD",
        Codec::Other(name) if name == "sami" => "SAMI",
        Codec::Other(name) if name == "ttml" => "TTML",
        other => other.as_str(),
    }
}

fn range(it: &str) -> &str {
    match it {
        "hdr10" => "HDR10",
        "hlg" => "HLG",
        _ => "Dolby Vision",
    }
}
