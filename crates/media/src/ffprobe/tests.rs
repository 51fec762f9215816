use super::*;

#[test]
fn the_arguments_name_the_file_and_nothing_else_as_input() {
    let args = args(Path::new("-i.mkv"));
    assert_eq!(args.last().unwrap(), "file:-i.mkv");
    assert_eq!(args.iter().filter(|it| *it == "-i").count(), 1);
    assert!(args.windows(2).any(|it| it[0] == "-protocol_whitelist" && it[1] == "file"));
    assert!(args.iter().all(|it| !it.to_string_lossy().contains(' ')), "{args:?}");
}

#[test]
fn a_document_of_a_broadcast_recording_is_understood() {
    let json = br#"{
      "streams": [
        {"index": 0, "codec_name": "h264", "profile": "High", "codec_type": "video", "codec_tag_string": "[27][0][0][0]",
         "width": 720, "height": 576, "sample_aspect_ratio": "64:45", "pix_fmt": "yuvj420p", "level": 30,
         "color_range": "pc", "field_order": "tt", "avg_frame_rate": "25/1", "color_transfer": "unknown",
         "extradata": "\n00000000: 0000 0001 6764 000c acd9 4141  ....gd....AA\n",
         "disposition": {"default": 0}},
        {"index": 1, "codec_name": "mp2", "codec_type": "audio", "sample_rate": "48000", "channels": 2,
         "channel_layout": "stereo", "bit_rate": "192000", "tags": {"language": "ger"},
         "disposition": {"default": 1, "visual_impaired": 1}},
        {"index": 2, "codec_name": "dvb_subtitle", "codec_type": "subtitle", "tags": {"language": "und"}},
        {"index": 3, "codec_type": "data", "codec_tag_string": "[5][0][0][0]"}
      ],
      "chapters": [{"start_time": "0.000000", "end_time": "61.500000", "tags": {"title": "News"}}],
      "format": {"filename": "file:/r/rec.ts", "format_name": "mpegts", "duration": "61.520000", "size": "1000000",
                 "bit_rate": "130039", "tags": {"TITLE": "Recording"}}
    }"#;
    let probe = parse(json).unwrap();
    assert_eq!(probe.container, Container::MpegTs);
    assert_eq!((probe.duration_ms, probe.bitrate_bps), (Some(61_520), Some(130_039)));
    assert_eq!(probe.tags.title(), Some("Recording"));
    assert_eq!(probe.chapters[0].end_ms, Some(61_500));
    let video = probe.video().unwrap();
    assert_eq!(video.codec_string.as_deref(), Some("avc1.64000c"));
    assert_eq!((video.pixel_format.as_deref(), video.bit_depth), (Some("yuv420p"), Some(8)));
    assert_eq!((video.interlaced, video.color.transfer.as_deref()), (Some(true), None));
    assert_eq!(video.display_aspect, Rational::new(16, 9));
    let audio = &probe.streams[1];
    assert_eq!((audio.language.as_deref(), audio.bitrate), (Some("de"), Some(192_000)));
    assert!(audio.flags.default && audio.flags.visual_impaired);
    assert_eq!(probe.streams[2].language, None);
    assert_eq!(probe.streams[3].kind, StreamKind::Data);
}

#[test]
fn hdr_and_rotation_come_from_side_data() {
    let json = br#"{"streams": [
      {"index": 0, "codec_name": "hevc", "codec_type": "video", "pix_fmt": "yuv420p10le", "side_data_list": [
        {"side_data_type": "DOVI configuration record", "dv_profile": 8, "dv_level": 6, "dv_bl_signal_compatibility_id": 1},
        {"side_data_type": "Display Matrix", "rotation": -90}]}],
      "format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "tags": {"major_brand": "isom"}}}"#;
    let probe = parse(json).unwrap();
    assert_eq!(probe.container, Container::Mp4);
    assert_eq!(
        probe.streams[0].hdr,
        Some(Hdr::DolbyVision {
            profile: 8,
            level: 6,
            compatibility: 1,
            has_enhancement_layer: false
        })
    );
    assert_eq!((probe.streams[0].rotation, probe.streams[0].bit_depth), (Some(90), Some(10)));
}

#[test]
fn answers_that_are_none_are_errors() {
    assert!(matches!(parse(b""), Err(ParseError::Json(_))));
    assert!(matches!(parse(b"[]"), Err(ParseError::Json(_) | ParseError::NoStreams)));
    assert!(matches!(parse(b"{}"), Err(ParseError::NoStreams)));
}
