//! A frame of a film, taken by FFmpeg.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use media::tool::Limits;
use media::{Tools, frame};

/// Wide enough for a television's background; a film is rarely looked at larger while it does not play.
const MAX_WIDTH: u32 = 1280;

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
    /// A JPEG of a typical moment of the film at `path`, or why there is none.
    pub async fn shoot(&self, ffmpeg: &Path, path: &Path) -> Result<Vec<u8>, String> {
        let probed = media::probe_file(path, &self.tools).await.map_err(|it| it.to_string())?;
        let poster = frame::Poster { max_width: MAX_WIDTH, has_zscale: self.has_zscale };
        let args = frame::args(path, &probed.probe, poster).ok_or("it has no moving picture")?;
        let output =
            media::tool::run(ffmpeg, &args, Limits::FRAME).await.map_err(|it| it.to_string())?;
        if output.stdout.is_empty() {
            Err(format!("FFmpeg gave no frame: {}", output.stderr))
        } else {
            Ok(output.stdout)
        }
    }
}
