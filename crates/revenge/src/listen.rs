//! Accepting connections: header time-outs, a bound on their number, and a stop that lets answers finish.

mod places;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Version;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use wire::sendfile::{Connection, Line};

use self::places::{Place, Places};
use crate::http::origin::Proxies;

/// A client that takes longer for its request line and headers is not one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// Answers that are still on their way get this long when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves `router` until `stop`, encrypted where there is a certificate; behind `proxies` are many.
pub async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    proxies: Proxies,
    stop: CancellationToken,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Written as it comes: what stands for a stretch of a file must not be copied.
    builder.http1().writev(true).timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .keep_alive_interval(Duration::from_secs(30));
    let builder = Arc::new(builder);
    let places = Places::new(proxies);
    let graceful = GracefulShutdown::new();
    loop {
        let Some(place) = places.next().await else { break };
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
        let Some(place) = places.take(place, peer.ip()) else {
            tracing::debug!(%peer, "connection.too_many");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "connection.delayed");
        }
        let (builder, router, watcher) = (Arc::clone(&builder), router.clone(), graceful.watcher());
        match tls.clone() {
            None => {
                let stream = Connection::new(stream);
                let line = Some(stream.line());
                tokio::spawn(converse(builder, (stream, line), peer, router, watcher, place));
            }
            Some(tls) => drop(tokio::spawn(async move {
                match tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        converse(builder, (stream, None), peer, router, watcher, place).await;
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
    (stream, line): (impl AsyncRead + AsyncWrite + Unpin + Send + 'static, Option<Line>),
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    _place: Place,
) {
    let service = tower::service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(line) = line.clone().filter(|_| request.version() <= Version::HTTP_11) {
            request.extensions_mut().insert(line);
        }
        router.clone().oneshot(request)
    });
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error = %error, "connection.broken");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::PathBuf;

    use axum::Extension;
    use axum::extract::State;
    use axum::http::{HeaderMap, Method};
    use axum::routing::get;
    use playback::direct;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Large enough for several stretches, and for the sockets' buffers to fill.
    const SIZE: usize = 9 << 20;

    async fn film(
        State(path): State<PathBuf>,
        line: Option<Extension<Line>>,
        headers: HeaderMap,
    ) -> axum::response::Response {
        let opened = direct::open(path).await.expect("the file is there");
        let line = line.map(|it| it.0);
        direct::respond(opened, &Method::GET, &headers, "video/mp4", line).expect("an answer")
    }

    /// A server of one file, that file, and its bytes.
    async fn serve_film() -> (SocketAddr, tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..SIZE).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&bytes).expect("space for it");
        let router = Router::new().route("/film", get(film)).with_state(file.path().to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(listen(listener, None, router, Proxies::default(), CancellationToken::new()));
        (address, file, bytes)
    }

    #[tokio::test]
    async fn ranges_of_a_file_come_one_behind_the_other_on_one_connection() {
        let (address, _file, bytes) = serve_film().await;
        let mut client = TcpStream::connect(address).await.expect("the server");
        let ranges = [(0, SIZE - 1), (5, 5), (1_000_003, 4_000_000), (SIZE - 9, SIZE - 1)];
        // All at once, so that every answer has the next one's head right behind it.
        for (first, last) in ranges {
            let request =
                format!("GET /film HTTP/1.1\r\nhost: a\r\nrange: bytes={first}-{last}\r\n\r\n");
            client.write_all(request.as_bytes()).await.expect("a connection");
        }
        for (first, last) in ranges {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.expect("a head"));
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            assert!(head.starts_with("http/1.1 206"), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", last - first + 1)), "{head}");
            let mut body = vec![0; last - first + 1];
            client.read_exact(&mut body).await.expect("a body");
            assert!(body == bytes[first..=last], "{first}-{last}");
        }
    }

    #[tokio::test]
    async fn a_file_comes_whole_over_http_2() {
        let (address, _file, bytes) = serve_film().await;
        let stream = TcpStream::connect(address).await.expect("the server");
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .expect("a server that speaks it");
        tokio::spawn(connection);
        let request = http::Request::get(format!("http://{address}/film"));
        let request = request.body(Body::empty()).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        let body =
            axum::body::to_bytes(Body::new(answer.into_body()), SIZE).await.expect("all of it");
        assert!(body == bytes);
    }
}
