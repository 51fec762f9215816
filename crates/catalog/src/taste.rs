//! What a person likes to hear and read, and what they chose for a film or a series.

pub mod api;
mod service;
mod store;
#[cfg(test)]
mod tests;

use kernel::id::FileId;
use media::decide::{AudioChoice, SubtitleChoice, Taste};

/// What decides how an item begins for a person, beside what its file is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What they like in every film.
    pub taste: Taste,
    /// The version they chose.
    pub file: Option<FileId>,
    /// The sound they chose, here or elsewhere in the series.
    pub audio: Option<AudioChoice>,
    /// The subtitle they chose, here or elsewhere in the series.
    pub subtitle: Option<SubtitleChoice>,
    /// The language it was made in, BCP 47.
    pub original: Option<String>,
}

/// What a person chose while playing. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewChoice {
    /// This version of the item.
    pub version: Option<FileId>,
    /// A sound track like this one: a file and the stream's number in it.
    pub audio: Option<(FileId, u32)>,
    /// A subtitle like this, or none.
    pub subtitle: Option<SubtitleChoice>,
}
