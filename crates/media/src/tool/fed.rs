//! Programs that are given their input through a pipe.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::hang::{Noted, Traffic};
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
    /// So many bytes at the head of its input are held for it in memory, as the open file [`super::HELD`]. Only the launcher
    /// can hold them.
    pub held_bytes: u64,
}

impl Confined {
    /// The program with nothing but what it needs to run.
    pub fn new(program: PathBuf, launcher: Option<PathBuf>) -> Self {
        Self { program, launcher, devices: Vec::new(), held_bytes: 0 }
    }

    /// The same, which is given so many bytes at the head of its input as an open file.
    pub fn holding(&self, held_bytes: u64) -> Self {
        Self { held_bytes, ..self.clone() }
    }

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
        let stderr = self.run_into(args, limits, input, &mut stdout).await?;
        Ok(Output { stdout, stderr })
    }

    /// The same, with the answer given to `take` while it comes. Returns the end of what the program complained about.
    pub async fn run_with(
        &self,
        args: &[OsString],
        limits: Limits,
        input: impl AsyncRead + Unpin,
        take: impl FnMut(&[u8]) + Unpin,
    ) -> Result<String, ToolError> {
        self.run_into(args, limits, input, Taking(take)).await
    }

    /// The same, with the answer written to `output` while it comes: the program waits for whoever reads there.
    pub async fn run_into(
        &self,
        args: &[OsString],
        limits: Limits,
        input: impl AsyncRead + Unpin,
        output: impl AsyncWrite + Unpin,
    ) -> Result<String, ToolError> {
        let program: &Path = &self.program;
        let mut child = match &self.launcher {
            Some(launcher) => {
                start(launcher, &confine::words(self, args, limits), Stdio::piped(), None)?
            }
            None if self.held_bytes > 0 => {
                let source = io::Error::other("nobody is there to hold a file for it");
                return Err(ToolError::Start { program: program.to_owned(), source });
            }
            None => start(program, args, Stdio::piped(), Some(limits))?,
        };
        let stdin = child.process.stdin.take();
        let traffic = Traffic::default();
        let feeding = async {
            let (Some(pipe), mut input) = (stdin, input) else { return Ok(()) };
            let mut stdin = Noted { pipe, traffic: &traffic };
            let copied = tokio::io::copy(&mut input, &mut stdin).await.map(drop);
            // Told of the end even if it will not hear.
            let _ = stdin.shutdown().await;
            match copied {
                // It has had enough, or has failed and says so itself.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                copied => copied.map_err(|error: io::Error| ToolError::Io(error)),
            }
        };
        finish(child, program, limits, &traffic, feeding, output).await
    }
}

/// Writing that is a call, and always done at once.
struct Taking<F>(F);

impl<F: FnMut(&[u8]) + Unpin> AsyncWrite for Taking<F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        (self.0)(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
