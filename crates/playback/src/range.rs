//! Byte ranges (RFC 9110, section 14): which part of a file a client wants.

use axum::http::{HeaderMap, header};

/// What part of a representation to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, both ends included.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// A range that lies outside, or several at once: refused, because no player needs a multipart answer and a client
    /// that asks for hundreds of overlapping ranges wants something else.
    Unsatisfiable,
}

/// Reads `Range` and `If-Range` against a file of `size` bytes, which `validators` tell from others: its strong entity tag, and
/// its date as `Last-Modified` has it.
///
/// Another unit than bytes, or something that is no range at all, is ignored as the standard asks.
pub fn wanted(headers: &HeaderMap, size: u64, validators: &[&str]) -> Wanted {
    let Some(range) = headers.get(header::RANGE) else { return Wanted::Whole };
    if let Some(condition) = headers.get(header::IF_RANGE)
        && !condition.to_str().is_ok_and(|it| validators.contains(&it))
    {
        // Another date, a weak tag or an older file: the client's part does not fit this one, so it gets all of it.
        return Wanted::Whole;
    }
    let Some(set) = range.to_str().ok().and_then(|it| it.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    if set.contains(',') {
        return Wanted::Unsatisfiable;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Wanted::Whole };
    match (number(first), number(last)) {
        (Some(Ok(first)), Some(Ok(last))) if first <= last && first < size => {
            Wanted::Part { first, last: last.min(size - 1) }
        }
        (Some(Ok(first)), None) if first < size => Wanted::Part { first, last: size - 1 },
        (None, Some(Ok(length))) if length > 0 && size > 0 => {
            Wanted::Part { first: size.saturating_sub(length), last: size - 1 }
        }
        (Some(Ok(first)), Some(Ok(last))) if first > last => Wanted::Whole,
        (Some(Ok(_)), _) | (None, Some(Ok(_))) => Wanted::Unsatisfiable,
        _ => Wanted::Whole,
    }
}

/// `None` for an end that was left open, an error for what is no number. A number beyond 64 bits is just very large.
fn number(text: &str) -> Option<Result<u64, ()>> {
    if text.is_empty() {
        return None;
    }
    if !text.bytes().all(|it| it.is_ascii_digit()) {
        return Some(Err(()));
    }
    Some(Ok(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const VALIDATORS: &[&str] = &["\"e\"", DATE];

    fn check(range: &str, expect: Wanted) {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).expect("a header"));
        assert_eq!(wanted(&headers, 1000, VALIDATORS), expect, "{range}");
    }

    #[test]
    fn one_range_of_bytes_is_understood_in_all_its_forms() {
        check("bytes=0-499", Wanted::Part { first: 0, last: 499 });
        check("bytes=999-", Wanted::Part { first: 999, last: 999 });
        check("bytes=-1", Wanted::Part { first: 999, last: 999 });
        check("bytes=-5000", Wanted::Part { first: 0, last: 999 });
        check("bytes=10-99999999999999999999999", Wanted::Part { first: 10, last: 999 });
    }

    #[test]
    fn what_lies_outside_or_asks_for_several_is_refused() {
        for range in [
            "bytes=1000-",
            "bytes=1000-1001",
            "bytes=-0",
            "bytes=0-1,5-6",
            "bytes=99999999999999999999-",
        ] {
            check(range, Wanted::Unsatisfiable);
        }
    }

    #[test]
    fn what_is_no_range_of_bytes_is_ignored() {
        for range in
            ["lines=1-2", "bytes=a-b", "bytes=5", "bytes=", "bytes=-", "bytes=9-3", "bytes=+1-2"]
        {
            check(range, Wanted::Whole);
        }
    }

    #[test]
    fn nothing_of_an_empty_file_can_be_a_part() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-"));
        assert_eq!(wanted(&headers, 0, VALIDATORS), Wanted::Unsatisfiable);
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=-5"));
        assert_eq!(wanted(&headers, 0, VALIDATORS), Wanted::Unsatisfiable);
    }

    #[test]
    fn a_part_of_another_version_of_the_file_is_never_sent() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=5-9"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"e\""));
        assert_eq!(wanted(&headers, 1000, VALIDATORS), Wanted::Part { first: 5, last: 9 });
        for other in ["\"f\"", "W/\"e\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            headers.insert(header::IF_RANGE, HeaderValue::from_static(other));
            assert_eq!(wanted(&headers, 1000, VALIDATORS), Wanted::Whole, "{other}");
        }
    }
}
