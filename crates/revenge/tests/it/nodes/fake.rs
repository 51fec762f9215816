//! In place of a node: somebody who answers like one, and wrongly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use futures::StreamExt as _;
use playback::node::{Offer, PROTOCOL};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// What it does.
#[derive(Clone)]
pub struct Ways {
    /// Of which version it says it is.
    pub making: u32,
    /// How it answers an order.
    pub status: u16,
    /// What it gives in place of FFmpeg's output.
    pub answer: Vec<u8>,
    /// It says nothing of the end.
    pub is_cut_off: bool,
    /// It takes orders, and says no more.
    pub hangs: bool,
    /// Its abilities are none.
    pub is_odd: bool,
    n_runs: Arc<AtomicUsize>,
}

/// Somebody who listens as long as this is held.
pub struct Fake {
    /// Where.
    pub url: String,
    n_runs: Arc<AtomicUsize>,
    serving: AbortHandle,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Fake {
    /// Begins to listen.
    pub async fn start(change: impl FnOnce(&mut Ways)) -> Self {
        let n_runs = Arc::new(AtomicUsize::new(0));
        let mut ways = Ways {
            making: media::transcode::MAKING,
            status: 200,
            answer: Vec::new(),
            is_cut_off: false,
            hangs: false,
            is_odd: false,
            n_runs: Arc::clone(&n_runs),
        };
        change(&mut ways);
        let router = Router::new()
            .route("/v1/abilities", get(tell))
            .route("/v1/runs", post(answer))
            .with_state(ways);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, n_runs, serving: serving.abort_handle() }
    }

    /// How many orders came.
    pub fn n_runs(&self) -> usize {
        self.n_runs.load(Ordering::SeqCst)
    }
}

async fn tell(State(ways): State<Ways>) -> Vec<u8> {
    if ways.is_odd {
        return b"<html>It works!</html>".to_vec();
    }
    let offer = Offer {
        protocol: PROTOCOL,
        making: ways.making,
        build: "ffmpeg version 0".to_owned(),
        has_zscale: true,
        has_libass: true,
        n_cores: 64,
        n_pictures: 32,
        n_sounds: 32,
    };
    serde_json::to_vec(&offer).expect("JSON")
}

async fn answer(State(ways): State<Ways>, request: Request) -> Response<Body> {
    ways.n_runs.fetch_add(1, Ordering::SeqCst);
    let first = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(ways.answer))]);
    let body = if ways.hangs {
        Body::from_stream(first.chain(futures::stream::pending()))
    } else if ways.is_cut_off {
        Body::from_stream(first)
    } else {
        let mut feed = request.into_body().into_data_stream();
        while feed.next().await.is_some() {}
        Body::from_stream(first)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(ways.status).expect("a status");
    response
}
