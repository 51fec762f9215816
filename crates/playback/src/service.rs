//! Starting a playback.

use std::path::Path;
use std::time::Duration;

use catalog::Catalog;
use catalog::item::{Chapter, ItemCard, StreamView};
use catalog::playable::PlayableFile;
use kernel::id::{FileId, Ids, ItemId};
use kernel::{Clock, Error, Result, Viewer};
use uuid::Uuid;
use wire::signed::Signer;

use crate::choose::{Choice, choose, reasons};

/// How long a stream's URL opens: a long film with pauses.
const URL_LIFE: Duration = Duration::from_hours(12);

/// The largest subtitle file that is read; the largest real ones are a tenth of it.
const MAX_SUBTITLE_BYTES: u64 = 16 << 20;

/// The room: from "play" to bytes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Playback {
    catalog: Catalog,
    signer: Signer,
    clock: Clock,
    ids: Ids,
}

/// What a client needs to play an item.
pub struct Start {
    pub play_id: Uuid,
    pub item: ItemCard,
    pub file: PlayableFile,
    pub is_direct: bool,
    pub reasons: Vec<String>,
    pub url: String,
    pub position_ms: i64,
    pub audio: Vec<StreamView>,
    pub subtitles: Vec<Subtitle>,
    pub chapters: Vec<Chapter>,
    pub next: Option<ItemCard>,
}

/// A subtitle that can be shown with the item.
pub struct Subtitle {
    pub file: PlayableFile,
    pub url: String,
}

impl Playback {
    /// The room built from what it needs.
    pub fn new(catalog: Catalog, signer: Signer, clock: Clock, ids: Ids) -> Self {
        Self { catalog, signer, clock, ids }
    }

    /// What a client may ask itself whether it can play, one MIME type for each main file.
    pub async fn candidates(&self, viewer: &Viewer, item: ItemId) -> Result<Vec<PlayableFile>> {
        let mut files = self.catalog.list_playable(viewer, item).await?;
        if files.is_empty() {
            // Tells an item without files from one that does not exist for the viewer.
            self.catalog.find_card(viewer, item).await?;
        }
        files.retain(|it| !it.is_missing && it.mime.is_some() && it.role != "subtitle");
        Ok(files)
    }

    /// Chooses a file and hands out URLs for it.
    pub async fn start(
        &self,
        viewer: &Viewer,
        item: ItemId,
        wish: Option<FileId>,
        supported: Option<&[String]>,
    ) -> Result<Start> {
        let detail = self.catalog.find_item(viewer, item).await?;
        let files = self.catalog.list_playable(viewer, item).await?;
        let (file, is_direct) = match choose(&files, wish, supported) {
            Choice::Direct(file) => (file.clone(), true),
            Choice::Unsupported(file) => (file.clone(), false),
            Choice::Nothing => {
                let message =
                    "no file of this is there to be played; look at its files for the reason";
                return Err(Error::conflict("playback.no_file", message));
            }
        };
        let view = detail.files.into_iter().find(|it| it.id == file.id);
        let (audio, chapters) = view.map_or_else(Default::default, |it| {
            (it.streams.into_iter().filter(|stream| stream.kind == "audio").collect(), it.chapters)
        });
        let subtitles = files
            .iter()
            .filter(|it| {
                it.role == "subtitle" && !it.is_missing && it.problem.is_none() && is_text(&it.path)
            })
            .map(|it| Subtitle {
                url: self.sign(viewer, &format!("/playback/subtitles/{}", it.id)),
                file: it.clone(),
            })
            .collect();
        let progress = &detail.card.progress;
        Ok(Start {
            play_id: self.ids.next(),
            is_direct,
            reasons: if is_direct { Vec::new() } else { reasons(&file) },
            url: self.sign(viewer, &format!("/playback/streams/{}", file.id)),
            position_ms: if progress.is_played { 0 } else { progress.position_ms },
            audio,
            subtitles,
            chapters,
            next: self.catalog.find_next(viewer, item).await?,
            item: detail.card,
            file,
        })
    }

    /// The file behind a signed URL.
    pub async fn find_file(&self, viewer: &Viewer, file: FileId) -> Result<PlayableFile> {
        let file = self.catalog.find_playable(viewer, file).await?;
        if file.is_missing { Err(Error::NotFound("file")) } else { Ok(file) }
    }

    /// A subtitle file as WebVTT.
    pub async fn read_subtitle(&self, viewer: &Viewer, file: FileId) -> Result<String> {
        let file = self.find_file(viewer, file).await?;
        if file.role != "subtitle" || !is_text(&file.path) {
            return Err(Error::NotFound("subtitle"));
        }
        let is_webvtt = file.path.extension().is_some_and(|it| it.eq_ignore_ascii_case("vtt"));
        let read = tokio::task::spawn_blocking({
            let path = file.path.clone();
            move || read_bounded(&path)
        });
        let bytes =
            read.await.map_err(anyhow::Error::from)?.map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Error::NotFound("subtitle"),
                _ => Error::Unavailable { service: "the file's disk", source: error.into() },
            })?;
        let language = file.language.as_deref();
        if is_webvtt {
            return Ok(media::subtitles::decode(&bytes, language).into_owned());
        }
        media::subtitles::srt_to_webvtt(&bytes, language)
            .map_err(|error| Error::conflict("playback.unreadable_subtitle", error.to_string()))
    }

    fn sign(&self, viewer: &Viewer, path: &str) -> String {
        let expires_at = self.clock.now() + URL_LIFE;
        self.signer.sign(&format!("/api/v1{path}"), viewer.person_id, viewer.session_id, expires_at)
    }
}

/// Whether our converter reads a subtitle file of this name.
fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("srt") || it.eq_ignore_ascii_case("vtt"))
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_SUBTITLE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
