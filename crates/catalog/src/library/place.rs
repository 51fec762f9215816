//! Where in which library a path of the server lies.

use std::path::{Component, Path};

use kernel::id::LibraryId;

use crate::stored_path;

/// A place that a scan can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The library.
    pub library: LibraryId,
    /// The part of it that is scanned as a whole, absolute; `None` for all of it.
    pub folder: Option<String>,
}

/// The places of `path` among the folders of libraries: none, one, or several where libraries share a folder. A path that is
/// not absolute, or leads up anywhere, is in none.
pub fn places_of(path: &Path, folders: &[(LibraryId, String)]) -> Vec<Place> {
    let is_plain = |it| matches!(it, Component::RootDir | Component::Normal(_));
    if !path.is_absolute() || !path.components().all(is_plain) {
        return Vec::new();
    }
    let place = |(library, root): &(LibraryId, String)| {
        let root = stored_path::from_text(root);
        let below = path.strip_prefix(&root).ok()?;
        let part = below.components().next();
        let folder = part.map(|it| stored_path::to_text(&root.join(it)));
        Some(Place { library: *library, folder })
    };
    folders.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_path_is_in_the_libraries_whose_folders_it_lies_below() {
        let (films, kids) = (LibraryId(Uuid::from_u128(1)), LibraryId(Uuid::from_u128(2)));
        let folders = [
            (films, "/media/films".to_owned()),
            (films, "/more".to_owned()),
            (kids, "/media/films/kids".to_owned()),
        ];
        let of = |path: &str| places_of(Path::new(path), &folders);
        let place = |library, folder: &str| Place { library, folder: Some(folder.to_owned()) };
        assert_eq!(of("/media/films/Heat/Heat.mkv"), [place(films, "/media/films/Heat")]);
        assert_eq!(of("/media/films/Heat/"), [place(films, "/media/films/Heat")]);
        assert_eq!(
            of("/media/films/kids/Up/Up.mkv"),
            [place(films, "/media/films/kids"), place(kids, "/media/films/kids/Up")]
        );
        assert_eq!(of("/more"), [Place { library: films, folder: None }]);
        for nowhere in ["/media", "/media/filmsfake/x", "media/films/x", "", "/media/films/../etc"]
        {
            assert_eq!(of(nowhere), [], "{nowhere}");
        }
    }
}
