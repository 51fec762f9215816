//! All migrations of the workspace as one script, in the order in which Revenge applies them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::root::root;

/// What Revenge asks of PostgreSQL before the first migration.
const EXTENSIONS: [&str; 4] = ["btree_gin", "citext", "pg_trgm", "unaccent"];

/// The script: for each schema its creation and its migrations. No statement of a migration names its own schema.
pub fn all() -> Result<String> {
    let crates = root().join("crates");
    let mut script = String::new();
    for extension in EXTENSIONS {
        write!(script, "CREATE EXTENSION {extension} SCHEMA public;\n\n")?;
    }
    for schema in ["core", "catalog", "c", "river"] {
        let folder = match schema {
            "core" => crates.join("accounts/migrations"),
            "river" => river()?,
            _ => crates.join("catalog/migrations"),
        };
        append(&mut script, schema, &folder)?;
    }
    // What is left refers to the spine and to nothing else, so its order is free.
    for kind in sorted(&crates)? {
        let folder = kind.join("migrations");
        let name = kind.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if folder.is_dir() && !["accounts", "catalog"].contains(&name) {
            append(&mut script, name, &folder)?;
        }
    }
    Ok(script)
}

fn append(script: &mut String, schema: &str, folder: &Path) -> Result<()> {
    write!(script, "CREATE SCHEMA {schema};\n\nSET search_path = {schema};\n\n")?;
    for file in sorted(folder)? {
        let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if Path::new(name).extension().is_some_and(|it| it == "sql") && !name.ends_with(".down.sql")
        {
            let sql = fs::read_to_string(&file)?;
            writeln!(script, "-- {schema}: {name}\n{}\n", as_one_command(&sql))?;
        }
    }
    Ok(())
}

/// Single-user mode ends a command at a semicolon with an empty line after it, also inside a function's body. Without
/// empty lines the file is one command.
fn as_one_command(sql: &str) -> String {
    sql.lines().filter(|it| !it.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// The job queue's own migrations, as its pinned crate carries them.
fn river() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()?;
    let package = metadata.packages.iter().find(|it| it.name.as_str() == "riverqueue-migrate");
    let manifest = &package.context("riverqueue-migrate is not in Cargo.lock")?.manifest_path;
    Ok(manifest.with_file_name("migrations").join("main").into_std_path_buf())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|it| Ok(it?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::{all, as_one_command};

    #[test]
    fn a_function_body_with_empty_lines_stays_one_command() {
        let sql = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  a := 1;\n\n  RETURN a;\nEND $$;\n";
        assert!(!as_one_command(sql).contains("\n\n"));
    }

    #[test]
    fn the_spine_is_applied_for_both_catalogs_before_any_kind() {
        let script = all().expect("the workspace is readable");
        let place = |text: &str| script.find(text).unwrap_or_else(|| panic!("{text} is missing"));
        assert!(place("-- core: 0001") < place("-- catalog: 0001"));
        assert!(place("-- catalog: 0001") < place("-- c: 0001"));
        assert!(place("-- river: 001") < place("-- movies: 0001"));
    }
}
