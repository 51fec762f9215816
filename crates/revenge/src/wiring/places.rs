//! Where films are made anew, and how many at once.

use std::path::PathBuf;

use anyhow::Context as _;
use playback::node::call::Address;

use crate::config::NodeSection;

/// Cores that this process may use.
pub fn n_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How many films are made anew at once: as many as is stated, or one for every two cores.
pub fn max_films(stated: u16, n_cores: usize) -> usize {
    if stated == 0 { (n_cores / 2).max(2) } else { stated.into() }
}

/// A node as the configuration has it.
pub fn node_address(node: &NodeSection) -> anyhow::Result<Address> {
    let read = |path: &PathBuf| {
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let certificate = node.certificate.as_ref().map(read).transpose()?;
    Address::new(&node.url, node.secret.clone(), certificate.as_deref())
}
