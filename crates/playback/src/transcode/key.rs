//! What a made segment hangs on.

use std::os::unix::ffi::OsStrExt as _;

use kernel::id::FileId;
use media::samples::Film;
use media::transcode::{self, Rendition};

use super::Settings;
use crate::kept::Name;

/// What is made: of a file as it was, a stream, how, and which segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub file: FileId,
    pub version: String,
    pub stream: u32,
    pub rendition: Rendition,
    /// `None` is what a decoder needs before the first segment.
    pub number: Option<usize>,
}

impl Key {
    /// The name on disk, where it outlives this program and its FFmpeg: of everything that the bytes hang on, how the film
    /// is cut and what FFmpeg is told among it.
    pub fn name(&self, film: &Film, settings: &Settings) -> Name {
        let recipe = film.track(self.stream).ok();
        let recipe =
            recipe.and_then(|it| transcode::recipe(it, self.rendition, settings.abilities));
        let recipe = recipe.unwrap_or_default();
        let plan = &film.plan;
        let number = self.number.unwrap_or(0);
        let from_ns = plan.cuts.get(number).map_or(0, |it| it.start_ns);
        let place = format!(
            "{}/{}/{:?}/{from_ns}-{}-{}",
            self.version,
            self.stream,
            self.number,
            plan.end_of(number),
            plan.end_ns
        );
        let mut parts: Vec<&[u8]> =
            vec![self.file.0.as_bytes().as_slice(), place.as_bytes(), settings.build.as_bytes()];
        parts.extend(recipe.iter().map(|it| it.as_bytes()));
        Name::of(&parts)
    }
}
