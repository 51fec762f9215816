//! What another machine is told so that its FFmpeg makes a run: numbers and names of ours, of which it builds the arguments
//! itself. Nobody can bring it to start FFmpeg with others.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use super::args::ToneMap;
use super::rendition::Encoder;
use super::{MAKING, args};
use crate::subtitles::MAX_WRITTEN_BYTES;

/// Key frames that are asked for in a run; a segment has no more parts.
const MAX_KEYS: usize = 300;
/// Sides of a picture, in pixels.
const MAX_SIDE: u32 = 4096;
/// Bits per second of pictures or sound.
const MAX_BPS: u64 = 100_000_000;
/// Moments and lengths: a week, in nanoseconds.
const MAX_NS: i64 = 7 * 24 * 3600 * 1_000_000_000;
/// Samples of sound in a run: an hour at 48 kHz.
const MAX_SAMPLES: i64 = 3600 * 48_000;

/// What one call of FFmpeg is to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Call {
    /// A segment of sound.
    Sound(args::Sound),
    /// A run of pictures.
    Picture {
        /// What all of it is made with.
        picture: args::Picture,
        /// From when on key frames are asked for beside the first, as the feed's times are.
        keys_ns: Vec<i64>,
    },
}

/// A call of FFmpeg as one machine tells it another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// [`MAKING`] of who ordered.
    making: u32,
    /// Tells apart programs that make other arguments of the same call.
    words: u64,
    call: Call,
}

/// What is known of any order, of other versions too.
#[derive(Deserialize)]
struct Version {
    making: u32,
}

/// Why an order is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// It is none.
    #[error("this is no order: {0}")]
    Malformed(String),
    /// Who ordered makes something else of the same order.
    #[error("the order is of another version of Revenge")]
    Version,
    /// A number in it is none that we would order.
    #[error("{0} is out of bounds")]
    Bounds(&'static str),
}

impl Order {
    pub(super) fn new(call: Call) -> Self {
        Self { making: MAKING, words: fingerprint(&call.args()), call }
    }

    /// Reads and checks an order.
    pub fn read(json: &[u8]) -> Result<Self, OrderError> {
        let malformed = |it: serde_json::Error| OrderError::Malformed(it.to_string());
        let version: Version = serde_json::from_slice(json).map_err(malformed)?;
        if version.making != MAKING {
            return Err(OrderError::Version);
        }
        let order: Self = serde_json::from_slice(json).map_err(malformed)?;
        order.call.check().map_err(OrderError::Bounds)?;
        if order.words != fingerprint(&order.args()) {
            return Err(OrderError::Version);
        }
        Ok(order)
    }

    /// As it is sent.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers and names are JSON")
    }

    /// FFmpeg's arguments.
    pub fn args(&self) -> Vec<OsString> {
        self.call.args()
    }

    /// Whether pictures are made: these cost many times what sound costs.
    pub fn is_picture(&self) -> bool {
        matches!(self.call, Call::Picture { .. })
    }

    /// How much at the head of the feed is not the film's, but held for FFmpeg beside it.
    pub fn held_bytes(&self) -> u64 {
        match &self.call {
            Call::Picture { picture, .. } => picture.script.map_or(0, |it| it.bytes),
            Call::Sound(_) => 0,
        }
    }

    /// Whether it takes an FFmpeg with the filter `ass`.
    pub fn needs_libass(&self) -> bool {
        self.held_bytes() > 0
    }

    /// Whether it takes an FFmpeg with the filter `zscale`.
    pub fn needs_zscale(&self) -> bool {
        matches!(self.call, Call::Picture { picture, .. } if picture.tone_map == Some(ToneMap::Zscale))
    }
}

impl Call {
    fn args(&self) -> Vec<OsString> {
        match self {
            Self::Sound(call) => args::sound(*call),
            Self::Picture { picture, keys_ns } => args::picture(*picture, keys_ns),
        }
    }

