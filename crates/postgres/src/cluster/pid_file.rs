//! Reads `postmaster.pid`, in which a running server says who it is and how far it has come.

use std::path::{Path, PathBuf};

use rustix::process::Pid;

/// What a postmaster wrote about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub pid: Pid,
    /// Known once it listens.
    pub socket: Option<PathBuf>,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Ready,
    Stopping,
}

impl PidFile {
    pub fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// The file of `data`, if there is one that can be read.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(Self::path(data)).ok()?)
    }

    /// Lines: pid, data folder, start time, port, socket folder, address, shared memory key, state. The later ones come
    /// while the server starts.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        let socket = lines.nth(3).filter(|it| !it.is_empty()).map(PathBuf::from);
        let state = match lines.nth(2).map(str::trim) {
            Some("ready" | "standby") => State::Ready,
            Some("stopping") => State::Stopping,
            _ => State::Starting,
        };
        Some(Self { pid, socket, state })
    }

    /// Whether that process lives and works on `data`: after a crash its number may have gone to somebody else.
    pub fn is_alive(&self, data: &Path) -> bool {
        let works_in = std::fs::read_link(format!("/proc/{}/cwd", self.pid.as_raw_nonzero()));
        works_in.is_ok_and(|folder| folder == data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_at_every_stage_of_the_start() {
        let full = "123\n/data\n1790000000\n5432\n/run/x\n\n  543 7\n";
        for (text, socket, state) in [
            ("123\n/data\n1790000000\n5432\n".to_owned(), None, State::Starting),
            (format!("{full}starting\n"), Some("/run/x"), State::Starting),
            (format!("{full}ready   \n"), Some("/run/x"), State::Ready),
            (format!("{full}stopping\n"), Some("/run/x"), State::Stopping),
        ] {
            let file = PidFile::parse(&text).expect("has a pid");
            assert_eq!(file.pid.as_raw_nonzero().get(), 123);
            assert_eq!((file.socket, file.state), (socket.map(PathBuf::from), state), "{text}");
        }
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("no number\n"), None);
    }
}
