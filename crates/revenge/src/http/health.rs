//! What a monitor asks: alive, ready, and the numbers.

pub mod probe;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use wire::extract::Json;

use crate::system::{self, Status};
use crate::wiring::House;

pub fn routes(house: &House) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
        .merge(probe::routes())
        .with_state(house.clone())
}

/// The process answers.
async fn alive() -> &'static str {
    "alive\n"
}

/// Every part that requests need is there; a part that is not is named. Tells nothing else: anybody may ask.
async fn ready(State(house): State<House>) -> impl IntoResponse {
    let parts = system::health(&house).await;
    let is_ready = parts.iter().all(|it| it.status != Status::Failed);
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts: serde_json::Map<_, _> =
        parts.into_iter().map(|it| (it.name.to_owned(), serde_json::json!(it.status))).collect();
    (status, Json(serde_json::json!({ "is_ready": is_ready, "parts": parts })))
}

/// Prometheus' text format.
async fn numbers(State(house): State<House>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], house.metrics.render())
}
