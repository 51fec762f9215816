//! Where the elements of a document stand, so that what is not ours can be kept letter by letter.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::NfoError;

/// Deeper or longer than any description is.
const MAX_DEPTH: usize = 16;
const MAX_ELEMENTS: usize = 50_000;

/// A root element of a document and its children.
#[derive(Debug, PartialEq, Eq)]
pub struct Root {
    /// In lower case.
    pub name: String,
    /// From its first letter to its last.
    pub whole: Range<usize>,
    /// Its start tag.
    pub start_tag: Range<usize>,
    /// Elements and comments directly in it, in order.
    pub children: Vec<Child>,
}

/// An element, or a comment, which has no name.
#[derive(Debug, PartialEq, Eq)]
pub struct Child {
    /// In lower case; empty for a comment.
    pub name: String,
    /// From its first letter to its last.
    pub span: Range<usize>,
}

/// The roots of `text`. Unlike in reading, what is broken anywhere is an error: it cannot be kept as it is.
pub fn read(text: &str) -> Result<Vec<Root>, NfoError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let (mut roots, mut open, mut n_elements) = (Vec::<Root>::new(), Vec::<Child>::new(), 0);
    loop {
        let from = reader.buffer_position() as usize;
        let event = reader
            .read_event()
            .map_err(|error| NfoError::Broken { at: from as u64, what: error.to_string() })?;
        let to = reader.buffer_position() as usize;
        let is_root = open.is_empty();
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                n_elements += 1;
                if n_elements > MAX_ELEMENTS || open.len() >= MAX_DEPTH {
                    return Err(NfoError::TooComplex);
                }
                let name = tag.local_name().as_ref().to_ascii_lowercase();
                if is_root {
                    let children = Vec::new();
                    roots.push(Root {
                        name: name.clone(),
                        whole: from..to,
                        start_tag: from..to,
                        children,
                    });
                }
                let child = Child { name, span: from..to };
                if matches!(event, Event::Start(_)) {
                    open.push(child);
                } else if open.len() == 1
                    && let Some(root) = roots.last_mut()
                {
                    root.children.push(child);
                }
            }
            Event::End(_) => {
                let Some(mut closed) = open.pop() else { continue };
                closed.span.end = to;
                let Some(root) = roots.last_mut() else { continue };
                match open.len() {
                    0 => root.whole.end = to,
                    1 => root.children.push(closed),
                    _ => {}
                }
            }
            Event::Comment(_) if open.len() == 1 => {
                if let Some(root) = roots.last_mut() {
                    root.children.push(Child { name: String::new(), span: from..to });
                }
            }
            Event::Eof if open.is_empty() => return Ok(roots),
            Event::Eof => {
                let what = "it ends in the middle".to_owned();
                return Err(NfoError::Broken { at: from as u64, what });
            }
            _ => {}
        }
    }
}
