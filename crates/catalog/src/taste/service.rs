//! What people do with their taste and choices.

use kernel::id::ItemId;
use kernel::{Error, Result, Viewer};
use media::StreamKind;
use media::decide::{AudioChoice, SubtitleChoice, Taste, is_aside};
use sqlx::Connection as _;

use super::{NewChoice, Wanted, retiming_key, store};
use crate::Catalog;

/// Languages beyond this number are nobody's.
const MAX_LANGUAGES: usize = 16;
/// The longest tag that RFC 5646 wants to be supported.
const MAX_TAG_BYTES: usize = 35;
/// Titles of sound tracks are cut to so many characters.
const MAX_TITLE_CHARS: usize = 200;

impl Catalog {
    /// What the person likes in every film; nothing in particular where they never said.
    pub async fn find_taste(&self, viewer: &Viewer) -> Result<Taste> {
        let mut db = self.connection().await?;
        Ok(store::find_taste(&mut db, viewer.person_id).await?.unwrap_or_default())
    }

    /// Keeps what the person likes in every film.
    pub async fn write_taste(&self, viewer: &Viewer, taste: Taste) -> Result<Taste> {
        let taste = Taste {
            audio_languages: checked_languages("audio_languages", taste.audio_languages)?,
            subtitle_languages: checked_languages("subtitle_languages", taste.subtitle_languages)?,
            ..taste
        };
        let mut db = self.connection().await?;
        store::upsert_taste(&mut db, viewer.person_id, &taste, self.clock.now()).await?;
        Ok(taste)
    }

    /// What decides how an item begins for the person.
    pub async fn find_wanted(&self, viewer: &Viewer, item: ItemId) -> Result<Wanted> {
        let mut db = self.connection().await?;
        let row = store::find_choice(&mut db, &viewer.scope, viewer.person_id, item)
            .await?
            .ok_or(Error::NotFound("item"))?;
        let taste = store::find_taste(&mut db, viewer.person_id).await?.unwrap_or_default();
        // What an older version wrote and this one does not read was not chosen.
        Ok(Wanted {
            taste,
            file: row.file_id,
            audio: row.audio.and_then(|it| serde_json::from_value(it).ok()),
            subtitle: row.subtitle.and_then(|it| serde_json::from_value(it).ok()),
            retimings: row
                .retimings
                .and_then(|it| serde_json::from_value(it).ok())
                .unwrap_or_default(),
            original: row.original,
        })
    }

    /// Remembers what the person chose while playing an item.
    pub async fn remember_choice(
        &self,
        viewer: &Viewer,
        item: ItemId,
        choice: NewChoice,
    ) -> Result<()> {
        let files = self.list_playable(viewer, item).await?;
        let is_of_item = |id| files.iter().any(|it| it.id == id);
        if choice.version.is_some_and(|id| !is_of_item(id)) {
            return Err(Error::invalid("version", "the item has no such file"));
        }
        let audio = match choice.audio {
            Some((file, index)) if is_of_item(file) => {
                let streams = self.list_streams(viewer, &[file]).await?;
                let is_meant =
                    |it: &media::Stream| it.kind == StreamKind::Audio && it.index == index;
                let stream = streams.into_iter().map(|it| it.1).find(is_meant);
                Some(stream.ok_or_else(|| {
                    Error::invalid("audio.index", "the file has no such sound track")
                })?)
            }
            Some(_) => return Err(Error::invalid("audio.file_id", "the item has no such file")),
            None => None,
        };
        let audio = audio.map(|it| AudioChoice {
            is_aside: is_aside(&it),
            title: it.title.map(|title| title.chars().take(MAX_TITLE_CHARS).collect()),
            language: it.language,
        });
        let subtitle = choice.subtitle.map(checked_subtitle).transpose()?;
        if let Some(retiming) = &choice.retiming {
            if !is_of_item(retiming.file) {
                return Err(Error::invalid("timing.file_id", "the item has no such file"));
            }
            let streams = self.list_streams(viewer, &[retiming.file]).await?;
            let is_stream = |it: &media::Stream| {
                it.kind == StreamKind::Subtitle && it.index.to_string() == retiming.subtitle
            };
            let is_beside = files
                .iter()
                .any(|it| it.role == "subtitle" && it.id.to_string() == retiming.subtitle);
            if !is_beside && !streams.iter().any(|it| is_stream(&it.1)) {
                return Err(Error::invalid("timing.subtitle", "the item has no such subtitle"));
            }
        }
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        if !store::has_item(&mut tx, &viewer.scope, item).await? {
            return Err(Error::NotFound("item"));
        }
        if let Some(file) = choice.version {
            store::upsert_version(&mut tx, viewer.person_id, item, file, now).await?;
        }
        if audio.is_some() || subtitle.is_some() {
            let audio = audio.as_ref().map(to_json).transpose()?;
            let subtitle = subtitle.as_ref().map(to_json).transpose()?;
            store::upsert_streams(&mut tx, viewer.person_id, item, audio, subtitle, now).await?;
        }
        if let Some(it) = &choice.retiming {
            let key = retiming_key(it.file, &it.subtitle);
            let by = (!it.by.is_nothing()).then(|| to_json(&it.by)).transpose()?;
            store::upsert_retiming(&mut tx, viewer.person_id, item, &key, by, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(value).map_err(anyhow::Error::from)?)
}

fn checked_languages(field: &'static str, languages: Vec<String>) -> Result<Vec<String>> {
    if languages.len() > MAX_LANGUAGES {
        return Err(Error::invalid(field, format!("at most {MAX_LANGUAGES} languages")));
    }
    let mut checked: Vec<String> = Vec::new();
    for language in languages {
        let language = checked_language(field, &language)?;
        if !checked.contains(&language) {
            checked.push(language);
        }
    }
    Ok(checked)
}

/// A tag that looks like one of BCP 47.
fn checked_language(field: &'static str, tag: &str) -> Result<String> {
    let is_part =
        |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    let is_tag = tag.len() <= MAX_TAG_BYTES
        && tag.split('-').all(is_part)
        && tag.split('-').next().is_some_and(|it| it.len() > 1);
    if is_tag {
        Ok(tag.to_owned())
    } else {
        Err(Error::invalid(field, "a language is a tag like de, en or pt-BR"))
    }
}

fn checked_subtitle(choice: SubtitleChoice) -> Result<SubtitleChoice> {
    if let SubtitleChoice::Text { language: Some(language), .. } = &choice {
        checked_language("subtitle.language", language)?;
    }
    Ok(choice)
}
