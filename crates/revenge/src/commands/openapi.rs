//! `revenge openapi`.

use std::io::Write as _;

/// Prints the document; needs no database.
pub fn run() -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{}", crate::http::openapi().to_pretty_json()?)?;
    Ok(())
}
