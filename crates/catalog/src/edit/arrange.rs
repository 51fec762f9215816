//! What a person decided about files goes over what their names say. Pure.

use std::collections::HashMap;

use kernel::id::FileId;
use uuid::Uuid;

use crate::kind::{Candidate, FileRole};

/// To which item a person put a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The file.
    pub file_id: FileId,
    /// The library's folder that it was in when that was decided.
    pub folder_id: Uuid,
    /// Where in it.
    pub path: String,
    /// Identity of the topmost item it belongs to.
    pub identity: String,
    /// Whether whatever the names take for one thing with it follows.
    pub is_whole: bool,
    /// Tells it from the other versions there.
    pub version: Option<String>,
}

/// Puts the files of `items` where `decisions` say, by their positions; `path_of` tells where a file lies.
pub(crate) fn apply<'a>(
    items: Vec<Candidate>,
    decisions: &HashMap<usize, &Decision>,
    path_of: impl Fn(usize) -> &'a str,
) -> Vec<Candidate> {
    if decisions.is_empty() {
        return items;
    }
    let mut arranged = Vec::new();
    for mut item in items {
        // A thing that was merged into another goes there with all that is new of it.
        let whole = main_positions(&item)
            .into_iter()
            .filter_map(|it| decisions.get(&it))
            .find(|it| it.is_whole && it.identity != item.identity);
        if let Some(decision) = whole {
            let identity = decision.identity.clone();
            rename(&mut item, &identity);
            item.is_guest = true;
            name_versions(&mut item, decisions);
            arranged.push(item);
            continue;
        }
        let mut split: Vec<(String, Vec<usize>)> = Vec::new();
        for position in main_positions(&item) {
            let Some(decision) = decisions.get(&position) else { continue };
            if decision.identity == item.identity {
                continue;
            }
            match split.iter_mut().find(|(identity, _)| *identity == decision.identity) {
                Some((_, positions)) => positions.push(position),
                None => split.push((decision.identity.clone(), vec![position])),
            }
        }
        for (identity, positions) in split {
            arranged.extend(take(&mut item, &identity, &positions, &path_of));
        }
        name_versions(&mut item, decisions);
        if !main_positions(&item).is_empty() {
            arranged.push(item);
        }
    }
    arranged
}

/// Positions of the files that play, of an item and those below it.
fn main_positions(item: &Candidate) -> Vec<usize> {
    let own = item.files.iter().filter(|it| it.role == FileRole::Main).map(|it| it.position);
    own.chain(item.children.iter().flat_map(main_positions)).collect()
}

/// Gives an item another identity, and those below it the ones that follow from it.
fn rename(item: &mut Candidate, identity: &str) {
    let before = std::mem::replace(&mut item.identity, identity.to_owned());
    for child in &mut item.children {
        let below = child.identity.strip_prefix(&before).map(|rest| format!("{identity}{rest}"));
        let below = below.unwrap_or_else(|| format!("{identity}|{}", child.identity));
        rename(child, &below);
    }
}

/// Takes the files at `positions`, with those beside them, out of `item` into one of its shape.
fn take<'a>(
    item: &mut Candidate,
    identity: &str,
    positions: &[usize],
    path_of: &impl Fn(usize) -> &'a str,
) -> Option<Candidate> {
    let stems: Vec<&str> = positions.iter().map(|it| stem(path_of(*it))).collect();
    let goes = |position: usize| {
        positions.contains(&position)
            || stems.iter().any(|stem| {
                let path = path_of(position);
                path.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['.', '-', ' ', '_']))
            })
    };
    let mut taken = cut(item, positions, &goes)?;
    rename(&mut taken, identity);
    Some(taken)
}

/// The part of `item` that the files for which `goes` holds make; nothing where none of `mains` is below it.
fn cut(item: &mut Candidate, mains: &[usize], goes: &impl Fn(usize) -> bool) -> Option<Candidate> {
    if !main_positions(item).iter().any(|it| mains.contains(it)) {
        return None;
    }
    let is_taken = |it: &crate::kind::CandidateFile| {
        if it.role == FileRole::Main { mains.contains(&it.position) } else { goes(it.position) }
    };
    let (files, rest) = std::mem::take(&mut item.files).into_iter().partition(is_taken);
    item.files = rest;
    let (nfo, rest) = std::mem::take(&mut item.nfo).into_iter().partition(|it| goes(*it));
    item.nfo = rest;
    let (artwork, rest) =
        std::mem::take(&mut item.artwork).into_iter().partition(|(_, it)| goes(*it));
    item.artwork = rest;
    let children: Vec<Candidate> =
        item.children.iter_mut().filter_map(|it| cut(it, mains, goes)).collect();
    item.children.retain(|it| !main_positions(it).is_empty());
    Some(Candidate { files, nfo, artwork, children, ..shape(item) })
}

