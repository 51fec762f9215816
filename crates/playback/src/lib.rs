#![doc = include_str!("../README.md")]

pub mod api;
mod beside;
mod choose;
pub mod direct;
mod films;
pub mod kept;
mod pieces;
pub mod playing;
pub mod range;
mod service;
pub mod together;
pub mod transcode;
mod ways;

pub use service::Playback;
