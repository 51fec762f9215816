//! Knows a moved or copied file again without reading it whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use xxhash_rust::xxh3::Xxh3Default;

/// Bytes read at each end: the headers and the index of a film differ well within it.
const END_BYTES: u64 = 16 * 1024;

/// Hash of the size, the head and the tail of `file`.
pub fn fingerprint(file: &File) -> io::Result<i64> {
    let size = file.metadata()?.len();
    let mut hash = Xxh3Default::new();
    hash.update(&size.to_le_bytes());
    let mut buffer = [0; END_BYTES as usize];
    let head = read_at(file, &mut buffer, 0)?;
    hash.update(&buffer[..head]);
    let tail = size.saturating_sub(END_BYTES).max(END_BYTES.min(size));
    let n = read_at(file, &mut buffer, tail)?;
    hash.update(&buffer[..n]);
    Ok(hash.digest().cast_signed())
}

/// Fills `buffer` from `offset` on, as far as the file goes.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn of(bytes: &[u8]) -> i64 {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        fingerprint(&file).expect("read")
    }

    #[test]
    fn a_change_at_either_end_or_in_size_is_seen() {
        let long = vec![1; 100_000];
        let changed = |at: usize| {
            let mut bytes = long.clone();
            bytes[at] = 2;
            bytes
        };
        assert_eq!(of(&long), of(&long));
        assert_ne!(of(&long), of(&changed(0)));
        assert_ne!(of(&long), of(&changed(99_999)));
        assert_ne!(of(&long), of(&long[..99_999]));
        assert_ne!(of(b""), of(b"x"));
    }
}
