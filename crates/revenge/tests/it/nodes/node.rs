//! The program as a node.

use std::io::{BufRead as _, BufReader, Lines};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::SECRET;

/// `revenge transcoder`, as long as it is held.
pub struct Node {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// Held, so that it can go on writing.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The command, with these variables.
#[expect(clippy::disallowed_methods, reason = "starts the program under test")]
pub fn transcoder(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revenge"));
    command
        .arg("transcoder")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("REVENGE_DATA_DIR", "/nowhere/at/all")
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    command
}

impl Node {
    /// Starts it on a port of its own and waits until it is ready.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut command = transcoder(&[("REVENGE_TRANSCODER__SECRET", SECRET)]);
        command.args(["--listen", "127.0.0.1:0"]).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = lines.next().expect("it says something").expect("text");
        let url = ready.rsplit(' ').next().expect("an address").to_owned();
        assert!(url.starts_with("http"), "{ready}");
        Self { child, url, _output: lines }
    }

    fn signal(&self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("it is dead");
    }

    /// Ends it as Ctrl-C does; the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal(Signal::INT);
        self.child.wait().expect("it ends").code()
    }
}

fn program(folder: &Path, script: &str) -> String {
    let path = folder.join("ffmpeg");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    path.display().to_string()
}

/// In place of FFmpeg: the same program, which takes so many seconds of film a second, and by that number is found.
pub fn patient_program(folder: &Path, rate: &str) -> String {
    program(
        folder,
        &format!(
            "case \"$*\" in *pipe:0*) exec /usr/bin/ffmpeg -readrate {rate} \"$@\";; esac\nexec /usr/bin/ffmpeg \"$@\""
        ),
    )
}

/// In place of FFmpeg: the same program, told another word for one of ours.
pub fn changed_program(folder: &Path, ours: &str, other: &str) -> String {
    program(
        folder,
        &format!(
            "for word; do shift; [ \"$word\" = {ours} ] && word={other}; set -- \"$@\" \"$word\"; done\nexec /usr/bin/ffmpeg \"$@\""
        ),
    )
}
