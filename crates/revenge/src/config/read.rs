//! Where the configuration comes from, and in which order.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;

use super::Config;
use super::environment::Environment;
use super::tree::{Place, Tree};

/// What settings are read from, weakest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that was named; it must be there.
    pub file: Option<PathBuf>,
    /// Files to look for where none was named; the first that is there is read.
    pub candidates: Vec<PathBuf>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Settings from flags, as (flag, key, value).
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// A configuration that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file could not be read.
    #[error("cannot read the configuration {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A value is wrong.
    #[error("{origin}: {}{message}", Key(.path))]
    Wrong {
        /// `revenge.yaml line 7`, `environment variable REVENGE_SERVER__PORT`, `flag --port`.
        origin: String,
        /// The key, outermost first; empty where the file as a whole is wrong.
        path: Vec<String>,
        /// What is wrong.
        message: String,
    },
}

struct Key<'a>(&'a [String]);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0.join(".")) }
    }
}

const PREFIX: &str = "REVENGE_";

/// Variables that begin like settings and are none.
const NOT_SETTINGS: [&str; 1] = ["REVENGE_CONFIG"];

/// Reads the configuration; the second value is the file it came from.
pub fn read(sources: &Sources) -> Result<(Config, Option<PathBuf>), ConfigError> {
    let file = match &sources.file {
        Some(path) => Some(path.clone()),
        None => sources.candidates.iter().find(|it| it.is_file()).cloned(),
    };
    let environment = Environment(&sources.environment);
    let lookup = |name: &str| environment.value(name);
    let mut tree = match &file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
            Tree::parse(&text, &lookup).map_err(|(line, message)| ConfigError::Wrong {
                origin: origin(Some(path), &Place::Line(line)),
                path: Vec::new(),
                message,
            })?
        }
        None => Tree::empty(),
    };
    for name in environment.names() {
        let Some(key) = name.strip_prefix(PREFIX).filter(|_| is_setting(name)) else { continue };
        let path: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
        let place = Place::Variable(name.to_owned());
        match environment.value(name) {
            Ok(value) => tree.set(&path, value.as_deref().unwrap_or_default(), &place),
            Err(message) => {
                let origin = origin(None, &place);
                return Err(ConfigError::Wrong { origin, path, message });
            }
        }
    }
    for (flag, key, value) in &sources.flags {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        tree.set(&path, value, &Place::Flag(flag));
    }
    let config = Config::deserialize(&tree).map_err(|wrong| ConfigError::Wrong {
        origin: origin(file.as_deref(), &wrong.place.unwrap_or(Place::Line(1))),
        path: wrong.path,
        message: wrong.message,
    })?;
    Ok((config, file))
}

/// A setting's variable names a section (`REVENGE_SERVER__PORT`) or a key that has none (`REVENGE_DATA_DIR`). Others of
/// our prefix belong to scripts and tests.
fn is_setting(name: &str) -> bool {
    !NOT_SETTINGS.contains(&name) && (name.contains("__") || name == "REVENGE_DATA_DIR")
}

fn origin(file: Option<&Path>, place: &Place) -> String {
    match place {
        Place::Line(line) => {
            let file =
                file.map_or_else(|| "revenge.yaml".to_owned(), |it| it.display().to_string());
            format!("{file} line {line}")
        }
        Place::Variable(name) => format!("environment variable {name}"),
        Place::Flag(flag) => format!("flag {flag}"),
    }
}
