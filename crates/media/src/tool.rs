//! The one place that starts FFmpeg and FFprobe. A child sees no environment, reads nothing from us but its arguments,
//! cannot write files, and does not outlive its time or its caller.

pub mod confine;
mod error;
mod fed;
mod hang;
mod tail;

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, kill_process_group, prlimit, setpriority_process,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::{Child, Command};

pub use self::confine::HELD;
pub use self::error::ToolError;
pub use self::fed::Confined;
use self::hang::{Traffic, hung};
use self::tail::Tail;

/// Whoever was ended has its last words read for so long: they are there, unless somebody it started writes on.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What a pipe holds, and what is read from it at once.
const PIPE_BYTES: usize = 64 << 10;

/// What a child may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wall-clock time until it is killed.
    pub timeout: Duration,
    /// How long it may neither take input nor give output nor use any time of the processor while it does not wait for us;
    /// none where it is not looked at. It is for who gets all input by a pipe: who reads files may wait for a disk.
    pub patience: Option<Duration>,
    /// Bytes of standard output; more is an error, not a longer answer.
    pub max_stdout_bytes: usize,
    /// Virtual memory in bytes.
    pub address_space: u64,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// How far it stands back behind everything else, 0 to 19.
    pub niceness: u8,
}

/// For what nobody waits for.
const BACKGROUND: u8 = 19;

impl Limits {
    /// For reading headers with FFprobe.
    pub const PROBE: Self = Self {
        timeout: Duration::from_secs(30),
        patience: None,
        max_stdout_bytes: 16 * 1024 * 1024,
        address_space: 4 * 1024 * 1024 * 1024,
        cpu_seconds: 30,
        niceness: 0,
    };
    /// For making one picture with FFmpeg.
    pub const FRAME: Self = Self {
        timeout: Duration::from_mins(1),
        patience: None,
        max_stdout_bytes: 16 * 1024 * 1024,
        address_space: 8 * 1024 * 1024 * 1024,
        cpu_seconds: 120,
        niceness: 0,
    };

    /// For making a segment anew: some seconds of film, which take longer on a machine that is busy.
    pub const SEGMENT: Self = Self {
        timeout: Duration::from_mins(2),
        patience: Some(Duration::from_secs(10)),
        max_stdout_bytes: 128 * 1024 * 1024,
        address_space: 6 * 1024 * 1024 * 1024,
        cpu_seconds: 600,
        niceness: 0,
    };

    /// For finding out whether an encoder works.
    pub const TRIAL: Self = Self {
        timeout: Duration::from_secs(15),
        max_stdout_bytes: 16 * 1024 * 1024,
        cpu_seconds: 30,
        ..Self::SEGMENT
    };

    /// For a sheet of pictures along a film: a hundred key frames, on a machine that has better to do.
    pub const SHEET: Self = Self {
        timeout: Duration::from_mins(10),
        patience: Some(Duration::from_mins(1)),
        max_stdout_bytes: 64 * 1024 * 1024,
        address_space: 6 * 1024 * 1024 * 1024,
        cpu_seconds: 600,
        niceness: BACKGROUND,
    };

    /// For listening to some minutes of a film, or to all of it.
    pub const LISTEN: Self = Self {
        timeout: Duration::from_mins(30),
        patience: Some(Duration::from_mins(1)),
        // Ten minutes in mono at 11 kHz, twice over.
        max_stdout_bytes: 32 * 1024 * 1024,
        address_space: 4 * 1024 * 1024 * 1024,
        cpu_seconds: 1200,
        niceness: BACKGROUND,
    };
}

/// What a child that succeeded left.
#[derive(Debug)]
pub struct Output {
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// The end of what it complained about.
    pub stderr: String,
}

/// Kills a child's whole group unless told that it is over.
struct Group(Option<Pid>);