    /// Names what is out of bounds.
    fn check(&self) -> Result<(), &'static str> {
        let is_moment = |it: i64| (0..=MAX_NS).contains(&it);
        let is_rate = |it: u64| (1..=MAX_BPS).contains(&it);
        let checks: &[(bool, &'static str)] = match self {
            Self::Sound(it) => &[
                (matches!(it.rate, 44_100 | 48_000), "rate"),
                (u64::try_from(it.bps).is_ok_and(is_rate), "bps"),
                ((-MAX_NS..=MAX_NS).contains(&it.first_sample), "first_sample"),
                ((1..=MAX_SAMPLES).contains(&it.n_samples), "n_samples"),
            ],
            Self::Picture { picture: it, keys_ns } => {
                let (width, height) = it.size;
                let is_side = |it: u32| (2..=MAX_SIDE).contains(&it) && it.is_multiple_of(2);
                let (from_ns, to_ns) = it.span_ns;
                let is_script = |it: args::Script| {
                    const SIDES: std::ops::RangeInclusive<u32> = 1..=16_384;
                    let (width, height) = it.size;
                    (1..=MAX_WRITTEN_BYTES as u64).contains(&it.bytes)
                        && it.shift_us.checked_abs().is_some_and(|it| it <= MAX_NS / 1000)
                        && SIDES.contains(&width)
                        && SIDES.contains(&height)
                };
                &[
                    (it.script.is_none_or(is_script), "script"),
                    (is_moment(from_ns) && to_ns.is_none_or(is_moment), "span_ns"),
                    (it.timescale >= 1, "timescale"),
                    // Each machine has its own cards, and its own words for them.
                    (!matches!(it.encoder, Encoder::Hardware(_)), "encoder"),
                    (it.tone_map != Some(ToneMap::Libplacebo), "tone_map"),
                    (it.burnt.is_none_or(|it| it.is_sane()), "burnt"),
                    (matches!(it.rotation, 0 | 90 | 180 | 270), "rotation"),
                    (is_side(width) && is_side(height), "size"),
                    ((10..=62).contains(&it.level), "level"),
                    (is_rate(it.peak_bps), "peak_bps"),
                    ((1..=1000).contains(&it.key_every), "key_every"),
                    (keys_ns.len() <= MAX_KEYS, "the number of keys_ns"),
                    (keys_ns.iter().copied().all(is_moment), "keys_ns"),
                ]
            }
        };
        checks.iter().find(|(is_fine, _)| !is_fine).map_or(Ok(()), |(_, what)| Err(what))
    }
}

