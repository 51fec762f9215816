//! `revenge import`.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use ::arrivals::find::PathRule;
use ::arrivals::service::{Commanded, From, Import as Imported, Mapping, Watch};
use ::arrivals::source::Source;
use ::jobs::JobError;
use anyhow::Context as _;
use serde_json::json;

use crate::cli::Import;
use crate::wiring::Workshop;
use crate::{Setting, block_on};

/// Letters of a key at the most.
const MAX_KEY: u64 = 1_000;

/// Says on a terminal how far it is.
struct Terminal;

impl Watch for Terminal {
    fn progress(&self, done: u64, total: u64, note: &str) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K{done} of {total}  {note}");
        }
    }

    fn log(&self, line: String) {
        let end = if std::io::stderr().is_terminal() { "\r\x1b[K" } else { "" };
        eprintln!("{end}{line}");
    }

    fn check(&self) -> Result<(), JobError> {
        Ok(())
    }
}

/// Does what the owner says.
pub fn run(setting: &Setting, import: &Import) -> anyhow::Result<()> {
    let source = Source::of(&import.source).context("that server is not known")?;
    let from = from(&import.from)?;
    let mut people = Vec::new();
    for pair in &import.people {
        let (there, here) = halves("--person", pair)?;
        people.push((there, Mapping::Called(here)));
    }
    people.extend(import.skipped.iter().map(|it| (it.clone(), Mapping::Skipped)));
    let paths = import.folders.iter().map(|it| {
        let (from, to) = halves("--folder", it)?;
        Ok(PathRule { from, to })
    });
    let commanded = Commanded {
        people,
        paths: paths.collect::<anyhow::Result<_>>()?,
        new_people_see_all: import.all_libraries,
        is_dry: import.dry_run,
    };
    block_on(async {
        let workshop = Workshop::open(setting).await?;
        let arrivals = workshop.arrivals.clone();
        let done = arrivals.import_unscoped(source, from, commanded, &Terminal).await;
        workshop.close().await;
        tell(import, &done.map_err(why)?)
    })
}

fn why(error: JobError) -> anyhow::Error {
    match error {
        JobError::GiveUp { message }
        | JobError::Retry { message, .. }
        | JobError::Later { message, .. } => anyhow::anyhow!(message),
        JobError::Cancelled => anyhow::anyhow!("it was stopped"),
        JobError::Failed(error) => error,
    }
}

fn from(text: &str) -> anyhow::Result<From> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let api_key = read_key()?;
        return Ok(From::Server { address: text.to_owned(), api_key });
    }
    let path = std::fs::canonicalize(Path::new(text)).with_context(|| text.to_owned())?;
    let path = path.to_str().context("the path is no text")?.to_owned();
    Ok(From::Path { path })
}

fn halves(option: &str, pair: &str) -> anyhow::Result<(String, String)> {
    let halves = pair.split_once('=').filter(|(there, here)| !there.is_empty() && !here.is_empty());
    let (there, here) = halves.with_context(|| format!("{option} {pair}: write THERE=HERE"))?;
    Ok((there.to_owned(), here.to_owned()))
}

/// Never from an argument: other people on the machine can read those.
fn read_key() -> anyhow::Result<String> {
    use std::io::{BufRead as _, Read as _};

    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("API key: ");
    }
    let mut line = String::new();
    input.lock().take(MAX_KEY).read_line(&mut line)?;
    let key = line.trim().to_owned();
    anyhow::ensure!(!key.is_empty(), "the API key is asked for, or read from standard input");
    Ok(key)
}

fn tell(import: &Import, done: &Imported) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let report = done.report.as_ref().context("nothing was read")?;
    if import.json {
        let brought = (!import.dry_run).then_some(&done.arrival.brought);
        let line = json!({ "plan": done.plan, "report": report, "brought": brought });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    let found = report.by_id + report.by_path + report.by_title + report.by_number;
    writeln!(
        out,
        "{found} of {} items found: {} by id, {} by file, {} by title, {} by number; {} not here, {} may be several",
        report.n_items,
        report.by_id,
        report.by_path,
        report.by_title,
        report.by_number,
        report.n_missing,
        report.n_ambiguous
    )?;
    for path in &report.paths {
        writeln!(out, "  {} is {} ({} files)", path.from, path.to, path.n_files)?;
    }
    for person in &report.people {
        let it = person.would;
        writeln!(
            out,
            "{}: {} entries, {} not here; {} new, {} changed, {} known, {} plays, {} favourites, {} ratings, \
             {} playlists",
            person.name,
            person.n_states,
            person.n_missing,
            it.progress_new,
            it.progress_changed,
            it.progress_same,
            it.plays,
            it.favourites,
            it.ratings,
            it.playlists
        )?;
    }
    if report.n_playlists_left > 0 {
        let (n, names) = (report.n_playlists_left, report.playlists.join(", "));
        writeln!(
            out,
            "{n} playlists are not brought, which put themselves together or are nobody's: {names}"
        )?;
    }
    for warning in &report.warnings {
        writeln!(out, "note: {warning}")?;
    }
    let end = if import.dry_run { "nothing was written" } else { "done" };
    writeln!(out, "{end}")?;
    Ok(())
}
