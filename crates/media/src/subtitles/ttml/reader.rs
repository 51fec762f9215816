//! The document, element by element: bounded in depth and number, no entity expanded but the five that XML itself has, and
//! what is broken costs only what follows it.

use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader as Xml, XmlVersion};

use super::super::MAX_SUBTITLE_BYTES;
use super::super::cue::{Cue, Lines, Look};
use super::super::vtt::MAX_CUES;
use super::style::{Named, Styling};
use super::time::Rates;
use super::{Part, Said, SubtitleError};

/// Documents are some six deep.
const MAX_DEPTH: usize = 64;
const MAX_ELEMENTS: usize = 1_000_000;
/// Moments within a paragraph at which its words change; karaoke has one a syllable.
const MAX_CHANGES: usize = 64;
const MAX_PARTS: usize = 256;
/// Attributes of an element.
const MAX_ATTRIBUTES: usize = 64;

/// What is said, in the order of the document.
pub(super) fn read(text: &str) -> Result<Vec<Said>, SubtitleError> {
    let mut xml = Xml::from_str(text);
    let config = xml.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut document = Document::default();
    for _ in 0..MAX_ELEMENTS * 4 {
        // Behind what is broken nothing can be trusted; what came before is shown.
        let Ok(event) = xml.read_event() else { break };
        match event {
            Event::Start(start) => {
                if !document.open(&start) {
                    break;
                }
            }
            Event::Empty(start) => {
                if !document.open(&start) {
                    break;
                }
                document.close();
            }
            Event::End(_) => document.close(),
            Event::Text(text) => document.text(&text.xml10_content()),
            Event::CData(text) => document.text(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => document.text(letter.encode_utf8(&mut [0; 4])),
                _ => document.text(predefined(&reference.xml10_content())),
            },
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
    // A paragraph that the end of the file cuts is shown too.
    while !document.open.is_empty() {
        document.close();
    }
    if document.said.is_empty() { Err(SubtitleError::NoCues) } else { Ok(document.said) }
}

/// What an element is for what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `body`, `div` and whatever else holds paragraphs.
    Outer,
    Paragraph,
    /// Words in a paragraph.
    Words,
    Style,
    Region,
    /// What is said about the document, and how it moves.
    Aside,
}

/// An element that is not closed yet.
#[derive(Debug)]
struct Open {
    kind: Kind,
    from_ms: u64,
    to_ms: Option<u64>,
    is_timed: bool,
    /// In a row of children each begins where the one before it ends.
    is_row: bool,
    next_ms: u64,
    look: Look,
    is_hidden: bool,
    keeps_space: bool,
    is_on_top: bool,
    language: Option<Rc<str>>,
    /// The name and styles of a region, in which more may follow.
    region: Option<(String, Styling)>,
}

struct Document {
    rates: Option<Rates>,
    named: Named,
    open: Vec<Open>,
    n_elements: usize,
    /// Of the paragraph that is open.
    parts: Vec<Part>,
    said: Vec<Said>,
    /// What may still be said: where parts come and go, the same words are said more than once.
    bytes_left: usize,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            rates: None,
            named: Named::default(),
            open: Vec::new(),
            n_elements: 0,
            parts: Vec::new(),
            said: Vec::new(),
            bytes_left: MAX_SUBTITLE_BYTES,
        }
    }
}

/// What an element's attributes say.
#[derive(Default)]
struct Attributes {
    id: Option<String>,
    begin: Option<u64>,
    end: Option<u64>,
    duration: Option<u64>,
    is_row: bool,
    style: String,
    region: Option<String>,
    keeps_space: Option<bool>,
    language: Option<String>,
    styling: Styling,
}

