//! Finding items by words.

use kernel::id::ItemId;
use kernel::{Error, Result, Viewer};
use search::Query;

use super::{Found, store};
use crate::{Catalog, item};

/// Letters of a query: what anybody types. Longer ones only cost.
const MAX_QUERY: usize = 200;

impl Catalog {
    /// Items that `text`, as far as it is typed, may mean; best first.
    pub async fn find_items(
        &self,
        viewer: &Viewer,
        text: &str,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Found> {
        if text.chars().count() > MAX_QUERY || text.contains('\0') {
            return Err(Error::invalid("q", format!("at most {MAX_QUERY} letters")));
        }
        let text = text.trim();
        if text.is_empty() {
            return Ok(Found { hits: Vec::new(), found: 0 });
        }
        let query = Query {
            text,
            libraries: viewer.scope.ids(),
            guard: viewer.scope.marks(),
            kinds: kind.map(|it| vec![it.to_owned()]),
            limit,
            offset: 0,
        };
        let answer = self.search.query(&query).await;
        let mut db = self.connection().await?;
        let (ids, found): (Vec<ItemId>, u64) = match answer {
            Ok(hits) => (hits.hits.into_iter().map(|it| ItemId(it.id)).collect(), hits.found),
            Err(error) => {
                tracing::warn!(%error, "search.engine_away");
                let ids =
                    store::list_alike(&mut db, &viewer.scope, text, kind, limit as i64).await?;
                let found = ids.len() as u64;
                (ids, found)
            }
        };
        let hits = item::cards_of_ids(&mut db, viewer, &ids).await?;
        // What the engine does not know yet to be gone, or kept from the person, is not counted either.
        let found = found.saturating_sub((ids.len() - hits.len()) as u64);
        Ok(Found { hits, found })
    }
}
