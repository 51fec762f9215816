//! Pictures of items and people: those that lie in the library, those inside its files, those of providers, and, where there
//! is none, a frame of the film.
//!
//! The scan and the providers write which pictures there are (`image` rows); this reads or fetches them, makes sure that they
//! are pictures, and keeps the originals by the hash of their content. All of it is derived: it can be stopped anywhere, goes
//! on with what is missing, and does a thing again only when its source changed.

mod fetch;
mod frame;
mod gallery;
pub mod job;
mod keep;
mod lost;
mod make;
pub(crate) mod picture;
mod store;
mod unused;

pub use frame::Camera;
pub(crate) use gallery::hex;
pub use gallery::{FetchFailure, Gallery, Kept};
pub use job::{DeleteUnusedPictures, FetchArtwork, MakeArtwork};
pub use lost::{forget_lost_unscoped, list_irreplaceable_unscoped};
pub use make::Artist;
pub(crate) use store::fetch::reconsider;
