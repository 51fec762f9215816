//! Files of another machine here. What the administrator says holds; the rest is learned: where many paths end alike, what they
//! begin with is the same folder.

use std::collections::HashMap;

use catalog::arrival::Place;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Known;
use crate::source::{Household, Thing};

/// So many files must say that two folders are the same before another is believed to be in it.
const ENOUGH: usize = 3;
/// Folders that are told at the most.
const MAX_LEARNED: usize = 20;

/// A folder of the other machine, and where it is here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportFolder)]
pub struct PathRule {
    /// There.
    pub from: String,
    /// Here.
    pub to: String,
}

/// What is known of paths.
#[derive(Debug)]
pub struct Paths<'a> {
    known: &'a Known,
    /// Parts in lower case; those of the administrator, then those that were learned, each the longest first.
    rules: Vec<(Vec<String>, Vec<String>)>,
    learned: Vec<(PathRule, usize)>,
}

/// The parts of a path of any system, as they are written.
pub fn parts(path: &str) -> Vec<String> {
    path.split(['/', '\\']).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The words of a text with blanks between and around them, so that one is found whole in another.
fn words(text: &str) -> String {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    let folded: Vec<String> = words.map(naming::fold).collect();
    format!(" {} ", folded.join(" "))
}

fn lower(parts: &[String]) -> Vec<String> {
    parts.iter().map(|it| it.to_lowercase()).collect()
}

/// How many parts two paths have in common at their ends, whatever their case.
fn common(one: &[String], other: &[String]) -> usize {
    let ends = one.iter().rev().zip(other.iter().rev());
    ends.take_while(|(one, other)| one.to_lowercase() == other.to_lowercase()).count()
}

impl<'a> Paths<'a> {
    /// Learns from all paths which folders are the same.
    pub fn learn(household: &Household, known: &'a Known, said: &[PathRule]) -> Self {
        let rule = |it: &PathRule| (lower(&parts(&it.from)), lower(&parts(&it.to)));
        let mut rules: Vec<_> = said.iter().map(rule).collect();
        rules.sort_by_key(|it| std::cmp::Reverse(it.0.len()));
        let mut paths = Self { known, rules, learned: Vec::new() };
        let mut votes: HashMap<(Vec<String>, Vec<String>), (usize, PathRule)> = HashMap::new();
        for thing in &household.items {
            let Some((theirs, ours, n_common)) = paths.alike(household, thing) else { continue };
            let begins = |it: &[String]| it[..it.len() - n_common].to_vec();
            let (from, to) = (begins(&theirs), begins(&ours));
            let separator =
                if thing.path.as_deref().is_some_and(|it| it.contains('\\')) { "\\" } else { "/" };
            let root = if separator == "/" { "/" } else { "" };
            let rule = PathRule {
                from: format!("{root}{}", from.join(separator)),
                to: format!("/{}", to.join("/")),
            };
            votes.entry((lower(&from), lower(&to))).or_insert((0, rule)).0 += 1;
        }
        let mut votes: Vec<_> = votes.into_iter().collect();
        votes.sort_by(|one, other| other.1.0.cmp(&one.1.0).then(one.0.cmp(&other.0)));
        votes.truncate(MAX_LEARNED);
        for (parts, (n, rule)) in votes {
            if n >= ENOUGH {
                paths.rules.push(parts);
            }
            paths.learned.push((rule, n));
        }
        paths
    }

    /// What was learned, with how many files say so.
    pub fn learned(self) -> Vec<(PathRule, usize)> {
        self.learned
    }

    /// What plays the file of `thing`. Several where it is one of several things, or where several files may be it.
    pub fn places(&self, household: &Household, thing: &Thing) -> Vec<&'a Place> {
        let Some(theirs) = thing.path.as_deref().map(parts) else { return Vec::new() };
        let (all, low) = (self.files(&theirs), lower(&theirs));
        let expected = self.rules.iter().filter_map(|(from, to)| {
            let rest = low.strip_prefix(&from[..])?;
            Some([&to[..], rest].concat())
        });
        let expected: Vec<Vec<String>> = std::iter::once(low.clone()).chain(expected).collect();
        for expected in &expected {
            let same = all.iter().filter(|it| lower(&it.0) == *expected);
            let same: Vec<&Place> = same.map(|it| &it.1).collect();
            if !same.is_empty() {
                return same;
            }
        }
        let Some((_, ours, _)) = self.alike(household, thing) else { return Vec::new() };
        all.iter().filter(|it| it.0 == ours).map(|it| &it.1).collect()
    }

    fn files(&self, theirs: &[String]) -> &'a [(Vec<String>, Place)] {
        let name = theirs.last().map(|it| it.to_lowercase());
        name.and_then(|it| self.known.by_name.get(&it)).map_or(&[], Vec::as_slice)
    }

    /// The one file whose path ends most alike, where what is alike names the film or series: `Season 1/S01E01.mkv` is in
    /// many of them. Their parts, ours, and how many are alike.
    fn alike(
        &self,
        household: &Household,
        thing: &Thing,
    ) -> Option<(Vec<String>, Vec<String>, usize)> {
        let theirs = parts(thing.path.as_deref()?);
        let files = self.files(&theirs);
        let best = files.iter().map(|it| common(&theirs, &it.0)).max()?;
        let mut ends = files.iter().filter(|it| common(&theirs, &it.0) == best).map(|it| &it.0);
        let ours = ends.next()?;
        if ends.any(|it| it != ours) {
            return None;
        }
        let top = thing.series.and_then(|it| household.items.get(it as usize)).unwrap_or(thing);
        let titles = [
            Some(&top.title),
            top.original_title.as_ref(),
            thing.series_title.as_ref().filter(|_| thing.series.is_none()),
        ];
        let end = words(&theirs[theirs.len() - best..].join(" "));
        let is_named = titles
            .into_iter()
            .flatten()
            .map(|it| words(it))
            .any(|title| title.len() > 2 && end.contains(&title));
        is_named.then(|| (theirs, ours.clone(), best))
    }
}
