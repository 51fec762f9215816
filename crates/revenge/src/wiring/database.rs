//! The database: whose it is, what is in it, and who may see which part.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postgres::cluster::PrivateConfig;
use postgres::{MigrationSet, PoolConfig, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::Setting;
use crate::kinds::KINDS;

/// The role of everything that is not adult: it has no rights on schema `c`.
const ORDINARY_ROLE: &str = "revenge_ordinary";
/// The role of everything adult: it has no rights on schema `catalog`.
const ADULT_ROLE: &str = "revenge_adult";
/// The role of persons and settings.
const CORE_ROLE: &str = "revenge_core";

/// One pool for each part of the house, so that none can take another's connections.
pub struct Pools {
    /// Persons and settings.
    pub core: PgPool,
    /// The ordinary catalog.
    pub catalog: PgPool,
    /// The adult catalog, where it is switched on.
    pub adult: Option<PgPool>,
    /// The queue.
    pub jobs: PgPool,
}

/// Where the private cluster lives.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("postgresql")
}

/// Starts, adopts or finds the server.
pub async fn open(setting: &Setting) -> Result<postgres::Server, postgres::Error> {
    let section = &setting.config.database;
    let target = match (&section.url, &section.host) {
        (Some(url), _) => Target::External(Box::new(url.parse()?)),
        (None, Some(host)) => {
            let mut options = PgConnectOptions::new_without_pgpass()
                .host(host)
                .port(section.port)
                .database(&section.name)
                .username(&section.user);
            if let Some(password) = &section.password {
                options = options.password(password);
            }
            Target::External(Box::new(options))
        }
        (None, None) => Target::Private(PrivateConfig {
            binaries: section.binaries.clone(),
            path: setting
                .environment
                .iter()
                .find(|(name, _)| name == "PATH")
                .map(|(_, value)| value.into()),
            ..PrivateConfig::new(folder(&setting.data_dir))
        }),
    };
    postgres::open(target).await
}

/// Everything that has tables, in the order in which it may refer to what stands before it.
pub fn migration_sets() -> Vec<MigrationSet> {
    let mut sets = vec![accounts::migrations()];
    sets.extend(catalog::migrations());
    sets.extend(KINDS.iter().map(|kind| MigrationSet::embedded(kind.id, kind.migrations)));
    sets
}

/// Brings every schema up to date.
pub async fn migrate(options: &PgConnectOptions) -> anyhow::Result<()> {
    postgres::migrate(options, &migration_sets()).await?;
    ::jobs::migrate(options).await.context("the job queue's tables")?;
    Ok(())
}

/// Connects, each pool under a role of its own where the server lets us make roles.
pub async fn pools(options: &PgConnectOptions, max: u32, has_adult: bool) -> anyhow::Result<Pools> {
    let mut connection = options.connect().await?;
    let mut ordinary = vec!["catalog", ::jobs::SCHEMA];
    ordinary.extend(KINDS.iter().map(|kind| kind.id));
    let has_ordinary = postgres::roles::confine(&mut connection, ORDINARY_ROLE, &ordinary).await?;
    let has_core = postgres::roles::confine(&mut connection, CORE_ROLE, &["core"]).await?;
    let adult = ["c", ::jobs::SCHEMA];
    let has_adult_role =
        has_adult && postgres::roles::confine(&mut connection, ADULT_ROLE, &adult).await?;
    connection.close().await?;

    let confined = |config: PoolConfig<'static>, role, has: bool| {
        if has { config.with_role(role) } else { config }
    };
    let core = PoolConfig::new("core", (max / 4).max(2));
    let catalog = PoolConfig::new("catalog", (max / 2).max(4));
    let jobs = PoolConfig::new(::jobs::SCHEMA, (max / 4).max(3));
    let adult = if has_adult {
        let config = PoolConfig::new("c", (max / 4).max(4));
        Some(postgres::pool(options, confined(config, ADULT_ROLE, has_adult_role)).await?)
    } else {
        None
    };
    Ok(Pools {
        core: postgres::pool(options, confined(core, CORE_ROLE, has_core)).await?,
        catalog: postgres::pool(options, confined(catalog, ORDINARY_ROLE, has_ordinary)).await?,
        adult,
        jobs: postgres::pool(options, jobs).await?,
    })
}
