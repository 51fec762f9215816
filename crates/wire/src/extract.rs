//! Parts of a request, parsed once at the edge; what cannot be parsed is refused with a problem document.

use axum::body::{Bytes, HttpBody as _};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use kernel::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Refusal;

/// The parameters in the path. One that cannot be parsed is a thing that does not exist: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The parameters after the `?`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// A JSON body, in or out. Bodies over a megabyte are refused unread.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// A body as it came: the bytes of a file. As large as the route allows.
#[derive(Clone, Debug)]
pub struct Raw(pub Bytes);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        #[expect(clippy::disallowed_types, reason = "this is the extractor that replaces it")]
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                Err(Error::NotFound("address").into())
            }
            Err(other) => Err(Error::Internal(anyhow::anyhow!("{other}")).into()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        #[expect(clippy::disallowed_types, reason = "this is the extractor that replaces it")]
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(wrong)) => {
                Err(Error::invalid("query", innermost(&wrong)).into())
            }
            Err(other) => Err(Error::invalid("query", other.to_string()).into()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        #[expect(clippy::disallowed_types, reason = "this is the extractor that replaces it")]
        match <axum::Json<T> as FromRequest<S>>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(wrong)) => {
                Err(Error::invalid("body", innermost(&wrong)).into())
            }
            Err(JsonRejection::JsonSyntaxError(wrong)) => Err(Refusal::with_status(
                StatusCode::BAD_REQUEST,
                Error::invalid("body", format!("not JSON: {}", innermost(&wrong))),
            )),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Refusal::with_status(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Error::invalid("content-type", "expected application/json"),
            )),
            Err(other) if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::with_status(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    Error::invalid("body", "larger than this endpoint accepts"),
                ))
            }
            Err(other) => Err(Refusal::with_status(
                StatusCode::BAD_REQUEST,
                Error::invalid("body", other.to_string()),
            )),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        Bytes::from_request(request, state).await.map(Self).map_err(|wrong| {
            let message = match wrong.status() {
                StatusCode::PAYLOAD_TOO_LARGE => "larger than this endpoint accepts".to_owned(),
                _ => wrong.to_string(),
            };
            Refusal::with_status(wrong.status(), Error::invalid("body", message))
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Refusal;

    /// A request without a body says nothing; one with a body must say it right.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refusal> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The last cause of an error: the words that name the field and what was expected of it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
