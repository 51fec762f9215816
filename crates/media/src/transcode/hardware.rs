//! Encoders that are a part of the machine: what each is called, what it needs, and a trial that tells whether it works.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::assembly::Assembly;
use super::feed::ORIGIN_S;
use super::message::Call;
use super::parts::Part;
use super::picture::{Shown, call_span};
use super::rendition::{Effort, Encoder, Picture, Rung, made_size};
use super::{Abilities, Answer, Making, Work, args, matroska};
use crate::cmaf::{Piece, Segment};
use crate::matroska::ebml::write_element;
use crate::samples::{SECOND_NS, Track};
use crate::stream::{Codec, Hdr, Rational, Stream, StreamKind};
use crate::subtitles;

/// A kind of hardware that codes H.264.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hardware {
    /// NVIDIA's own.
    Nvenc,
    /// Intel's own.
    Qsv,
    /// What Linux has for Intel's and AMD's.
    Vaapi,
    /// AMD's own.
    Amf,
    /// What Linux has for small boards.
    V4l2,
}

/// A device node that hardware is reached through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// `/dev/dri/renderD*`, by its number.
    Render(u16),
    /// `/dev/nvidia*`.
    Nvidia,
    /// `/dev/video*`.
    Video,
}

/// The trial's film: small, short, and large enough for every encoder.
const TRIAL_SIZE: (u32, u32) = (320, 180);
const TRIAL_FRAMES: i64 = 24;
/// Where the second part of the trial's film begins: a key frame is asked for there.
const TRIAL_SECOND_PART: i64 = 10;
const TRIAL_RATE: i64 = 25;
/// No encoder takes pictures that are smaller than its blocks; NVIDIA's ask for the most, 145 by 49.
const SMALLEST: (u32, u32) = (160, 96);

impl Hardware {
    /// All of them, those that are tried first in front: a maker's own before what serves several.
    pub const ALL: [Self; 5] = [Self::Nvenc, Self::Qsv, Self::Vaapi, Self::Amf, Self::V4l2];

    /// The name in addresses and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nvenc => "nvenc",
            Self::Qsv => "qsv",
            Self::Vaapi => "vaapi",
            Self::Amf => "amf",
            Self::V4l2 => "v4l2",
        }
    }

    /// The hardware of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nvenc => "NVENC",
            Self::Qsv => "Quick Sync",
            Self::Vaapi => "VAAPI",
            Self::Amf => "AMF",
            Self::V4l2 => "V4L2",
        }
    }

    /// What it is reached through, by the number of the machine's render node.
    pub fn node(self, render_node: u16) -> Node {
        match self {
            Self::Nvenc => Node::Nvidia,
            Self::Qsv | Self::Vaapi | Self::Amf => Node::Render(render_node),
            Self::V4l2 => Node::Video,
        }
    }

    /// FFmpeg's name of the encoder.
    pub fn encoder(self) -> &'static str {
        match self {
            Self::Nvenc => "h264_nvenc",
            Self::Qsv => "h264_qsv",
            Self::Vaapi => "h264_vaapi",
            Self::Amf => "h264_amf",
            Self::V4l2 => "h264_v4l2m2m",
        }
    }

    /// Whether it takes pictures that are as large as a rung makes them of a stream.
    pub fn takes(self, stream: &Stream, rung: Rung) -> bool {
        let (width, height) = made_size(stream, rung);
        width >= SMALLEST.0 && height >= SMALLEST.1
    }
}

impl Node {
    /// What a person looks for.
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Render(_) => "/dev/dri/renderD*",
            Self::Nvidia => "/dev/nvidia*",
            Self::Video => "/dev/video*",
        }
    }
}

/// Everything to find out whether an encoder works here: with the words of a real run it codes two short parts of a film
/// that is made up. It works where both parts come out whole.
pub fn trial(hardware: Hardware, abilities: Abilities) -> Work {
    trial_of(Encoder::Hardware(hardware), None, None, abilities)
}

/// The same for the filter that draws text into pictures, with a script in a file of memory.
pub fn trial_of_libass() -> Work {
    let script = subtitles::trial_script();
    trial_of(Encoder::Software(Effort::Ultrafast), None, Some(script), Abilities::NONE)
}

/// The same for the filter that makes ordinary colours of Dolby Vision on a graphics card.
pub fn trial_of_libplacebo() -> Work {
    let abilities = Abilities { has_libplacebo: true, ..Abilities::NONE };
    trial_of(Encoder::Software(Effort::Ultrafast), Some(Hdr::Hdr10), None, abilities)
}

