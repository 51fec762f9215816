//! Runs what `bench/` measures. The scripts there say what, how and against which peer.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::program;
use crate::root::root;

/// Runs every `bench/*.sh` in the order of their names; `only` limits to those whose name contains it.
pub fn run(only: Option<&str>) -> Result<()> {
    let folder = root().join("bench");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    scripts.retain(|it| it.extension().is_some_and(|it| it == "sh"));
    scripts.retain(|it| only.is_none_or(|only| it.to_string_lossy().contains(only)));
    scripts.sort();
    ensure!(!scripts.is_empty(), "no script in {} has that name", folder.display());
    for script in &scripts {
        println!("== {}", script.strip_prefix(root())?.display());
        program::run(program::command(script).current_dir(root()))?;
    }
    Ok(())
}
