//! The item's own page: all that is known of it, its files and their streams.

use std::collections::HashMap;

use kernel::id::{FileId, ItemId};
use kernel::{LibraryScope, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::about::{self, About};
use super::store::{self, ChapterRow, FileRow, StreamRow};
use super::{ImageRef, ItemCard, summary};
use crate::Catalog;
use crate::people::{self, CastId};

/// Everything about one item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ItemDetail {
    /// What lists show of it.
    #[serde(flatten)]
    pub card: ItemCard,
    /// Its title where it was made.
    pub original_title: Option<String>,
    /// One line about it.
    pub tagline: Option<String>,
    /// What it is about.
    pub overview: Option<String>,
    /// 0 to 10.
    pub rating: Option<f32>,
    /// As the rating board words it.
    pub content_rating: Option<String>,
    /// Its genres.
    pub genres: Vec<String>,
    /// Who made it.
    pub studios: Vec<String>,
    /// Who broadcasts it.
    pub networks: Vec<String>,
    /// Where it was made.
    pub countries: Vec<String>,
    /// Further words on it.
    pub tags: Vec<String>,
    /// Cast and crew.
    pub credits: Vec<Credit>,
    /// What providers call it: `imdb`, `tmdb`, `tvdb`.
    pub external_ids: HashMap<String, String>,
    /// Its own wide picture, else that of the group it is in.
    pub backdrop: Option<ImageRef>,
    /// Its files but for the extras.
    pub files: Vec<FileView>,
    /// Trailers, interviews, deleted scenes.
    pub extras: Vec<Extra>,
    /// The groups it is in, outermost first.
    pub breadcrumbs: Vec<Breadcrumb>,
    /// What sources say of it beyond that.
    #[serde(flatten)]
    pub about: About,
}

/// Somebody who had a part in an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Credit {
    /// Their id, for their own page.
    pub id: CastId,
    /// Their name.
    pub name: String,
    /// `actor`, `director`, `writer`, ...
    pub role: String,
    /// Whom an actor plays.
    pub character: Option<String>,
    /// A picture of them.
    pub portrait: Option<ImageRef>,
}

/// A group an item is in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Breadcrumb {
    /// Its id.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: String,
}

/// A trailer, interview, deleted scene or the like.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Extra {
    /// The file to play.
    pub id: FileId,
    /// Its title; that of the file where it has none.
    pub title: String,
    /// `trailer`, `featurette`, `interview`, ...
    pub extra_type: String,
    /// How long it runs.
    pub duration_ms: Option<i64>,
}

/// A file of an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    /// Its id.
    pub id: FileId,
    /// Its name without the folders.
    pub name: String,
    /// Where it is; for administrators only.
    pub path: Option<String>,
    /// How large it is.
    pub size_bytes: i64,
    /// `matroska`, `mp4`, ...
    pub container: Option<String>,
    /// How long it runs.
    pub duration_ms: Option<i64>,
    /// All streams together.
    pub bitrate_bps: Option<i64>,
    /// Tells the versions of one film apart: `2160p`, `Director's Cut`.
    pub version: Option<String>,
    /// Of a film in several files, which one.
    pub part: Option<i16>,
    /// `main`, `subtitle`, `audio`, `sample`, ...
    pub role: String,
    /// Whether it was gone when the library was last scanned.
    pub is_missing: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// Its streams; of a main file also those of the subtitle and audio files beside it.
    pub streams: Vec<StreamView>,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
}

/// A chapter of a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Chapter {
    /// Where it begins.
    pub start_ms: i64,
    /// Its title.
    pub title: Option<String>,
}

/// A stream of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StreamView {
    /// Its number in the file; streams of files beside it are numbered on.
    pub index: i16,
    /// `video`, `audio` or `subtitle`.
    pub kind: String,
    /// In FFmpeg's words: `hevc`, `aac`, `subrip`.
    pub codec: String,
    /// RFC 6381.
    pub codec_string: Option<String>,
    /// In the codec's words: `Main 10`.
    pub profile: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// Frames a second.
    pub frame_rate: Option<f32>,
    /// Bits a sample.
    pub bit_depth: Option<i16>,
    /// `hdr10`, `hlg`, `dolby_vision`, ...
    pub hdr: Option<String>,
    /// Loudspeakers.
    pub channels: Option<i16>,
    /// `stereo`, `5.1`, ...
    pub channel_layout: Option<String>,
    /// Samples a second.
    pub sample_rate: Option<i32>,
    /// BCP 47.
    pub language: Option<String>,
    /// What the file calls it.
    pub title: Option<String>,
    /// Whether the file proposes it.
    pub is_default: bool,
    /// Whether it only translates what everybody must understand.
    pub is_forced: bool,
    /// Whether it is made for people who do not hear well.
    pub is_hearing_impaired: bool,
    /// How loud all of it is, in LUFS, once that was measured.
    pub loudness_lufs: Option<f32>,
    /// Between its soft and its loud parts, in LU.
    pub loudness_range_lu: Option<f32>,
    /// Its highest point, in dBTP.
    pub true_peak_db: Option<f32>,
    /// Whether it is a file of its own.
    pub is_external: bool,
    /// For people: `1080p HEVC 10-bit HDR10`, `German AAC 5.1`.
    pub summary: String,
}

