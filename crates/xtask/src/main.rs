//! The tools of the build: `cargo run -p xtask -- help`. People call them through the Makefile.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::checks::{self, Check};
use xtask::{bench, corpus, database, demo, fix, generate, hostile, messy, tidy};

/// The tools of the build.
#[derive(Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the demo media folder, or complete it
    Demo { folder: PathBuf },
    /// Make very many small films, for measuring scans
    Corpus {
        folder: PathBuf,
        /// How many
        #[arg(long, default_value_t = 2000)]
        files: usize,
    },
    /// Make a folder of broken and awkwardly named files
    Hostile { folder: PathBuf },
    /// Make a collection named in every style there is, with a manifest of what each file must become
    Messy { folder: PathBuf },
    /// Run every check, or one
    Test {
        #[arg(long)]
        only: Option<Check>,
    },
    /// Check the rules of the house
    Tidy,
    /// Generate the checked SQL, the OpenAPI document and its TypeScript
    Gen {
        /// Write nothing, fail if something is out of date
        #[arg(long)]
        check: bool,
    },
    /// Start the development database and print its address
    Db {
        /// Stop it instead
        #[arg(long)]
        stop: bool,
    },
    /// Run the benchmarks
    Bench {
        /// Only those whose name contains this
        only: Option<String>,
    },
    /// Format, and mend simple lints
    Fix,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo { folder } => demo::make(&folder).map(|made| made.print(&folder)),
        Task::Corpus { folder, files } => corpus::make(&folder, files),
        Task::Hostile { folder } => {
            // Dropping it would make the unreadable folder readable.
            std::mem::forget(hostile::make(&folder)?);
            Ok(())
        }
        Task::Messy { folder } => {
            let n_files = messy::make(&folder)?;
            println!(
                "{n_files} files; {} says what each must become",
                folder.join("manifest.json").display()
            );
            Ok(())
        }
        Task::Test { only } => checks::run(only),
        Task::Tidy => tidy::run(),
        Task::Gen { check } => generate::run(check),
        Task::Db { stop: true } => database::stop_development(),
        Task::Db { stop: false } => database::development().map(|url| println!("{url}")),
        Task::Bench { only } => bench::run(only.as_deref()),
        Task::Fix => fix::run(),
    }
}
