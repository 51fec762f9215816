//! Makes items' rows of what their sources say: always from all of them, so that the outcome depends on nothing else.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::ItemId;
use metadata::described::EpisodeOrder;
use metadata::{Described, Facts};
use sqlx::PgConnection;
use uuid::Uuid;

use super::rows::{self, NamedCredit};
use super::source::{Guide, NAME, Place, Source, WRITTEN, merge, ordering, sort};
use super::sources::{LibraryMetadata, Sources};
use super::store::out::{
    PlacedRow, SubjectRow, list_placed_unscoped, list_subjects_unscoped, replace_about,
    update_items,
};
use super::store::people::{CreditRow, Named, find_or_insert_people, replace_credits};
use super::store::pictures::{replace_remote, upsert_portraits};
use super::store::source::list_sources_unscoped;
use super::store::{guide, lists};
use crate::{edit, personal};

/// Writes the rows of `items` anew. The caller tells search and the caches, and commits.
pub async fn remake(
    db: &mut PgConnection,
    sources: &Sources,
    items: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let subjects = list_subjects_unscoped(db, items).await?;
    let words = Words::load(db, &subjects).await?;
    let made: Vec<Made> = subjects
        .iter()
        .map(|subject| {
            let library = LibraryMetadata::of(&subject.settings);
            let own = words.on(subject, &sources.order(&library));
            let strongest = strongest_ids(subject, &own);
            Made { id: subject.id, is_top: subject.is_top, said: merge(&own), strongest }
        })
        .collect();
    let facts: Vec<_> = made.iter().map(|it| rows::facts(it.id, &it.said.facts)).collect();
    update_items(db, &facts, now).await?;
    let specials: Vec<Uuid> =
        subjects.iter().filter(|it| it.parent_number == Some(0)).map(|it| it.id.0).collect();
    let before = list_placed_unscoped(db, &specials).await?;
    write_about(db, items, &made).await?;
    recount_moved(db, &specials, before).await?;
    write_lists(db, items, &made, now).await
}

/// All that is said of one item.
#[derive(Debug)]
pub struct Made {
    /// It.
    pub id: ItemId,
    /// See [`crate::kind::ItemKind::is_top`].
    pub is_top: bool,
    /// What all sources say together.
    pub said: Described,
    /// Its ids that are beyond doubt, by provider.
    pub strongest: BTreeMap<String, String>,
}

impl Made {
    /// Of what is known of a new item, of which no provider has said anything: the words of local sources.
    pub fn of_local(id: ItemId, is_top: bool, mut own: Vec<Source>, order: &[String]) -> Self {
        sort(&mut own, order);
        Self { id, is_top, said: merge(&own), strongest: ids_in_name(&own) }
    }
}

/// Writes what goes with the rows of new items, which were inserted as these say.
pub async fn complete(db: &mut PgConnection, made: &[Made], now: DateTime<Utc>) -> Result<()> {
    write_about(db, &[], made).await?;
    write_lists(db, &[], made, now).await
}

async fn write_about(db: &mut PgConnection, items: &[Uuid], made: &[Made]) -> Result<()> {
    let about: Vec<_> = made.iter().filter_map(|it| rows::about(it.id, &it.said.facts)).collect();
    replace_about(db, items, &about).await
}

