#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod age_rating;
pub mod facts;
pub mod local;

pub use facts::{Credit, Facts, Role, Status};
