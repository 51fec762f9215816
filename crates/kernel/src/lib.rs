#![doc = include_str!("../README.md")]

pub mod clock;
pub mod error;
pub mod event;
mod hours;
pub mod id;
pub mod limits;
pub mod notice;
pub mod page;
mod parental;
pub mod permission;
pub mod random;
pub mod viewer;

pub use clock::Clock;
pub use error::{Error, Result};
pub use hours::{Hours, Span, Weekday};
pub use limits::Limits;
pub use page::{Cursor, Limit, Page};
pub use parental::{Guard, MAX_AGE, Parental};
pub use permission::{BuiltInRole, Permission};
pub use random::Rng;
pub use viewer::{Area, LibraryScope, Viewer};
