//! `revenge backup`, `revenge restore` and `revenge database move`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ::backup::{Head, Manifest, Progress};
use anyhow::{Context as _, bail};
use kernel::Clock;
use sqlx::postgres::PgConnectOptions;

use crate::backups::{Backups, back};
use crate::cli::Restore;
use crate::wiring::database;
use crate::{Setting, block_on};

/// How often a line about the progress is written where nobody sees it move.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Makes a backup, also beside a running server.
pub fn make(setting: &Setting, target: Option<PathBuf>) -> anyhow::Result<()> {
    block_on(async {
        let server = match database::open(setting).await {
            Err(postgres::Error::InUse { .. }) => {
                postgres::attach(&database::folder(&setting.data_dir)).await?
            }
            opened => opened?,
        };
        let backups = Backups::new(setting, &server, Clock::system());
        let target = match target {
            None => backups.place(),
            Some(folder) if folder.is_dir() => folder.join(backups.name()),
            Some(file) => file,
        };
        let telling = Telling::default();
        let made = stoppable(backups.make(&target, &|it| telling.tell(&it)), &telling).await;
        server.stop().await;
        let made = made?;
        Telling::end();
        let mut out = std::io::stdout();
        writeln!(out, "{}: {} bytes, read again and whole", made.path.display(), made.size_bytes)?;
        tell_contents(&made.head, &made.manifest)?;
        writeln!(
            out,
            "It holds secrets, the configuration's and the database's: only its owner may read it (mode 0600)."
        )?;
        Ok(())
    })
}

/// Brings a backup back, or only looks whether it is whole.
pub fn restore(setting: &Setting, restore: &Restore) -> anyhow::Result<()> {
    let Restore { file, replace, check } = restore;
    if *check {
        let (head, manifest) = ::backup::verify(file)?;
        println!("{} is whole", file.display());
        return tell_contents(&head, &manifest);
    }
    // A file that is none is told before a database is made for it.
    ::backup::peek(file)?;
    block_on(async {
        std::fs::create_dir_all(&setting.data_dir).with_context(|| {
            format!("the data folder {} cannot be made", setting.data_dir.display())
        })?;
        let server = database::open(setting).await?;
        let telling = Telling::default();
        let report = |it| telling.tell(&it);
        let (options, data_dir) = (server.options(), &setting.data_dir);
        let back = back::bring_back(file, options, data_dir, *replace, &report);
        let restored = stoppable(back, &telling).await;
        server.stop().await;
        let restored = restored?;
        Telling::end();
        println!("{} is back", file.display());
        tell_contents(&restored.head, &restored.manifest)?;
        for line in back::write_config(setting, &restored.config)? {
            println!("{line}");
        }
        println!(
            "Start the server; pictures that were not in the backup are made and fetched again."
        );
        Ok(())
    })
}

/// Moves the database to another server, or into a private one.
pub fn move_database(setting: &Setting, to: &str, replace: bool) -> anyhow::Result<()> {
    block_on(async {
        // The lock of the private one says whether a server runs; of an external one its sessions do.
        let here = database::open(setting).await?;
        let moved = move_from(setting, &here, to, replace).await;
        here.stop().await;
        moved
    })
}

async fn move_from(
    setting: &Setting,
    here: &postgres::Server,
    to: &str,
    replace: bool,
) -> anyhow::Result<()> {
    database::must_be_unused(here.options()).await?;
    let is_private = setting.config.database.is_private();
    let there = if to == "private" {
        if is_private {
            bail!("the database is private already");
        }
        database::open_private(setting).await?
    } else {
        let options: PgConnectOptions = to.parse().context("--to is no address of a database")?;
        postgres::open(postgres::Target::External(Box::new(options))).await?
    };
    let telling = Telling::default();
    let report = |it| telling.tell(&it);
    let (from, into) = (here.options(), there.options());
    let moving = back::move_over(from, into, &setting.data_dir, replace, &report);
    let moved = stoppable(moving, &telling).await;
    there.stop().await;
    let moved = moved?;
    Telling::end();
    let rows: u64 = moved.iter().map(|it| it.rows).sum();
    println!("{} tables with {rows} rows are there too, counted on both sides", moved.len());
    if to == "private" {
        println!(
            "Take url and host of the section database out of the configuration, then start the server."
        );
    } else {
        println!(
            "Set database.url in the configuration to the new address, then start the server."
        );
        if is_private {
            let folder = database::folder(&setting.data_dir);
            println!("{} is as it was: delete it when all is well.", folder.display());
        }
    }
    Ok(())
}

fn tell_contents(head: &Head, manifest: &Manifest) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let rows: u64 = manifest.tables.iter().map(|it| it.rows).sum();
    let n_pictures = manifest.members.iter().filter(|it| it.name.starts_with("artwork/")).count();
    writeln!(
        out,
        "  of {} by Revenge {}, PostgreSQL {}: {} tables with {rows} rows, {n_pictures} pictures",
        head.created_at.format("%Y-%m-%d %H:%M:%S UTC"),
        head.program,
        head.postgresql,
        manifest.tables.len()
    )?;
    if manifest.missing_artwork > 0 {
        writeln!(
            out,
            "  {} pictures that people chose were not in the folder when it was made",
            manifest.missing_artwork
        )?;
    }
    Ok(())
}

/// Ends `work` where a person stops the program, between two of its steps: nothing of it is kept then.
async fn stoppable<T>(
    work: impl Future<Output = anyhow::Result<T>>,
    telling: &Telling,
) -> anyhow::Result<T> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    telling.stop.store(true, Ordering::Relaxed);
    work.await
}

/// Tells how far the work is: on a terminal in one line that changes, elsewhere now and then.
#[derive(Default)]
struct Telling {
    last: Mutex<Option<Instant>>,
    stop: AtomicBool,
}

impl Telling {
    fn tell(&self, progress: &Progress) -> bool {
        let Progress { done, total, note } = progress;
        let mut out = std::io::stderr();
        let is_terminal = out.is_terminal();
        let every = if is_terminal { Duration::from_millis(100) } else { TELL_EVERY };
        let go_on = !self.stop.load(Ordering::Relaxed);
        let Ok(mut last) = self.last.lock() else { return go_on };
        if last.is_some_and(|it| it.elapsed() < every) {
            return go_on;
        }
        *last = Some(Instant::now());
        // Nobody may be looking; the work goes on.
        let _ = if is_terminal {
            write!(out, "\r\x1b[K{done} of {total}: {note}")
        } else {
            writeln!(out, "{done} of {total}: {note}")
        };
        go_on
    }

    fn end() {
        let mut out = std::io::stderr();
        if out.is_terminal() {
            let _ = write!(out, "\r\x1b[K");
        }
    }
}
