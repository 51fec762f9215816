//! Originals on disk, named by the hash of their content: `<first two hex>/<hex>`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::gallery::hex;

/// Keeps `bytes` below `folder` and returns their SHA-256. A reader never sees half a picture: it is written beside its
/// place and moved there whole.
pub fn keep(folder: &Path, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let hash = Sha256::digest(bytes).to_vec();
    let name = hex(&hash);
    let shelf = folder.join(&name[..2]);
    let place = shelf.join(&name);
    if fs::metadata(&place).is_ok_and(|it| it.len() == bytes.len() as u64) {
        // As good as new: nobody shall take it for forgotten before its row is written.
        fs::File::options().append(true).open(&place)?.set_modified(SystemTime::now())?;
        return Ok(hash);
    }
    fs::create_dir_all(&shelf)?;
    let mut file = tempfile::NamedTempFile::new_in(&shelf)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&place).map_err(|it| it.error)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_are_kept_once_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let hash = keep(folder.path(), b"picture").expect("kept");
        assert_eq!(keep(folder.path(), b"picture").expect("kept"), hash);
        let shelf = folder.path().join(format!("{:02x}", hash[0]));
        let names: Vec<_> = fs::read_dir(shelf).expect("a shelf").flatten().collect();
        assert_eq!(names.len(), 1);
        assert_eq!(fs::read(names[0].path()).expect("the picture"), b"picture");
    }
}
