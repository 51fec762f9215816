//! Radarr and Sonarr: whoever downloaded a file knows what it is, and says where it lies. Version 3 of their API.

mod paths;
mod radarr;
mod server;
mod sonarr;

pub(crate) use radarr::Radarr;
pub(crate) use sonarr::Sonarr;
