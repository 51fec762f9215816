//! Whether a proxy passes on what it gets, as it gets it: bytes at once, parts as parts, films as they are.

use std::time::Instant;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RANGE};
use reqwest::{Client, Response, Url};

use super::{PATIENCE, PROXY, Part};
use crate::http::probe::{BYTES, KIND, LENGTH, PART, PAUSE, PIECES, STREAM, range};

/// A busy machine may read both pieces late, and so together; a proxy does it every time.
const ATTEMPTS: usize = 2;

/// What is not passed on as it should be. What does not answer is told elsewhere.
pub(super) async fn parts(client: &Client, url: &Url) -> Vec<Part> {
    let mut parts = Vec::new();
    if is_held_back(client, url).await {
        parts.push(Part::degraded(
            PROXY,
            "it keeps bytes back until it has all: live events come late, and so do films that are converted",
            "nginx: proxy_buffering off; Caddy: flush_interval -1 in reverse_proxy (deploy/proxy)",
        ));
    }
    let ask = client.get(format!("{url}{BYTES}")).timeout(PATIENCE);
    if let Ok(answer) = ask.header(RANGE, range()).send().await
        && is_ours(&answer)
    {
        let is_part = answer.status() == 206;
        let length = answer.bytes().await.map_or(0, |it| it.len());
        if !is_part || length != PART.1 - PART.0 + 1 {
            parts.push(Part::degraded(
                PROXY,
                format!("it answers a request for a part with {length} bytes, not with that part: nobody can seek in films"),
                "nginx: proxy_set_header Range $http_range and If-Range $http_if_range, and no proxy_cache or proxy_force_ranges for \
                 this name; Caddy: no header_up -Range, no cache before reverse_proxy",
            ));
        }
    }
    let ask = client.get(format!("{url}{BYTES}")).timeout(PATIENCE);
    if let Ok(answer) = ask.header(ACCEPT_ENCODING, "gzip, br, zstd, deflate").send().await
        && is_ours(&answer)
    {
        let coding = answer.headers().get(CONTENT_ENCODING);
        let coding = coding.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        let length = answer.bytes().await.map_or(0, |it| it.len());
        if coding.is_some() || length != LENGTH {
            let coding = coding.unwrap_or_else(|| "something unsaid".to_owned());
            parts.push(Part::degraded(
                PROXY,
                format!("it compresses films ({coding}): that costs time, and their length and parts are lost"),
                "nginx: gzip off for this name, or no video and audio types and no * in gzip_types; Caddy: no encode for video/* and \
                 audio/*, Revenge compresses what is worth it",
            ));
        }
    }
    parts
}

/// Whether it is an answer of ours: a Revenge from before, or anything else, has none at that address.
fn is_ours(answer: &Response) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE);
    (answer.status() == 200 || answer.status() == 206) && kind.is_some_and(|it| it == KIND)
}

/// Whether the first piece comes with the second, each time.
async fn is_held_back(client: &Client, url: &Url) -> bool {
    for _ in 0..ATTEMPTS {
        match comes_apart(client, url).await {
            Some(false) => {}
            Some(true) | None => return false,
        }
    }
    true
}

/// Whether the pieces come one after the other; `None` where they do not come.
async fn comes_apart(client: &Client, url: &Url) -> Option<bool> {
    let answer = client.get(format!("{url}{STREAM}")).timeout(PATIENCE).send().await;
    let mut answer = answer.ok().filter(|it| it.status() == 200)?;
    let whole: usize = PIECES.iter().map(|it| it.len()).sum();
    let mut length = 0;
    let mut first = None;
    while length < whole
        && let Some(piece) = answer.chunk().await.ok()?
    {
        length += piece.len();
        // What comes as one came together, however long this task is then made to wait.
        if length < whole {
            first.get_or_insert_with(Instant::now);
        }
    }
    // Anything else is not our answer.
    (length == whole).then(|| first.is_some_and(|it| it.elapsed() > PAUSE / 4))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::extract::{Request, State};
    use axum::http::header;
    use axum::response::{IntoResponse as _, Response};
    use tower_http::compression::CompressionLayer;
    use tower_http::compression::predicate::SizeAbove;

    use super::*;
    use crate::http::probe;

    /// What a proxy does wrong.
    #[derive(Clone, Copy, Default)]
    struct Manners {
        holds_back: bool,
        strips_range: bool,
        compresses: bool,
    }

    async fn serve(router: Router) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/").parse().expect("an address")
    }

    async fn forward(
        State((client, behind, manners)): State<(Client, Url, Manners)>,
        request: Request,
    ) -> Response {
        let mut headers = request.headers().clone();
        headers.remove(header::HOST);
        if manners.strips_range {
            headers.remove(header::RANGE);
        }
        let path = request.uri().path().trim_start_matches('/');
        let answer = client.get(format!("{behind}{path}")).headers(headers).send().await;
        let answer = answer.expect("what is behind answers");
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        // How it came is between the two of us.
        headers.remove(header::TRANSFER_ENCODING);
        let mut body = Body::from_stream(answer.bytes_stream());
        if manners.holds_back {
            body = Body::from(to_bytes(body, 1 << 20).await.expect("small"));
        }
        (status, headers, body).into_response()
    }

    /// What is said of a proxy with such manners before our answers.
    async fn told(manners: Manners) -> String {
        let client = outbound::trusted_client().expect("a client");
        let behind = serve(probe::routes()).await;
        let mut proxy =
            Router::new().fallback(forward).with_state((client.clone(), behind, manners));
        if manners.compresses {
            proxy = proxy.layer(CompressionLayer::new().compress_when(SizeAbove::new(100)));
        }
        let parts = parts(&client, &serve(proxy).await).await;
        let texts = parts.iter().map(|it| {
            assert_eq!(it.name, PROXY);
            format!("{} {}", it.found, it.advice.as_deref().unwrap_or_default())
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn a_proxy_that_passes_everything_on_is_not_spoken_of() {
        assert_eq!(told(Manners::default()).await, "");
    }

    #[tokio::test]
    async fn a_proxy_that_holds_bytes_back_is_told_of() {
        let text = told(Manners { holds_back: true, ..Manners::default() }).await;
        assert!(text.contains("keeps bytes back"), "{text}");
        assert!(
            text.contains("proxy_buffering off") && text.contains("flush_interval -1"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[tokio::test]
    async fn a_proxy_that_drops_ranges_is_told_of() {
        let text = told(Manners { strips_range: true, ..Manners::default() }).await;
        assert!(text.contains("with 4096 bytes") && text.contains("seek"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[tokio::test]
    async fn a_proxy_that_compresses_films_is_told_of() {
        let text = told(Manners { compresses: true, ..Manners::default() }).await;
        assert!(text.contains("compresses films (") && text.contains("gzip_types"), "{text}");
    }

    #[tokio::test]
    async fn what_does_not_know_these_answers_is_not_blamed() {
        let client = outbound::trusted_client().expect("a client");
        let older = serve(Router::new()).await;
        assert_eq!(parts(&client, &older).await.len(), 0);
        let page = serve(Router::new().fallback(async || "It works!")).await;
        assert_eq!(parts(&client, &page).await.len(), 0);
    }
}
