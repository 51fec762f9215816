//! The music of the demo folder: an album with tags and embedded covers, and a second one in other formats.

use super::recipe::{AudioCodec, Content, Piece, Song};
use super::scene::Scene;

/// Everything under `Music/`.
pub fn pieces() -> Vec<Piece> {
    let mut pieces = low_tide_letters();
    pieces.extend(cartographers());
    pieces
}

/// An ordinary album in MP3.
fn low_tide_letters() -> Vec<Piece> {
    const FOLDER: &str = "Music/Mira Solenne/Low Tide Letters (2021)";
    let cover = Scene { title: "Low Tide Letters", colors: [0x33_5c67, 0xff_f3b0] };
    let titles = ["First Light", "Postcards", "The Ferry", "Undertow", "Home by Nine"];
    let mut pieces: Vec<Piece> = (1..)
        .zip(titles)
        .map(|(number, title)| Piece {
            path: format!("{FOLDER}/{number:02} - {title}.mp3"),
            content: Content::Song(Song {
                artist: "Mira Solenne",
                album: "Low Tide Letters",
                year: 2021,
                number,
                title,
                codec: AudioCodec::Mp3,
                seconds: 20,
                tone_hz: 180 + 20 * number,
                cover,
            }),
        })
        .collect();
    pieces.push(Piece {
        path: format!("{FOLDER}/cover.jpg"),
        content: Content::Picture(cover, [600, 600]),
    });
    pieces
}

/// The same idea as FLAC, AAC and Opus.
fn cartographers() -> Vec<Piece> {
    let cover = Scene { title: "North by Lamplight", colors: [0x22_223b, 0xc9_ada7] };
    let formats = [
        ("Meridian", AudioCodec::Flac, "flac"),
        ("Contour Lines", AudioCodec::Aac, "m4a"),
        ("Terra Incognita", AudioCodec::Opus, "opus"),
    ];
    (1..)
        .zip(formats)
        .map(|(number, (title, codec, extension))| Piece {
            path: format!(
                "Music/Cartographers of Dusk/North by Lamplight/{number:02} {title}.{extension}"
            ),
            content: Content::Song(Song {
                artist: "Cartographers of Dusk",
                album: "North by Lamplight",
                year: 2018,
                number,
                title,
                codec,
                seconds: 15,
                tone_hz: 130 + 15 * number,
                cover,
            }),
        })
        .collect()
}
