//! Where the workspace is.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::MetadataCommand;

/// The workspace's folder, wherever the caller stands.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("this crate is crates/xtask").to_owned()
}

/// Where `make setup` keeps what it fetched.
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// Where Cargo puts what it builds.
pub fn target() -> Result<PathBuf> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}
