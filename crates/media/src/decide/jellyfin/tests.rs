//! Profiles as known kinds of clients send them, written from what those are known to send; their decisions over the files of
//! the great table; and what nobody should send.

use serde_json::json;

use super::*;
use crate::decide::{AudioSupport, VideoSupport, clients};

const CLIENTS: [(&str, &str); 5] = [
    ("web", include_str!("clients/web.json")),
    ("android_tv", include_str!("clients/android_tv.json")),
    ("swiftfin_native", include_str!("clients/swiftfin_native.json")),
    ("kodi", include_str!("clients/kodi.json")),
    ("roku", include_str!("clients/roku.json")),
];

fn client(name: &str) -> Option<ClientProfile> {
    let text = CLIENTS.iter().find(|it| it.0 == name)?.1;
    let value: Value = serde_json::from_str(text).expect("JSON");
    Some(translate(&value).expect("a profile"))
}

/// A profile is what these words say, which are those of `clients.txt`.
fn check(name: &str, words: &str) {
    let expected = clients::read(words).expect("words");
    assert_eq!(client(name).expect("a client"), expected, "{name}");
}

#[test]
fn a_browser() {
    check(
        "web",
        "files=webm,mp4,mov,mp3,m4a,flac hls bps=120000000 \
        video=vp8/b255/rhdr10+hlg+dolby_vision/i video=vp9/b255/rhdr10+hlg/i \
        video=av1/pMain/l19/b255/rhdr10+hlg/i \
        video=h264/pConstrained_Baseline+Baseline+Main+High+High_10/l52/b255 \
        audio=vorbis audio=opus audio=aac audio=mp3 audio=mp2 audio=flac \
        audio=aac/2 audio=mp2/2 audio=opus/2 audio=flac/2 audio=mp3/2 subtitles=webvtt+ass",
    );
}

#[test]
fn kodi_plays_everything_and_chooses() {
    let kodi = client("kodi").expect("a client");
    assert_eq!((kodi.video.len(), kodi.containers.len()), (12, 18));
    assert!(kodi.chooses_audio && kodi.takes_made_surround() && kodi.takes_made_pictures());
    assert_eq!(kodi.subtitles, SubtitleSupport::default());
}

#[test]
fn limits_that_count_for_one_profile_spare_the_others() {
    let android = client("android_tv").expect("a client");
    let hevc: Vec<&VideoSupport> =
        android.video.iter().filter(|it| it.codec == Codec::Hevc).collect();
    let level = |profile: &str| {
        let of = hevc.iter().filter(|it| it.profiles.iter().any(|it| it == profile));
        of.map(|it| it.max_level.unwrap_or(i32::MAX)).max()
    };
    assert_eq!((level("Main"), level("Main 10"), level("Rext")), (Some(120), Some(153), None));
    assert!(!android.video.iter().any(|it| it.codec == Codec::Av1), "by the profile `none`");
    assert!(android.chooses_audio);
    let shown = SubtitleSupport { text: true, script: false, drawn: true };
    assert_eq!(android.subtitles, shown);
}

#[test]
fn limits_of_sound_and_of_kinds_of_files() {
    let roku = client("roku").expect("a client");
    let aac = |it: &&AudioSupport| it.codec == Codec::Aac;
    let limits = |it: &AudioSupport| (it.max_channels, it.max_sample_rate);
    let found: Vec<_> = roku.audio.iter().filter(aac).map(limits).collect();
    assert_eq!(found, [(Some(2), Some(48_000)); 2]);
    assert!(!roku.takes_made_surround());
    assert!(!roku.containers.contains(&Container::MpegTs), "not every such file");
    assert_eq!(roku.max_bitrate_bps, Some(20_000_000));
}

#[test]
fn every_client_and_file_is_decided_as_the_table_says() {
    let files = include_str!("../table.txt").lines().filter(|it| it.starts_with("file "));
    let rows = include_str!("table.txt").lines();
    let table: Vec<&str> = files.chain(rows).collect();
    let n_rows = crate::decide::tests::check(&table.join("\n"), client);
    assert!(n_rows >= 60, "{n_rows} rows");
}

