//! What the installed FFmpeg can do, and starting it so that the same call gives the same bytes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::program;

/// Where Debian keeps the font that titles are written with.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

/// The FFmpeg on this machine.
pub struct Ffmpeg {
    encoders: HashSet<String>,
    /// The font for titles; none when there is no font or no `drawtext`.
    pub font: Option<PathBuf>,
}

impl Ffmpeg {
    /// Asks FFmpeg what it has.
    pub fn find() -> Result<Self> {
        let encoders = list("-encoders").context("FFmpeg is needed: apt-get install ffmpeg")?;
        let filters = list("-filters")?;
        let font = Path::new(FONT);
        let has_titles = filters.contains("drawtext") && font.is_file();
        Ok(Self { encoders, font: has_titles.then(|| font.to_owned()) })
    }

    /// Whether FFmpeg was built with this encoder.
    pub fn has_encoder(&self, encoder: &str) -> bool {
        self.encoders.contains(encoder)
    }
}

/// A call that overwrites its output and says nothing unless it fails.
pub fn command() -> Command {
    let mut command = program::command("ffmpeg");
    command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]);
    command
}

/// Arguments after which an output holds no date, version or random number.
///
/// One thread each, because some encoders cut a picture by the number of threads.
pub const BITEXACT: &[&str] = &[
    "-threads",
    "1",
    "-fflags",
    "+bitexact",
    "-flags:v",
    "+bitexact",
    "-flags:a",
    "+bitexact",
    "-map_metadata:g",
    "-1",
];

/// Names in one of FFmpeg's lists: the second word of each line.
fn list(which: &str) -> Result<HashSet<String>> {
    let text = program::output(program::command("ffmpeg").args(["-hide_banner", which]))?;
    Ok(text.lines().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect())
}
