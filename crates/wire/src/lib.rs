#![doc = include_str!("../README.md")]

pub mod caller;
pub mod conditional;
pub mod extract;
pub mod problem;
pub mod sendfile;
pub mod signed;

pub use caller::{Allowed, Barred, Need, Origin, SignedIn, may};
pub use problem::{Problem, Refusal, Result};
