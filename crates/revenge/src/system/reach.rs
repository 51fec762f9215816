//! How people reach the server from outside, and what a proxy before it commonly does wrong.

mod passing;

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, Url};

use super::Part;
use crate::config::ServerSection;

const PUBLIC_URL: &str = "public_url";
const PROXY: &str = "proxy";
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: usize = 64 << 10;
/// What comes back with its answer only from us.
const MARK: &str = "doctor";

/// A proxy of this network that forwards and is not named.
pub fn unnamed_proxy_part(unnamed: Option<IpAddr>) -> Option<Part> {
    let address = unnamed?;
    let found = format!("{address} forwards requests and is not trusted");
    let advice = format!(
        "if it is your proxy, add {address} to server.trusted_proxies: else all that come through it count as one in limits \
         and lists, and nobody's https is seen"
    );
    Some(Part::degraded(PROXY, found, advice))
}

/// What the configuration says, held against what is really there.
pub async fn parts(section: &ServerSection) -> Vec<Part> {
    let Some(text) = section.public_url.as_deref().filter(|it| !it.is_empty()) else {
        return vec![Part::fine(PUBLIC_URL, "not set: people use the addresses they know")];
    };
    let url = match text.parse::<Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        Ok(_) | Err(_) => {
            let advice = "say it as people type it: https://media.example.org";
            return vec![Part::degraded(PUBLIC_URL, format!("\"{text}\" is no address"), advice)];
        }
    };
    let mut parts = Vec::new();
    if url.scheme() == "https" && section.trusted_proxies.is_empty() {
        parts.push(Part::degraded(
            PROXY,
            "https ends at a proxy, and server.trusted_proxies names none",
            "add the proxy's address to server.trusted_proxies: else everybody counts as one in limits and lists",
        ));
    }
    if url.path() != "/" {
        parts.push(Part::degraded(
            PUBLIC_URL,
            format!("{url} has a path"),
            "give the server a name of its own, without a path: its pages and links begin at the root",
        ));
        return parts;
    }
    match outbound::trusted_client() {
        Ok(client) => parts.extend(look(&client, &url).await),
        Err(error) => parts.push(Part::degraded(PUBLIC_URL, error.to_string(), "see the log")),
    }
    parts
}

/// Goes there as anybody would.
async fn look(client: &Client, url: &Url) -> Vec<Part> {
    let (status, mark, _) = match ask(client, url, "healthz").await {
        Ok(answer) => answer,
        Err(error) => {
            let advice = "fine while the server is stopped, or where this network does not reach its own public address; else \
                          look at the name, the certificate and the proxy";
            return vec![Part::degraded(PUBLIC_URL, format!("{url}: {error}"), advice)];
        }
    };
    if status != 200 || mark.as_deref() != Some(MARK) {
        let found = format!(
            "{url} answers with status {status}, and it is not Revenge, or not all of its headers arrive"
        );
        let advice = "let the proxy send all of that name to the server (deploy/proxy), or correct server.public_url";
        return vec![Part::degraded(PUBLIC_URL, found, advice)];
    }
    let mut parts = vec![Part::fine(PUBLIC_URL, format!("{url} leads here"))];
    if let Ok((200, _, body)) = ask(client, url, "metrics").await
        && body.contains("revenge_")
    {
        let advice = "if others than your own network reach that, let the proxy answer /metrics itself with 404, as the examples in \
                      deploy/proxy do";
        parts.push(Part::degraded(PROXY, format!("{url}metrics answers"), advice));
    }
    parts.extend(passing::parts(client, url).await);
    parts
}

/// The status, our mark if it came back, and the beginning of the body.
async fn ask(
    client: &Client,
    url: &Url,
    path: &str,
) -> Result<(u16, Option<String>, String), String> {
    let told = |error: &reqwest::Error| {
        let mut words = vec![];
        let mut next: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = next {
            words.push(error.to_string());
            next = error.source();
        }
        words.join(": ")
    };
    let request = client.get(format!("{url}{path}")).header("x-request-id", MARK).timeout(PATIENCE);
    let mut answer = request.send().await.map_err(|it| told(&it.without_url()))?;
    let status = answer.status().as_u16();
    let mark = answer.headers().get("x-request-id").and_then(|it| it.to_str().ok());
    let mark = mark.map(str::to_owned);
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER_BYTES
        && let Some(chunk) = answer.chunk().await.map_err(|it| told(&it.without_url()))?
    {
        body.extend_from_slice(&chunk);
    }
    Ok((status, mark, String::from_utf8_lossy(&body).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn section(public_url: &str, proxies: &[&str]) -> ServerSection {
        ServerSection {
            public_url: Some(public_url.to_owned()),
            trusted_proxies: proxies.iter().map(|it| it.parse().expect("an address")).collect(),
            ..ServerSection::default()
        }
    }

    /// A proxy that answers so.
    async fn serve(router: axum::Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// Each part by its name, its status, and words of what was found or advised.
    fn check(parts: &[Part], expect: &[(&str, Status, &str)]) {
        assert_eq!(parts.len(), expect.len(), "{parts:?}");
        for (part, (name, status, words)) in parts.iter().zip(expect) {
            assert_eq!((part.name, part.status), (*name, *status), "{part:?}");
            let text = format!("{} {}", part.found, part.advice.clone().unwrap_or_default());
            assert!(text.contains(words), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_no_public_address_is_said_without_a_call() {
        check(&parts(&ServerSection::default()).await, &[(PUBLIC_URL, Status::Fine, "not set")]);
        for wrong in ["media.example.org", "ftp://media.example.org", "https://"] {
            check(
                &parts(&section(wrong, &[])).await,
                &[(PUBLIC_URL, Status::Degraded, "no address")],
            );
        }
        let below = parts(&section("https://example.org/media", &["10.0.0.1"])).await;
        check(&below, &[(PUBLIC_URL, Status::Degraded, "has a path")]);
        let both = parts(&section("https://example.org/media", &[])).await;
        check(
            &both,
            &[(PROXY, Status::Degraded, "names none"), (PUBLIC_URL, Status::Degraded, "path")],
        );
    }

    #[tokio::test]
    async fn a_proxy_is_looked_through() {
        use axum::http::HeaderMap;
        use axum::routing::get;
        let alive = get(async |headers: HeaderMap| {
            ([("x-request-id", headers["x-request-id"].clone())], "alive\n")
        });
        let good = serve(axum::Router::new().route("/healthz", alive.clone())).await;
        check(&parts(&section(&good, &[])).await, &[(PUBLIC_URL, Status::Fine, "leads here")]);

        let numbers = get(async || "revenge_jobs 1\n");
        let open = axum::Router::new().route("/healthz", alive).route("/metrics", numbers);
        let open = serve(open).await;
        let told = [(PUBLIC_URL, Status::Fine, "leads here"), (PROXY, Status::Degraded, "404")];
        check(&parts(&section(&open, &[])).await, &told);

        let other = serve(axum::Router::new().route("/healthz", get(async || "It works!"))).await;
        check(
            &parts(&section(&other, &[])).await,
            &[(PUBLIC_URL, Status::Degraded, "not Revenge")],
        );
        let empty = serve(axum::Router::new()).await;
        check(&parts(&section(&empty, &[])).await, &[(PUBLIC_URL, Status::Degraded, "status 404")]);
        // Nobody listens there.
        let nobody = parts(&section("http://127.0.0.1:9", &[])).await;
        check(&nobody, &[(PUBLIC_URL, Status::Degraded, "refused")]);
    }
}
