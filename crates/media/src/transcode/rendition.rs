//! What is made, and its name in addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use crate::stream::Stream;

/// What is made of a track. Its name tells all that its bytes depend on beside the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rendition {
    /// AAC in stereo.
    Sound,
    /// AAC in 5.1.
    Surround,
    /// H.264.
    Picture(Picture),
}

/// How pictures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Picture {
    /// How large at the most.
    pub rung: Rung,
    /// What codes them.
    pub encoder: Encoder,
    /// The subtitle that is painted into them, for those who cannot lay it over the film.
    pub burnt: Option<Burnt>,
}

/// A subtitle that is painted into pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Burnt {
    /// The film's own, by the number of its stream.
    Stream(u32),
    /// A file beside the film.
    Beside {
        /// Which.
        file: u128,
        /// Another when its content is another.
        version: u64,
    },
}

/// What codes pictures as H.264.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoder {
    /// x264, trying so hard.
    Software(Effort),
    /// A part of the machine that is made for it.
    Hardware(Hardware),
    /// x264 in the place of hardware that failed. Its parts stand among those of the hardware, so they bring what a decoder
    /// needs with them, as those do.
    Instead(Effort),
}

impl Encoder {
    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Software(_) | Self::Instead(_) => "x264",
            Self::Hardware(it) => it.title(),
        }
    }

    /// Whether every part brings what a decoder needs before it: parts of several encoders may stand behind one beginning.
    pub fn brings_beginning(self) -> bool {
        !matches!(self, Self::Software(_))
    }
}

/// A size of pictures, with what it may cost on the way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// 854 by 480.
    P480,
    /// 1280 by 720.
    P720,
    /// 1920 by 1080.
    P1080,
}

/// How hard the encoder tries, in x264's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// The least.
    Ultrafast,
    /// A little.
    Superfast,
    /// As much as keeps up on a few fast cores.
    Veryfast,
}

/// All rungs, the largest first.
const RUNGS: [Rung; 3] = [Rung::P1080, Rung::P720, Rung::P480];
/// All efforts, the least first.
const EFFORTS: [Effort; 3] = [Effort::Ultrafast, Effort::Superfast, Effort::Veryfast];
/// What stands in a name before the number of a subtitle's stream that is painted into the pictures.
const BURNT: &str = "-s";
/// And before a file's number and version, in as many digits as they have, to the base of sixteen.
const BESIDE: &str = "-t";
const BESIDE_DIGITS: (usize, usize) = (32, 16);
/// What a name ends with that stands in for hardware.
const INSTEAD: &str = "-instead";
/// What sound in stereo is made of, in bits per second.
pub const SOUND_BPS: u64 = 192_000;
/// What sound in 5.1 is made of, in bits per second.
pub const SURROUND_BPS: u64 = 384_000;

impl Rung {
    /// The rungs that are worth making of a stream, the largest first: none larger than it, and always one.
    pub fn of(stream: &Stream) -> Vec<Self> {
        let (width, height) = upright_size(stream);
        let fits = |it: &Rung| it.size().0 >= width && it.size().1 >= height;
        // The smallest that holds all of the picture, or the largest there is.
        let top = RUNGS.into_iter().rev().find(fits).unwrap_or(Rung::P1080);
        RUNGS.into_iter().filter(|it| *it <= top).collect()
    }

    /// Width and height that no picture exceeds.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::P1080 => (1920, 1080),
            Self::P720 => (1280, 720),
            Self::P480 => (854, 480),
        }
    }

    /// Bits per second at the most, over a few seconds.
    pub fn peak_bps(self) -> u64 {
        match self {
            Self::P1080 => 8_000_000,
            Self::P720 => 4_000_000,
            Self::P480 => 1_800_000,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::P1080 => "1080",
            Self::P720 => "720",
            Self::P480 => "480",
        }
    }
}

impl Effort {
    /// What a machine of so many cores keeps up with for a rung: measured with 1080p sources on two cores, a film must be
    /// made half again as fast as it plays.
    pub fn for_cores(rung: Rung, n_cores: usize) -> Self {
        match (rung, n_cores) {
            (Rung::P1080, ..=3) => Self::Ultrafast,
            (Rung::P1080, 4..=7) | (Rung::P720, ..=3) => Self::Superfast,
            _ => Self::Veryfast,
        }
    }

