//! Memory that bytes pass through on their way from a file to a client, used again and again: it is neither fetched from
//! the system nor zeroed for every chunk, and what was used last is still in the processor's cache.

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;

/// Bytes that fit: few enough that they are still in the processor's cache when they are sent.
pub const CHUNK_BYTES: usize = 256 << 10;
/// Buffers that wait for their next use, 16 MB at the most; clients beyond these get fresh memory.
const MAX_IDLE: usize = 64;

/// The last one put back is the first to be taken.
static IDLE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Memory for one chunk.
#[derive(Debug)]
pub struct Buffer {
    /// All of it, [`CHUNK_BYTES`] long.
    bytes: Vec<u8>,
    /// How much of it counts.
    length: usize,
}

impl Buffer {
    /// Room for `length` bytes, at most [`CHUNK_BYTES`]. What stands in them is from the use before, so whoever takes it
    /// fills it or [shortens](Self::truncate) it.
    pub fn take(length: usize) -> Self {
        let used = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let bytes = used.unwrap_or_else(|| vec![0; CHUNK_BYTES]);
        Self { bytes, length: length.min(CHUNK_BYTES) }
    }

    /// Where to write.
    pub fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }

    /// Keeps the first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl From<Buffer> for Bytes {
    /// The memory comes back when the bytes were sent.
    fn from(buffer: Buffer) -> Self {
        Self::from_owner(buffer)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_as_long_as_was_asked_for_whatever_it_was_before() {
        let mut first = Buffer::take(1000);
        first.as_mut().fill(1);
        first.truncate(3);
        assert_eq!(Bytes::from(first), Bytes::from_static(&[1, 1, 1]));
        let second = Buffer::take(70_000);
        assert_eq!(second.as_ref().len(), 70_000);
        assert_eq!(Buffer::take(usize::MAX).as_ref().len(), CHUNK_BYTES);
    }
}
