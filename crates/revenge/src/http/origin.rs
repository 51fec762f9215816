//! Finds out where a request comes from, past the proxies the owner trusts.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use wire::Origin;

/// The proxies whose word is believed.
pub type Proxies = Arc<[IpAddr]>;

const FORWARDING_HEADERS: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// The first address of this network that forwarded a request and is named nowhere: a proxy that the owner forgot.
pub type UnnamedProxy = Arc<OnceLock<IpAddr>>;

/// Puts the [`Origin`] into the request.
pub async fn find(
    State((proxies, unnamed)): State<(Proxies, UnnamedProxy)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = peer_of(&request);
    if is_unnamed_proxy(peer, request.headers(), &proxies) {
        unnamed.get_or_init(|| peer);
    }
    let origin = origin_of(peer, request.headers(), &proxies);
    request.extensions_mut().insert(origin);
    next.run(request).await
}

/// Whether what a request says beside itself may be believed: it comes from a trusted proxy, or from this machine directly.
pub fn is_trusted(request: &Request, proxies: &Proxies) -> bool {
    let peer = peer_of(request);
    proxies.contains(&peer) || origin_of(peer, request.headers(), proxies).is_local
}

/// Strangers on the internet may claim what they like; who forwards from a private address is a proxy.
fn is_unnamed_proxy(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> bool {
    let is_private = match peer {
        IpAddr::V4(it) => it.is_private() || it.is_loopback(),
        IpAddr::V6(it) => it.is_unique_local() || it.is_loopback(),
    };
    is_private
        && !proxies.contains(&peer)
        && FORWARDING_HEADERS.iter().any(|name| headers.contains_key(*name))
}

fn peer_of(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::from([0, 0, 0, 0]), |it| it.0.ip().to_canonical())
}

fn origin_of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Origin {
    let is_forwarded = FORWARDING_HEADERS.iter().any(|name| headers.contains_key(*name));
    if !proxies.contains(&peer) {
        // "Local" opens the first-run wizard without a code. A proxy on this machine makes everybody look local, and a
        // page of a foreign name that resolves to this machine is not ours, so both are ruled out.
        let is_local = peer.is_loopback() && !is_forwarded && host_is_this_machine(headers);
        return Origin { address: peer, peer, is_local, is_secure: false };
    }
    let chain = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','));
    let addresses: Vec<IpAddr> = chain.map_while(|it| it.trim().parse().ok()).collect();
    // The nearest address that is no proxy of ours: those before it anybody may have made up.
    let address = addresses.iter().rev().find(|it| !proxies.contains(it)).copied().unwrap_or(peer);
    let is_secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"https"));
    Origin { address, peer, is_local: false, is_secure }
}

fn host_is_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(peer: &str, headers: &[(&'static str, &'static str)], expect: (&str, bool, bool)) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let proxies =
            ["10.0.0.1".parse().expect("an address"), "10.0.0.2".parse().expect("an address")];
        let origin = origin_of(peer.parse().expect("an address"), &map, &proxies);
        let found = (origin.address.to_string(), origin.is_local, origin.is_secure);
        assert_eq!((found.0.as_str(), found.1, found.2), expect, "{peer} {headers:?}");
    }

    #[test]
    fn only_a_browser_on_this_machine_is_local() {
        check("127.0.0.1", &[("host", "localhost:8096")], ("127.0.0.1", true, false));
        check("::1", &[("host", "[::1]:8096")], ("::1", true, false));
        check("127.0.0.1", &[("host", "evil.example:8096")], ("127.0.0.1", false, false));
        check(
            "127.0.0.1",
            &[("host", "localhost"), ("x-forwarded-for", "127.0.0.1")],
            ("127.0.0.1", false, false),
        );
        check("192.168.1.5", &[("host", "localhost")], ("192.168.1.5", false, false));
    }

    #[test]
    fn who_forwards_from_this_network_without_a_name_is_noticed() {
        let named = ["10.0.0.1".parse().expect("an address")];
        let mut forwarded = HeaderMap::new();
        forwarded.insert("x-forwarded-for", HeaderValue::from_static("1.2.3.4"));
        for (peer, headers, expect) in [
            ("10.0.0.2", &forwarded, true),
            ("127.0.0.1", &forwarded, true),
            ("fd00::2", &forwarded, true),
            ("10.0.0.1", &forwarded, false),
            ("8.8.8.8", &forwarded, false),
            ("10.0.0.2", &HeaderMap::new(), false),
        ] {
            let peer = peer.parse().expect("an address");
            assert_eq!(is_unnamed_proxy(peer, headers, &named), expect, "{peer}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check(
            "192.168.1.5",
            &[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")],
            ("192.168.1.5", false, false),
        );
        check(
            "10.0.0.1",
            &[("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.2"), ("x-forwarded-proto", "https")],
            ("1.2.3.4", false, true),
        );
        check("10.0.0.1", &[("x-forwarded-for", "garbage")], ("10.0.0.1", false, false));
    }
}
