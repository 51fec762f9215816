//! An HTTP server on this machine that keeps what it is sent, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How it answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 and a word.
    Well,
    /// This status.
    Status(u16),
    /// 429, with a pause of so many seconds.
    Later(u32),
    /// 302 to this address.
    Elsewhere(String),
    /// What is no HTTP body anybody reads: a 200 of random bytes.
    Garbage,
    /// Never.
    Never,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Heard {
    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[derive(Default)]
struct Memory {
    heard: Vec<Heard>,
    next: VecDeque<Answer>,
}

/// The server. It ends with the value.
pub struct Mouthpiece {
    /// The port on 127.0.0.1.
    pub port: u16,
    memory: Arc<Mutex<Memory>>,
    serving: JoinHandle<()>,
}

impl Mouthpiece {
    /// Starts one that answers everything well.
    ///
    /// # Panics
    /// When this machine has no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let memory = Arc::<Mutex<Memory>>::default();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&memory));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::debug!(%error, "mouthpiece.ended");
            }
        });
        Self { port, memory, serving }
    }

    /// Answers the next requests so, in this order, and those after them well.
    pub fn will_answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.lock().next.extend(answers);
    }

    /// All that came, the oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mouthpiece {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    State(memory): State<Arc<Mutex<Memory>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = {
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        memory.heard.push(Heard { method, path, headers, body });
        memory.next.pop_front().unwrap_or(Answer::Well)
    };
    let (status, named, body) = match answer {
        Answer::Well => (200, None, b"ok".to_vec()),
        Answer::Status(status) => (status, None, b"no".to_vec()),
        Answer::Later(seconds) => (429, Some((header::RETRY_AFTER, seconds.to_string())), vec![]),
        Answer::Elsewhere(address) => (302, Some((header::LOCATION, address)), vec![]),
        Answer::Garbage => (200, None, vec![0xff, 0x00, 0xfe, b'<']),
        Answer::Never => std::future::pending().await,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if let Some((name, value)) = named
        && let Ok(value) = value.parse()
    {
        response.headers_mut().insert(name, value);
    }
    response
}
