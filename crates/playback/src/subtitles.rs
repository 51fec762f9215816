//! The subtitles of what is played: files beside it and streams in it, as text, as scripts with styles, and as pictures.

use std::path::Path;

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use kernel::{Error, Result, Viewer};
use media::decide::{SubtitleSupport, SubtitleWhy, Text};
use media::subtitles::{Form, Hints, Retiming, retime_ass, retime_webvtt};
use media::{Codec, Container, Rational, Stream, StreamKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::film_rate;
use crate::api::retiming::parameters;
use crate::{Playback, beside};

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
    /// What it is for the film: the stream's number, or the file's id.
    pub id: String,
    /// When the person has it shown.
    pub retiming: Retiming,
    /// The stream that it is, where it is in the file.
    pub stream: Option<u32>,
    /// The file that it is, where it is beside the film.
    pub file: Option<FileId>,
    /// It is in the pictures already.
    pub is_painted: bool,
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
    /// Whether a client shows it by itself.
    pub(crate) fn is_shown_by(&self, client: SubtitleSupport) -> bool {
        match self.format {
            SubtitleFormat::Webvtt => client.text || client.script && self.styled.is_some(),
            SubtitleFormat::Drawn => client.drawn,
        }
    }

    /// Has it shown at other times. Pictures are moved by who shows them.
    pub(crate) fn retime(&mut self, by: Retiming) {
        self.retiming = by;
        if self.format == SubtitleFormat::Webvtt {
            self.url.push_str(&parameters(by));
        }
        if let Some(styled) = &mut self.styled {
            styled.url.push_str(&parameters(by));
        }
    }

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
    /// The subtitle files that go with a video of so many pictures a second.
    pub(crate) fn subtitles_beside(
        &self,
        viewer: &Viewer,
        (video, frame_rate): (&PlayableFile, Option<Rational>),
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
            url: self.beside_url(viewer, it, frame_rate),
            styled: (form(&it.path) == Some(Form::Script)).then(|| Styled {
                url: self.sign(viewer, &format!("/playback/subtitles/{}/script", it.id)),
                fonts: Vec::new(),
            }),
            id: it.id.to_string(),
            retiming: Retiming::default(),
            stream: None,
            file: Some(it.id),
            is_painted: false,
        };
        texts_beside(video, files).map(subtitle).collect()
    }

    /// The signed address of a subtitle file, with the rate of the film that it is beside where the file needs it.
    pub(crate) fn beside_url(
        &self,
        viewer: &Viewer,
        file: &PlayableFile,
        frame_rate: Option<Rational>,
    ) -> String {
        let url = self.sign(viewer, &format!("/playback/subtitles/{}", file.id));
        let counts_pictures = form(&file.path) == Some(Form::Lined);
        url + &film_rate::parameter(frame_rate.filter(|_| counts_pictures))
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
            Some(
                Container::Matroska
                    | Container::WebM
                    | Container::Mp4
                    | Container::Mov
                    | Container::MpegTs
            )
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
                id: it.index.to_string(),
                retiming: Retiming::default(),
                stream: Some(it.index),
                file: None,
                is_painted: false,
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
        let is_subtitle = file.role == "subtitle" && form(&file.path).is_some();
        if !is_subtitle || has_index(&file.path).await {
            return Err(Error::NotFound("subtitle"));
        }
        Ok(file)
    }

    /// A subtitle file as WebVTT; `frame_rate` is of the film, for files that count its pictures.
    pub async fn read_subtitle(
        &self,
        viewer: &Viewer,
        file: FileId,
        by: Retiming,
        frame_rate: Option<Rational>,
    ) -> Result<String> {
        let (file, bytes) = self.read_subtitle_file(viewer, file).await?;
        let form = form(&file.path).ok_or(Error::NotFound("subtitle"))?;
        let hints = Hints { language: file.language.as_deref(), frame_rate };
        media::subtitles::file_to_webvtt(form, &bytes, hints)
            .map(|it| retime_webvtt(&it, by).into_owned())
            .map_err(|error| Error::conflict("playback.unreadable_subtitle", error.to_string()))
    }

    /// A subtitle file that is a script, in UTF-8.
    pub async fn read_script(&self, viewer: &Viewer, file: FileId, by: Retiming) -> Result<String> {
        let (file, bytes) = self.read_subtitle_file(viewer, file).await?;
        if form(&file.path) != Some(Form::Script) {
            return Err(Error::NotFound("subtitle"));
        }
        let script = media::subtitles::decode(&bytes, file.language.as_deref());
        Ok(retime_ass(&script, by).into_owned())
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

/// The subtitle that `choose` finds. One that the client does not show by itself gives way to one of the same language that
/// it shows, and for which the film need not be converted.
pub(crate) fn choose_shown(
    subtitles: &[Subtitle],
    client: SubtitleSupport,
    choose: impl Fn(&[Text<'_>]) -> (Option<usize>, SubtitleWhy),
) -> (Option<usize>, SubtitleWhy) {
    let texts: Vec<Text<'_>> = subtitles.iter().map(Subtitle::text).collect();
    let (found, why) = choose(&texts);
    let Some(hidden) = found.and_then(|it| subtitles.get(it)).filter(|it| !it.is_shown_by(client))
    else {
        return (found, why);
    };
    let is_like = |it: &Subtitle| it.is_shown_by(client) && it.language == hidden.language;
    let (places, texts): (Vec<usize>, Vec<Text<'_>>) = subtitles
        .iter()
        .enumerate()
        .filter(|(_, it)| is_like(it))
        .map(|(place, it)| (place, it.text()))
        .unzip();
    match choose(&texts) {
        (Some(at), like) if like == why => (places.get(at).copied(), why),
        _ => (found, why),
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
            && form(&it.path).is_some()
            && !files.iter().any(|other| is_indexed_by(&it.path, &other.path))
            && beside::goes_with(it, video, files)
    })
}

/// How our converters read a subtitle file of this name, if they do.
pub(crate) fn form(path: &Path) -> Option<Form> {
    Form::of_extension(path.extension()?.to_str()?)
}

/// Whether a file of this name is the pictures of the index that `other` is.
fn is_indexed_by(path: &Path, other: &Path) -> bool {
    let is = |path: &Path, ending: &str| {
        path.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending))
    };
    is(path, "sub") && is(other, "idx") && path.with_extension("") == other.with_extension("")
}

/// Whether a file of this name has an index beside it that makes it pictures.
async fn has_index(path: &Path) -> bool {
    for ending in ["idx", "IDX"] {
        let index = path.with_extension(ending);
        if is_indexed_by(path, &index) && tokio::fs::try_exists(&index).await.unwrap_or(false) {
            return true;
        }
    }
    false
}

pub(crate) fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_SUBTITLE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use media::decide::{Taste, choose_subtitle};

    use super::*;

    fn subtitle(language: &str, format: SubtitleFormat) -> Subtitle {
        Subtitle {
            title: None,
            language: Some(language.to_owned()),
            is_forced: false,
            is_hearing_impaired: false,
            is_commentary: false,
            is_default: false,
            format,
            url: String::new(),
            styled: None,
            id: String::new(),
            retiming: Retiming::default(),
            stream: Some(3),
            file: None,
            is_painted: false,
        }
    }

    #[test]
    fn what_a_client_shows_by_itself_goes_before_what_is_painted_if_it_is_in_the_same_language() {
        use SubtitleFormat::{Drawn, Webvtt};
        let text = SubtitleSupport { text: true, script: false, drawn: false };
        let taste = Taste {
            subtitles: media::decide::SubtitleMode::Always,
            subtitle_languages: vec!["de".to_owned(), "en".to_owned()],
            ..Taste::default()
        };
        for (subtitles, client, expected) in [
            ([("de", Drawn), ("de", Webvtt)], text, 1),
            ([("de", Drawn), ("en", Webvtt)], text, 0),
            ([("de", Drawn), ("de", Webvtt)], SubtitleSupport::default(), 0),
        ] {
            let subtitles = subtitles.map(|(language, format)| subtitle(language, format));
            let choose = |texts: &[Text<'_>]| choose_subtitle(texts, None, &taste, None);
            assert_eq!(choose_shown(&subtitles, client, choose).0, Some(expected));
        }
    }

    #[test]
    fn pictures_with_an_index_are_not_taken_for_text() {
        for (path, other, expected) in [
            ("/a/Film.sub", "/a/Film.idx", true),
            ("/a/Film.SUB", "/a/Film.Idx", true),
            ("/a/Film.sub", "/a/Film.de.idx", false),
            ("/a/Film.sub", "/b/Film.idx", false),
            ("/a/Film.srt", "/a/Film.idx", false),
        ] {
            assert_eq!(
                is_indexed_by(Path::new(path), Path::new(other)),
                expected,
                "{path} {other}"
            );
        }
    }

    #[test]
    fn a_script_is_shown_by_who_shows_scripts_or_text() {
        let mut script = subtitle("de", SubtitleFormat::Webvtt);
        script.styled = Some(Styled { url: String::new(), fonts: Vec::new() });
        for (text, styles, is_shown) in
            [(true, false, true), (false, true, true), (false, false, false)]
        {
            let client = SubtitleSupport { text, script: styles, drawn: true };
            assert_eq!(script.is_shown_by(client), is_shown);
        }
    }
}
