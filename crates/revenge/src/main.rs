//! The program `revenge`.

use std::process::ExitCode;

use clap::Parser as _;
use revenge::cli::Cli;

/// Returns freed memory to the system sooner and fragments less under many small answers than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The one place that reads the environment; everybody else is handed it.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    revenge::run(cli, environment)
}
