#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod asf;
mod audio;
mod bits;
mod codec;
mod container;
mod error;
mod file;
mod flv;
mod language;
mod matroska;
mod mp4;
mod probe;
mod ps;
mod read;
mod riff;
mod sniff;
mod stream;
mod ts;

pub mod cmaf;
pub mod decide;
pub mod ffprobe;
pub mod frame;
pub mod hls;
pub mod index;
pub mod likeness;
pub mod listen;
pub mod mime;
pub mod samples;
pub mod subtitles;
pub mod tool;
pub mod transcode;
pub mod trickplay;

pub use container::Container;
pub use error::ProbeError;
pub use file::{ProbeFileError, Probed, Reader, Tools, probe_file};
pub use language::bcp47;
pub use probe::{Attachment, Chapter, CoverRef, Probe, Tags, probe};
pub use read::ReadAt;
pub use stream::{Codec, Color, Flags, Hdr, Mastering, ObjectAudio, Rational, Stream, StreamKind};
