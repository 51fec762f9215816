//! Pictures on their way to a page: permission, sizes made once, caching by content.
//!
//! The originals are written by whoever finds them, under the SHA-256 of their content; this room only reads them.

pub mod api;
mod service;
mod single_flight;
mod size;
mod store;
#[cfg(test)]
mod tests;
mod variants;

pub use service::{Delivery, ImageWish};
pub use variants::Variants;
