//! Knows a moved or copied file again without reading it whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use xxhash_rust::xxh3::Xxh3Default;

/// Bytes read at each place: headers and index of a film differ well within it, and so do two films that were cut from one.
const PLACE_BYTES: u64 = 16 * 1024;

/// Hash of the size, the head, the middle and the tail of `file`; of a small file, of all its bytes.
pub fn fingerprint(file: &File) -> io::Result<i64> {
    let size = file.metadata()?.len();
    let mut hash = Xxh3Default::new();
    hash.update(&size.to_le_bytes());
    let mut buffer = [0; PLACE_BYTES as usize];
    let mut read = 0;
    let last = size.saturating_sub(PLACE_BYTES);
    for wanted in [0, last / 2, last] {
        // Places that overlap are read once.
        let from = wanted.max(read);
        let n = read_at(file, &mut buffer, from)?;
        hash.update(&buffer[..n]);
        read = from + n as u64;
    }
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
    fn a_change_at_either_end_in_the_middle_or_in_size_is_seen() {
        let long = vec![1; 100_000];
        let changed = |at: usize| {
            let mut bytes = long.clone();
            bytes[at] = 2;
            bytes
        };
        assert_eq!(of(&long), of(&long));
        for at in [0, 16_383, 41_808, 50_000, 58_191, 83_616, 99_999] {
            assert_ne!(of(&long), of(&changed(at)), "{at}");
        }
        let small = vec![1; 48 * 1024];
        for at in (0..small.len()).step_by(1000) {
            let mut bytes = small.clone();
            bytes[at] = 2;
            assert_ne!(of(&small), of(&bytes), "every byte of a small file counts: {at}");
        }
        assert_ne!(of(&long), of(&long[..99_999]));
        assert_ne!(of(b""), of(b"x"));
    }
}
