//! A script of Advanced SubStation Alpha for FFmpeg's libass, which draws it into pictures where it reaches no file: only what
//! is shown in a stretch of the film, with the fonts in it. Bounded, whatever the script holds.

mod families;
mod fonts;
mod words;

use std::collections::HashSet;

use self::families::Families;
use super::{
    Form, Hints, MAX_SUBTITLE_BYTES, SubtitleError, ass, decode, embedded_to_ass,
    embedded_to_webvtt, file_to_webvtt,
};
use crate::Codec;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, read_font, read_text, text_description};

/// The head of a script with much typesetting has some hundred kilobytes.
const MAX_HEAD_BYTES: usize = 1 << 20;
/// Lines of a script; those of much typesetting are some ten thousand.
const MAX_LINES: usize = 100_000;
/// Lines that are drawn in one stretch, and their bytes.
const MAX_SHOWN_LINES: usize = 5000;
const MAX_SHOWN_BYTES: usize = 2 << 20;
/// Fonts that go with a stretch.
const MAX_FONT_BYTES: usize = 24 << 20;
/// Fonts in a script.
const MAX_FONTS: usize = 64;
/// What of fonts is read to know their names.
const MAX_READ_BYTES: usize = 128 << 20;
/// What no script that is written out is longer than: head, lines, and fonts in their coding.
pub(crate) const MAX_WRITTEN_BYTES: usize = 48 << 20;

/// A script, ready to be drawn.
#[derive(Debug)]
pub struct Script {
    /// Everything before the events but the fonts.
    head: String,
    /// The order of the fields of an event.
    format: String,
    lines: Vec<Line>,
    /// Which fonts of the film it uses, by their place among them.
    fonts: Vec<usize>,
    /// Which of the fonts in itself it uses.
    own_fonts: Vec<Vec<u8>>,
}

/// An event.
#[derive(Debug)]
struct Line {
    start_ms: u64,
    end_ms: u64,
    text: String,
}

impl Script {
    /// A text track of a film.
    pub fn of_stream(film: &Film, bytes: &dyn ReadAt, stream: u32) -> Result<Self, FilmError> {
        let text = film.texts.iter().find(|it| it.index == stream).ok_or(FilmError::NotThere)?;
        let cues = read_text(film, bytes, stream)?;
        let language = text.language.as_deref();
        let script = if text.codec == Codec::Ass {
            let head = text_description(film, stream).unwrap_or_default();
            embedded_to_ass(&head, language, &cues)
        } else {
            words::script(&embedded_to_webvtt(&text.codec, language, &cues).unwrap_or_default())
        };
        Ok(Self::read(&script, film, bytes))
    }

    /// A file beside a film, whose fonts it uses; `language` is BCP 47, from its name.
    pub fn of_file(
        form: Form,
        file: &[u8],
        language: Option<&str>,
        film: &Film,
        bytes: &dyn ReadAt,
    ) -> Result<Self, SubtitleError> {
        if file.len() > MAX_SUBTITLE_BYTES {
            return Err(SubtitleError::TooLarge(file.len()));
        }
        let frame_rate = film.frame_rate();
        let script = match form {
            Form::Script => decode(file, language).into_owned(),
            form => words::script(&file_to_webvtt(form, file, Hints { language, frame_rate })?),
        };
        let script = Self::read(&script, film, bytes);
        if script.lines.is_empty() { Err(SubtitleError::NoCues) } else { Ok(script) }
    }

    /// How much memory it takes.
    pub fn memory_bytes(&self) -> usize {
        let lines = self.lines.iter().map(|it| it.text.len() + size_of::<Line>());
        let fonts = self.own_fonts.iter().map(Vec::len);
        lines.chain(fonts).sum::<usize>() + self.head.len() + 256
    }

    fn read(text: &str, film: &Film, bytes: &dyn ReadAt) -> Self {
        let raw = read(text);
        let mut used = Used::new(&raw.families.wanted);
        let own_fonts = used.among_coded(&raw.fonts);
        let fonts = used.among_those_of(film, bytes);
        let names = used.names;
        let known = |family: &str| families::is_among(&names, family);
        let styles = raw.styles.iter().map(|it| families::restyle(it, raw.font_field, known));
        let mut head = format!("[Script Info]\n{}\n", raw.info.join("\n"));
        if !raw.has_default {
            head.push_str(&default_style(&raw.info));
        }
        head.push_str(raw.kind);
        head.push('\n');
        for style in styles {
            head.push_str(&style);
            head.push('\n');
        }
        let lines = raw.lines.into_iter().map(|it| {
            let text = families::rewrite(&it.text, known);
            Line { text, ..it }
        });
        Self { head, format: raw.format, lines: lines.collect(), fonts, own_fonts }
    }

