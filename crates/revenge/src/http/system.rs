//! How the server is, for those who run it.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Allowed, Problem, Result, may};

use crate::system::{self, Part};
use crate::wiring::House;

pub fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(read_system))
}

/// The server and its parts.
#[derive(Debug, Serialize, ToSchema)]
struct SystemView {
    /// The program's version.
    version: &'static str,
    /// How long it has been running, in seconds.
    uptime_s: i64,
    /// Every part: what was found, and what to do where it is not fine.
    parts: Vec<Part>,
}

/// Tell how every part of the server is.
#[utoipa::path(get, path = "/system", tag = "server", operation_id = "read_system",
    security(("session" = ["see_system"])),
    responses((status = 200, body = SystemView), (status = "4XX", body = Problem)))]
async fn read_system(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::SeeSystem>,
) -> Result<Json<SystemView>> {
    Ok(Json(SystemView {
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: (house.clock.now() - house.started_at).num_seconds(),
        parts: system::report(&house).await,
    }))
}
