//! The catalog's part of the HTTP API.

use utoipa_axum::router::OpenApiRouter;

use crate::{Catalog, finding, home, images, item, library, personal, webhook};

/// All endpoints of the catalog, relative to `/api/v1`.
pub fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .merge(library::api::routes())
        .merge(item::api::routes())
        .merge(personal::api::routes())
        .merge(home::api::routes())
        .merge(images::api::routes())
        .merge(images::choice::api::routes())
        .merge(finding::api::routes())
        .merge(webhook::api::routes())
}

#[cfg(test)]
mod tests;
