//! testkit

pub mod python;
pub mod redis;
pub mod typesense;
