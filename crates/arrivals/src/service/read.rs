//! Reading the other server, or its database.

use std::path::{Path, PathBuf};

use ::jobs::JobError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use catalog::arrival::Arrival;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Arrivals, From, Watch, pack};
use crate::plan::Plan;
use crate::source::jellyfin::api::Server;
use crate::source::{Household, Source, Unreadable, jellyfin, plex, sqlite};

/// What the seal is for.
const PURPOSE: &str = "imports";

/// How an import is read, as it is kept until then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asked {
    /// What was uploaded.
    Upload,
    /// What lies on this machine.
    Path {
        /// Where.
        path: PathBuf,
    },
    /// A server that runs.
    Server {
        /// Where.
        address: String,
        /// In whose name.
        api_key: String,
    },
}

impl Arrivals {
    /// How to read, and what that is called.
    pub(super) fn asked(&self, source: Source, from: From) -> Result<(Asked, String)> {
        match from {
            From::Upload => Ok((Asked::Upload, String::new())),
            From::Path { path } => {
                let path = PathBuf::from(path.trim());
                if !path.is_absolute() {
                    return Err(Error::invalid("path", "must begin with /"));
                }
                let name = path.display().to_string();
                Ok((Asked::Path { path }, name))
            }
            From::Server { address, api_key } => {
                if source != Source::Jellyfin {
                    return Err(Error::invalid(
                        "source",
                        "only Jellyfin is asked over the network",
                    ));
                }
                let server = Server::new(&address, &api_key, self.clock.clone(), self.rng.clone())
                    .map_err(|error| Error::invalid("address", error.to_string()))?;
                Ok((Asked::Server { address, api_key }, server.name()))
            }
        }
    }

    /// How to read, as it is kept until then: sealed, since the key of a server may be in it.
    pub(super) async fn seal(&self, asked: &Asked) -> Result<Value> {
        let seal = self.accounts.seal_for(PURPOSE).await?;
        let asked = serde_json::to_vec(asked).map_err(anyhow::Error::from)?;
        Ok(Value::String(BASE64.encode(seal.close(Uuid::nil(), &asked, &self.rng)?)))
    }

    async fn open(&self, sealed: &Value) -> Result<Asked, JobError> {
        let sealed = sealed.as_str().and_then(|it| BASE64.decode(it).ok());
        let sealed = sealed.ok_or_else(|| {
            JobError::give_up("an older version wrote down how to read it; begin it again")
        })?;
        let asked = self.accounts.seal_for(PURPOSE).await?.open(Uuid::nil(), &sealed)?;
        Ok(serde_json::from_slice(&asked)?)
    }

    /// Reads, keeps what was read with a first guess of who is who, and looks for it here.
    pub(super) async fn read(&self, arrival: &Arrival, watch: &dyn Watch) -> Result<(), JobError> {
        let asked = self.catalog.find_arrival_asked(arrival.id).await?;
        let Some(asked) = asked else {
            // It was read by an attempt that was killed afterwards.
            return self.check(&self.catalog.find_arrival(arrival.id).await?, watch).await;
        };
        let asked = self.open(&asked).await?;
        let source = Source::of(&arrival.source)
            .ok_or_else(|| JobError::give_up("this version does not know that server"))?;
        watch.progress(0, 0, &arrival.origin);
        let (household, origin) = match asked {
            Asked::Server { address, api_key } => {
                let server = Server::new(&address, &api_key, self.clock.clone(), self.rng.clone())
                    .map_err(|error| gave_up(&error))?;
                let report = |done: usize, total: usize, note: &str| {
                    watch.progress(done as u64, total as u64, note);
                    watch.check().is_ok()
                };
                let read = server.read(self.clock.now(), &report).await;
                (read.map_err(|error| gave_up(&error))?, server.name())
            }
            Asked::Path { path } => {
                let origin = path.display().to_string();
                (self.read_files(source, Where::Path(path)).await?, origin)
            }
            Asked::Upload => {
                let files = self.uploaded(arrival.id).await?;
                if files.is_empty() {
                    return Err(JobError::give_up(
                        "the uploaded files are not on this node; upload them again",
                    ));
                }
                let names = files.iter().filter_map(|it| it.file_name()?.to_str());
                let names = names.filter(|it| !is_journal(it)).collect::<Vec<_>>().join(", ");
                (self.read_files(source, Where::Uploads(files)).await?, names)
            }
        };
        watch.check()?;
        watch.log(format!(
            "{} people, {} items, {} collections, {} playlists",
            household.people.len(),
            household.items.len(),
            household.collections.len(),
            household.lists.len() + household.playlists.len()
        ));
        let plan = Plan::guess(&household, &self.people().await?);
        let plan = serde_json::to_value(plan)?;
        let content = tokio::task::spawn_blocking(move || pack(&household));
        let content = content.await.map_err(anyhow::Error::from)??;
        self.catalog.keep_arrival_content(arrival.id, &origin, &content, &plan).await?;
        self.forget_uploads(arrival.id).await?;
        self.check(&self.catalog.find_arrival(arrival.id).await?, watch).await
    }

    async fn read_files(&self, source: Source, from: Where) -> Result<Household, JobError> {
        let (folder, now) = (self.folder.clone(), self.clock.now());
        // Bounded by the patience of the database itself; the files are copies, or uploads that go once they were read.
        let read = tokio::task::spawn_blocking(move || {
            let copied;
            let files = match from {
                Where::Uploads(files) => files.into_iter().filter(|it| is_database(it)).collect(),
                Where::Path(path) => {
                    copied = copy(source, &path, &folder)?;
                    copied.1
                }
            };
            match source {
                Source::Jellyfin => jellyfin::read(&files, now),
                Source::Plex => plex::read(&files, now),
            }
        });
        read.await.map_err(anyhow::Error::from)?.map_err(|error| gave_up(&error))
    }
}

/// Where files lie.
enum Where {
    Uploads(Vec<PathBuf>),
    Path(PathBuf),
}

/// Copies what belongs to a source; the folder of the copies goes with the first.
fn copy(
    source: Source,
    path: &Path,
    folder: &Path,
) -> Result<(tempfile::TempDir, Vec<PathBuf>), Unreadable> {
    let files = match source {
        Source::Jellyfin => jellyfin::files(path),
        Source::Plex => plex::files(path),
    };
    if files.is_empty() {
        let path = path.display();
        return Err(Unreadable::Wrong(format!("{path}: there is no database of that server")));
    }
    let made = std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix("copy-").tempdir_in(folder))
        .map_err(|error| Unreadable::file(folder, error))?;
    let copies = files.iter().map(|it| sqlite::copy(it, made.path()));
    let copies = copies.collect::<Result<Vec<_>, _>>()?;
    Ok((made, copies))
}

fn is_journal(name: &str) -> bool {
    ["-wal", "-shm", "-journal"].iter().any(|it| name.ends_with(it))
}

fn is_database(path: &Path) -> bool {
    !is_journal(&path.to_string_lossy())
}

/// What is wrong with a source is wrong when it is read again.
fn gave_up(error: &Unreadable) -> JobError {
    match error {
        Unreadable::Stopped => JobError::Cancelled,
        other => JobError::give_up(other.to_string()),
    }
}
