//! The endpoints of playback.

mod drawn;
mod file;
pub(crate) mod film_rate;
mod hls;
mod keys;
mod made;
mod pictures;
mod playing;
mod profile;
pub(crate) mod retiming;
mod styled;
mod together;
mod tried;

use std::borrow::Cow;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use catalog::analysis::Segment;
use catalog::item::{Chapter, ItemCard, StreamView};
use kernel::id::{FileId, ItemId};
use kernel::limits::is_near;
use media::decide::{AudioWhy, Reason, SubtitleWhy};
use media::transcode::Encoder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Origin, Problem, Result, may};

use self::film_rate::FilmRateQuery;
use self::pictures::TrickplayView;
use self::profile::{ProfileBody, client_profile};
use self::retiming::RetimingQuery;
use self::tried::{GivenUpBody, NotConverted};
use crate::Playback;
use crate::service::{Request, Start, SubtitleWish, Way};
use crate::subtitles::{Styled, Subtitle, SubtitleFormat};
use crate::ways::Cost;

/// Everything under `/api/v1/playback`.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(start_playback))
        .routes(routes!(read_subtitle))
        .merge(file::routes())
        .merge(hls::routes())
        .merge(drawn::routes())
        .merge(styled::routes())
        .merge(keys::routes())
        .merge(made::routes())
        .merge(pictures::routes())
        .merge(playing::routes())
        .merge(together::routes())
}

/// What to play, and what the client can.
#[derive(Debug, Deserialize, ToSchema)]
struct NewPlayback {
    /// The item.
    item_id: ItemId,
    /// One of its files; else the one that plays best.
    file_id: Option<FileId>,
    /// The sound track by its number in the file; else by what the person chose before and likes, and then as the file
    /// proposes.
    audio_index: Option<u32>,
    /// Languages to hear where the person never said what they like, BCP 47, the dearest first.
    #[serde(default)]
    languages: Vec<String>,
    /// The subtitle to show, by its `index` in the answer to an earlier start with the same file, −1 for none; else by what the
    /// person chose before and likes. Only who cannot show all of them by itself needs to start again for another.
    subtitle_index: Option<i32>,
    /// What the client tried to play of this item and made nothing of: the server gives out the next way.
    given_up: Option<GivenUpBody>,
    /// What the server could not convert of this item: it gives out the next way, until none is left.
    #[serde(default)]
    not_converted: Vec<NotConverted>,
    /// What the client plays; left out: as `device_profile` or `client` says.
    profile: Option<ProfileBody>,
    /// The same as clients tell it to Jellyfin: a `DeviceProfile`. Send one of both.
    #[schema(value_type = Option<Object>)]
    device_profile: Option<serde_json::Value>,
    /// A client that cannot say what it plays, by its name: `webos_6`, `apple_tv_4k`, `kodi`, ...; left out, or known to
    /// nobody: one that plays anything.
    client: Option<String>,
}

/// Languages beyond this number are nobody's.
const MAX_LANGUAGES: usize = 32;

impl NewPlayback {
    fn into_request(mut self, is_near: bool) -> Result<(ItemId, Request)> {
        self.languages.truncate(MAX_LANGUAGES);
        let request = Request {
            file: self.file_id,
            audio: self.audio_index,
            subtitle: match self.subtitle_index.map(usize::try_from) {
                Some(Ok(at)) => SubtitleWish::At(at),
                Some(Err(_)) => SubtitleWish::Off,
                None => SubtitleWish::Taste,
            },
            languages: self.languages,
            given_up: self.given_up.map(Into::into),
            unmade: tried::unmade(&self.not_converted)?,
            profile: client_profile(
                self.profile,
                self.device_profile.as_ref(),
                self.client.as_deref(),
            )?,
            is_near,
        };
        Ok((self.item_id, request))
    }
}

