#![doc = include_str!("../README.md")]

mod archive;
mod error;
mod make;
mod manifest;
mod member;
mod relocate;
pub mod restore;
pub mod shelf;

use std::path::Path;

pub use self::error::{Error, Result};
pub use self::make::{Contents, Facts, Made, make};
pub use self::manifest::{Head, Manifest, MemberFacts, SchemaState, TableRows};
pub use self::member::Config;
pub use self::relocate::relocate;

/// How far a backup or a restore is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
    /// What it is at.
    pub note: String,
}

/// Is told how far the work is; whoever answers false stops it.
pub type Report<'a> = &'a (dyn Fn(Progress) -> bool + Send + Sync);

/// Reads a whole archive and compares every checksum; nothing is written anywhere. Slow: call it on a thread that may block.
pub fn verify(path: &Path) -> Result<(Head, Manifest)> {
    archive::verify(path)
}

/// The head of an archive, without looking at the rest.
pub fn peek(path: &Path) -> Result<Head> {
    archive::peek(path)
}
