//! Mends what tools can mend: format and simple lints.

use anyhow::Result;

use crate::program;
use crate::root::root;

/// Formats everything and applies what Clippy and the web app's linter are sure of.
pub fn run() -> Result<()> {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--fix",
        "--allow-dirty",
        "--allow-staged",
        "--quiet",
    ];
    program::run(
        program::command("cargo").args(clippy).env("SQLX_OFFLINE", "true").current_dir(root()),
    )?;
    program::run(program::command("cargo").args(["fmt", "--all"]).current_dir(root()))?;
    let web = root().join("web");
    program::run(program::command("npm").args(["run", "--silent", "fix"]).current_dir(web))
}
