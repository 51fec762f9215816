//! A `PgBouncer` of a test's own before a server of its own, ended with it.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts servers of its own and waits for them"
)]

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::postgres_server::{PostgresServer, as_nobody, folder};

/// How long it may take to start on a busy machine.
const START_TIME: Duration = Duration::from_secs(20);

/// Hands each client a connection of the server's for as long as the client stays: `pool_mode = session`.
#[derive(Debug)]
pub struct PgBouncer {
    _folder: TempDir,
    process: Child,
    port: u16,
}

impl PgBouncer {
    /// Starts one before `server`, with its own defaults wherever it has any.
    ///
    /// # Panics
    /// When `pgbouncer` is not installed or does not start.
    pub fn before(server: &PostgresServer) -> Self {
        let folder = folder();
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let host = server.options().get_host().to_owned();
        let config = format!(
            "[databases]\n* = host={host} user=revenge\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = session\nignore_startup_parameters = extra_float_digits\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, config).expect("written");
        let mut command = Command::new("/usr/sbin/pgbouncer");
        as_nobody(&mut command).arg(&file).stdin(Stdio::null()).stderr(Stdio::null());
        let process =
            command.spawn().expect("pgbouncer is installed (Debian: apt-get install pgbouncer)");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < START_TIME, "pgbouncer does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { _folder: folder, process, port }
    }

    /// How to connect to the server's database through it.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username("revenge")
            .database("revenge")
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Gone already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
