#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod address;
pub mod age_rating;
pub mod artwork;
pub mod boxes;
mod client;
pub mod credit;
pub mod described;
mod document;
pub mod facts;
mod fanart;
mod language;
pub mod local;
mod omdb;
pub mod provider;
pub mod providers;
mod servarr;
pub mod settings;
mod tmdb;
mod tvdb;
mod tvmaze;
mod wikidata;

pub use address::Address;
pub use artwork::{ArtworkRole, RemoteArtwork};
pub use credit::{Credit, Role};
pub use described::Described;
pub use facts::{Facts, Status, merge};
pub use provider::{Hit, Locale, Provider, ProviderError, Query, Subject};
pub use providers::Providers;
pub use settings::Settings;
