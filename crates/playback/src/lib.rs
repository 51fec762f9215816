#![doc = include_str!("../README.md")]

pub mod analyze;
pub mod api;
mod attachment;
mod beside;
mod buffer;
mod cached;
mod choose;
pub mod direct;
mod films;
mod indexes;
pub mod kept;
mod leisure;
mod limit;
pub mod node;
mod painted;
mod pictures;
mod pieces;
pub mod playing;
pub mod range;
mod service;
mod subtitles;
pub mod together;
pub mod transcode;
mod ways;

pub use service::Playback;
