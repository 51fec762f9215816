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

/// Pixels of a portrait's side: sharp at the largest size the web app shows.
const PORTRAIT_SIDE: u32 = 256;
/// A large photograph takes hundreds of megabytes while it is decoded.
static PORTRAITS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);

/// A small square picture of a person, of a file that is said to be one.
pub async fn portrait(file: bytes::Bytes) -> kernel::Result<Vec<u8>> {
    let _turn = PORTRAITS.acquire().await.map_err(anyhow::Error::from)?;
    let made = tokio::task::spawn_blocking(move || size::portrait(&file, PORTRAIT_SIDE)).await;
    let made = made.map_err(anyhow::Error::from)?;
    made.map_err(|error| kernel::Error::invalid("picture", error.to_string()))
}
