//! The one router: every room's endpoints under `/api/v1`, the server's own, and the web app, behind the same middleware.

mod adult;
mod backups;
pub mod docs;
mod events;
mod export;
mod health;
mod jobs;
mod limit;
mod note;
pub(crate) mod origin;
mod patience;
mod protect;
mod schedules;
mod system;
mod trace;
mod web;

use accounts::authenticate::{Authentication, authenticate};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::health::probe;
use crate::wiring::House;

/// The largest body an endpoint reads: settings, names, positions. What is larger is refused unread.
const MAX_BODY_BYTES: usize = 1 << 20;

/// Everything the server answers.
pub fn router(house: &House) -> Router {
    let authentication =
        Authentication { accounts: house.accounts.clone(), signer: house.signer.clone() };
    let limits =
        limit::Limits { cache: house.cache.prefixed("requests"), requests: house.requests };
    let (mut api, document) = api(house).split_for_parts();
    if let Some(adult) = &house.adult {
        api = api.nest_service("/adult", adult::routes(house, adult));
    }
    let api = api
        .merge(docs::routes(docs::completed(document)))
        .fallback(protect::no_such_endpoint)
        .layer(from_fn_with_state(house.accounts.clone(), note::note))
        .layer(from_fn_with_state(limits, limit::limit))
        .layer(from_fn_with_state(authentication, authenticate))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(patience::within))
        .layer(compression());
    Router::new()
        .nest("/api/v1", api)
        .merge(health::routes(house))
        .fallback(web::serve)
        .layer(CatchPanicLayer::custom(protect::panicked))
        .layer(from_fn(protect::secure))
        .layer(from_fn_with_state(
            (house.proxies.clone(), house.unnamed_proxy.clone()),
            origin::find,
        ))
        .layer(from_fn_with_state(house.proxies.clone(), trace::trace))
}

/// Every endpoint of the API with its documentation, before it is bound to a running house.
fn api(house: &House) -> OpenApiRouter {
    let listening = events::Listening {
        accounts: house.accounts.clone(),
        cache: house.cache.clone(),
        clock: house.clock.clone(),
        stop: house.stop.clone(),
        adult: None,
    };
    docs::document()
        .merge(accounts::api::routes().with_state(house.accounts.clone()))
        .merge(catalog::api::routes().with_state(house.catalog.clone()))
        .merge(playback::api::routes().with_state(house.playback.clone()))
        .merge(arrivals::api::routes().with_state(house.arrivals.clone()))
        .merge(notices::api::routes().with_state(house.notices.clone()))
        .merge(requests::api::routes().with_state(house.wanted.clone()))
        .merge(events::routes().with_state(listening))
        .merge(jobs::routes().with_state(jobs::Desk::of(house, &house.jobs)))
        .merge(schedules::routes().with_state(house.clone()))
        .merge(system::routes().with_state(house.clone()))
        .merge(export::routes().with_state(house.clone()))
        .merge(backups::routes().with_state(house.clone()))
}

/// The API's document, without a server.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let rooms = [
        accounts::api::routes().into_openapi(),
        catalog::api::routes().into_openapi(),
        playback::api::routes().into_openapi(),
        arrivals::api::routes().into_openapi(),
        notices::api::routes().into_openapi(),
        requests::api::routes().into_openapi(),
        events::routes().into_openapi(),
        jobs::routes().into_openapi(),
        schedules::routes().into_openapi(),
        system::routes().into_openapi(),
        export::routes().into_openapi(),
        backups::routes().into_openapi(),
    ];
    let mut document = docs::document().into_openapi();
    for room in rooms {
        document.merge(room);
    }
    docs::completed(document)
}

/// Text is compressed; what is compressed already (pictures, films), small, or a stream of events is not.
fn compression() -> CompressionLayer<impl tower_http::compression::predicate::Predicate> {
    let worthwhile = SizeAbove::new(512)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("video/"))
        .and(NotForContentType::const_new("audio/"))
        .and(NotForContentType::const_new("application/octet-stream"));
    CompressionLayer::new()
        .gzip(true)
        .br(true)
        .quality(tower_http::CompressionLevel::Fastest)
        .compress_when(worthwhile)
}
