//! A backup back into a database and a data folder: everything is compared first, then all of it happens or nothing.

use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use futures::future::BoxFuture;
use postgres::MigrationSet;
use postgres::transfer::{self, Aside, Loading};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;

use crate::archive::{self, sha256};
use crate::make::{blocking, original};
use crate::manifest::SchemaState;
use crate::member::{Config, Member};
use crate::{Error, Head, Manifest, Progress, Report, Result};

/// Members that wait to be loaded.
const WAITING: usize = 4;
/// Bytes that stay free on the disk of the pictures.
const SPARE_BYTES: u64 = 64 << 20;

/// Where a backup goes.
pub struct Destination<'a> {
    /// The database.
    pub options: &'a PgConnectOptions,
    /// Every schema that the program migrates itself.
    pub sets: &'a [MigrationSet],
    /// The queue's schema.
    pub queue: &'a str,
    /// Makes the queue's tables as of a migration.
    pub migrate_queue: Box<dyn Fn(i64) -> BoxFuture<'a, anyhow::Result<()>> + Send + Sync + 'a>,
    /// Whether there is nothing that somebody would miss.
    pub is_empty: Box<dyn Fn() -> BoxFuture<'a, anyhow::Result<bool>> + Send + Sync + 'a>,
    /// Brings what was loaded up to date with this program, before what was there is deleted.
    pub finish: Box<dyn Fn() -> BoxFuture<'a, anyhow::Result<()>> + Send + Sync + 'a>,
    /// Where originals are kept.
    pub artwork: &'a Path,
    /// Whether what is there may be lost.
    pub replaces: bool,
}

/// A backup that is back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What it was.
    pub head: Head,
    /// What was in it.
    pub manifest: Manifest,
    /// Its configuration, which is not in force yet.
    pub config: Vec<(Config, Vec<u8>)>,
}

impl Destination<'_> {
    pub(crate) fn schemas(&self) -> Vec<&str> {
        let sets = self.sets.iter().map(MigrationSet::schema);
        sets.chain(std::iter::once(self.queue)).collect()
    }

    /// Refuses a database that another program works on, or that holds what would be missed.
    pub(crate) async fn must_be_free(&self) -> Result<()> {
        let mut connection = self.options.connect().await?;
        if transfer::count_other_sessions(&mut connection).await? > 0 {
            return Err(Error::InUse);
        }
        let has_any = transfer::has_any_schema(&mut connection, &self.schemas()).await?;
        if has_any && !self.replaces && !(self.is_empty)().await? {
            return Err(Error::NotEmpty);
        }
        Ok(())
    }

    /// The migrations that tables have gone through.
    pub(crate) fn sets_of(&self, schemas: &[SchemaState]) -> Result<Vec<MigrationSet>> {
        let mut sets = Vec::new();
        for state in schemas.iter().filter(|it| it.name != self.queue) {
            let set = self.sets.iter().find(|it| it.schema() == state.name);
            let schema = || state.name.clone();
            let set = set.ok_or_else(|| Error::UnknownSchema { schema: schema() })?;
            sets.push(set.up_to(&state.migrations)?);
        }
        Ok(sets)
    }

    /// Has `load` fill fresh tables, migrated so far, in the place of what is there; where anything fails, what was there
    /// is there again.
    pub(crate) async fn replace<T, F>(
        &self,
        schemas: &[SchemaState],
        queue_migration: i64,
        load: impl FnOnce(Loading) -> F + Send,
    ) -> Result<T>
    where
        F: Future<Output = Result<(Loading, T)>> + Send,
    {
        let sets = self.sets_of(schemas)?;
        let aside = Aside::put(self.options, &self.schemas()).await?;
        let filled = async {
            postgres::migrate(self.options, &sets).await?;
            (self.migrate_queue)(queue_migration).await?;
            let loading = Loading::begin(self.options, &self.schemas()).await?;
            let (loading, made) = load(loading).await?;
            loading.finish().await?;
            (self.finish)().await?;
            Ok(made)
        };
        match filled.await {
            Ok(made) => {
                aside.delete().await?;
                Ok(made)
            }
            Err(error) => {
                aside.put_back().await?;
                Err(error)
            }
        }
    }
}

