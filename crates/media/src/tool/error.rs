//! What goes wrong with a child.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a child gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The program could not be started.
    #[error("cannot start {}", program.display())]
    Start {
        /// What was to be started.
        program: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// It took too long and was killed.
    #[error("{} was stopped after {} ms{}", program.display(), after.as_millis(), words(stderr))]
    TimedOut {
        /// What was started.
        program: PathBuf,
        /// The time it had.
        after: Duration,
        /// The end of what it complained about.
        stderr: String,
    },
    /// It hung and was killed.
    #[error("{} did nothing for {} ms and was stopped{}", program.display(), after.as_millis(), words(stderr))]
    Hung {
        /// What was started.
        program: PathBuf,
        /// The patience that was had with it.
        after: Duration,
        /// The end of what it complained about.
        stderr: String,
    },
    /// It wrote more than it may, and was killed.
    #[error("{} wrote more than {limit} bytes{}", program.display(), words(stderr))]
    TooMuchOutput {
        /// What was started.
        program: PathBuf,
        /// How many bytes it may write.
        limit: usize,
        /// The end of what it complained about.
        stderr: String,
    },
    /// It ended with a failure of its own.
    #[error("{} failed ({status}): {stderr}", program.display())]
    Failed {
        /// What was started.
        program: PathBuf,
        /// Exit code or signal, in words.
        status: String,
        /// The end of what it complained about.
        stderr: String,
    },
    /// Its output could not be read.
    #[error("cannot read the output of a program")]
    Io(#[from] io::Error),
}

impl ToolError {
    /// The same of a child that was ended by us, with its last words.
    pub(super) fn saying(mut self, last_words: String) -> Self {
        if let Self::TimedOut { stderr, .. }
        | Self::Hung { stderr, .. }
        | Self::TooMuchOutput { stderr, .. } = &mut self
        {
            *stderr = last_words;
        }
        self
    }
}

fn words(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}
