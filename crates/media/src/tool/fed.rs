//! Programs that are given their input through a pipe.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncWriteExt as _};

use super::{Limits, Output, ToolError, confine, finish, start};

/// A program, and what confines it.
#[derive(Debug, Clone)]
pub struct Confined {
    /// What runs.
    pub program: PathBuf,
    /// A program of ours that confines itself and then becomes the one to run; without it, only limits are set, from
    /// outside.
    pub launcher: Option<PathBuf>,
    /// Device nodes that it may use; those of a folder, where one is named. Only the launcher knows how to let it.
    pub devices: Vec<PathBuf>,
}

impl Confined {
    /// Runs the program to its end, with `input` as its standard input. Its pace is that of the slower of both ends.
    ///
    /// Dropping the future kills the program and whatever it started.
    pub async fn run(
        &self,
        args: &[OsString],
        limits: Limits,
        input: impl AsyncRead + Unpin,
    ) -> Result<Output, ToolError> {
        let mut stdout = Vec::new();
        let take = |bytes: &[u8]| stdout.extend(bytes);
        let stderr = self.run_with(args, limits, input, take).await?;
        Ok(Output { stdout, stderr })
    }

    /// The same, with the answer given to `take` while it comes. Returns the end of what the program complained about.
    pub async fn run_with(
        &self,
        args: &[OsString],
        limits: Limits,
        input: impl AsyncRead + Unpin,
        take: impl FnMut(&[u8]),
    ) -> Result<String, ToolError> {
        let program: &Path = &self.program;
        let mut child = match &self.launcher {
            Some(launcher) => start(
                launcher,
                &confine::words(program, args, limits, &self.devices),
                Stdio::piped(),
                None,
            )?,
            None => start(program, args, Stdio::piped(), Some(limits))?,
        };
        let stdin = child.process.stdin.take();
        let feeding = async {
            let (Some(mut stdin), mut input) = (stdin, input) else { return Ok(()) };
            let copied = tokio::io::copy(&mut input, &mut stdin).await.map(drop);
            // Told of the end even if it will not hear.
            let _ = stdin.shutdown().await;
            match copied {
                // It has had enough, or has failed and says so itself.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                copied => copied.map_err(|error: io::Error| ToolError::Io(error)),
            }
        };
        finish(child, program, limits, feeding, take).await
    }
}
