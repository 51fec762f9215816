//! Answers that end with the hours of who gets them: a film that is sent as one file takes as long as the film.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use chrono::{DateTime, Utc};
use http_body::{Frame, SizeHint};
use kernel::Clock;

/// So long after the end nothing more comes: time enough to be told that it is over.
const GRACE: Duration = Duration::from_secs(45);

/// The answer, broken off where it goes on for longer than the hours, which end at `end`.
pub(super) fn end_at(answer: Response, end: DateTime<Utc>, clock: Clock) -> Response {
    answer.map(|inner| Body::new(Until { inner, end: end + GRACE, clock }))
}

struct Until {
    inner: Body,
    end: DateTime<Utc>,
    clock: Clock,
}

impl HttpBody for Until {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.end <= self.clock.now() {
            let over = std::io::Error::other("the hours of who gets this are over");
            return Poll::Ready(Some(Err(axum::Error::new(over))));
        }
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt as _, stream};

    use super::*;

    #[tokio::test]
    async fn an_answer_goes_on_until_the_hours_are_over() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let parts = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"film")));
        let answer = Response::new(Body::from_stream(parts));
        let end = clock.now() + Duration::from_mins(1);
        let mut body = end_at(answer, end, clock.clone()).into_body().into_data_stream();
        assert!(body.next().await.expect("a part").is_ok());
        clock.advance(Duration::from_mins(1));
        assert!(body.next().await.expect("a part").is_ok(), "a moment longer");
        clock.advance(GRACE);
        assert!(body.next().await.expect("an end").is_err());
    }
}
