//! The readers on real files: made by FFmpeg and mkvmerge, compared with FFprobe, cut, flipped and forged.

mod agreement;
mod burnt;
mod chance;
mod children;
mod cut;
mod drawn;
mod files;
mod films;
mod frames;
mod hardware;
mod hostile;
mod joined;
mod key_frames;
mod mangled;
mod mutations;
mod samples;
mod segmenter;
mod several;
mod sidecars;
mod streams;
mod styled;
/// The demo's films have such subtitles, too.
#[path = "../../../xtask/src/demo/sup.rs"]
mod sup;
mod transcode;
mod trickplay;
