//! TTML, and DFXP, its elder (<https://www.w3.org/TR/ttml2/>): paragraphs with times in elements with times. What is said stays,
//! with bold, italic, underline, the colours that tell speakers apart, and "at the top".

mod reader;
mod style;
mod time;

use super::SubtitleError;
use super::cue::{Cue, Lines};
use super::encoding::decode_xml;
use super::vtt::Vtt;

/// Of files in several languages the one that is asked for, or the first.
pub(super) fn to_webvtt(bytes: &[u8], language: Option<&str>) -> Result<String, SubtitleError> {
    let text = decode_xml(bytes, language);
    let mut said = reader::read(&text)?;
    let primary = |it: &str| it.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let wanted = language.map(primary);
    let told: Vec<String> =
        said.iter().filter_map(|it| Some(primary(it.language.as_ref()?))).collect();
    let is_there = wanted.as_ref().is_some_and(|wanted| told.contains(wanted));
    let chosen = if is_there { wanted.as_ref() } else { told.first() };
    said.retain(|it| it.language.as_ref().is_none_or(|it| Some(&primary(it)) == chosen));
    Vtt::of(said.into_iter().map(|it| it.cue).collect())
}

/// A cue, and the language that it is in.
#[derive(Debug)]
struct Said {
    cue: Cue,
    language: Option<std::rc::Rc<str>>,
}

/// Words of a paragraph and when they are shown.
#[derive(Debug)]
struct Part {
    from_ms: u64,
    to_ms: Option<u64>,
    lines: Lines,
    is_on_top: bool,
}

#[cfg(test)]
mod tests;
