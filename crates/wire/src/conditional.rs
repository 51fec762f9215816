//! Conditional answers (RFC 9110, section 13): what a client has already need not travel again.

use axum::http::{HeaderMap, header};

/// Whether the client already holds the representation with this entity tag: answer 304 then.
///
/// `etag` is in its wire form, with quotes. The comparison is the weak one, as `If-None-Match` asks for.
pub fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let mut headers = HeaderMap::new();
        assert!(!is_unchanged(&headers, "\"a\""));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\", W/\"a\""));
        assert!(is_unchanged(&headers, "\"a\""));
        assert!(!is_unchanged(&headers, "\"b\""));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        assert!(is_unchanged(&headers, "\"b\""));
    }
}
