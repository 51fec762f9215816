//! Looking for everything here, and writing it.

use std::collections::BTreeMap;

use ::jobs::JobError;
use catalog::arrival::{Arrival, Brought, List, Made, Set, Step};
use kernel::Result;
use kernel::id::{ItemId, PersonId};

use super::{Arrivals, Watch, import};
use crate::find::{self, Known, Matches};
use crate::plan::{Plan, Target};
use crate::report::{self, PersonReport, Report};
use crate::source::{Household, Person, Playlist, State};

/// What people made of so many items is written at once.
const AT_ONCE: usize = 1_000;
/// So many sets are.
const SETS_AT_ONCE: usize = 100;
/// So many playlists are.
const LISTS_AT_ONCE: usize = 20;
/// Whom the sets are for: nobody.
const HOUSE: &str = "";

impl Arrivals {
    /// Says what would become of an import; nothing is written but that.
    pub(super) async fn check(&self, arrival: &Arrival, watch: &dyn Watch) -> Result<(), JobError> {
        let plan = plan_of(arrival)?;
        let household = self.household(arrival.id).await?;
        let matches = self.find(&household, &plan, watch).await?;
        let mut report = Report::of(&household, &matches);
        let n_people = household.people.len() as u64;
        for (n, person) in household.people.iter().enumerate() {
            watch.progress(n as u64, n_people, &person.name);
            let (n_states, n_missing) = counts(person, &matches);
            let mut would = Brought::default();
            let to = match plan.target(&person.id) {
                Target::Nobody => None,
                Target::New { .. } => Some(None),
                Target::Person { person_id } => Some(Some(*person_id)),
            };
            if let Some(to) = to {
                for states in person.states.chunks(AT_ONCE) {
                    watch.check()?;
                    would += self.catalog.try_bringing(to, &made(states, &matches)).await?;
                }
                for lists in lists_of(&household, person).chunks(LISTS_AT_ONCE) {
                    watch.check()?;
                    let lists = lists.iter().map(|it| list(arrival, it, &matches));
                    let lists: Vec<List> = lists.collect();
                    would += self.catalog.try_bringing_lists(to, &lists).await?;
                }
            }
            let (source_id, name) = (person.id.clone(), person.name.clone());
            report.people.push(PersonReport { source_id, name, n_states, n_missing, would });
        }
        if plan.collections {
            for sets in household.collections.chunks(SETS_AT_ONCE) {
                watch.check()?;
                let sets: Vec<Set> = sets.iter().filter_map(|it| set(it, &matches)).collect();
                report.collections += self.catalog.try_bringing_sets(&sets).await?;
            }
        }
        let missing = report::missing(&household, &matches);
        let n_found = report.n_items - report.n_missing - report.n_ambiguous;
        watch.log(format!(
            "{n_found} of {} items are here; {} are not, {} may be several",
            report.n_items, report.n_missing, report.n_ambiguous
        ));
        let (report, missing) = (serde_json::to_value(report)?, serde_json::to_value(missing)?);
        self.catalog.report_arrival(arrival.id, &report, &missing).await?;
        Ok(())
    }

    /// Writes what the plan says, step by step; what was done before is passed by.
    pub(super) async fn bring(&self, arrival: &Arrival, watch: &dyn Watch) -> Result<(), JobError> {
        let plan = plan_of(arrival)?;
        let household = self.household(arrival.id).await?;
        let matches = self.find(&household, &plan, watch).await?;
        let mut steps = Vec::new();
        if plan.collections {
            steps.extend(household.collections.chunks(SETS_AT_ONCE).map(Work::Sets));
        }
        for person in &household.people {
            if let Target::Person { person_id } = plan.target(&person.id) {
                let states = person.states.chunks(AT_ONCE);
                steps.extend(states.map(|it| Work::States(person, *person_id, it)));
                for lists in lists_of(&household, person).chunks(LISTS_AT_ONCE) {
                    steps.push(Work::Lists(person, *person_id, lists.to_vec()));
                }
            }
        }
        let total = steps.len() as u64;
        for (number, step) in (0..).zip(&steps) {
            watch.check()?;
            let at = |source_person| Step { arrival: arrival.id, number, source_person };
            match step {
                Work::Sets(sets) => {
                    watch.progress(number as u64, total, "");
                    let sets: Vec<Set> = sets.iter().filter_map(|it| set(it, &matches)).collect();
                    self.catalog.bring_sets(at(HOUSE), &sets).await?;
                }
                Work::States(person, id, states) => {
                    watch.progress(number as u64, total, &person.name);
                    let made = made(states, &matches);
                    self.catalog.bring(at(&person.id), *id, &made).await?;
                }
                Work::Lists(person, id, lists) => {
                    watch.progress(number as u64, total, &person.name);
                    let lists = lists.iter().map(|it| list(arrival, it, &matches));
                    let lists: Vec<List> = lists.collect();
                    self.catalog.bring_lists(at(&person.id), *id, &lists).await?;
                }
            }
        }
        let after = self.catalog.find_arrival(arrival.id).await?;
        let mut all = Brought::default();
        after.brought.values().for_each(|it| all += *it);
        watch.log(format!(
            "{} items new to somebody, {} that more is known of, {} known; {} plays, {} favourites, {} ratings, \
             {} collections, {} playlists",
            all.progress_new,
            all.progress_changed,
            all.progress_same,
            all.plays,
            all.favourites,
            all.ratings,
            all.collections,
            all.playlists
        ));
        tracing::info!(import.id = %arrival.id, import.source = arrival.source, "import.done");
        Ok(())
    }