/// Labels, ids, texts, pictures and people; `items` are those that may have some already.
async fn write_lists(
    db: &mut PgConnection,
    items: &[Uuid],
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<()> {
    let labels: Vec<_> = made.iter().flat_map(|it| rows::labels(it.id, &it.said.facts)).collect();
    lists::replace_labels(db, items, &labels).await?;
    let ids: Vec<_> =
        made.iter().flat_map(|it| rows::ids(it.id, &it.said.facts, &it.strongest)).collect();
    lists::replace_external_ids(db, items, &ids).await?;
    let translations: Vec<_> =
        made.iter().flat_map(|it| rows::translations(it.id, &it.said)).collect();
    lists::replace_translations(db, items, &translations).await?;
    let tops = made.iter().filter(|it| it.is_top);
    let collections: Vec<_> =
        tops.filter_map(|it| rows::collection(it.id, &it.said.facts)).collect();
    lists::replace_collections(db, items, &collections, now).await?;
    let pictures: Vec<_> = made.iter().flat_map(|it| rows::pictures(it.id, &it.said)).collect();
    replace_remote(db, items, &pictures).await?;
    let credits: Vec<(ItemId, Vec<NamedCredit>)> =
        made.iter().map(|it| (it.id, rows::credits(&it.said.facts))).collect();
    write_credits(db, items, &credits).await
}

/// Where a special found another place among the episodes, something else may come next to those who watch the series.
async fn recount_moved(
    db: &mut PgConnection,
    specials: &[Uuid],
    before: Vec<PlacedRow>,
) -> Result<()> {
    let after: HashSet<PlacedRow> = list_placed_unscoped(db, specials).await?.into_iter().collect();
    let before: HashSet<PlacedRow> = before.into_iter().collect();
    let moved: HashSet<ItemId> = before.symmetric_difference(&after).map(|it| it.root_id).collect();
    let moved: Vec<ItemId> = moved.into_iter().collect();
    if moved.is_empty() { Ok(()) } else { personal::recount(db, &moved).await }
}

/// What all sources together say of `items`, our own NFO files aside; what people edited goes over it.
pub async fn facts_of(
    db: &mut PgConnection,
    sources: &Sources,
    items: &[Uuid],
) -> Result<HashMap<ItemId, Facts>> {
    let subjects = list_subjects_unscoped(db, items).await?;
    let words = Words::load(db, &subjects).await?;
    let mut facts = HashMap::new();
    for subject in &subjects {
        let library = LibraryMetadata::of(&subject.settings);
        let mut own = words.on(subject, &sources.order(&library));
        own.retain(|it| it.name != WRITTEN);
        let mut said = merge(&own).facts;
        said.ids.extend(strongest_ids(subject, &own));
        if !subject.locked.is_empty() {
            edit::overlay(db, subject.id, &mut said).await?;
        }
        facts.insert(subject.id, said);
    }
    Ok(facts)
}

/// Writes cast and crew with the people they name.
pub async fn write_credits(
    db: &mut PgConnection,
    items: &[Uuid],
    credits: &[(ItemId, Vec<NamedCredit>)],
) -> Result<()> {
    let all = || credits.iter().flat_map(|(_, credits)| credits);
    let named: HashSet<&Named> = all().map(|it| &it.person).collect();
    let mut named: Vec<Named> = named.into_iter().cloned().collect();
    named.sort_unstable();
    let people =
        if named.is_empty() { HashMap::new() } else { find_or_insert_people(db, &named).await? };
    let mut rows = Vec::new();
    for (item_id, credits) in credits {
        let found = credits.iter().filter_map(|it| Some((it, *people.get(&it.person)?)));
        for ((credit, person_id), position) in found.zip(0_i16..) {
            let (role, character) = (credit.role, credit.character.clone());
            rows.push(CreditRow { item_id: *item_id, position, person_id, role, character });
        }
    }
    replace_credits(db, items, &rows).await?;
    let portraits: HashSet<(Uuid, String)> =
        all().filter_map(|it| Some((*people.get(&it.person)?, it.picture.clone()?))).collect();
    let mut portraits: Vec<(Uuid, String)> = portraits.into_iter().collect();
    portraits.sort_unstable();
    let (people, urls): (Vec<Uuid>, Vec<String>) = portraits.into_iter().unzip();
    if people.is_empty() { Ok(()) } else { upsert_portraits(db, &people, &urls).await }
}

/// Ids in a name were put there to settle the matter: they win over those of any other source, and the match itself over
/// them.
fn strongest_ids(subject: &SubjectRow, own: &[Source]) -> BTreeMap<String, String> {
    let mut ids = ids_in_name(own);
    if let (Some(provider), Some(id)) = (&subject.provider, &subject.provider_id) {
        ids.insert(provider.clone(), id.clone());
    }
    ids
}

fn ids_in_name(own: &[Source]) -> BTreeMap<String, String> {
    let name = own.iter().find(|it| it.name == NAME);
    name.map(|it| it.said.facts.ids.clone()).unwrap_or_default()
}

/// What all sources say of some items.
struct Words {
    own: HashMap<ItemId, Vec<Source>>,
    /// By series.
    guides: HashMap<ItemId, Vec<Guide>>,
}

impl Words {
    async fn load(db: &mut PgConnection, subjects: &[SubjectRow]) -> Result<Self> {
        let below = |it: &&SubjectRow| it.root_id != it.id;
        let roots: HashSet<Uuid> = subjects.iter().filter(below).map(|it| it.root_id.0).collect();
        let roots: Vec<Uuid> = roots.into_iter().collect();
        let mut asked: Vec<Uuid> = subjects.iter().map(|it| it.id.0).collect();
        asked.extend(&roots);
        asked.sort_unstable();
        asked.dedup();
        let mut own: HashMap<ItemId, Vec<Source>> = HashMap::new();
        for kept in list_sources_unscoped(db, &asked).await? {
            own.entry(kept.item_id).or_default().push(kept.source);
        }
        let mut guides = if roots.is_empty() {
            HashMap::new()
        } else {
            guide::list_guides_unscoped(db, &roots).await?
        };
        for (series, guides) in &mut guides {
            for guide in guides {
                guide.orders =
                    own.get(series).and_then(|it| orders(it, &guide.source)).unwrap_or_default();
            }
        }
        Ok(Self { own, guides })
    }

    /// The sources on one item, the strongest first.
    fn on(&self, subject: &SubjectRow, order: &[String]) -> Vec<Source> {
        let mut sources = self.own.get(&subject.id).cloned().unwrap_or_default();
        if subject.root_id != subject.id {
            let guides = self.guides.get(&subject.root_id).map(Vec::as_slice).unwrap_or_default();
            let place = place(subject, &sources);
            for guide in guides {
                let said = if subject.is_group {
                    subject.number.and_then(|it| guide.season(it))
                } else {
                    guide.episode(place, ordering(&subject.episode_order).flatten())
                };
                if let Some(said) = said {
                    sources.push(Source { name: guide.source.clone(), provider_id: None, said });
                }
            }
        }
        sort(&mut sources, order);
        sources
    }
}

fn orders(sources: &[Source], name: &str) -> Option<Vec<EpisodeOrder>> {
    sources.iter().find(|it| it.name == name).map(|it| it.said.orders.clone())
}

/// Where an episode's name puts it. The day of a daily show is in the name: what sources say of it may be wrong.
fn place(subject: &SubjectRow, sources: &[Source]) -> Place {
    let name = sources.iter().find(|it| it.name == NAME);
    Place {
        season: subject.parent_number,
        number: subject.number,
        number_end: subject.number_end,
        absolute: subject.absolute_number,
        aired_on: name.and_then(|it| it.said.facts.released_on),
    }
}
