//! Names that a scan passes over: system folders, thumbnails of storage boxes, trash, half-loaded files.

/// Names as a whole, in lower case.
const NAMES: &[&str] = &[
    "@eadir",
    "#recycle",
    "@recycle",
    "@recently-snapshot",
    "#snapshot",
    "#archive",
    "lost+found",
    "system volume information",
    "$recycle.bin",
    "recycler",
    "recycled",
    "trash",
    "found.000",
    "thumbs.db",
    "desktop.ini",
    "ds_store",
    "__macosx",
    "lost.dir",
    "network trash folder",
    "temporary items",
    "@transcode",
    "@tmp",
    "@sharesnap",
    "aacs",
    "certificate",
    "any!",
    "metadata.never_index",
    "ehthumbs.db",
    "plex versions",
    "optimized for tv",
    "android_secure",
    "folder.db",
    "@__thumb",
    "@downloadstation",
    "_unpack_",
    "incomplete",
    "subtitles.tmp",
];

/// Ends of names in lower case.
const ENDINGS: &[&str] = &[
    ".trickplay",
    ".part",
    ".crdownload",
    ".!qb",
    ".!ut",
    ".partial",
    ".filepart",
    ".aria2",
    ".tmp",
    ".temp",
    ".bif",
    "~",
    ".grab",
    "@synoeastream",
    "@synoresource",
];

/// The folder of portraits, one of each of the cast.
pub(crate) const ACTORS: &str = ".actors";

/// Beginnings of names in lower case.
const BEGINNINGS: &[&str] = &[".", "_unpack_", "_failed_", "@eadir", "~$", "._"];

/// Folders of systems and storage boxes, in lower case: nothing in them is of a library, wherever they stand.
const SYSTEM_FOLDERS: &[&str] = &[
    "@eadir",
    "#recycle",
    "@recycle",
    "#snapshot",
    "@recently-snapshot",
    "lost+found",
    "system volume information",
    "$recycle.bin",
    "recycler",
    "__macosx",
    "@__thumb",
    ".@__thumb",
    ".appledouble",
    ".recycle",
    ".trash",
    ".trashes",
    ".thumbnails",
];

/// Whether `name` is such a folder. Other hidden folders may stand in front of a library.
pub(crate) fn is_system_folder(name: &str) -> bool {
    name.starts_with(['@', '#', '$', '_', '.', 'l', 'L', 's', 'S', 'r', 'R'])
        && (SYSTEM_FOLDERS.iter().any(|it| it.eq_ignore_ascii_case(name))
            || name.starts_with(".Trash-"))
}

/// Whether a file of this name is nothing a library shows: hidden, or left by a system or a download. A sample is shown as
/// one.
pub(crate) fn is_system_file(name: &str) -> bool {
    name.starts_with(['.', '_', '~', '@', '#', '$'])
        && is_ignored(name)
        && !is_sample(&name.to_lowercase())
}

/// Whether a scan passes over a file or folder of this name (one component, not a path). Whether a folder holds an
/// ignore file is not seen here.
///
/// Samples are passed over too: a name that is `sample` but for its extension, or ends in it behind a separator.
pub fn is_ignored(name: &str) -> bool {
    let name = name.to_lowercase();
    // The one hidden folder with something for people in it: their portraits.
    if name == ACTORS {
        return false;
    }
    // ".hack" and "...And Justice" are titles: a dot hides a name unless more dots or a space show that it is none.
    let is_title = name.starts_with("...");
    if !is_title && BEGINNINGS.iter().any(|it| name.starts_with(it)) {
        return true;
    }
    NAMES.contains(&name.as_str())
        || ENDINGS.iter().any(|it| name.ends_with(it))
        || is_sample(&name)
}

fn is_sample(name: &str) -> bool {
    let stem = crate::media_class::extension(name)
        .map_or(name, |(it, _)| &name[..name.len() - it.len() - 1]);
    if stem == "sample" || stem == "samples" {
        return true;
    }
    stem.len() < name.len()
        && (stem.strip_suffix("sample").is_some_and(|it| it.ends_with(['-', '.', '_']))
            || stem.strip_prefix("sample").is_some_and(|it| it.starts_with(['-', '_'])))
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn system_names_are_passed_over() {
        for name in [
            "@eaDir",
            "#recycle",
            "lost+found",
            "System Volume Information",
            ".hidden",
            "._film.mkv",
            "film.trickplay",
            "Sample",
            "sample.mkv",
            "film-sample.mkv",
            "film.mkv.part",
            "Thumbs.db",
            "$RECYCLE.BIN",
            ".Trash-1000",
        ] {
            assert!(is_ignored(name), "{name}");
        }
    }

    #[test]
    fn titles_are_not_passed_over() {
        for name in [
            "The Sample (2010)",
            "Free Samples (2012).mkv",
            "...And Justice for All (1979)",
            "Trash (2014)",
            "Season 1",
            ".actors",
            "film.mkv",
        ] {
            assert!(!is_ignored(name), "{name}");
        }
    }
}
