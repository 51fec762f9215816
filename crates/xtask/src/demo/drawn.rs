//! Subtitles that are pictures, as on discs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::sup::{self, Placed, Set};

/// What the pictures show.
const LETTERS: [&str; 7] = [
    "###..#..###.###.#..#.###..####",
    "#..#.#.#.....#..#..#.#..#.#...",
    "#..#.#.#.....#..#..#.#..#.#...",
    "###..#.#.....#..#..#.###..###.",
    "#....#.#.....#..#..#.#.#..#...",
    "#....#.#.....#..#..#.#..#.#...",
    "#....#..###..#...##..#..#.####",
];
/// Pixels of the film for one of theirs.
const SCALE: usize = 6;
/// White, and the black around it that lets a little through.
const PALETTE: [(u8, [u8; 4]); 2] = [(1, [235, 128, 128, 255]), (2, [16, 128, 128, 200])];
/// A picture shows for the first half of each of these, and nothing for the second.
const EVERY_MS: u32 = 4000;

/// The file, as an address that FFmpeg opens.
pub fn address([width, height]: [u32; 2], seconds: u32) -> String {
    let (colors, size) = picture();
    let place = ((width as u16 - size.0) / 2, height as u16 - size.1 - 40);
    let nothing =
        |ms| Set { ms, is_beginning: true, palette: None, objects: vec![], shown: vec![] };
    let mut sets = vec![nothing(0)];
    for start_ms in (1000..(seconds - 2) * 1000).step_by(EVERY_MS as usize) {
        sets.push(Set {
            palette: Some(PALETTE.to_vec()),
            objects: vec![(1, size, colors.clone())],
            shown: vec![Placed { object: 1, place, is_forced: false, crop: None }],
            ..nothing(start_ms)
        });
        sets.push(nothing(start_ms + EVERY_MS / 2));
    }
    let file = sup::write((width as u16, height as u16), &sets);
    format!("data:application/octet-stream;base64,{}", STANDARD.encode(file))
}

/// Colours of the picture row by row, and its size.
fn picture() -> (Vec<u8>, sup::Size) {
    let (width, height) = ((LETTERS[0].len() + 2) * SCALE, (LETTERS.len() + 2) * SCALE);
    let color = |x: usize, y: usize| {
        let row = (y / SCALE).checked_sub(1).and_then(|it| LETTERS.get(it));
        let dot = (x / SCALE).checked_sub(1).and_then(|it| row?.as_bytes().get(it));
        if dot == Some(&b'#') { 1 } else { 2 }
    };
    let colors = (0..height).flat_map(|y| (0..width).map(move |x| color(x, y))).collect();
    (colors, (width as u16, height as u16))
}
