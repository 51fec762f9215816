//! NFO files as Kodi, Jellyfin and their tools read them.

mod elements;

use quick_xml::escape::escape;

use super::spans::{self, Root};
use super::{MAX_BYTES, NfoError, Subject, charset, document, tree};
use crate::Facts;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The NFO file that says `documents`; several are the episodes of one file.
///
/// What `existing` says that we do not know of is kept letter by letter: elements of other tools, comments, addresses behind
/// the document, documents of other episodes. Of what we know, an element is replaced only where the facts have something to
/// say. A file that cannot be understood is an error, so that it is never overwritten.
pub fn write(
    documents: &[(Subject, &Facts)],
    existing: Option<&[u8]>,
) -> Result<Vec<u8>, NfoError> {
    let existing = existing.unwrap_or_default();
    if existing.len() > MAX_BYTES {
        return Err(NfoError::TooLarge);
    }
    let text = charset::decode(existing);
    let is_xml = text.trim_start().starts_with('<');
    // An address can stand behind a document; the drawings of a release group cannot, and are not ours to replace.
    let is_address = !text.contains('<') && !document::ids_in_addresses(&text).is_empty();
    if !is_xml && !is_address && !text.trim().is_empty() {
        return Err(NfoError::Nothing);
    }
    let roots = if is_xml { spans::read(&text)? } else { Vec::new() };
    let mut left: Vec<(Subject, &Facts)> = documents.to_vec();
    let mut written = DECLARATION.to_owned();
    let mut at = 0;
    for root in &roots {
        let before = &text[at..root.whole.start];
        written.push_str(if at == 0 { without_declaration(before) } else { before });
        at = root.whole.end;
        let mine = left.iter().position(|(subject, facts)| is_about(root, &text, *subject, facts));
        match mine.map(|it| left.remove(it)) {
            Some((subject, facts)) => merge(&mut written, root, &text, subject, facts),
            None => written.push_str(&text[root.whole.clone()]),
        }
    }
    let rest = if at == 0 { without_declaration(&text) } else { &text[at..] };
    for (subject, facts) in left {
        if !written.ends_with('\n') {
            written.push('\n');
        }
        let name = root_name(subject);
        let elements = elements::of(subject, facts);
        written.extend(["<", name, ">\n"]);
        for element in elements {
            line(&mut written, &element.xml);
        }
        written.extend(["</", name, ">\n"]);
    }
    if !written.ends_with('\n') {
        written.push('\n');
    }
    let rest = rest.trim_start_matches(['\r', '\n']);
    if !rest.trim().is_empty() {
        written.push_str(rest);
    }
    Ok(written.into_bytes())
}

/// The beginning of a file without its declaration, which is ours: it is UTF-8 now.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix("<?xml").and_then(|it| it.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    }
}

fn root_name(subject: Subject) -> &'static str {
    match subject {
        Subject::Movie | Subject::Unknown => "movie",
        Subject::Series => "tvshow",
        Subject::Season => "season",
        Subject::Episode => "episodedetails",
    }
}

/// Whether `root` describes the thing: of several episodes in one file the one of that number.
fn is_about(root: &Root, text: &str, subject: Subject, facts: &Facts) -> bool {
    if root.name != root_name(subject) {
        return false;
    }
    let read = tree::read(&text[root.whole.clone()]).ok();
    let told = read.as_ref().and_then(|(roots, _)| document::read(roots.first()?));
    let Some(told) = told else { return false };
    let is_same =
        |one: Option<i32>, other: Option<i32>| one.is_none() || other.is_none() || one == other;
    subject != Subject::Episode
        || (is_same(told.facts.season, facts.season) && is_same(told.facts.episode, facts.episode))
}

/// `root` with what `facts` say in the place of what it said of that.
fn merge(written: &mut String, root: &Root, text: &str, subject: Subject, facts: &Facts) {
    let elements = elements::of(subject, facts);
    let start_tag = &text[root.start_tag.clone()];
    match start_tag.strip_suffix("/>") {
        Some(open) => written.extend([open.trim_end(), ">"]),
        None => written.push_str(start_tag),
    }
    written.push('\n');
    for element in &elements {
        // Somebody may have added to what we wrote once: an actor's biography, a rating's source.
        let kept = root
            .children
            .iter()
            .find(|it| it.name == element.name && is_told_by(&text[it.span.clone()], element));
        line(written, kept.map_or(&element.xml, |it| &text[it.span.clone()]));
    }
    for child in &root.children {
        if !elements.iter().any(|it| it.replaces(&child.name, &text[child.span.clone()])) {
            line(written, &text[child.span.clone()]);
        }
    }
    written.extend(["</", element_name(start_tag), ">"]);
}

/// Whether the old element says all that the new one does.
fn is_told_by(old: &str, new: &elements::Written) -> bool {
    fn holds(old: &tree::Element, new: &tree::Element) -> bool {
        old.name == new.name
            && old.text.trim() == new.text.trim()
            && new.attributes.iter().all(|(name, value)| old.attribute(name) == Some(value))
            && new.children.iter().all(|new| old.children.iter().any(|old| holds(old, new)))
    }
    let parse = |xml: &str| tree::read(xml).ok().and_then(|(roots, _)| roots.into_iter().next());
    match (parse(old), parse(&new.xml)) {
        (Some(old), Some(new)) => holds(&old, &new),
        _ => false,
    }
}

/// The name in a start tag as it is written.
fn element_name(start_tag: &str) -> &str {
    let name = start_tag.trim_start_matches('<');
    let end = name.find(|it: char| it.is_whitespace() || it == '>' || it == '/');
    &name[..end.unwrap_or(name.len())]
}

fn line(written: &mut String, xml: &str) {
    written.push_str("  ");
    written.push_str(xml);
    written.push('\n');
}

/// Text as it may stand in XML: control characters cannot, not even escaped.
fn text(text: &str) -> String {
    let is_allowed = |it: &char| matches!(it, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let clean: String = text.chars().filter(is_allowed).collect();
    escape(clean).into_owned()
}

#[cfg(test)]
mod tests;
