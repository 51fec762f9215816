//! A few tiny but valid films that larger collections are copied from.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::ffmpeg::{self, BITEXACT};
use crate::program;

/// One small film.
pub struct Clip {
    /// Without the dot.
    pub extension: &'static str,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// A Matroska and an MP4 film of a few seconds, 20 to 40 KB each. `work` is an existing folder for temporary files.
pub fn make(work: &Path) -> Result<Vec<Clip>> {
    let picture = "testsrc2=size=160x90:rate=10:duration=3";
    let tone = "sine=frequency=220:sample_rate=48000:duration=3";
    ["mkv", "mp4"]
        .into_iter()
        .map(|extension| {
            let file = work.join(format!("clip.{extension}"));
            let mut call = ffmpeg::command();
            call.args(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]).args(BITEXACT);
            call.args(["-c:v", "mpeg4", "-q:v", "20", "-c:a", "aac", "-b:a", "24k", "-ac", "1"]);
            program::output(call.arg(&file))?;
            let bytes = fs::read(&file)?;
            fs::remove_file(&file)?;
            Ok(Clip { extension, bytes })
        })
        .collect()
}

impl Clip {
    /// The film with `n` in an element that players skip, so that no two copies are the same bytes.
    pub fn numbered(&self, n: u64) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        if self.extension == "mp4" {
            // A box "free" of 16 bytes.
            bytes.extend_from_slice(&[0, 0, 0, 16]);
            bytes.extend_from_slice(b"free");
        } else {
            // A Void element with 8 bytes of content.
            bytes.extend_from_slice(&[0xec, 0x88]);
        }
        bytes.extend_from_slice(&n.to_be_bytes());
        bytes
    }
}
