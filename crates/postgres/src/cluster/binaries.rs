//! Finds PostgreSQL's programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::command;
use crate::{Error, OLDEST_MAJOR, Result};

/// A folder with `postgres` and `initdb`, and their version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    /// The folder.
    pub folder: PathBuf,
    /// Their major version.
    pub major: u32,
}

/// Where to look, in this order.
#[derive(Clone, Debug, Default)]
pub struct Places<'a> {
    /// Named by the owner: if set, nothing else counts.
    pub configured: Option<&'a Path>,
    /// Folder of our own program; the bundle lies in `postgresql/bin` beside it.
    pub program: Option<&'a Path>,
    /// The `PATH` variable.
    pub path: Option<&'a OsStr>,
}

impl Binaries {
    /// The programs to use. When several are installed, those that fit a cluster of `wanted` come first, then the newest.
    pub async fn find(places: &Places<'_>, wanted: Option<u32>) -> Result<Self> {
        let mut looked = Vec::new();
        let groups = match places.configured {
            Some(folder) => vec![vec![folder.to_owned()]],
            None => vec![bundled(places.program), installed(places.path)],
        };
        for group in groups {
            let mut found = Vec::new();
            for folder in group {
                match version_of(&folder).await {
                    Some(major) if major >= OLDEST_MAJOR => found.push(Self { folder, major }),
                    Some(major) => {
                        looked.push(format!("version {major} in {}", folder.display()));
                    }
                    None => looked.push(format!("none in {}", folder.display())),
                }
            }
            if let Some(best) =
                found.into_iter().max_by_key(|it| (Some(it.major) == wanted, it.major))
            {
                return Ok(best);
            }
        }
        if looked.is_empty() {
            looked.push("none is installed".to_owned());
        }
        Err(Error::NoBinaries { looked: looked.join("; ") })
    }

    /// The programs of exactly `major`, for a cluster that is to be brought to another; where it looked if there are none.
    pub async fn find_previous(
        places: &Places<'_>,
        named: Option<&Path>,
        major: u32,
    ) -> Result<Self, String> {
        let folders = if let Some(folder) = named {
            vec![folder.to_owned()]
        } else {
            let beside = places.program.map(|it| it.join(format!("postgresql-{major}/bin")));
            let near = beside.into_iter().chain(bundled(places.program));
            let near = near.chain(places.configured.map(Path::to_owned));
            near.chain(installed(places.path)).collect()
        };
        let mut looked = Vec::new();
        for folder in folders {
            match version_of(&folder).await {
                Some(found) if found == major => return Ok(Self { folder, major }),
                Some(found) => looked.push(format!("version {found} in {}", folder.display())),
                None => looked.push(format!("none in {}", folder.display())),
            }
        }
        if looked.is_empty() {
            looked.push("none is installed".to_owned());
        }
        Err(looked.join("; "))
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn bundled(program: Option<&Path>) -> Vec<PathBuf> {
    program
        .map(|folder| folder.join("postgresql/bin"))
        .filter(|folder| folder.is_dir())
        .into_iter()
        .collect()
}

fn installed(path: Option<&OsStr>) -> Vec<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let path = path.into_iter().flat_map(std::env::split_paths);
    debian.chain(path).filter(|folder| folder.join("postgres").is_file()).collect()
}

/// The major version of the server in `folder`, if both programs are there and run.
async fn version_of(folder: &Path) -> Option<u32> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let output = command(&folder.join("postgres")).arg("--version").output().await.ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 18.4 (Debian 18.4-1)` is 18.
fn parse_version(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL) ")?.1;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_every_packager_prints_them() {
        for (text, major) in [
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 19beta1", Some(19)),
            ("bash: postgres: command not found", None),
        ] {
            assert_eq!(parse_version(text), major, "{text}");
        }
    }
}
