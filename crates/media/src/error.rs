//! Why a file could not be probed, closed by how the caller reacts.

use std::io;

/// Why [`probe`](crate::probe) gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No reader of ours knows this content. FFprobe may; a person reads what it looks like.
    #[error("not a media file we read: looks like {0}")]
    Unsupported(String),
    /// Certainly no media of any kind, so that nobody else needs to look; a person reads what it is.
    #[error("not a media file we read: looks like {0}")]
    NotMedia(&'static str),
    /// The file has no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The file ends before its header does.
    #[error("truncated {container}: ends inside {what} at byte {at}")]
    Truncated {
        /// Name of the container, as a person knows it.
        container: &'static str,
        /// The structure that is cut off.
        what: &'static str,
        /// Offset in bytes where the bytes ran out.
        at: u64,
    },
    /// The bytes contradict the format.
    #[error("malformed file: {what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// Offset in bytes of the structure that is wrong.
        at: u64,
    },
    /// The bytes could not be read from the disk or the network.
    #[error("cannot read the file")]
    Io(#[from] io::Error),
}

impl ProbeError {
    pub(crate) fn malformed(what: impl Into<String>, at: u64) -> Self {
        Self::Malformed { what: what.into(), at }
    }
}
