//! How the frame in a tag is coded, and what of the tag is the frame.

use super::tags::{PICTURE, SOUND, Tag};
use crate::stream::Codec;

/// The body of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coded {
    pub codec: Codec,
    pub role: Role,
    /// Where in the tag the frame, or the configuration, begins.
    pub skipped: u64,
    /// Decoding can begin with it.
    pub is_key: bool,
    /// By how much it is shown later than decoded, in milliseconds.
    pub delay_ms: i64,
}

/// What is in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Frame,
    /// What the decoder is told before any frame.
    Configuration,
    /// Nothing that is shown or heard.
    Other,
}

/// `None` for tags that are neither sound nor pictures.
pub(crate) fn of(tag: &Tag) -> Option<Coded> {
    match tag.kind {
        _ if tag.size == 0 => None,
        SOUND => Some(sound(&tag.first)),
        PICTURE => Some(picture(&tag.first)),
        _ => None,
    }
}

/// Samples a second and channels of sound, as the tag says.
pub(crate) fn sound_format(first: u8) -> (u32, u16) {
    let rate = match first >> 4 {
        // These have one rate each.
        5 | 7 | 8 | 14 => 8000,
        4 | 11 => 16_000,
        _ => 44_100 >> (3 - (first >> 2 & 3)),
    };
    (rate, u16::from(first & 1) + 1)
}

fn other(name: &str) -> Codec {
    Codec::Other(name.to_owned())
}

fn sound(first: &[u8]) -> Coded {
    let is_wide = first[0] & 2 != 0;
    let codec = match first[0] >> 4 {
        0 | 3 if is_wide => Codec::PcmS16le,
        0 | 3 => Codec::PcmU8,
        1 => other("adpcm_swf"),
        2 | 14 => Codec::Mp3,
        4..=6 => other("nellymoser"),
        7 => other("pcm_alaw"),
        8 => other("pcm_mulaw"),
        10 => Codec::Aac,
        11 => other("speex"),
        _ => other("unknown"),
    };
    let (role, skipped) = match (&codec, first[1]) {
        (Codec::Aac, 0) => (Role::Configuration, 2),
        (Codec::Aac, _) => (Role::Frame, 2),
        _ => (Role::Frame, 1),
    };
    Coded { codec, role, skipped, is_key: true, delay_ms: 0 }
}

fn picture(first: &[u8]) -> Coded {
    let delay = |at: usize| {
        // Twenty-four bits with a sign.
        i64::from(i32::from_be_bytes([first[at], first[at + 1], first[at + 2], 0]) >> 8)
    };
    let mut coded = Coded {
        codec: other("unknown"),
        role: Role::Frame,
        skipped: 1,
        is_key: first[0] >> 4 & 7 == 1,
        delay_ms: 0,
    };
    if first[0] & 0x80 != 0 {
        // Codecs by four letters, which came later.
        coded.codec = match &first[1..5] {
            b"avc1" => Codec::H264,
            b"hvc1" => Codec::Hevc,
            b"av01" => Codec::Av1,
            b"vp09" => Codec::Vp9,
            _ => other("unknown"),
        };
        (coded.role, coded.skipped) = match first[0] & 0xf {
            0 => (Role::Configuration, 5),
            1 if matches!(coded.codec, Codec::H264 | Codec::Hevc) => (Role::Frame, 8),
            1 | 3 => (Role::Frame, 5),
            _ => (Role::Other, 5),
        };
        if coded.skipped == 8 {
            coded.delay_ms = delay(5);
        }
    } else {
        coded.codec = match first[0] & 0xf {
            2 => other("flv1"),
            3 => other("flashsv"),
            4 => other("vp6f"),
            5 => other("vp6a"),
            6 => other("flashsv2"),
            7 => Codec::H264,
            12 => Codec::Hevc,
            _ => other("unknown"),
        };
        match coded.codec {
            Codec::H264 | Codec::Hevc => {
                (coded.skipped, coded.delay_ms) = (5, delay(2));
                coded.role = match first[1] {
                    0 => Role::Configuration,
                    1 => Role::Frame,
                    _ => Role::Other,
                };
            }
            // By how much the picture is larger than shown.
            Codec::Other(ref name) if name.starts_with("vp6") => coded.skipped = 2,
            _ => {}
        }
    }
    // What servers tell players.
    if first[0] >> 4 & 7 == 5 {
        coded.role = Role::Other;
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(kind: u8, body: &[u8]) -> Tag {
        let mut first = [0; 16];
        first[..body.len()].copy_from_slice(body);
        Tag { at: 0, kind, time_ms: 0, body: 11, size: body.len() as u64, first }
    }

    #[test]
    fn tags_tell_their_codec_and_where_the_frame_begins() {
        use Role::{Configuration, Frame, Other};
        type Row<'a> = (u8, &'a [u8], &'a str, Role, u64, bool, i64);
        let table: [Row<'_>; 12] = [
            (9, &[0x17, 0, 0, 0, 0], "h264", Configuration, 5, true, 0),
            (9, &[0x27, 1, 0, 0, 80], "h264", Frame, 5, false, 80),
            (9, &[0x27, 1, 0xff, 0xff, 0xd8], "h264", Frame, 5, false, -40),
            (9, &[0x17, 2, 0, 0, 0], "h264", Other, 5, true, 0),
            (9, &[0x57, 1], "h264", Other, 5, false, 0),
            (9, &[0x12, 0, 0, 0x84], "flv1", Frame, 1, true, 0),
            (9, &[0x24, 0x22], "vp6f", Frame, 2, false, 0),
            (9, &[0x91, b'h', b'v', b'c', b'1', 0, 0, 42], "hevc", Frame, 8, true, 42),
            (9, &[0x90, b'a', b'v', b'0', b'1'], "av1", Configuration, 5, true, 0),
            (8, &[0xaf, 0, 0x12, 0x10], "aac", Configuration, 2, true, 0),
            (8, &[0x2f, 0xff], "mp3", Frame, 1, true, 0),
            (8, &[0x3e, 0], "pcm_s16le", Frame, 1, true, 0),
        ];
        for (kind, body, codec, role, skipped, is_key, delay_ms) in table {
            let coded = of(&tag(kind, body)).unwrap();
            assert_eq!(coded.codec.as_str(), codec, "{body:?}");
            assert_eq!(
                (coded.role, coded.skipped, coded.is_key, coded.delay_ms),
                (role, skipped, is_key, delay_ms),
                "{body:?}"
            );
        }
        assert_eq!(of(&tag(18, &[2])), None);
        assert_eq!(sound_format(0x2f), (44_100, 2));
        assert_eq!(sound_format(0x5a), (8000, 1));
    }
}
