//! What upgrades of the private PostgreSQL left for a person to delete.

use std::path::Path;

use postgres::cluster::{Previous, list_previous};

use super::Part;
use super::places::human_bytes;
use crate::wiring;

const PREVIOUS: &str = "previous_database";

/// The old clusters in the data folder, if there are any.
pub fn part(data_dir: &Path) -> Option<Part> {
    match list_previous(&wiring::database_folder(data_dir)) {
        Ok(previous) => tell(&previous),
        Err(error) => {
            let advice = "let the server read its data folder";
            Some(Part::degraded(PREVIOUS, error.to_string(), advice))
        }
    }
}

fn tell(previous: &[Previous]) -> Option<Part> {
    if previous.is_empty() {
        return None;
    }
    let places: Vec<_> = previous
        .iter()
        .map(|it| format!("{} in {}", human_bytes(it.bytes), it.folder.display()))
        .collect();
    let advice =
        "kept from before the database came to a newer PostgreSQL; delete it when all is well";
    Some(Part { advice: Some(advice.to_owned()), ..Part::fine(PREVIOUS, places.join("; ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_clusters_are_told_with_their_size() {
        let data = tempfile::tempdir().expect("a folder");
        assert!(part(data.path()).is_none());
        let old = data.path().join("postgresql/data-18.old");
        std::fs::create_dir_all(&old).expect("a folder");
        std::fs::create_dir_all(data.path().join("postgresql/data")).expect("a folder");
        std::fs::write(old.join("rows"), [0; 2048]).expect("a file");
        let part = part(data.path()).expect("one");
        assert_eq!(part.found, format!("2.0 KiB in {}", old.display()));
        assert!(part.advice.expect("advice").contains("delete it"));
    }
}
