//! Asks a real database what every checked query takes and returns. SQLx's macros do so while they are expanded, and
//! write their answers where `SQLX_OFFLINE_DIR` points.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::Output;
use crate::root::root;
use crate::{database, program};

/// Fills `folder` with the description of every query in the workspace.
pub fn describe(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    // A socket's path must be short, so the cluster does not lie below the workspace.
    let place = std::env::temp_dir().join(format!("revenge-generate-{}", std::process::id()));
    let cluster = database::throw_away(&place)?;

    let touched = Touched::all()?;
    let mut cargo = program::command("cargo");
    cargo.args(["check", "--quiet", "--workspace", "--all-targets"]).current_dir(root());
    cargo
        .env("DATABASE_URL", cluster.url())
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", folder);
    let checked =
        program::run(&mut cargo).context("the workspace does not build against its migrations");
    drop(touched);
    checked
}

/// What `.sqlx` should hold, and which of its files should go.
pub fn outputs(described: &Path, committed: &Path) -> Result<Vec<Output>> {
    let wanted = names(described)?;
    let superfluous = names(committed)?.difference(&wanted).cloned().collect::<Vec<_>>();
    let mut outputs = vec![];
    for name in &wanted {
        let text = fs::read_to_string(described.join(name))?;
        outputs.push(Output { file: committed.join(name), text: Some(text) });
    }
    outputs.extend(
        superfluous.into_iter().map(|name| Output { file: committed.join(name), text: None }),
    );
    Ok(outputs)
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    if !folder.exists() {
        return Ok(BTreeSet::new());
    }
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Sources that look changed to Cargo, so that their macros are expanded again. When dropped they get their old dates
/// back, so that the next ordinary build is not made to repeat its work.
struct Touched(Vec<(PathBuf, SystemTime)>);

impl Touched {
    /// Touches the crate root of every crate with SQL.
    fn all() -> Result<Self> {
        let mut sources = vec![];
        for entry in fs::read_dir(root().join("crates"))? {
            let folder = entry?.path();
            let has_sql =
                fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|it| it.contains("sqlx"));
            if has_sql {
                sources.extend(
                    ["src/lib.rs", "src/main.rs", "tests/it/main.rs"].map(|it| folder.join(it)),
                );
            }
        }
        let mut touched = Self(vec![]);
        for source in sources.into_iter().filter(|it| it.is_file()) {
            let modified = fs::metadata(&source)?.modified()?;
            File::options().write(true).open(&source)?.set_modified(SystemTime::now())?;
            touched.0.push((source, modified));
        }
        Ok(touched)
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for (source, modified) in &self.0 {
            // A date that stays new only costs a rebuild.
            let _ =
                File::options().write(true).open(source).and_then(|it| it.set_modified(*modified));
        }
    }
}
