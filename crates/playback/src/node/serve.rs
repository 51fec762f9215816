//! The node's end: takes orders and feeds, and gives back what FFmpeg makes of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use http_body::Frame;
use http_body_util::StreamBody;
use media::tool::{Confined, Limits, ToolError, confine};
use media::transcode::{Abilities, MAKING, Order, OrderError};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncReadExt as _, DuplexStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::io::StreamReader;
use tokio_util::task::AbortOnDropHandle;

use super::{ABILITIES, FAILED, MADE, MAX_ORDER_BYTES, OUTCOME, Offer, PROTOCOL, RUNS, SAID};

/// Sound costs a small part of what pictures cost.
const SOUNDS_PER_PICTURE: usize = 4;
/// Whoever does not send an order within this time has none.
const ORDER_PATIENCE: Duration = Duration::from_secs(10);
/// FFmpeg waits so long for more of the feed; a server that lives reads its disk faster.
const FEED_PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a feed: a minute at 100 megabits per second.
const MAX_FEED_BYTES: u64 = 750 << 20;
/// Bytes of the answer that wait for the server to take them; then FFmpeg waits.
const ANSWER_BYTES: usize = 64 << 10;
/// When a place may be free again.
const RETRY_AFTER_S: u64 = 2;

/// What a node is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// FFmpeg and what confines it.
    pub ffmpeg: Confined,
    /// What this FFmpeg can do.
    pub abilities: Abilities,
    /// What this FFmpeg says of itself.
    pub build: String,
    /// Cores of the machine.
    pub n_cores: usize,
    /// Pictures that are made at once.
    pub max_films: usize,
    /// What a server must know; without it, everybody who comes is served.
    pub secret: Option<String>,
}

struct Node {
    ffmpeg: Confined,
    offer: Offer,
    /// Of the secret.
    digest: Option<[u8; 32]>,
    pictures: Arc<Semaphore>,
    sounds: Arc<Semaphore>,
}

/// Why a request is refused.
enum Refusal {
    Secret,
    Http2,
    Late,
    Order(OrderError),
    TooLong,
    CutOff,
    Unable(&'static str),
    Busy,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, said) = match self {
            Self::Secret => (StatusCode::UNAUTHORIZED, "this is not the secret".to_owned()),
            Self::Http2 => (StatusCode::HTTP_VERSION_NOT_SUPPORTED, "ask in HTTP/2".to_owned()),
            Self::Late => (StatusCode::REQUEST_TIMEOUT, "no order came".to_owned()),
            Self::Order(OrderError::Version) => {
                (StatusCode::CONFLICT, OrderError::Version.to_string())
            }
            Self::Order(error) => (StatusCode::BAD_REQUEST, error.to_string()),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "the order is too long".to_owned()),
            Self::CutOff => (StatusCode::BAD_REQUEST, "the order is cut off".to_owned()),
            Self::Unable(what) => (StatusCode::UNPROCESSABLE_ENTITY, what.to_owned()),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "all places are taken".to_owned()),
        };
        let mut response = (status, format!("{said}\n")).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
        }
        response
    }
}

/// Everything a node answers.
pub fn router(settings: Settings) -> Router {
    let Settings { ffmpeg, abilities, build, n_cores, max_films, secret } = settings;
    let n_pictures = max_films.max(1);
    let n_sounds = n_pictures * SOUNDS_PER_PICTURE;
    let node = Arc::new(Node {
        ffmpeg,
        offer: Offer {
            protocol: PROTOCOL,
            making: MAKING,
            build,
            has_zscale: abilities.has_zscale,
            has_libass: abilities.has_libass,
            n_cores,
            n_pictures,
            n_sounds,
        },
        digest: secret.map(|it| Sha256::digest(it).into()),
        pictures: Arc::new(Semaphore::new(n_pictures)),
        sounds: Arc::new(Semaphore::new(n_sounds)),
    });
    Router::new()
        .route(ABILITIES, get(tell))
        .route(RUNS, post(make))
        .layer(from_fn_with_state(Arc::clone(&node), authorize))
        .with_state(node)
}

/// Lets in who knows the secret, and tells nobody by the time it takes how much of it was right.
async fn authorize(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    if let Some(digest) = &node.digest {
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given.and_then(|it| it.as_bytes().strip_prefix(b"Bearer "));
        let given: [u8; 32] = Sha256::digest(given.unwrap_or_default()).into();
        if !bool::from(given.ct_eq(digest)) {
            tracing::debug!("node.stranger");
            return Refusal::Secret.into_response();
        }
    }
    next.run(request).await
}

async fn tell(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let json = serde_json::to_vec(&node.offer).expect("numbers and text are JSON");
    ([(header::CONTENT_TYPE, "application/json")], json)
}

