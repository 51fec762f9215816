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
use crate::{Error, Result};

/// The superuser of a private cluster; the socket's folder lets nobody but us in.
pub const USER: &str = "revenge";

/// Where the private cluster lives and which programs it runs on.
#[derive(Clone, Debug)]
pub struct PrivateConfig {
    /// Everything of the cluster is in here: data, log, socket, lock.
    pub folder: PathBuf,
    /// `database.binaries`: the folder with `postgres` and `initdb`.
    pub binaries: Option<PathBuf>,
    /// The value of `PATH`, searched when nothing else has PostgreSQL 18.
    pub path: Option<OsString>,
    /// How much a power cut may cost.
    pub durability: Durability,
}

impl PrivateConfig {
    /// A durable cluster in `folder` on whatever programs are bundled or installed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), binaries: None, path: None, durability: Durability::Full }
    }
}

/// A cluster on disk that is ours, of the right version, and can be started.
#[derive(Clone, Debug)]
pub struct Cluster {
    binaries: Binaries,
    place: Place,
    identity: Identity,
    durability: Durability,
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
        let present = place.version()?;
        let wanted = present.as_deref().and_then(|it| it.parse().ok());
        let binaries = Binaries::find(&places, wanted).await?;
        if let Some(version) = present {
            place.must_fit(&version, &binaries)?;
        }
        let identity = Identity::choose(&place.folder, place.owner(), &binaries).await?;
        identity.must_reach(&place.data)?;
        let cluster = Self { binaries, place, identity, durability: config.durability };
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
