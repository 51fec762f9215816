//! The XML as a small tree: bounded in depth and elements, with no entity expanded but the five that XML itself has.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::NfoError;

/// Descriptions are three deep; this leaves room for what tools add.
const MAX_DEPTH: usize = 16;
/// Several hundred actors with five elements each fit ten times.
const MAX_ELEMENTS: usize = 50_000;

/// An element with its text and children; names in lower case.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Self>,
}

impl Element {
    /// Children called `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |it| it.name == name)
    }

    /// Trimmed text of the first child called `name` that has any.
    pub fn text_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).map(|it| it.text.trim()).find(|it| !it.is_empty())
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// The root elements of `text`, and the text outside of them, where tools append addresses.
///
/// What is wrong after the first whole root costs only what follows it.
pub fn read(text: &str) -> Result<(Vec<Element>, String), NfoError> {
    if !text.trim_start().starts_with('<') {
        // No XML at all: the address of a page, or the drawings of a release group.
        return Ok((Vec::new(), text.to_owned()));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let (mut roots, mut open, mut outside) = (Vec::new(), Vec::<Element>::new(), String::new());
    let mut n_elements = 0;
    loop {
        let at = reader.buffer_position();
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) if roots.is_empty() => {
                return Err(NfoError::Broken { at, what: error.to_string() });
            }
            Err(_) => break,
        };
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            n_elements += 1;
            if n_elements > MAX_ELEMENTS || open.len() >= MAX_DEPTH {
                return Err(NfoError::TooComplex);
            }
        }
        let target = open.last_mut().map_or(&mut outside, |it| &mut it.text);
        match event {
            Event::Text(text) => target.push_str(&text.xml10_content()),
            Event::CData(text) => target.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => target.push(letter),
                _ => target.push_str(predefined(&reference.xml10_content())),
            },
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => close(element(&start), &mut open, &mut roots),
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut roots);
                }
            }
            Event::Eof if roots.is_empty() && !open.is_empty() => {
                return Err(NfoError::Broken { at, what: "it ends in the middle".to_owned() });
            }
            Event::Eof => break,
            // The rest says nothing; entities that a document type declares stay unknown to us.
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
    Ok((roots, outside))
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().flatten().map(|it| {
        (
            name(it.key.local_name().as_ref()),
            it.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned).unwrap_or_default(),
        )
    });
    Element {
        name: name(start.local_name().as_ref()),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

fn name(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn close(element: Element, open: &mut [Element], roots: &mut Vec<Element>) {
    open.last_mut().map_or(roots, |it| &mut it.children).push(element);
}

/// The entities that every XML document has; any other is unknown and stands for nothing.
fn predefined(entity: &str) -> &'static str {
    match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        // Not XML's, but written by tools that think of HTML.
        "nbsp" => " ",
        _ => "",
    }
}
