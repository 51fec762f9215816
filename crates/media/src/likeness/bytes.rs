//! The hash of a film's bytes that OpenSubtitles published, and databases of scenes use: its size and the 64-bit little-endian
//! numbers of its first and its last 64 KiB, added up without carrying.

use std::io;

use crate::read::ReadAt;

const END_BYTES: u64 = 64 * 1024;

/// The hash; nothing of an empty file.
pub fn oshash(bytes: &dyn ReadAt) -> io::Result<Option<u64>> {
    let size = bytes.size_bytes()?;
    if size == 0 {
        return Ok(None);
    }
    let length = size.min(END_BYTES);
    let mut sum = size;
    for from in [0, size - length] {
        let mut end = vec![0; length as usize];
        let mut done = 0;
        while done < end.len() {
            match bytes.read_at(&mut end[done..], from + done as u64) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        for word in end.as_chunks::<8>().0 {
            sum = sum.wrapping_add(u64::from_le_bytes(*word));
        }
    }
    Ok(Some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<u64> {
        oshash(&bytes).expect("read")
    }

    #[test]
    fn both_ends_and_the_size_count_and_the_middle_does_not() {
        let mut film = vec![0_u8; 200_000];
        assert_eq!(of(&film), Some(200_000));
        film[0] = 1;
        film[9] = 2;
        assert_eq!(of(&film), Some(200_000 + 1 + 0x200));
        film[199_999] = 0xff;
        assert_eq!(of(&film), Some((0xff_u64 << 56) + 200_000 + 1 + 0x200));
        film[100_000] = 7;
        assert_eq!(of(&film), Some((0xff_u64 << 56) + 200_000 + 1 + 0x200));
    }

    #[test]
    fn sums_go_round_and_short_files_count_twice() {
        assert_eq!(of(&[0xff; 8]), Some(8_u64.wrapping_sub(2)));
        assert_eq!(of(b"abc"), Some(3));
        assert_eq!(of(b""), None);
    }
}
