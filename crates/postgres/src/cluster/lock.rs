//! One program per folder.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use super::place::create_private_folder;
use crate::{Error, Result};

/// Held as long as we work on a folder. The kernel lets go of it when we die, however we die.
#[derive(Debug)]
pub struct FolderLock {
    folder: PathBuf,
    _file: File,
}

impl FolderLock {
    /// Takes the folder (made if missing), or says who has it.
    pub fn take(folder: &Path) -> Result<Self> {
        create_private_folder(folder)?;
        let folder = folder.canonicalize().map_err(|error| Error::files("open", folder, error))?;
        let path = folder.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::files("open", &path, error))?;
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            file.read_to_string(&mut pid).map_err(|error| Error::files("read", &path, error))?;
            return Err(Error::InUse { folder, pid: pid.trim().to_owned() });
        }
        write_pid(&mut file).map_err(|error| Error::files("write", &path, error))?;
        Ok(Self { folder, _file: file })
    }

    /// The folder, by its one true path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