impl Group {
    fn kill(&self) {
        if let Some(pid) = self.0 {
            // Fails only when nobody is left to kill.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a program to its end. Arguments are passed as they are, never through a shell.
///
/// Dropping the future kills the program and whatever it started.
pub async fn run(program: &Path, args: &[OsString], limits: Limits) -> Result<Output, ToolError> {
    let child = start(program, args, Stdio::null(), Some(limits))?;
    let mut stdout = Vec::new();
    let traffic = Traffic::default();
    traffic.feed(true);
    let stderr = finish(child, program, limits, &traffic, async { Ok(()) }, &mut stdout).await?;
    Ok(Output { stdout, stderr })
}

/// A program that runs. The group stands behind the process, so that on every early return the group dies before the
/// process is reaped and its id could be given to somebody else.
struct Running {
    process: Child,
    group: Group,
}

/// Starts a program in a group of its own; `limits` are those to set from outside.
#[expect(clippy::disallowed_methods, reason = "this is the place that confines child processes")]
fn start(
    program: &Path,
    args: &[OsString],
    stdin: Stdio,
    limits: Option<Limits>,
) -> Result<Running, ToolError> {
    let start = |source| ToolError::Start { program: program.to_owned(), source };
    let process = Command::new(program)
        .args(args)
        .env_clear()
        .env("AV_LOG_FORCE_NOCOLOR", "1")
        // What is drawn must not hang on the fonts of a machine: where Fontconfig looks there are none.
        .env("FONTCONFIG_SYSROOT", "/dev/null")
        .current_dir("/")
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let pid = process.id().and_then(|it| Pid::from_raw(it.cast_signed()));
    let running = Running { process, group: Group(pid) };
    if let (Some(pid), Some(limits)) = (pid, limits) {
        restrict(pid, limits).map_err(start)?;
    }
    Ok(running)
}

/// Writes what a program writes to `output`, at the pace of that, while `beside` goes on; waits for its end, and returns the
/// end of what it complained about.
async fn finish(
    running: Running,
    program: &Path,
    limits: Limits,
    traffic: &Traffic,
    beside: impl Future<Output = Result<(), ToolError>>,
    output: impl AsyncWrite + Unpin,
) -> Result<String, ToolError> {
    let Running { process: mut child, mut group } = running;
    let (stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let tail = Tail::default();
    let finish = async {
        let listening = async { Ok(tail.listen(&mut stderr, traffic).await?) };
        let reading = read_all(stdout, program, limits.max_stdout_bytes, traffic, output);
        tokio::try_join!(reading, listening, beside)?;
        Ok(child.wait().await?)
    };
    let hanging = async {
        match limits.patience {
            Some(patience) => hung(group.0, traffic, patience).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        biased;
        ended = finish => ended,
        () = hanging => {
            let after = limits.patience.unwrap_or_default();
            Err(ToolError::Hung { program: program.to_owned(), after, stderr: String::new() })
        }
        () = tokio::time::sleep(limits.timeout) => {
            let after = limits.timeout;
            Err(ToolError::TimedOut { program: program.to_owned(), after, stderr: String::new() })
        }
    };
    match ended {
        Ok(status) => {
            group.0 = None;
            let stderr = tail.text();
            if status.success() {
                return Ok(stderr);
            }
            let status = status.to_string();
            Err(ToolError::Failed { program: program.to_owned(), status, stderr })
        }
        Err(error) => {
            group.kill();
            let _ = tokio::time::timeout(LAST_WORDS, tail.listen(&mut stderr, traffic)).await;
            Err(error.saying(tail.text()))
        }
    }
}

/// Sets the limits from outside, just after the start: code between fork and exec would need `unsafe`, and the first
/// microseconds of a program that we chose are not what the limits are for.
fn restrict(pid: Pid, limits: Limits) -> io::Result<()> {
    let limit = |value| Rlimit { current: Some(value), maximum: Some(value) };
    for (resource, value) in [
        (Resource::As, limits.address_space),
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        match prlimit(Some(pid), resource, limit(value)) {
            // Over before it could be restricted.
            Ok(_) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if limits.niceness == 0 {
        return Ok(());
    }
    match setpriority_process(Some(pid), limits.niceness.into()) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn read_all(
    pipe: Option<impl AsyncRead + Unpin>,
    program: &Path,
    limit: usize,
    traffic: &Traffic,
    mut output: impl AsyncWrite + Unpin,
) -> Result<(), ToolError> {
    // Also when it gives no more, and does not end.
    traffic.hear(true);
    let Some(mut pipe) = pipe else { return Ok(()) };
    let mut buffer = vec![0; PIPE_BYTES];
    let mut left = limit;
    loop {
        let n = pipe.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        traffic.pass();
        let too_much = || {
            let program = program.to_owned();
            ToolError::TooMuchOutput { program, limit, stderr: String::new() }
        };
        left = left.checked_sub(n).ok_or_else(too_much)?;
        traffic.hear(false);
        output.write_all(&buffer[..n]).await?;
        traffic.hear(true);
    }
}

/// Finds a program: the configured path if there is one, and only that; otherwise the first of that name in `PATH`.
#[expect(
    clippy::disallowed_methods,
    reason = "where programs lie is the environment's to say, as in any shell"
)]
pub fn locate(name: &str, configured: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = configured {
        return is_program(path).then(|| path.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|it| it.is_absolute())
        .map(|it| it.join(name))
        .find(|it| is_program(it))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// The version that FFmpeg or FFprobe states, for example `5.1.9-0+deb12u1`.
pub async fn version(path: &Path) -> Result<String, ToolError> {
    let limits =
        Limits { timeout: Duration::from_secs(10), max_stdout_bytes: 64 * 1024, ..Limits::PROBE };
    let output = run(path, &["-version".into()], limits).await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let stated = text
        .lines()
        .next()
        .and_then(|it| it.split(" version ").nth(1))
        .and_then(|it| it.split(' ').next());
    stated.map(str::to_owned).ok_or_else(|| ToolError::Failed {
        program: path.to_owned(),
        status: "no version stated".to_owned(),
        stderr: output.stderr,
    })
}
