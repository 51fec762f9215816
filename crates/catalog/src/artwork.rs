//! Pictures of items: those that lie in the library, those inside its files, and, where there is none, a frame of the film.
//!
//! The scan writes which pictures there are (`image` rows); this reads them, makes sure that they are pictures, and keeps the
//! originals by the hash of their content. All of it is derived: it can be stopped anywhere, goes on with what is missing, and
//! does a thing again only when its file changed.

mod frame;
pub mod job;
mod keep;
mod make;
mod picture;
mod store;

pub use frame::Camera;
pub use job::MakeArtwork;
pub use make::Artist;
