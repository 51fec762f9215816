//! Starting programs: limits, endings, and names that try to be something else.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use media::tool::{Confined, Limits, ToolError, locate, run, version};
use media::{Container, ffprobe};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::samples;

fn shell(script: &str) -> Vec<OsString> {
    ["-c", script].map(OsString::from).into()
}

const SHELL: &str = "/bin/sh";
const SMALL: Limits = Limits {
    timeout: Duration::from_secs(20),
    patience: None,
    max_stdout_bytes: 1000,
    address_space: 1 << 30,
    cpu_seconds: 10,
    niceness: 0,
};

#[tokio::test]
async fn a_child_sees_no_environment_and_no_input() {
    let script = "/usr/bin/env | /usr/bin/cut -d= -f1 | /usr/bin/sort; read x; echo \"$?\"";
    let output = run(Path::new(SHELL), &shell(script), SMALL).await;
    let stdout = String::from_utf8(output.unwrap().stdout).unwrap();
    // Ours: no colours, and no fonts of the system.
    assert_eq!(stdout, "AV_LOG_FORCE_NOCOLOR\nFONTCONFIG_SYSROOT\nPWD\n1\n");
}

#[tokio::test]
async fn a_failure_brings_the_end_of_what_the_child_said() {
    let script = "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 3";
    let error = run(Path::new(SHELL), &shell(script), SMALL).await.unwrap_err();
    let ToolError::Failed { status, stderr, .. } = error else { panic!("{error}") };
    assert!(
        status.contains('3') && stderr.ends_with("line 1999") && stderr.len() <= 4096,
        "{status}: {stderr}"
    );
}

#[tokio::test]
async fn a_child_that_takes_too_long_dies_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("alive");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    // A grandchild keeps the pipe open for writing as long as it lives.
    let script = "echo its last words >&2; (sleep 1000 > FIFO & sleep 1000) & sleep 1000";
    let script = script.replace("FIFO", &fifo.display().to_string());
    let reader = tokio::task::spawn_blocking(move || std::fs::read(fifo));
    let limits = Limits { timeout: Duration::from_millis(500), ..SMALL };
    let started = Instant::now();
    let error = run(Path::new(SHELL), &shell(&script), limits).await.unwrap_err();
    let ToolError::TimedOut { stderr, .. } = &error else { panic!("{error}") };
    assert_eq!(stderr, "its last words");
    assert!(started.elapsed() < Duration::from_secs(10));
    // The end of the pipe is the proof that nobody is left.
    tokio::time::timeout(Duration::from_secs(10), reader).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn dropping_the_future_kills_the_child() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("alive");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let script = format!("sleep 1000 > {}", fifo.display());
    let (args, path) = (shell(&script), fifo.clone());
    let child = tokio::spawn(async move { run(Path::new(SHELL), &args, SMALL).await });
    // Opening waits until the child has opened its end.
    let pipe =
        tokio::task::spawn_blocking(move || std::fs::File::open(path)).await.unwrap().unwrap();
    child.abort();
    let ended = tokio::task::spawn_blocking(move || std::io::read_to_string(pipe));
    tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap().unwrap().unwrap();
}

/// A child that is fed by a pipe, and that is believed to hang after so many milliseconds.
async fn feed(
    script: &str,
    patience_ms: u64,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin,
) -> Result<String, ToolError> {
    let limits = Limits { patience: Some(Duration::from_millis(patience_ms)), ..SMALL };
    let child = Confined::new(SHELL.into(), None);
    child.run_into(&shell(script), limits, input, output).await
}

/// More than pipes hold, of which a child that reads none takes none.
const PLENTY: &[u8] = &[7; 1 << 20];

#[tokio::test]
async fn a_child_that_hangs_is_ended_long_before_its_time_and_leaves_its_last_words() {
    for script in [
        "echo is tired >&2; exec sleep 1000",
        "head -c 100000 >/dev/null; echo is tired >&2; exec sleep 1000",
        // Nobody to wait for but those it started itself.
        "exec >&-; echo is tired >&2; (sleep 1000 & sleep 1000)",
    ] {
        let hung = feed(script, 300, PLENTY, tokio::io::sink()).await.unwrap_err();
        let ToolError::Hung { stderr, .. } = &hung else { panic!("{script}: {hung}") };
        assert_eq!(stderr, "is tired");
        assert!(hung.to_string().ends_with("did nothing for 300 ms and was stopped: is tired"));
    }
}

