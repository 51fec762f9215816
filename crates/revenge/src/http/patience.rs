//! How long a request's body may take: whoever trickles one holds a connection for nothing.

use std::io;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

/// What a small body may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// And a large one for each of so many bytes a second: the slowest line that somebody uploads a picture by.
const SLOWEST_BYTES_PER_S: u64 = 16 << 10;
/// Whatever its length is said to be.
const LONGEST: Duration = Duration::from_hours(1);

/// Ends bodies that come too slowly; what reads them answers as to one that breaks off.
pub async fn within(request: Request, next: Next) -> Response {
    next.run(request.map(|body| timely(body, PATIENCE))).await
}

fn timely(body: Body, patience: Duration) -> Body {
    if body.is_end_stream() {
        return body;
    }
    // Without a length it is a small one until it shows itself to be more, which the bounds of handlers refuse.
    let announced = Duration::from_secs(body.size_hint().lower() / SLOWEST_BYTES_PER_S);
    let deadline = Instant::now() + patience + announced.min(LONGEST);
    let pieces = body.into_data_stream().map_err(io::Error::other);
    Body::from_stream(stream::try_unfold(pieces, move |mut pieces| async move {
        match timeout_at(deadline, pieces.next()).await {
            Ok(piece) => Ok(piece.transpose()?.map(|it| (it, pieces))),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly")),
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    /// A body of pieces of one byte, each after a while.
    fn trickle(n_pieces: usize, pause: Duration) -> Body {
        Body::from_stream(stream::unfold(0, move |n| async move {
            tokio::time::sleep(pause).await;
            (n < n_pieces).then(|| (Ok::<_, io::Error>("x"), n + 1))
        }))
    }

    #[tokio::test]
    async fn a_body_that_trickles_ends_and_one_that_flows_arrives() {
        let read =
            async |body: Body, patience: Duration| to_bytes(timely(body, patience), 1 << 20).await;
        let (moment, long) = (Duration::from_millis(1), Duration::from_hours(1));
        assert_eq!(read(trickle(9, moment), long).await.expect("in time").len(), 9);
        assert!(read(trickle(usize::MAX, moment), Duration::from_millis(50)).await.is_err());
        let whole = Body::from(vec![0; 70_000]);
        assert_eq!(read(whole, long).await.expect("there at once").len(), 70_000);
        assert!(read(Body::empty(), Duration::ZERO).await.expect("nothing").is_empty());
    }
}