/// How the bytes come.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlaybackMethod {
    /// The file's own bytes.
    Direct,
    /// The file's own pictures and sound as HLS: `url` is the playlist.
    Remux,
    /// The file's own pictures, and sound made anew, as HLS: `url` is the playlist.
    TranscodeAudio,
    /// Pictures made anew, and sound where that is needed, as HLS: `url` is the playlist.
    TranscodeVideo,
    /// The client cannot play the file; `file_url` still leads to it, for other players.
    Unsupported,
}

impl From<Way> for PlaybackMethod {
    fn from(way: Way) -> Self {
        match way {
            Way::Direct => Self::Direct,
            Way::Remux => Self::Remux,
            Way::TranscodeAudio => Self::TranscodeAudio,
            Way::TranscodeVideo => Self::TranscodeVideo,
            Way::Unsupported => Self::Unsupported,
        }
    }
}

/// Why the file's own bytes do not do.
#[derive(Debug, Serialize, ToSchema)]
struct PlaybackReason {
    /// For programs: `container`, `video_codec`, `audio_codec`, ...
    code: Cow<'static, str>,
    /// For people.
    message: String,
}

impl From<Reason> for PlaybackReason {
    fn from(reason: Reason) -> Self {
        Self { code: reason.code().into(), message: reason.to_string() }
    }
}

/// What playing takes, estimated: another film of the same size may take half or double.
#[derive(Debug, Serialize, ToSchema)]
struct PlaybackCost {
    /// Bits per second on the way: on average of what comes as it is, at the most of what is made anew; none where unknown.
    bitrate_bps: Option<i64>,
    /// Processors of the server that are busy on average; 1 is the whole of one, 0 where nothing is made anew.
    processors: f64,
}

impl From<Cost> for PlaybackCost {
    fn from(Cost { bitrate_bps, processors }: Cost) -> Self {
        Self { bitrate_bps, processors: (processors * 100.0).round() / 100.0 }
    }
}

/// A subtitle to choose.
#[derive(Debug, Serialize, ToSchema)]
struct SubtitleView {
    /// Its place in the list.
    index: usize,
    /// What it is, for `PUT /items/{id}/choice`: the stream's number in the file, or the id of the file beside it.
    id: String,
    /// How much later the person had it shown, in milliseconds; what `url` leads to, unless that is pictures, is so already.
    offset_ms: i64,
    /// What times are multiplied by before, a ratio: `1/1` as written.
    rate: String,
    /// What to call it in a menu.
    label: String,
    /// BCP 47.
    language: Option<String>,
    /// Only what is foreign to the film's audience.
    is_forced: bool,
    /// Also the sounds.
    is_hearing_impaired: bool,
    /// The file proposes it; `subtitle_index` says what is to be shown.
    is_default: bool,
    /// What `url` leads to.
    format: SubtitleFormat,
    /// Signed, relative to the server.
    url: String,
    /// The same with its styles, for clients that draw them.
    styled: Option<Styled>,
    /// It is in the pictures already, because the client does not show its like: nothing is to be shown for it.
    is_painted: bool,
}

/// Everything a client needs to play an item.
#[derive(Debug, Serialize, ToSchema)]
struct PlaybackView {
    /// This playback.
    play_id: Uuid,
    /// What is played.
    item: ItemCard,
    /// The chosen file.
    file_id: FileId,
    /// How the bytes come.
    method: PlaybackMethod,
    /// Why not directly.
    reasons: Vec<PlaybackReason>,
    /// Signed, relative to the server: the file, or the playlist.
    url: String,
    /// The file's own bytes; signed, relative to the server; GET and HEAD with ranges.
    file_url: String,
    /// Of the file.
    mime: Option<String>,
    /// Of the file.
    duration_ms: Option<i64>,
    /// Where to resume; 0 is the start.
    position_ms: i64,
    /// The file's audio streams.
    audio: Vec<StreamView>,
    /// Which of them plays.
    audio_index: Option<u32>,
    /// Why that one: `asked`, `remembered`, `original`, `language`, `proposed`.
    audio_why: Option<&'static str>,
    /// Those of them that the client can be given, as they are or made anew.
    playable_audio: Vec<u32>,
    /// Subtitles beside the file and in it.
    subtitles: Vec<SubtitleView>,
    /// Which of them to show at the start, by its `index`.
    subtitle_index: Option<usize>,
    /// Why that one, or none: `asked`, `remembered`, `off`, `foreign`, `always`, `forced`, `nothing`, `not_shown`.
    subtitle_why: &'static str,
    /// The file's chapters.
    chapters: Vec<Chapter>,
    /// Small pictures along the film, where they were made already.
    trickplay: Option<TrickplayView>,
    /// Intro, recap and credits of the file, as far as they are known.
    segments: Vec<Segment>,
    /// What it takes.
    cost: PlaybackCost,
    /// What codes the pictures that are made anew, for people: `x264`, or a kind of hardware; none where none are.
    encoder: Option<&'static str>,
    /// What comes after it.
    next: Option<ItemCard>,
}

