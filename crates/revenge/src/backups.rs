//! Backups of this server: what goes into one, where they are kept, and the way back.

pub mod back;
pub mod job;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::backup::shelf::{self, Kept, Rules};
use ::backup::{Config, Contents, Facts, Made, Progress};
use anyhow::Context as _;
use futures::FutureExt as _;
use kernel::Clock;
use postgres::transfer::Snapshot;
use sqlx::Executor as _;
use sqlx::postgres::PgConnectOptions;

use crate::Setting;
use crate::config::BackupSection;
use crate::wiring::schema_names;

/// This program's version.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// How the variables begin that set this program's configuration.
const VARIABLES: &str = "REVENGE_";

/// What it takes to make backups. Cheap to clone.
#[derive(Clone)]
pub struct Backups(Arc<Inner>);

struct Inner {
    options: PgConnectOptions,
    postgresql: String,
    artwork: PathBuf,
    folder: PathBuf,
    section: BackupSection,
    config_file: Option<PathBuf>,
    environment: crate::Environment,
    clock: Clock,
}

impl Backups {
    /// Of the server with this setting and this database.
    pub fn new(setting: &Setting, server: &postgres::Server, clock: Clock) -> Self {
        let section = setting.config.backup.clone();
        let folder = section.folder.clone().unwrap_or_else(|| setting.data_dir.join("backups"));
        Self(Arc::new(Inner {
            options: server.options().clone(),
            postgresql: server.version().to_owned(),
            artwork: artwork_folder(&setting.data_dir),
            folder,
            section,
            config_file: setting.file.clone(),
            environment: setting.environment.clone(),
            clock,
        }))
    }

    /// Where they are kept.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The settings.
    pub fn section(&self) -> &BackupSection {
        &self.0.section
    }

    /// Those that are kept, the last first.
    pub async fn list(&self) -> anyhow::Result<Vec<Kept>> {
        let folder = self.0.folder.clone();
        Ok(tokio::task::spawn_blocking(move || shelf::list(&folder)).await??)
    }

    /// The one of this name.
    pub async fn find(&self, name: &str) -> anyhow::Result<Option<Kept>> {
        let (folder, name) = (self.0.folder.clone(), name.to_owned());
        Ok(tokio::task::spawn_blocking(move || shelf::find(&folder, &name)).await??)
    }

    /// Makes one in the folder, and deletes those that the rules no longer keep; how many.
    pub async fn make_and_tidy(
        &self,
        report: &(dyn Fn(Progress) -> bool + Send + Sync),
    ) -> anyhow::Result<(Made, usize)> {
        let made = self.make(&self.place(), report).await?;
        let BackupSection { keep_daily, keep_weekly, keep_monthly, .. } = self.0.section;
        let rules = Rules { daily: keep_daily, weekly: keep_weekly, monthly: keep_monthly };
        let folder = self.0.folder.clone();
        let deleted = tokio::task::spawn_blocking(move || shelf::tidy(&folder, rules)).await??;
        Ok((made, deleted))
    }

    /// Where the next one goes.
    pub fn place(&self) -> PathBuf {
        self.0.folder.join(shelf::name_of(self.0.clock.now()))
    }

    /// The name of one made now.
    pub fn name(&self) -> String {
        shelf::name_of(self.0.clock.now())
    }

    /// Makes the backup `target`.
    pub async fn make(
        &self,
        target: &Path,
        report: &(dyn Fn(Progress) -> bool + Send + Sync),
    ) -> anyhow::Result<Made> {
        let inner = &*self.0;
        if let Some(folder) = target.parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        let contents = Contents {
            options: &inner.options,
            schemas: &schema_names(),
            program: PROGRAM,
            postgresql: &inner.postgresql,
            now: inner.clock.now(),
            artwork: &inner.artwork,
            config: self.read_config().await?,
            facts: Box::new(|snapshot| find_facts(snapshot).boxed()),
        };
        Ok(::backup::make(contents, target, report).await?)
    }

    /// The configuration file as it is now, and the variables that it and the program are set with.
    async fn read_config(&self) -> anyhow::Result<Vec<(Config, Vec<u8>)>> {
        let mut config = Vec::new();
        let mut text = String::new();
        if let Some(file) = &self.0.config_file {
            text = tokio::fs::read_to_string(file)
                .await
                .with_context(|| format!("{} cannot be read", file.display()))?;
            config.push((Config::File, text.clone().into_bytes()));
        }
        let variables = self.0.environment.iter().filter(|(name, _)| {
            name.starts_with(VARIABLES)
                || text.contains(&format!("${{{name}}}"))
                || text.contains(&format!("${{{name}:"))
        });
        let lines: Vec<_> = variables
            .map(|(name, value)| {
                format!(
                    "{name}={value}
"
                )
            })
            .collect();
        if !lines.is_empty() {
            config.push((Config::Environment, lines.concat().into_bytes()));
        }
        Ok(config)
    }
}

/// Where originals are kept.
pub fn artwork_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("artwork")
}

/// The schemas that have pictures of items.
pub const SPINES: [&str; 2] = ["catalog", "c"];

/// What the rooms know of a moment.
pub async fn find_facts(snapshot: &mut Snapshot) -> anyhow::Result<Facts> {
    let connection = snapshot.connection();
    let mut originals = std::collections::BTreeSet::new();
    for schema in SPINES {
        look_in(connection, schema).await?;
        originals.append(&mut catalog::artwork::list_irreplaceable_unscoped(connection).await?);
    }
    let queue_migration = ::jobs::applied_migration(connection).await?;
    Ok(Facts { originals: originals.into_iter().collect(), queue_migration })
}

/// Has the connection look names up in one of [`SPINES`].
async fn look_in(connection: &mut sqlx::PgConnection, schema: &'static str) -> anyhow::Result<()> {
    let path = match schema {
        "c" => "SET search_path = c, public",
        _ => "SET search_path = catalog, public",
    };
    connection.execute(path).await?;
    Ok(())
}
