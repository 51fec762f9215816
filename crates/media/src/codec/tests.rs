//! Codec strings, profiles and parameters from configuration records, by tables.

use super::*;
use crate::stream::{Hdr, StreamKind};

fn described(codec: Codec, entry: &str, config: &[u8]) -> Stream {
    let mut stream = Stream::new(0, StreamKind::Video, codec);
    describe(&mut stream, entry, config);
    stream
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|it| it.to_digit(16).map(|it| it as u8)).collect();
    digits.chunks_exact(2).map(|it| it[0] << 4 | it[1]).collect()
}

#[test]
fn avc_configuration_gives_string_profile_and_level() {
    let table = [
        ("01640028 ff e1 0000", "avc1", "avc1.640028", "High", 40),
        ("0142c01e ff e1 0000", "avc1", "avc1.42c01e", "Constrained Baseline", 30),
        ("014d401f ff e1 0000", "avc3", "avc3.4d401f", "Main", 31),
        ("016e0029 ff e1 0000", "avc1", "avc1.6e0029", "High 10", 41),
        ("01f41029 ff e1 0000", "avc1", "avc1.f41029", "High 4:4:4 Intra", 41),
    ];
    for (config, entry, string, profile, level) in table {
        let stream = described(Codec::H264, entry, &bytes(config));
        assert_eq!(stream.codec_string.as_deref(), Some(string));
        assert_eq!(
            (stream.profile.as_deref(), stream.level),
            (Some(profile), Some(level)),
            "{string}"
        );
    }
}

#[test]
fn avc_start_codes_are_read_like_records() {
    // From a 320x180 picture by x264; the same parameter set in both wrappings.
    let sps = "6764000c acd94141 9f9f0110 00000300 10000003 0320f142 9960";
    let record = format!("0164000c ffe1 001a {sps} 0100 0668ebe3cb22c0");
    let annex_b = format!("00000001 {sps} 00000001 68ebe3cb22c0");
    for config in [record, annex_b] {
        let stream = described(Codec::H264, "avc1", &bytes(&config));
        assert_eq!(stream.codec_string.as_deref(), Some("avc1.64000c"), "{config}");
        assert_eq!(
            (stream.width, stream.height, stream.bit_depth),
            (Some(320), Some(180), Some(8)),
            "{config}"
        );
        assert_eq!(stream.interlaced, Some(false));
        assert_eq!(stream.pixel_format.as_deref(), Some("yuv420p"));
    }
}

#[test]
fn hevc_configuration_gives_the_string_of_the_standard() {
    // General fields: profile space, tier and profile; compatibility; constraints; level. Then chroma and depths.
    let rest = "f000 fc fd fa fa 0000 0f 00";
    let table = [
        ("02 20000000 b00000000000 78", "hvc1", "hvc1.2.4.L120.B0", "Main 10", 120),
        ("01 60000000 900000000000 5d", "hev1", "hev1.1.6.L93.90", "Main", 93),
        ("22 20000000 900000000000 99", "hvc1", "hvc1.2.4.H153.90", "Main 10", 153),
        ("04 08000000 9e0800000000 96", "hvc1", "hvc1.4.10.L150.9E.8", "Rext", 150),
        ("41 60000000 000000000000 5a", "hvc1", "hvc1.A1.6.L90", "Main", 90),
    ];
    for (general, entry, string, profile, level) in table {
        let stream = described(Codec::Hevc, entry, &bytes(&format!("01 {general} {rest}")));
        assert_eq!(stream.codec_string.as_deref(), Some(string));
        assert_eq!(
            (stream.profile.as_deref(), stream.level),
            (Some(profile), Some(level)),
            "{string}"
        );
        assert_eq!(
            (stream.bit_depth, stream.pixel_format.as_deref()),
            (Some(10), Some("yuv420p10le"))
        );
    }
}

#[test]
fn av1_configuration_gives_tier_and_depth() {
    let table = [
        ("81 08 4c 00", "av01.0.08M.10", "Main", "yuv420p10le"),
        ("81 04 0c 00", "av01.0.04M.08", "Main", "yuv420p"),
        ("81 2d 80 00", "av01.1.13H.08", "High", "yuv444p"),
        ("81 50 68 00", "av01.2.16M.12", "Professional", "yuv422p12le"),
    ];
    for (config, string, profile, format) in table {
        let stream = described(Codec::Av1, "av01", &bytes(config));
        assert_eq!(stream.codec_string.as_deref(), Some(string));
        assert_eq!(
            (stream.profile.as_deref(), stream.pixel_format.as_deref()),
            (Some(profile), Some(format))
        );
    }
}

