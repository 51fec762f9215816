//! The Makefile and what containers run.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_makefile_has_at_most_ten_commands_each_with_a_help_line() {
    let makefile = fs::read_to_string(root().join("Makefile")).expect("the Makefile");
    let phony =
        makefile.lines().find_map(|it| it.strip_prefix(".PHONY: ")).expect("a list of commands");
    let commands: Vec<&str> = phony.split_whitespace().collect();
    assert!(commands.len() <= 10, "{commands:?}");
    for command in commands.iter().filter(|&&it| it != "help") {
        let has_help = makefile.lines().any(|it| it.starts_with(&format!("{command}: ## ")));
        assert!(has_help, "{command}");
    }
}

#[test]
fn a_container_is_healthy_exactly_when_revenge_says_so() {
    for (status, expected) in [("200 OK", true), ("503 Service Unavailable", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (connection, _) = listener.accept().expect("a question");
            let lines = BufReader::new(&connection).lines().map_while(Result::ok);
            let question: Vec<String> = lines.take_while(|it| !it.is_empty()).collect();
            write!(&connection, "HTTP/1.1 {status}\r\n\r\n").expect("an answer");
            question
        });

        assert_eq!(is_ready(port), expected, "{status}");

        let question = server.join().expect("the server answered");
        assert_eq!(question.first().map(String::as_str), Some("GET /readyz HTTP/1.0"));
    }
}

#[test]
fn a_container_without_an_answer_is_not_healthy() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    assert!(!is_ready(port));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the script is what is tested, and it ends by itself"
)]
fn is_ready(port: u16) -> bool {
    let script = root().join("deploy/is-ready.sh");
    let mut command = Command::new(script);
    command.env("REVENGE_SERVER__PORT", port.to_string()).output().expect("bash").status.success()
}
