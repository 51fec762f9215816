//! The endpoints of targets and of what became of their notices.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::id::LibraryId;
use kernel::{Cursor, Limit, Page, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use crate::Notices;
use crate::service::TargetPatch;
use crate::target::{Delivery, DeliveryId, DeliveryStatus, EventId, Owner, Target, TargetId};
use crate::way::Channel;

pub(super) fn routes() -> OpenApiRouter<Notices> {
    OpenApiRouter::new()
        .routes(routes!(list_my_targets, create_my_target))
        .routes(routes!(list_server_targets, create_server_target))
        .routes(routes!(update_target, delete_target))
        .routes(routes!(rotate_target_secret))
        .routes(routes!(test_target))
        .routes(routes!(list_deliveries))
        .routes(routes!(send_again))
}

/// Where notices go, without what is secret of its address.
#[derive(Debug, Serialize, ToSchema)]
struct TargetView {
    /// Its id.
    id: TargetId,
    /// What you call it.
    name: String,
    /// What carries notices there.
    channel: Channel,
    /// The part of its address that is no secret.
    address: String,
    /// The kinds of events that go there: `items.added`.
    events: Vec<String>,
    /// Of these libraries only; of all that you may see where there is none.
    library_ids: Option<Vec<LibraryId>>,
    /// The language of its messages.
    language: String,
    /// It may lie in the server's own network.
    is_local: bool,
    /// It is in use.
    is_enabled: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Since when nothing arrived.
    failing_since: Option<DateTime<Utc>>,
    /// Why it was given up, until it is changed.
    paused_reason: Option<String>,
}

impl From<Target> for TargetView {
    fn from(target: Target) -> Self {
        let Target {
            id,
            owner: _,
            name,
            channel,
            shown,
            kinds,
            libraries,
            language,
            is_local,
            is_enabled,
            created_at,
            failing_since,
            paused_reason,
        } = target;
        Self {
            id,
            name,
            channel,
            address: shown,
            events: kinds.iter().map(|it| it.name().to_owned()).collect(),
            library_ids: libraries,
            language,
            is_local,
            is_enabled,
            created_at,
            failing_since,
            paused_reason,
        }
    }
}

/// Where notices go, and what can be chosen.
#[derive(Debug, Serialize, ToSchema)]
struct Targets {
    /// In the order in which they were made.
    items: Vec<TargetView>,
    /// The kinds of events that you may choose among.
    events: Vec<String>,
    /// Whether a server that takes mail is set up.
    has_mail_server: bool,
}

/// A target that was made or changed.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedTarget {
    /// What is known of it from now on.
    target: TargetView,
    /// With what messages to a webhook are signed, shown this once; none where nothing was made.
    secret: Option<String>,
}

/// A new signing secret.
#[derive(Debug, Serialize, ToSchema)]
struct NewSecret {
    /// It, shown this once: `whsec_` and base64.
    secret: String,
}

/// What a target is to be. What is left out stays, or is as usual.
#[derive(Debug, Deserialize, ToSchema)]
struct TargetInput {
    /// What you call it; 1 to 64 characters.
    name: Option<String>,
    /// Where it is: `https://...` for a webhook, or `ntfy://topic`, `ntfys://host/topic`, `discord://id/token`,
    /// `gotifys://host/token`, `mailto:ana@example.org`, `jsons://host/path`.
    address: Option<String>,
    /// The kinds of events that go there.
    events: Option<Vec<String>>,
    /// Of these libraries only; of all with `null`.
    #[serde(default, deserialize_with = "entered")]
    #[schema(value_type = Option<Vec<LibraryId>>)]
    #[expect(clippy::option_option, reason = "left as it is, all, or some")]
    library_ids: Option<Option<Vec<LibraryId>>>,
    /// `en` or `de`, for the server's targets; a person's messages are in the person's language.
    language: Option<String>,
    /// It may lie in the server's own network; for the server's targets alone.
    is_local: Option<bool>,
    /// Whether it is in use.
    is_enabled: Option<bool>,
}

/// A field that is there, if only with `null`.
fn entered<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl From<TargetInput> for TargetPatch {
    fn from(input: TargetInput) -> Self {
        let TargetInput { name, address, events, library_ids, language, is_local, is_enabled } =
            input;
        Self {
            name,
            address,
            kinds: events,
            libraries: library_ids,
            language,
            is_local,
            is_enabled,
        }
    }
}

/// What became of one notice on its way to one target.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryView {
    /// Its id.
    id: DeliveryId,
    /// What happened; a webhook gets it as the id of the message.
    event_id: EventId,
    /// The kind of event.
    event: String,
    /// What it said; empty until it was put into words.
    title: String,
    /// How far it is.
    status: DeliveryStatus,
    /// How often it was tried.
    attempts: i32,
    /// Why the last try failed.
    error: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last tried.
    tried_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    next_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let Delivery {
            id,
            event_id,
            kind,
            title,
            status,
            attempts,
            error,
            created_at,
            tried_at,
            next_at,
        } = delivery;
        Self {
            id,
            event_id,
            event: kind,
            title,
            status,
            attempts,
            error,
            created_at,
            tried_at,
            next_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where the page before this one ended.
    cursor: Option<String>,
    /// Entries on this page, up to 200; 50 if left out.
    limit: Option<u16>,
}

