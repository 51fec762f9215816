//! `make test`: every check in turn, cheap ones first, up to the first failure.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::root::{root, target, tools};
use crate::{demo, program, tidy};

/// One of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Rust is formatted.
    Fmt,
    /// The rules of the house hold.
    Tidy,
    /// The web app: generated client, types, lints, unit tests, build.
    Web,
    /// Rust has no lint.
    Clippy,
    /// Rust's tests: units, database, HTTP.
    Rust,
    /// Journeys in a browser against the program and the demo media.
    E2e,
}

/// Runs one check, or all of them. Prints what each took, also when one fails.
pub fn run(only: Option<Check>) -> Result<()> {
    let checks = only.map_or_else(|| Check::value_variants().to_vec(), |it| vec![it]);
    let mut took: Vec<(Check, Duration)> = vec![];
    let mut outcome = Ok(());
    for check in checks {
        println!("== {}", name(check));
        let start = Instant::now();
        outcome = check.run().with_context(|| format!("the check {} failed", name(check)));
        took.push((check, start.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    println!("== summary");
    for (n, (check, duration)) in took.iter().enumerate() {
        let is_failed = outcome.is_err() && n + 1 == took.len();
        let verdict = if is_failed { "FAILED" } else { "ok" };
        println!("{:<8} {:>7.1} s  {verdict}", name(*check), duration.as_secs_f64());
    }
    outcome
}

fn name(check: Check) -> String {
    check.to_possible_value().map_or_else(String::new, |it| it.get_name().to_owned())
}

impl Check {
    fn run(self) -> Result<()> {
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"]),
            Self::Tidy => tidy::run(),
            Self::Web => {
                for script in ["gen:check", "check", "lint", "test"] {
                    npm(script)?;
                }
                program::run(&mut program::command(root().join("scripts/build-web.sh")))
            }
            Self::Clippy => {
                provide_web_folder()?;
                cargo(&[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--quiet",
                    "--",
                    "-D",
                    "warnings",
                ])
            }
            Self::Rust => {
                provide_web_folder()?;
                cargo(&["nextest", "run", "--workspace", "--cargo-quiet"])?;
                newer_ffmpeg()
            }
            Self::E2e => e2e(),
        }
    }
}

/// The program embeds this folder, so it must be there even where its content does not matter.
fn provide_web_folder() -> Result<()> {
    Ok(fs::create_dir_all(root().join("web/build"))?)
}

/// What is made anew must not hang on the FFmpeg that is installed: the same with a newer one, where that is there. Without
/// the test of all tiles, which takes minutes.
const WITH_NEWER: &str = "package(media) & (test(/^transcode::/) | (test(/^trickplay::/) - test(every_tile)) | test(/^burnt::/)) | \
                          package(revenge) & (test(/^transcode::/) | test(/^hardware::/) | test(/^painted/))";

fn newer_ffmpeg() -> Result<()> {
    let Some(newer) = find_newer_ffmpeg() else {
        println!("no newer FFmpeg is there: `make setup` brings one");
        return Ok(());
    };
    let mut cargo = cargo_command(&["nextest", "run", "--workspace", "--cargo-quiet", "-E"]);
    program::run(cargo.arg(WITH_NEWER).env("REVENGE_TEST_FFMPEG", newer))
}

/// The FFmpeg that comes with the Python packages of the tests.
fn find_newer_ffmpeg() -> Option<PathBuf> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut packages = entries(tools().join("python/lib")).map(|it| it.path());
    packages.find_map(|it| {
        let binaries = it.join("site-packages/imageio_ffmpeg/binaries");
        let mut programs = entries(binaries).map(|it| it.path());
        programs.find(|it| {
            it.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"ffmpeg-"))
        })
    })
}

fn e2e() -> Result<()> {
    program::run(&mut program::command(root().join("scripts/build-web.sh")))?;
    // With everything the tests ask of the libraries, as they were built before: the program alone would be built anew.
    cargo(&["build", "--quiet", "--workspace", "--bins", "--tests"])?;
    let media = root().join(".demo");
    let made = demo::make(&media)?;
    made.print(&media);
    let mut npm = program::command("npm");
    npm.args(["run", "--silent", "e2e"]).current_dir(root().join("web"));
    npm.env("REVENGE_BIN", target()?.join("debug/revenge")).env("REVENGE_DEMO", media);
    npm.env("REVENGE_DATABASE__BINARIES", tools().join("postgresql/bin"));
    program::run(&mut npm)
}

fn cargo(arguments: &[&str]) -> Result<()> {
    program::run(&mut cargo_command(arguments))
}

fn cargo_command(arguments: &[&str]) -> Command {
    let mut cargo = program::command("cargo");
    cargo.args(arguments).current_dir(root());
    cargo.env("SQLX_OFFLINE", "true").env("REVENGE_POSTGRES_BIN", tools().join("postgresql/bin"));
    cargo
}

fn npm(script: &str) -> Result<()> {
    program::run(
        program::command("npm").args(["run", "--silent", script]).current_dir(root().join("web")),
    )
}
