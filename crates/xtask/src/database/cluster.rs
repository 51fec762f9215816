//! One PostgreSQL cluster in a folder, reached by a socket in the same folder only.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::program;
use crate::root::tools;

/// The database in the cluster, and its owner.
const NAME: &str = "revenge";
/// A build's data needs no care: a crash just means another run.
const CARELESS: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
/// The user that owns nothing.
const NOBODY: &str = "65534";
/// Longer socket paths do not fit into `sockaddr_un`; PostgreSQL appends `/.s.PGSQL.5432`.
const SOCKET_FOLDER_BYTES: usize = 90;

/// A cluster; running or not.
pub struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    /// Stop and delete it when done.
    is_throw_away: bool,
}

impl Cluster {
    /// A cluster that may or may not exist yet.
    pub fn at(folder: &Path) -> Result<Self> {
        let binaries = tools().join("postgresql/bin");
        ensure!(binaries.join("postgres").is_file(), "PostgreSQL 18 is missing: run `make setup`");
        let folder = std::path::absolute(folder)?;
        let n_bytes = folder.as_os_str().len();
        ensure!(n_bytes <= SOCKET_FOLDER_BYTES, "{} is too long for a socket", folder.display());
        Ok(Self { binaries, folder, is_throw_away: false })
    }

    /// A new cluster with an empty database.
    pub fn create(folder: &Path) -> Result<Self> {
        let cluster = Self::at(folder)?;
        let mut initdb = cluster.program("initdb")?;
        initdb.arg("-D").arg(&cluster.folder);
        initdb.args(["-U", NAME, "-E", "UTF8", "--auth=trust", "--no-sync"]);
        initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
        program::output(&mut initdb)?;
        cluster.single_user("postgres", &format!("CREATE DATABASE {NAME};\n\n"))?;
        Ok(cluster)
    }

    /// With this script applied to its database.
    pub fn migrated(self, script: &str) -> Result<Self> {
        self.single_user(NAME, script)?;
        Ok(self)
    }

    /// With its server running.
    pub fn started(mut self, is_throw_away: bool) -> Result<Self> {
        let mut pg_ctl = self.program("pg_ctl")?;
        pg_ctl.arg("-D").arg(&self.folder).arg("-l").arg(self.folder.join("server.log"));
        let careless = CARELESS.map(|it| format!("-c {it}")).join(" ");
        let socket = self.folder.display();
        pg_ctl.arg("-o").arg(format!("-k '{socket}' -c listen_addresses= {careless}"));
        // The server keeps our output open; a pipe would never end.
        let status = pg_ctl.args(["start", "-w", "-s"]).stdout(Stdio::null()).status()?;
        ensure!(
            status.success(),
            "PostgreSQL did not start: see {}",
            self.folder.join("server.log").display()
        );
        self.is_throw_away = is_throw_away;
        Ok(self)
    }

    /// Whether its server runs.
    pub fn is_running(&self) -> bool {
        let Ok(mut pg_ctl) = self.program("pg_ctl") else { return false };
        pg_ctl
            .arg("-D")
            .arg(&self.folder)
            .arg("status")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        pg_ctl.status().is_ok_and(|it| it.success())
    }

    /// Stops the server if it runs.
    pub fn stop(&self) -> Result<()> {
        if !self.is_running() {
            return Ok(());
        }
        let mut pg_ctl = self.program("pg_ctl")?;
        pg_ctl.arg("-D").arg(&self.folder).args(["stop", "-m", "fast", "-w", "-s"]);
        program::run(&mut pg_ctl)
    }

    /// For SQLx, psql and all others. SQL without a schema means the ordinary catalog.
    pub fn url(&self) -> String {
        let socket = self.folder.to_string_lossy().replace('/', "%2F").replace(' ', "%20");
        format!("postgres://{NAME}@{socket}/{NAME}?options=-csearch_path%3Dcatalog")
    }

    fn single_user(&self, database: &str, script: &str) -> Result<()> {
        let log = self.folder.join("single-user.log");
        let mut postgres = self.program("postgres")?;
        postgres.args(["--single", "-j", "-c", "exit_on_error=on"]);
        postgres.args(CARELESS.iter().flat_map(|it| ["-c", it]));
        postgres.arg("-D").arg(&self.folder).arg(database);
        postgres.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let mut child = postgres.spawn().context("cannot start postgres")?;
        let mut input = child.stdin.take().context("postgres was started with a pipe")?;
        // A failing statement closes the pipe; its message is in the log.
        let written = input.write_all(script.as_bytes());
        drop(input);
        if !child.wait()?.success() {
            let log = fs::read_to_string(&log)?;
            bail!("the database refused a migration:\n{}", first_failure(&log));
        }
        Ok(written?)
    }

    /// One of PostgreSQL's programs. It refuses to run as root, which is therefore mapped to nobody: in a user namespace
    /// the files stay root's.
    fn program(&self, name: &str) -> Result<Command> {
        let program = self.binaries.join(name);
        if !rustix::process::geteuid().is_root() {
            return Ok(program::command(program));
        }
        let mapped = |program: &Path| {
            let mut command = program::command("unshare");
            command
                .args(["--user", "--map-user", NOBODY, "--map-group", NOBODY, "--"])
                .arg(program);
            command
        };
        let is_allowed = program::output(&mut mapped(Path::new("true"))).is_ok();
        if is_allowed {
            return Ok(mapped(&program));
        }
        // Containers often forbid namespaces. Then the data must really be nobody's.
        fs::create_dir_all(&self.folder)?;
        program::run(program::command("chown").args(["-R", NOBODY]).arg(&self.folder))?;
        let mut command = program::command("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"]).arg(program);
        Ok(command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.is_throw_away {
            if let Err(error) = self.stop() {
                eprintln!("a PostgreSQL in {} is left running: {error:#}", self.folder.display());
            }
            // What cannot be deleted is in the build folder and does no harm.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The first error in the log, with the first line of the statement: the name of its file.
fn first_failure(log: &str) -> String {
    let mut lines = log.lines().skip_while(|it| !it.contains("ERROR:") && !it.contains("FATAL:"));
    let first: Vec<&str> = lines.by_ref().take(2).collect();
    if first.is_empty() { log.to_owned() } else { first.join("\n") }
}