async fn targets(notices: &Notices, viewer: &Viewer, owner: Owner) -> Result<Json<Targets>> {
    let items = notices.list_targets(viewer, owner).await?;
    let events = Notices::choice(owner, viewer);
    Ok(Json(Targets {
        items: items.into_iter().map(TargetView::from).collect(),
        events: events.iter().map(|it| it.name().to_owned()).collect(),
        has_mail_server: notices.has_mail_server().await?,
    }))
}

/// List where your own notices go, and what you may be told of.
#[utoipa::path(get, path = "/me/notices/targets", tag = "notices", operation_id = "list_my_targets",
    security(("session" = ["personalize"])),
    responses((status = 200, body = Targets), (status = "4XX", body = Problem)))]
async fn list_my_targets(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
) -> Result<Json<Targets>> {
    targets(&notices, &viewer, Owner::Person(viewer.person_id)).await
}

/// Have your notices go somewhere: what you may see and what concerns you, in your language.
#[utoipa::path(post, path = "/me/notices/targets", tag = "notices", operation_id = "create_my_target",
    request_body = TargetInput, security(("session" = ["personalize"])),
    responses((status = 201, body = ChangedTarget), (status = "4XX", body = Problem)))]
async fn create_my_target(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Json(input): Json<TargetInput>,
) -> Result<impl IntoResponse> {
    create(&notices, &viewer, Owner::Person(viewer.person_id), input).await
}

/// List where the server's notices go.
#[utoipa::path(get, path = "/notices/targets", tag = "notices", operation_id = "list_server_targets",
    security(("session" = ["administer"])),
    responses((status = 200, body = Targets), (status = "4XX", body = Problem)))]
async fn list_server_targets(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Administer>,
) -> Result<Json<Targets>> {
    targets(&notices, &viewer, Owner::Server).await
}

/// Have the server's notices go somewhere: of everybody and all libraries, or of those you choose.
#[utoipa::path(post, path = "/notices/targets", tag = "notices", operation_id = "create_server_target",
    request_body = TargetInput, security(("session" = ["administer"])),
    responses((status = 201, body = ChangedTarget), (status = "4XX", body = Problem)))]
async fn create_server_target(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Json(input): Json<TargetInput>,
) -> Result<impl IntoResponse> {
    create(&notices, &viewer, Owner::Server, input).await
}

async fn create(
    notices: &Notices,
    viewer: &Viewer,
    owner: Owner,
    input: TargetInput,
) -> Result<(StatusCode, Json<ChangedTarget>)> {
    let (target, secret) = notices.create_target(viewer, owner, input.into()).await?;
    Ok((StatusCode::CREATED, Json(ChangedTarget { target: target.into(), secret })))
}

/// Change one of your targets, or one of the server's. It is tried again if it was given up.
#[utoipa::path(patch, path = "/notices/targets/{id}", tag = "notices", operation_id = "update_target",
    params(("id" = TargetId, Path)), request_body = TargetInput, security(("session" = ["personalize"])),
    responses((status = 200, body = ChangedTarget), (status = "4XX", body = Problem)))]
async fn update_target(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<TargetId>,
    Json(input): Json<TargetInput>,
) -> Result<Json<ChangedTarget>> {
    let (target, secret) = notices.update_target(&viewer, id, &input.into()).await?;
    Ok(Json(ChangedTarget { target: target.into(), secret }))
}

/// Delete one of your targets, or one of the server's, with its log.
#[utoipa::path(delete, path = "/notices/targets/{id}", tag = "notices", operation_id = "delete_target",
    params(("id" = TargetId, Path)), security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_target(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<TargetId>,
) -> Result<StatusCode> {
    notices.delete_target(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a new signing secret for a webhook. Messages are signed with it from now on.
#[utoipa::path(post, path = "/notices/targets/{id}/secret", tag = "notices", operation_id = "rotate_target_secret",
    params(("id" = TargetId, Path)), security(("session" = ["personalize"])),
    responses((status = 200, body = NewSecret), (status = "4XX", body = Problem)))]
async fn rotate_target_secret(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<TargetId>,
) -> Result<Json<NewSecret>> {
    Ok(Json(NewSecret { secret: notices.rotate_secret(&viewer, id).await? }))
}

/// Send a message that says that it is a test. What became of it is in the log.
#[utoipa::path(post, path = "/notices/targets/{id}/test", tag = "notices", operation_id = "test_target",
    params(("id" = TargetId, Path)), security(("session" = ["personalize"])),
    responses((status = 202), (status = "4XX", body = Problem)))]
async fn test_target(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<TargetId>,
) -> Result<StatusCode> {
    notices.send_test(&viewer, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What went to a target within the last 30 days, the newest first.
#[utoipa::path(get, path = "/notices/targets/{id}/deliveries", tag = "notices", operation_id = "list_deliveries",
    params(("id" = TargetId, Path), PageQuery), security(("session" = ["personalize"])),
    responses((status = 200, body = Page<DeliveryView>), (status = "4XX", body = Problem)))]
async fn list_deliveries(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<TargetId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<DeliveryView>>> {
    let before = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let page = notices.list_deliveries(&viewer, id, before, Limit::new(query.limit)).await?;
    Ok(Json(page.map(DeliveryView::from)))
}

/// Send something again that arrived or was given up.
#[utoipa::path(post, path = "/notices/deliveries/{id}/again", tag = "notices", operation_id = "send_again",
    params(("id" = DeliveryId, Path)), security(("session" = ["personalize"])),
    responses((status = 202), (status = "4XX", body = Problem)))]
async fn send_again(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<DeliveryId>,
) -> Result<StatusCode> {
    notices.send_again(&viewer, id).await?;
    Ok(StatusCode::ACCEPTED)
}
