//! The server's end: asks a node for what it can do, and has it make a run.

use std::fmt;
use std::fs::File;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, StreamExt as _};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use media::cmaf::Segment;
use media::tool::Limits;
use media::transcode::{AnswerError, MAKING, Order};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::{ABILITIES, MADE, OUTCOME, Offer, PROTOCOL, RUNS, SAID};
use crate::pieces;

/// A machine that takes longer for a connection, or to say whether it has a place, is not worth waiting for.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether the other machine is there still, and how long it may take to say so.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A refusal and abilities are short.
const MAX_WORDS_BYTES: usize = 64 << 10;
/// A node that is busy may ask for no longer pause than this.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Where a node is, and what it must be told.
#[derive(Clone)]
pub struct Address {
    /// As it is configured.
    pub url: String,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    secret: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.url).finish()
    }
}

/// How long a node may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the beginning of the run to the first part.
    pub first: Duration,
    /// From one piece of the answer to the next.
    pub silence: Duration,
}

/// What of an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// No part yet.
    Nothing,
    /// Parts.
    Parts,
}

/// Why a node made nothing.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Nobody is there, or was any longer.
    #[error("it is not there: {0:#}")]
    Gone(anyhow::Error),
    /// It takes longer than is worth waiting for.
    #[error("it takes too long")]
    Silent,
    /// It will not, whatever the run.
    #[error("it refuses: {status}: {said}")]
    Refused {
        /// Its answer's status.
        status: StatusCode,
        /// What it said.
        said: String,
    },
    /// All of its places are taken.
    #[error("all of its places are taken")]
    Busy {
        /// When it is worth asking again.
        retry_after: Duration,
    },
    /// It is of another version.
    #[error("it is another version of Revenge: install the same on both machines")]
    OtherVersion,
    /// What it gives is no answer of FFmpeg.
    #[error("its answer makes no sense")]
    Garbled(#[source] AnswerError),
    /// It gives more than any run has.
    #[error("its answer is too long")]
    TooLong,
    /// Its pictures cannot stand beside those of this server.
    #[error("its FFmpeg makes another kind of H.264 than the one that pictures were begun with")]
    OtherPictures,
    /// Its FFmpeg failed.
    #[error("FFmpeg failed there: {0}")]
    Failed(String),
}

impl Address {
    /// Reads `http://host:port` or `https://host:port`; `certificate` is that of the node or of who signed it, as PEM.
    pub fn new(
        url: &str,
        secret: Option<String>,
        certificate: Option<&[u8]>,
    ) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is no address"))?;
        let host = uri.host().with_context(|| format!("{url} names no machine"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let has_user = uri.authority().is_some_and(|it| it.as_str().contains('@'));
        ensure!(!has_user, "a node's address has no user and no password");
        ensure!(uri.path().len() <= 1 && uri.query().is_none(), "{url}: a node has no path");
        let tls = match (uri.scheme_str(), certificate) {
            (Some("http"), _) => None,
            (Some("https"), Some(pem)) => {
                let name = ServerName::try_from(host.clone())
                    .with_context(|| format!("{host} is no name of a machine"))?;
                Some((super::tls::connector(pem)?, name))
            }
            (Some("https"), None) => {
                bail!("{url}: https needs certificate, the node's own or that of who signed it")
            }
            _ => bail!("{url} begins with neither http:// nor https://"),
        };
        let port = uri.port_u16().with_context(|| format!("{url} names no port"))?;
        let is_text = |it: &String| it.bytes().all(|it| (0x21..0x7f).contains(&it));
        ensure!(secret.as_ref().is_none_or(is_text), "the secret has more than letters and digits");
        Ok(Self { url: url.trim_end_matches('/').to_owned(), host, port, tls, secret })
    }

    /// What the node can do; refuses one of another version.
    pub async fn abilities(&self) -> Result<Offer, NodeError> {
        let request = self.request(Method::GET, ABILITIES, Body::empty());
        let asking = self.talk(request, |response| async move {
            let words = read_words(response.into_body()).await?;
            let offer: serde_json::Value =
                serde_json::from_slice(&words).map_err(|it| gone(it.into()))?;
            let is_ours = offer["protocol"] == PROTOCOL && offer["making"] == MAKING;
            if !is_ours {
                return Err(NodeError::OtherVersion);
            }
            serde_json::from_value(offer).map_err(|it| gone(it.into()))
        });
        timeout(CONNECT_PATIENCE * 2, asking).await.map_err(|_| NodeError::Silent)?
    }

    /// Has a run made, and gives the answer to `take` while it comes. Returns the end of what FFmpeg complained about.
    ///
    /// Dropping the future ends the child there.
    pub async fn run(
        &self,
        order: &Order,
        (file, feed): (Arc<File>, Segment),
        patience: Patience,
        mut take: impl FnMut(&[u8]) -> Result<Progress, AnswerError>,
    ) -> Result<String, NodeError> {
        let order = order.to_json();
        let head = [(order.len() as u32).to_be_bytes().as_slice(), &order].concat();
        let feed = pieces::chunks(file, Arc::new(feed));
        let body = stream::once(async move { Ok(Bytes::from(head)) }).chain(feed);
        let request = self.request(Method::POST, RUNS, Body::from_stream(body));
        let began = Instant::now();
        self.talk(request, move |response| async move {
            let mut body = response.into_body();
            let mut left = Limits::SEGMENT.max_stdout_bytes;
            let mut progress = Progress::Nothing;
            loop {
                let silent_at = match progress {
                    Progress::Nothing => began + patience.first,
                    Progress::Parts => Instant::now() + patience.silence,
                };
                let frame = timeout_at(silent_at, body.frame()).await;
                let frame = frame.map_err(|_| NodeError::Silent)?;
                let Some(frame) = frame else {
                    return Err(gone(anyhow::anyhow!("its answer was cut off")));
                };
                match frame.map_err(|it| gone(it.into()))?.into_data() {
                    Ok(bytes) => {
                        left = left.checked_sub(bytes.len()).ok_or(NodeError::TooLong)?;
                        progress = take(&bytes).map_err(NodeError::Garbled)?;
                    }
                    Err(frame) => {
                        if let Ok(trailers) = frame.into_trailers() {
                            return outcome(&trailers);
                        }
                    }
                }
            }
        })
        .await
    }

    fn request(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        if let Ok(uri) = format!("{}{path}", self.url).parse() {
            *request.uri_mut() = uri;
        }
        let secret = self.secret.as_ref();
        if let Some(value) = secret.and_then(|it| format!("Bearer {it}").parse().ok()) {
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request
    }

    /// Sends a request on a connection of its own, which lasts as long as this future.
    async fn talk<T, Hearing: Future<Output = Result<T, NodeError>>>(
        &self,
        request: Request<Body>,
        hear: impl FnOnce(Response<Incoming>) -> Hearing,
    ) -> Result<T, NodeError> {
        let connecting = timeout(CONNECT_PATIENCE, self.connect()).await;
        let stream = connecting.map_err(|_| NodeError::Silent)?.map_err(gone)?;
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new());
        builder.keep_alive_interval(HEARTBEAT).keep_alive_timeout(HEARTBEAT);
        let (mut sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|it| gone(it.into()))?;
        let talking = async {
            let answering = timeout(CONNECT_PATIENCE, sender.send_request(request)).await;
            let response = answering.map_err(|_| NodeError::Silent)?;
            let response = response.map_err(|it| gone(it.into()))?;
            if response.status() != StatusCode::OK {
                return Err(refusal(response).await);
            }
            hear(response).await
        };
        tokio::pin!(connection);
        tokio::pin!(talking);
        let mut is_open = true;
        poll_fn(|context| {
            // What it says at the end of the connection is heard first.
            if is_open {
                is_open = connection.as_mut().poll(context).is_pending();
            }
            talking.as_mut().poll(context)
        })
        .await
    }

    async fn connect(&self) -> anyhow::Result<Box<dyn Conversation>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }
}

