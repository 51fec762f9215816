//! The catalog's part of the HTTP API.

use utoipa_axum::router::OpenApiRouter;

use crate::{
    Catalog, analysis, collection, describe, edit, finding, guide, home, images, item, library,
    people, personal, playlist, review, suggest, taste, webhook,
};

/// All endpoints of the catalog, relative to `/api/v1`.
pub fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .merge(library::api::routes())
        .merge(item::api::routes())
        .merge(personal::api::routes())
        .merge(taste::api::routes())
        .merge(home::api::routes())
        .merge(suggest::api::routes())
        .merge(images::api::routes())
        .merge(images::choice::api::routes())
        .merge(finding::api::routes())
        .merge(webhook::api::routes())
        .merge(describe::api::routes())
        .merge(review::api::routes())
        .merge(edit::api::routes())
        .merge(guide::api::routes())
        .merge(people::api::routes())
        .merge(collection::api::routes())
        .merge(playlist::api::routes())
        .merge(analysis::api::routes())
}

#[cfg(test)]
mod tests;