/// The whole of `card`'s item.
pub(super) async fn of_card(
    db: &mut PgConnection,
    catalog: &Catalog,
    viewer: &Viewer,
    card: ItemCard,
    backdrop: Option<ImageRef>,
) -> Result<Option<ItemDetail>> {
    let (id, scope) = (card.id, &viewer.scope);
    let Some(own) = store::find_detail(db, scope, id).await? else { return Ok(None) };
    let labels = store::list_labels(db, scope, id).await?;
    let named =
        |kind: &str| labels.iter().filter(|it| it.kind == kind).map(|it| it.name.clone()).collect();
    let Some(about) = about::of_item(db, catalog, viewer, id).await? else { return Ok(None) };
    let credits = store::list_credits(db, scope, id).await?;
    let people: Vec<_> = credits.iter().map(|it| it.person_id.0).collect();
    let portraits = people::store::list_portraits_unscoped(db, viewer.area, &people).await?;
    let external_ids = store::list_external_ids(db, scope, id).await?;
    let crumbs = store::list_crumbs(db, scope, id).await?;
    let (files, extras) = files_of(db, scope, id, viewer.can(Permission::EditMetadata)).await?;
    Ok(Some(ItemDetail {
        card,
        original_title: own.original_title,
        tagline: own.tagline,
        overview: own.overview,
        rating: own.rating,
        content_rating: own.content_rating,
        genres: named("genre"),
        studios: named("studio"),
        networks: named("network"),
        countries: named("country"),
        tags: named("tag"),
        credits: credits
            .into_iter()
            .map(|it| Credit {
                portrait: portraits.get(&it.person_id.0).cloned(),
                id: it.person_id,
                name: it.name,
                role: it.role,
                character: it.character,
            })
            .collect(),
        external_ids: external_ids.into_iter().collect(),
        backdrop,
        files,
        extras,
        breadcrumbs: crumbs
            .into_iter()
            .filter(|it| scope.contains(it.library_id))
            .map(|it| Breadcrumb { id: it.id, title: it.title, kind: it.kind })
            .collect(),
        about,
    }))
}

/// The files of an item: those that are it or belong to it, and its extras.
pub(super) async fn files_of(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
    with_paths: bool,
) -> Result<(Vec<FileView>, Vec<Extra>)> {
    let rows = store::list_files(db, scope, item).await?;
    let ids: Vec<_> = rows.iter().map(|it| it.id.0).collect();
    let mut streams: HashMap<FileId, Vec<StreamRow>> = HashMap::new();
    for stream in store::list_streams_unscoped(db, &ids).await? {
        streams.entry(stream.file_id).or_default().push(stream);
    }
    let mut chapters: HashMap<FileId, Vec<ChapterRow>> = HashMap::new();
    for chapter in store::list_chapters_unscoped(db, &ids).await? {
        chapters.entry(chapter.file_id).or_default().push(chapter);
    }
    let (extras, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|it| is_extra(&it.role));
    let views = rows.iter().map(|row| {
        let streams = if row.role == "main" {
            with_neighbours(row, &rows, &streams)
        } else {
            own(row, &streams)
        };
        let chapters = chapters.remove(&row.id).unwrap_or_default();
        file_view(row, streams, chapters, with_paths)
    });
    Ok((views.collect(), extras.iter().map(extra).collect()))
}

fn is_extra(role: &str) -> bool {
    matches!(role, "extra" | "trailer" | "theme")
}

