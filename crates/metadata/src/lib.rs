#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod address;
pub mod age_rating;
pub mod artwork;
pub mod credit;
pub mod described;
pub mod facts;
pub mod local;
pub mod provider;
pub mod providers;
pub mod settings;

pub use address::Address;
pub use artwork::{ArtworkRole, RemoteArtwork};
pub use credit::{Credit, Role};
pub use described::Described;
pub use facts::{Facts, Status, merge};
pub use provider::{Hit, Locale, Provider, ProviderError, Query, Subject};
pub use providers::Providers;
pub use settings::Settings;