fn fingerprint(args: &[OsString]) -> u64 {
    let mut hash = Xxh3Default::new();
    for word in args {
        hash.update(word.as_bytes());
        hash.update(&[0]);
    }
    hash.digest()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::transcode::FIRST_RENDER_NODE;
    use crate::transcode::rendition::Effort;

    fn picture() -> Order {
        let picture = args::Picture {
            format: "matroska",
            timescale: 1_000_000,
            span_ns: (9_999_000_000, Some(14_003_166_000)),
            is_interlaced: false,
            rotation: 0,
            size: (1280, 720),
            burnt: None,
            script: Some(args::Script { bytes: 500_000, shift_us: 4_000_500, size: (1920, 1080) }),
            tone_map: Some(ToneMap::Zscale),
            encoder: Encoder::Software(Effort::Veryfast),
            render_node: FIRST_RENDER_NODE,
            level: 31,
            peak_bps: 4_000_000,
            key_every: 96,
        };
        Order::new(Call::Picture { picture, keys_ns: vec![10_999_000_000] })
    }

    fn sound() -> Order {
        Order::new(Call::Sound(args::Sound {
            format: "mov",
            rate: 48_000,
            is_surround: true,
            bps: 384_000,
            first_sample: 475_904,
            n_samples: 200_704,
        }))
    }

    #[test]
    fn an_order_is_read_as_it_was_sent() {
        for order in [picture(), sound()] {
            let read = Order::read(&order.to_json()).expect("it is one");
            assert_eq!(read, order);
            assert_eq!(read.args(), order.args());
        }
        assert!(picture().is_picture() && picture().needs_zscale() && picture().needs_libass());
        assert_eq!((picture().held_bytes(), sound().held_bytes()), (500_000, 0));
        assert!(!sound().is_picture() && !sound().needs_zscale());
    }

    /// What becomes of an order with one value changed.
    fn changed(order: &Order, pointer: &str, value: Value) -> Result<Order, OrderError> {
        let mut json: Value = serde_json::from_slice(&order.to_json()).expect("JSON");
        *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        Order::read(json.to_string().as_bytes())
    }

    #[test]
    fn what_we_would_not_order_is_refused() {
        let far = json!(MAX_NS + 1);
        for (pointer, value) in [
            ("/call/picture/picture/size", json!([1280, 721])),
            ("/call/picture/picture/size", json!([8192, 720])),
            ("/call/picture/picture/rotation", json!(45)),
            ("/call/picture/picture/timescale", json!(0)),
            ("/call/picture/picture/encoder", json!({ "hardware": "vaapi" })),
            ("/call/picture/picture/tone_map", json!("libplacebo")),
            (
                "/call/picture/picture/burnt",
                json!({ "canvas": [0, 1080], "size": [1280, 720], "at": [0, 0] }),
            ),
            ("/call/picture/picture/script/bytes", json!(0)),
            ("/call/picture/picture/script/bytes", json!(1_u64 << 40)),
            ("/call/picture/picture/script/shift_us", json!(i64::MIN)),
            ("/call/picture/picture/script/size", json!([0, 1080])),
            ("/call/picture/picture/level", json!(-1)),
            ("/call/picture/picture/peak_bps", json!(0)),
            ("/call/picture/picture/key_every", json!(0)),
            ("/call/picture/picture/span_ns", json!([-1, null])),
            ("/call/picture/keys_ns", json!([far])),
            ("/call/picture/keys_ns", json!(vec![1; MAX_KEYS + 1])),
        ] {
            let read = changed(&picture(), pointer, value);
            assert!(matches!(read, Err(OrderError::Bounds(_))), "{pointer}: {read:?}");
        }
        for (pointer, value) in [
            ("/call/sound/rate", json!(7)),
            ("/call/sound/bps", json!(-5)),
            ("/call/sound/n_samples", json!(i64::MAX)),
        ] {
            let read = changed(&sound(), pointer, value);
            assert!(matches!(read, Err(OrderError::Bounds(_))), "{pointer}: {read:?}");
        }
    }

    #[test]
    fn words_of_a_command_line_are_no_order() {
        for (pointer, value) in [
            ("/call/picture/picture/format", json!("concat")),
            ("/call/picture/picture/format", json!("mov -i /etc/passwd")),
            ("/call/picture/picture/encoder", json!({ "software": "veryfast -y /tmp/x" })),
            ("/call/picture/picture/level", json!("31")),
            ("/call/picture/keys_ns", json!("expr:gte(t,1)")),
            ("/call", json!({ "args": ["-i", "/etc/passwd"] })),
        ] {
            let read = changed(&picture(), pointer, value);
            assert!(matches!(read, Err(OrderError::Malformed(_))), "{pointer}: {read:?}");
        }
        for text in ["", "{}", "[]", "null", "\u{0}", r#"{"making":2}"#] {
            let read = Order::read(text.as_bytes());
            assert!(matches!(read, Err(OrderError::Malformed(_))), "{text}: {read:?}");
        }
    }

    #[test]
    fn another_version_is_told_apart_by_its_number_and_by_its_words() {
        let newer = changed(&picture(), "/making", json!(MAKING + 1));
        assert_eq!(newer, Err(OrderError::Version));
        let unknown = format!(r#"{{"making":{},"call":"of tomorrow"}}"#, MAKING + 1);
        assert_eq!(Order::read(unknown.as_bytes()), Err(OrderError::Version));
        let other_words = changed(&picture(), "/words", json!(1));
        assert_eq!(other_words, Err(OrderError::Version));
    }
}