#[test]
fn lists_and_their_opposites() {
    let translated = |container: &str, video: &str| {
        let direct = json!([{ "Type": "Video", "Container": container, "VideoCodec": video }]);
        translate(&json!({ "DirectPlayProfiles": direct })).expect("a profile")
    };
    let all_but = translated("-mkv, avi", "-h264,H265");
    let takes = |it| all_but.containers.contains(&it);
    assert!(takes(Container::Mp4) && !takes(Container::Matroska) && !takes(Container::Avi));
    let decodes = |it| all_but.video.iter().any(|video| video.codec == it);
    assert!(decodes(Codec::Av1) && !decodes(Codec::H264) && !decodes(Codec::Hevc));
    let some = translated(" mkv ,,MP4,rm", "hevc");
    let expected = [Container::Matroska, Container::Mp4, Container::from("rm")];
    assert_eq!(some.containers, expected);
    assert_eq!(some.video.len(), 1);
    assert_eq!(some.protocols, []);
}

/// The entries of H.264 under these limits, as the words of `clients.txt` would have them.
fn entries(limits: &Value) -> Vec<VideoSupport> {
    let direct = json!([{ "Type": "Video", "Container": "mp4", "VideoCodec": "h264" }]);
    let profile = json!({ "DirectPlayProfiles": direct, "CodecProfiles": limits });
    translate(&profile).expect("a profile").video
}

fn condition(how: &str, property: &str, value: &str) -> Value {
    json!({ "Condition": how, "Property": property, "Value": value })
}

#[test]
fn every_condition_is_a_limit() {
    let rows = [
        ("LessThanEqual", "Width", "1920", "w1920/b255/rhdr10+hlg+dolby_vision/i"),
        ("LessThanEqual", "VideoFramerate", "29.97", "f29.97/b255/rhdr10+hlg+dolby_vision/i"),
        ("EqualsAny", "VideoBitDepth", "8|10", "b10/rhdr10+hlg+dolby_vision/i"),
        ("Equals", "VideoLevel", "41", "l41/b255/rhdr10+hlg+dolby_vision/i"),
        ("NotEquals", "VideoRangeType", "DOVI", "b255/rhdr10+hlg/i"),
        ("EqualsAny", "VideoRangeType", "SDR | HLG", "b255/rhlg/i"),
        ("Equals", "IsInterlaced", "False", "b255/rhdr10+hlg+dolby_vision"),
        ("LessThanEqual", "RefFrames", "four", "b255/rhdr10+hlg+dolby_vision/i"),
        ("LessThanEqual", "PictureSmell", "1", "b255/rhdr10+hlg+dolby_vision/i"),
        (
            "NotEquals",
            "VideoProfile",
            "High 10|Extended",
            "pConstrained_Baseline+Baseline+Main+High/b255/rhdr10+hlg+dolby_vision/i",
        ),
    ];
    for (how, property, value, words) in rows {
        let found = entries(&json!([{
            "Type": "Video", "Codec": "h264", "Conditions": [condition(how, property, value)],
        }]));
        let expected = clients::read(&format!("video=h264/{words}")).expect("words").video;
        assert_eq!(found, expected, "{how} {property} {value}");
    }
    let none = [("Width", "0"), ("VideoLevel", "0")];
    for (property, value) in none {
        let conditions = [condition("LessThanEqual", property, value)];
        let found = entries(&json!([{ "Type": "Video", "Conditions": conditions }]));
        assert_eq!(found, [], "{property}");
    }
}

