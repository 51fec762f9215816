//! What providers say of items: found out what each is, kept as it was said, and made into rows by rule.
//!
//! Every source's word is kept (`item_source`, `season_guide`, `episode_guide`); an item's row is made of all of them, always
//! anew, in the order of their strength ([`remake`]). So nothing is lost when a scan or another provider speaks, and a source
//! that is gone leaves nothing behind. Fields that a person edited are never written here.

pub(crate) mod api;
mod boxes;
pub mod job;
pub mod nfo;
pub mod nfo_library;
pub(crate) mod remake;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod settings;
pub(crate) mod source;
pub mod sources;
pub(crate) mod store;
pub(crate) mod stored;
#[cfg(test)]
mod tests;
mod when;

pub use boxes::{BoxEntry, BoxView};
pub use sources::{LibraryMetadata, Sources};
