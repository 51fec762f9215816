//! Subtitles that are painted into a film's pictures: whether that goes, and what is drawn where they are text.

use std::sync::Arc;

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use kernel::{Error, Result, Viewer};
use media::Codec;
use media::decide::Reason;
use media::subtitles::{Form, Script};
use media::transcode::{Burnt, Picture, Rendition};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::films::{Films, OpenFilm, again};
use crate::service::{Playback, file_changed};
use crate::subtitles::{self, Subtitle, SubtitleFormat, form};

/// A subtitle that is painted, and the film that it is painted into, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Painted {
    file: FileId,
    version: String,
    burnt: Burnt,
}

/// What is known of a subtitle that can be painted.
pub(crate) struct Paintable {
    pub burnt: Burnt,
    pub codec: Codec,
}

impl Films {
    /// The script of a subtitle that is painted; `None` where it is pictures itself. That of a file must have been brought.
    pub async fn painted(
        &self,
        id: FileId,
        opened: &Arc<OpenFilm>,
        burnt: Burnt,
    ) -> Result<Option<Arc<Script>>> {
        let key = Painted { file: id, version: opened.version.clone(), burnt };
        let stream = match burnt {
            Burnt::Stream(stream) => stream,
            Burnt::Beside { .. } => {
                let script = self.scripts.get(&key).await;
                return script.map(Some).ok_or_else(file_changed);
            }
        };
        if opened.film.drawn.iter().any(|it| it.index == stream) {
            return Ok(None);
        }
        let opened = Arc::clone(opened);
        let read = self
            .read(move || Ok(Arc::new(Script::of_stream(&opened.film, &*opened.file, stream)?)));
        let script = self.scripts.try_get_with(key, read).await;
        script.map(Some).map_err(|error| again(&error))
    }

    /// Has the script of a subtitle file ready.
    async fn bring_script(
        &self,
        id: FileId,
        opened: &Arc<OpenFilm>,
        (burnt, beside): (Burnt, &PlayableFile),
    ) -> Result<()> {
        let key = Painted { file: id, version: opened.version.clone(), burnt };
        let form = form(&beside.path).ok_or(Error::NotFound("subtitle"))?;
        let (path, language) = (beside.path.clone(), beside.language.clone());
        let opened = Arc::clone(opened);
        let reading = async {
            let read = self.read(move || {
                let file = subtitles::read_bounded(&path).map_err(media::ProbeError::Io)?;
                let film = (&opened.film, &*opened.file);
                Ok(Script::of_file(form, &file, language.as_deref(), film.0, film.1))
            });
            let script = read.await?.map_err(|error| {
                Error::conflict("playback.unreadable_subtitle", error.to_string())
            })?;
            Ok::<_, Error>(Arc::new(script))
        };
        let script = self.scripts.try_get_with(key, reading).await;
        script.map(drop).map_err(|error| again(&error))
    }
}

impl Playback {
    /// How a subtitle is painted into a film, or why it is not.
    pub(crate) async fn paintable(
        &self,
        (id, film): (FileId, &Arc<OpenFilm>),
        subtitle: &Subtitle,
        beside: &[PlayableFile],
    ) -> Result<Paintable, Reason> {
        if let Some(why) = self.transcoder.against() {
            return Err(why);
        }
        let not = |it: &Error| Reason::SubtitleNotPainted(it.to_string());
        let own = |all: &[media::Stream]| {
            let stream = all.iter().find(|it| Some(it.index) == subtitle.stream);
            stream.map(|it| Paintable { burnt: Burnt::Stream(it.index), codec: it.codec.clone() })
        };
        let is_lost = || not(&Error::NotFound("subtitle"));
        if subtitle.format == SubtitleFormat::Drawn {
            return own(&film.film.drawn).ok_or_else(is_lost);
        }
        self.transcoder.paints_text().await.map_err(Reason::SubtitleNotPainted)?;
        if let Some(own) = own(&film.film.texts) {
            return Ok(own);
        }
        let beside = beside.iter().find(|it| Some(it.id) == subtitle.file);
        let beside = beside.ok_or_else(is_lost)?;
        let version = self.films.version(&beside.path).await.map_err(|it| not(&it))?;
        let burnt = Burnt::Beside { file: beside.id.0.as_u128(), version: short(&version) };
        let bringing = self.films.bring_script(id, film, (burnt, beside));
        bringing.await.map_err(|it| not(&it))?;
        let codec = match form(&beside.path) {
            Some(Form::Script) => Codec::Ass,
            Some(Form::Srt) => Codec::Subrip,
            Some(Form::Sami) => Codec::Other("sami".to_owned()),
            Some(Form::Ttml) => Codec::Other("ttml".to_owned()),
            Some(Form::Lined) => Codec::Other("microdvd".to_owned()),
            Some(Form::Webvtt) | None => Codec::Webvtt,
        };
        Ok(Paintable { burnt, codec })
    }

    /// Has a subtitle file ready that is painted into pictures, if this person may know of it and it is still the same.
    pub(crate) async fn bring_painted(
        &self,
        viewer: &Viewer,
        (id, opened): (FileId, &Arc<OpenFilm>),
        rendition: Rendition,
    ) -> Result<()> {
        let Rendition::Picture(Picture { burnt: Some(burnt), .. }) = rendition else {
            return Ok(());
        };
        let Burnt::Beside { file, version } = burnt else { return Ok(()) };
        let beside = self.find_subtitle(viewer, FileId(Uuid::from_u128(file))).await?;
        if short(&self.films.version(&beside.path).await?) != version {
            return Err(file_changed());
        }
        self.films.bring_script(id, opened, (burnt, &beside)).await
    }
}

/// A version of a file as a number.
fn short(version: &str) -> u64 {
    let digest = Sha256::digest(version);
    digest.first_chunk().map_or(0, |it| u64::from_be_bytes(*it))
}
