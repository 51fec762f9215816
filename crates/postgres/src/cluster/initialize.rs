//! Makes the cluster on disk.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::place::create_private_folder;
use super::{Cluster, Durability, USER};
use crate::{Error, Result};

/// initdb takes seconds; a disk that needs longer than this is not one to run a database on.
const INITDB_TIMEOUT: Duration = Duration::from_mins(3);

impl Cluster {
    /// Makes the cluster if there is none. A crash on the way leaves a folder under another name, which the next start
    /// throws away, never half a cluster under the right one.
    pub(super) async fn initialize(&self) -> Result<()> {
        self.identity.own(&self.place.socket)?;
        if self.place.data.exists() {
            return self.identity.own(&self.place.data);
        }
        delete_leftovers(&self.place.folder)?;
        let unfinished = self.place.folder.join(format!("data.new-{}", std::process::id()));
        create_private_folder(&unfinished)?;
        self.identity.own(&self.place.folder)?;
        tracing::info!(folder = %self.place.folder.display(), "making the database cluster");
        self.initdb(&unfinished).await?;
        std::fs::rename(&unfinished, &self.place.data)
            .and_then(|()| File::open(&self.place.folder)?.sync_all())
            .map_err(|error| Error::files("finish", &self.place.data, error))
    }

    async fn initdb(&self, folder: &Path) -> Result<()> {
        let mut command = self.program("initdb");
        command
            .arg("--pgdata")
            .arg(folder)
            .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8"])
            .args(["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"])
            .args(["--data-checksums", "--no-instructions"])
            .kill_on_drop(true);
        if self.durability == Durability::None {
            command.arg("--no-sync");
        }
        let failed = |output| Error::program("initdb", &self.place.folder, output);
        match tokio::time::timeout(INITDB_TIMEOUT, command.output()).await {
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => {
                Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
            }
            Ok(Err(error)) => Err(Error::files("run", self.binaries.program("initdb"), error)),
            Err(_) => Err(failed(format!("not done after {} s", INITDB_TIMEOUT.as_secs()))),
        }
    }
}

fn delete_leftovers(folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::files("read", folder, error))?;
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"data.new-") {
            std::fs::remove_dir_all(entry.path())
                .map_err(|error| Error::files("delete", entry.path(), error))?;
        }
    }
    Ok(())
}
