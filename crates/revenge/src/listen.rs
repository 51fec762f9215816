//! Accepting connections: header time-outs, a bound on their number, and a stop that lets answers finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Connections at once; the next one waits in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;
/// A client that takes longer for its request line and headers is not one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// Answers that are still on their way get this long when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves `router` until `stop`, encrypted where there is a certificate.
pub async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .keep_alive_interval(Duration::from_secs(30));
    let builder = Arc::new(builder);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: taking no more for a moment lets others end.
                    tracing::warn!(error = %error, "connection.refused");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "connection.delayed");
        }
        let (builder, router, watcher) = (Arc::clone(&builder), router.clone(), graceful.watcher());
        match tls.clone() {
            None => drop(tokio::spawn(converse(builder, stream, peer, router, watcher, place))),
            Some(tls) => drop(tokio::spawn(async move {
                match tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        converse(builder, stream, peer, router, watcher, place).await;
                    }
                    Ok(Err(error)) => tracing::debug!(error = %error, "connection.unencrypted"),
                    Err(_) => tracing::debug!("connection.late"),
                }
            })),
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::info!("connections.cut");
    }
}

/// Answers what one connection asks; a connection that breaks is the client's business.
async fn converse(
    builder: Arc<auto::Builder<TokioExecutor>>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
) {
    let service = tower::service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error = %error, "connection.broken");
    }
}
