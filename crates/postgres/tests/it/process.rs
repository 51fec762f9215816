//! Processes that tests kill.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Names the folder to [`hold_a_server`].
const FOLDER: &str = "REVENGE_TEST_FOLDER";

pub fn is_running(pid: i32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    // A zombie runs no more; it only waits for its parent to notice.
    state.is_ok_and(|it| !it.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")))
}

pub fn kill(pid: i32) {
    let pid = Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, Signal::KILL).expect("it can be killed");
}

pub async fn gone(pid: i32) {
    let gone = async {
        while is_running(pid) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), gone).await.expect("the process ends");
}

/// Runs one of our tests in a process of its own, as the user that `prepare` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "the child is killed or waited for by the test that starts it"
)]
pub fn again(test: &str, folder: &Path, prepare: impl FnOnce(&mut Command)) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("we are a program"));
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    prepare(&mut command);
    command.spawn().expect("our own program runs")
}

#[expect(clippy::disallowed_methods, reason = "set by `again`")]
pub fn folder() -> std::path::PathBuf {
    std::env::var_os(FOLDER).expect("started by another test").into()
}

/// Another program that has a server.
pub struct Holder {
    child: Child,
    /// The server's process.
    pub server: i32,
}

impl Holder {
    pub async fn start(folder: &Path) -> Self {
        let mut child = again("process::hold_a_server", folder, |_| {});
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let server = loop {
            let line = lines.next_line().await.expect("readable").expect("it prints the pid");
            // The test runner's own words may stand before it on the line.
            if let Some((_, pid)) = line.split_once("server=") {
                break pid.trim().parse().expect("a pid");
            }
        };
        Self { child, server }
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }
}

#[tokio::test]
#[ignore = "the other process of the tests that kill one"]
async fn hold_a_server() {
    let server = crate::open(&folder()).await;
    println!("server={}", server.pid().expect("it runs"));
    std::future::pending::<()>().await;
}