/// The streams of a file as its own page shows them; those of a subtitle or audio file say what the name of the file
/// says.
fn own(row: &FileRow, streams: &HashMap<FileId, Vec<StreamRow>>) -> Vec<StreamView> {
    let found = streams.get(&row.id).map(Vec::as_slice).unwrap_or_default();
    let is_external = matches!(row.role.as_str(), "subtitle" | "audio");
    if !is_external {
        return found.iter().map(|it| stream_view(it.clone(), false)).collect();
    }
    let mut found = found.to_vec();
    if found.is_empty() {
        found.push(bare_stream(row));
    }
    let named = found.into_iter().map(|it| StreamRow {
        language: row.language.clone().or(it.language),
        title: row.title.clone().or(it.title),
        is_default: row.is_default || it.is_default,
        is_forced: row.is_forced || it.is_forced,
        is_hearing_impaired: row.is_hearing_impaired || it.is_hearing_impaired,
        ..it
    });
    named.map(|it| stream_view(it, true)).collect()
}

/// The streams of a main file, and numbered on behind them those of the subtitle and audio files that belong to it: of
/// its version and part, or of no particular one.
fn with_neighbours(
    row: &FileRow,
    all: &[FileRow],
    streams: &HashMap<FileId, Vec<StreamRow>>,
) -> Vec<StreamView> {
    let mut found = own(row, streams);
    let belongs = |it: &&FileRow| {
        matches!(it.role.as_str(), "subtitle" | "audio")
            && !it.is_missing
            && (it.version.is_none() || it.version == row.version)
            && (it.part.is_none() || it.part == row.part)
    };
    let next = found.iter().map(|it| it.index + 1).max().unwrap_or(0);
    let beside = all.iter().filter(belongs).flat_map(|it| own(it, streams));
    found.extend((next..).zip(beside).map(|(index, it)| StreamView { index, ..it }));
    found
}

/// What is known of the one stream of a file that nobody has read: its name says what it is.
fn bare_stream(row: &FileRow) -> StreamRow {
    let extension = row.path.rsplit_once('.').map_or("", |it| it.1).to_lowercase();
    StreamRow {
        file_id: row.id,
        index: 0,
        kind: row.role.clone(),
        codec: row.container.clone().unwrap_or(extension),
        codec_string: None,
        profile: None,
        width: None,
        height: None,
        frame_rate: None,
        bit_depth: None,
        hdr: None,
        channels: None,
        channel_layout: None,
        sample_rate: None,
        language: None,
        title: None,
        is_default: false,
        is_forced: false,
        is_hearing_impaired: false,
        loudness_lufs: None,
        loudness_range_lu: None,
        true_peak_db: None,
    }
}

fn stream_view(row: StreamRow, is_external: bool) -> StreamView {
    let summary = summary::of_stream(&row);
    StreamView {
        index: row.index,
        kind: row.kind,
        codec: row.codec,
        codec_string: row.codec_string,
        profile: row.profile,
        width: row.width,
        height: row.height,
        frame_rate: row.frame_rate,
        bit_depth: row.bit_depth,
        hdr: row.hdr,
        channels: row.channels,
        channel_layout: row.channel_layout,
        sample_rate: row.sample_rate,
        language: row.language,
        title: row.title,
        is_default: row.is_default,
        is_forced: row.is_forced,
        is_hearing_impaired: row.is_hearing_impaired,
        loudness_lufs: row.loudness_lufs,
        loudness_range_lu: row.loudness_range_lu,
        true_peak_db: row.true_peak_db,
        is_external,
        summary,
    }
}

fn file_view(
    row: &FileRow,
    streams: Vec<StreamView>,
    chapters: Vec<ChapterRow>,
    with_path: bool,
) -> FileView {
    FileView {
        id: row.id,
        name: file_name(&row.path).to_owned(),
        path: with_path.then(|| format!("{}/{}", row.folder, row.path)),
        size_bytes: row.size_bytes,
        container: row.container.clone(),
        duration_ms: row.duration_ms,
        bitrate_bps: row.bitrate_bps,
        version: row.version.clone(),
        part: row.part,
        role: row.role.clone(),
        is_missing: row.is_missing,
        problem: row.problem.clone(),
        streams,
        chapters: chapters
            .into_iter()
            .map(|it| Chapter { start_ms: it.start_ms, title: it.title })
            .collect(),
    }
}

fn extra(row: &FileRow) -> Extra {
    let name = file_name(&row.path);
    let title = row
        .title
        .clone()
        .unwrap_or_else(|| name.rsplit_once('.').map_or(name, |it| it.0).to_owned());
    let extra_type = row.extra_type.clone().unwrap_or_else(|| row.role.clone());
    Extra { id: row.id, title, extra_type, duration_ms: row.duration_ms }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |it| it.1)
}
