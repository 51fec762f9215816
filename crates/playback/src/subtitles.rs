//! The subtitles of what is played: files beside it and streams in it, as text, as scripts with styles, and as pictures.

use std::path::Path;

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use kernel::{Error, Result, Viewer};
use media::decide::Text;
use media::{Codec, Container, Stream, StreamKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Playback, beside};

/// Endings of scripts with styles.
const SCRIPTS: [&str; 2] = ["ass", "ssa"];
/// The largest subtitle file that is read; the largest real ones are a tenth of it.
const MAX_SUBTITLE_BYTES: u64 = 16 << 20;

/// What the address of a subtitle leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleFormat {
    /// Text, as WebVTT.
    Webvtt,
    /// Pictures: a list of the windows of time that have them.
    Drawn,
}

/// A subtitle that can be shown with the item.
pub struct Subtitle {
    pub title: Option<String>,
    pub language: Option<String>,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_commentary: bool,
    pub is_default: bool,
    pub format: SubtitleFormat,
    pub url: String,
    pub styled: Option<Styled>,
}

/// A script of Advanced SubStation Alpha with what it needs; addresses are signed and relative to the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Styled {
    /// The script, in UTF-8.
    pub url: String,
    /// Fonts that the film brings.
    pub fonts: Vec<String>,
}

impl Subtitle {
    /// What the rules of choosing look at.
    pub(crate) fn text(&self) -> Text<'_> {
        Text {
            language: self.language.as_deref(),
            is_forced: self.is_forced,
            is_hearing_impaired: self.is_hearing_impaired,
            is_commentary: self.is_commentary,
            is_default: self.is_default,
        }
    }
}

impl Playback {
    /// The subtitle files that go with a video.
    pub(crate) fn subtitles_beside(
        &self,
        viewer: &Viewer,
        video: &PlayableFile,
        files: &[PlayableFile],
    ) -> Vec<Subtitle> {
        let subtitle = |it: &PlayableFile| Subtitle {
            title: it.title.clone(),
            language: it.language.clone(),
            is_forced: it.is_forced,
            is_hearing_impaired: it.is_hearing_impaired,
            is_commentary: false,
            is_default: it.is_default,
            format: SubtitleFormat::Webvtt,
            url: self.sign(viewer, &format!("/playback/subtitles/{}", it.id)),
            styled: has_ending(&it.path, &SCRIPTS).then(|| Styled {
                url: self.sign(viewer, &format!("/playback/subtitles/{}/script", it.id)),
                fonts: Vec::new(),
            }),
        };
        texts_beside(video, files).map(subtitle).collect()
    }

    /// The file's own subtitles, where they can be had without reading all of it.
    pub(crate) async fn subtitles_inside(
        &self,
        viewer: &Viewer,
        file: &PlayableFile,
        streams: impl Iterator<Item = &Stream>,
    ) -> Vec<Subtitle> {
        let own: Vec<&Stream> = streams.filter(|it| it.kind == StreamKind::Subtitle).collect();
        let is_read = matches!(
            file.container,
            Some(Container::Matroska | Container::WebM | Container::Mp4 | Container::Mov)
        );
        if own.is_empty() || !is_read {
            return Vec::new();
        }
        // A film that cannot be opened is played without them.
        let Ok(film) = self.films.outline(file.id, &file.path).await else { return Vec::new() };
        let has = |all: &[Stream], it: &Stream| all.iter().any(|own| own.index == it.index);
        let subtitle = |it: &&Stream| {
            let (format, name) = if has(&film.film.texts, it) {
                (SubtitleFormat::Webvtt, "text.vtt")
            } else if has(&film.film.drawn, it) {
                (SubtitleFormat::Drawn, "drawn.json")
            } else {
                return None;
            };
            let below = format!("/playback/hls/{}/{}", file.id, film.version);
            let font = |it| self.sign(viewer, &format!("{below}/fonts/{it}"));
            let styled = (it.codec == Codec::Ass).then(|| Styled {
                url: self.sign(viewer, &format!("{below}/{}/text.ass", it.index)),
                fonts: (0..film.film.fonts.len()).map(font).collect(),
            });
            Some(Subtitle {
                title: it.title.clone(),
                language: it.language.clone(),
                is_forced: it.flags.forced,
                is_hearing_impaired: it.flags.hearing_impaired,
                is_commentary: it.flags.commentary,
                is_default: it.flags.default,
                format,
                url: self.sign(viewer, &format!("{below}/{}/{name}", it.index)),
                styled,
            })
        };
        own.iter().filter_map(subtitle).collect()
    }

    /// A subtitle file that our converters read.
    pub(crate) async fn find_subtitle(
        &self,
        viewer: &Viewer,
        file: FileId,
    ) -> Result<PlayableFile> {
        let file = self.find_file(viewer, file).await?;
        let is_subtitle = file.role == "subtitle" && is_text(&file.path);
        if is_subtitle { Ok(file) } else { Err(Error::NotFound("subtitle")) }
    }

    /// A subtitle file as WebVTT.
    pub async fn read_subtitle(&self, viewer: &Viewer, file: FileId) -> Result<String> {
        let (file, bytes) = self.read_subtitle_file(viewer, file).await?;
        let language = file.language.as_deref();
        if has_ending(&file.path, &["vtt"]) {
            return Ok(media::subtitles::decode(&bytes, language).into_owned());
        }
        let converted = if has_ending(&file.path, &SCRIPTS) {
            media::subtitles::ass_to_webvtt(&bytes, language)
        } else {
            media::subtitles::srt_to_webvtt(&bytes, language)
        };
        converted
            .map_err(|error| Error::conflict("playback.unreadable_subtitle", error.to_string()))
    }

    /// A subtitle file that is a script, in UTF-8.
    pub async fn read_script(&self, viewer: &Viewer, file: FileId) -> Result<String> {
        let (file, bytes) = self.read_subtitle_file(viewer, file).await?;
        if !has_ending(&file.path, &SCRIPTS) {
            return Err(Error::NotFound("subtitle"));
        }
        Ok(media::subtitles::decode(&bytes, file.language.as_deref()).into_owned())
    }

    async fn read_subtitle_file(
        &self,
        viewer: &Viewer,
        file: FileId,
    ) -> Result<(PlayableFile, Vec<u8>)> {
        let file = self.find_subtitle(viewer, file).await?;
        let read = tokio::task::spawn_blocking({
            let path = file.path.clone();
            move || read_bounded(&path)
        });
        let bytes =
            read.await.map_err(anyhow::Error::from)?.map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Error::NotFound("subtitle"),
                _ => Error::Unavailable { service: "the file's disk", source: error.into() },
            })?;
        Ok((file, bytes))
    }
}

/// The subtitle files that can be shown with a video.
pub(crate) fn texts_beside<'a>(
    video: &'a PlayableFile,
    files: &'a [PlayableFile],
) -> impl Iterator<Item = &'a PlayableFile> {
    files.iter().filter(|it| {
        it.role == "subtitle"
            && !it.is_missing
            && it.problem.is_none()
            && is_text(&it.path)
            && beside::goes_with(it, video, files)
    })
}

/// Whether our converters read a subtitle file of this name.
fn is_text(path: &Path) -> bool {
    has_ending(path, &["srt", "vtt", "ass", "ssa"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.iter().any(|ending| it.eq_ignore_ascii_case(ending)))
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_SUBTITLE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
