#![doc = include_str!("../README.md")]

pub mod analysis;
pub mod api;
pub mod arrival;
pub mod artwork;
pub mod catalog;
pub mod collection;
pub mod cursor;
pub mod describe;
pub mod door;
pub mod duplicate;
pub mod edit;
pub mod entered;
pub mod events;
pub mod finding;
pub mod guide;
pub mod home;
pub mod images;
pub mod item;
mod kept;
pub mod kind;
pub mod library;
pub mod offer;
pub mod people;
pub mod personal;
pub mod playable;
pub mod playlist;
pub mod review;
#[cfg(test)]
mod sample;
pub mod scan;
pub mod stored_path;
pub mod suggest;
pub mod taste;
pub mod webhook;

pub use catalog::{
    Catalog, Describe, EnqueueDescribe, EnqueueFeed, EnqueueScan, Parts, migrations,
};
