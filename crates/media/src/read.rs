//! Reading bytes at a position, without a cursor that could be shared by mistake, and a small window
//! on top of it so that a walk over headers costs a handful of system calls.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use crate::ProbeError;

/// A source of bytes that can be read anywhere. Probing never needs more than this.
pub trait ReadAt {
    /// Size of the source in bytes.
    fn size_bytes(&self) -> io::Result<u64>;

    /// Reads up to `buf.len()` bytes at `offset`; 0 means the end of the source.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buf, offset)
    }
}

impl ReadAt for &[u8] {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|it| self.get(it..)).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

/// How much one read of a header walk fetches. Most headers end within the first window.
const WINDOW_BYTES: usize = 16 * 1024;

/// A source with its size, one window of buffered bytes and the name of what is being read.
pub(crate) struct Source<'a> {
    inner: &'a dyn ReadAt,
    /// Size in bytes when opened; nothing beyond it is ever asked for.
    pub size: u64,
    /// For messages: the container a person would say this is.
    pub container: &'static str,
    window: RefCell<Window>,
}

#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Source<'a> {
    pub fn new(inner: &'a dyn ReadAt, container: &'static str) -> io::Result<Self> {
        Ok(Self { inner, size: inner.size_bytes()?, container, window: RefCell::default() })
    }

    /// The same source, now that it is known what is being read.
    pub fn named(self, container: &'static str) -> Self {
        Self { container, ..self }
    }

    /// Reads exactly `buf.len()` bytes, or says where the file ended.
    pub fn read_exact(
        &self,
        buf: &mut [u8],
        at: u64,
        what: &'static str,
    ) -> Result<(), ProbeError> {
        let end = at.saturating_add(buf.len() as u64);
        if end > self.size {
            return Err(self.truncated(what));
        }
        if buf.len() > WINDOW_BYTES {
            return self.read_directly(buf, at, what);
        }
        let mut window = self.window.borrow_mut();
        let window_end = window.start + window.bytes.len() as u64;
        if at < window.start || end > window_end {
            window.start = at;
            let wanted = (self.size - at).min(WINDOW_BYTES as u64) as usize;
            window.bytes.resize(wanted, 0);
            let mut bytes = std::mem::take(&mut window.bytes);
            self.read_directly(&mut bytes, at, what)?;
            window.bytes = bytes;
        }
        let from = (at - window.start) as usize;
        buf.copy_from_slice(&window.bytes[from..from + buf.len()]);
        Ok(())
    }

    fn read_directly(&self, buf: &mut [u8], at: u64, what: &'static str) -> Result<(), ProbeError> {
        let mut done = 0;
        while done < buf.len() {
            match self.inner.read_at(&mut buf[done..], at + done as u64) {
                Ok(0) => return Err(self.truncated(what)),
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Exactly `buf.len()` bytes at a place where nothing else near will be read, so that no window is fetched for them.
    pub fn read_alone(
        &self,
        buf: &mut [u8],
        at: u64,
        what: &'static str,
    ) -> Result<(), ProbeError> {
        let end = at.saturating_add(buf.len() as u64);
        let is_buffered = {
            let window = self.window.borrow();
            at >= window.start && end <= window.start + window.bytes.len() as u64
        };
        if is_buffered {
            return self.read_exact(buf, at, what);
        }
        if end > self.size {
            return Err(self.truncated(what));
        }
        self.read_directly(buf, at, what)
    }

    /// Exactly `N` bytes at a place where nothing else near will be read.
    pub fn array_alone<const N: usize>(
        &self,
        at: u64,
        what: &'static str,
    ) -> Result<[u8; N], ProbeError> {
        let mut bytes = [0; N];
        self.read_alone(&mut bytes, at, what)?;
        Ok(bytes)
    }

    /// The bytes `at..at + len`. `len` must already be bounded by the caller; it is bounded again by the file.
    pub fn bytes(&self, at: u64, len: u64, what: &'static str) -> Result<Vec<u8>, ProbeError> {
        if at.checked_add(len).is_none_or(|end| end > self.size) {
            return Err(self.truncated(what));
        }
        let mut bytes = vec![0; len as usize];
        self.read_exact(&mut bytes, at, what)?;
        Ok(bytes)
    }

    /// Exactly `N` bytes at `at`.
    pub fn array<const N: usize>(
        &self,
        at: u64,
        what: &'static str,
    ) -> Result<[u8; N], ProbeError> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes, at, what)?;
        Ok(bytes)
    }

    pub fn truncated(&self, what: &'static str) -> ProbeError {
        ProbeError::Truncated { container: self.container, what, at: self.size }
    }
}

/// A cursor over a source, for readers that want `Read + Seek`. It keeps the window when it moves, so that hopping from
/// header to header does not read the file again each time.
pub(crate) struct Cursor<'a> {
    source: &'a Source<'a>,
    at: u64,
}

impl<'a> Cursor<'a> {
    pub fn new(source: &'a Source<'a>) -> Self {
        Self { source, at: 0 }
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.source.size.saturating_sub(self.at);
        let n = usize::try_from(rest).unwrap_or(usize::MAX).min(buf.len());
        match self.source.read_exact(&mut buf[..n], self.at, "the file") {
            Ok(()) => {}
            Err(ProbeError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
