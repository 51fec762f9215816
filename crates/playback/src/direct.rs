//! Direct play: the file's own bytes, at a cost close to the kernel's, with memory that does not grow with slow clients.

use std::fs::File;
use std::io::IoSliceMut;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use futures::stream;
use kernel::{Error, Result};
use rustix::io::ReadWriteFlags;
use wire::sendfile::Line;

use crate::buffer::{Buffer, CHUNK_BYTES};
use crate::cached::is_cached;
use crate::range::{Wanted, wanted};

/// Bytes read from the disk at once for a client that takes them as fast as they come.
const LARGEST_CHUNK: usize = 1 << 20;
/// Bytes read at once for a client that takes its time: what each of thousands of slow clients holds in memory.
const SMALLEST_CHUNK: usize = 64 << 10;
/// A client that comes back for more within this time is fast.
const FAST: Duration = Duration::from_millis(50);

/// A file that is open for sending.
#[derive(Debug)]
pub struct Opened {
    file: Arc<File>,
    size: u64,
    etag: String,
    /// To the second, as headers have it.
    modified_at: SystemTime,
    modified: String,
}

/// Opens the file at `path` without blocking the runtime.
pub async fn open(path: PathBuf) -> Result<Opened> {
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let facts = file.metadata()?;
        Ok::<_, std::io::Error>((file, facts))
    });
    let (file, facts) = match opened.await.map_err(anyhow::Error::from)? {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NotFound("file"));
        }
        Err(error) => {
            return Err(Error::Unavailable { service: "the file's disk", source: error.into() });
        }
    };
    if !facts.is_file() {
        return Err(Error::NotFound("file"));
    }
    let seconds = facts.mtime().try_into().unwrap_or(0);
    let modified_at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    Ok(Opened {
        size: facts.len(),
        // Strong: another inode, size or time of change is another file.
        etag: format!(
            "\"{:x}-{:x}-{:x}.{:x}\"",
            facts.ino(),
            facts.len(),
            facts.mtime(),
            facts.mtime_nsec()
        ),
        modified: httpdate::fmt_http_date(modified_at),
        modified_at,
        file: Arc::new(file),
    })
}

/// Answers a GET or HEAD with the file, a part of it, or why not; over `line`, where the client has one.
pub fn respond(
    opened: Opened,
    method: &Method,
    headers: &HeaderMap,
    mime: &str,
    line: Option<Line>,
) -> Result<Response<Body>> {
    let mut response = Response::builder()
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, &opened.etag)
        .header(header::LAST_MODIFIED, &opened.modified)
        .header(header::CACHE_CONTROL, "private, no-cache");
    if is_another(headers, &opened) {
        return built(response.status(StatusCode::PRECONDITION_FAILED).body(Body::empty()));
    }
    if is_unchanged(headers, &opened) {
        return built(response.status(StatusCode::NOT_MODIFIED).body(Body::empty()));
    }
    let (status, first, length) =
        match wanted(headers, opened.size, &[&opened.etag, &opened.modified]) {
            Wanted::Whole => (StatusCode::OK, 0, opened.size),
            Wanted::Part { first, last } => {
                response = response
                    .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", opened.size));
                (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
            }
            Wanted::Unsatisfiable => {
                return built(
                    response
                        .status(StatusCode::RANGE_NOT_SATISFIABLE)
                        .header(header::CONTENT_RANGE, format!("bytes */{}", opened.size))
                        .body(Body::empty()),
                );
            }
        };
    let mime =
        HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response = response
        .status(status)
        .header(header::CONTENT_TYPE, mime)
        .header(header::CONTENT_LENGTH, length);
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        body(opened.file, first, length, line)
    };
    built(response.body(body))
}

/// Whether the client means another file than this one. A date counts only where no tag is named (RFC 9110, section 13.2.2).
fn is_another(headers: &HeaderMap, opened: &Opened) -> bool {
    if let Some(condition) = headers.get(header::IF_MATCH) {
        let is_it = |tags: &str| tags == "*" || tags.split(',').any(|it| it.trim() == opened.etag);
        return !condition.to_str().is_ok_and(is_it);
    }
    date(headers, header::IF_UNMODIFIED_SINCE).is_some_and(|it| opened.modified_at > it)
}

/// Whether the client has it already.
fn is_unchanged(headers: &HeaderMap, opened: &Opened) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return wire::conditional::is_unchanged(headers, &opened.etag);
    }
    date(headers, header::IF_MODIFIED_SINCE).is_some_and(|it| opened.modified_at <= it)
}

/// What is no date is no condition.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

fn built(response: Result<Response<Body>, axum::http::Error>) -> Result<Response<Body>> {
    response.map_err(|error| Error::Internal(error.into()))
}

struct Reading {
    file: Arc<File>,
    line: Option<Line>,
    at: u64,
    left: u64,
    chunk: usize,
    handed_over: Instant,
}

