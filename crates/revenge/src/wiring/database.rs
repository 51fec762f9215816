//! The database: whose it is, what is in it, and who may see which part.

use std::path::{Path, PathBuf};

use ::jobs::Jobs;
use anyhow::{Context as _, ensure};
use futures::FutureExt as _;
use postgres::cluster::{Carry, PrivateConfig};
use postgres::{MigrationSet, PoolConfig, Readers, Replicas, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::config::{DatabaseSection, ReplicaSection};
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
    /// The same on replicas, where there are any.
    pub catalog_readers: Option<Readers>,
    /// The adult catalog, where it is switched on.
    pub adult: Option<PgPool>,
    /// The same on replicas.
    pub adult_readers: Option<Readers>,
    /// The replicas.
    pub replicas: Option<Replicas>,
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

/// The replicas that the configuration names, each reached as the server of `primary` is unless it says otherwise.
pub async fn replicas(
    section: &DatabaseSection,
    primary: &PgConnectOptions,
) -> anyhow::Result<Option<Replicas>> {
    if section.replicas.is_empty() {
        return Ok(None);
    }
    ensure!(
        !section.is_private(),
        "database.replicas: the private database has none; name a server in database.host or database.url"
    );
    let places = section.replicas.iter().enumerate().map(|(index, it)| {
        place(it, primary).with_context(|| format!("database.replicas, entry {}", index + 1))
    });
    let places = places.collect::<anyhow::Result<_>>()?;
    Ok(Some(Replicas::open(primary, places).await))
}

fn place(section: &ReplicaSection, primary: &PgConnectOptions) -> anyhow::Result<PgConnectOptions> {
    let name = primary.get_database().unwrap_or_default();
    if let Some(url) = &section.url {
        // The address is not repeated: it may have a password in it.
        let options: PgConnectOptions = url.parse().context("url: no address")?;
        let own = options.get_database().unwrap_or(name);
        ensure!(own == name, "url: a replica of the database {name} has it under the same name");
        return Ok(options.database(name));
    }
    let host = section.host.as_deref().unwrap_or_default();
    ensure!(
        primary.get_socket().is_none() || host.starts_with('/'),
        "host: database.url leads to a socket; say where the replica is by a url as well"
    );
    let mut options = primary.clone().port(section.port.unwrap_or(primary.get_port()));
    options =
        if primary.get_socket().is_some() { options.socket(host) } else { options.host(host) };
    if let Some(user) = &section.user {
        options = options.username(user);
    }
    if let Some(password) = &section.password {
        options = options.password(password);
    }
    Ok(options)
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
    names.push(requests::SCHEMA);
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
    sets.push(requests::migrations());
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
pub async fn pools(
    options: &PgConnectOptions,
    max: u32,
    has_adult: bool,
    replicas: Option<Replicas>,
) -> anyhow::Result<Pools> {
    let mut connection = options.connect().await?;
    // What happens is written down where it happens, with the job that tells of it.
    let mut ordinary = vec!["catalog", notices::SCHEMA, requests::SCHEMA, ::jobs::SCHEMA];
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
    let catalog = confined(catalog, ORDINARY_ROLE, has_ordinary);
    let adult = PoolConfig::new("c", (max / 4).max(4));
    let adult = has_adult.then(|| confined(adult, ADULT_ROLE, has_adult_role));
    let jobs = PoolConfig::new(::jobs::SCHEMA, (max / 4).max(3));
    let readers = |config| replicas.as_ref().map(|it| it.readers(config));
    Ok(Pools {
        core: postgres::pool(options, confined(core, CORE_ROLE, has_core)).await?,
        catalog: postgres::pool(options, catalog).await?,
        catalog_readers: readers(catalog),
        adult: match adult {
            Some(adult) => Some(postgres::pool(options, adult).await?),
            None => None,
        },
        adult_readers: adult.and_then(readers),
        replicas: replicas.clone(),
        jobs: postgres::pool(options, jobs).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primary(url: &str) -> PgConnectOptions {
        url.parse().expect("an address")
    }

    #[test]
    fn a_replica_is_reached_as_the_primary_unless_it_says_otherwise() {
        let at = |host: &str| ReplicaSection {
            host: Some(host.to_owned()),
            ..ReplicaSection::default()
        };
        let by =
            |url: &str| ReplicaSection { url: Some(url.to_owned()), ..ReplicaSection::default() };
        let usual = primary("postgres://me:secret@db:5433/films?sslmode=require");
        let check = |section: ReplicaSection, host: &str, port: u16, user: &str| {
            let found = place(&section, &usual).expect("a place");
            let told = (found.get_host(), found.get_port(), found.get_username());
            assert_eq!(told, (host, port, user));
            assert_eq!(found.get_database(), Some("films"));
        };
        check(at("db2"), "db2", 5433, "me");
        let reader = Some("reader".to_owned());
        check(
            ReplicaSection { port: Some(6000), user: reader, ..at("db2") },
            "db2",
            6000,
            "reader",
        );
        check(by("postgres://you@db3"), "db3", 5432, "you");
        let ssl_mode = place(&at("db2"), &usual).expect("a place").get_ssl_mode();
        assert!(matches!(ssl_mode, sqlx::postgres::PgSslMode::Require));

        let refuses = |section: ReplicaSection, primary: &PgConnectOptions, words: &str| {
            let wrong = place(&section, primary).expect_err(words).to_string();
            assert!(wrong.contains(words), "{wrong}");
        };
        refuses(by("postgres://you@db3/other"), &usual, "under the same name");
        refuses(by("db3"), &usual, "no address");
        let by_socket = primary("postgres:///films?host=/run/postgresql");
        refuses(at("db2"), &by_socket, "a socket");
        let beside = place(&at("/run/second"), &by_socket).expect("a place");
        assert_eq!(beside.get_socket(), Some(&PathBuf::from("/run/second")));
    }

    #[tokio::test]
    async fn the_private_database_has_no_replicas() {
        let replica = ReplicaSection { host: Some("db2".to_owned()), ..ReplicaSection::default() };
        let section = DatabaseSection { replicas: vec![replica], ..DatabaseSection::default() };
        let wrong = replicas(&section, &primary("postgres://db/films")).await;
        let wrong = wrong.expect_err("refused").to_string();
        assert!(wrong.starts_with("database.replicas: the private database has none"), "{wrong}");
    }

    #[test]
    fn every_set_of_migrations_is_among_the_schemas() {
        let mut names: Vec<_> = migration_sets().iter().map(|it| it.schema().to_owned()).collect();
        names.push(::jobs::SCHEMA.to_owned());
        assert_eq!(schema_names(), names);
    }
}
