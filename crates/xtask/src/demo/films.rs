//! The films of the demo folder, each for something that a media server must get right. All titles are invented.

use super::recipe::{AudioCodec, AudioTrack, Content, Piece, Video, VideoCodec, subtitles};
use super::scene::Scene;

const POSTER: [u32; 2] = [600, 900];
const BACKDROP: [u32; 2] = [1280, 720];

/// Everything under `Movies/`.
pub fn pieces() -> Vec<Piece> {
    [
        harbour_of_glass(),
        lantern_keeper(),
        paper_mountains(),
        long_meridian(),
        salt_and_starlight(),
        in_other_codecs(),
        oddly_named(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Three languages, embedded subtitles, chapters, a trailer and a featurette.
fn harbour_of_glass() -> Vec<Piece> {
    const FOLDER: &str = "Movies/Harbour of Glass (2019)";
    let scene = Scene { title: "Harbour of Glass", colors: [0x12_355b, 0xf2_a65a] };
    let film = Video {
        audio: vec![
            sound("eng", AudioCodec::Ac3, 6, 220),
            sound("ger", AudioCodec::Aac, 2, 277),
            sound("fre", AudioCodec::Aac, 2, 330),
        ],
        subtitles: vec!["eng", "ger"],
        chapters: vec!["The Harbour", "Low Tide", "The Glass Bridge", "Landfall"],
        ..film(scene, 28)
    };
    let trailer = Scene { title: "Harbour of Glass - Trailer", ..scene };
    let featurette = Scene { title: "Building the Bridge", ..scene };
    vec![
        video(format!("{FOLDER}/Harbour of Glass (2019).mkv"), film),
        video(
            format!("{FOLDER}/Harbour of Glass (2019)-trailer.mp4"),
            Video { size: [640, 360], ..self::film(trailer, 8) },
        ),
        video(
            format!("{FOLDER}/Featurettes/Building the Bridge.mp4"),
            Video { size: [640, 360], ..self::film(featurette, 8) },
        ),
        picture(format!("{FOLDER}/poster.jpg"), scene, POSTER),
    ]
}

/// Plays directly in every browser; subtitles beside the file, NFO, poster and backdrop.
fn lantern_keeper() -> Vec<Piece> {
    const STEM: &str = "Movies/The Lantern Keeper (2021)/The Lantern Keeper (2021)";
    const NFO: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>The Lantern Keeper</title>
  <originaltitle>The Lantern Keeper</originaltitle>
  <sorttitle>Lantern Keeper, The</sorttitle>
  <year>2021</year>
  <premiered>2021-03-12</premiered>
  <runtime>1</runtime>
  <mpaa>PG</mpaa>
  <tagline>Some lights are promises.</tagline>
  <plot>On an island that no map agrees about, a retired surveyor keeps one lamp burning and measures the nights by who does not arrive.</plot>
  <genre>Drama</genre>
  <genre>Mystery</genre>
  <studio>Northlight Pictures</studio>
  <country>Ireland</country>
  <director>Ines Halloran</director>
  <credits>Tomas Verrall</credits>
  <ratings><rating name="default" max="10" default="true"><value>7.8</value><votes>412</votes></rating></ratings>
  <actor><name>Maren Ovesen</name><role>The Keeper</role><order>0</order></actor>
  <actor><name>Idris Calloway</name><role>The Pilot</role><order>1</order></actor>
</movie>
"#;
    let scene = Scene { title: "The Lantern Keeper", colors: [0x2b_1a3d, 0xe8_825d] };
    let folder = STEM.rsplit_once('/').map_or("", |it| it.0);
    vec![
        video(format!("{STEM}.mp4"), film(scene, 30)),
        text(format!("{STEM}.en.srt"), subtitles("eng", 30)),
        text(format!("{STEM}.en.sdh.srt"), subtitles("sdh", 30)),
        text(format!("{STEM}.de.forced.srt"), subtitles("ger", 10)),
        text(format!("{STEM}.nfo"), NFO.to_owned()),
        picture(format!("{folder}/poster.jpg"), scene, POSTER),
        picture(format!("{folder}/fanart.jpg"), scene, BACKDROP),
    ]
}

/// One film in two versions. Their sizes are small; only the names promise more.
fn paper_mountains() -> Vec<Piece> {
    const STEM: &str = "Movies/Paper Mountains (2020)/Paper Mountains (2020)";
    let scene = Scene { title: "Paper Mountains", colors: [0x0f_3d3e, 0xe2_dfd0] };
    let large = Video { size: [1280, 720], ..film(scene, 15) };
    let small = Video { size: [854, 480], ..film(scene, 15) };
    vec![
        video(format!("{STEM} - 2160p.mkv"), large),
        video(format!("{STEM} - 1080p.mp4"), small),
        picture("Movies/Paper Mountains (2020)/folder.jpg".to_owned(), scene, POSTER),
    ]
}

/// One film in two files that are played one after the other.
fn long_meridian() -> Vec<Piece> {
    const STEM: &str = "Movies/The Long Meridian (2005)/The Long Meridian (2005)";
    let part = |title, n: u32| {
        let scene = Scene { title, colors: [0x3a_2e39, 0xf4_d8cd] };
        video(format!("{STEM} - part{n}.mkv"), Video { size: [640, 360], ..film(scene, 12) })
    };
    vec![part("The Long Meridian - Part 1", 1), part("The Long Meridian - Part 2", 2)]
}

/// The provider's id in the folder's name. It is beyond those that are given out.
fn salt_and_starlight() -> Vec<Piece> {
    const FOLDER: &str = "Movies/Salt and Starlight (2018) {tmdb-99900001}";
    let scene = Scene { title: "Salt and Starlight", colors: [0x0b_132b, 0x6f_ffe9] };
    vec![
        video(format!("{FOLDER}/Salt and Starlight (2018).mp4"), film(scene, 20)),
        picture(format!("{FOLDER}/poster.jpg"), scene, POSTER),
    ]
}

/// What not every browser plays: HEVC with HDR10, VP9, AV1, MPEG-4 in AVI.
fn in_other_codecs() -> Vec<Piece> {
    let ember_sky = Video {
        codec: VideoCodec::HevcHdr10,
        audio: vec![sound("eng", AudioCodec::Ac3, 6, 196)],
        subtitles: vec!["eng"],
        ..film(Scene { title: "Ember Sky", colors: [0x2d_0605, 0xff_7b00] }, 12)
    };
    let quiet_orbit = Video {
        codec: VideoCodec::Vp9,
        audio: vec![sound("eng", AudioCodec::Opus, 2, 247)],
        ..film(Scene { title: "Quiet Orbit", colors: [0x10_002b, 0xc7_7dff] }, 15)
    };
    let copper_moon = Video {
        size: [854, 480],
        codec: VideoCodec::Av1,
        audio: vec![sound("eng", AudioCodec::Opus, 2, 262)],
        ..film(Scene { title: "Copper Moon", colors: [0x1d_3124, 0xd8_8c4a] }, 12)
    };
    let old_mill_road = Video {
        size: [512, 288],
        codec: VideoCodec::Mpeg4,
        audio: vec![sound("eng", AudioCodec::Mp3, 2, 175)],
        ..film(Scene { title: "Old Mill Road", colors: [0x4a_3f35, 0xd9_c5a0] }, 20)
    };
    vec![
        video(
            "Movies/Ember.Sky.2022.2160p.WEB-DL.DDP5.1.HDR10.x265-NOVA.mkv".to_owned(),
            ember_sky,
        ),
        video("Movies/Quiet Orbit (2017)/Quiet Orbit (2017).webm".to_owned(), quiet_orbit),
        video("Movies/Copper.Moon.2023.1080p.AV1.Opus-GRAIN.mkv".to_owned(), copper_moon),
        video("Movies/[RETRO] old_mill_road_(1998)_DVDRip_XviD.avi".to_owned(), old_mill_road),
    ]
}

/// No year, letters beyond ASCII with subtitles that are pictures, and one long enough to seek and resume in.
fn oddly_named() -> Vec<Piece> {
    let nightjar = film(Scene { title: "Nightjar", colors: [0x14_213d, 0xfc_a311] }, 10);
    let umlauts = Video {
        audio: vec![sound("ger", AudioCodec::Aac, 2, 233)],
        drawn: Some("ger"),
        ..film(Scene { title: "Über den Dächern von Morgen", colors: [0x26_4653, 0xe9_c46a] }, 14)
    };
    let slow_river = Video {
        size: [640, 360],
        rate: 12,
        ..film(Scene { title: "Slow River", colors: [0x00_3049, 0x90_be6d] }, 300)
    };
    vec![
        video("Movies/Nightjar.mp4".to_owned(), nightjar),
        video("Movies/Über den Dächern von Morgen (2013)/Über den Dächern von Morgen (2013).mkv".to_owned(), umlauts),
        text("Movies/Über den Dächern von Morgen (2013)/Über den Dächern von Morgen (2013).en.ass".to_owned(), styled()),
        video("Movies/Slow.River.2016.720p.BluRay.x264-DELTA/slow.river.2016.720p.bluray.x264-delta.mp4".to_owned(), slow_river),
    ]
}

/// A script with styles: a red sign at the left edge and, from the fifth second on, words below.
fn styled() -> String {
    let lines = [
        "[Script Info]",
        "ScriptType: v4.00+",
        "PlayResX: 1280",
        "PlayResY: 720",
        "",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
         StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
        "Style: Default,Sans,48,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,0,2,20,20,30,1",
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        r"Dialogue: 0,0:00:01.00,0:00:05.00,Default,,0,0,0,,{\an7\pos(40,300)\1c&H0000FF&\bord0\p1}m 0 0 l 200 0 200 100 0 100{\p0}",
        r"Dialogue: 0,0:00:05.00,0:00:12.00,Default,,0,0,0,,{\i1}Over the roofs{\i0}\Nof tomorrow",
    ];
    lines.join("\n") + "\n"
}

/// An ordinary film; the special ones say where they differ.
fn film(scene: Scene, seconds: u32) -> Video {
    Video {
        scene,
        size: [1280, 720],
        rate: 24,
        seconds,
        codec: VideoCodec::H264,
        audio: vec![sound("eng", AudioCodec::Aac, 2, 220)],
        subtitles: vec![],
        drawn: None,
        chapters: vec![],
    }
}

fn sound(language: &'static str, codec: AudioCodec, channels: u32, tone_hz: u32) -> AudioTrack {
    AudioTrack { language, codec, channels, tone_hz }
}

fn video(path: String, video: Video) -> Piece {
    Piece { path, content: Content::Video(video) }
}

fn picture(path: String, scene: Scene, size: [u32; 2]) -> Piece {
    Piece { path, content: Content::Picture(scene, size) }
}

fn text(path: String, text: String) -> Piece {
    Piece { path, content: Content::Text(text) }
}