#[tokio::test]
async fn a_child_that_is_slow_is_not_taken_for_one_that_hangs() {
    // Works without a word, by another than the one that was started.
    let works = "(i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done) & wait; echo done >&2";
    assert_eq!(feed(works, 300, PLENTY, tokio::io::sink()).await.unwrap(), "done");
    // Says something from time to time.
    let talks = "for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo $i; done; echo done >&2";
    assert_eq!(feed(talks, 1000, PLENTY, tokio::io::sink()).await.unwrap(), "done");
}

#[tokio::test]
async fn a_child_that_waits_for_us_does_not_hang() {
    let (mut ours, input) = tokio::io::duplex(64);
    let waits = tokio::spawn(feed("cat; echo done >&2", 200, input, tokio::io::sink()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    ours.write_all(b"at last").await.unwrap();
    drop(ours);
    assert_eq!(waits.await.unwrap().unwrap(), "done", "for input");

    let (mut ours, output) = tokio::io::duplex(64);
    let script = "i=0; while [ $i -lt 90 ]; do echo $i; i=$((i+1)); done; echo done >&2";
    let waits = tokio::spawn(feed(script, 200, tokio::io::empty(), output));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut taken = String::new();
    ours.read_to_string(&mut taken).await.unwrap();
    assert_eq!(waits.await.unwrap().unwrap(), "done", "for us to take its output");
    assert_eq!(taken.lines().count(), 90);
}

#[tokio::test]
async fn output_beyond_the_limit_is_an_error_and_files_cannot_be_written() {
    let error = run(Path::new("/usr/bin/yes"), &[], SMALL).await.unwrap_err();
    assert!(matches!(error, ToolError::TooMuchOutput { limit: 1000, .. }), "{error}");
    let script = "echo its last words >&2; exec yes";
    let error = run(Path::new(SHELL), &shell(script), SMALL).await.unwrap_err();
    assert!(error.to_string().ends_with("wrote more than 1000 bytes: its last words"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let script = format!("sleep 0.2; echo secret > {}/file", folder.path().display());
    assert!(run(Path::new(SHELL), &shell(&script), SMALL).await.is_err());
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap_or_default(), b"");
}

#[tokio::test]
async fn a_missing_program_is_said_to_be_missing() {
    let error = run(Path::new("/nowhere/ffprobe"), &[], SMALL).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot start /nowhere/ffprobe");
    assert_eq!(locate("ffprobe", Some(Path::new("/nowhere/ffprobe"))), None);
    assert_eq!(locate("no-such-program-anywhere", None), None);
}

#[tokio::test]
async fn the_installed_program_states_its_version() {
    let path = locate("ffprobe", None).expect("ffprobe is needed for this test");
    assert!(path.is_absolute());
    assert!(
        version(&path)
            .await
            .unwrap()
            .starts_with(|it: char| it.is_ascii_digit() || it == 'n' || it == 'N')
    );
    assert!(version(Path::new("/bin/true")).await.is_err());
}

#[tokio::test]
async fn names_that_look_like_something_else_are_just_names() {
    let ffprobe_path = locate("ffprobe", None).expect("ffprobe is needed for this test");
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(251) + ".avi";
    let names: [&[u8]; 11] = [
        b"-i.avi",
        b"a b.avi",
        b"quote\"'`.avi",
        b"new\nline.avi",
        b"100%.avi",
        b"%d%03d.avi",
        b"http:x.avi",
        b"concat:a|b.avi",
        b"$(id);&.avi",
        b"not-utf8-\xff\xfe.avi",
        long.as_bytes(),
    ];
    for name in names {
        let path: PathBuf = folder.path().join(OsStr::from_bytes(name));
        std::fs::copy(samples::folder().join("film.avi"), &path).unwrap();
        let output = run(&ffprobe_path, &ffprobe::args(&path), Limits::PROBE).await;
        let found =
            ffprobe::parse(&output.unwrap_or_else(|it| panic!("{name:?}: {it}")).stdout).unwrap();
        assert_eq!(found.container, Container::Avi, "{name:?}");
    }
}

#[tokio::test]
async fn a_play_list_does_not_open_other_files() {
    let ffprobe_path = locate("ffprobe", None).expect("ffprobe is needed for this test");
    let folder = tempfile::tempdir().unwrap();
    let target = samples::folder().join("film.ts");
    let list = folder.path().join("film.avi");
    let hls = format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
        target.display()
    );
    for text in [hls, format!("ffconcat version 1.0\nfile '{}'\n", target.display())] {
        std::fs::write(&list, text).unwrap();
        let result = run(&ffprobe_path, &ffprobe::args(&list), Limits::PROBE).await;
        assert!(matches!(result, Err(ToolError::Failed { .. })), "{result:?}");
    }
}
