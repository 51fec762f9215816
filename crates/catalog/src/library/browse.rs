//! The server's folders, for choosing where a library is.

use std::path::{Path, PathBuf};

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::folders::unreadable;
use crate::stored_path;

/// Folders listed at the most: more than anybody scrolls through.
const MAX_ENTRIES: usize = 1000;

/// Where no media is: the system's own. Hidden from lists; a path typed by hand still opens.
const SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/lost+found",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/tmp",
    "/usr",
    "/var",
];

/// What is in a folder of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FolderListing {
    /// The folder listed; empty where only suggestions were asked for.
    pub path: String,
    /// The folder above it.
    pub parent: Option<String>,
    /// The folders in it, by name. Hidden ones, the system's and those the server may not look into are left out.
    pub folders: Vec<FolderEntry>,
    /// Where media may well be.
    pub suggestions: Vec<String>,
}

/// A folder to go into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Its whole path.
    pub path: String,
}

/// The folders in `text`, or only suggestions where there is no path. Blocks: reads the disk.
pub(super) fn list(text: Option<&str>, suggestions: &[PathBuf]) -> Result<FolderListing> {
    let suggestions =
        suggestions.iter().filter(|it| it.is_dir()).map(|it| stored_path::to_text(it)).collect();
    let Some(text) = text.filter(|it| !it.is_empty()) else {
        return Ok(FolderListing {
            path: String::new(),
            parent: None,
            folders: Vec::new(),
            suggestions,
        });
    };
    let path = stored_path::from_text(text);
    if !path.is_absolute() {
        return Err(Error::invalid("path", format!("{text} is no absolute path: begin it with /")));
    }
    let entries = std::fs::read_dir(&path)
        .map_err(|error| Error::invalid("path", unreadable(text, &error)))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|it| !is_hidden(it) && std::fs::read_dir(it).is_ok())
        .take(MAX_ENTRIES)
        .collect();
    folders.sort();
    Ok(FolderListing {
        path: stored_path::to_text(&path),
        parent: path.parent().map(stored_path::to_text),
        folders: folders.iter().map(|it| entry(it)).collect(),
        suggestions,
    })
}

fn entry(path: &Path) -> FolderEntry {
    let name = path.file_name().map(|it| stored_path::to_text(Path::new(it))).unwrap_or_default();
    FolderEntry { name, path: stored_path::to_text(path) }
}

fn is_hidden(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let dotted = path.file_name().is_some_and(|it| it.as_bytes().starts_with(b"."));
    dotted || SYSTEM.iter().any(|it| path == Path::new(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chooser_shows_folders_only_and_hides_the_system() {
        let home = tempfile::tempdir().expect("a temporary folder");
        for name in ["films", "Shows", ".cache"] {
            std::fs::create_dir(home.path().join(name)).expect("a folder");
        }
        std::fs::write(home.path().join("film.mkv"), "").expect("a file");
        let text = stored_path::to_text(home.path());

        let listing = list(Some(&text), &[home.path().to_owned(), "/does/not/exist".into()])
            .expect("readable");
        let names: Vec<_> = listing.folders.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Shows", "films"]);
        assert_eq!(listing.suggestions, [text], "a suggestion that is not there is none");
        assert!(listing.parent.is_some());

        let root = list(Some("/"), &[]).expect("readable");
        assert!(root.folders.iter().all(|it| it.path != "/proc" && it.path != "/etc"));
        assert_eq!(root.parent, None);
    }

    #[test]
    fn a_path_that_cannot_be_listed_says_why() {
        let message = |path| list(Some(path), &[]).expect_err("refused").to_string();
        assert_eq!(
            message("/nowhere/at/all"),
            "path: /nowhere/at/all does not exist on the server"
        );
        assert_eq!(message("films"), "path: films is no absolute path: begin it with /");
    }
}
