//! A backup: one moment of the database, the originals it speaks of, and the configuration, in one file that is there whole
//! or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use postgres::transfer::{Snapshot, Table};
use sqlx::postgres::PgConnectOptions;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::archive::{self, Writer};
use crate::manifest::{FORMAT, Manifest, SchemaState, TableRows};
use crate::member::{Config, Member, PART_BYTES};
use crate::{Error, Head, Progress, Report, Result};

/// Members that wait to be compressed: enough that nobody waits for the other for long, little memory.
const WAITING: usize = 4;

/// What goes into a backup.
pub struct Contents<'a> {
    /// The database.
    pub options: &'a PgConnectOptions,
    /// Its schemas, the queue's included.
    pub schemas: &'a [&'a str],
    /// The version of this program.
    pub program: &'a str,
    /// The version of PostgreSQL.
    pub postgresql: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
    /// Where originals are kept: `<first two digits>/<SHA-256>`.
    pub artwork: &'a Path,
    /// The configuration.
    pub config: Vec<(Config, Vec<u8>)>,
    /// What else the moment must be asked.
    pub facts: FindFacts<'a>,
}

/// Asks a moment for its [`Facts`].
pub type FindFacts<'a> =
    Box<dyn for<'c> FnOnce(&'c mut Snapshot) -> BoxFuture<'c, anyhow::Result<Facts>> + Send + 'a>;

/// What only the rooms know of their tables.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Originals that nobody could fetch again, by SHA-256 in hexadecimal digits.
    pub originals: Vec<String>,
    /// The migration of the queue's schema.
    pub queue_migration: i64,
}

/// A backup that was made and read again.
#[derive(Clone, Debug)]
pub struct Made {
    /// Where.
    pub path: PathBuf,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// What it is.
    pub head: Head,
    /// What is in it.
    pub manifest: Manifest,
}

/// Makes the backup `target`, of which nothing is to be seen before it was read again and found whole. Only its owner may
/// read it.
pub async fn make(contents: Contents<'_>, target: &Path, report: Report<'_>) -> Result<Made> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let file = unfinished(&folder)?;
    let out = file.reopen().map_err(|error| Error::files("open", file.path(), error))?;
    let mut snapshot = Snapshot::begin(contents.options).await?;
    let pen = Pen::start(out, file.path(), contents.now);
    let written = write(contents, &mut snapshot, pen, report).await;
    let head = written?;
    snapshot.finish().await?;
    let (file, head, manifest) = blocking(move || {
        let (read, manifest) = archive::verify(file.path())?;
        if read != head {
            return Err(Error::damaged(file.path(), "it was not written as it should be"));
        }
        Ok((file, head, manifest))
    })
    .await?;
    let size = file.as_file().metadata();
    let size_bytes = size.map_err(|error| Error::files("read", file.path(), error))?.len();
    keep(file, target, &folder)?;
    Ok(Made { path: target.to_owned(), size_bytes, head, manifest })
}

/// A file beside the backup's place that goes away by itself.
fn unfinished(folder: &Path) -> Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".revenge-")
        .suffix(".unfinished")
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)
        .map_err(|error| Error::files("write into", folder.join("x"), error))
}

/// Gives the file its name, for good.
fn keep(file: NamedTempFile, target: &Path, folder: &Path) -> Result<()> {
    file.as_file().sync_all().map_err(|error| Error::files("finish", target, error))?;
    file.persist(target).map_err(|error| Error::files("finish", target, error.error))?;
    let synced = File::open(folder).and_then(|it| it.sync_all());
    synced.map_err(|error| Error::files("finish", target, error))
}

async fn write(
    contents: Contents<'_>,
    snapshot: &mut Snapshot,
    mut pen: Pen,
    report: Report<'_>,
) -> Result<Head> {
    let written = write_members(contents, snapshot, &mut pen, report).await;
    match written {
        Ok((head, manifest)) => {
            pen.finish(manifest).await?;
            Ok(head)
        }
        // The pen knows better why nobody takes its pages any more.
        Err(Error::Stopped) => pen.give_up().await.and(Err(Error::Stopped)),
        Err(error) => Err(error),
    }
}

