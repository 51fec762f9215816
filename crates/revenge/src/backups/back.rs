//! The way back: from a backup, or from another database.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ::backup::restore::{Destination, Restored, restore};
use ::backup::{Config, Progress, TableRows, relocate};
use catalog::artwork::{MakeArtwork, forget_lost_unscoped};
use futures::FutureExt as _;
use postgres::transfer::{self, Snapshot};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{SPINES, artwork_folder, find_facts, look_in};
use crate::Setting;
use crate::config::{self, Sources};
use crate::wiring::{bring_up_to_date, migration_sets, open_jobs, schema_names};

/// Tables of which one row means that somebody would miss this server.
const MISSED: [&str; 2] = ["core.person", "catalog.library"];

/// How often a long way is told in the log.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// What is told about the way.
pub type Report<'a> = &'a (dyn Fn(Progress) -> bool + Send + Sync);

/// Brings `file` back into the database of `options` and the data folder.
pub async fn bring_back(
    file: &Path,
    options: &PgConnectOptions,
    data_dir: &Path,
    replaces: bool,
    report: Report<'_>,
) -> anyhow::Result<Restored> {
    let artwork = artwork_folder(data_dir);
    let sets = migration_sets();
    let destination = Destination {
        finish: Box::new(|| finish_restore(options, &artwork).boxed()),
        ..destination(options, &sets, &artwork, replaces)
    };
    Ok(restore(file, destination, report).await?)
}

/// Moves the database of `from` to that of `to`.
pub async fn move_over(
    from: &PgConnectOptions,
    to: &PgConnectOptions,
    data_dir: &Path,
    replaces: bool,
    report: Report<'_>,
) -> anyhow::Result<Vec<TableRows>> {
    let mut snapshot = Snapshot::begin(from).await?;
    let facts = find_facts(&mut snapshot).await?;
    let artwork = artwork_folder(data_dir);
    let sets = migration_sets();
    let destination = destination(to, &sets, &artwork, replaces);
    let moved = relocate(&mut snapshot, facts.queue_migration, destination, report).await?;
    snapshot.finish().await?;
    Ok(moved)
}

/// Brings everything of ours from a cluster that is only read to an empty one of a later PostgreSQL.
pub async fn carry(
    from: &PgConnectOptions,
    to: &PgConnectOptions,
    data_dir: &Path,
) -> anyhow::Result<()> {
    let schemas = schema_names();
    // What a restore that was killed had put aside is what counts.
    let writable = from.clone().options([("default_transaction_read_only", "off")]);
    transfer::Aside::recover(&writable, &schemas).await?;
    let mut connection = from.connect().await?;
    let has_any = transfer::has_any_schema(&mut connection, &schemas).await?;
    connection.close().await?;
    if !has_any {
        return Ok(());
    }
    let told = std::sync::Mutex::new(Instant::now());
    let report = |progress: Progress| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() > TELL_EVERY {
            *told = Instant::now();
            let Progress { done, total, note } = progress;
            tracing::info!(
                done,
                total,
                table = note,
                "bringing the database to a newer PostgreSQL"
            );
        }
        true
    };
    let moved = move_over(from, to, data_dir, false, &report).await?;
    let rows: u64 = moved.iter().map(|it| it.rows).sum();
    tracing::info!(tables = moved.len(), rows, "everything was brought over and compared");
    Ok(())
}

fn destination<'a>(
    options: &'a PgConnectOptions,
    sets: &'a [postgres::MigrationSet],
    artwork: &'a Path,
    replaces: bool,
) -> Destination<'a> {
    Destination {
        options,
        sets,
        queue: ::jobs::SCHEMA,
        migrate_queue: Box::new(move |version| {
            async move { Ok(::jobs::migrate_to(options, version).await?) }.boxed()
        }),
        is_empty: Box::new(|| is_empty(options).boxed()),
        finish: Box::new(|| finish_move(options).boxed()),
        artwork,
        replaces,
    }
}

async fn is_empty(options: &PgConnectOptions) -> anyhow::Result<bool> {
    let mut connection = options.connect().await?;
    for table in MISSED {
        if transfer::has_rows(&mut connection, table).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tables as this program has them, and nothing that seems to be worked on.
async fn finish_move(options: &PgConnectOptions) -> anyhow::Result<()> {
    bring_up_to_date(options).await?;
    let (jobs, pool) = open_jobs(options).await?;
    jobs.put_back_all().await?;
    pool.close().await;
    Ok(())
}

/// The same, and pictures that were not in the backup are to be made or fetched again.
async fn finish_restore(options: &PgConnectOptions, artwork: &Path) -> anyhow::Result<()> {
    finish_move(options).await?;
    let mut connection = options.connect().await?;
    let (jobs, pool) = open_jobs(options).await?;
    for schema in SPINES {
        look_in(&mut connection, schema).await?;
        let (_, libraries) = forget_lost_unscoped(&mut connection, artwork).await?;
        // Work reaches the ordinary catalog alone.
        if schema == "catalog" {
            let works: Vec<_> =
                libraries.into_iter().map(|library_id| MakeArtwork { library_id }).collect();
            jobs.enqueue_many(&mut connection, &works).await?;
        }
    }
    pool.close().await;
    Ok(())
}

/// Writes the configuration of a backup into the data folder, readable by its owner alone. It is in force from the next start
/// where none was before and it does not lead to another database or folder; otherwise it lies beside. Tells what was done.
pub fn write_config(setting: &Setting, files: &[(Config, Vec<u8>)]) -> anyhow::Result<Vec<String>> {
    let folder = &setting.data_dir;
    let mut told = Vec::new();
    let environment: Vec<(String, String)> = files
        .iter()
        .filter(|(file, _)| *file == Config::Environment)
        .flat_map(|(_, bytes)| read_lines(bytes))
        .collect();
    for (file, bytes) in files {
        let beside = match file {
            Config::File => folder.join("revenge.restored.yaml"),
            Config::Environment => folder.join("environment.restored"),
        };
        write_private(&beside, bytes)?;
        let place = folder.join("revenge.yaml");
        let is_free = setting.file.is_none() && !place.exists();
        if *file == Config::File && is_free && leads_nowhere_else(&beside, &environment) {
            std::fs::rename(&beside, &place)?;
            told.push(format!(
                "{}: the configuration, in force from the next start",
                place.display()
            ));
        } else {
            let what = match file {
                Config::File => {
                    "the configuration of the backup, not in force: compare it with yours"
                }
                Config::Environment => {
                    "the variables the server was started with, not in force: set those you need"
                }
            };
            told.push(format!("{}: {what}", beside.display()));
        }
    }
    Ok(told)
}

/// `NAME=value` lines.
fn read_lines(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whether a configuration means the database and the folder that are used without one.
fn leads_nowhere_else(file: &Path, environment: &[(String, String)]) -> bool {
    // Only what the file itself refers to counts: the program's own variables are not set again.
    let referred: Vec<_> =
        environment.iter().filter(|(name, _)| !name.starts_with("REVENGE_")).cloned().collect();
    let sources = Sources {
        file: Some(file.to_owned()),
        candidates: Vec::<PathBuf>::new(),
        environment: referred,
        flags: Vec::new(),
    };
    let Ok((config, _)) = config::read(&sources) else { return false };
    config.data_dir.is_none() && config.database.url.is_none() && config.database.host.is_none()
}

fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use anyhow::Context as _;
    use std::io::Write as _;
    let write = || {
        let mut file = std::fs::File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
