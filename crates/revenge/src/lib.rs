#![doc = include_str!("../README.md")]

mod backups;
pub mod cli;
mod commands;
pub mod config;
pub mod http;
pub mod kinds;
mod listen;
pub mod pace;
mod schedules;
pub mod system;
pub mod telemetry;
pub mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cli::{Cli, Command, Database, Global};
use config::{Config, ConfigError, Sources};

/// The environment, as name and value.
pub type Environment = Vec<(String, String)>;

/// The configuration is wrong.
const EXIT_CONFIGURATION: u8 = 3;

/// A configuration that was read, and what it was read from.
pub struct Setting {
    /// The effective values.
    pub config: Config,
    /// The file, where there was one.
    pub file: Option<PathBuf>,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The environment it was read in.
    pub environment: Environment,
    /// This program, for starting it as what confines others; `None` in tests, which are another program.
    pub program: Option<PathBuf>,
}

/// Has the kernel give this process, and the PostgreSQL it starts, memory by small pages. Where it is set to give large ones
/// unasked, every thread that allocates a little is given 2 MB, each byte of which is zeroed first: a tenth of the work of a
/// first scan.
fn use_small_pages() {
    // A kernel without large pages has none to refuse.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Does what the command line says.
pub fn run(cli: Cli, environment: Environment) -> ExitCode {
    if let Command::Identify(identify) = &cli.command {
        return finished(commands::identify::run(identify));
    }
    if let Command::Confine(confine) = cli.command {
        let error = media::tool::confine::become_confined(&confine.into());
        eprintln!("revenge: {error}");
        return ExitCode::FAILURE;
    }
    use_small_pages();
    if let Command::Openapi = &cli.command {
        return finished(commands::openapi::run());
    }
    let flags = match &cli.command {
        Command::Serve(serve) => commands::serve::flags(serve),
        Command::Transcoder(transcoder) => commands::transcoder::flags(transcoder),
        _ => Vec::new(),
    };
    let setting = match read_setting(&cli.global, flags, environment) {
        Ok(setting) => setting,
        Err(error) => {
            eprintln!("revenge: {error}");
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    match cli.command {
        Command::Serve(_) => finished(commands::serve::run(&setting)),
        Command::Transcoder(_) => finished(commands::transcoder::run(&setting)),
        Command::Config => finished(commands::config::run(&setting)),
        Command::Doctor { json } => commands::doctor::run(&setting, json),
        Command::Backup { target } => finished(commands::backup::make(&setting, target)),
        Command::Restore(restore) => finished(commands::backup::restore(&setting, &restore)),
        Command::Database(Database::Move { to, replace }) => {
            finished(commands::backup::move_database(&setting, &to, replace))
        }
        Command::User(user) => finished(commands::user::run(&setting, user)),
        Command::Library(library) => finished(commands::library::run(&setting, library)),
        Command::Import(import) => finished(commands::import::run(&setting, &import)),
        Command::Identify(_) | Command::Openapi | Command::Confine(_) => ExitCode::SUCCESS,
    }
}

fn read_setting(
    global: &Global,
    mut flags: Vec<(&'static str, &'static str, String)>,
    environment: Environment,
) -> Result<Setting, ConfigError> {
    if let Some(folder) = &global.data_dir {
        flags.push(("--data-dir", "data_dir", folder.display().to_string()));
    }
    let mut candidates = vec![PathBuf::from("revenge.yaml")];
    let before = Config { data_dir: global.data_dir.clone(), ..Config::default() };
    candidates.push(before.data_dir(&environment).join("revenge.yaml"));
    candidates.push(PathBuf::from("/etc/revenge/revenge.yaml"));
    let sources = Sources { file: global.config.clone(), candidates, environment, flags };
    let (config, file) = config::read(&sources)?;
    let data_dir = config.data_dir(&sources.environment);
    // As it is now, even when a newer one has taken its place on disk.
    let program = Some(PathBuf::from("/proc/self/exe"));
    Ok(Setting { config, file, data_dir, environment: sources.environment, program })
}

/// Tells a failure with all its causes, once.
fn finished(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("revenge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Threads that wait for a disk that does not answer are not waited for at the end.
const THREADS_FAREWELL: Duration = Duration::from_secs(2);

/// Runs asynchronous work to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(THREADS_FAREWELL);
    outcome
}