    /// The script of what is shown between two moments of the film; `None` where that is nothing.
    pub(crate) fn window(
        &self,
        film: &Film,
        bytes: &dyn ReadAt,
        (from_ms, to_ms): (i64, i64),
    ) -> Result<Option<Vec<u8>>, FilmError> {
        let bound = |it: i64| u64::try_from(it).unwrap_or(0);
        let (from_ms, to_ms) = (bound(from_ms), bound(to_ms));
        let is_shown = |it: &&Line| it.start_ms < to_ms && it.end_ms > from_ms;
        let mut events = String::new();
        for line in self.lines.iter().filter(is_shown).take(MAX_SHOWN_LINES) {
            if events.len() + line.text.len() > MAX_SHOWN_BYTES {
                break;
            }
            events.push_str(&line.text);
            events.push('\n');
        }
        if events.is_empty() {
            return Ok(None);
        }
        let mut script = self.head.clone().into_bytes();
        script.extend(b"\n[Fonts]\n");
        fonts::write(&mut script, 0, fonts::OWN);
        for (place, font) in self.own_fonts.iter().enumerate() {
            fonts::write(&mut script, place + 1, font);
        }
        for (place, number) in self.fonts.iter().enumerate() {
            let place = self.own_fonts.len() + place;
            fonts::write(&mut script, place + 1, &read_font(film, bytes, *number)?);
        }
        script.extend(format!("\n[Events]\n{}\n{events}", self.format).bytes());
        Ok(Some(script))
    }
}

/// A script that shows a word, in our font, through the first seconds.
pub(crate) fn trial_script() -> Vec<u8> {
    let mut script = format!("[Script Info]\n{}\n[Fonts]\n", default_style(&[])).into_bytes();
    fonts::write(&mut script, 0, fonts::OWN);
    let event = "Dialogue: 0,0:00:00.00,0:00:10.00,Default,,0,0,0,,Revenge";
    script.extend(format!("\n[Events]\n{FORMAT}\n{event}\n").bytes());
    script
}

/// The fonts that go with a script, as many as may.
struct Used<'a> {
    wanted: &'a HashSet<String>,
    /// What these, and ours, are called.
    names: HashSet<String>,
    n_bytes: usize,
}

impl<'a> Used<'a> {
    fn new(wanted: &'a HashSet<String>) -> Self {
        Self { wanted, names: fonts::names(fonts::OWN).into_iter().collect(), n_bytes: 0 }
    }

    /// Whether this one goes along, since the script speaks of it.
    fn take(&mut self, font: &[u8]) -> bool {
        let names = fonts::names(font);
        let is_taken = names.iter().any(|it| self.wanted.contains(it))
            && self.n_bytes + font.len() <= MAX_FONT_BYTES;
        if is_taken {
            self.n_bytes += font.len();
            self.names.extend(names);
        }
        is_taken
    }

    /// Those that lie in the script.
    fn among_coded(&mut self, coded: &[Vec<u8>]) -> Vec<Vec<u8>> {
        coded.iter().map(|it| fonts::read(it)).filter(|it| self.take(it)).collect()
    }

    /// Those of a film, by their place among them.
    fn among_those_of(&mut self, film: &Film, bytes: &dyn ReadAt) -> Vec<usize> {
        let (mut places, mut n_read) = (Vec::new(), 0);
        for number in 0..film.fonts.len() {
            if n_read > MAX_READ_BYTES {
                break;
            }
            // One that cannot be read is none.
            let Ok(font) = read_font(film, bytes, number) else { continue };
            n_read += font.len();
            if self.take(&font) {
                places.push(number);
            }
        }
        places
    }
}

/// A script as it was written, in parts.
struct Raw {
    info: Vec<String>,
    /// The head of the section of styles, which tells their generation.
    kind: &'static str,
    styles: Vec<String>,
    /// Which field of a style is the name of its font.
    font_field: usize,
    has_default: bool,
    format: String,
    lines: Vec<Line>,
    families: Families,
    /// The fonts in it, in their coding.
    fonts: Vec<Vec<u8>>,
}

/// Where in a script a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Info,
    Styles,
    Events,
    Fonts,
    Other,
}

