//! The adult area: what catalog and playback answer, once more below `/adult`, for whoever has the area open.
//!
//! To everybody else nothing is there: they get what an unknown address gets, whatever they ask and however.

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use kernel::{Area, LibraryScope, Viewer};
use utoipa_axum::router::OpenApiRouter;

use super::{events, export, jobs, protect};
use crate::wiring::{Adult, House};

/// Everything below `/adult`. None of it stands in the API's document.
pub fn routes(house: &House, adult: &Adult) -> axum::Router {
    let gate = Gate { accounts: house.accounts.clone(), catalog: adult.catalog.clone() };
    let listening = events::Listening {
        accounts: house.accounts.clone(),
        cache: adult.cache.clone(),
        clock: house.clock.clone(),
        stop: house.stop.clone(),
        adult: Some(adult.catalog.clone()),
    };
    let inside = OpenApiRouter::new()
        .merge(catalog::api::routes().with_state(adult.catalog.clone()))
        .merge(playback::api::routes().with_state(adult.playback.clone()))
        .merge(::adult::api::routes().with_state(adult.catalog.clone()))
        .merge(export::inside().with_state(adult.catalog.clone()))
        .merge(events::routes().with_state(listening))
        .merge(jobs::routes().with_state(jobs::Desk::of(house, &adult.jobs)))
        .split_for_parts()
        .0
        .fallback(protect::no_such_endpoint);
    // One service behind the gate: a route by itself would tell which methods it has.
    axum::Router::new().fallback_service(inside).layer(from_fn_with_state(gate, enter))
}

#[derive(Clone)]
struct Gate {
    accounts: accounts::Accounts,
    catalog: catalog::Catalog,
}

/// Lets those in who have the area open, and shows them its libraries and nothing else.
async fn enter(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().cloned();
    let Some(viewer) = viewer else { return nothing().await };
    if !gate.accounts.is_adult_open(&viewer, true).await {
        return nothing().await;
    }
    match inside(&gate.catalog, viewer).await {
        Ok(viewer) => {
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Err(error) => wire::Refusal::from(error).into_response(),
    }
}

/// What an unknown address gets, down to the header that the router puts on its own answers.
async fn nothing() -> Response {
    let mut response = protect::no_such_endpoint().await.into_response();
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// The same person in the area.
pub(super) async fn inside(catalog: &catalog::Catalog, viewer: Viewer) -> kernel::Result<Viewer> {
    let scope = LibraryScope::of(catalog.all_library_ids().await?);
    Ok(Viewer { scope, area: Area::Adult, ..viewer })
}
