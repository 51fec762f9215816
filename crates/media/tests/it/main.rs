//! The readers on real files: made by FFmpeg and mkvmerge, compared with FFprobe, cut, flipped and forged.

mod agreement;
mod children;
mod files;
mod frames;
mod hostile;
mod key_frames;
mod mutations;
mod samples;
