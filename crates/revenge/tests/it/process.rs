//! The program itself, as a person starts and an accident ends it.

use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The program that was built for these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_revenge");
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[expect(
    clippy::disallowed_methods,
    reason = "starts the program under test and FFmpeg; killed with the test"
)]
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// A second of film, made once for each folder.
pub fn make_clip(path: &Path) {
    let made = command("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1"])
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=duration=1",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
        ])
        .args(["-c:a", "aac", "-movflags", "+faststart"])
        .arg(path)
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg is installed");
    assert!(made.success(), "ffmpeg makes {}", path.display());
}

/// A small upright picture.
pub fn make_poster(path: &Path) {
    let made = command("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=200x300", "-frames:v", "1"])
        .arg(path)
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg is installed");
    assert!(made.success(), "ffmpeg makes {}", path.display());
}

/// A running program on a data folder.
pub struct Program {
    child: Child,
    port: u16,
    /// Held, so that the program can go on writing.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind; its database ends with the next one on the folder, or here.
        self.signal(rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port()
}

/// The programs of PostgreSQL.
pub fn binaries() -> PathBuf {
    testkit::database::binaries().expect("PostgreSQL 18 is installed: run `make setup`")
}

/// The program on a data folder, with nothing of our environment.
pub fn revenge(data: &Path) -> Command {
    let mut revenge = command(PROGRAM);
    revenge
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("REVENGE_DATA_DIR", data)
        .env("REVENGE_DATABASE__BINARIES", binaries())
        .env("REVENGE_SERVER__HOST", "127.0.0.1")
        .stdin(Stdio::null());
    revenge
}

impl Program {
    /// Starts it and waits until it says that it is ready.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with these variables.
    pub fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut child = revenge(data)
            .envs(variables.iter().copied())
            .args(["serve", "--port", &port.to_string()])
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = lines.next().expect("it says something").expect("text");
        assert!(ready.contains(&format!("http://127.0.0.1:{port}")), "{ready}");
        Self { child, port, _output: lines }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, signal);
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.signal(rustix::process::Signal::KILL);
        self.child.wait().expect("it is dead");
    }

    /// Ends it as Ctrl-C does; the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::INT);
        self.child.wait().expect("it ends").code()
    }

    /// The status and the bytes behind a signed address.
    pub async fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let answer = outbound::trusted_client().expect("a client").get(url).send().await;
        let answer = answer.expect("it answers");
        (answer.status().as_u16(), answer.bytes().await.expect("all of it").to_vec())
    }

    /// What is at an address, for who has the token.
    pub async fn fetch_as(&self, token: &str, path: &str) -> Vec<u8> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = outbound::trusted_client().expect("a client").get(url).bearer_auth(token);
        let answer = request.send().await.expect("it answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.expect("all of it").to_vec()
    }

    /// Sends bytes that are no JSON.
    pub async fn upload(&self, token: &str, path: &str, bytes: Vec<u8>) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let request = outbound::trusted_client().expect("a client").post(url).bearer_auth(token);
        let request = request.header("content-type", "image/png").body(bytes);
        let response = request.send().await.expect("it answers");
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    pub async fn ask(
        &self,
        token: Option<&str>,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let mut request = outbound::trusted_client().expect("a client").request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("it answers");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Opens its stream of events.
    pub async fn listen(&self, token: &str) -> Heard {
        let url = format!("http://127.0.0.1:{}/api/v1/events", self.port);
        let client = outbound::trusted_client().expect("a client");
        let answer = client.get(url).bearer_auth(token).send().await.expect("it answers");
        assert_eq!(answer.status(), 200);
        Heard { answer, text: String::new() }
    }

    pub async fn get(&self, token: &str, path: &str) -> Value {
        let (status, body) = self.ask(Some(token), reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes the owner; the token.
    pub async fn set_up(&self) -> String {
        let body = json!({ "name": "owner", "password": "correct horse" });
        let (status, answer) = self.ask(None, reqwest::Method::POST, "/setup", Some(body)).await;
        assert_eq!(status, 201, "{answer}");
        answer["token"].as_str().expect("a token").to_owned()
    }

    pub async fn add_library(&self, token: &str, folder: &Path) -> String {
        let body = json!({ "name": "Films", "kind": "movies", "folders": [folder] });
        let (status, answer) =
            self.ask(Some(token), reqwest::Method::POST, "/libraries", Some(body)).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    pub async fn scan(&self, token: &str, library: &str) {
        let path = format!("/libraries/{library}/scan");
        let (status, answer) = self.ask(Some(token), reqwest::Method::POST, &path, None).await;
        assert!(status == 202 || status == 409, "{answer}");
    }

    /// Waits until `is_so` of the library.
    pub async fn wait_for(
        &self,
        token: &str,
        library: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Value {
        let began = Instant::now();
        loop {
            let libraries = self.get(token, "/libraries").await;
            let items = libraries["items"].as_array().expect("a list");
            let found = items.iter().find(|it| it["id"] == library).expect("the library").clone();
            if is_so(&found) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "still not so: {found}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// An open stream of events.
pub struct Heard {
    answer: reqwest::Response,
    text: String,
}

impl Heard {
    /// Waits until such an event came.
    pub async fn until(&mut self, name: &str) {
        let began = Instant::now();
        while !self.text.contains(&format!("event: {name}\n")) {
            assert!(began.elapsed() < PATIENCE, "{name} was not heard: {}", self.text);
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("something is heard").expect("it does not break");
            self.text += &String::from_utf8_lossy(&chunk.expect("it does not end"));
        }
    }
}

pub fn is_scanned(library: &Value, films: usize) -> bool {
    library["scan"]["stage"] == "done" && library["item_count"] == films
}

/// `count` films, one clip under many names.
fn make_films(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).expect("a folder");
    let clip = folder.join("Film 0000 (1990).mp4");
    make_clip(&clip);
    for number in 1..count {
        std::fs::copy(&clip, folder.join(format!("Film {number:04} ({}).mp4", 1950 + number % 70)))
            .expect("copied");
    }
}

#[test]
fn commands_work_beside_a_running_server_and_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = || {
        let output =
            revenge(folder.path()).args(["user", "list", "--json"]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().count()
    };
    let add = |name: &str| {
        let mut child = revenge(folder.path())
            .args(["user", "add", name, "--admin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it runs");
        std::io::Write::write_all(&mut child.stdin.take().expect("its input"), b"correct horse\n")
            .expect("written");
        assert!(child.wait().expect("it ends").success());
    };
    add("first");
    let program = Program::start(folder.path());
    add("second");
    assert_eq!(list(), 2);
    assert_eq!(program.stop(), Some(0));
    assert_eq!(list(), 2);
}

#[test]
fn a_second_server_on_one_data_folder_is_refused_and_says_who_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(folder.path());
    let output = revenge(folder.path())
        .args(["serve", "--port", &free_port().to_string()])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("in use by another Revenge"), "{words}");
    assert!(words.contains(&program.child.id().to_string()), "{words}");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_wrong_configuration_has_its_own_exit_code_and_names_the_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.yaml");
    std::fs::write(&file, "server:\n  prot: 1\n").expect("written");
    let output =
        revenge(folder.path()).arg("--config").arg(&file).arg("serve").output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("wrong.yaml line 2: server.prot: unknown key"), "{words}");
}

#[tokio::test]
async fn a_server_killed_in_the_middle_of_a_scan_finishes_it_after_the_next_start() {
    const FILMS: usize = 600;
    let folder = tempfile::tempdir().expect("a folder");
    let (data, films) = (folder.path().join("data"), folder.path().join("films"));
    make_films(&films, FILMS);

    let program = Program::start(&data);
    let token = program.set_up().await;
    let library = program.add_library(&token, &films).await;
    program.scan(&token, &library).await;
    let begun =
        |it: &Value| it["item_count"].as_i64().unwrap_or(0) > 0 || it["scan"]["stage"] == "reading";
    program.wait_for(&token, &library, begun).await;
    program.kill();

    let program = Program::start(&data);
    program.scan(&token, &library).await;
    program.wait_for(&token, &library, |it| is_scanned(it, FILMS)).await;
    let page = program.get(&token, &format!("/items?library_id={library}&limit=500")).await;
    let mut titles: Vec<_> =
        page["items"].as_array().expect("a list").iter().map(|it| it["title"].clone()).collect();
    let before = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), before, "nothing is doubled");
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn a_killed_database_comes_back_and_the_scan_ends_well() {
    const FILMS: usize = 600;
    let folder = tempfile::tempdir().expect("a folder");
    let (data, films) = (folder.path().join("data"), folder.path().join("films"));
    make_films(&films, FILMS);
    let program = Program::start(&data);
    let token = program.set_up().await;
    let library = program.add_library(&token, &films).await;
    program.scan(&token, &library).await;

    let mut pid = String::new();
    std::fs::File::open(data.join("postgresql/data/postmaster.pid"))
        .expect("the database runs")
        .read_to_string(&mut pid)
        .expect("readable");
    let pid: i32 = pid.lines().next().expect("a line").parse().expect("a number");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");

    let began = Instant::now();
    loop {
        let (status, _) = program.ask(Some(&token), reqwest::Method::GET, "/libraries", None).await;
        if status == 200 {
            break;
        }
        assert!(status == 503 || status == 500, "{status}");
        assert!(began.elapsed() < PATIENCE, "the database does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    program.scan(&token, &library).await;
    program.wait_for(&token, &library, |it| is_scanned(it, FILMS)).await;
    assert_eq!(program.stop(), Some(0));
}
