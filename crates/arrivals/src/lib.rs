#![doc = include_str!("../README.md")]

pub mod api;
pub mod find;
pub mod jobs;
pub mod plan;
pub mod report;
pub mod service;
pub mod source;

pub use service::{Arrivals, Parts};