async fn write_members(
    contents: Contents<'_>,
    snapshot: &mut Snapshot,
    pen: &mut Pen,
    report: Report<'_>,
) -> Result<(Head, Manifest)> {
    let Contents { schemas, program, postgresql, now, artwork, config, facts, .. } = contents;
    let facts = facts(snapshot).await?;
    let head = Head {
        format: FORMAT,
        program: program.to_owned(),
        postgresql: postgresql.to_owned(),
        created_at: now,
        schemas: list_states(snapshot, schemas).await?,
        queue_migration: facts.queue_migration,
    };
    let bytes = serde_json::to_vec_pretty(&head).context("the head")?;
    pen.add(Member::Head, bytes).await?;
    for (file, bytes) in config {
        pen.add(Member::Config(file), bytes).await?;
    }
    let tables = snapshot.list_tables(schemas).await?;
    let total = (tables.len() + facts.originals.len()) as u64;
    let mut done = 0;
    let mut tell = |note: String| {
        let go_on = report(Progress { done, total, note });
        done += 1;
        if go_on { Ok(()) } else { Err(Error::Stopped) }
    };
    let mut rows = Vec::with_capacity(tables.len());
    for table in tables {
        tell(table.title())?;
        rows.push(write_rows(snapshot, table, pen).await?);
    }
    let sequences = snapshot.list_sequences(schemas).await?;
    let mut missing_artwork = 0;
    for hash in facts.originals {
        tell("pictures".to_owned())?;
        let path = original(artwork, &hash);
        match tokio::fs::read(&path).await {
            Ok(bytes) => pen.add(Member::Artwork(hash), bytes).await?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing_artwork += 1,
            Err(error) => return Err(Error::files("read", path, error)),
        }
    }
    Ok((head, Manifest { members: Vec::new(), tables: rows, sequences, missing_artwork }))
}

/// How far each of `schemas` is migrated.
pub async fn list_states(snapshot: &mut Snapshot, schemas: &[&str]) -> Result<Vec<SchemaState>> {
    let mut states = Vec::new();
    for schema in schemas {
        let migrations = snapshot.list_applied(schema).await?;
        states.push(SchemaState { name: (*schema).to_owned(), migrations });
    }
    Ok(states)
}

/// Where the original of this name is kept.
pub fn original(artwork: &Path, hash: &str) -> PathBuf {
    artwork.join(hash.get(..2).unwrap_or(hash)).join(hash)
}

/// The rows of one table, cut into parts wherever one is full.
async fn write_rows(snapshot: &mut Snapshot, table: Table, pen: &mut Pen) -> Result<TableRows> {
    let mut written = TableRows { table, rows: 0, parts: 0 };
    let mut part = Vec::new();
    let mut stream = snapshot.read(&written.table).await?;
    while let Some(bytes) = stream.next().await {
        let mut bytes = &bytes?[..];
        // In COPY's text a line break ends a row and stands for nothing else.
        written.rows += bytes.iter().map(|it| u64::from(*it == b'\n')).sum::<u64>();
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - part.len()));
            part.extend_from_slice(now);
            bytes = later;
            if part.len() == PART_BYTES {
                pen.add_rows(&mut written, std::mem::take(&mut part)).await?;
            }
        }
    }
    if !part.is_empty() {
        pen.add_rows(&mut written, part).await?;
    }
    Ok(written)
}

/// Writes the archive on a thread of its own, while the next page is read.
struct Pen {
    pages: mpsc::Sender<Page>,
    writing: JoinHandle<Result<()>>,
}

enum Page {
    Member(Member, Vec<u8>),
    End(Box<Manifest>),
}

impl Pen {
    fn start(out: File, path: &Path, now: DateTime<Utc>) -> Self {
        let (pages, mut incoming) = mpsc::channel(WAITING);
        let path = path.to_owned();
        let modified = now.timestamp().try_into().unwrap_or(0);
        let writing = tokio::task::spawn_blocking(move || {
            let failed = |error| Error::files("write", &path, error);
            let out = BufWriter::with_capacity(1 << 20, out);
            let mut writer = Writer::new(out, modified).map_err(failed)?;
            while let Some(page) = incoming.blocking_recv() {
                match page {
                    Page::Member(member, bytes) => writer.add(&member, &bytes).map_err(failed)?,
                    Page::End(mut manifest) => {
                        manifest.members = writer.take_members();
                        let mut out = writer.finish(&manifest).map_err(failed)?;
                        return out.flush().map_err(failed);
                    }
                }
            }
            Ok(())
        });
        Self { pages, writing }
    }

    async fn add(&mut self, member: Member, bytes: Vec<u8>) -> Result<()> {
        let sent = self.pages.send(Page::Member(member, bytes)).await;
        sent.map_err(|_| Error::Stopped)
    }

    async fn add_rows(&mut self, written: &mut TableRows, bytes: Vec<u8>) -> Result<()> {
        let Table { schema, name, .. } = &written.table;
        let (schema, table, part) = (schema.clone(), name.clone(), written.parts);
        self.add(Member::Rows { schema, table, part }, bytes).await?;
        written.parts += 1;
        Ok(())
    }

    async fn finish(self, manifest: Manifest) -> Result<()> {
        // Where nobody takes it, the thread says why.
        let _ = self.pages.send(Page::End(manifest.into())).await;
        self.give_up().await
    }

    async fn give_up(self) -> Result<()> {
        drop(self.pages);
        self.writing.await.context("the archive's thread")?
    }
}

/// Work for a thread that may wait for a disk.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("a thread for the disk")?
}
