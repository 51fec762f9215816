//! A frame of a film, taken by FFmpeg: the best of several moments.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::DynamicImage;
use image::imageops::FilterType;
use media::Tools;
use media::frame::{self, Choice, Luma};
use media::tool::Limits;

use super::picture;

/// Wide enough for a television's background; a film is rarely looked at larger while it does not play.
const MAX_WIDTH: u32 = 1280;
/// The size at which moments are compared.
const COMPARED_SIDE: u32 = 320;

/// Takes frames.
#[derive(Clone, Debug)]
pub struct Camera {
    /// The program; without it there are no frames.
    pub ffmpeg: Option<PathBuf>,
    /// Whether it has the `zscale` filter, without which HDR pictures stay pale.
    pub has_zscale: bool,
    /// For reading the film's headers first.
    pub tools: Arc<Tools>,
}

impl Camera {
    /// A JPEG of a moment of the film at `path` that is neither black nor blurred, without the bars around it; or why there
    /// is none.
    pub async fn shoot(&self, ffmpeg: &Path, path: &Path) -> Result<Vec<u8>, String> {
        let probed = media::probe_file(path, &self.tools).await.map_err(|it| it.to_string())?;
        let poster = frame::Poster { max_width: MAX_WIDTH, has_zscale: self.has_zscale };
        let args = frame::args(path, &probed.probe, poster).ok_or("it has no moving picture")?;
        let output =
            media::tool::run(ffmpeg, &args, Limits::FRAME).await.map_err(|it| it.to_string())?;
        if output.stdout.is_empty() {
            return Err(format!("FFmpeg gave no frame: {}", output.stderr));
        }
        let best = tokio::task::spawn_blocking(move || best(&output.stdout));
        best.await.map_err(|it| it.to_string())?
    }
}

fn best(stream: &[u8]) -> Result<Vec<u8>, String> {
    let taken = frame::split(stream);
    let decoded: Vec<(&[u8], DynamicImage)> = taken
        .into_iter()
        .filter_map(|bytes| Some((bytes, picture::decode(bytes).ok()?.1)))
        .collect();
    let small: Vec<image::GrayImage> = decoded
        .iter()
        .map(|(_, it)| it.resize(COMPARED_SIDE, COMPARED_SIDE, FilterType::Triangle).to_luma8())
        .collect();
    let luma: Vec<Luma<'_>> =
        small.iter().map(|it| Luma { width: it.width() as usize, pixels: it.as_raw() }).collect();
    let Choice { index, crop } = frame::choose(&luma).ok_or("all its frames are black")?;
    let (bytes, picture) = &decoded[index];
    picture::cropped(picture, crop)
        .unwrap_or_else(|| Ok(bytes.to_vec()))
        .map_err(|it| it.to_string())
}
