//! Notes who changes the server's settings, whichever room they are of.

use accounts::Accounts;
use axum::extract::{OriginalUri, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use kernel::Viewer;

/// Where settings are. What people do to people is noted by `accounts` itself.
const PLACES: [&str; 6] = [
    "/api/v1/libraries",
    "/api/v1/settings/",
    "/api/v1/webhooks",
    "/api/v1/backups",
    "/api/v1/jobs/queues",
    "/api/v1/jobs/schedules",
];
/// What holds the server's secrets: who takes one away is noted too.
const SECRETS: &str = "/api/v1/backups/";
/// What is asked for there and changes no setting: looking for new files, whether a key is right, work that comes around.
const QUESTIONS: [&str; 3] = ["/scan", "/check", "/run"];

/// Notes changes that were made.
pub async fn note(State(accounts): State<Accounts>, request: Request, next: Next) -> Response {
    let Some((viewer, what)) = change(&request) else { return next.run(request).await };
    let response = next.run(request).await;
    if response.status().is_success()
        && let Err(error) = accounts.note_change(&viewer, &what).await
    {
        tracing::warn!(%error, what, "audit.not_noted");
    }
    response
}

/// Who wants to change which setting.
fn change(request: &Request) -> Option<(Viewer, String)> {
    let method = request.method();
    let path =
        request.extensions().get::<OriginalUri>().map_or(request.uri().path(), |it| it.path());
    let is_look = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if is_look && !path.starts_with(SECRETS) {
        return None;
    }
    let is_question = QUESTIONS.iter().any(|it| path.ends_with(it));
    if is_question || !PLACES.iter().any(|it| path.starts_with(it)) {
        return None;
    }
    // Whether they may is the handler's to say: what was refused is not noted.
    let viewer = request.extensions().get::<Viewer>()?;
    Some((viewer.clone(), format!("{method} {}", path.trim_start_matches("/api/v1"))))
}
