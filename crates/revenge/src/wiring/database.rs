//! The database: whose it is, what is in it, and who may see which part.

use std::path::{Path, PathBuf};

use ::jobs::Jobs;
use anyhow::Context as _;
use futures::FutureExt as _;
use postgres::cluster::{Carry, PrivateConfig};
use postgres::{MigrationSet, PoolConfig, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::kinds::KINDS;
use crate::{Setting, backups};

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
        (None, None) => private(setting),
    };
    postgres::open(target).await
}

/// Starts the private server, whatever the configuration names.
pub async fn open_private(setting: &Setting) -> Result<postgres::Server, postgres::Error> {
    postgres::open(private(setting)).await
}

fn private(setting: &Setting) -> Target {
    Target::Private(PrivateConfig {
        binaries: setting.config.database.binaries.clone(),
        previous_binaries: setting.config.database.previous_binaries.clone(),
        carry: Some(carry(&setting.data_dir)),
        path: setting
            .environment
            .iter()
            .find(|(name, _)| name == "PATH")
            .map(|(_, value)| value.into()),
        ..PrivateConfig::new(folder(&setting.data_dir))
    })
}

/// Brings everything of ours from a cluster of an earlier PostgreSQL to one of a later, as moving a database does.
pub fn carry(data_dir: &Path) -> Carry {
    let data_dir = data_dir.to_owned();
    Carry::new(move |from, to| {
        let data_dir = data_dir.clone();
        async move { Ok(backups::back::carry(&from, &to, &data_dir).await?) }.boxed()
    })
}

/// Refuses a database that a server works on.
pub async fn must_be_unused(options: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = options.connect().await?;
    let n_sessions = postgres::transfer::count_other_sessions(&mut connection).await?;
    connection.close().await?;
    anyhow::ensure!(n_sessions == 0, "a server works on this database; stop it first");
    Ok(())
}

/// Every schema, the queue's included.
pub fn schema_names() -> Vec<&'static str> {
    let mut names = vec!["core", "catalog", "c"];
    names.extend(KINDS.iter().map(|kind| kind.id));
    names.push(notices::SCHEMA);
    names.push(::jobs::SCHEMA);
    names
}

/// The queue in the database of `options`, by a few connections of its own; close them.
pub async fn open_jobs(options: &PgConnectOptions) -> anyhow::Result<(Jobs, PgPool)> {
    let pool = postgres::pool(options, PoolConfig::new(::jobs::SCHEMA, 2)).await?;
    Ok((Jobs::new(pool.clone())?, pool))
}

/// Everything that has tables, in the order in which it may refer to what stands before it.
pub fn migration_sets() -> Vec<MigrationSet> {
    let mut sets = vec![accounts::migrations()];
    sets.extend(catalog::migrations());
    sets.extend(KINDS.iter().map(|kind| MigrationSet::embedded(kind.id, kind.migrations)));
    sets.push(notices::migrations());
    sets
}

/// Brings every schema up to date, once what a restore that was killed had put aside is back.
pub async fn migrate(options: &PgConnectOptions) -> anyhow::Result<()> {
    postgres::transfer::Aside::recover(options, &schema_names()).await?;
    bring_up_to_date(options).await
}

/// Brings every schema up to date.
pub async fn bring_up_to_date(options: &PgConnectOptions) -> anyhow::Result<()> {
    postgres::migrate(options, &migration_sets()).await?;
    ::jobs::migrate(options).await.context("the job queue's tables")?;
    Ok(())
}

/// Connects, each pool under a role of its own where the server lets us make roles.
pub async fn pools(options: &PgConnectOptions, max: u32, has_adult: bool) -> anyhow::Result<Pools> {
    let mut connection = options.connect().await?;
    // What happens is written down where it happens, with the job that tells of it.
    let mut ordinary = vec!["catalog", notices::SCHEMA, ::jobs::SCHEMA];
    ordinary.extend(KINDS.iter().map(|kind| kind.id));
    let has_ordinary = postgres::roles::confine(&mut connection, ORDINARY_ROLE, &ordinary).await?;
    let core = ["core", notices::SCHEMA, ::jobs::SCHEMA];
    let has_core = postgres::roles::confine(&mut connection, CORE_ROLE, &core).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_migrations_is_among_the_schemas() {
        let mut names: Vec<_> = migration_sets().iter().map(|it| it.schema().to_owned()).collect();
        names.push(::jobs::SCHEMA.to_owned());
        assert_eq!(schema_names(), names);
    }
}
