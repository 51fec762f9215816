//! More like this.

use std::collections::HashSet;

use kernel::id::ItemId;
use kernel::{Error, Result, Viewer};
use search::{Document, Near, Neighbour};

use super::{LEAST_LIKENESS, Similar, store};
use crate::finding::feed::documents_of;
use crate::{Catalog, item};

/// Neighbours asked for: some are the same thing in another library, or went since.
const NEIGHBOURS: usize = 80;

impl Catalog {
    /// What is like an item, the likest first: films and series, never the item itself nor the same thing from another
    /// library. Nothing where the search engine is away.
    pub async fn list_similar(&self, viewer: &Viewer, id: ItemId, limit: usize) -> Result<Similar> {
        let mut db = self.connection().await?;
        let root = store::find_root(&mut db, &viewer.scope, id).await?;
        let root = root.ok_or(Error::NotFound("item"))?;
        drop(db);
        let question = ("similar", root);
        let find = || self.find_similar(viewer, root);
        let mut ids = or_nothing(self.kept(&viewer.scope, &question, find).await)?;
        ids.truncate(limit);
        let mut db = self.connection().await?;
        Ok(Similar { items: item::cards_of_ids(&mut db, viewer, &ids).await? })
    }

    async fn find_similar(&self, viewer: &Viewer, root: ItemId) -> Result<Vec<ItemId>> {
        let mut db = self.connection().await?;
        self.learn_rarity(&mut db).await?;
        let documents = documents_of(&mut db, &[root.0]).await?;
        drop(db);
        let Some(document) = documents.first() else { return Ok(Vec::new()) };
        let near = self.neighbours(viewer, document, NEIGHBOURS).await?;
        let ids: Vec<ItemId> =
            [root].into_iter().chain(near.into_iter().map(|it| ItemId(it.id))).collect();
        let mut db = self.connection().await?;
        let mut known = store::list_identities(&mut db, &viewer.scope, &ids).await?;
        let mut seen: HashSet<String> = known.remove(&root).into_iter().collect();
        let is_new = |id: &ItemId| known.remove(id).is_some_and(|it| seen.insert(it));
        Ok(ids.into_iter().filter(is_new).collect())
    }

    /// What is near to a document for `viewer`, itself included.
    pub(super) async fn neighbours(
        &self,
        viewer: &Viewer,
        document: &Document,
        limit: usize,
    ) -> Result<Vec<Neighbour>> {
        let near =
            Near { document, libraries: viewer.scope.ids(), guard: viewer.scope.marks(), limit };
        let mut near = self.search.nearest(&near).await?;
        near.retain(|it| it.likeness >= LEAST_LIKENESS);
        Ok(near)
    }
}

/// Suggestions are no reason to show an error.
pub(super) fn or_nothing<T: Default>(found: Result<T>) -> Result<T> {
    match found {
        Err(error @ Error::Unavailable { .. }) => {
            tracing::warn!(%error, "suggest.engine_away");
            Ok(T::default())
        }
        found => found,
    }
}
