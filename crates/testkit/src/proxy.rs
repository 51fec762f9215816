//! Proxies before a server, as people put them there: the real nginx and the real Caddy with the files of `deploy/proxy`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts servers of its own and waits for them"
)]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to start on a busy machine.
const START_TIME: Duration = Duration::from_secs(20);
/// How long what is open may take to end.
const STOP_TIME: Duration = Duration::from_secs(2);
const NGINX: &str = "/usr/sbin/nginx";

/// A proxy that runs until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    _folder: TempDir,
    process: Child,
    port: u16,
}

impl Proxy {
    /// nginx with this file as Debian includes it from `conf.d`. It must listen at `127.0.0.1:port` alone.
    ///
    /// # Panics
    /// When nginx is not installed or does not start.
    pub fn nginx(site: &str, port: u16) -> Self {
        let folder = folder();
        let mut command = Command::new(NGINX);
        command.arg("-c").arg(nginx_file(folder.path(), site)).args(["-g", "daemon off;"]);
        Self::start(folder, command, port)
    }

    /// Caddy with this file. It must listen at `127.0.0.1:port` alone.
    ///
    /// # Panics
    /// When Caddy is not installed or does not start.
    pub fn caddy(site: &str, port: u16) -> Self {
        let folder = folder();
        let mut command = caddy(folder.path(), "run", &format!("{{\n\tadmin off\n}}\n{site}"));
        command.arg("--adapter").arg("caddyfile");
        Self::start(folder, command, port)
    }

    fn start(folder: TempDir, mut command: Command, port: u16) -> Self {
        let said = folder.path().join("said");
        let log = fs::File::create(&said).expect("a log");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().expect("`make setup` installs nginx and Caddy");
        let proxy = Self { _folder: folder, process, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let text = || fs::read_to_string(&said).unwrap_or_default();
            assert!(began.elapsed() < START_TIME, "the proxy does not start: {}", text());
            std::thread::sleep(Duration::from_millis(10));
        }
        proxy
    }

    /// Where clients reach it, on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx ends its workers when it is asked to end, not when it is killed.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.process),
            rustix::process::Signal::TERM,
        );
        let began = Instant::now();
        while began.elapsed() < STOP_TIME && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Caddy goes on until the last stream of events has ended. Fails where nobody is left.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What nginx says of such a file without starting.
///
/// # Panics
/// When nginx is not installed.
pub fn nginx_reads(site: &str) -> Output {
    let folder = folder();
    let mut command = Command::new(NGINX);
    command.args(["-q", "-t", "-c"]).arg(nginx_file(folder.path(), site));
    command.output().expect("`make setup` installs nginx")
}

/// What Caddy says of such a file without starting.
///
/// # Panics
/// When Caddy is not installed.
pub fn caddy_reads(site: &str) -> Output {
    let folder = folder();
    let mut command = caddy(folder.path(), "adapt", site);
    command.args(["--adapter", "caddyfile", "--validate"]);
    command.output().expect("`make setup` installs Caddy")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What Debian's own `nginx.conf` says about its includes, with nothing outside of `folder`; where it lies.
fn nginx_file(folder: &Path, site: &str) -> std::path::PathBuf {
    let within = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|it| format!("{it}_temp_path {within}/{it};\n"))
        .concat();
    let main = format!(
        "pid {within}/pid;\nerror_log stderr;\nworker_processes 1;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}include {within}/site.conf;\n}}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(folder.join("site.conf"), site).expect("written");
    fs::write(&file, main).expect("written");
    file
}

fn caddy(folder: &Path, what: &str, site: &str) -> Command {
    let file = folder.join("Caddyfile");
    fs::write(&file, site).expect("written");
    let mut command = Command::new("caddy");
    // It keeps certificates and its last configuration at home.
    command.env("HOME", folder).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    command.args([what, "--config"]).arg(file);
    command
}

/// A certificate and its key for a name, signed by itself.
///
/// # Panics
/// When the name is none.
pub fn certificate(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a name");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// A port that nobody listens at.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port()
}
