//! Pictures on their way to a page: permission, sizes made once, caching by content.
//!
//! The originals lie in [`crate::artwork::Gallery`], under the SHA-256 of their content. Which one an item shows is decided
//! by rank, unless somebody chose ([`choice`]).

mod accept;
pub mod api;
pub mod choice;
mod service;
mod single_flight;
pub mod size;
mod store;
#[cfg(test)]
mod tests;
mod variants;

pub use accept::Accept;
pub use service::{Delivery, ImageWish};
pub(crate) use single_flight::SingleFlight;
pub(crate) use store::Original;
pub use variants::Variants;
