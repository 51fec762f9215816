//! One stream of a file, and the words that describe it.

use serde::{Deserialize, Serialize};

use crate::container::named;
use crate::probe::Attachment;

/// Whether a field says nothing, so that what is kept leaves it out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Moving pictures. Covers are not streams; see [`Probe::cover`](crate::Probe::cover).
    Video,
    /// Sound.
    Audio,
    /// Text or pictures shown over the video.
    Subtitle,
    /// A file carried along, mostly a font; details in [`Probe::attachments`](crate::Probe::attachments).
    Attachment,
    /// Anything else: time codes, chapter titles, telemetry.
    Data,
}

named! {
    /// A codec by the short name that FFmpeg gives it.
    pub enum Codec {
        /// H.264, AVC.
        H264 = "h264",
        /// H.265, HEVC.
        Hevc = "hevc",
        /// AOMedia AV1.
        Av1 = "av1",
        /// Google VP9.
        Vp9 = "vp9",
        /// Google VP8.
        Vp8 = "vp8",
        /// MPEG-4 part 2 (DivX, Xvid).
        Mpeg4 = "mpeg4",
        /// MPEG-2 video (DVD, broadcast).
        Mpeg2Video = "mpeg2video",
        /// MPEG-1 video.
        Mpeg1Video = "mpeg1video",
        /// SMPTE VC-1.
        Vc1 = "vc1",
        /// Xiph Theora.
        Theora = "theora",
        /// Apple ProRes.
        ProRes = "prores",
        /// Motion JPEG.
        Mjpeg = "mjpeg",
        /// Advanced Audio Coding, every profile.
        Aac = "aac",
        /// Dolby Digital.
        Ac3 = "ac3",
        /// Dolby Digital Plus.
        Eac3 = "eac3",
        /// DTS, every extension.
        Dts = "dts",
        /// Dolby TrueHD.
        TrueHd = "truehd",
        /// Opus.
        Opus = "opus",
        /// Vorbis.
        Vorbis = "vorbis",
        /// Free Lossless Audio Codec.
        Flac = "flac",
        /// Apple Lossless.
        Alac = "alac",
        /// MPEG audio layer 3.
        Mp3 = "mp3",
        /// MPEG audio layer 2.
        Mp2 = "mp2",
        /// Linear PCM, unsigned 8 bit.
        PcmU8 = "pcm_u8",
        /// Linear PCM, signed 16 bit, little endian.
        PcmS16le = "pcm_s16le",
        /// Linear PCM, signed 24 bit, little endian.
        PcmS24le = "pcm_s24le",
        /// Linear PCM, signed 32 bit, little endian.
        PcmS32le = "pcm_s32le",
        /// Linear PCM, 32 bit floating point, little endian.
        PcmF32le = "pcm_f32le",
        /// Linear PCM, signed 16 bit, big endian.
        PcmS16be = "pcm_s16be",
        /// Linear PCM, signed 24 bit, big endian.
        PcmS24be = "pcm_s24be",
        /// SRT.
        Subrip = "subrip",
        /// Advanced SubStation Alpha, and SSA.
        Ass = "ass",
        /// WebVTT.
        Webvtt = "webvtt",
        /// MPEG-4 timed text (tx3g).
        MovText = "mov_text",
        /// Blu-ray pictures.
        HdmvPgs = "hdmv_pgs_subtitle",
        /// DVD pictures (VobSub).
        DvdSubtitle = "dvd_subtitle",
        /// DVB pictures.
        DvbSubtitle = "dvb_subtitle",
    }
}

impl Codec {
    /// Whether samples are stored as they are, in whatever width.
    pub fn is_pcm(&self) -> bool {
        self.as_str().starts_with("pcm_")
    }

    /// Whether a subtitle in this codec is text, so that it can be turned into WebVTT.
    pub fn is_text_subtitle(&self) -> bool {
        matches!(self, Self::Subrip | Self::Ass | Self::Webvtt | Self::MovText)
    }

    /// Whether a subtitle in this codec is pictures that can be drawn over a film.
    pub fn is_drawn_subtitle(&self) -> bool {
        matches!(self, Self::HdmvPgs | Self::DvdSubtitle)
    }
}