#[test]
fn vp9_is_named_by_record_by_features_and_by_its_first_frame() {
    let mut stream = Stream::new(0, StreamKind::Video, Codec::Vp9);
    vp9::describe_vpcc(&mut stream, &bytes("01000000 00 28 82 01 01 01 0000")).unwrap();
    assert_eq!(stream.codec_string.as_deref(), Some("vp09.00.40.08"));

    let stream = described(Codec::Vp9, "", &bytes("010102 020133 03010a 040101"));
    assert_eq!(stream.codec_string.as_deref(), Some("vp09.02.51.10"));

    let mut stream = Stream::new(0, StreamKind::Video, Codec::Vp9);
    (stream.width, stream.height) = (Some(1920), Some(1080));
    vp9::describe_frame(&mut stream, &bytes("82498342 00 77f0 86f0")).unwrap();
    assert_eq!(stream.codec_string.as_deref(), Some("vp09.00.40.08"));
    assert_eq!(vp9::describe_frame(&mut stream, &bytes("86498342")), None);
}

#[test]
fn aac_configuration_tells_the_kinds_apart() {
    let table = [
        ("1190", "mp4a.40.2", "LC", 48_000, Some(2)),
        ("1210", "mp4a.40.2", "LC", 44_100, Some(2)),
        ("11b0", "mp4a.40.2", "LC", 48_000, Some(6)),
        // HE-AAC announced in front, and behind the configuration of its lower half.
        ("2b118800", "mp4a.40.5", "HE-AAC", 48_000, Some(2)),
        ("131056e598", "mp4a.40.2", "HE-AAC", 48_000, Some(2)),
        ("eb098800", "mp4a.40.29", "HE-AACv2", 48_000, Some(2)),
    ];
    for (config, string, profile, rate, channels) in table {
        let stream = described(Codec::Aac, "mp4a", &bytes(config));
        assert_eq!(stream.codec_string.as_deref(), Some(string), "{config}");
        assert_eq!(stream.profile.as_deref(), Some(profile), "{config}");
        assert_eq!((stream.sample_rate, stream.channels), (Some(rate), channels), "{config}");
    }
}

#[test]
fn dolby_records_give_channels_and_atmos() {
    let mut stream = Stream::new(0, StreamKind::Audio, Codec::Ac3);
    dolby::describe_dac3(&mut stream, &bytes("103dc0")).unwrap();
    assert_eq!((stream.channels, stream.channel_layout.as_deref()), (Some(6), Some("5.1(side)")));
    name_simple(&mut stream);
    assert_eq!(stream.codec_string.as_deref(), Some("ac-3"));

    let mut stream = Stream::new(0, StreamKind::Audio, Codec::Eac3);
    dolby::describe_dec3(&mut stream, &bytes("1800 200f 00 01 10")).unwrap();
    assert_eq!((stream.channels, stream.sample_rate), (Some(6), Some(48_000)));
    assert_eq!(stream.profile.as_deref(), Some("Dolby Digital Plus + Dolby Atmos"));
    assert_eq!(stream.bitrate, Some(768_000));
}

#[test]
fn dolby_vision_keeps_what_other_players_see() {
    let table = [
        ("hvc1.2.4.L153.B0", "0100 10 4d 10", "hvc1.2.4.L153.B0", (8, 9, 1), false),
        ("dvh1.2.4.L153.B0", "0100 0a 35 00", "dvh1.05.06", (5, 6, 0), false),
        ("hvc1.2.4.L153.B0", "0100 0e 37 60", "hvc1.2.4.L153.B0", (7, 6, 6), true),
    ];
    for (string, config, expected, (profile, level, compatibility), has_enhancement_layer) in table
    {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
        stream.codec_string = Some(string.to_owned());
        dolby::describe_vision(&mut stream, &bytes(config)).unwrap();
        assert_eq!(stream.codec_string.as_deref(), Some(expected));
        let hdr = Hdr::DolbyVision { profile, level, compatibility, has_enhancement_layer };
        assert_eq!(stream.hdr, Some(hdr));
    }
}

#[test]
fn simple_names_have_the_case_that_browsers_insist_on() {
    let table = [
        (Codec::Opus, Some("Opus")),
        (Codec::Flac, Some("fLaC")),
        (Codec::Ac3, Some("ac-3")),
        (Codec::Eac3, Some("ec-3")),
        (Codec::Mp3, Some("mp4a.6B")),
        (Codec::Mpeg2Video, None),
    ];
    for (codec, expected) in table {
        let mut stream = Stream::new(0, StreamKind::Audio, codec);
        name_simple(&mut stream);
        assert_eq!(stream.codec_string.as_deref(), expected, "{:?}", stream.codec);
    }
}

