//! The hidden command that the server starts FFmpeg through.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// What a program does that was confined by ours.
fn confined(parent: u32, words: &[&str]) -> Output {
    confined_with(parent, &[], words)
}

/// The same with devices that it may use.
#[expect(clippy::disallowed_methods, reason = "a test runs the program as the server does")]
fn confined_with(parent: u32, devices: &[&str], words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_revenge"))
        .args(["confine", "--memory", "2000000000", "--cpu-seconds", "10", "--parent"])
        .arg(parent.to_string())
        .args(devices.iter().flat_map(|it| ["--device", it]))
        .arg("--")
        .args(words)
        .output()
        .expect("the program starts")
}

#[test]
fn a_confined_program_runs_but_reads_and_writes_no_files_of_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "film").expect("written");
    let path = secret.to_str().expect("a path");
    let parent = std::process::id();

    let hello = confined(parent, &["/bin/echo", "hello"]);
    let said = String::from_utf8_lossy(&hello.stderr).into_owned();
    assert_eq!(
        (hello.status.success(), hello.stdout.as_slice()),
        (true, &b"hello\n"[..]),
        "{said}"
    );
    if said.contains(media::tool::confine::UNCONFINED) {
        // A kernel without Landlock is told of, and has nothing more to show.
        return;
    }
    let read = confined(parent, &["/bin/cat", path]);
    assert!(!read.status.success() && read.stdout.is_empty(), "no file is read");
    let written = folder.path().join("written");
    confined(parent, &["/bin/cp", "/usr/bin/env", written.to_str().expect("a path")]);
    assert!(!Path::new(&written).exists(), "no file is written");
}

#[test]
fn a_confined_program_uses_the_devices_that_it_is_given_and_no_others() {
    let parent = std::process::id();
    let read = ["/usr/bin/head", "-c", "4", "/dev/zero"];
    let given = confined_with(parent, &["/dev/zero"], &read);
    assert!(given.status.success(), "{}", String::from_utf8_lossy(&given.stderr));
    assert_eq!(given.stdout, [0; 4]);
    if String::from_utf8_lossy(&given.stderr).contains(media::tool::confine::UNCONFINED) {
        return;
    }
    let other = confined_with(parent, &["/dev/full", "/dev/not-there"], &read);
    assert!(!other.status.success() && other.stdout.is_empty(), "another device");
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "film").expect("written");
    let path = secret.to_str().expect("a path");
    let file = confined_with(parent, &["/dev/zero"], &["/bin/cat", path]);
    assert!(!file.status.success() && file.stdout.is_empty(), "no file is read for that");
}

/// Opens a socket of each family of addresses, of this machine's (1), IPv4 (2), IPv6 (10) and the kernel's (16), and asks for
/// the other way to one; says `open`, or the number of the error.
const SOCKETS: [&str; 7] = [
    "/usr/bin/perl",
    "-e",
    "$\\ = ' '; for (@ARGV) { print socket(my $it, $_, 2, 0) ? 'open' : 0 + $! } syscall(425, 1, 0); print 0 + $!",
    "1",
    "2",
    "10",
    "16",
];
/// What a program is told that may not (EACCES).
const REFUSED: &str = "13";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn a_confined_program_opens_no_sockets_but_those_that_a_driver_needs() {
    let parent = std::process::id();
    let words = |output: &Output| {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let free = words(&Command::new(SOCKETS[0]).args(&SOCKETS[1..]).output().expect("it runs"));
    assert_eq!(free[..2], ["open", "open"], "what nobody confines");
    assert_ne!(free[4], REFUSED);
    let confined = confined(parent, &SOCKETS);
    assert_eq!(words(&confined), [REFUSED; 5], "{}", String::from_utf8_lossy(&confined.stderr));
    let driven = words(&confined_with(parent, &["/dev/zero"], &SOCKETS));
    assert_eq!(driven, ["open", REFUSED, REFUSED, "open", REFUSED]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn a_confined_program_reaches_nobody() {
    let mut n_families = 0;
    for address in ["127.0.0.1", "::1"] {
        // Not every machine has both.
        let Ok(udp) = UdpSocket::bind((address, 0)) else { continue };
        let tcp = TcpListener::bind((address, 0)).expect("a port");
        n_families += 1;
        let port = |it: std::io::Result<SocketAddr>| it.expect("an address").port();
        let (udp_port, tcp_port) = (port(udp.local_addr()), port(tcp.local_addr()));
        let say =
            |word: &str, way: &str, port: u16| format!("echo {word} > /dev/{way}/{address}/{port}");
        for (way, port) in [("udp", udp_port), ("tcp", tcp_port)] {
            let script = say("confined", way, port);
            let refused = confined(std::process::id(), &["/bin/bash", "-c", &script]);
            assert!(!refused.status.success(), "{way} to {address}");
            let script = say("free", way, port);
            let said = Command::new("/bin/bash").args(["-c", &script]).status().expect("it runs");
            assert!(said.success(), "{way} to {address}");
        }
        // The first that came of all.
        udp.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut heard = [0; 16];
        let n = udp.recv(&mut heard).expect("a word");
        assert_eq!(&heard[..n], b"free\n");
        let (caller, _) = tcp.accept().expect("a caller");
        assert_eq!(std::io::read_to_string(caller).expect("a word"), "free\n");
    }
    assert!(n_families > 0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs the program as the server does")]
fn a_confined_program_is_given_the_head_of_its_input_as_an_open_file_and_the_rest_as_ever() {
    let run = |n_bytes: &str, input: &[u8], words: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_revenge"))
            .args(["confine", "--memory", "2000000000", "--cpu-seconds", "10", "--held-bytes"])
            .args([n_bytes, "--parent", &std::process::id().to_string(), "--"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("its input").write_all(input).expect("it reads");
        child.wait_with_output().expect("it ends")
    };
    let held = format!("/proc/self/fd/{}", media::tool::HELD);
    // Twice, as often as it likes, before and behind the rest.
    let both = run("6", b"scriptfilm", &["/bin/cat", &held, "-", &held]);
    assert_eq!(String::from_utf8_lossy(&both.stdout), "scriptfilmscript");
    let large = vec![7; 3 << 20];
    let read = run(&(2 << 20).to_string(), &large, &["/usr/bin/wc", "-c", &held, "-"]);
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(said.contains("2097152") && said.contains("1048576"), "{said}");
    let changed = run("6", b"scriptfilm", &["/bin/dd", "if=/dev/null", &format!("of={held}")]);
    assert!(!changed.status.success(), "it never changes");
    let cut_off = run("6", b"scri", &["/bin/cat", &held]);
    assert!(!cut_off.status.success() && cut_off.stdout.is_empty(), "half a script is none");
}

#[test]
fn a_confined_program_does_not_start_without_the_server_that_wants_it() {
    let orphan = confined(1, &["/bin/echo", "hello"]);
    assert!(!orphan.status.success() && orphan.stdout.is_empty());
}