    async fn find(
        &self,
        household: &Household,
        plan: &Plan,
        watch: &dyn Watch,
    ) -> Result<Matches, JobError> {
        watch.progress(0, 0, "");
        let known = Known::load(&self.catalog, household, || watch.check()).await?;
        let mut matches = find::find(household, &known, &plan.paths);
        let below = self.catalog.list_below_unscoped(&find::roots(household, &matches)).await?;
        find::number(household, &below, &mut matches);
        watch.check()?;
        Ok(matches)
    }
}

/// One step of writing.
enum Work<'a> {
    Sets(&'a [crate::source::Collection]),
    States(&'a Person, PersonId, &'a [State]),
    Lists(&'a Person, PersonId, Vec<&'a Playlist>),
}

fn plan_of(arrival: &Arrival) -> Result<Plan, JobError> {
    let plan = import(arrival.clone())?.plan;
    plan.ok_or_else(|| JobError::give_up("nothing was read yet"))
}

/// Items that the person made something of, and those of them that are not here.
fn counts(person: &Person, matches: &Matches) -> (usize, usize) {
    let missing = person.states.iter().filter(|it| item(matches, it.item).is_none());
    (person.states.len(), missing.count())
}

fn item(matches: &Matches, place: u32) -> Option<ItemId> {
    matches.found.get(place as usize)?.item()
}

/// What is to be written, each of our items once: versions of a film are one here.
pub(crate) fn made(states: &[State], matches: &Matches) -> Vec<Made> {
    let mut by_item: BTreeMap<ItemId, Made> = BTreeMap::new();
    for state in states {
        let Some(item_id) = item(matches, state.item) else { continue };
        let State {
            item: _,
            is_played,
            play_count,
            position_ms,
            last_played_at,
            is_favourite,
            rating,
            plays,
        } = state.clone();
        let new = Made {
            item_id,
            is_played,
            play_count,
            position_ms,
            last_played_at,
            is_favourite,
            rating,
            plays,
        };
        match by_item.get_mut(&item_id) {
            None => {
                by_item.insert(item_id, new);
            }
            Some(known) => join(known, new),
        }
    }
    by_item.into_values().collect()
}

fn join(known: &mut Made, other: Made) {
    if other.last_played_at > known.last_played_at {
        known.position_ms = other.position_ms;
        known.last_played_at = other.last_played_at;
    }
    known.is_played |= other.is_played;
    known.play_count = known.play_count.max(other.play_count);
    known.is_favourite |= other.is_favourite;
    known.rating = known.rating.or(other.rating);
    known.plays.extend(other.plays);
    known.plays.sort_unstable();
    known.plays.dedup();
}

/// A set, as far as its items are here; none where none is.
fn set(there: &crate::source::Collection, matches: &Matches) -> Option<Set> {
    let mut items: Vec<ItemId> = Vec::new();
    for id in there.items.iter().filter_map(|it| item(matches, *it)) {
        if !items.contains(&id) {
            items.push(id);
        }
    }
    let sort_name = naming::sort_title(&there.name);
    let is_one = !items.is_empty() && !sort_name.is_empty();
    is_one.then(|| Set {
        name: there.name.clone(),
        sort_name,
        overview: there.overview.clone(),
        items,
    })
}

/// The playlists of somebody.
fn lists_of<'a>(household: &'a Household, person: &Person) -> Vec<&'a Playlist> {
    household.lists.iter().filter(|it| it.person == person.id).collect()
}

/// A playlist, as far as its items are here.
fn list(arrival: &Arrival, there: &Playlist, matches: &Matches) -> List {
    let Playlist { id, person: _, name, overview, is_shared, items } = there;
    List {
        origin: format!("{}:{id}", arrival.source),
        name: name.clone(),
        overview: overview.clone(),
        is_shared: *is_shared,
        items: items.iter().filter_map(|it| item(matches, *it)).collect(),
    }
}