#[test]
fn a_case_that_cannot_be_told_counts_always_and_the_entries_are_bounded() {
    let case = |case: Value, most: &str| {
        json!({ "Type": "Video", "Conditions": [condition("LessThanEqual", "VideoLevel", most)],
            "ApplyConditions": [case] })
    };
    let wide = entries(&json!([case(condition("GreaterThanEqual", "Width", "1921"), "42")]));
    let limits: Vec<_> = wide.iter().map(|it| (it.max_width, it.max_level)).collect();
    assert_eq!(limits, [(None, Some(42)), (Some(1920), None)]);
    let narrow = entries(&json!([case(condition("LessThanEqual", "Width", "1920"), "42")]));
    assert_eq!(narrow.iter().map(|it| it.max_level).collect::<Vec<_>>(), [Some(42)]);
    let many: Vec<Value> = (0..128)
        .map(|at| {
            let width = (4000 - at).to_string();
            case(condition("GreaterThanEqual", "Width", &width), &(400 - at).to_string())
        })
        .collect();
    let found = entries(&json!(many));
    assert!(!found.is_empty() && found.len() <= 8, "{}", found.len());
    assert!(found.iter().all(|it| it.max_level.is_some()));
}

#[test]
fn what_is_no_profile_is_refused_and_its_place_named() {
    let video = |condition: Value| json!({ "CodecProfiles": [{ "Type": "Video" }, { "Type": "Video", "Conditions": [condition] }] });
    let names = vec!["a"; 97].join(",");
    let rows = [
        (json!(null), ""),
        (json!([]), ""),
        (json!({ "DirectPlayProfiles": {} }), "DirectPlayProfiles"),
        (json!({ "DirectPlayProfiles": [1] }), "DirectPlayProfiles[0]"),
        (json!({ "DirectPlayProfiles": [{ "Container": "mp4" }] }), "DirectPlayProfiles[0].Type"),
        (
            json!({ "directplayprofiles": [{ "type": "Video", "container": ["mp4"] }] }),
            "DirectPlayProfiles[0].Container",
        ),
        (
            json!({ "DirectPlayProfiles": [{ "Type": "Video", "AudioCodec": names }] }),
            "DirectPlayProfiles[0].AudioCodec",
        ),
        (
            json!({ "SubtitleProfiles": [{ "Method": "Embed", "Format": "x".repeat(2049) }] }),
            "SubtitleProfiles[0].Format",
        ),
        (json!({ "ContainerProfiles": vec![json!({}); 129] }), "ContainerProfiles"),
        (json!({ "MaxStreamingBitrate": -5 }), "MaxStreamingBitrate"),
        (json!({ "MaxStreamingBitrate": "1e400" }), "MaxStreamingBitrate"),
        (
            json!({ "TranscodingProfiles": [{ "Type": "Video", "MaxAudioChannels": "NaN" }] }),
            "TranscodingProfiles[0].MaxAudioChannels",
        ),
        (
            video(condition("LessThanEqual", "Width", "wide")),
            "CodecProfiles[1].Conditions[0].Value",
        ),
        (video(condition("Resembles", "Width", "1")), "CodecProfiles[1].Conditions[0].Condition"),
        (
            video(condition("LessThanEqual", "VideoProfile", "high")),
            "CodecProfiles[1].Conditions[0].Condition",
        ),
        (
            video(condition("Equals", "IsInterlaced", "maybe")),
            "CodecProfiles[1].Conditions[0].Value",
        ),
        (
            video(json!({ "Condition": "Equals", "Property": "Width" })),
            "CodecProfiles[1].Conditions[0].Value",
        ),
    ];
    for (profile, place) in rows {
        let refused = translate(&profile).expect_err(place);
        assert_eq!(refused.place, place, "{refused}");
    }
    let many: Vec<String> = (0..90).map(|at| format!("c{at}")).collect();
    let direct = |names: &str| json!({ "Type": "Video", "VideoCodec": names, "AudioCodec": names });
    let profile = json!({ "DirectPlayProfiles": [direct(&many.join(","))] });
    assert_eq!(translate(&profile).expect_err("too many").place, "DirectPlayProfiles");
}

#[test]
fn nothing_said_is_nothing_played() {
    let nothing = SubtitleSupport { text: false, script: false, drawn: false };
    let expected = ClientProfile { chooses_audio: true, subtitles: nothing, ..Default::default() };
    let odd = json!({ "Id": null, "CodecProfiles": null, "MaxStreamingBitrate": 0, "Colour": {} });
    assert_eq!(translate(&odd), Ok(expected));
}