    /// The next one that costs less, where there is one.
    pub fn less(self) -> Option<Self> {
        EFFORTS.into_iter().rev().find(|it| *it < self)
    }

    /// The next one that costs more, where there is one.
    pub fn more(self) -> Option<Self> {
        EFFORTS.into_iter().find(|it| *it > self)
    }

    /// x264's name of it.
    pub fn preset(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
        }
    }
}

impl fmt::Display for Rendition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound => f.write_str("aac"),
            Self::Surround => f.write_str("aac-6"),
            Self::Picture(Picture { rung, encoder, burnt }) => {
                let size = rung.name();
                match encoder {
                    Encoder::Software(effort) => write!(f, "h264-{size}-{}", effort.preset()),
                    Encoder::Hardware(hardware) => write!(f, "h264-{size}-{}", hardware.name()),
                    Encoder::Instead(effort) => {
                        write!(f, "h264-{size}-{}{INSTEAD}", effort.preset())
                    }
                }?;
                match burnt {
                    None => Ok(()),
                    Some(Burnt::Stream(number)) => write!(f, "{BURNT}{number}"),
                    Some(Burnt::Beside { file, version }) => {
                        write!(f, "{BESIDE}{file:032x}{version:016x}")
                    }
                }
            }
        }
    }
}

impl FromStr for Rendition {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "aac" => return Ok(Self::Sound),
            "aac-6" => return Ok(Self::Surround),
            _ => {}
        }
        let (rung, encoder) =
            name.strip_prefix("h264-").and_then(|it| it.split_once('-')).ok_or(())?;
        let rung = RUNGS.into_iter().find(|it| it.name() == rung).ok_or(())?;
        let (encoder, burnt) = read_burnt(encoder);
        let picture = Picture { rung, encoder: read_encoder(encoder).ok_or(())?, burnt };
        // Everything is written in one way.
        if Self::Picture(picture).to_string() == name {
            Ok(Self::Picture(picture))
        } else {
            Err(())
        }
    }
}

/// The name of an encoder, and the subtitle that stands behind it, if any.
fn read_burnt(name: &str) -> (&str, Option<Burnt>) {
    let stream = |it: &str| Some(Burnt::Stream(it.parse().ok()?));
    let beside = |it: &str| {
        let (file, version) = it.split_at_checked(BESIDE_DIGITS.0)?;
        let version =
            u64::from_str_radix(version, 16).ok().filter(|_| version.len() == BESIDE_DIGITS.1)?;
        Some(Burnt::Beside { file: u128::from_str_radix(file, 16).ok()?, version })
    };
    let of = |(encoder, burnt)| (encoder, Some(burnt));
    let numbered = name.rsplit_once(BURNT).and_then(|(it, number)| Some((it, stream(number)?)));
    let named = || name.rsplit_once(BESIDE).and_then(|(it, file)| Some((it, beside(file)?)));
    numbered.or_else(named).map_or((name, None), of)
}

fn read_encoder(name: &str) -> Option<Encoder> {
    if let Some(hardware) = Hardware::named(name) {
        return Some(Encoder::Hardware(hardware));
    }
    let effort = |name: &str| EFFORTS.into_iter().find(|it| it.preset() == name);
    match name.strip_suffix(INSTEAD) {
        Some(name) => effort(name).map(Encoder::Instead),
        None => effort(name).map(Encoder::Software),
    }
}

/// Width and height as shown: with square pixels, and turned upright.
pub(crate) fn upright_size(stream: &Stream) -> (u32, u32) {
    let (width, height) = (stream.width.unwrap_or(0), stream.height.unwrap_or(0));
    let wide = stream.sample_aspect.map_or(u64::from(width), |it| {
        u64::from(width) * u64::from(it.num) / u64::from(it.den.max(1))
    });
    let wide = u32::try_from(wide).unwrap_or(u32::MAX);
    match stream.rotation {
        Some(90 | 270) => (height, wide),
        _ => (wide, height),
    }
}

