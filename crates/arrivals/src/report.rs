//! What an import would do, in numbers, and what of it is not here.

use catalog::arrival::{Brought, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::find::{Found, Matches, PathRule, Rule};
use crate::source::Household;

/// Entries of what is not here that are kept.
pub const MAX_MISSING: usize = 20_000;
/// Names of playlists, and warnings, that are told.
const MAX_TOLD: usize = 50;

/// What would become of an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ImportReport)]
pub struct Report {
    /// Items of the other server.
    pub n_items: usize,
    /// Found by an id of a provider.
    pub by_id: usize,
    /// Found by their file.
    pub by_path: usize,
    /// Found by title and year.
    pub by_title: usize,
    /// Found by their numbers in a series.
    pub by_number: usize,
    /// Not here.
    pub n_missing: usize,
    /// Several things here may be it.
    pub n_ambiguous: usize,
    /// Folders of the other machine and what they are here, as it turned out.
    pub paths: Vec<LearnedPath>,
    /// What would be brought to each person.
    pub people: Vec<PersonReport>,
    /// Sets there.
    pub n_collections: usize,
    /// What would be brought of sets.
    pub collections: Brought,
    /// Playlists there.
    pub n_playlists: usize,
    /// Of these, those that are not brought: they put themselves together, or are nobody's.
    pub n_playlists_left: usize,
    /// Some of their names.
    pub playlists: Vec<String>,
    /// What could not be read.
    pub warnings: Vec<String>,
}

/// A folder of the other machine here.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportLearnedFolder)]
pub struct LearnedPath {
    /// There.
    pub from: String,
    /// Here.
    pub to: String,
    /// Files that say so.
    pub n_files: usize,
}

/// What would be brought to a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ImportPersonReport)]
pub struct PersonReport {
    /// Their id there.
    pub source_id: String,
    /// Their name there.
    pub name: String,
    /// Items that they made something of.
    pub n_states: usize,
    /// Of these, what is not here.
    pub n_missing: usize,
    /// What would be written.
    pub would: Brought,
}

/// Something of the other server that is not here.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportMissingItem)]
pub struct MissingItem {
    /// What it is.
    pub shape: Option<Shape>,
    /// Its title.
    pub title: String,
    /// The series it is in.
    pub series: Option<String>,
    /// Its season.
    pub season: Option<i32>,
    /// Its number there.
    pub episode: Option<i32>,
    /// When it came out.
    pub year: Option<i32>,
    /// Its file there.
    pub path: Option<String>,
    /// Several things here may be it; else nothing is.
    pub is_ambiguous: bool,
    /// How many people made something of it.
    pub n_people: usize,
}

impl Report {
    /// What was found, before anybody is asked what they made of it.
    pub fn of(household: &Household, matches: &Matches) -> Self {
        let n = |wanted: fn(&Found) -> bool| matches.found.iter().filter(|it| wanted(it)).count();
        let told = |names: &[String]| names.iter().take(MAX_TOLD).cloned().collect();
        let path = |(PathRule { from, to }, n_files): &(PathRule, usize)| LearnedPath {
            from: from.clone(),
            to: to.clone(),
            n_files: *n_files,
        };
        Self {
            n_items: household.items.len(),
            by_id: n(|it| matches!(it, Found::Item(_, Rule::Id))),
            by_path: n(|it| matches!(it, Found::Item(_, Rule::Path))),
            by_title: n(|it| matches!(it, Found::Item(_, Rule::Title))),
            by_number: n(|it| matches!(it, Found::Item(_, Rule::Number))),
            n_missing: n(|it| *it == Found::Missing),
            n_ambiguous: n(|it| *it == Found::Ambiguous),
            paths: matches.paths.iter().map(path).collect(),
            people: Vec::new(),
            n_collections: household.collections.len(),
            collections: Brought::default(),
            n_playlists: household.lists.len() + household.playlists.len(),
            n_playlists_left: household.playlists.len(),
            playlists: told(&household.playlists),
            warnings: told(&household.warnings),
        }
    }
}

/// What is not here: first what most people made something of.
pub fn missing(household: &Household, matches: &Matches) -> Vec<MissingItem> {
    let mut n_people = vec![0_usize; household.items.len()];
    for state in household.people.iter().flat_map(|it| &it.states) {
        if let Some(n) = n_people.get_mut(state.item as usize) {
            *n += 1;
        }
    }
    let mut places: Vec<usize> =
        (0..household.items.len()).filter(|at| matches.found[*at].item().is_none()).collect();
    places.sort_by_key(|at| std::cmp::Reverse(n_people[*at]));
    places.truncate(MAX_MISSING);
    let item = |at: usize| {
        let thing = &household.items[at];
        let series = thing.series.and_then(|it| household.items.get(it as usize));
        MissingItem {
            shape: thing.shape,
            title: thing.title.clone(),
            series: series.map(|it| it.title.clone()).or_else(|| thing.series_title.clone()),
            season: thing.season,
            episode: thing.episode,
            year: thing.year,
            path: thing.path.clone(),
            is_ambiguous: matches.found[at] == Found::Ambiguous,
            n_people: n_people[at],
        }
    };
    places.into_iter().map(item).collect()
}

/// The same as a table, as spreadsheets read it.
pub fn missing_as_csv(items: &[MissingItem]) -> String {
    let mut csv = "what,title,series,season,episode,year,people,why,path\r\n".to_owned();
    for it in items {
        let number = |it: Option<i32>| it.map(|it| it.to_string()).unwrap_or_default();
        let shape = match it.shape {
            Some(Shape::Film) => "film",
            Some(Shape::Series) => "series",
            Some(Shape::Season) => "season",
            Some(Shape::Episode) => "episode",
            None => "",
        };
        let why = if it.is_ambiguous { "several here may be it" } else { "not here" };
        let cells = [
            shape.to_owned(),
            it.title.clone(),
            it.series.clone().unwrap_or_default(),
            number(it.season),
            number(it.episode),
            number(it.year),
            it.n_people.to_string(),
            why.to_owned(),
            it.path.clone().unwrap_or_default(),
        ];
        let cells: Vec<String> = cells.iter().map(|it| cell(it)).collect();
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_stands_in_it() {
        assert_eq!(cell("Heat"), "\"Heat\"");
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