/// A fraction, such as a frame rate of 24000/1001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rational {
    /// Numerator.
    pub num: u32,
    /// Denominator, never 0.
    pub den: u32,
}

impl Rational {
    /// The fraction in lowest terms, or the nearest that fits; `None` when either side is 0.
    pub fn new(num: u64, den: u64) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(num, den);
        let (num, den) = (num / divisor, den / divisor);
        let excess = 32_u32.saturating_sub((num | den).leading_zeros());
        let (num, den) = ((num >> excess) as u32, (den >> excess) as u32);
        (num > 0 && den > 0).then_some(Self { num, den })
    }

    /// The value as a floating point number.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// How colours are coded, by FFmpeg's names for the code points of ISO/IEC 23091-2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Color {
    /// For example `bt709`, `bt2020`.
    #[serde(skip_serializing_if = "is_default")]
    pub primaries: Option<String>,
    /// For example `bt709`, `smpte2084` (PQ), `arib-std-b67` (HLG).
    #[serde(skip_serializing_if = "is_default")]
    pub transfer: Option<String>,
    /// For example `bt709`, `bt2020nc`.
    #[serde(skip_serializing_if = "is_default")]
    pub matrix: Option<String>,
    /// `tv` (limited) or `pc` (full).
    #[serde(skip_serializing_if = "is_default")]
    pub range: Option<String>,
}

/// High dynamic range, when a stream has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Hdr {
    /// PQ transfer with at most static metadata.
    Hdr10,
    /// PQ transfer with dynamic metadata of SMPTE ST 2094-40.
    Hdr10Plus,
    /// Hybrid log-gamma.
    Hlg,
    /// Dolby Vision.
    DolbyVision {
        /// Profile, for example 5, 7 or 8.
        profile: u8,
        /// Level, 1 to 13.
        level: u8,
        /// What a player without Dolby Vision sees: 0 nothing right, 1 HDR10, 2 SDR, 4 HLG, 6 Blu-ray HDR10.
        compatibility: u8,
        /// Whether a second layer refines the picture, as on discs (profile 7).
        #[serde(default)]
        has_enhancement_layer: bool,
    },
}

impl Hdr {
    /// The kind by its stable name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hdr10 => "hdr10",
            Self::Hdr10Plus => "hdr10_plus",
            Self::Hlg => "hlg",
            Self::DolbyVision { .. } => "dolby_vision",
        }
    }
}

/// What the picture was graded on, and how bright it gets (SMPTE ST 2086, CTA-861.3). What is not stated is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mastering {
    /// Where red, green, blue and white of the display lay: x and y of CIE 1931, in units of 0.00002.
    pub chromaticities: Option<[[u16; 2]; 4]>,
    /// The brightest the display could show, in units of 0.0001 candela per square meter.
    pub max_luminance: Option<u32>,
    /// The darkest, in the same unit.
    pub min_luminance: Option<u32>,
    /// The brightest pixel of the film, in candela per square meter.
    pub max_cll: Option<u16>,
    /// The brightest average of a frame, in candela per square meter.
    pub max_fall: Option<u16>,
}

/// Sound that is more than channels: objects with a place in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectAudio {
    /// Dolby Atmos, over Dolby Digital Plus or TrueHD.
    Atmos,
    /// DTS:X, its IMAX variant included.
    DtsX,
}

/// What the maker of the file says a stream is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// To be chosen when the person chose nothing.
    #[serde(skip_serializing_if = "is_default")]
    pub default: bool,
    /// To be shown even when the person wants no subtitles.
    #[serde(skip_serializing_if = "is_default")]
    pub forced: bool,
    /// For people who hear badly (SDH, closed captions).
    #[serde(skip_serializing_if = "is_default")]
    pub hearing_impaired: bool,
    /// Audio description for people who see badly.
    #[serde(skip_serializing_if = "is_default")]
    pub visual_impaired: bool,
    /// The makers talk about the film.
    #[serde(skip_serializing_if = "is_default")]
    pub commentary: bool,
    /// In the language the film was made in.
    #[serde(skip_serializing_if = "is_default")]
    pub original: bool,
}

