//! The web app: static files inside the binary, sent as they were compressed when it was built.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

/// The built web app. In a debug build the files are read from disk, so that a change in the web app needs no build here.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/build"]
#[allow_missing = true]
struct WebApp;

/// The page of every address that is no file: the app's router takes over in the browser.
const SHELL: &str = "200.html";

/// The codings in which a build holds its files beside the plain ones, best first, and how those files end.
const COMPRESSED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Files under here carry a hash of their content in their name: they never change.
const IMMUTABLE: &str = "_app/immutable/";

/// What the app's pages may load and run, with the hashes of the shell's own scripts and styles: written by the web app's
/// build, because only it knows them.
static CONTENT_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let written = WebApp::get("csp.json")
        .and_then(|file| serde_json::from_slice::<Policy>(&file.data).ok())
        .and_then(|it| HeaderValue::from_str(&it.policy).ok());
    written.unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
});

/// The file `csp.json` of a build.
#[derive(Deserialize)]
struct Policy {
    policy: String,
}

/// Serves a file of the app, or its shell.
pub async fn serve(request: Request) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "the web app is only read");
    }
    let path = request.uri().path().trim_start_matches('/');
    let has_file = !path.is_empty()
        && !COMPRESSED.iter().any(|(_, ending)| path.ends_with(ending))
        && WebApp::get(path).is_some();
    // A missing script must be told as missing, or an old page would run the shell's HTML as code.
    if !has_file && path.starts_with("_app/") {
        return plain(
            StatusCode::NOT_FOUND,
            "there is no such file in this version of the web app",
        );
    }
    let name = if has_file { path } else { SHELL };
    let Some((file, encoding)) = best(name, request.headers()) else {
        return plain(
            StatusCode::NOT_FOUND,
            "this build has no web app in it; the API is at /api/v1",
        );
    };
    answer(name, file, encoding, request.headers())
}

fn best(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let accepts = |coding: &str| {
        accepted.split(',').any(|it| it.split(';').next().unwrap_or_default().trim() == coding)
    };
    for (coding, ending) in COMPRESSED {
        if accepts(coding)
            && let Some(file) = WebApp::get(&format!("{name}{ending}"))
        {
            return Some((file, Some(coding)));
        }
    }
    WebApp::get(name).map(|file| (file, None))
}

fn answer(
    name: &str,
    file: EmbeddedFile,
    encoding: Option<&'static str>,
    headers: &HeaderMap,
) -> Response<Body> {
    let hash = file.metadata.sha256_hash();
    let etag =
        format!("\"{:032x}\"", uuid::Uuid::from_slice(&hash[..16]).unwrap_or_default().as_u128());
    let mut response = Response::new(Body::empty());
    let fields = response.headers_mut();
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let lifetime = if name.starts_with(IMMUTABLE) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        fields.insert(header::ETAG, etag);
    }
    fields.insert(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY.clone());
    if wire::conditional::is_unchanged(headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let mime =
        if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    if let Ok(mime) = HeaderValue::from_str(&mime) {
        fields.insert(header::CONTENT_TYPE, mime);
    }
    if let Some(encoding) = encoding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    *response.body_mut() = Body::from(file.data.into_owned());
    response
}

fn plain(status: StatusCode, words: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
