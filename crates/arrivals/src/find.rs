//! Which of our items others mean. Pure.
//!
//! By the ids of providers first, then by the file's path, then by title and year, or by series, season and number. What may be
//! several things is none: it is told, not guessed.

mod known;
mod paths;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use catalog::arrival::{Place, Shape};
use kernel::id::ItemId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use known::Known;
pub use paths::PathRule;

use self::paths::Paths;
use crate::source::{Household, Thing};

/// By what an item was found.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// By an id of a provider.
    Id,
    /// By its file.
    Path,
    /// By title and year.
    Title,
    /// By its numbers in a series that was found.
    Number,
}

/// What became of an item of the other server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is this one of ours.
    Item(ItemId, Rule),
    /// Nothing here is it.
    Missing,
    /// Several things here may be it.
    Ambiguous,
}

impl Found {
    /// Our item.
    pub fn item(self) -> Option<ItemId> {
        match self {
            Self::Item(id, _) => Some(id),
            Self::Missing | Self::Ambiguous => None,
        }
    }
}

/// What became of all of them.
#[derive(Debug, Default)]
pub struct Matches {
    /// By place in [`Household::items`].
    pub found: Vec<Found>,
    /// Folders of the other machine and what they are here, as it turned out, with how many files say so.
    pub paths: Vec<(PathRule, usize)>,
}

/// Finds all that stands alone, and whatever has an id or a file of its own; [`number`] does the rest.
pub fn find(household: &Household, known: &Known, rules: &[PathRule]) -> Matches {
    let paths = Paths::learn(household, known, rules);
    let mut found: Vec<Found> =
        household.items.iter().map(|thing| find_one(household, known, &paths, thing)).collect();
    adopt_series(household, known, &mut found);
    Matches { found, paths: paths.learned() }
}

/// Finds seasons and episodes by their numbers, in the series that were found.
pub fn number(household: &Household, below: &[Place], matches: &mut Matches) {
    let mut by_number: HashMap<(ItemId, Shape, i32, i32), Vec<ItemId>> = HashMap::new();
    for place in below {
        let Some(season) = place.season else { continue };
        let first = place.episode.unwrap_or_default();
        let last = place.episode_end.unwrap_or(first).clamp(first, first.saturating_add(100));
        for episode in first..=last {
            let key = (place.root_id, place.shape, season, episode);
            by_number.entry(key).or_default().push(place.id);
        }
    }
    for (at, thing) in household.items.iter().enumerate() {
        let Some(shape) = thing.shape.filter(|it| matches!(it, Shape::Season | Shape::Episode))
        else {
            continue;
        };
        if matches.found[at] != Found::Missing {
            continue;
        }
        let series = thing.series.and_then(|it| matches.found.get(it as usize)?.item());
        let (Some(series), Some(season)) = (series, thing.season) else { continue };
        if shape == Shape::Episode && thing.episode.is_none() {
            continue;
        }
        let key = (series, shape, season, thing.episode.unwrap_or_default());
        matches.found[at] = match by_number.get(&key).map(Vec::as_slice) {
            None | Some([]) => Found::Missing,
            Some([only]) => Found::Item(*only, Rule::Number),
            Some(_) => Found::Ambiguous,
        };
    }
}

/// The series that were found, of which everything in them is needed.
pub fn roots(household: &Household, matches: &Matches) -> Vec<ItemId> {
    let of_series = household.items.iter().zip(&matches.found);
    let mut roots: Vec<ItemId> = of_series
        .filter(|(thing, _)| thing.shape == Some(Shape::Series))
        .filter_map(|(_, found)| found.item())
        .collect();
    roots.sort_unstable();
    roots.dedup();
    roots
}

fn find_one(household: &Household, known: &Known, paths: &Paths<'_>, thing: &Thing) -> Found {
    let Some(shape) = thing.shape else { return Found::Missing };
    let by_id = distinct(
        thing
            .ids
            .iter()
            .filter_map(|id| known.by_id.get(id))
            .flatten()
            .filter(|it| it.shape == shape),
    );
    if let [only] = by_id[..] {
        return Found::Item(only.id, Rule::Id);
    }
    let at_path =
        distinct(paths.places(household, thing).into_iter().filter(|it| it.shape == shape));
    let is_one_of = |it: &&Place| by_id.is_empty() || by_id.iter().any(|known| known.id == it.id);
    let at_path: Vec<&Place> = at_path.into_iter().filter(|it| is_one_of(it)).collect();
    let with_number = |it: &&&Place| {
        thing.episode.is_some() && it.season == thing.season && holds(it, thing.episode)
    };
    match (&by_id[..], &at_path[..]) {
        (_, [only]) => Found::Item(only.id, Rule::Path),
        (_, [_, ..]) => match &at_path.iter().filter(with_number).collect::<Vec<_>>()[..] {
            [only] => Found::Item(only.id, Rule::Path),
            _ => Found::Ambiguous,
        },
        ([_, ..], []) => Found::Ambiguous,
        ([], []) => by_title(known, shape, thing),
    }
}

fn holds(place: &Place, episode: Option<i32>) -> bool {
    let (Some(first), Some(episode)) = (place.episode, episode) else { return false };
    (first..=place.episode_end.unwrap_or(first)).contains(&episode)
}

fn by_title(known: &Known, shape: Shape, thing: &Thing) -> Found {
    if !matches!(shape, Shape::Film | Shape::Series) {
        return Found::Missing;
    }
    let titles = [Some(&thing.title), thing.original_title.as_ref()];
    let called = titles.into_iter().flatten().map(|it| naming::fold(it));
    let called: Vec<_> = called
        .filter_map(|it| known.by_title.get(&it))
        .flatten()
        .filter(|(place, _)| place.shape == shape)
        .collect();
    let of_year = called.iter().filter(|(_, year)| *year == thing.year && thing.year.is_some());
    let of_year = distinct(of_year.map(|it| &it.0));
    // A year that one of the two does not know tells nothing apart.
    let of_any = called.iter().filter(|(_, year)| year.is_none() || thing.year.is_none());
    let candidates = if of_year.is_empty() { distinct(of_any.map(|it| &it.0)) } else { of_year };
    match candidates[..] {
        [] => Found::Missing,
        [only] => Found::Item(only.id, Rule::Title),
        _ => Found::Ambiguous,
    }
}

/// A series of which no id and no title tells what it is, is that in which its episodes were found, where they agree.
fn adopt_series(household: &Household, known: &Known, found: &mut [Found]) {
    let mut votes: BTreeMap<u32, Vec<ItemId>> = BTreeMap::new();
    for (thing, of) in household.items.iter().zip(found.iter()) {
        let (Some(series), Found::Item(id, Rule::Id | Rule::Path)) = (thing.series, of) else {
            continue;
        };
        if thing.shape == Some(Shape::Episode)
            && let Some(root) = known.roots.get(id)
        {
            votes.entry(series).or_default().push(*root);
        }
    }
    for (series, mut roots) in votes {
        let is_open = !matches!(found.get(series as usize), Some(Found::Item(..)) | None);
        roots.sort_unstable();
        roots.dedup();
        if let ([only], true) = (&roots[..], is_open) {
            found[series as usize] = Found::Item(*only, Rule::Path);
        }
    }
}

/// Each item once.
fn distinct<'a>(places: impl Iterator<Item = &'a Place>) -> Vec<&'a Place> {
    let mut distinct: Vec<&Place> = Vec::new();
    for place in places {
        if !distinct.iter().any(|it| it.id == place.id) {
            distinct.push(place);
        }
    }
    distinct
}