const NEW_STYLES: &str = "[V4+ Styles]";
const OLD_STYLES: &str = "[V4 Styles]";
const FORMAT: &str =
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";

fn read(text: &str) -> Raw {
    let mut raw = Raw {
        info: Vec::new(),
        kind: NEW_STYLES,
        styles: Vec::new(),
        font_field: 1,
        has_default: false,
        format: FORMAT.to_owned(),
        lines: Vec::new(),
        families: Families::default(),
        fonts: Vec::new(),
    };
    let mut fields = ass::fields(FORMAT.trim_start_matches("Format:"));
    let (mut head_left, mut lines_left) = (MAX_HEAD_BYTES, MAX_SUBTITLE_BYTES);
    let mut fonts_left = MAX_FONT_BYTES.div_ceil(3) * 4;
    let mut section = Section::Other;
    for line in text.split(['\n', '\r']) {
        let line = line.trim_matches(['\u{feff}', ' ', '\t']);
        // A line of a coded font may well stand in brackets.
        let is_coded = |next: &Section| {
            section == Section::Fonts && *next == Section::Other && fonts::is_coded(line)
        };
        if let Some(next) = section_of(line).filter(|it| !is_coded(it)) {
            section = next;
            if line.eq_ignore_ascii_case(OLD_STYLES) {
                raw.kind = OLD_STYLES;
            }
            continue;
        }
        // Whoever reads it stops at the end of a string in C.
        let line = line.split('\0').next().unwrap_or_default();
        if matches!(section, Section::Info | Section::Styles) {
            let Some(left) = head_left.checked_sub(line.len()) else { continue };
            head_left = left;
        }
        match section {
            Section::Info if line.contains(':') => raw.info.push(line.to_owned()),
            Section::Styles => {
                if let Some(format) = line.strip_prefix("Format:") {
                    let place = ass::fields(format).iter().position(|it| it == "fontname");
                    raw.font_field = place.unwrap_or(1);
                } else if let Some(style) = line.strip_prefix("Style:") {
                    let name = style.split(',').next().unwrap_or_default();
                    raw.has_default |= name.trim().trim_start_matches('*') == "Default";
                    raw.families.add_style(style, raw.font_field);
                } else {
                    continue;
                }
                raw.styles.push(line.to_owned());
            }
            Section::Events => {
                if let Some(format) = line.strip_prefix("Format:") {
                    fields = ass::fields(format);
                    line.clone_into(&mut raw.format);
                } else if let Some(event) = line.strip_prefix("Dialogue:")
                    && let Some((start_ms, end_ms)) = ass::event_times(event, &fields)
                    && start_ms < end_ms
                    && raw.lines.len() < MAX_LINES
                    && let Some(left) = lines_left.checked_sub(line.len())
                {
                    lines_left = left;
                    raw.families.add_event(line);
                    raw.lines.push(Line { start_ms, end_ms, text: line.to_owned() });
                }
            }
            Section::Fonts if line.starts_with("fontname:") => {
                if raw.fonts.len() < MAX_FONTS {
                    raw.fonts.push(Vec::new());
                }
            }
            Section::Fonts if fonts::is_coded(line) => {
                if let Some(font) = raw.fonts.last_mut()
                    && let Some(left) = fonts_left.checked_sub(line.len())
                {
                    fonts_left = left;
                    font.extend(line.bytes());
                }
            }
            Section::Info | Section::Fonts | Section::Other => {}
        }
    }
    raw
}

fn section_of(line: &str) -> Option<Section> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?.to_ascii_lowercase();
    Some(match name.as_str() {
        "script info" => Section::Info,
        "v4 styles" | "v4+ styles" => Section::Styles,
        "events" => Section::Events,
        "fonts" => Section::Fonts,
        _ => Section::Other,
    })
}

/// What is drawn like nothing in particular: libass's own is in a font that is not there.
fn default_style(info: &[String]) -> String {
    let height = info.iter().find_map(|it| it.strip_prefix("PlayResY:")?.trim().parse().ok());
    let size = height.filter(|it| (1..=16_384).contains(it)).unwrap_or(288_u32).div_ceil(16);
    format!(
        "{NEW_STYLES}\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n\
         Style: Default,{},{size},&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,{},0,2,{size},{size},{size},1\n",
        fonts::OWN_FAMILY,
        size.div_ceil(16),
    )
}

#[cfg(test)]
mod tests;
