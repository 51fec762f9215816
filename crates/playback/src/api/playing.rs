//! What is played now, over HTTP: telling it, seeing it, asking it to do something.

use axum::extract::State;
use axum::http::StatusCode;
use catalog::item::ItemCard;
use catalog::personal::{PlayState, ProgressReport};
use chrono::{DateTime, Utc};
use kernel::Error;
use kernel::id::{ItemId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::{PlaybackMethod, PlaybackReason};
use crate::Playback;
use crate::playing::{Command, Playing};

pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(list_playing))
        .routes(routes!(report_playing))
        .routes(routes!(command_playing))
}

/// Something that is being played.
#[derive(Debug, Serialize, ToSchema)]
struct PlayingView {
    /// Its id, as the answer to its start has it.
    play_id: Uuid,
    /// Who plays it.
    person_id: PersonId,
    /// What they are called.
    person: String,
    /// Whether it is the one who asks.
    is_own: bool,
    /// What the device calls itself.
    device: String,
    /// What is played.
    item: ItemCard,
    /// How the bytes come.
    method: PlaybackMethod,
    /// Why not directly.
    reasons: Vec<PlaybackReason>,
    /// The most that comes, bits per second.
    bitrate_bps: Option<i64>,
    /// Where it is now, as far as its player's last word tells.
    position_ms: i64,
    /// How long it runs.
    duration_ms: Option<i64>,
    /// Whether it stands still.
    is_paused: bool,
    /// When it was begun.
    started_at: DateTime<Utc>,
    /// When its player last said something.
    heard_at: DateTime<Utc>,
}

/// Everything that is played, as far as the caller may know.
#[derive(Debug, Serialize, ToSchema)]
struct PlayingList {
    /// The newest first.
    items: Vec<PlayingView>,
}

fn view(playing: Playing, item: ItemCard, own: PersonId) -> PlayingView {
    let Playing {
        play_id,
        person_id,
        session_id: _,
        person,
        device,
        item_id: _,
        file_id: _,
        way,
        reasons,
        bitrate_bps,
        position_ms,
        duration_ms,
        state,
        started_at,
        heard_at,
        written_at: _,
    } = playing;
    let reasons = reasons.into_iter().map(|it| PlaybackReason { code: it.0.into(), message: it.1 });
    PlayingView {
        play_id,
        person_id,
        person,
        is_own: person_id == own,
        device,
        item,
        method: way.into(),
        reasons: reasons.collect(),
        bitrate_bps,
        position_ms,
        duration_ms,
        is_paused: state != PlayState::Playing,
        started_at,
        heard_at,
    }
}

/// What a player tells of itself.
#[derive(Debug, Deserialize, ToSchema)]
struct PlayingReport {
    /// What it plays.
    item_id: ItemId,
    /// Whether the position is kept and the play counted; trailers and the like leave no trace.
    #[serde(default = "kept")]
    is_kept: bool,
    /// Where it is, and what it does.
    #[serde(flatten)]
    progress: ProgressReport,
}

fn kept() -> bool {
    true
}

/// What a player is to do.
#[derive(Debug, Deserialize, ToSchema)]
struct PlayerCommand {
    /// What.
    action: PlayerAction,
    /// Where to go, for `seek`.
    position_ms: Option<i64>,
    /// What to show to the person, for `stop`.
    message: Option<String>,
}

/// What a player can be asked to do.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlayerAction {
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// Go to `position_ms`.
    Seek,
    /// Play what comes next.
    Next,
    /// End.
    Stop,
}

impl TryFrom<PlayerCommand> for Command {
    type Error = Error;

    fn try_from(body: PlayerCommand) -> Result<Self, Error> {
        let PlayerCommand { action, position_ms, message } = body;
        Ok(match action {
            PlayerAction::Pause => Self::Pause,
            PlayerAction::Resume => Self::Resume,
            PlayerAction::Next => Self::Next,
            PlayerAction::Stop => Self::Stop(message),
            PlayerAction::Seek => Self::Seek(
                position_ms.ok_or_else(|| Error::invalid("position_ms", "say where to go"))?,
            ),
        })
    }
}

/// See what is played now: yours, and where you run the server, everybody's.
#[utoipa::path(get, path = "/playback/playing", tag = "playback", operation_id = "list_playing",
    security(("session" = ["play"])),
    responses((status = 200, body = PlayingList), (status = "4XX", body = Problem)))]
async fn list_playing(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
) -> Result<Json<PlayingList>> {
    let all = playback.list_playing(&viewer).await?;
    let items = all.into_iter().map(|(playing, item)| view(playing, item, viewer.person_id));
    Ok(Json(PlayingList { items: items.collect() }))
}

/// Tell where your player is: every ten seconds, at each pause, and when it stops. One that says nothing for 90 seconds is
/// believed gone.
#[utoipa::path(put, path = "/playback/playing/{play_id}", tag = "playback", operation_id = "report_playing",
    params(("play_id" = Uuid, Path)), request_body = PlayingReport, security(("session" = ["play"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn report_playing(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(play_id): Path<Uuid>,
    Json(body): Json<PlayingReport>,
) -> Result<StatusCode> {
    let PlayingReport { item_id, is_kept, progress } = body;
    playback.report(&viewer, play_id, item_id, progress, is_kept).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask a player of yours to do something; where you run the server, another's to stop. It hears of it by the event
/// `player.command`.
#[utoipa::path(post, path = "/playback/playing/{play_id}/commands", tag = "playback", operation_id = "command_playing",
    params(("play_id" = Uuid, Path)), request_body = PlayerCommand, security(("session" = ["play"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn command_playing(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(play_id): Path<Uuid>,
    Json(body): Json<PlayerCommand>,
) -> Result<StatusCode> {
    playback.command(&viewer, play_id, body.try_into()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