fn trial_of(
    encoder: Encoder,
    hdr: Option<Hdr>,
    script: Option<Vec<u8>>,
    abilities: Abilities,
) -> Work {
    let (width, height) = TRIAL_SIZE;
    let mut stream = Stream::new(0, StreamKind::Video, Codec::Other("rawvideo".to_owned()));
    (stream.width, stream.height) = (Some(width), Some(height));
    stream.frame_rate = Rational::new(TRIAL_RATE as u64, 1);
    stream.hdr = hdr;
    let source = Track {
        stream,
        timescale: 1000,
        config: None,
        frame_ticks: 1000 / TRIAL_RATE,
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    let picture = Picture { rung: Rung::P480, encoder, burnt: None };
    let made = super::picture::track(&source, picture);
    let frame = 1000 / TRIAL_RATE;
    let times: Vec<i64> = (0..TRIAL_FRAMES).map(|it| it * frame).collect();
    let [second_ns, end_ns] = [TRIAL_SECOND_PART, TRIAL_FRAMES].map(|it| made.ns(it * frame));
    let parts = vec![
        Part { number: 0, run: 0, start_ns: 0, end_ns: second_ns },
        Part { number: 1, run: 0, start_ns: second_ns, end_ns },
    ];
    let (span_ns, keys_ns) = call_span(&source, &times, None, 0, &parts);
    let words = super::picture::words(&source, &made, picture, abilities);
    let call = args::Picture {
        format: "matroska",
        timescale: matroska::TIMESCALE,
        span_ns,
        script: script.as_ref().map(|it| super::picture::drawn(&source, 0, it)),
        ..words
    };
    let shown = Shown { times, next: None, film_end_ns: end_ns };
    let assembly = Assembly::new(made, shown, parts, ORIGIN_S, 0)
        .bringing_beginning(encoder.brings_beginning());
    let making = Making(Answer::Picture(Box::new(assembly)));
    let mut feed = trial_feed(hdr.is_some());
    if let Some(script) = script {
        feed.size += script.len() as u64;
        feed.pieces.insert(0, Piece::Made(script));
    }
    Work::new(Call::Picture { picture: call, keys_ns }, feed, making)
}

/// Pictures without coding, each a little brighter than the one before.
fn trial_feed(is_high_range: bool) -> Segment {
    const NUMBER: u32 = 0xd7;
    const KIND: u32 = 0x83;
    const CODEC: u32 = 0x86;
    const VIDEO: u32 = 0xe0;
    const WIDTH: u32 = 0xb0;
    const HEIGHT: u32 = 0xba;
    const COLOR_SPACE: u32 = 0x2e_b524;
    let (width, height) = TRIAL_SIZE;
    let mut video = Vec::new();
    write_element(&mut video, WIDTH, &width.to_be_bytes());
    write_element(&mut video, HEIGHT, &height.to_be_bytes());
    write_element(&mut video, COLOR_SPACE, b"I420");
    if is_high_range {
        // BT.2020 and PQ, by the numbers that all codecs have for them.
        const COLOR: u32 = 0x55b0;
        let mut color = Vec::new();
        for (id, value) in [(0x55b1_u32, 9_u8), (0x55ba, 16), (0x55bb, 9), (0x55b9, 1)] {
            write_element(&mut color, id, &[value]);
        }
        write_element(&mut video, COLOR, &color);
    }
    let mut entry = Vec::new();
    write_element(&mut entry, NUMBER, &[1]);
    write_element(&mut entry, KIND, &[1]);
    write_element(&mut entry, CODEC, b"V_UNCOMPRESSED");
    write_element(&mut entry, VIDEO, &video);
    let mut head = matroska::head(&[entry]);
    let n_pixels = width as usize * height as usize;
    let mut feed = Segment { size: 0, pieces: Vec::new() };
    for number in 0..TRIAL_FRAMES {
        let us = (ORIGIN_S * SECOND_NS + number * SECOND_NS / TRIAL_RATE) / 1000;
        matroska::block_head(&mut head, 1, us as u64, true, n_pixels as u64 * 3 / 2);
        head.resize(head.len() + n_pixels, 40 + number as u8 * 4);
        head.resize(head.len() + n_pixels / 2, 128);
        feed.size += head.len() as u64;
        feed.pieces.push(Piece::Made(std::mem::take(&mut head)));
    }
    feed
}

/// What an encoder is told beside what all are told, by its kind.
pub(super) fn words(hardware: Hardware, peak_bps: u64, level: i32) -> Vec<String> {
    // On average half of the peak, as playlists promise.
    let (average, peak, buffer) = (peak_bps / 2, peak_bps, peak_bps * 2);
    let rates = format!("-b:v {average} -maxrate {peak} -bufsize {buffer}");
    let own = match hardware {
        Hardware::Nvenc => "-preset p4 -rc vbr -delay 0 -forced-idr 1 -no-scenecut 1",
        Hardware::Qsv => "-preset veryfast -async_depth 2 -look_ahead 0 -forced_idr 1",
        // Whatever is asked to be a key frame is one.
        Hardware::Vaapi => "-async_depth 2",
        Hardware::Amf => "-usage transcoding -quality balanced -rc vbr_peak -forced_idr 1",
        Hardware::V4l2 => "-num_capture_buffers 16",
    };
    let all = format!("{} -profile:v high -level {level} {own} {rates}", hardware.encoder());
    all.split(' ').map(str::to_owned).collect()
}

/// What opens the device, in front of the input.
pub(super) fn opening(hardware: Hardware, render_node: u16) -> Vec<OsString> {
    let option = match hardware {
        Hardware::Vaapi => "-vaapi_device",
        Hardware::Qsv => "-qsv_device",
        Hardware::Nvenc | Hardware::Amf | Hardware::V4l2 => return Vec::new(),
    };
    vec![option.into(), format!("/dev/dri/renderD{render_node}").into()]
}