/// Carries out an order. The answer begins when there is a place for it.
async fn make(State(node): State<Arc<Node>>, request: Request) -> Result<Response, Refusal> {
    // In HTTP/1 nobody could answer while the feed still comes.
    if request.version() != Version::HTTP_2 {
        return Err(Refusal::Http2);
    }
    let mut chunks = request.into_body().into_data_stream().boxed();
    let reading = tokio::time::timeout(ORDER_PATIENCE, read_order(&mut chunks)).await;
    let (order, first) = reading.map_err(|_| Refusal::Late)??;
    if order.needs_zscale() && !node.offer.has_zscale {
        return Err(Refusal::Unable("this FFmpeg has no filter zscale"));
    }
    if order.needs_libass() && !node.offer.has_libass {
        return Err(Refusal::Unable("this FFmpeg does not draw text"));
    }
    let places = if order.is_picture() { &node.pictures } else { &node.sounds };
    let place = Arc::clone(places).try_acquire_owned().map_err(|_| Refusal::Busy)?;
    let (output, answer) = tokio::io::duplex(ANSWER_BYTES);
    let feed = StreamReader::new(Box::pin(feed(first, chunks)));
    let running = tokio::spawn(Arc::clone(&node).run(order, feed, output, place));
    let answering = Answering { answer, running: Some(AbortOnDropHandle::new(running)) };
    let frames = stream::unfold(answering, Answering::next);
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(response)
}

type Chunks = BoxStream<'static, Result<Bytes, axum::Error>>;

/// The order at the head of a body, and what came of the feed behind it.
async fn read_order(chunks: &mut Chunks) -> Result<(Order, Bytes), Refusal> {
    let mut head: Vec<u8> = Vec::new();
    loop {
        if let Some((length, rest)) = head.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*length) as usize;
            if length > MAX_ORDER_BYTES {
                return Err(Refusal::TooLong);
            }
            if let Some((order, first)) = rest.split_at_checked(length) {
                let order = Order::read(order).map_err(Refusal::Order)?;
                return Ok((order, Bytes::copy_from_slice(first)));
            }
        }
        match chunks.next().await {
            Some(Ok(chunk)) => head.extend_from_slice(&chunk),
            _ => return Err(Refusal::CutOff),
        }
    }
}

/// The feed as FFmpeg is given it. The next chunk is asked for when the one before was taken.
fn feed(
    first: Bytes,
    chunks: Chunks,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let rest = stream::try_unfold((chunks, 0_u64), |(mut chunks, taken)| async move {
        let chunk = tokio::time::timeout(FEED_PATIENCE, chunks.next()).await;
        let chunk = chunk.map_err(|_| std::io::Error::other("the feed stopped"))?;
        let Some(chunk) = chunk else { return Ok(None) };
        let chunk = chunk.map_err(std::io::Error::other)?;
        let taken = taken + chunk.len() as u64;
        if taken > MAX_FEED_BYTES {
            return Err(std::io::Error::other("the feed is too long"));
        }
        Ok(Some((chunk, (chunks, taken))))
    });
    stream::once(async move { Ok(first) }).chain(rest)
}

impl Node {
    async fn run(
        self: Arc<Self>,
        order: Order,
        feed: impl tokio::io::AsyncRead + Unpin,
        output: DuplexStream,
        _place: OwnedSemaphorePermit,
    ) -> Result<String, ToolError> {
        let began = std::time::Instant::now();
        let ffmpeg = self.ffmpeg.holding(order.held_bytes());
        let made = ffmpeg.run_into(&order.args(), Limits::SEGMENT, feed, output).await;
        let duration_ms = began.elapsed().as_millis() as u64;
        match &made {
            Ok(said) => {
                for lacking in confine::lacking(said) {
                    tracing::warn!("{lacking}");
                }
                tracing::debug!(is_picture = order.is_picture(), duration_ms, "node.made");
            }
            Err(error) => tracing::warn!(error = %error, duration_ms, "node.failed"),
        }
        made
    }
}

/// An answer on its way. Dropping it ends the child.
struct Answering {
    answer: DuplexStream,
    /// Until its end was told.
    running: Option<AbortOnDropHandle<Result<String, ToolError>>>,
}

impl Answering {
    async fn next(mut self) -> Option<(std::io::Result<Frame<Bytes>>, Self)> {
        self.running.as_ref()?;
        let mut chunk = Vec::with_capacity(ANSWER_BYTES);
        match self.answer.read_buf(&mut chunk).await {
            Ok(0) => {}
            Ok(_) => return Some((Ok(Frame::data(chunk.into())), self)),
            Err(error) => return Some((Err(error), self)),
        }
        let ended = self.running.take()?.await;
        let frame = match ended {
            Ok(ended) => Ok(Frame::trailers(trailers(&ended))),
            Err(error) => Err(std::io::Error::other(error)),
        };
        Some((frame, self))
    }
}

fn trailers(ended: &Result<String, ToolError>) -> HeaderMap {
    let (outcome, said) = match ended {
        Ok(said) => (MADE, said.clone()),
        Err(error) => (FAILED, error.to_string()),
    };
    let said = HeaderValue::from_str(&STANDARD.encode(said));
    HeaderMap::from_iter([
        (HeaderName::from_static(OUTCOME), HeaderValue::from_static(outcome)),
        (HeaderName::from_static(SAID), said.unwrap_or(HeaderValue::from_static(""))),
    ])
}
