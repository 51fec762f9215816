//! What somebody may want to see.

use std::collections::{HashMap, HashSet};

use futures::future::try_join_all;
use kernel::id::ItemId;
use kernel::{Result, Viewer};

use super::score::{self, Candidate, Seed};
use super::similar::or_nothing;
use super::{Because, ForYou, Suggestion, store};
use crate::finding::feed::documents_of;
use crate::item::ItemCard;
use crate::{Catalog, item};

/// Neighbours of each seed that are looked at.
const NEIGHBOURS: usize = 40;
/// Candidates of which is asked whether they were seen: the best.
const MOST_CANDIDATES: usize = 200;

impl Catalog {
    /// What `viewer` may want to see, the best first, because of what they watched, loved and rated lately: nothing they
    /// began, watched, rated, love already or hid, and each thing once. Nothing where the search engine is away.
    ///
    /// What is near to what is the same for all who may see the same, and kept; what they made of it is asked each time.
    pub async fn for_you(&self, viewer: &Viewer, limit: usize) -> Result<ForYou> {
        let mut db = self.connection().await?;
        let made = store::list_made(&mut db, &viewer.scope, viewer.person_id).await?;
        drop(db);
        let seeds = score::seeds(&made, self.clock.now());
        if seeds.is_empty() {
            return Ok(ForYou { items: Vec::new() });
        }
        let question = ("for_you", &seeds);
        let found = self.kept(&viewer.scope, &question, || self.find_candidates(viewer, &seeds));
        let candidates = or_nothing(found.await)?;

        let ids: Vec<ItemId> = candidates.iter().map(|it| it.id).collect();
        let mut db = self.connection().await?;
        let mut fresh = store::list_fresh(&mut db, &viewer.scope, viewer.person_id, &ids).await?;
        let mut seen: HashSet<String> = made.into_iter().map(|it| it.key).collect();
        let is_new = |it: &Candidate| fresh.remove(&it.id).is_some_and(|key| seen.insert(key));
        let chosen = score::chosen(candidates.into_iter().filter(is_new).collect(), limit);
        let ids: Vec<ItemId> = chosen.iter().map(|it| it.id).collect();
        let cards = item::cards_of_ids(&mut db, viewer, &ids).await?;
        let mut cards: HashMap<ItemId, ItemCard> =
            cards.into_iter().map(|it| (it.id, it)).collect();
        let suggestion = |it: Candidate| {
            let seed = seeds.get(it.seed)?;
            let because = Because { id: seed.id, title: seed.title.clone(), reason: seed.reason };
            Some(Suggestion { item: cards.remove(&it.id)?, because })
        };
        Ok(ForYou { items: chosen.into_iter().filter_map(suggestion).collect() })
    }

    async fn find_candidates(&self, viewer: &Viewer, seeds: &[Seed]) -> Result<Vec<Candidate>> {
        let ids: Vec<_> = seeds.iter().map(|it| it.id.0).collect();
        let mut db = self.connection().await?;
        self.learn_rarity(&mut db).await?;
        let documents = documents_of(&mut db, &ids).await?;
        drop(db);
        let documents: HashMap<_, _> = documents.into_iter().map(|it| (it.id, it)).collect();
        let asked = ids.iter().map(|id| async {
            match documents.get(id) {
                Some(document) => self.neighbours(viewer, document, NEIGHBOURS).await,
                None => Ok(Vec::new()),
            }
        });
        let near = try_join_all(asked).await?;
        let mut candidates = score::candidates(seeds, &near);
        candidates.truncate(MOST_CANDIDATES);
        Ok(candidates)
    }
}
