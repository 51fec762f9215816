//! The shows of the demo folder: one in the usual folders with all that belongs to it, one flat and named the old way.

use super::recipe::{AudioCodec, AudioTrack, Content, Piece, Video, VideoCodec};
use super::scene::Scene;

/// Everything under `Shows/`.
pub fn pieces() -> Vec<Piece> {
    let mut pieces = tidewater_station();
    pieces.extend(small_hours());
    pieces
}

/// Two seasons, a double episode, a special with its place between two episodes, posters of show and season, a thumbnail and an NFO.
fn tidewater_station() -> Vec<Piece> {
    const SHOW: &str = "Shows/Tidewater Station (2020)";
    const COLORS: [u32; 2] = [0x05_445e, 0xd4_f1f4];
    const SECOND_COLORS: [u32; 2] = [0x3d_0e3f, 0xf7_b267];
    const NFO: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<tvshow>
  <title>Tidewater Station</title>
  <year>2020</year>
  <premiered>2020-09-04</premiered>
  <status>Ended</status>
  <plot>The night crew of a tidal power station keeps a town alight, and keeps its secrets out of the log book.</plot>
  <genre>Drama</genre>
  <genre>Science Fiction</genre>
  <studio>Estuary</studio>
  <mpaa>TV-PG</mpaa>
  <actor><name>Maren Ovesen</name><role>Ada Quill</role><order>0</order></actor>
</tvshow>
"#;
    const SPECIAL_NFO: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<episodedetails>
  <title>Behind the Tide</title>
  <season>0</season>
  <episode>1</episode>
  <displayseason>1</displayseason>
  <displayepisode>2</displayepisode>
</episodedetails>
"#;
    let show = Scene { title: "Tidewater Station", colors: COLORS };
    let mut pieces = vec![
        Piece { path: format!("{SHOW}/tvshow.nfo"), content: Content::Text(NFO.to_owned()) },
        Piece {
            path: format!("{SHOW}/Season 00/Tidewater Station - S00E01 - Behind the Tide.nfo"),
            content: Content::Text(SPECIAL_NFO.to_owned()),
        },
        picture(format!("{SHOW}/poster.jpg"), show, [600, 900]),
        picture(format!("{SHOW}/fanart.jpg"), show, [1280, 720]),
        picture(
            format!("{SHOW}/season01-poster.jpg"),
            Scene { title: "Tidewater Station Season 1", ..show },
            [600, 900],
        ),
        picture(
            format!("{SHOW}/season02-poster.jpg"),
            Scene { title: "Tidewater Station Season 2", colors: SECOND_COLORS },
            [600, 900],
        ),
        picture(
            format!("{SHOW}/Season 01/Tidewater Station - S01E01 - Arrival-thumb.jpg"),
            Scene { title: "Arrival", ..show },
            [640, 360],
        ),
    ];
    let episodes = [
        ("Season 00/Tidewater Station - S00E01 - Behind the Tide", "Behind the Tide", COLORS),
        ("Season 01/Tidewater Station - S01E01 - Arrival", "Arrival", COLORS),
        ("Season 01/Tidewater Station - S01E02 - Slack Water", "Slack Water", COLORS),
        ("Season 01/Tidewater Station - S01E03-E04 - The Long Storm", "The Long Storm", COLORS),
        ("Season 02/Tidewater Station - S02E01 - Neap", "Neap", SECOND_COLORS),
        ("Season 02/Tidewater Station - S02E02 - The Last Log", "The Last Log", SECOND_COLORS),
    ];
    for (path, title, colors) in episodes {
        pieces.push(episode(format!("{SHOW}/{path}.mkv"), Scene { title, colors }, [640, 360]));
    }
    pieces
}

/// All in one folder as `1x02`, the way older collections are named.
fn small_hours() -> Vec<Piece> {
    const COLORS: [u32; 2] = [0x1b_1b2f, 0xe4_3f5a];
    [
        ("small.hours.1x01.pilot", "Pilot"),
        ("small.hours.1x02.night.bus", "Night Bus"),
        ("small.hours.1x03.closing.time", "Closing Time"),
    ]
    .into_iter()
    .map(|(name, title)| {
        episode(
            format!("Shows/Small Hours/{name}.mp4"),
            Scene { title, colors: COLORS },
            [480, 270],
        )
    })
    .collect()
}

fn episode(path: String, scene: Scene, size: [u32; 2]) -> Piece {
    let sound = AudioTrack { language: "eng", codec: AudioCodec::Aac, channels: 2, tone_hz: 208 };
    let video = Video {
        scene,
        size,
        rate: 24,
        seconds: 12,
        codec: VideoCodec::H264,
        audio: vec![sound],
        subtitles: vec![],
        drawn: None,
        chapters: vec![],
    };
    Piece { path, content: Content::Video(video) }
}

fn picture(path: String, scene: Scene, size: [u32; 2]) -> Piece {
    Piece { path, content: Content::Picture(scene, size) }
}
