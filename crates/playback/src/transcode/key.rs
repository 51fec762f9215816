//! What is made is found by these.

use std::os::unix::ffi::OsStrExt as _;

use kernel::id::FileId;
use media::samples::Film;
use media::transcode::{self, Abilities, Part, Rendition};

use super::Settings;
use crate::kept::Name;

/// Of what is made what: of a stream of a file as it was, a rendition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Subject {
    pub file: FileId,
    pub version: String,
    pub stream: u32,
    pub rendition: Rendition,
}

/// What one child makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RunKey {
    pub of: Subject,
    /// `None` is what a decoder needs before any part, and nothing else.
    pub run: Option<usize>,
}

/// A part, by its number in the film.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PartKey {
    pub of: Subject,
    pub number: usize,
}

impl RunKey {
    /// Whether whoever watched that run comes to this one by watching on, or the other way round.
    pub fn is_beside(&self, other: &Self) -> bool {
        let distance = self.run.unwrap_or(0).abs_diff(other.run.unwrap_or(0));
        self.of == other.of && distance <= 1
    }
}

impl Subject {
    /// The name on disk of a part, or of the beginning, where it outlives this program and its FFmpeg: of everything that
    /// the bytes hang on, how the film is cut and what FFmpeg is told among it.
    pub fn name(
        &self,
        film: &Film,
        part: Option<&Part>,
        settings: &Settings,
        abilities: Abilities,
    ) -> Name {
        let recipe = film.track(self.stream).ok();
        let recipe = recipe.and_then(|it| transcode::recipe(it, self.rendition, abilities));
        let recipe = recipe.unwrap_or_default();
        let plan = &film.plan;
        let run = part.map_or(0, |it| it.run);
        let from_ns = plan.cuts.get(run).map_or(0, |it| it.start_ns);
        let (run_end_ns, end_ns) = (plan.end_of(run), plan.end_ns);
        let span = part.map(|it| (it.number, it.start_ns, it.end_ns));
        let place = format!(
            "{}/{}/{span:?}/{run}-{from_ns}-{run_end_ns}-{end_ns}",
            self.version, self.stream
        );
        let mut parts: Vec<&[u8]> =
            vec![self.file.0.as_bytes().as_slice(), place.as_bytes(), settings.build.as_bytes()];
        parts.extend(recipe.iter().map(|it| it.as_bytes()));
        Name::of(&parts)
    }
}