/// One stream of a file. What is not known, or does not apply, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Position among all streams, numbered as FFmpeg does (`-map 0:index`).
    pub index: u32,
    /// What it carries.
    pub kind: StreamKind,
    /// The codec.
    pub codec: Codec,
    /// The codec with its parameters by RFC 6381, as `canPlayType` wants it: `avc1.640028`.
    #[serde(skip_serializing_if = "is_default")]
    pub codec_string: Option<String>,
    /// Profile by FFmpeg's name: `High`, `Main 10`, `LC`.
    #[serde(skip_serializing_if = "is_default")]
    pub profile: Option<String>,
    /// Level as the codec's own number: 40 is H.264 4.0, 120 is HEVC 4.0, 8 is AV1 4.0.
    #[serde(skip_serializing_if = "is_default")]
    pub level: Option<i32>,
    /// Width in pixels, before [`Self::sample_aspect`] is applied.
    #[serde(skip_serializing_if = "is_default")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "is_default")]
    pub height: Option<u32>,
    /// Width of a pixel by its height; `None` when square or unknown.
    #[serde(skip_serializing_if = "is_default")]
    pub sample_aspect: Option<Rational>,
    /// Width of the picture by its height, as shown.
    #[serde(skip_serializing_if = "is_default")]
    pub display_aspect: Option<Rational>,
    /// Bits per component (video) or per sample (lossless audio).
    #[serde(skip_serializing_if = "is_default")]
    pub bit_depth: Option<u8>,
    /// FFmpeg's name: `yuv420p`, `yuv420p10le`.
    #[serde(skip_serializing_if = "is_default")]
    pub pixel_format: Option<String>,
    /// Frames per second, the average.
    #[serde(skip_serializing_if = "is_default")]
    pub frame_rate: Option<Rational>,
    /// Whether frames last differently long. Known only where the file lists or states durations.
    #[serde(default, skip_serializing_if = "is_default")]
    pub variable_frame_rate: Option<bool>,
    /// Whether fields are coded rather than frames.
    #[serde(skip_serializing_if = "is_default")]
    pub interlaced: Option<bool>,
    /// Which field of an interlaced picture is the earlier one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub top_field_first: Option<bool>,
    /// Degrees clockwise (90, 180, 270) by which a player turns the picture; `None` when upright.
    #[serde(skip_serializing_if = "is_default")]
    pub rotation: Option<u16>,
    /// How colours are coded.
    #[serde(default, skip_serializing_if = "is_default")]
    pub color: Color,
    /// High dynamic range.
    #[serde(skip_serializing_if = "is_default")]
    pub hdr: Option<Hdr>,
    /// Whether frames carry metadata of HDR10+, alone or beside Dolby Vision.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_hdr10_plus: bool,
    /// What the picture was graded on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mastering: Option<Mastering>,
    /// Number of audio channels.
    #[serde(skip_serializing_if = "is_default")]
    pub channels: Option<u16>,
    /// FFmpeg's name: `stereo`, `5.1`, `5.1(side)`.
    #[serde(skip_serializing_if = "is_default")]
    pub channel_layout: Option<String>,
    /// Objects beside the channels.
    #[serde(default, skip_serializing_if = "is_default")]
    pub object_audio: Option<ObjectAudio>,
    /// Samples per second, in Hz.
    #[serde(skip_serializing_if = "is_default")]
    pub sample_rate: Option<u32>,
    /// BCP 47, for example `de` or `pt-BR`; `None` when undetermined.
    #[serde(skip_serializing_if = "is_default")]
    pub language: Option<String>,
    /// The name its maker gave it.
    #[serde(skip_serializing_if = "is_default")]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: Flags,
    /// Average bits per second, when the file states it.
    #[serde(skip_serializing_if = "is_default")]
    pub bitrate: Option<i64>,
    /// Number of frames, when the file states it.
    #[serde(skip_serializing_if = "is_default")]
    pub n_frames: Option<i64>,
    /// Of an attachment: where it lies in the file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attachment: Option<Attachment>,
}