#[test]
fn no_prefix_of_a_record_panics() {
    let records = [
        (
            Codec::H264,
            "0164000c ffe1 001a 6764000c acd94141 9f9f0110 00000300 10000003 0320f142 9960 0100",
        ),
        (
            Codec::Hevc,
            "01 02 20000000 b00000000000 78 f000 fc fd fa fa 0000 0f 01 a1 0001 0004 42010101",
        ),
        (Codec::Av1, "81 08 4c 00 0a 0b 0000 0024 cf7f 0d bf ff 30 08"),
        (Codec::Aac, "131056e598"),
        (Codec::Opus, "4f707573 48656164 01 02 3801 80bb0000 0000 00"),
    ];
    for (codec, record) in records {
        let record = bytes(record);
        for end in 0..=record.len() {
            described(codec.clone(), "x", &record[..end]);
        }
    }
}

/// A message that begins as those of HDR10+ do.
const HDR10_PLUS: &str = "b5003c000104 0140";

#[test]
fn dynamic_metadata_is_found_in_front_of_a_picture() {
    // HEVC: prefix message of kind 4, then a slice. AV1: metadata of kind 4, then a frame.
    let hevc = format!("0000000c 4e01 04 08 {HDR10_PLUS} 00000002 2601");
    let mut stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
    describe_first_frame(&mut stream, &[1; 23], &bytes(&hevc)[..]);
    assert!(!stream.has_hdr10_plus, "two bytes of length were told");
    let mut config = [0; 23];
    (config[0], config[21]) = (1, 3);
    describe_first_frame(&mut stream, &config, &bytes(&hevc));
    assert!(stream.has_hdr10_plus);
    stream.color.transfer = Some("smpte2084".to_owned());
    stream.complete();
    assert_eq!(stream.hdr, Some(Hdr::Hdr10Plus));

    let mut stream = Stream::new(0, StreamKind::Video, Codec::Av1);
    describe_first_frame(&mut stream, &[], &bytes(&format!("1200 2a 09 04 {HDR10_PLUS} 3200")));
    assert!(stream.has_hdr10_plus);
}

#[test]
fn av1_states_the_display_in_fractions() {
    let mut stream = Stream::new(0, StreamKind::Video, Codec::Av1);
    let points = "ae14 51ec 43d7 b0a4 2666 0f5c 500d 5439";
    let frame = format!("2a 19 02 {points} 0003e800 00000002 2a 05 01 03e8 0190");
    describe_first_frame(&mut stream, &[], &bytes(&frame));
    let mastering = stream.mastering.unwrap();
    assert_eq!((mastering.max_cll, mastering.max_fall), (Some(1000), Some(400)));
    assert_eq!((mastering.max_luminance, mastering.min_luminance), (Some(10_000_000), Some(1)));
    assert_eq!(mastering.chromaticities.unwrap()[0], [33_999, 16_000]);
}

#[test]
fn the_kinds_of_dts_are_told_by_their_extensions() {
    // Core of 3/2 with LFE at 48 kHz and 96 bytes; the extension is cut off behind its sync word.
    let core = "7ffe8001fc3c05f27700023940".to_owned() + &"00".repeat(96 - 13);
    let table = [
        ("", "DTS"),
        ("64582025 41a29547", "DTS-HD MA"),
        ("64582025 41a29547 02000850", "DTS-HD MA + DTS:X"),
        ("64582025 655e315e", "DTS-HD HRA"),
    ];
    for (extension, expected) in table {
        let mut stream = Stream::new(0, StreamKind::Audio, Codec::Dts);
        dts::describe(&mut stream, &bytes(&(core.clone() + extension))).unwrap();
        assert_eq!(stream.profile.as_deref(), Some(expected));
    }
}

#[test]
fn sequence_headers_of_broadcasts_tell_shape_rate_and_fields() {
    // 720x576, 16:9, 25 frames; main profile at main level, not progressive; a picture with the top field first.
    let headers = "000001b3 2d0240 33 ffffe000 000001b5 148200010000 000001b5 8fffffc0 00";
    let mut stream = Stream::new(0, StreamKind::Video, Codec::Mpeg2Video);
    mpeg2::describe(&mut stream, &bytes(headers)).unwrap();
    assert_eq!((stream.width, stream.height), (Some(720), Some(576)));
    assert_eq!(stream.sample_aspect, crate::stream::Rational::new(64, 45));
    assert_eq!(stream.frame_rate, crate::stream::Rational::new(25, 1));
    assert_eq!((stream.profile.as_deref(), stream.level), (Some("Main"), Some(8)));
    assert_eq!((stream.interlaced, stream.top_field_first), (Some(true), Some(true)));
}
