//! All SQL of a scan. Wide rows travel as one JSON parameter, narrow ones as arrays; every statement serves a whole batch.

pub mod ask;
pub mod cleanup;
pub mod describe;
pub mod files;
pub mod items;
pub mod live;
pub mod presence;
pub mod progress;