impl Stream {
    pub(crate) fn new(index: u32, kind: StreamKind, codec: Codec) -> Self {
        Self {
            index,
            kind,
            codec,
            codec_string: None,
            profile: None,
            level: None,
            width: None,
            height: None,
            sample_aspect: None,
            display_aspect: None,
            bit_depth: None,
            pixel_format: None,
            frame_rate: None,
            variable_frame_rate: None,
            interlaced: None,
            top_field_first: None,
            rotation: None,
            color: Color::default(),
            hdr: None,
            has_hdr10_plus: false,
            mastering: None,
            channels: None,
            channel_layout: None,
            object_audio: None,
            sample_rate: None,
            language: None,
            title: None,
            flags: Flags::default(),
            bitrate: None,
            n_frames: None,
            attachment: None,
        }
    }

    /// Derives what follows from other fields, once all that the file says is known.
    pub(crate) fn complete(&mut self) {
        self.sample_aspect = self.sample_aspect.filter(|it| it.num != it.den);
        if let (StreamKind::Video, Some(width), Some(height)) = (self.kind, self.width, self.height)
        {
            let sample = self.sample_aspect.unwrap_or(Rational { num: 1, den: 1 });
            let wide = u64::from(width).saturating_mul(sample.num.into());
            let high = u64::from(height).saturating_mul(sample.den.into());
            self.display_aspect = Rational::new(wide, high);
        }
        // These know no fields, and always say so only implicitly.
        if matches!(self.codec, Codec::Vp8 | Codec::Vp9 | Codec::Av1) {
            self.interlaced = Some(false);
        }
        if let Some(width) = self.codec.as_str().strip_prefix("pcm_") {
            self.bit_depth =
                width.trim_matches(|it: char| !it.is_ascii_digit()).parse().ok().or(self.bit_depth);
        }
        if self.hdr.is_none() {
            self.hdr = match self.color.transfer.as_deref() {
                Some("smpte2084") if self.has_hdr10_plus => Some(Hdr::Hdr10Plus),
                Some("smpte2084") => Some(Hdr::Hdr10),
                Some("arib-std-b67") => Some(Hdr::Hlg),
                _ => None,
            };
        }
        self.object_audio = match self.profile.as_deref() {
            Some(profile) if profile.ends_with("Dolby Atmos") => Some(ObjectAudio::Atmos),
            Some(profile) if profile.contains("DTS:X") => Some(ObjectAudio::DtsX),
            _ => None,
        };
        if self.channel_layout.is_none() && self.kind == StreamKind::Audio {
            self.channel_layout =
                self.channels.and_then(|it| default_layout(it, &self.codec)).map(str::to_owned);
        }
    }
}

/// The layout that a bare number of channels stands for.
fn default_layout(channels: u16, codec: &Codec) -> Option<&'static str> {
    // The Dolby and DTS bit streams code their surrounds as side channels.
    let side = matches!(codec, Codec::Ac3 | Codec::Eac3 | Codec::Dts | Codec::TrueHd);
    Some(match channels {
        1 => "mono",
        2 => "stereo",
        3 if side => "3.0",
        3 => "2.1",
        4 => "4.0",
        5 if side => "5.0(side)",
        5 => "5.0",
        6 if side => "5.1(side)",
        6 => "5.1",
        7 => "6.1",
        8 => "7.1",
        _ => return None,
    })
}

/// The stream that is the film: of several, the one that is chosen by default. Single JPEG pictures are covers, and a row of
/// them a film only where there is no other.
pub(crate) fn main_video(streams: &[Stream]) -> Option<&Stream> {
    let videos = |is_jpeg: bool| {
        let is_it = move |it: &&Stream| {
            it.kind == StreamKind::Video && (it.codec == Codec::Mjpeg) == is_jpeg
        };
        streams.iter().filter(is_it)
    };
    let is_row = |it: &&Stream| it.frame_rate.is_some() && it.n_frames.is_none_or(|it| it > 1);
    let chosen = videos(false).find(|it| it.flags.default);
    chosen.or_else(|| videos(false).next()).or_else(|| videos(true).find(is_row))
}