/// Brings the backup `path` back.
pub async fn restore(
    path: &Path,
    destination: Destination<'_>,
    report: Report<'_>,
) -> Result<Restored> {
    let source = path.to_owned();
    let (head, manifest) = blocking(move || archive::verify(&source)).await?;
    // Whether it fits is known before anything is touched.
    destination.sets_of(&head.schemas)?;
    destination.must_be_free().await?;
    has_space(destination.artwork, &manifest)?;
    let config = destination
        .replace(&head.schemas, head.queue_migration, |loading| {
            load(path.to_owned(), destination.artwork.to_owned(), &manifest, loading, report)
        })
        .await?;
    Ok(Restored { head, manifest, config })
}

fn has_space(artwork: &Path, manifest: &Manifest) -> Result<()> {
    std::fs::create_dir_all(artwork).map_err(|error| Error::files("make", artwork, error))?;
    let pictures = manifest.members.iter().filter(|it| it.name.starts_with("artwork/"));
    let needed: u64 = pictures.map(|it| it.size).sum::<u64>().saturating_add(SPARE_BYTES);
    let facts = rustix::fs::statvfs(artwork)
        .map_err(|error| Error::files("look at", artwork, error.into()))?;
    let free = facts.f_bavail.saturating_mul(facts.f_frsize);
    if free < needed {
        return Err(Error::LittleSpace { folder: artwork.to_owned(), free, needed });
    }
    Ok(())
}

/// Reads the archive once more, and has every member where it belongs.
async fn load(
    path: PathBuf,
    artwork: PathBuf,
    manifest: &Manifest,
    mut loading: Loading,
    report: Report<'_>,
) -> Result<(Loading, Vec<(Config, Vec<u8>)>)> {
    let (pages, mut incoming) = mpsc::channel::<(Member, Vec<u8>)>(WAITING);
    let source = path.clone();
    let reading = tokio::task::spawn_blocking(move || {
        archive::read(&source, |member, bytes| Ok(pages.blocking_send((member, bytes)).is_ok()))
    });
    let mut config = Vec::new();
    let total = manifest.members.len() as u64;
    let mut expected = manifest.members.iter();
    let mut tables = manifest.tables.iter();
    let mut done = 0;
    while let Some((member, bytes)) = incoming.recv().await {
        if member == Member::Manifest {
            break;
        }
        // Somebody may have written to the file since it was compared.
        let is_expected = expected.next().is_some_and(|it| it.sha256 == sha256(&bytes));
        if !is_expected {
            return Err(Error::damaged(&path, "it changes while it is read"));
        }
        let note = member.to_string();
        match member {
            Member::Head | Member::Manifest => {}
            Member::Config(file) => config.push((file, bytes)),
            Member::Artwork(hash) => {
                let artwork = artwork.clone();
                blocking(move || keep(&artwork, &hash, &bytes)).await?;
            }
            Member::Rows { schema, table, part } => {
                let facts = tables
                    .by_ref()
                    .find(|it| it.parts > 0)
                    .filter(|it| part == 0 && it.table.schema == schema && it.table.name == table);
                let facts =
                    facts.ok_or_else(|| Error::damaged(&path, "its tables are mixed up"))?;
                let mut into = loading.load(&facts.table).await?;
                into.send(bytes).await?;
                for part in 1..facts.parts {
                    let (schema, table) = (schema.clone(), table.clone());
                    let next = Member::Rows { schema, table, part };
                    let Some((member, bytes)) = incoming.recv().await else { break };
                    let is_expected = expected.next().is_some_and(|it| it.sha256 == sha256(&bytes));
                    if member != next || !is_expected {
                        return Err(Error::damaged(&path, "its tables are mixed up"));
                    }
                    into.send(bytes).await?;
                    done += 1;
                }
                let rows = into.finish().await?;
                if rows != facts.rows {
                    let why =
                        format!("{} has {rows} rows, not {}", facts.table.title(), facts.rows);
                    return Err(Error::damaged(&path, why));
                }
            }
        }
        done += 1;
        if !report(Progress { done, total, note }) {
            return Err(Error::Stopped);
        }
    }
    drop(incoming);
    reading.await.context("the archive's thread")??;
    for sequence in &manifest.sequences {
        loading.set_sequence(sequence).await?;
    }
    Ok((loading, config))
}

/// Keeps an original, whole or not at all.
fn keep(artwork: &Path, hash: &str, bytes: &[u8]) -> Result<()> {
    let place = original(artwork, hash);
    let write = || {
        let shelf = place.parent().unwrap_or(artwork);
        std::fs::create_dir_all(shelf)?;
        let mut file = tempfile::NamedTempFile::new_in(shelf)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&place).map_err(|it| it.error)?;
        Ok(())
    };
    write().map_err(|error| Error::files("write", &place, error))
}
