//! A kept segment as a file: a head that tells lengths and a checksum, what a decoder needs first, the segment. A file
//! that anybody cut short, wrote into or gave another name is told from one of ours.

use std::io::{self, Read, Write};

use media::transcode::Made;
use xxhash_rust::xxh3::Xxh3;

use super::name::Name;

/// Its last letter counts up when the form changes.
const MAGIC: &[u8; 8] = b"RVGMADE1";
/// Bytes of the head: the magic, the file's own name, two lengths, the checksum.
const HEAD_BYTES: usize = 8 + 32 + 8 + 8 + 8;
/// More than FFmpeg may answer, and far more than any segment has.
const MAX_BYTES: u64 = 160 << 20;

/// How large a segment's file is.
pub(super) fn size(made: &Made) -> u64 {
    (HEAD_BYTES + made.init.len() + made.segment.len()) as u64
}

/// Writes the whole file.
pub(super) fn write(target: &mut impl Write, name: &Name, made: &Made) -> io::Result<()> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend(MAGIC);
    head.extend(name.bytes());
    head.extend((made.init.len() as u64).to_be_bytes());
    head.extend((made.segment.len() as u64).to_be_bytes());
    let checksum = checksum(&head, &made.init, &made.segment);
    head.extend(checksum.to_be_bytes());
    target.write_all(&head)?;
    target.write_all(&made.init)?;
    target.write_all(&made.segment)
}

/// Reads a file of `size` bytes whole. `InvalidData` and `UnexpectedEof` say that it is none of ours as we wrote it.
pub(super) fn read(source: &mut impl Read, size: u64, name: &Name) -> io::Result<Made> {
    let garbled = || io::Error::from(io::ErrorKind::InvalidData);
    let mut head = [0; HEAD_BYTES];
    source.read_exact(&mut head)?;
    let number = |at: usize| {
        head[at..].first_chunk().map_or(u64::MAX, |it: &[u8; 8]| u64::from_be_bytes(*it))
    };
    let (init_bytes, segment_bytes) = (number(40), number(48));
    let stated = (HEAD_BYTES as u64).checked_add(init_bytes);
    let stated = stated.and_then(|it| it.checked_add(segment_bytes));
    if !head.starts_with(MAGIC) || head[8..40] != *name.bytes() {
        return Err(garbled());
    }
    if stated != Some(size) || size > MAX_BYTES {
        return Err(garbled());
    }
    let (mut init, mut segment) = (vec![0; init_bytes as usize], vec![0; segment_bytes as usize]);
    source.read_exact(&mut init)?;
    source.read_exact(&mut segment)?;
    if checksum(&head[..HEAD_BYTES - 8], &init, &segment) != number(HEAD_BYTES - 8) {
        return Err(garbled());
    }
    Ok(Made { init, segment, n_missing: 0 })
}

fn checksum(head: &[u8], init: &[u8], segment: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(head);
    hash.update(init);
    hash.update(segment);
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written_and_in_no_other_form() {
        let name = Name::of(&[b"it"]);
        let made = Made { init: b"init".to_vec(), segment: vec![7; 1000], n_missing: 0 };
        let mut file = Vec::new();
        write(&mut file, &name, &made).expect("memory takes it");
        assert_eq!(file.len() as u64, size(&made));
        let read_it = |bytes: &[u8], name: &Name| read(&mut &*bytes, bytes.len() as u64, name);
        assert_eq!(read_it(&file, &name).expect("whole"), made);
        assert!(read_it(&file, &Name::of(&[b"other"])).is_err(), "under another name");
        for n_bytes in 0..file.len() {
            assert!(read_it(&file[..n_bytes], &name).is_err(), "cut to {n_bytes}");
        }
        for at in 0..file.len() {
            let mut garbled = file.clone();
            garbled[at] ^= 0x40;
            assert!(read_it(&garbled, &name).is_err(), "garbled at {at}");
        }
        let longer = [&file[..], b"x"].concat();
        assert!(read_it(&longer, &name).is_err());
    }
}
