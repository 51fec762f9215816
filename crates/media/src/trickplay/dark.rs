//! How dark the key frames at some moments are: credits are light words on dark ground. Pure, as all of [`super`] is.

use std::ffi::OsString;

use super::{Feed, Sheet, TILES, key_frames};
use crate::read::ReadAt;
use crate::samples::{Film, FilmError};
use crate::transcode::feed::ORIGIN_S;

/// Pictures are counted at this size: letters are still seen as light.
const SIZE: (usize, usize) = (160, 90);
/// From 0, which is black, to 255; darker than this is dark, lighter than the other is a letter.
const DARK: u8 = 40;
const LIGHT: u8 = 110;

/// What a picture is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Darkness {
    /// The share of it that is dark.
    pub dark: f32,
    /// The share of it that is light.
    pub light: f32,
}

/// Everything to look at the key frames nearest to these moments, at most [`TILES`] of them.
pub fn look(film: &Film, bytes: &dyn ReadAt, moments_ms: &[i64]) -> Result<Sheet, FilmError> {
    let Feed { segment, format, .. } = key_frames(film, bytes, moments_ms)?;
    Ok(Sheet { args: args(format, moments_ms.len().min(TILES)), feed: segment })
}

/// What FFmpeg answered: one for each moment, in their order.
pub fn read(answer: &[u8]) -> Vec<Darkness> {
    let share = |picture: &[u8], is_it: fn(u8) -> bool| {
        let n = picture.iter().filter(|it| is_it(**it)).count();
        n as f32 / picture.len() as f32
    };
    let pictures = answer.chunks_exact(SIZE.0 * SIZE.1);
    let of = |it: &[u8]| Darkness {
        dark: share(it, |pixel| pixel < DARK),
        light: share(it, |pixel| pixel >= LIGHT),
    };
    pictures.map(of).collect()
}

fn args(format: &str, n_pictures: usize) -> Vec<OsString> {
    let (width, height) = SIZE;
    let filters = format!(
        "fps=1:start_time={ORIGIN_S}:round=near:eof_action=pass,tpad=stop_mode=clone:stop={n_pictures},\
         scale={width}:{height}:flags=area:out_range=pc,format=gray"
    );
    super::arguments(format, &filters, n_pictures, &["-f", "rawvideo"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_counted_by_its_dark_and_its_light_parts() {
        let mut words = vec![10; SIZE.0 * SIZE.1];
        words[..SIZE.0 * 9].fill(200);
        let scene = vec![90; SIZE.0 * SIZE.1];
        let answer = [words, scene, vec![0; 7]].concat();
        assert_eq!(
            read(&answer),
            [Darkness { dark: 0.9, light: 0.1 }, Darkness { dark: 0.0, light: 0.0 }],
            "what is cut off is no picture"
        );
    }
}
