//! Subtitle files beside a film, by the ending of their name.

use super::{MAX_SUBTITLE_BYTES, SubtitleError, ass, decode, lined, sami, srt, ttml};
use crate::Rational;

/// The form of a subtitle file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Advanced SubStation Alpha, or its elder.
    Script,
    /// SubRip.
    Srt,
    /// WebVTT.
    Webvtt,
    /// SAMI.
    Sami,
    /// TTML, or its elder.
    Ttml,
    /// MicroDVD, MPL2, or SubViewer.
    Lined,
}

/// What a film says of the subtitle files beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// Of the file, from its name, by BCP 47. It tells how to read one that is not Unicode, and what of one in several languages.
    pub language: Option<&'a str>,
    /// Pictures a second of the film, for files that count them.
    pub frame_rate: Option<Rational>,
}

impl Form {
    /// By the ending of a name, in any case and without the dot; `None` for what is no text.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "ass" | "ssa" => Self::Script,
            "srt" => Self::Srt,
            "vtt" => Self::Webvtt,
            "smi" | "sami" => Self::Sami,
            "ttml" | "dfxp" => Self::Ttml,
            // One that has an index beside it is pictures, whatever is in it.
            "sub" | "mpl" | "sbv" => Self::Lined,
            _ => return None,
        })
    }
}

/// A subtitle file as WebVTT.
pub fn file_to_webvtt(form: Form, bytes: &[u8], hints: Hints<'_>) -> Result<String, SubtitleError> {
    if bytes.len() > MAX_SUBTITLE_BYTES {
        return Err(SubtitleError::TooLarge(bytes.len()));
    }
    let Hints { language, frame_rate } = hints;
    match form {
        Form::Script => ass::ass_to_webvtt(bytes, language),
        Form::Srt => srt::srt_to_webvtt(bytes, language),
        Form::Webvtt => Ok(decode(bytes, language).into_owned()),
        Form::Sami => sami::to_webvtt(&decode(bytes, language), language),
        Form::Ttml => ttml::to_webvtt(bytes, language),
        Form::Lined => lined::to_webvtt(bytes, language, frame_rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_file_of_any_form_is_refused() {
        let huge = vec![b'a'; MAX_SUBTITLE_BYTES + 1];
        for form in [Form::Script, Form::Srt, Form::Webvtt, Form::Sami, Form::Ttml, Form::Lined] {
            let refused = file_to_webvtt(form, &huge, Hints::default());
            assert_eq!(refused, Err(SubtitleError::TooLarge(MAX_SUBTITLE_BYTES + 1)), "{form:?}");
        }
    }

    #[test]
    fn forms_are_known_by_their_endings() {
        let table = [
            ("SMI", Some(Form::Sami)),
            ("dfxp", Some(Form::Ttml)),
            ("Sub", Some(Form::Lined)),
            ("idx", None),
            ("sup", None),
            ("", None),
        ];
        for (ending, expected) in table {
            assert_eq!(Form::of_extension(ending), expected, "{ending}");
        }
    }
}
