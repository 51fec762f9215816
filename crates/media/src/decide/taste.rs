//! What a person likes to hear and read, and what they chose before: which sound and subtitle a film begins with.

use serde::{Deserialize, Serialize};

use super::language::rank;

/// What a person likes in every film.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taste {
    /// Heard, BCP 47, the dearest first; empty: as the file proposes.
    pub audio_languages: Vec<String>,
    /// The language a film was made in goes before all of them.
    pub prefers_original: bool,
    /// When subtitles are shown.
    pub subtitles: SubtitleMode,
    /// Read, BCP 47, the dearest first; empty: those that are heard.
    pub subtitle_languages: Vec<String>,
    /// Of two subtitles, the one that also tells the sounds.
    pub prefers_hearing_impaired: bool,
}

impl Taste {
    /// The languages the person reads.
    fn read_languages(&self) -> &[String] {
        if self.subtitle_languages.is_empty() {
            &self.audio_languages
        } else {
            &self.subtitle_languages
        }
    }
}

/// When subtitles are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleMode {
    /// Never.
    Off,
    /// Only what is foreign even to those who understand the film.
    #[default]
    Forced,
    /// Whenever the sound is in a language that the person does not read; else as `Forced`.
    Foreign,
    /// Always.
    Always,
}

impl SubtitleMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Off, Self::Forced, Self::Foreign, Self::Always];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Forced => "forced",
            Self::Foreign => "foreign",
            Self::Always => "always",
        }
    }
}

/// A sound track a person chose, told so that it is found again in other files of the same series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioChoice {
    /// BCP 47.
    pub language: Option<String>,
    /// What the file calls it.
    pub title: Option<String>,
    /// Somebody talking about the film or describing it.
    pub is_aside: bool,
}

/// What a person chose to read, told so that it is found again in other files of the same series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubtitleChoice {
    /// Nothing.
    Off,
    /// One like this.
    Text {
        /// BCP 47.
        language: Option<String>,
        /// Only what is foreign even to those who understand the film.
        is_forced: bool,
        /// Also the sounds.
        is_hearing_impaired: bool,
    },
}

/// Why this sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioWhy {
    /// It was asked for by number.
    Asked,
    /// The person chose one like it before.
    Remembered,
    /// It is the language the film was made in, which the person prefers.
    Original,
    /// It is in a language that the person likes.
    Language,
    /// The file proposes it.
    Proposed,
}

impl AudioWhy {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Remembered => "remembered",
            Self::Original => "original",
            Self::Language => "language",
            Self::Proposed => "proposed",
        }
    }
}

/// Why this subtitle, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubtitleWhy {
    /// It, or none, was asked for.
    Asked,
    /// The person chose one like it, or none, before.
    Remembered,
    /// The person reads none.
    Off,
    /// The film is heard in a language that the person does not read.
    Foreign,
    /// The person reads along always.
    Always,
    /// Only what is foreign even to those who understand the film.
    Forced,
    /// There is none that fits.
    Nothing,
    /// The one that fits cannot be shown by this client, and not be painted into the pictures.
    NotShown,
}

impl SubtitleWhy {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Remembered => "remembered",
            Self::Asked => "asked",
            Self::Off => "off",
            Self::Foreign => "foreign",
            Self::Always => "always",
            Self::Forced => "forced",
            Self::Nothing => "nothing",
            Self::NotShown => "not_shown",
        }
    }
}

/// A subtitle that can be shown, in the file or beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Text<'a> {
    /// BCP 47.
    pub language: Option<&'a str>,
    /// Only what is foreign even to those who understand the film.
    pub is_forced: bool,
    /// Also the sounds.
    pub is_hearing_impaired: bool,
    /// Somebody talking about the film.
    pub is_commentary: bool,
    /// The file proposes it.
    pub is_default: bool,
}

/// The subtitle that is shown with sound in the language `heard`, by its place in `texts`, and why.
pub fn choose_subtitle(
    texts: &[Text<'_>],
    heard: Option<&str>,
    taste: &Taste,
    remembered: Option<&SubtitleChoice>,
) -> (Option<usize>, SubtitleWhy) {
    match remembered {
        Some(SubtitleChoice::Off) => return (None, SubtitleWhy::Remembered),
        Some(SubtitleChoice::Text { language, is_forced, is_hearing_impaired }) => {
            let wanted: Vec<String> = language.iter().cloned().collect();
            let fits = |it: &Text<'_>| {
                it.is_forced == *is_forced
                    && (it.language == language.as_deref() || ranks(&wanted, it.language))
            };
            let found = best(texts, fits, &wanted, *is_hearing_impaired);
            if found.is_some() {
                return (found, SubtitleWhy::Remembered);
            }
        }
        None => {}
    }
    let reads = taste.read_languages();
    let full = |languages: &[String]| {
        let fits = |it: &Text<'_>| !it.is_forced && ranks(languages, it.language);
        best(texts, fits, languages, taste.prefers_hearing_impaired)
    };
    let chosen = match taste.subtitles {
        SubtitleMode::Off => return (None, SubtitleWhy::Off),
        SubtitleMode::Forced => None,
        SubtitleMode::Foreign => {
            let is_foreign = heard.is_some() && !reads.is_empty() && !ranks(reads, heard);
            let found = if is_foreign { full(reads) } else { None };
            found.map(|it| (it, SubtitleWhy::Foreign))
        }
        SubtitleMode::Always => {
            let heard: Vec<String> = heard.map(str::to_owned).into_iter().collect();
            let any = |it: &Text<'_>| !it.is_forced;
            let found = full(reads)
                .or_else(|| full(&heard))
                .or_else(|| best(texts, any, &[], taste.prefers_hearing_impaired));
            found.map(|it| (it, SubtitleWhy::Always))
        }
    };
    if let Some((found, why)) = chosen {
        return (Some(found), why);
    }
    // What is foreign in the film is told in the language that is heard.
    let heard_or_read: Vec<String> = match heard {
        Some(heard) => vec![heard.to_owned()],
        None => reads.to_vec(),
    };
    let forced = |it: &Text<'_>| {
        it.is_forced && (it.language.is_none() || ranks(&heard_or_read, it.language))
    };
    match best(texts, forced, &heard_or_read, taste.prefers_hearing_impaired) {
        Some(found) => (Some(found), SubtitleWhy::Forced),
        None => (None, SubtitleWhy::Nothing),
    }
}

fn ranks(languages: &[String], language: Option<&str>) -> bool {
    rank(languages, language).is_some()
}

/// Of the subtitles that fit, the one in the dearest language, for those who hear well or not as wished.
fn best(
    texts: &[Text<'_>],
    fits: impl Fn(&Text<'_>) -> bool,
    languages: &[String],
    with_sounds: bool,
) -> Option<usize> {
    let fitting = texts.iter().enumerate().filter(|(_, it)| fits(it));
    let best = fitting.min_by_key(|(at, it)| {
        let place = rank(languages, it.language).unwrap_or(usize::MAX);
        (it.is_commentary, place, it.is_hearing_impaired != with_sounds, !it.is_default, *at)
    });
    best.map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
