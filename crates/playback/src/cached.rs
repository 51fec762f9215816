//! What the kernel has in memory of a file.

use std::fs::File;
use std::io::IoSliceMut;

use rustix::io::ReadWriteFlags;

/// The kernel reads ahead more than this at once, so that samples so far apart tell.
const SAMPLE_EVERY: usize = 32 << 10;

/// Whether these bytes of a file are in memory, as far as samples of them tell. A file system that does not say so, says no.
pub fn is_cached(file: &File, at: u64, length: usize) -> bool {
    let is_there = |offset: usize| {
        let mut byte = [0];
        let mut buffers = [IoSliceMut::new(&mut byte)];
        let place = at + offset as u64;
        rustix::io::preadv2(file, &mut buffers, place, ReadWriteFlags::NOWAIT) == Ok(1)
    };
    length > 0 && (0..length).step_by(SAMPLE_EVERY).chain([length - 1]).all(is_there)
}
