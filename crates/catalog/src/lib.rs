//! catalog

pub mod kind;
pub mod scan;
pub mod stored_path;