impl From<Start> for PlaybackView {
    fn from(start: Start) -> Self {
        let Start {
            play_id,
            item,
            file,
            way,
            reasons,
            url,
            file_url,
            position_ms,
            audio,
            audio_index,
            audio_why,
            playable_audio,
            subtitles,
            subtitle_index,
            subtitle_why,
            cost,
            encoder,
            chapters,
            pictures,
            segments,
            next,
        } = start;
        Self {
            play_id,
            item,
            file_id: file.id,
            method: way.into(),
            reasons: reasons.into_iter().map(Into::into).collect(),
            url,
            file_url,
            mime: file.mime,
            duration_ms: file.duration_ms,
            position_ms,
            audio,
            audio_index,
            audio_why: audio_why.map(AudioWhy::as_str),
            playable_audio,
            subtitles: subtitles.into_iter().enumerate().map(SubtitleView::from).collect(),
            subtitle_index,
            subtitle_why: SubtitleWhy::as_str(subtitle_why),
            chapters,
            trickplay: pictures.map(Into::into),
            segments,
            cost: cost.into(),
            encoder: encoder.map(Encoder::title),
            next,
        }
    }
}

impl From<(usize, Subtitle)> for SubtitleView {
    fn from((index, subtitle): (usize, Subtitle)) -> Self {
        let Subtitle {
            title,
            language,
            is_forced,
            is_hearing_impaired,
            is_commentary: _,
            is_default,
            format,
            url,
            styled,
            id,
            retiming,
            stream: _,
            file: _,
            is_painted,
        } = subtitle;
        let label = title.or_else(|| language.clone()).unwrap_or_else(|| format!("{}", index + 1));
        Self {
            index,
            id,
            offset_ms: retiming.offset_ms(),
            rate: retiming.rate(),
            label,
            language,
            is_forced,
            is_hearing_impaired,
            is_default,
            format,
            url,
            styled,
            is_painted,
        }
    }
}

/// Start playing an item.
#[utoipa::path(post, path = "/playback", tag = "playback", operation_id = "start_playback",
    security(("session" = ["play"])), request_body = NewPlayback,
    responses((status = 200, body = PlaybackView), (status = "4XX", body = Problem)))]
async fn start_playback(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    origin: Origin,
    Json(body): Json<NewPlayback>,
) -> Result<Json<PlaybackView>> {
    let (item, request) = body.into_request(is_near(origin.address))?;
    Ok(Json(Box::pin(playback.start(&viewer, item, &request)).await?.into()))
}

/// A subtitle file as WebVTT.
#[utoipa::path(get, path = "/playback/subtitles/{file_id}", tag = "playback", operation_id = "read_subtitle",
    params(("file_id" = FileId, Path), RetimingQuery, FilmRateQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "text/vtt", body = String), (status = "4XX", body = Problem)))]
async fn read_subtitle(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(file): Path<FileId>,
    Query(query): Query<RetimingQuery>,
    Query(rate): Query<FilmRateQuery>,
) -> Result<impl IntoResponse> {
    let text = playback.read_subtitle(&viewer, file, query.read()?, rate.read()?).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/vtt; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, text))
}