/// A connection, encrypted or not.
trait Conversation: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Conversation for T {}

fn gone(error: anyhow::Error) -> NodeError {
    NodeError::Gone(error)
}

/// All of a short answer.
async fn read_words(body: Incoming) -> Result<Vec<u8>, NodeError> {
    let mut body = http_body_util::Limited::new(body, MAX_WORDS_BYTES);
    let mut words = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|it| gone(anyhow::anyhow!(it)))?;
        words.extend(frame.into_data().unwrap_or_default());
    }
    Ok(words)
}

async fn refusal(response: Response<Incoming>) -> NodeError {
    let status = response.status();
    if status == StatusCode::CONFLICT {
        return NodeError::OtherVersion;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = response.headers().get(header::RETRY_AFTER);
        let seconds = seconds.and_then(|it| it.to_str().ok()?.parse().ok()).unwrap_or(1);
        return NodeError::Busy { retry_after: Duration::from_secs(seconds).min(LONGEST_PAUSE) };
    }
    let words = timeout(CONNECT_PATIENCE, read_words(response.into_body())).await;
    let words = words.ok().and_then(Result::ok).unwrap_or_default();
    let said = String::from_utf8_lossy(&words);
    let said = said.chars().filter(|it| !it.is_control()).take(200).collect();
    NodeError::Refused { status, said }
}

fn outcome(trailers: &HeaderMap) -> Result<String, NodeError> {
    let said = trailers.get(SAID).and_then(|it| STANDARD.decode(it).ok()).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    match trailers.get(OUTCOME) {
        Some(outcome) if outcome == MADE => Ok(said),
        _ => Err(NodeError::Failed(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_how_where_and_at_which_port() {
        let read = |url: &str| Address::new(url, None, None).map(|it| (it.host, it.port));
        for (url, host) in [
            ("http://gpu.lan:8097", "gpu.lan"),
            ("http://gpu.lan:8097/", "gpu.lan"),
            ("http://[::1]:8097", "::1"),
        ] {
            assert_eq!(read(url).expect(url), (host.to_owned(), 8097));
        }
        for (url, what) in [
            ("", "no address"),
            ("gpu.lan", "neither http"),
            ("ftp://gpu.lan:8097", "neither http"),
            ("http://gpu.lan", "no port"),
            ("http://gpu.lan:8097/films", "no path"),
            ("http://gpu.lan:8097?x", "no path"),
            ("http://me:secret@gpu.lan:8097", "no password"),
            ("https://gpu.lan:8097", "needs certificate"),
            ("http:///", "no"),
        ] {
            let error = format!("{:#}", read(url).expect_err(url));
            assert!(error.contains(what), "{url}: {error}");
        }
        let odd = Address::new("http://gpu.lan:8097", Some("two words".to_owned()), None);
        assert!(odd.is_err(), "no header can carry it");
        let bad = Address::new("https://gpu.lan:8097", None, Some(b"no PEM"));
        assert!(bad.is_err());
    }

    #[test]
    fn whoever_says_nothing_of_the_end_has_not_made_it() {
        assert!(matches!(outcome(&HeaderMap::new()), Err(NodeError::Failed(_))));
    }
}