/// The size of the picture that a rung makes of a stream: as large as fits, never larger than it was, with even sides.
pub(super) fn made_size(stream: &Stream, rung: Rung) -> (u32, u32) {
    let (width, height) = upright_size(stream);
    let (most_width, most_height) = rung.size();
    let (width, height) = (u64::from(width.max(2)), u64::from(height.max(2)));
    let (most_width, most_height) = (u64::from(most_width), u64::from(most_height));
    let (wide, high) = if width <= most_width && height <= most_height {
        (width, height)
    } else if width * most_height >= height * most_width {
        (most_width, height * most_width / width)
    } else {
        (width * most_height / height, most_height)
    };
    let even = |it: u64| (it / 2 * 2).max(2) as u32;
    (even(wide), even(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Codec, Rational, StreamKind};

    fn stream(width: u32, height: u32) -> Stream {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
        (stream.width, stream.height) = (Some(width), Some(height));
        stream
    }

    #[test]
    fn a_name_leads_back_to_its_rendition() {
        let mut all = vec![Rendition::Sound, Rendition::Surround];
        for rung in RUNGS {
            let software = EFFORTS.map(Encoder::Software).into_iter();
            let encoders = software
                .chain(EFFORTS.map(Encoder::Instead))
                .chain(Hardware::ALL.map(Encoder::Hardware));
            all.extend(encoders.flat_map(|encoder| {
                let beside = Burnt::Beside { file: 0xf5, version: u64::MAX };
                [None, Some(Burnt::Stream(0)), Some(Burnt::Stream(13)), Some(beside)]
                    .map(|burnt| Picture { rung, encoder, burnt })
                    .map(Rendition::Picture)
            }));
        }
        for rendition in all {
            assert_eq!(rendition.to_string().parse(), Ok(rendition));
        }
        for name in [
            "",
            "aac-2",
            "h264",
            "h264-1080",
            "h264-2160-veryfast",
            "h264-720-placebo",
            "h264-720-vaapi-instead",
            "h264-720-vaapi-s",
            "h264-720-vaapi-s07",
            "h264-720-s3",
            "h264-720-vaapi-t",
            "h264-720-vaapi-t3",
            "h264-720-vaapi-t000000000000000000000000000000f5ffffffffffffffFF",
            "h264-720-vaapi-t+00000000000000000000000000000f5ffffffffffffffff",
            "../x",
        ] {
            assert_eq!(name.parse::<Rendition>(), Err(()), "{name}");
        }
    }

    #[test]
    fn efforts_are_a_ladder() {
        assert_eq!(Effort::Veryfast.less(), Some(Effort::Superfast));
        assert_eq!(Effort::Superfast.less(), Some(Effort::Ultrafast));
        assert_eq!((Effort::Ultrafast.less(), Effort::Veryfast.more()), (None, None));
        assert_eq!(Effort::Ultrafast.more(), Some(Effort::Superfast));
    }

    #[test]
    fn rungs_are_no_larger_than_the_film_and_never_none() {
        let table: [((u32, u32), &[Rung]); 6] = [
            ((3840, 2160), &[Rung::P1080, Rung::P720, Rung::P480]),
            ((1920, 800), &[Rung::P1080, Rung::P720, Rung::P480]),
            ((1280, 720), &[Rung::P720, Rung::P480]),
            ((720, 576), &[Rung::P720, Rung::P480]),
            ((640, 360), &[Rung::P480]),
            ((0, 0), &[Rung::P480]),
        ];
        for ((width, height), expected) in table {
            assert_eq!(Rung::of(&stream(width, height)), expected, "{width}x{height}");
        }
    }

    #[test]
    fn made_pictures_fit_their_rung_with_square_pixels_and_even_sides() {
        let mut dvd = stream(720, 576);
        dvd.sample_aspect = Some(Rational { num: 64, den: 45 });
        let mut phone = stream(1920, 1080);
        phone.rotation = Some(90);
        let table = [
            (stream(3840, 2160), Rung::P1080, (1920, 1080)),
            (stream(1920, 800), Rung::P720, (1280, 532)),
            (stream(853, 479), Rung::P480, (852, 478)),
            (dvd, Rung::P720, (1024, 576)),
            (phone, Rung::P720, (404, 720)),
            (stream(0, 0), Rung::P480, (2, 2)),
        ];
        for (stream, rung, expected) in table {
            assert_eq!(made_size(&stream, rung), expected, "{stream:?}");
        }
    }
}
