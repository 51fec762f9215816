//! Keeps what local sources say of the items of a batch, and has the items' rows made of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::Result;
use metadata::{Credit, Described, Facts, Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::facts::Local;
use super::identity::{Node, Origin};
use super::store::describe::{PictureRow, PortraitRow, replace_pictures, replace_portraits};
use super::write::file_id;
use crate::describe::Sources;
use crate::describe::remake::{Made, complete, remake};
use crate::describe::rows::{clean, kept};
use crate::describe::source::{NAME, NFO, Source, TAGS, WRITTEN};
use crate::describe::store::due;
use crate::describe::store::source::{SourceRow, delete_sources, upsert_sources};
use crate::kind::{FileRole, ImageRole};

/// A cover inside a file is shown where no picture lies beside it.
const EMBEDDED_RANK: i16 = 100;

/// What local sources say of an item.
#[derive(Debug)]
pub struct Words {
    /// Those that say something.
    pub own: Vec<Source>,
    /// Those that have nothing to say, whatever they said before.
    silent: Vec<&'static str>,
}

/// What `local` and the names of its files say of `node`.
pub fn words(node: &Node<'_>, local: &Local) -> Words {
    let mut words = Words { own: Vec::new(), silent: Vec::new() };
    let mut say = |name: &'static str, facts: &Facts, other_titles: &[String]| {
        if facts.is_empty() && name != NAME {
            words.silent.push(name);
            return;
        }
        let said = described(facts, other_titles);
        words.own.push(Source { name: name.to_owned(), provider_id: None, said });
    };
    say(NAME, &of_name(node), &node.candidate.other_titles);
    if let Some(nfo) = &local.nfo {
        say(NFO, nfo, &[]);
    }
    say(WRITTEN, &local.written, &[]);
    // Tags of files that were not read again are as they were.
    if let Some(tags) = &local.tags {
        say(TAGS, tags, &[]);
    }
    words
}

/// Keeps what is said of `nodes`, `words[n]` of `nodes[n]`, with their pictures, and writes the rows of those that are not
/// among `made`, whose rows say it already; `files` are the files of the batch that may have pictures already.
pub async fn describe(
    db: &mut PgConnection,
    sources: &Sources,
    nodes: &[Node<'_>],
    words: &[Option<Words>],
    made: &[Made],
    files: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut said = Vec::new();
    let (mut silent, mut silent_sources) = (Vec::new(), Vec::new());
    let told = nodes.iter().zip(words).filter_map(|(node, words)| Some((node, words.as_ref()?)));
    for (node, words) in told {
        for source in &words.own {
            let (name, facts) = (source.name.clone(), kept(source.said.clone()));
            said.push(SourceRow { item_id: node.id, source: name, provider_id: None, facts });
        }
        // A new item has never been spoken of.
        if node.origin != Origin::New {
            silent.extend(words.silent.iter().map(|_| node.id.0));
            silent_sources.extend(words.silent.iter().map(|it| (*it).to_owned()));
        }
    }
    upsert_sources(db, &said, now).await?;
    if !silent.is_empty() {
        delete_sources(db, &silent, &silent_sources).await?;
    }
    let pictures: Vec<PictureRow> = nodes.iter().flat_map(picture_rows).collect();
    replace_pictures(db, files, &pictures).await?;

    // A thing that is called otherwise now is another thing, until somebody finds it to be the same.
    let renamed: Vec<Uuid> =
        nodes.iter().filter(|it| it.origin == Origin::Renamed).map(|it| it.id.0).collect();
    if !renamed.is_empty() {
        due::forget_matches(db, &renamed).await?;
    }
    complete(db, made, now).await?;
    let is_made: HashSet<Uuid> = made.iter().map(|it| it.id.0).collect();
    let own = nodes.iter().zip(words).filter(|(_, words)| words.is_some());
    let left: Vec<Uuid> =
        own.map(|(node, _)| node.id.0).filter(|it| !is_made.contains(it)).collect();
    remake(db, sources, &left, now).await?;
    // Whose portraits they are is known by the people of the items, which were written just now.
    let portraits: Vec<PortraitRow> = nodes.iter().flat_map(portrait_rows).collect();
    replace_portraits(db, files, &portraits).await?;
    let tops = nodes.iter().filter(|it| it.parent.is_none() && it.origin != Origin::New);
    let tops: Vec<Uuid> = tops.map(|it| it.id.0).collect();
    if tops.is_empty() { Ok(()) } else { due::update_due(db, &tops, Some(now)).await }
}

fn described(facts: &Facts, other_titles: &[String]) -> Described {
    let other_titles = other_titles.iter().map(|title| metadata::described::OtherTitle {
        title: title.clone(),
        country: None,
        language: None,
    });
    Described { facts: facts.clone(), other_titles: other_titles.collect(), ..Described::default() }
}

/// What the names of its files say.
fn of_name(node: &Node<'_>) -> Facts {
    let candidate = node.candidate;
    let title = clean(&candidate.title);
    // Kept only where it is not what the title gives anyway, so that a better title is sorted by itself.
    let own_sort = candidate.sort_title != naming::sort_title(&candidate.title);
    Facts {
        sort_title: own_sort.then(|| clean(&candidate.sort_title)),
        title: Some(title),
        year: candidate.year,
        released_on: candidate.released_on,
        studios: candidate.studios.iter().map(|it| clean(it)).collect(),
        credits: candidate.cast.iter().map(|it| Credit::new(clean(it), Role::Actor)).collect(),
        ids: candidate.ids.iter().map(|(name, id)| ((*name).to_owned(), clean(id))).collect(),
        ..Facts::default()
    }
}

fn picture_rows(node: &Node<'_>) -> Vec<PictureRow> {
    let candidate = node.candidate;
    let mut rows: Vec<PictureRow> = Vec::new();
    for ((role, position), rank) in candidate.artwork.iter().zip(0_i16..) {
        let file_id = file_id(node, *position).0;
        rows.push(PictureRow {
            item_id: node.id,
            role: role.as_str(),
            source: "local",
            rank,
            file_id,
        });
    }
    for file in candidate.files.iter().filter(|it| it.role == FileRole::Main) {
        let reading = node.unit.readings.get(file.position).and_then(Option::as_ref);
        let cover = reading.and_then(|it| it.probe.as_ref()?.cover.as_ref());
        // Only a cover that lies in one piece can be copied out without decoding the whole tag.
        if cover.is_some_and(|it| it.offset.is_some() && it.size_bytes.is_some()) {
            let role = if node.parent.is_none() { ImageRole::Poster } else { ImageRole::Thumb };
            let file_id = file_id(node, file.position).0;
            let (role, source) = (role.as_str(), "embedded");
            rows.push(PictureRow { item_id: node.id, role, source, rank: EMBEDDED_RANK, file_id });
        }
    }
    rows
}

fn portrait_rows(node: &Node<'_>) -> Vec<PortraitRow> {
    let portraits = node.candidate.portraits.iter();
    portraits
        .map(|(name, position)| PortraitRow {
            item_id: node.id,
            name: clean(name),
            file_id: file_id(node, *position).0,
        })
        .collect()
}
