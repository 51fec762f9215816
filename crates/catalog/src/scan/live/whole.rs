//! How a part of a library looks at one moment: where two looks agree, nothing is being written there.

use std::hash::Hasher as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3Default;

use crate::door::Door;

/// Files looked at in a part: beyond that it is not held up.
const MAX_FILES: usize = 20_000;
/// Folders nested deeper are not looked into.
const MAX_DEPTH: usize = 16;

/// A hash of the names, sizes and times of all files of `part` below `root`. A part that is not there has one, too.
pub async fn print(door: &Door, root: &Path, part: &Path) -> u64 {
    let path = root.join(part);
    let asked = door.ask(root, move || {
        let (mut hash, mut left) = (Xxh3Default::new(), MAX_FILES);
        add(&mut hash, &path, MAX_DEPTH, &mut left);
        hash.finish()
    });
    asked.await.unwrap_or_default()
}

fn add(hash: &mut Xxh3Default, path: &Path, depth: usize, left: &mut usize) {
    let Ok(found) = std::fs::symlink_metadata(path) else { return };
    if *left == 0 {
        return;
    }
    *left -= 1;
    hash.write(path.as_os_str().as_encoded_bytes());
    for number in [found.size(), found.ctime().cast_unsigned(), found.ctime_nsec().cast_unsigned()]
    {
        hash.write_u64(number);
    }
    if !found.is_dir() || depth == 0 {
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut paths: Vec<_> = entries.filter_map(|it| Some(it.ok()?.path())).take(*left).collect();
    paths.sort_unstable();
    for path in paths {
        add(hash, &path, depth - 1, left);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_part_looks_different_when_a_file_in_it_grows() {
        let root = tempfile::tempdir().expect("a folder");
        let door = Door::new(Duration::from_secs(10));
        let part = Path::new("Heat");
        let gone = print(&door, root.path(), part).await;
        std::fs::create_dir_all(root.path().join("Heat/Extras")).expect("a folder");
        std::fs::write(root.path().join("Heat/Extras/x.mkv"), "1").expect("a file");
        let before = print(&door, root.path(), part).await;
        assert_ne!(before, gone);
        assert_eq!(print(&door, root.path(), part).await, before);
        std::fs::write(root.path().join("Heat/Extras/x.mkv"), "12").expect("a file");
        assert_ne!(print(&door, root.path(), part).await, before);
    }
}
