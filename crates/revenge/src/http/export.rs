//! What the server knows of a person, for them to take along.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse};
use catalog::Catalog;
use catalog::personal::export::{Made, Place};
use futures::stream::{self, Stream, StreamExt as _};
use kernel::id::PersonId;
use kernel::{Limit, Viewer};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Path;
use wire::{Allowed, Problem, Result, SignedIn, may};

use crate::wiring::House;

/// How many entries are asked for at a time.
const PAGE: i64 = 500;

pub fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(export_mine)).routes(routes!(export_person))
}

/// The same of the adult area, which the other export knows nothing of.
pub fn inside() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(export_inside))
}

/// Take along what the server knows of you: account, devices, accounts at providers of identity, languages, and everything you played, love, rated or hid, as
/// one JSON document.
#[utoipa::path(get, path = "/me/export", tag = "personal", operation_id = "export_mine", security(("session" = [])),
    responses((status = 200, content_type = "application/json", body = Value), (status = "4XX", body = Problem)))]
async fn export_mine(
    State(house): State<House>,
    SignedIn(viewer): SignedIn,
) -> Result<impl IntoResponse> {
    write(house, viewer).await
}

/// Take along what the server knows of a person, before their account is deleted: the same document.
#[utoipa::path(get, path = "/people/{id}/export", tag = "personal", operation_id = "export_person",
    params(("id" = PersonId, Path)), security(("session" = ["manage_people"])),
    responses((status = 200, content_type = "application/json", body = Value), (status = "4XX", body = Problem)))]
async fn export_person(
    State(house): State<House>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
) -> Result<impl IntoResponse> {
    let person = house.accounts.viewer_for_export(&viewer, id).await?;
    write(house, person).await
}

/// Take along what you played, loved, rated or hid in the area, as one JSON document.
#[utoipa::path(get, path = "/me/export", operation_id = "export_inside", security(("session" = ["adult"])),
    responses((status = 200, content_type = "application/json", body = Value), (status = "4XX", body = Problem)))]
async fn export_inside(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
) -> Result<impl IntoResponse> {
    let head = json!({
        "format": "revenge.person.adult",
        "version": 1,
        "exported_at": catalog.clock.now(),
        "playlists": playlists(&catalog, &viewer).await?,
    });
    Ok(document(open(&head), catalog, viewer))
}

async fn write(house: House, viewer: Viewer) -> Result<impl IntoResponse> {
    let head = head(&house, &viewer).await?;
    Ok(document(head, house.catalog, viewer))
}

/// A document that begins with `head`, with what the person made of the content of `catalog`.
fn document(head: Bytes, catalog: Catalog, viewer: Viewer) -> impl IntoResponse {
    let body = Body::from_stream(stream::iter([Ok(head)]).chain(made(catalog, viewer)));
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"revenge-export.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (AppendHeaders(headers), body)
}

/// The document without its end.
async fn head(house: &House, viewer: &Viewer) -> Result<Bytes> {
    let person = house.accounts.me(viewer).await?;
    let sessions = house.accounts.list_sessions(viewer, None, Limit::new(Some(Limit::MAX))).await?;
    let devices: Vec<Value> = sessions
        .items
        .iter()
        .map(|it| json!({ "device": it.device, "since": it.created_at, "last_seen_at": it.last_seen_at }))
        .collect();
    let identities = house.accounts.list_identities(viewer).await?;
    let identities: Vec<Value> = identities
        .iter()
        .map(|it| {
            let (issuer, subject, name) = (&it.issuer, &it.subject, &it.name);
            let provider = house.accounts.provider_name(issuer);
            json!({ "provider": provider, "issuer": issuer, "subject": subject, "name": name,
                "since": it.created_at, "last_used_at": it.last_used_at })
        })
        .collect();
    let notice_targets = house.notices.export(viewer).await?;
    let taste = house.catalog.find_taste(viewer).await?;
    let searches: Vec<Value> = house
        .catalog
        .list_recent_searches(viewer)
        .await?
        .into_iter()
        .map(|it| json!({ "text": it.text, "at": it.searched_at }))
        .collect();
    let head = json!({
        "format": "revenge.person",
        "version": 1,
        "exported_at": house.clock.now(),
        "person": { "name": person.name, "language": person.language, "created_at": person.created_at },
        "devices": devices,
        "identities": identities,
        "searches": searches,
        "playlists": playlists(&house.catalog, viewer).await?,
        "notice_targets": notice_targets,
        "requests": house.wanted.export(viewer).await?,
        "taste": {
            "audio_languages": taste.audio_languages,
            "prefers_original": taste.prefers_original,
            "subtitles": taste.subtitles.as_str(),
            "subtitle_languages": taste.subtitle_languages,
            "prefers_hearing_impaired": taste.prefers_hearing_impaired,
        },
    });
    Ok(open(&head))
}

/// The person's lists, of which the entries follow.
async fn playlists(catalog: &Catalog, viewer: &Viewer) -> Result<Vec<Value>> {
    let lists = catalog.export_playlists(viewer).await?;
    let list = lists.iter().map(|it| {
        json!({ "id": it.id, "name": it.name, "overview": it.overview, "is_shared": it.is_shared,
            "created_at": it.created_at, "updated_at": it.updated_at })
    });
    Ok(list.collect())
}

/// An object without its end.
fn open(head: &Value) -> Bytes {
    let mut head = head.to_string();
    head.pop();
    head.into()
}

/// Where the writing is.
struct Writing {
    catalog: Catalog,
    viewer: Viewer,
    left: std::slice::Iter<'static, Made>,
    /// The kind that is being written, and behind what.
    now: Option<(Made, Option<Place>)>,
    is_over: bool,
}

/// The lists of what the person made, and the document's end.
fn made(catalog: Catalog, viewer: Viewer) -> impl Stream<Item = io::Result<Bytes>> {
    let writing = Writing { catalog, viewer, left: Made::ALL.iter(), now: None, is_over: false };
    stream::try_unfold(writing, |mut writing| async move {
        if writing.is_over {
            return Ok(None);
        }
        let text = writing.write().await.map_err(io::Error::other)?;
        Ok(Some((Bytes::from(text), writing)))
    })
}

impl Writing {
    /// The next page, or the end.
    async fn write(&mut self) -> kernel::Result<String> {
        let Some((made, after)) = self.now.or_else(|| Some((*self.left.next()?, None))) else {
            self.is_over = true;
            return Ok("}".to_owned());
        };
        let page = self.catalog.export(&self.viewer, made, after, PAGE).await?;
        let entries: Vec<String> = page.iter().map(|it| it.made.to_string()).collect();
        let mut text = match after {
            None => format!(",\"{}\":[", made.name()),
            Some(_) if entries.is_empty() => String::new(),
            Some(_) => ",".to_owned(),
        };
        text += &entries.join(",");
        let is_last = entries.len() < PAGE as usize;
        self.now = page.last().filter(|_| !is_last).map(|it| (made, Some(it.place)));
        if is_last {
            text.push(']');
        }
        Ok(text)
    }
}
