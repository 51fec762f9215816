#![doc = include_str!("../README.md")]

pub mod api;
pub mod artwork;
pub mod catalog;
mod cursor;
pub mod door;
pub mod events;
pub mod finding;
pub mod home;
pub mod images;
pub mod item;
pub mod kind;
pub mod library;
pub mod personal;
pub mod playable;
#[cfg(test)]
mod sample;
pub mod scan;
pub mod stored_path;
pub mod webhook;

pub use catalog::{Catalog, EnqueueScan, Parts, migrations};
