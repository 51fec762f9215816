//! PostgreSQL servers of a test's own, ended with it: a primary and replicas that follow it as anybody's do.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts servers of its own and waits for them"
)]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::database::binaries;

const NAME: &str = "revenge";
/// The user that owns nothing, as whom servers run when the tests run as root.
const NOBODY: u32 = 65534;
/// How long a server may take to start on a busy machine.
const START_TIME: Duration = Duration::from_mins(1);

/// A server in a folder of its own, with a database `revenge` of the superuser `revenge`, on a unix socket.
#[derive(Debug)]
pub struct PostgresServer {
    folder: TempDir,
    process: Option<Child>,
}

impl PostgresServer {
    /// A primary and a replica that streams from it.
    ///
    /// # Panics
    /// When the programs are not installed or do not start.
    pub fn primary_and_replica() -> (Self, Self) {
        let mut primary = Self::alone();
        let replica = primary.copy();
        (primary, replica)
    }

    /// A server that nobody follows yet.
    ///
    /// # Panics
    /// As [`PostgresServer::primary_and_replica`].
    pub fn alone() -> Self {
        let server = Self { folder: folder(), process: None };
        let mut initdb = program("initdb");
        initdb.arg("-D").arg(server.path("data")).args(["-U", NAME, "-E", "UTF8"]);
        initdb.args(["--auth=trust", "--no-sync", "--no-instructions"]);
        initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
        let output = initdb.output().expect("initdb runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut server = server;
        server.make_database();
        server.start();
        server
    }

    /// A replica that streams from this server, which is stopped for a moment. It begins with whatever is in it now.
    ///
    /// # Panics
    /// As [`PostgresServer::primary_and_replica`].
    pub fn copy(&mut self) -> Self {
        let mut replica = Self { folder: folder(), process: None };
        self.end(Signal::INT);
        // Under the user that the servers run as, so that everything stays theirs.
        let status = as_nobody(Command::new("cp").arg("-a"))
            .arg(self.path("data"))
            .arg(replica.path("data"))
            .status();
        assert!(status.expect("cp is installed").success(), "the data folder is copied");
        let follow = format!(
            "primary_conninfo = 'host={} user={NAME}'\nwal_retrieve_retry_interval = 100\n",
            self.path("").display()
        );
        fs::write(replica.path("data/postgresql.auto.conf"), follow).expect("written");
        fs::write(replica.path("data/standby.signal"), "").expect("written");
        self.start();
        replica.start();
        replica
    }

    /// How to connect to its database.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(self.path("").to_str().expect("a path in UTF-8"))
            .username(NAME)
            .database(NAME)
    }

    /// Starts it, again after [`PostgresServer::crash`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&mut self) {
        let log = fs::File::options().create(true).append(true).open(self.path("log"));
        let log = log.expect("a log");
        let data = self.path("data");
        let mut postgres = program("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(self.path(""));
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "wal_level=replica",
            "wal_keep_size=256MB",
            "max_connections=60",
            "shared_buffers=32MB",
        ] {
            postgres.arg("-c").arg(setting);
        }
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::from(log));
        self.process = Some(postgres.spawn().expect("postgres runs"));
        let began = Instant::now();
        let is_ready = || {
            let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            file.lines().nth(7).is_some_and(|it| it.trim() == "ready")
        };
        while !is_ready() {
            let log = || fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(began.elapsed() < START_TIME, "postgres does not start: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a power cut would, everything that is connected included.
    pub fn crash(&mut self) {
        self.end(Signal::QUIT);
    }

    /// Stops it without closing anything: it takes connections and never answers.
    pub fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Lets it go on after [`PostgresServer::freeze`].
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    fn make_database(&self) {
        let mut single = program("postgres");
        single.args(["--single", "-F", "-D"]).arg(self.path("data")).arg("postgres");
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = single.spawn().expect("postgres runs");
        let mut input = child.stdin.take().expect("piped");
        writeln!(input, "CREATE DATABASE {NAME};").expect("it reads");
        drop(input);
        assert!(child.wait().expect("it ends").success(), "the database is made");
    }

    fn signal_all(&self, signal: Signal) {
        let process = self.process.as_ref().expect("the server runs");
        let id = process.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.expect("the system tells of children");
        let ids = children.split_whitespace().filter_map(|it| it.parse().ok());
        for id in std::iter::once(id.cast_signed()).chain(ids) {
            // A child may have ended by itself.
            let _ = kill_process(Pid::from_raw(id).expect("a process"), signal);
        }
    }

    fn end(&mut self, signal: Signal) {
        let Some(mut process) = self.process.take() else { return };
        let pid = Pid::from_raw(process.id().cast_signed()).expect("a process");
        let _ = kill_process(pid, signal);
        let _ = process.wait();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.thaw();
        }
        self.end(Signal::QUIT);
    }
}

/// A folder that the servers' user may use, with a path short enough for a socket.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a temporary folder");
    if geteuid().is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
    }
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("ours");
    folder
}

fn program(name: &str) -> Command {
    let program = binaries().map_or_else(|| PathBuf::from(name), |it| Path::join(&it, name));
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").env("TZ", "UTC");
    as_nobody(&mut command);
    command
}

pub(crate) fn as_nobody(command: &mut Command) -> &mut Command {
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}
