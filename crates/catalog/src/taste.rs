//! What a person likes to hear and read, and what they chose for a film or a series.

pub mod api;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use kernel::id::FileId;
use media::decide::{AudioChoice, SubtitleChoice, Taste};
use media::subtitles::Retiming;

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
    /// When subtitles of its files show, by [`retiming_key`].
    pub retimings: HashMap<String, Retiming>,
    /// The language it was made in, BCP 47.
    pub original: Option<String>,
}

impl Wanted {
    /// When the person has a subtitle of a file shown: `subtitle` is the stream's number, or the id of the file beside it.
    pub fn retiming(&self, file: FileId, subtitle: &str) -> Retiming {
        self.retimings.get(&retiming_key(file, subtitle)).copied().unwrap_or_default()
    }
}

/// A subtitle of a file: its times fit that file alone.
fn retiming_key(file: FileId, subtitle: &str) -> String {
    format!("{file}/{subtitle}")
}

/// When a subtitle shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRetiming {
    /// The film's file.
    pub file: FileId,
    /// The stream's number in it, or the id of the file beside it.
    pub subtitle: String,
    /// Where its lines go.
    pub by: Retiming,
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
    /// When a subtitle of one of the item's files shows.
    pub retiming: Option<NewRetiming>,
}
