//! Paths of another machine as this one sees them.

use std::collections::BTreeMap;

/// The folder `path` of the other machine, with the longest beginning that `map` names replaced; separators are slashes.
pub(super) fn here(path: &str, map: &BTreeMap<String, String>) -> String {
    let path = slashes(path);
    let mut rules: Vec<(String, String)> =
        map.iter().map(|(from, to)| (slashes(from), slashes(to))).collect();
    rules.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    for (from, to) in rules {
        if let Some(rest) = below(&path, &from) {
            return if rest.is_empty() { to } else { format!("{to}/{rest}") };
        }
    }
    path
}

/// Whether `path` is `folder` or lies in it.
pub(super) fn is_in(path: &str, folder: &str) -> bool {
    !folder.is_empty() && below(&slashes(path), folder).is_some()
}

/// What of `path` comes after `folder`; none where it lies elsewhere.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// With slashes, and none at the end.
fn slashes(path: &str) -> String {
    path.replace('\\', "/").trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_another_machine_are_found_here() {
        let map = BTreeMap::from([
            ("/movies/".to_owned(), "/srv/films".to_owned()),
            ("/movies/4k".to_owned(), "/srv/uhd/".to_owned()),
            ("D:\\Filme".to_owned(), "/mnt/filme".to_owned()),
        ]);
        for (path, expect) in [
            ("/movies/Heat (1995)", "/srv/films/Heat (1995)"),
            ("/movies/4k/Heat (1995)/", "/srv/uhd/Heat (1995)"),
            ("/movies-old/Heat", "/movies-old/Heat"),
            ("D:\\Filme\\Heat (1995)", "/mnt/filme/Heat (1995)"),
            ("/movies", "/srv/films"),
            ("/tv/Dark", "/tv/Dark"),
        ] {
            assert_eq!(here(path, &map), expect, "{path}");
        }
    }

    #[test]
    fn a_folder_holds_what_is_in_it_and_nothing_that_begins_alike() {
        assert!(is_in("/srv/films/Heat (1995)/Heat.mkv", "/srv/films/Heat (1995)"));
        assert!(is_in("/srv/films/Heat (1995)/", "/srv/films/Heat (1995)"));
        assert!(!is_in("/srv/films/Heat (1995) II/Heat.mkv", "/srv/films/Heat (1995)"));
        assert!(!is_in("/srv/films/Heat", ""));
    }
}
