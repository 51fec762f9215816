//! Filters as typed become filters of the search engine: libraries by their names, what a person made of items as sets.

use kernel::{Result, Viewer};
use search::{Asked, Facet, Filter, IdSet, Narrowing, Own, Test, Wanted};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{SearchFilter, store};
use crate::Catalog;

/// Items of which a person made something that a search takes into account: five times the longest history anybody has.
const MAX_OWN: i64 = 100_000;

/// What a person made of items, each asked for once and only if wanted.
#[derive(Debug, Default)]
pub(super) struct OwnSets {
    watched: Option<IdSet>,
    in_progress: Option<IdSet>,
    favourite: Option<IdSet>,
}

impl OwnSets {
    /// The set of an answer, and whether the answer is what is not in it.
    pub async fn of(
        &mut self,
        db: &mut PgConnection,
        viewer: &Viewer,
        own: Own,
    ) -> Result<(IdSet, bool)> {
        let person = viewer.person_id;
        let known = match own {
            Own::Watched | Own::Unwatched => &mut self.watched,
            Own::InProgress => &mut self.in_progress,
            Own::Favourite => &mut self.favourite,
        };
        if let Some(set) = known {
            return Ok((set.clone(), own == Own::Unwatched));
        }
        let ids = match own {
            Own::Watched | Own::Unwatched => store::own::list_watched(db, person, MAX_OWN).await?,
            Own::InProgress => store::own::list_in_progress(db, person, MAX_OWN).await?,
            Own::Favourite => store::own::list_favourites(db, person, MAX_OWN).await?,
        };
        let set = known.insert(IdSet::new(ids)).clone();
        Ok((set, own == Own::Unwatched))
    }
}

impl Catalog {
    /// What the engine is asked for these filters.
    pub(super) async fn narrow(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        asked: &Asked,
        own: &mut OwnSets,
    ) -> Result<Vec<Filter>> {
        let mut filters = Vec::new();
        for narrowing in &asked.filters {
            let is_not = narrowing.is_not;
            filters.push(match &narrowing.wanted {
                Wanted::Value(Facet::Library, names) => {
                    let ids = self.libraries_called(viewer, names).await?;
                    Filter { is_not, test: Test::OneOf(Facet::Library, ids) }
                }
                Wanted::Value(facet, values) => {
                    Filter { is_not, test: Test::OneOf(*facet, values.clone()) }
                }
                Wanted::Range(number, from, to) => {
                    Filter { is_not, test: Test::Between(*number, *from, *to) }
                }
                Wanted::Own(wanted) => {
                    let (set, is_outside) = own.of(db, viewer, *wanted).await?;
                    Filter { is_not: is_not != is_outside, test: Test::In(set) }
                }
            });
        }
        Ok(filters)
    }

    /// The person's libraries with these names, as the index has them; one that is none of theirs is no library's.
    async fn libraries_called(&self, viewer: &Viewer, names: &[String]) -> Result<Vec<String>> {
        let wanted: Vec<String> = names.iter().map(|it| naming::fold(it)).collect();
        let libraries = self.library_names_unscoped().await?;
        let called = libraries
            .into_iter()
            .filter(|(id, name)| viewer.scope.contains(*id) && wanted.contains(&naming::fold(name)))
            .map(|(id, _)| id.0.to_string())
            .chain([Uuid::nil().to_string()]);
        Ok(called.collect())
    }
}

/// A filter as pages show it.
pub(super) fn shown(narrowing: &Narrowing) -> SearchFilter {
    let written = narrowing.written.strip_prefix('-').unwrap_or(&narrowing.written);
    let (key, value) = match (&narrowing.wanted, written.split_once(':')) {
        (Wanted::Own(own), _) => ("is", own.key().to_owned()),
        (Wanted::Value(facet, values), _) => (facet.key(), values.join(", ")),
        (_, Some((key, value))) => (key, value.replace('"', "")),
        (_, None) => (written, String::new()),
    };
    SearchFilter {
        key: key.to_lowercase(),
        value,
        is_not: narrowing.is_not,
        written: narrowing.written.clone(),
    }
}
