//! Notices over HTTP.

mod mail_server;
mod targets;

use utoipa_axum::router::OpenApiRouter;

use crate::Notices;

/// The endpoints of the room.
pub fn routes() -> OpenApiRouter<Notices> {
    targets::routes().merge(mail_server::routes())
}
