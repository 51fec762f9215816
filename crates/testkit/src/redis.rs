//! Cache servers of a test's own, ended with it: a real `redis-server`, and `fakeredis` with Dragonfly's rules.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts servers of its own and waits for them"
)]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cache::ServerConfig;
use tempfile::TempDir;

use crate::python::python;

/// How long a server may take to start on a busy machine.
const START_TIME: Duration = Duration::from_secs(20);

/// A real `redis-server` on a unix socket in a temporary folder.
#[derive(Debug)]
pub struct RedisServer {
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts an empty server.
    ///
    /// # Panics
    /// When `redis-server` is not installed or does not start.
    pub fn start() -> Self {
        let folder =
            tempfile::Builder::new().prefix("redis").tempdir().expect("a temporary folder");
        let mut server = Self { folder, process: None };
        server.start_again();
        server
    }

    /// Where it listens.
    pub fn config(&self) -> ServerConfig {
        let host = self.folder.path().join("socket").to_str().expect("a path in UTF-8").to_owned();
        ServerConfig { host, port: 0, password: None }
    }

    /// Kills the server; its data is gone.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            end(process);
        }
    }

    /// Starts the server after [`RedisServer::stop`], empty, at the same place.
    pub fn start_again(&mut self) {
        let socket = self.folder.path().join("socket");
        let _ = std::fs::remove_file(&socket);
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(&socket)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed (Debian: apt-get install redis-server)");
        self.process = Some(process);
        wait_until("redis-server listens", || connects(&socket));
    }

    /// Stops the server without closing anything: it accepts and never answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets the server go on after [`RedisServer::freeze`].
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Sends a command by the server's own client, as an operator would; `command` is split at spaces.
    pub fn command(&self, command: &str) -> String {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.folder.path().join("socket"))
            .args(command.split(' '))
            .output()
            .expect("redis-cli is installed (Debian: apt-get install redis-tools)");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("the server runs");
        let status = Command::new("kill")
            .args([signal, &process.id().to_string()])
            .status()
            .expect("kill is installed");
        assert!(status.success(), "the server takes {signal}");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `fakeredis` in its Dragonfly mode on a free port of this machine.
#[derive(Debug)]
pub struct DragonflyPeer {
    process: Option<Child>,
    port: u16,
}

impl DragonflyPeer {
    /// Starts an empty server.
    ///
    /// # Panics
    /// When the Python packages of `crates/testkit/requirements.txt` are missing; the message says how to get them.
    pub fn start() -> Self {
        // The port is free until the server takes it; another test that is quicker makes the start fail loudly.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut process = Command::new(python())
            .args(["-c", DRAGONFLY_PEER, &port.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python runs");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut line).expect("python says something");
        assert_eq!(
            line.trim(),
            "ready",
            "fakeredis did not start: .tools/python/bin/pip install -r crates/testkit/requirements.txt"
        );
        Self { process: Some(process), port }
    }

    /// Where it listens.
    pub fn config(&self) -> ServerConfig {
        ServerConfig { host: "127.0.0.1".into(), port: self.port, password: None }
    }
}

impl Drop for DragonflyPeer {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            end(process);
        }
    }
}

/// fakeredis writes a value as a simple string where its bytes allow; no real server does, and our client refuses it.
const DRAGONFLY_PEER: &str = r#"
import sys
from fakeredis import TcpFakeServer
from fakeredis._clients import _tcp_server

encode = _tcp_server.encode_reply
_tcp_server.encode_reply = lambda value, protocol, nested=False: encode(value, protocol, nested or value not in (b"OK", b"PONG"))
server = TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="dragonfly")
print("ready", flush=True)
server.serve_forever()
"#;

fn end(mut process: Child) {
    // It may have ended by itself.
    let _ = process.kill();
    let _ = process.wait();
}

fn connects(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started_at = Instant::now();
    while !is_so() {
        assert!(started_at.elapsed() < START_TIME, "{what}: not within {START_TIME:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
