//! A server that hands out documents and remembers who asked for what.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use chrono::DateTime;
use kernel::{Clock, Rng};
use metadata::provider::Locale;
use metadata::providers::{Lineup, Place};
use metadata::{Providers, Query, Settings, Subject};

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(body: &str) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status: 200, headers, body: body.as_bytes().to_vec() }
    }

    pub fn status(status: u16) -> Self {
        Self { status, ..Self::json("{}") }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

struct Rule {
    path: String,
    /// What the query must contain.
    query: String,
    /// Given out in order; the last again and again.
    answers: VecDeque<Answer>,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// The server, and what providers need to ask there.
pub struct Desk {
    pub url: String,
    pub clock: Clock,
    folder: tempfile::TempDir,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Default)]
struct Memory {
    rules: Vec<Rule>,
    asked: Vec<Asked>,
}

impl Desk {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let memory = Arc::new(Mutex::new(Memory::default()));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&memory));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        Self { url, clock, folder: tempfile::tempdir().unwrap(), memory }
    }

    /// From now on answers `path` with these, in order.
    pub fn at(&self, path: &str, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.at_query(path, "", answers)
    }

    /// The same for queries that contain `query`; the latest rule that fits counts.
    pub fn at_query(
        &self,
        path: &str,
        query: &str,
        answers: impl IntoIterator<Item = Answer>,
    ) -> &Self {
        let (path, query) = (path.to_owned(), query.to_owned());
        let rule = Rule { path, query, answers: answers.into_iter().collect() };
        self.memory.lock().unwrap().rules.push(rule);
        self
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.memory.lock().unwrap().asked.clone()
    }

    pub fn n_asked(&self, path: &str) -> usize {
        self.asked().iter().filter(|it| it.path == path).count()
    }

    pub fn place(&self) -> Place {
        Place {
            cache: self.folder.path().join("metadata"),
            clock: self.clock.clone(),
            rng: Rng::seeded(1),
            requests: outbound::Settings {
                first_pause: Duration::from_millis(1),
                longest_pause: Duration::from_secs(1),
                ..outbound::Settings::default()
            },
        }
    }

    pub fn providers(&self, settings: &Settings) -> Providers {
        Providers::open(settings, self.place()).unwrap()
    }

    pub fn lineup(&self, settings: &Settings) -> Lineup {
        self.providers(settings).lineup(&[])
    }
}

async fn answer(
    State(memory): State<Arc<Mutex<Memory>>>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let asked = Asked {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let mut memory = memory.lock().unwrap();
    let rule = memory
        .rules
        .iter_mut()
        .rev()
        .find(|it| it.path == asked.path && asked.query.contains(&it.query));
    let answer = match rule {
        Some(rule) if rule.answers.len() > 1 => rule.answers.pop_front(),
        Some(rule) => rule.answers.front().cloned(),
        None => None,
    };
    memory.asked.push(asked);
    let answer = answer.unwrap_or_else(|| Answer::status(404));
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

pub fn german() -> Locale {
    Locale {
        language: "de".to_owned(),
        country: Some("DE".to_owned()),
        fallbacks: vec!["en".to_owned()],
    }
}

pub fn looked_for(subject: Subject, title: &str, year: Option<i32>) -> Query {
    Query {
        subject,
        title: title.to_owned(),
        other_titles: Vec::new(),
        year,
        ids: BTreeMap::new(),
        paths: Vec::new(),
        hashes: Vec::new(),
        locale: german(),
    }
}

pub fn ids(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect()
}
