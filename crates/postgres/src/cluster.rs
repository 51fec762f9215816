//! The private cluster: a PostgreSQL of our own in the data folder, for one machine, on a unix socket only.
//!
//! [`FolderLock`] makes sure that only one program works on a folder; [`Cluster::prepare`] makes or checks what is on disk;
//! [`Cluster::start`] adopts the postmaster that is still running there or starts one; [`Supervisor`] keeps it running.

pub mod binaries;
pub mod identity;
mod initialize;
mod lock;
mod pid_file;
mod place;
mod postmaster;
mod settings;
mod supervisor;
mod upgrade;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

pub use self::binaries::{Binaries, Places};
pub use self::identity::Identity;
pub use self::lock::FolderLock;
pub use self::place::Place;
pub use self::postmaster::Postmaster;
pub use self::settings::Durability;
pub use self::supervisor::Supervisor;
use self::upgrade::Plan;
pub use self::upgrade::{Carry, CarryError, Previous, list_previous, upgrade};
use crate::{Error, OLDEST_MAJOR, Result};

/// The superuser of a private cluster; the socket's folder lets nobody but us in.
pub const USER: &str = "revenge";

/// Where the private cluster lives and which programs it runs on.
#[derive(Clone, Debug)]
pub struct PrivateConfig {
    /// Everything of the cluster is in here: data, log, socket, lock.
    pub folder: PathBuf,
    /// `database.binaries`: the folder with `postgres` and `initdb`.
    pub binaries: Option<PathBuf>,
    /// `database.previous_binaries`: the same of the version that the cluster was made by, where they are not found.
    pub previous_binaries: Option<PathBuf>,
    /// The value of `PATH`, searched when nothing else has PostgreSQL 18.
    pub path: Option<OsString>,
    /// How much a power cut may cost.
    pub durability: Durability,
    /// Brings a cluster of an earlier version to that of the newest programs; without it, programs of its own version run it.
    pub carry: Option<Carry>,
}

impl PrivateConfig {
    /// A durable cluster in `folder` on whatever programs are bundled or installed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            binaries: None,
            previous_binaries: None,
            path: None,
            durability: Durability::Full,
            carry: None,
        }
    }
}

/// A cluster on disk that is ours, of the right version, and can be started.
#[derive(Clone, Debug)]
pub struct Cluster {
    binaries: Binaries,
    place: Place,
    identity: Identity,
    durability: Durability,
    /// While it is brought to a newer version nobody writes into it.
    is_read_only: bool,
}

impl Cluster {
    /// Makes the cluster on first use; checks it otherwise. The lock proves that nobody else is at it.
    pub async fn prepare(config: &PrivateConfig, lock: &FolderLock) -> Result<Self> {
        let place = Place::of(lock.folder())?;
        let program = std::env::current_exe().ok();
        let places = Places {
            configured: config.binaries.as_deref(),
            program: program.as_deref().and_then(Path::parent),
            path: config.path.as_deref().map(OsStr::new),
        };
        upgrade::finish(&place)?;
        let binaries = match place.version()? {
            None => Binaries::find(&places, None).await?,
            Some(version) => programs_for(&version, &place, &places, config, lock).await?,
        };
        Self::prepare_with(binaries, config, lock).await
    }

    /// The same with these programs, which must be of its version.
    pub async fn prepare_with(
        binaries: Binaries,
        config: &PrivateConfig,
        lock: &FolderLock,
    ) -> Result<Self> {
        let place = Place::of(lock.folder())?;
        let identity = Identity::choose(&place.folder, place.owner(), &binaries).await?;
        identity.must_reach(&place.data)?;
        let cluster =
            Self { binaries, place, identity, durability: config.durability, is_read_only: false };
        cluster.initialize().await?;
        Ok(cluster)
    }

    /// How to connect to `database`.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        options(&self.place, database)
    }

    /// The programs it runs on.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// One of PostgreSQL's programs, as the cluster's user.
    fn program(&self, name: &str) -> Command {
        let mut command = command(&self.binaries.program(name));
        self.identity.confine(&mut command);
        command
    }
}

/// The programs that run the cluster of `version`, once it is of theirs.
async fn programs_for(
    version: &str,
    place: &Place,
    places: &Places<'_>,
    config: &PrivateConfig,
    lock: &FolderLock,
) -> Result<Binaries> {
    let major: Option<u32> = version.parse().ok();
    let (Some(major), Some(carry)) = (major, &config.carry) else {
        let binaries = Binaries::find(places, major).await?;
        place.must_fit(version, &binaries)?;
        return Ok(binaries);
    };
    let newest = Binaries::find(places, None).await?;
    match upgrade::decide(major, newest.major) {
        Plan::Use => Ok(newest),
        Plan::Refuse => Err(Error::ClusterNewer {
            folder: place.data.clone(),
            cluster: major,
            binaries: newest.folder,
            programs: newest.major,
        }),
        Plan::Upgrade => {
            let previous = config.previous_binaries.as_deref();
            let from =
                Binaries::find_previous(places, previous, major).await.map_err(|looked| {
                    Error::NoPreviousBinaries {
                        folder: place.data.clone(),
                        cluster: major,
                        programs: newest.major,
                        looked,
                    }
                })?;
            let done = upgrade(lock, from.clone(), newest.clone(), config.durability, carry).await;
            match done {
                Ok(()) => Ok(newest),
                // Rather the old version than nothing, as long as it is all there.
                Err(error)
                    if major >= OLDEST_MAJOR && place.version()?.as_deref() == Some(version) =>
                {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        version = major,
                        "could not bring the database to the newer PostgreSQL; going on with the old one, trying again at the next start"
                    );
                    Ok(from)
                }
                Err(error) => Err(error),
            }
        }
    }
}

/// How to connect to the cluster in `folder` that another process of ours runs.
pub fn options_of_running(folder: &Path) -> Result<PgConnectOptions> {
    let folder = folder.canonicalize().map_err(|error| Error::files("open", folder, error))?;
    Ok(options(&Place::of(&folder)?, USER))
}

fn options(place: &Place, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(&place.socket).username(USER).database(database)
}

/// A child with nothing of our environment and no input: messages in English, times in UTC, no `PG*` variables.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts PostgreSQL's programs; each caller bounds and ends them"
)]
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::null());
    command
}
