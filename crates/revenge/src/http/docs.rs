//! The API's own description: OpenAPI 3.1, collected from the handlers, with a page to browse it.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as OpenApiDocument, RefOr};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Revenge", description = "Everything the server does, over HTTP."),
    servers((url = "/api/v1"))
)]
struct Description;

/// The document every room adds its endpoints to.
pub fn document() -> OpenApiRouter {
    let mut document = Description::openapi();
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token from sign-in; or an API key, for operations that name a permission, of which the key must have it. \
             `docs/permissions.md` lists them.",
        ))
        .build();
    components.add_security_scheme("session", SecurityScheme::Http(bearer));
    let signature = ApiKey::Query(ApiKeyValue::with_description(
        "signature",
        "Part of a URL the server handed out.",
    ));
    components.add_security_scheme("signed_url", SecurityScheme::ApiKey(signature));
    let token = ApiKey::Header(ApiKeyValue::with_description(
        "X-Webhook-Token",
        "The webhook's token, from the settings of the libraries; also as the password of basic authentication, or `?token=`.",
    ));
    components.add_security_scheme("webhook_token", SecurityScheme::ApiKey(token));
    OpenApiRouter::with_openapi(document)
}

/// The document once all endpoints are in it: every refusal is what RFC 9457 calls it, which handlers need not say each.
pub fn completed(mut document: OpenApiDocument) -> OpenApiDocument {
    let paths = document.paths.paths.values_mut();
    let operations = paths.flat_map(|it| {
        [&mut it.get, &mut it.put, &mut it.post, &mut it.delete, &mut it.patch, &mut it.head]
            .into_iter()
            .flatten()
    });
    for responses in operations.map(|it| &mut it.responses.responses) {
        let refusals = responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5']));
        for (_, response) in refusals {
            if let RefOr::T(response) = response
                && let Some(content) = response.content.swap_remove(JSON)
            {
                response.content.insert(PROBLEM.to_owned(), content);
            }
        }
    }
    document
}

const JSON: &str = "application/json";
/// RFC 9457, section 3.
const PROBLEM: &str = "application/problem+json";

/// What the page may load and run: its own files, which were built into the program, and the styles its scripts set.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document and the page, at `/api/v1/openapi.json` and `/api/v1/docs`.
pub fn routes(document: OpenApiDocument) -> Router {
    let page = SwaggerUi::new("/docs")
        .config(Config::new(["/api/v1/openapi.json"]))
        .url("/openapi.json", document);
    let policy = HeaderValue::from_static(PAGE_POLICY);
    Router::from(page).layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, policy))
}
