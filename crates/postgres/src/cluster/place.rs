//! Where the parts of a cluster lie.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::binaries::Binaries;
use crate::{Error, Result};

/// The kernel's limit on the path of a unix socket, its closing zero included, is 108.
const SOCKET_PATH_MAX: usize = 107;
const SOCKET_FILE: &str = ".s.PGSQL.5432";

/// The parts of one cluster on disk.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder that was named.
    pub folder: PathBuf,
    /// PostgreSQL's own data folder.
    pub data: PathBuf,
    /// What the server prints.
    pub log: PathBuf,
    /// The folder of the socket.
    pub socket: PathBuf,
}

impl Place {
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let socket = socket_folder(folder, &runtime_folder());
        create_private_folder(&socket)?;
        Ok(Self {
            folder: folder.to_owned(),
            data: folder.join("data"),
            log: folder.join("postgresql.log"),
            socket,
        })
    }

    /// The major version written in the cluster; `None` when there is no cluster yet.
    pub(super) fn version(&self) -> Result<Option<String>> {
        let path = self.data.join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.data.exists() => {
                Ok(None)
            }
            Err(error) => Err(Error::files("read", path, error)),
        }
    }

    pub(super) fn must_fit(&self, version: &str, binaries: &Binaries) -> Result<()> {
        if version == binaries.major.to_string() {
            return Ok(());
        }
        Err(Error::ClusterVersion {
            folder: self.data.clone(),
            cluster: version.to_owned(),
            binaries: binaries.folder.clone(),
            programs: binaries.major,
        })
    }

    /// Whose cluster it is; of a cluster still to be made, whose folder.
    pub(super) fn owner(&self) -> Option<u32> {
        let seen = self.data.metadata().or_else(|_| self.folder.metadata());
        seen.ok().map(|it| it.uid())
    }

    pub(super) fn socket_file(&self) -> PathBuf {
        self.socket.join(SOCKET_FILE)
    }
}

/// Inside the cluster's folder where the path is short enough, else in the machine's folder for such things.
fn socket_folder(folder: &Path, runtime: &Path) -> PathBuf {
    let inside = folder.join("run");
    if inside.join(SOCKET_FILE).as_os_str().as_bytes().len() <= SOCKET_PATH_MAX {
        return inside;
    }
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    runtime.join(format!("revenge-{:016x}", hasher.finish()))
}

fn runtime_folder() -> PathBuf {
    let user = rustix::process::geteuid();
    let of_user = PathBuf::from(format!("/run/user/{}", user.as_raw()));
    if of_user.is_dir() {
        of_user
    } else if user.is_root() && Path::new("/run").is_dir() {
        PathBuf::from("/run")
    } else {
        std::env::temp_dir()
    }
}

/// Makes a folder that only we may enter. One that is there already must not belong to another ordinary user: in a folder
/// for everybody, such as `/tmp`, somebody could have put it there for us.
pub(super) fn create_private_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Error::files("create", path, error))?;
    let seen = path.symlink_metadata().map_err(|error| Error::files("open", path, error))?;
    let we = rustix::process::geteuid().as_raw();
    if seen.uid() != we && we != 0 {
        return Err(Error::Owner { folder: path.to_owned(), owner: seen.uid(), we });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_moves_the_socket_to_the_runtime_folder() {
        let short = Path::new("/var/lib/revenge/postgresql");
        assert_eq!(socket_folder(short, Path::new("/run")), short.join("run"));

        let long = PathBuf::from(format!("/srv/{}", "x".repeat(100)));
        let moved = socket_folder(&long, Path::new("/run"));
        assert!(moved.starts_with("/run"));
        assert_ne!(moved, socket_folder(&long.join("other"), Path::new("/run")));
    }
}