/// The item without files and without what is below it.
fn shape(item: &Candidate) -> Candidate {
    Candidate {
        files: Vec::new(),
        nfo: Vec::new(),
        artwork: Vec::new(),
        children: Vec::new(),
        ..item.clone()
    }
}

fn stem(path: &str) -> &str {
    let name_at = path.rfind('/').map_or(0, |it| it + 1);
    path[name_at..].rfind('.').map_or(path, |it| &path[..name_at + it])
}

fn name_versions(item: &mut Candidate, decisions: &HashMap<usize, &Decision>) {
    for file in &mut item.files {
        if let Some(version) = decisions.get(&file.position).and_then(|it| it.version.clone()) {
            file.version = Some(version);
        }
    }
    for child in &mut item.children {
        name_versions(child, decisions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Form;
    use crate::kind::{CandidateFile, ItemKind};

    const FILM: ItemKind = ItemKind { name: "film", form: Form::Video, is_top: true };
    const GROUP: ItemKind = ItemKind { name: "group", form: Form::Group, is_top: true };

    fn film(identity: &str, positions: &[usize]) -> Candidate {
        let mut film = Candidate::new(FILM, identity.to_owned(), identity);
        film.files.extend(positions.iter().map(|it| CandidateFile::main(*it)));
        film
    }

    fn decision(identity: &str, is_whole: bool) -> Decision {
        Decision {
            file_id: FileId(Uuid::nil()),
            folder_id: Uuid::nil(),
            path: String::new(),
            identity: identity.to_owned(),
            is_whole,
            version: None,
        }
    }

    fn mains(items: &[Candidate]) -> Vec<(String, Vec<usize>)> {
        items.iter().map(|it| (it.identity.clone(), main_positions(it))).collect()
    }

    #[test]
    fn a_file_that_was_split_off_stays_off_with_what_lies_beside_it() {
        let paths =
            ["Heat/Heat.mkv", "Heat/Heat cut.mkv", "Heat/Heat cut.de.srt", "Heat/poster.jpg"];
        let mut item = film("heat|1995", &[0, 1]);
        item.files.push(CandidateFile { role: FileRole::Subtitle, ..CandidateFile::main(2) });
        let split = decision("heat|1995#2", false);
        let decisions = HashMap::from([(1, &split)]);
        let items = apply(vec![item], &decisions, |it| paths[it]);
        assert_eq!(
            mains(&items),
            [("heat|1995#2".to_owned(), vec![1]), ("heat|1995".to_owned(), vec![0])]
        );
        assert_eq!(items[0].files.len(), 2, "the subtitle went along");
        assert!(!items[0].is_guest);
    }

    #[test]
    fn what_was_merged_goes_to_the_other_with_all_that_is_new_of_it() {
        let merged = Decision { version: Some("cut".to_owned()), ..decision("heat|1995", true) };
        let decisions = HashMap::from([(0, &merged)]);
        let items = apply(vec![film("heatcut|", &[0, 1])], &decisions, |_| "x.mkv");
        assert_eq!(mains(&items), [("heat|1995".to_owned(), vec![0, 1])]);
        assert!(items[0].is_guest);
        assert_eq!(items[0].files[0].version.as_deref(), Some("cut"));
        // The files of the item itself carry the decision too, and change nothing there.
        let items = apply(vec![film("heat|1995", &[0])], &decisions, |_| "x.mkv");
        assert!(!items[0].is_guest);
    }

    #[test]
    fn episodes_are_split_off_with_their_seasons() {
        let mut series = Candidate::new(GROUP, "dark|".to_owned(), "Dark");
        let mut season = Candidate::new(GROUP, "dark||s01".to_owned(), "Season 1");
        season.children.push(film("dark||s01e01", &[0]));
        season.children.push(film("dark||s01e02", &[1]));
        series.children.push(season);
        let split = decision("dark|#2", false);
        let decisions = HashMap::from([(1, &split)]);
        let items = apply(vec![series], &decisions, |_| "x.mkv");
        assert_eq!(mains(&items), [("dark|#2".to_owned(), vec![1]), ("dark|".to_owned(), vec![0])]);
        let season = &items[0].children[0];
        assert_eq!(
            (season.identity.as_str(), season.children[0].identity.as_str()),
            ("dark|#2|s01", "dark|#2|s01e02")
        );
    }
}
