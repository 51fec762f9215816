//! What local sources say of an item, each for itself: NFO files, and the tags inside files.

use metadata::Facts;
use metadata::local::nfo::Document;
use metadata::local::tags;

use super::read::ReadUnit;
use crate::kind::{Candidate, FileRole};

/// What the files of an item say of it.
#[derive(Clone, Debug, Default)]
pub struct Local {
    /// What NFO files of other hands say; `None` where there are only our own, or one could not be read: what was said before
    /// is kept.
    pub nfo: Option<Facts>,
    /// What NFO files say that are as we wrote them.
    pub written: Facts,
    /// What tags say; `None` where no file was read that could say it.
    pub tags: Option<Facts>,
}

impl Local {
    /// Both as one.
    pub fn merged(&self) -> Facts {
        let nfo = self.nfo.clone().unwrap_or_default();
        nfo.or(self.tags.clone().unwrap_or_default()).or(self.written.clone())
    }
}

/// All that the files of `candidate` say of it.
pub fn of(unit: &ReadUnit, candidate: &Candidate) -> Local {
    let (mut nfo, mut written) = (None, None);
    let mut is_unread = false;
    for position in &candidate.nfo {
        if let Some(Some(reading)) = unit.readings.get(*position) {
            let place: &mut Option<Facts> =
                if reading.is_our_own { &mut written } else { &mut nfo };
            let said = place.take().unwrap_or_default();
            *place = Some(said.or(of_documents(candidate, &reading.documents)));
            is_unread |= reading.is_unread;
        }
    }
    // What could not be read this time says what it said last time.
    if is_unread {
        nfo = None;
    } else if written.is_none() {
        nfo = nfo.or_else(|| Some(Facts::default()));
    }
    let written = written.unwrap_or_default();
    let embedded = candidate
        .files
        .iter()
        .filter(|it| it.role == FileRole::Main)
        .find_map(|it| unit.readings.get(it.position)?.as_ref()?.probe.as_ref());
    let tags = embedded.map(|probe| of_tags(candidate, tags::read(&probe.tags.0)));
    Local { nfo, written, tags }
}

/// The documents that are about this item: a file beside a double episode describes both halves.
fn of_documents(candidate: &Candidate, documents: &[Document]) -> Facts {
    let is_about = |facts: &Facts| match (facts.episode, candidate.number) {
        (Some(episode), Some(first)) => {
            (first..=candidate.number_end.unwrap_or(first)).contains(&episode)
        }
        _ => true,
    };
    let mut merged = Facts::default();
    for facts in documents.iter().map(|it| &it.facts).filter(|it| is_about(it)) {
        let titles = [merged.title.take(), facts.title.clone()];
        let title =
            titles.into_iter().flatten().reduce(|first, second| format!("{first} / {second}"));
        merged = merged.or(facts.clone());
        merged.title = title;
    }
    merged
}

/// Titles of release files are often advertising, and their dates those of the encoding: believed only where the name says
/// nothing.
fn of_tags(candidate: &Candidate, mut facts: Facts) -> Facts {
    if !candidate.is_title_weak {
        facts.title = None;
        facts.sort_title = None;
    }
    if candidate.year.is_some() && facts.year != candidate.year {
        facts.year = None;
        facts.released_on = None;
    }
    facts
}
