//! What of our items may be meant by something of a household: as much as that asks for, whatever we have.

use std::collections::{HashMap, HashSet};

use catalog::Catalog;
use catalog::arrival::Place;
use catalog::stored_path;
use kernel::Result;
use kernel::id::ItemId;

use super::paths;
use crate::source::Household;

/// Our items, by what others know of them.
#[derive(Debug, Default)]
pub struct Known {
    /// By provider and id there.
    pub by_id: HashMap<(String, String), Vec<Place>>,
    /// By folded title, with the year.
    pub by_title: HashMap<String, Vec<(Place, Option<i32>)>>,
    /// By a file's name in lower case: the parts of its path, as they are, and what plays it.
    pub by_name: HashMap<String, Vec<(Vec<String>, Place)>>,
    /// The topmost item of what was found by id or file.
    pub roots: HashMap<ItemId, ItemId>,
}

impl Known {
    /// Looks for them. `going_on` is asked between two pages.
    pub async fn load<E: From<kernel::Error>>(
        catalog: &Catalog,
        household: &Household,
        going_on: impl Fn() -> std::result::Result<(), E>,
    ) -> std::result::Result<Self, E> {
        let mut known = Self::default();
        known.load_ids(catalog, household).await?;
        let (names, titles) = wanted(household);
        let mut after = None;
        loop {
            going_on()?;
            let (page, next) = catalog.list_filed_unscoped(after).await?;
            for filed in page {
                let path = stored_path::from_text(&filed.path).to_string_lossy().into_owned();
                let parts = paths::parts(&path);
                let Some(name) = parts.last().map(|it| it.to_lowercase()) else { continue };
                if names.contains(&name) {
                    known.roots.insert(filed.place.id, filed.place.root_id);
                    known.by_name.entry(name).or_default().push((parts, filed.place));
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            going_on()?;
            let page = catalog.list_named_unscoped(after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.place.id);
            for named in page {
                known.add_titles(&named.title, named.original_title.as_deref(), &titles, || {
                    (named.place.clone(), named.year)
                });
            }
        }
        Ok(known)
    }

    async fn load_ids(&mut self, catalog: &Catalog, household: &Household) -> Result<()> {
        let ids: HashSet<&(String, String)> =
            household.items.iter().flat_map(|it| &it.ids).collect();
        let ids: Vec<(String, String)> = ids.into_iter().cloned().collect();
        for (provider, value, place) in catalog.list_by_ids_unscoped(&ids).await? {
            self.roots.insert(place.id, place.root_id);
            self.by_id.entry((provider, value)).or_default().push(place);
        }
        Ok(())
    }

    fn add_titles(
        &mut self,
        title: &str,
        original: Option<&str>,
        wanted: &HashSet<String>,
        entry: impl Fn() -> (Place, Option<i32>),
    ) {
        for title in std::iter::once(title).chain(original) {
            let folded = naming::fold(title);
            if wanted.contains(&folded) {
                self.by_title.entry(folded).or_default().push(entry());
            }
        }
    }
}

/// Names of files in lower case, and folded titles, that the household asks for.
fn wanted(household: &Household) -> (HashSet<String>, HashSet<String>) {
    let (mut names, mut titles) = (HashSet::new(), HashSet::new());
    for thing in &household.items {
        let path = thing.path.as_deref().map(paths::parts);
        names.extend(path.and_then(|it| Some(it.last()?.to_lowercase())));
        for title in std::iter::once(&thing.title).chain(&thing.original_title) {
            titles.insert(naming::fold(title));
        }
    }
    titles.remove("");
    (names, titles)
}
