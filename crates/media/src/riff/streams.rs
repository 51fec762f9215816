//! One stream of an AVI file: its header, its format, its name and its shape.

use super::chunks::{Chunks, u16_at, u32_at};
use crate::codec::riff::{layout, of_fourcc, of_wave};
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::stream::{Codec, Rational, Stream, StreamKind};
use crate::subtitles;

/// Length of a BITMAPINFOHEADER; the codec's own description follows.
const BITMAP_HEADER_BYTES: usize = 40;
/// Length of a WAVEFORMATEX.
const WAVE_HEADER_BYTES: usize = 18;

/// What else is known of a stream.
pub(super) struct Track {
    pub index: u32,
    pub duration_ms: Option<i64>,
    /// Frames, or blocks of sound, by the header.
    pub n_units: u64,
    /// Whether an index of OpenDML stands in the header.
    pub has_index: bool,
    /// Whether its first frame tells more than the headers.
    pub wants_frame: bool,
    /// A unit lasts `scale / rate` seconds.
    scale: u32,
    rate: u32,
}

impl Track {
    /// Sets how many units there are, and so how long they play.
    pub fn set_length(&mut self, n_units: u64) {
        self.n_units = n_units;
        if self.rate > 0 {
            let ms = u128::from(n_units) * u128::from(self.scale) * 1000 / u128::from(self.rate);
            self.duration_ms = i64::try_from(ms).ok().filter(|it| *it > 0);
        }
    }
}

/// Reads the body of a `strl` list.
pub(super) fn read(index: u32, body: &[u8]) -> (Track, Stream) {
    let find = |kind: &[u8; 4]| Chunks(body).find(|it| it.kind == *kind).map(|it| it.body);
    let header = find(b"strh").unwrap_or_default();
    let format = find(b"strf").unwrap_or_default();
    let kind = match header.get(..4) {
        Some(b"vids" | b"iavs") => StreamKind::Video,
        Some(b"auds") => StreamKind::Audio,
        Some(b"txts") => StreamKind::Subtitle,
        _ => StreamKind::Data,
    };
    let mut track = Track {
        index,
        duration_ms: None,
        n_units: 0,
        has_index: find(b"indx").is_some(),
        wants_frame: false,
        scale: u32_at(header, 20).unwrap_or(0),
        rate: u32_at(header, 24).unwrap_or(0),
    };
    track.set_length(u32_at(header, 32).unwrap_or(0).into());
    let mut stream = Stream::new(index, kind, Codec::Other("unknown".to_owned()));
    match kind {
        StreamKind::Video => {
            stream.frame_rate = Rational::new(track.rate.into(), track.scale.into());
            stream.n_frames = i64::try_from(track.n_units).ok().filter(|it| *it > 0);
            read_picture(&mut stream, header, format);
            if let Some(shape) = find(b"vprp") {
                read_shape(&mut stream, shape);
            }
        }
        StreamKind::Audio => read_sound(&mut stream, format),
        StreamKind::Subtitle => stream.codec = Codec::Subrip,
        _ => {}
    }
    let name = find(b"strn").map(|it| subtitles::decode(it, None));
    let name = name.map(|it| it.trim_matches(['\0', ' ']).to_owned());
    stream.title = name.filter(|it| !it.is_empty());
    track.wants_frame = wants_frame(&stream);
    (track, stream)
}

/// Whether the headers left something open that the beginning of the stream tells.
fn wants_frame(stream: &Stream) -> bool {
    match &stream.codec {
        Codec::H264 | Codec::Hevc | Codec::Mpeg2Video => stream.profile.is_none(),
        // Its shape and its profile stand in headers that few writers repeat in the description.
        Codec::Mpeg4 => stream.profile.is_none() || stream.sample_aspect.is_none(),
        other => matches!(
            other,
            Codec::Vc1
                | Codec::Mpeg1Video
                | Codec::Mjpeg
                | Codec::Ac3
                | Codec::Eac3
                | Codec::Dts
                | Codec::Mp2
                | Codec::Mp3
        ),
    }
}

/// Fills a stream of pictures from its BITMAPINFOHEADER; `header` is that of AVI, where there is one.
pub(crate) fn read_picture(stream: &mut Stream, header: &[u8], format: &[u8]) {
    let handler = header.get(4..8).unwrap_or_default();
    let compression = format.get(16..20).unwrap_or(handler);
    stream.codec = of_fourcc(compression);
    let side = |at: usize| u32_at(format, at).map(|it| (it as i32).unsigned_abs());
    // A negative height turns the order of lines, not the picture.
    (stream.width, stream.height) = (side(4).filter(|it| *it > 0), side(8).filter(|it| *it > 0));
    if let Some(config) = format.get(BITMAP_HEADER_BYTES..).filter(|it| !it.is_empty()) {
        codec::describe(stream, "avc1", &config[..config.len().min(FRAME_HEAD_BYTES as usize)]);
    }
}

/// Shape of the picture as shown, and how many fields a frame has.
fn read_shape(stream: &mut Stream, body: &[u8]) {
    let (Some(high), Some(wide)) = (u16_at(body, 20), u16_at(body, 22)) else { return };
    if let (Some(width), Some(height)) = (stream.width, stream.height)
        && stream.sample_aspect.is_none()
    {
        let (num, den) = (u64::from(wide) * u64::from(height), u64::from(high) * u64::from(width));
        stream.sample_aspect = Rational::new(num, den);
    }
    if u32_at(body, 32) == Some(2) && stream.interlaced.is_none() {
        stream.interlaced = Some(true);
    }
}

/// Fills a stream of sound from its WAVEFORMATEX.
pub(crate) fn read_sound(stream: &mut Stream, format: &[u8]) {
    stream.codec = of_wave(format);
    stream.channels = u16_at(format, 2).filter(|it| *it > 0);
    stream.sample_rate = u32_at(format, 4).filter(|it| *it > 0);
    // For sound of variable rate this is an average, as for every other.
    stream.bitrate = u32_at(format, 8).map(|it| i64::from(it) * 8).filter(|it| *it > 0);
    let is_extensible = u16_at(format, 0) == Some(0xfffe);
    if is_extensible {
        let mask = u32_at(format, 20).unwrap_or(0);
        stream.channel_layout = layout(mask).map(str::to_owned);
    } else if let Some(config) = format.get(WAVE_HEADER_BYTES..).filter(|it| !it.is_empty())
        && stream.codec == Codec::Aac
    {
        codec::describe(stream, "mp4a", config);
    }
}
