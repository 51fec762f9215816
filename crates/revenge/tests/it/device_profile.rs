//! A client that says what it plays as it says it to Jellyfin.

use serde_json::{Value, json};

use crate::transcode::{BOTH, House, house, profile};

/// A player of these pictures and of AAC, in MP4 and HLS.
fn device_profile(video: &str) -> Value {
    json!({
        "MaxStreamingBitrate": 120_000_000,
        "DirectPlayProfiles": [
            { "Container": "mp4", "Type": "Video", "VideoCodec": video, "AudioCodec": "aac" },
        ],
        "TranscodingProfiles": [
            { "Container": "mp4", "Type": "Video", "Protocol": "hls", "VideoCodec": "h264", "AudioCodec": "aac",
                "MaxAudioChannels": "2" },
        ],
        "CodecProfiles": [
            { "Type": "Video", "Codec": "h264", "Conditions": [
                { "Condition": "EqualsAny", "Property": "VideoProfile", "Value": "high|main", "IsRequired": false },
            ] },
        ],
        "SubtitleProfiles": [{ "Format": "vtt", "Method": "External" }],
    })
}

async fn start(house: &House, body: Value) -> (u16, Value) {
    let answer = house.app.post(&house.member, "/playback", body).await;
    (answer.status.into(), answer.json())
}

#[tokio::test]
async fn the_profile_of_a_jellyfin_client_decides() {
    let house = house(BOTH, |_| ()).await;
    let rows = [
        ("h264", "transcode_video", json!(["video_codec", "audio_codec"])),
        ("h264,hevc", "transcode_audio", json!(["audio_codec"])),
    ];
    for (video, method, codes) in rows {
        let body = json!({ "item_id": house.item, "device_profile": device_profile(video) });
        let (status, start) = start(&house, body).await;
        let reasons = start["reasons"].as_array().cloned().unwrap_or_default();
        let found: Value = reasons.iter().map(|it| it["code"].clone()).collect();
        assert_eq!((status, &start["method"], found), (200, &json!(method), codes), "{start}");
    }
    let mut all = device_profile("");
    all["DirectPlayProfiles"] = json!([{ "Type": "Video" }]);
    let body = json!({ "item_id": house.item, "device_profile": all });
    assert_eq!(start(&house, body).await.1["method"], "direct");
}

#[tokio::test]
async fn what_is_no_profile_is_refused_with_its_place() {
    let house = house(BOTH, |_| ()).await;
    let mut wrong = device_profile("h264");
    wrong["CodecProfiles"][0]["Conditions"][0]["Property"] = json!("Width");
    let place = "device_profile.CodecProfiles[0].Conditions[0].Value";
    let both = json!({ "item_id": house.item, "profile": profile(), "device_profile": {} });
    let rows = [
        (json!({ "item_id": house.item, "device_profile": wrong }), place),
        (json!({ "item_id": house.item, "device_profile": "web" }), "device_profile"),
        (both, "device_profile"),
    ];
    for (body, place) in rows {
        let (status, problem) = start(&house, body).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem.to_string().contains(&format!("\"{place}\"")), "{place}: {problem}");
    }
}
