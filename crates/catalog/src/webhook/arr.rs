//! What Radarr, Sonarr and their relatives send, and what it says of folders. Pure.
//!
//! Their events differ in words and agree in shape: the thing (film, series, artist, author) with its folder, and files with
//! whole paths. Whatever happened to them, looking there is right. An event without a path (a test, a health warning) is about
//! nothing of ours.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PathMapping;

/// Paths of one call at the most: a season with all that belongs to it is far below.
const MAX_PATHS: usize = 2000;

/// A call of Radarr, Sonarr, Lidarr, Readarr or a program that speaks like them. Unknown fields are passed over.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Call {
    /// `Test`, `Download`, `Rename`, `MovieDelete`, `EpisodeFileDelete`, `SeriesDelete` ...
    pub event_type: String,
    /// What the program calls itself.
    pub instance_name: Option<String>,
    /// The film.
    pub movie: Option<Thing>,
    /// The series.
    pub series: Option<Thing>,
    /// The artist.
    pub artist: Option<Thing>,
    /// The author.
    pub author: Option<Thing>,
    /// The file of a film.
    pub movie_file: Option<File>,
    /// The file of an episode.
    pub episode_file: Option<File>,
    /// Files of episodes.
    pub episode_files: Vec<File>,
    /// Files of an album.
    pub track_files: Vec<File>,
    /// Files of a book.
    pub book_files: Vec<File>,
    /// Files of a film that have other names now.
    pub renamed_movie_files: Vec<File>,
    /// Files of episodes that have other names now.
    pub renamed_episode_files: Vec<File>,
    /// Where files were put.
    pub destination_path: Option<String>,
    /// For programs that only want to name a path.
    pub path: Option<String>,
}

/// A film, a series, an artist, an author.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Thing {
    /// Its folder, in the words of Radarr.
    pub folder_path: Option<String>,
    /// Its folder, in the words of the others.
    pub path: Option<String>,
}

/// A file of one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// Where it is.
    pub path: Option<String>,
    /// Where it was.
    pub previous_path: Option<String>,
}

impl Call {
    /// Every path that is named, as the caller calls it. None for a test: its paths are made up.
    pub fn paths(&self) -> BTreeSet<&str> {
        if self.event_type.eq_ignore_ascii_case("test") {
            return BTreeSet::new();
        }
        let things = [&self.movie, &self.series, &self.artist, &self.author].into_iter().flatten();
        let folders = things.flat_map(|it| [&it.folder_path, &it.path]);
        let lists = [
            &self.episode_files,
            &self.track_files,
            &self.book_files,
            &self.renamed_movie_files,
            &self.renamed_episode_files,
        ];
        let single = [&self.movie_file, &self.episode_file].into_iter().flatten();
        let files = single.chain(lists.into_iter().flatten());
        let files = files.flat_map(|it| [&it.path, &it.previous_path]);
        let paths = folders.chain(files).chain([&self.destination_path, &self.path]);
        let paths = paths.filter_map(Option::as_deref).filter(|it| !it.is_empty());
        paths.take(MAX_PATHS).collect()
    }
}

/// The path as we call it.
pub fn mapped(path: &str, mappings: &[PathMapping]) -> PathBuf {
    let fitting = mappings.iter().filter_map(|it| Some((it, below(path, &it.from)?)));
    let Some((mapping, rest)) =
        fitting.max_by_key(|(it, _)| it.from.trim_end_matches(['/', '\\']).len())
    else {
        return PathBuf::from(path);
    };
    let mut mapped = PathBuf::from(&mapping.to);
    let is_windows = mapping.from.contains('\\');
    let separators: &[char] = if is_windows { &['/', '\\'] } else { &['/'] };
    mapped.extend(rest.split(separators).filter(|it| !it.is_empty()));
    mapped
}

/// What of `path` is below `folder`.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let is_windows = folder.contains('\\');
    let folder = folder.trim_end_matches(['/', '\\']);
    let (start, rest) = path.split_at_checked(folder.len())?;
    // Windows knows no case in paths.
    let fits = if is_windows { start.eq_ignore_ascii_case(folder) } else { start == folder };
    let ends = rest.is_empty() || rest.starts_with('/') || (is_windows && rest.starts_with('\\'));
    (fits && ends).then_some(rest)
}

#[cfg(test)]
mod tests;
