//! Very many small films under plausible names, for measuring scans.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::clip;

const FIRST_WORDS: [&str; 20] = [
    "Amber", "Broken", "Crimson", "Distant", "Endless", "Falling", "Golden", "Hollow", "Iron",
    "Jade", "Last", "Midnight", "Northern", "Open", "Pale", "Quiet", "Restless", "Silver",
    "Tender", "Winter",
];
const SECOND_WORDS: [&str; 25] = [
    "Anchor", "Bridge", "Canyon", "Divide", "Empire", "Frontier", "Garden", "Harvest", "Island",
    "Journey", "Kingdom", "Letter", "Mirror", "Night", "Orchard", "Passage", "Quarry", "River",
    "Station", "Tower", "Union", "Valley", "Wager", "Year", "Zenith",
];
const FIRST_YEAR: usize = 1950;
const N_YEARS: usize = 75;

/// Writes `n_files` films below `folder`, each in its own folder, as a tidy collection has them.
///
/// The same number gives the same names and bytes. Files that are there already are written again.
pub fn make(folder: &Path, n_files: usize) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let clips = clip::make(folder)?;
    for n in 0..n_files {
        let clip = &clips[n % clips.len()];
        let name = name(n);
        let own = folder.join(&name);
        fs::create_dir_all(&own)?;
        fs::write(own.join(format!("{name}.{}", clip.extension)), clip.numbered(n as u64))?;
    }
    Ok(())
}

/// A title and a year that no other `n` has. Beyond all words and years, a part number keeps titles apart.
fn name(n: usize) -> String {
    let (first, rest) = (FIRST_WORDS[n % FIRST_WORDS.len()], n / FIRST_WORDS.len());
    let (second, rest) = (SECOND_WORDS[rest % SECOND_WORDS.len()], rest / SECOND_WORDS.len());
    let (year, part) = (FIRST_YEAR + rest % N_YEARS, rest / N_YEARS + 1);
    if part == 1 {
        format!("{first} {second} ({year})")
    } else {
        format!("{first} {second} {part} ({year})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::name;

    #[test]
    fn no_two_films_have_the_same_name() {
        let names: HashSet<_> = (0..100_000).map(name).collect();
        assert_eq!(names.len(), 100_000);
        assert_eq!(name(0), "Amber Anchor (1950)");
        assert_eq!(name(37_500), "Amber Anchor 2 (1950)");
    }
}
