//! Notes who changes the server's settings, whichever room they are of. What is noted is the address, which has ids and no
//! names; of the adult area only those read it who have it open.

use accounts::Accounts;
use axum::extract::{OriginalUri, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use kernel::{Area, Viewer};

/// Where settings are. What people do to people is noted by `accounts` itself.
const PLACES: [&str; 8] = [
    "/libraries",
    "/settings/",
    "/webhooks",
    "/backups",
    "/jobs/queues",
    "/jobs/schedules",
    "/jobs/heavy-hours",
    "/notices/",
];
/// What holds the server's secrets: who takes one away is noted too.
const SECRETS: &str = "/backups/";
/// Where the adult area has the same.
const AREA: &str = "/adult";
/// What is asked for there and changes no setting: looking for new files, whether a key is right, work that comes around.
const QUESTIONS: [&str; 5] = ["/scan", "/check", "/run", "/test", "/again"];

/// Notes changes that were made.
pub async fn note(State(accounts): State<Accounts>, request: Request, next: Next) -> Response {
    let Some((viewer, area, what)) = change(&request) else { return next.run(request).await };
    let response = next.run(request).await;
    if response.status().is_success()
        && let Err(error) = accounts.note_change(&viewer, area, &what).await
    {
        tracing::warn!(%error, what, "audit.not_noted");
    }
    response
}

/// Who wants to change which setting.
fn change(request: &Request) -> Option<(Viewer, Area, String)> {
    let method = request.method();
    let path =
        request.extensions().get::<OriginalUri>().map_or(request.uri().path(), |it| it.path());
    let what = path.strip_prefix("/api/v1")?;
    let (area, place) = match what.strip_prefix(AREA) {
        Some(place) => (Area::Adult, place),
        None => (Area::Main, what),
    };
    let is_look = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if is_look && !place.starts_with(SECRETS) {
        return None;
    }
    let is_question = QUESTIONS.iter().any(|it| place.ends_with(it));
    if is_question || !PLACES.iter().any(|it| place.starts_with(it)) {
        return None;
    }
    // Whether they may is the handler's to say: what was refused is not noted.
    let viewer = request.extensions().get::<Viewer>()?;
    Some((viewer.clone(), area, format!("{method} {what}")))
}