impl Document {
    /// Opens an element; `false` where there is no end of them.
    fn open(&mut self, start: &BytesStart<'_>) -> bool {
        self.n_elements += 1;
        if self.n_elements > MAX_ELEMENTS
            || self.open.len() >= MAX_DEPTH
            || self.said.len() >= MAX_CUES
        {
            return false;
        }
        let name = start.local_name().as_ref().to_ascii_lowercase();
        let attributes = self.attributes(start);
        let around = self.open.last();
        let kind = kind(&name, around.map(|it| it.kind));
        match kind {
            Kind::Style => self.style(&attributes),
            Kind::Words if name == "br" => {
                if let Some(part) = self.part() {
                    part.lines.break_line();
                }
            }
            Kind::Paragraph => self.parts.clear(),
            _ => {}
        }
        let opened = self.opened(kind, attributes);
        self.open.push(opened);
        true
    }

    fn attributes(&mut self, start: &BytesStart<'_>) -> Attributes {
        let told: Vec<(String, String)> = start
            .attributes()
            .with_checks(false)
            .flatten()
            .take(MAX_ATTRIBUTES)
            .map(|it| {
                let value = it.normalized_value(XmlVersion::Implicit1_0);
                let name = it.key.local_name().as_ref().to_ascii_lowercase();
                (name, value.map(std::borrow::Cow::into_owned).unwrap_or_default())
            })
            .collect();
        let find = |name: &str| told.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        // The root is the first.
        let rates = *self.rates.get_or_insert_with(|| Rates::read(find));
        let mut attributes = Attributes::default();
        for (name, value) in &told {
            match name.as_str() {
                "id" => attributes.id = Some(value.clone()),
                "begin" => attributes.begin = rates.read_time(value),
                "end" => attributes.end = rates.read_time(value),
                "dur" => attributes.duration = rates.read_time(value),
                "timecontainer" => attributes.is_row = value == "seq",
                "style" => attributes.style.clone_from(value),
                "region" => attributes.region = Some(value.clone()),
                "space" => attributes.keeps_space = Some(value == "preserve"),
                "lang" => attributes.language = Some(value.clone()),
                _ => attributes.styling.read(name, value),
            }
        }
        attributes
    }

    /// A style has a name, or is of the region that it stands in.
    fn style(&mut self, attributes: &Attributes) {
        let own = attributes.styling.clone();
        if let Some((_, region)) = self.open.last_mut().and_then(|it| it.region.as_mut()) {
            *region = region.under(&self.named.styles(&attributes.style).under(&own));
        } else if let Some(id) = &attributes.id {
            self.named.add_style(id.clone(), own, attributes.style.clone());
        }
    }

    fn opened(&mut self, kind: Kind, attributes: Attributes) -> Open {
        let styling = self.named.styles(&attributes.style).under(&attributes.styling);
        let region = attributes.region.as_deref().and_then(|it| self.named.region(it));
        let around = self.open.last();
        let base_ms = around.map_or(0, |it| if it.is_row { it.next_ms } else { it.from_ms });
        let from_ms = base_ms.saturating_add(attributes.begin.unwrap_or(0));
        let ends = [
            attributes.end.map(|it| base_ms.saturating_add(it)),
            attributes.duration.map(|it| from_ms.saturating_add(it)),
            around.and_then(|it| it.to_ms),
        ];
        let is_timed = attributes.begin.is_some() || ends.iter().any(Option::is_some);
        let look = around.map(|it| it.look).unwrap_or_default();
        // A region's styles are around what is in it.
        let look = region.map_or(look, |it| it.look(look));
        let language = match attributes.language.as_deref() {
            None => around.and_then(|it| it.language.clone()),
            Some("") => None,
            Some(told) => Some(Rc::from(told)),
        };
        Open {
            kind,
            from_ms,
            to_ms: ends.into_iter().flatten().min(),
            is_timed: is_timed || around.is_some_and(|it| it.is_timed),
            is_row: attributes.is_row,
            next_ms: from_ms,
            look: styling.look(look),
            is_hidden: styling.is_hidden() || around.is_some_and(|it| it.is_hidden),
            keeps_space: attributes
                .keeps_space
                .or(around.map(|it| it.keeps_space))
                .unwrap_or(false),
            is_on_top: match region {
                Some(region) => region.is_on_top(),
                None => around.is_some_and(|it| it.is_on_top),
            },
            language,
            region: attributes.id.filter(|_| kind == Kind::Region).map(|it| (it, styling)),
        }
    }

    fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        if let Some(around) = self.open.last_mut().filter(|it| it.is_row) {
            around.next_ms = closed.to_ms.unwrap_or(closed.from_ms).max(around.next_ms);
        }
        match closed.kind {
            Kind::Region => {
                if let Some((name, styling)) = closed.region {
                    self.named.add_region(name, styling);
                }
            }
            Kind::Paragraph if closed.is_timed => {
                let parts = std::mem::take(&mut self.parts);
                for said in said(&closed, &parts) {
                    let n_bytes = said.cue.lines.n_bytes();
                    let Some(left) = self.bytes_left.checked_sub(n_bytes) else { break };
                    self.bytes_left = left;
                    self.said.push(said);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let Some(open) = self.open.last() else { return };
        let (look, keeps_space, is_hidden) = (open.look, open.keeps_space, open.is_hidden);
        if is_hidden {
            return;
        }
        let Some(part) = self.part() else { return };
        if keeps_space {
            part.lines.keep(text, look);
        } else {
            part.lines.flow(text, look);
        }
    }

    /// Where words of the element that is open go.
    fn part(&mut self) -> Option<&mut Part> {
        let open =
            self.open.last().filter(|it| matches!(it.kind, Kind::Paragraph | Kind::Words))?;
        let (times, is_on_top) = ((open.from_ms, open.to_ms), open.is_on_top);
        let is_same = self.parts.last().is_some_and(|it| (it.from_ms, it.to_ms) == times);
        if !is_same && self.parts.len() < MAX_PARTS {
            let (from_ms, to_ms) = times;
            self.parts.push(Part { from_ms, to_ms, lines: Lines::default(), is_on_top });
        }
        self.parts.last_mut()
    }
}

fn kind(name: &str, around: Option<Kind>) -> Kind {
    match (name, around) {
        (_, Some(Kind::Aside))
        | (
            "metadata" | "set" | "animate" | "title" | "desc" | "copyright" | "agent" | "name"
            | "image" | "audio" | "information" | "initial" | "profile",
            _,
        ) => Kind::Aside,
        ("style", _) => Kind::Style,
        ("region", _) => Kind::Region,
        (_, Some(Kind::Paragraph | Kind::Words)) => Kind::Words,
        ("p", _) => Kind::Paragraph,
        _ => Kind::Outer,
    }
}

/// The cues of a paragraph: one, or more where parts of it have times of their own.
fn said(paragraph: &Open, parts: &[Part]) -> Vec<Said> {
    let seen = || parts.iter().filter(|it| !it.lines.is_blank());
    let mut moments: Vec<u64> =
        seen().flat_map(|it| [Some(it.from_ms), it.to_ms]).flatten().collect();
    moments.sort_unstable();
    moments.dedup();
    moments.truncate(MAX_CHANGES);
    let is_endless = seen().any(|it| it.to_ms.is_none());
    let mut said = Vec::new();
    for (n, from_ms) in moments.iter().enumerate() {
        let end_ms = moments.get(n + 1).copied();
        if end_ms.is_none() && !is_endless {
            break;
        }
        let (mut lines, mut is_on_top) = (Lines::default(), false);
        // The space between parts goes with them.
        let is_shown =
            |it: &&Part| it.from_ms <= *from_ms && it.to_ms.is_none_or(|to_ms| to_ms > *from_ms);
        for part in parts.iter().filter(is_shown) {
            lines.append(&part.lines);
            is_on_top |= part.is_on_top;
        }
        if !lines.is_blank() {
            let cue = Cue { start_ms: *from_ms, end_ms, lines, is_on_top };
            said.push(Said { cue, language: paragraph.language.clone() });
        }
    }
    said
}

/// The entities that every XML document has; any other is unknown and stands for nothing.
fn predefined(entity: &str) -> &'static str {
    match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "apos" => "'",
        "quot" => "\"",
        _ => "",
    }
}
