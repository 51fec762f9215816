#![doc = include_str!("../README.md")]

pub mod api;
mod choose;
pub mod direct;
pub mod range;
mod service;

pub use service::Playback;
