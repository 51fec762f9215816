//! The room on real servers.

mod cluster;
mod faults;
mod migrations;
mod ordinary_user;
mod pools;
mod process;
mod replicas;
mod upgrade;

use std::path::{Path, PathBuf};

use postgres::cluster::{Durability, PrivateConfig};
use postgres::{Server, Target};
use sqlx::{ConnectOptions, PgConnection};

/// The variable that names the programs to test with.
const BINARIES: &str = "REVENGE_POSTGRES_BIN";

/// A cluster in `folder` that does not wait for the disk.
fn config(folder: &Path) -> PrivateConfig {
    PrivateConfig {
        binaries: binaries(),
        durability: Durability::None,
        ..PrivateConfig::new(folder)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
fn binaries() -> Option<PathBuf> {
    let of_workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/postgresql/bin");
    std::env::var_os(BINARIES).map(PathBuf::from).or(Some(of_workspace).filter(|it| it.is_dir()))
}

async fn open(folder: &Path) -> Server {
    postgres::open(Target::Private(config(folder))).await.expect("a private server starts")
}

async fn refused(folder: &Path) -> String {
    let outcome = postgres::open(Target::Private(config(folder))).await;
    outcome.expect_err("it must not start").to_string()
}

async fn connect(server: &Server) -> PgConnection {
    server.options().connect().await.expect("the server takes connections")
}

async fn scalar(connection: &mut PgConnection, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(connection).await.expect(sql)
}
