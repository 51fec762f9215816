//! Watching together, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::Error;
use kernel::id::{ItemId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use crate::Playback;
use crate::together::{Group, Member, Move, Report};

pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, create_group))
        .routes(routes!(report_to_group, leave_group))
        .routes(routes!(move_group))
}

/// Players that show one film at the same moment.
#[derive(Debug, Serialize, ToSchema)]
struct GroupView {
    /// Its id; who knows it and may see the film may join.
    id: Uuid,
    /// What is watched.
    item_id: ItemId,
    /// The server's clock as it answers: milliseconds since 1970.
    now_ms: i64,
    /// Whether it is to play, be it that somebody is still waited for.
    is_wanted: bool,
    /// Since when it runs, by the server's clock, and perhaps a moment ahead; null while it stands still.
    runs_since_ms: Option<i64>,
    /// Where it is while it stands still, and where it was at `runs_since_ms`.
    position_ms: i64,
    /// Who watches.
    members: Vec<MemberView>,
}

/// One player of a group.
#[derive(Debug, Serialize, ToSchema)]
struct MemberView {
    /// The playing.
    play_id: Uuid,
    /// Whose it is.
    person_id: PersonId,
    /// What the person is called.
    name: String,
    /// Whether it can play at the group's position.
    is_ready: bool,
    /// Where it last said it is.
    position_ms: i64,
}

/// Every group that watches what the caller may see.
#[derive(Debug, Serialize, ToSchema)]
struct GroupList {
    /// In the order in which they were made.
    items: Vec<GroupView>,
}

impl GroupView {
    fn of(group: Group, now_ms: i64) -> Self {
        let Group { id, item_id, is_wanted, runs_since, position_ms, members } = group;
        let members = members.into_iter().map(|it| {
            let Member {
                play_id,
                person_id,
                name,
                is_ready,
                has_arrived: _,
                waits_since: _,
                heard_at: _,
                position_ms,
            } = it;
            MemberView { play_id, person_id, name, is_ready, position_ms }
        });
        Self {
            id,
            item_id,
            now_ms,
            is_wanted,
            runs_since_ms: runs_since,
            position_ms,
            members: members.collect(),
        }
    }
}

/// A group to be made around a player.
#[derive(Debug, Deserialize, ToSchema)]
struct NewGroup {
    /// What is watched.
    item_id: ItemId,
    /// The player that is its first member.
    play_id: Uuid,
    /// Where that is.
    position_ms: i64,
    /// Whether that plays.
    is_playing: bool,
}

/// What a member tells of itself.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
struct MemberReport {
    /// Where it is.
    position_ms: i64,
    /// Whether it can play at the group's position.
    is_ready: bool,
}

/// What a member does for all.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
struct GroupMove {
    /// The member.
    play_id: Uuid,
    /// What it does.
    action: GroupAction,
    /// Where to go, for `seek`.
    position_ms: Option<i64>,
}

/// What a member can do for all.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GroupAction {
    /// Play on, as soon as all are ready.
    Play,
    /// Stand still.
    Pause,
    /// Go to `position_ms`, and play on there when all are ready.
    Seek,
}

/// See the groups that watch what you may see.
#[utoipa::path(get, path = "/playback/groups", tag = "playback", operation_id = "list_groups",
    security(("session" = ["watch_together"])), responses((status = 200, body = GroupList), (status = "4XX", body = Problem)))]
async fn list_groups(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::WatchTogether>,
) -> Result<Json<GroupList>> {
    let groups = playback.list_groups(&viewer).await?;
    let now_ms = playback.now_ms();
    let items = groups.into_iter().map(|it| GroupView::of(it, now_ms)).collect();
    Ok(Json(GroupList { items }))
}

/// Make a group around your player.
#[utoipa::path(post, path = "/playback/groups", tag = "playback", operation_id = "create_group",
    request_body = NewGroup, security(("session" = ["watch_together"])),
    responses((status = 201, body = GroupView), (status = "4XX", body = Problem)))]
async fn create_group(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::WatchTogether>,
    Json(body): Json<NewGroup>,
) -> Result<(StatusCode, Json<GroupView>)> {
    let NewGroup { item_id, play_id, position_ms, is_playing } = body;
    let group = playback.create_group(&viewer, item_id, play_id, position_ms, is_playing).await?;
    Ok((StatusCode::CREATED, Json(GroupView::of(group, playback.now_ms()))))
}

/// Tell a group where your player is, and hear where it is to be; who is no member joins. Every few seconds, at once when it
/// becomes ready or must load, and on the event `group.changed`.
#[utoipa::path(put, path = "/playback/groups/{id}/members/{play_id}", tag = "playback", operation_id = "report_to_group",
    params(("id" = Uuid, Path), ("play_id" = Uuid, Path)), request_body = MemberReport, security(("session" = ["watch_together"])),
    responses((status = 200, body = GroupView), (status = "4XX", body = Problem)))]
async fn report_to_group(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::WatchTogether>,
    Path((id, play_id)): Path<(Uuid, Uuid)>,
    Json(body): Json<MemberReport>,
) -> Result<Json<GroupView>> {
    let MemberReport { position_ms, is_ready } = body;
    let report = Report { position_ms, is_ready };
    let group = playback.report_to_group(&viewer, id, play_id, report).await?;
    Ok(Json(GroupView::of(group, playback.now_ms())))
}

/// Leave a group with your player.
#[utoipa::path(delete, path = "/playback/groups/{id}/members/{play_id}", tag = "playback", operation_id = "leave_group",
    params(("id" = Uuid, Path), ("play_id" = Uuid, Path)), security(("session" = ["watch_together"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn leave_group(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::WatchTogether>,
    Path((id, play_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    playback.leave_group(&viewer, id, play_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Play, pause or seek for all of a group.
#[utoipa::path(post, path = "/playback/groups/{id}/moves", tag = "playback", operation_id = "move_group",
    params(("id" = Uuid, Path)), request_body = GroupMove, security(("session" = ["watch_together"])),
    responses((status = 200, body = GroupView), (status = "4XX", body = Problem)))]
async fn move_group(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::WatchTogether>,
    Path(id): Path<Uuid>,
    Json(body): Json<GroupMove>,
) -> Result<Json<GroupView>> {
    let step = match body.action {
        GroupAction::Play => Move::Play,
        GroupAction::Pause => Move::Pause,
        GroupAction::Seek => Move::Seek(
            body.position_ms.ok_or_else(|| Error::invalid("position_ms", "say where to go"))?,
        ),
    };
    let group = playback.move_group(&viewer, id, body.play_id, step).await?;
    Ok(Json(GroupView::of(group, playback.now_ms())))
}