/// `length` bytes from `first` on. One chunk is in memory at a time, and the next is read only when the last one has gone:
/// the client's pace is the throttle. Chunks grow for fast clients, because fewer reads cost less, and shrink for slow ones.
/// What is in memory already does not pass through ours where the client has a line.
fn body(file: Arc<File>, first: u64, length: u64, line: Option<Line>) -> Body {
    let start = Reading {
        file,
        line,
        at: first,
        left: length,
        chunk: SMALLEST_CHUNK,
        handed_over: Instant::now(),
    };
    Body::from_stream(stream::try_unfold(start, |mut reading| async move {
        if reading.left == 0 {
            return Ok(None);
        }
        reading.chunk = if reading.handed_over.elapsed() < FAST {
            (reading.chunk * 2).min(LARGEST_CHUNK)
        } else {
            (reading.chunk / 2).max(SMALLEST_CHUNK)
        };
        let want = usize::try_from(reading.left).unwrap_or(usize::MAX).min(reading.chunk);
        let (file, at) = (Arc::clone(&reading.file), reading.at);
        let line = reading.line.as_ref().filter(|_| is_cached(&file, at, want));
        let bytes = if let Some(line) = line {
            line.stand_in(&file, at, want)
        } else if let Some(bytes) = read_cached(&file, at, want.min(CHUNK_BYTES)) {
            // What is in memory already is not worth another thread, whose processor would then hold the bytes.
            bytes
        } else {
            tokio::task::spawn_blocking(move || read_at(&file, at, want)).await??
        };
        reading.at += bytes.len() as u64;
        reading.left -= bytes.len() as u64;
        reading.handed_over = Instant::now();
        Ok::<_, std::io::Error>(Some((bytes, reading)))
    }))
}

/// Up to `want` bytes at `at`, at least one, without waiting for the disk. `None` where that cannot be: the bytes are not in
/// memory, the file system does not tell, or the file is at its end.
fn read_cached(file: &File, at: u64, want: usize) -> Option<Bytes> {
    // Slow clients hold what they were given for long: as much memory as that is, and no more.
    if want < CHUNK_BYTES {
        let mut bytes = vec![0; want];
        let read = read_now(file, &mut bytes, at)?;
        bytes.truncate(read);
        return Some(bytes.into());
    }
    let mut buffer = Buffer::take(want);
    let read = read_now(file, buffer.as_mut(), at)?;
    buffer.truncate(read);
    Some(buffer.into())
}

fn read_now(file: &File, target: &mut [u8], at: u64) -> Option<usize> {
    let mut buffers = [IoSliceMut::new(target)];
    let read = rustix::io::preadv2(file, &mut buffers, at, ReadWriteFlags::NOWAIT).ok()?;
    (read > 0).then_some(read)
}

/// Up to `want` bytes at `at`, at least one; into memory that nobody zeroed first.
fn read_at(file: &File, at: u64, want: usize) -> std::io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(want);
    let read = rustix::io::retry_on_intr(|| {
        rustix::io::pread(file, rustix::buffer::spare_capacity(&mut bytes), at)
    })?;
    bytes.truncate(want.min(read));
    if bytes.is_empty() {
        // The answer's length was promised; a file that got shorter must end the connection, not look complete.
        return Err(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            "the file got shorter while it was sent",
        ));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn film(length: usize) -> (Arc<File>, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, &bytes).expect("space for it");
        (Arc::new(file), bytes)
    }

    #[tokio::test]
    async fn a_part_is_sent_byte_for_byte() {
        let (file, bytes) = film(3 << 20);
        let (first, length) = (5, (2 << 20) + 7);
        let sent =
            body(file, first, length, None).collect().await.expect("the whole part").to_bytes();
        assert!(sent == bytes[5..5 + (2 << 20) + 7]);
    }

    #[tokio::test]
    async fn a_file_that_got_shorter_ends_the_connection() {
        let (file, bytes) = film(1000);
        assert!(body(file, 0, bytes.len() as u64 + 1, None).collect().await.is_err());
    }

    #[tokio::test]
    async fn a_client_names_the_file_that_it_has_by_tag_or_date() {
        const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
        const IT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
        let opened = || Opened {
            file: film(1000).0,
            size: 1000,
            etag: "\"e\"".to_owned(),
            modified_at: httpdate::parse_http_date(IT).expect("a date"),
            modified: IT.to_owned(),
        };
        for (conditions, expected) in [
            (&[][..], 200),
            (&[("if-modified-since", IT)], 304),
            (&[("if-modified-since", AFTER)], 304),
            (&[("if-modified-since", BEFORE)], 200),
            (&[("if-modified-since", "yesterday")], 200),
            // The tag says more than the date.
            (&[("if-none-match", "\"other\""), ("if-modified-since", AFTER)], 200),
            (&[("if-none-match", "\"e\""), ("if-modified-since", BEFORE)], 304),
            (&[("if-unmodified-since", IT)], 200),
            (&[("if-unmodified-since", BEFORE)], 412),
            (&[("if-match", "\"e\""), ("if-unmodified-since", BEFORE)], 200),
            (&[("if-match", "\"other\"")], 412),
            (&[("range", "bytes=0-9"), ("if-range", IT)], 206),
            (&[("range", "bytes=0-9"), ("if-range", "\"e\"")], 206),
            (&[("range", "bytes=0-9"), ("if-range", AFTER)], 200),
            (&[("range", "bytes=0-9"), ("if-range", "W/\"e\"")], 200),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in conditions {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            let answer = respond(opened(), &Method::GET, &headers, "video/mp4", None);
            assert_eq!(answer.expect("an answer").status(), expected, "{conditions:?}");
        }
    }

    #[test]
    fn what_is_not_in_memory_or_not_there_is_left_to_the_disk() {
        let (file, bytes) = film(1000);
        if let Some(read) = read_cached(&file, 900, 4096) {
            assert_eq!(read, bytes[900..], "never more than the file has");
        }
        assert_eq!(read_cached(&file, 1000, 4096), None);
    }
}
