//! A strict SMTP server on this machine that keeps what it takes: RFC 5321 as far as a client of ours needs it, in the right
//! order only, with `AUTH PLAIN` where it is told to ask for it. It offers no encryption.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A letter that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Whom it is from, by its envelope.
    pub from: String,
    /// Whom it is for, by its envelope.
    pub to: Vec<String>,
    /// Headers and body, lines ended by `\n`.
    pub text: String,
}

#[derive(Debug, Default)]
struct Memory {
    letters: Vec<Letter>,
    /// What each connection proved itself with.
    logins: Vec<String>,
    n_connections: usize,
}

/// The server. It ends with the value.
pub struct MailboxServer {
    /// The port on 127.0.0.1.
    pub port: u16,
    memory: Arc<Mutex<Memory>>,
    serving: JoinHandle<()>,
}

impl MailboxServer {
    /// Starts one that takes mail of everybody, or with `login` (`name:password`) of who knows that.
    ///
    /// # Panics
    /// When this machine has no free port.
    pub async fn start(login: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let memory = Arc::<Mutex<Memory>>::default();
        let (kept, login) = (Arc::clone(&memory), login.map(str::to_owned));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut conversation = Conversation::new(stream, login.clone(), Arc::clone(&kept));
                tokio::spawn(async move { conversation.hold().await });
            }
        });
        Self { port, memory, serving }
    }

    /// The letters that were taken.
    pub fn letters(&self) -> Vec<Letter> {
        self.lock().letters.clone()
    }

    /// What clients proved themselves with, `name:password`.
    pub fn logins(&self) -> Vec<String> {
        self.lock().logins.clone()
    }

    /// How often somebody connected.
    pub fn n_connections(&self) -> usize {
        self.lock().n_connections
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MailboxServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Conversation {
    stream: BufReader<TcpStream>,
    login: Option<String>,
    memory: Arc<Mutex<Memory>>,
    is_greeted: bool,
    is_known: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl Conversation {
    fn new(stream: TcpStream, login: Option<String>, memory: Arc<Mutex<Memory>>) -> Self {
        memory.lock().unwrap_or_else(PoisonError::into_inner).n_connections += 1;
        let stream = BufReader::new(stream);
        let is_known = login.is_none();
        Self { stream, login, memory, is_greeted: false, is_known, from: None, to: Vec::new() }
    }

    /// Until one of both ends it.
    async fn hold(&mut self) -> std::io::Result<()> {
        self.say("220 mailbox.test ESMTP").await?;
        while let Some(line) = self.line().await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" if !rest.is_empty() => {
                    self.is_greeted = true;
                    let auth = self.login.as_ref().map_or("", |_| "250-AUTH PLAIN\r\n");
                    let answer = format!("250-mailbox.test\r\n{auth}250 8BITMIME");
                    self.say(&answer).await?;
                }
                "AUTH" if self.is_greeted && self.login.is_some() => self.check(rest).await?,
                "MAIL" if !self.is_greeted => self.say("503 say EHLO first").await?,
                "MAIL" if !self.is_known => self.say("530 5.7.0 Authentication required").await?,
                "MAIL" => match address(rest, "FROM:") {
                    Some(from) => {
                        self.from = Some(from);
                        self.say("250 ok").await?;
                    }
                    None => self.say("501 whom?").await?,
                },
                "RCPT" if self.from.is_some() => match address(rest, "TO:") {
                    Some(to) if to.starts_with("nobody@") => {
                        self.say("550 5.1.1 no such mailbox").await?;
                    }
                    Some(to) => {
                        self.to.push(to);
                        self.say("250 ok").await?;
                    }
                    None => self.say("501 whom?").await?,
                },
                "DATA" if !self.to.is_empty() => self.take().await?,
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(());
                }
                _ => self.say("503 not now").await?,
            }
        }
        Ok(())
    }

    async fn check(&mut self, rest: &str) -> std::io::Result<()> {
        let given = rest.strip_prefix("PLAIN ").and_then(decoded).unwrap_or_default();
        let mut parts = given.split('\0').skip(1);
        let given = format!("{}:{}", parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        self.is_known = self.login.as_deref() == Some(given.as_str());
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).logins.push(given);
        let answer = if self.is_known { "235 welcome" } else { "535 5.7.8 wrong password" };
        self.say(answer).await
    }

    async fn take(&mut self) -> std::io::Result<()> {
        self.say("354 go on").await?;
        let mut text = String::new();
        while let Some(line) = self.line().await? {
            if line == "." {
                break;
            }
            text += line.strip_prefix('.').unwrap_or(&line);
            text.push('\n');
        }
        let letter = Letter {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            text,
        };
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).letters.push(letter);
        self.say("250 taken").await
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let n_read = self.stream.read_line(&mut line).await?;
        Ok((n_read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// `FROM:<ana@example.org> BODY=8BITMIME` has the address in angle brackets.
fn address(rest: &str, before: &str) -> Option<String> {
    let rest =
        rest.get(before.len()..).filter(|_| rest.to_ascii_uppercase().starts_with(before))?;
    let inner = rest.trim().strip_prefix('<')?;
    Some(inner.split_once('>')?.0.to_owned())
}

/// Base64, as `AUTH PLAIN` has it.
fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}
