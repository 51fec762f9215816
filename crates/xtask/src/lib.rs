//! The tools of the build.

pub mod demo;
pub mod ffmpeg;
pub mod process;
