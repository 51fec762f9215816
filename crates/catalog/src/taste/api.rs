//! Taste and choices over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::Error;
use kernel::id::{FileId, ItemId};
use media::decide::{SubtitleChoice, SubtitleMode, Taste};
use media::subtitles::Retiming;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::{NewChoice, NewRetiming};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(read_taste, write_taste)).routes(routes!(remember_choice))
}

/// What a person likes to hear and read in every film.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Taste)]
struct TasteBody {
    /// Heard, BCP 47, the dearest first; empty: as the file proposes.
    audio_languages: Vec<String>,
    /// The language a film was made in goes before all of them.
    prefers_original: bool,
    /// When subtitles are shown.
    subtitles: SubtitleModeBody,
    /// Read, BCP 47, the dearest first; empty: those that are heard.
    subtitle_languages: Vec<String>,
    /// Of two subtitles, the one that also tells the sounds.
    prefers_hearing_impaired: bool,
}

/// When subtitles are shown.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SubtitleMode)]
#[serde(rename_all = "snake_case")]
enum SubtitleModeBody {
    /// Never.
    Off,
    /// Only what is foreign even to those who understand the film.
    Forced,
    /// Whenever the sound is in a language that the person does not read; else as `forced`.
    Foreign,
    /// Always.
    Always,
}

impl From<Taste> for TasteBody {
    fn from(taste: Taste) -> Self {
        let Taste {
            audio_languages,
            prefers_original,
            subtitles,
            subtitle_languages,
            prefers_hearing_impaired,
        } = taste;
        let subtitles = match subtitles {
            SubtitleMode::Off => SubtitleModeBody::Off,
            SubtitleMode::Forced => SubtitleModeBody::Forced,
            SubtitleMode::Foreign => SubtitleModeBody::Foreign,
            SubtitleMode::Always => SubtitleModeBody::Always,
        };
        Self {
            audio_languages,
            prefers_original,
            subtitles,
            subtitle_languages,
            prefers_hearing_impaired,
        }
    }
}

impl From<TasteBody> for Taste {
    fn from(body: TasteBody) -> Self {
        let TasteBody {
            audio_languages,
            prefers_original,
            subtitles,
            subtitle_languages,
            prefers_hearing_impaired,
        } = body;
        let subtitles = match subtitles {
            SubtitleModeBody::Off => SubtitleMode::Off,
            SubtitleModeBody::Forced => SubtitleMode::Forced,
            SubtitleModeBody::Foreign => SubtitleMode::Foreign,
            SubtitleModeBody::Always => SubtitleMode::Always,
        };
        Self {
            audio_languages,
            prefers_original,
            subtitles,
            subtitle_languages,
            prefers_hearing_impaired,
        }
    }
}

/// What was chosen while playing. What is left out stays as it was.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Choice)]
struct ChoiceBody {
    /// This version, by its file, whenever this item is played.
    version: Option<FileId>,
    /// A sound track like this one, in all of the series.
    audio: Option<ChosenAudio>,
    /// A subtitle like this, or none, in all of the series.
    subtitle: Option<ChosenSubtitle>,
    /// When a subtitle shows, with this file of this item.
    timing: Option<SubtitleTiming>,
}

/// When a subtitle shows.
#[derive(Debug, Deserialize, ToSchema)]
struct SubtitleTiming {
    /// The film's file.
    file_id: FileId,
    /// The subtitle's `id` in what starting playback answered.
    subtitle: String,
    /// So much later, in milliseconds, at most ten minutes; negative: earlier.
    offset_ms: i64,
    /// What times are multiplied by before: a ratio of whole numbers from 1/2 to 2/1; `1/1` as written.
    rate: String,
}

/// A sound track of a file.
#[derive(Debug, Deserialize, ToSchema)]
struct ChosenAudio {
    /// The file.
    file_id: FileId,
    /// The stream's number in it.
    index: u32,
}

/// A subtitle, told so that it is found in other files, too.
#[derive(Debug, Deserialize, ToSchema)]
struct ChosenSubtitle {
    /// Whether one is shown at all.
    is_shown: bool,
    /// BCP 47.
    language: Option<String>,
    /// Only what is foreign to the film's audience.
    #[serde(default)]
    is_forced: bool,
    /// Also the sounds.
    #[serde(default)]
    is_hearing_impaired: bool,
}

impl TryFrom<ChoiceBody> for NewChoice {
    type Error = Error;

    fn try_from(body: ChoiceBody) -> Result<Self, Error> {
        let ChoiceBody { version, audio, subtitle, timing } = body;
        let subtitle = subtitle.map(|it| {
            let ChosenSubtitle { is_shown, language, is_forced, is_hearing_impaired } = it;
            if is_shown {
                SubtitleChoice::Text { language, is_forced, is_hearing_impaired }
            } else {
                SubtitleChoice::Off
            }
        });
        let retiming = timing.map(|it| {
            let by = Retiming::new(it.offset_ms, &it.rate)
                .map_err(|why| Error::invalid("timing", why))?;
            Ok::<_, Error>(NewRetiming { file: it.file_id, subtitle: it.subtitle, by })
        });
        let audio = audio.map(|it| (it.file_id, it.index));
        Ok(Self { version, audio, subtitle, retiming: retiming.transpose()? })
    }
}

/// Look up what you like to hear and read.
#[utoipa::path(get, path = "/me/taste", tag = "personal", operation_id = "read_taste", security(("session" = ["browse"])),
    responses((status = 200, body = TasteBody), (status = "4XX", body = Problem)))]
async fn read_taste(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Json<TasteBody>> {
    Ok(Json(catalog.find_taste(&viewer).await?.into()))
}

/// Say what you like to hear and read.
#[utoipa::path(put, path = "/me/taste", tag = "personal", operation_id = "write_taste", security(("session" = ["personalize"])),
    request_body = TasteBody,
    responses((status = 200, body = TasteBody), (status = "4XX", body = Problem)))]
async fn write_taste(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Json(body): Json<TasteBody>,
) -> Result<Json<TasteBody>> {
    Ok(Json(catalog.write_taste(&viewer, body.into()).await?.into()))
}

/// Remember what you chose while playing an item, for it and for the rest of its series.
#[utoipa::path(put, path = "/items/{id}/choice", tag = "personal", operation_id = "remember_choice",
    params(("id" = ItemId, Path)), request_body = ChoiceBody, security(("session" = ["play"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remember_choice(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(id): Path<ItemId>,
    Json(body): Json<ChoiceBody>,
) -> Result<StatusCode> {
    catalog.remember_choice(&viewer, id, body.try_into()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
