//! The readers on real files: made by FFmpeg and mkvmerge, compared with FFprobe, cut, flipped and forged.

mod agreement;
mod chance;
mod children;
mod cut;
mod files;
mod films;
mod frames;
mod hostile;
mod key_frames;
mod mangled;
mod mutations;
mod samples;
mod transcode;
mod trickplay;
