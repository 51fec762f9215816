//! Finding items by words and filters.

use std::collections::HashMap;

use kernel::id::ItemId;
use kernel::{Error, Guard, LibraryScope, Result, Viewer};
use search::{
    Asked, Counts, Facet, FacetCounts, Filter, Hits, Matched, Of, Own, Query, Sort, written,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::narrow::{self, OwnSets};
use super::{FacetValue, FacetView, Found, NameHit, SearchHit, SearchMatch, TextPiece, store};
use crate::{Catalog, item, people};

/// Letters of a query: what anybody types. Longer ones only cost.
pub(super) const MAX_QUERY: usize = 200;
/// Names beside the hits.
const MAX_NAMES: usize = 12;
/// Names that are proposed, of which those that somebody may see are left.
const PROPOSED_NAMES: usize = 60;
/// Letters of an overview that a hit is shown with.
const EXCERPT: usize = 160;
/// Of a query of more words none is left out to find something.
const MAX_LEFT_OUT: usize = 5;

/// What is looked for, and how much is to be told of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchFor<'a> {
    /// As typed: words and filters.
    pub text: &'a str,
    /// Items of this kind only.
    pub kind: Option<&'a str>,
    /// Hits at the most.
    pub limit: usize,
    /// Hits to leave out first.
    pub offset: usize,
    /// In which order they come; `None` for the best first.
    pub sort: Option<Sort>,
    /// Counts values, and looks for names, too.
    pub is_full: bool,
}

impl Catalog {
    /// Items that the text, as far as it is typed, may mean; best first.
    pub async fn find_items(&self, viewer: &Viewer, wanted: SearchFor<'_>) -> Result<Found> {
        let asked = &Asked::parse(checked(wanted.text)?);
        let found = Found {
            filters: asked.filters.iter().map(narrow::shown).collect(),
            ignored: asked.ignored.clone(),
            ..Found::default()
        };
        if asked.words.is_empty() && asked.filters.is_empty() {
            return Ok(found);
        }
        let found = &found;
        self.reading(|mut db| async move {
            self.find_with(&mut db, viewer, asked, wanted, found.clone()).await
        })
        .await
    }

    /// As [`Catalog::find_items`], by a connection.
    async fn find_with(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        asked: &Asked,
        wanted: SearchFor<'_>,
        mut found: Found,
    ) -> Result<Found> {
        self.learn_rules(db).await?;
        let mut own = OwnSets::default();
        let filters = self.narrow(db, viewer, asked, &mut own).await?;
        let mut sets = Vec::new();
        if wanted.is_full {
            for wanted in COUNTED_OWN {
                sets.push(own.of(db, viewer, wanted).await?.0);
            }
        }
        let query = Query {
            text: &asked.words,
            libraries: viewer.scope.ids(),
            guard: viewer.scope.marks(),
            of: Of::Items,
            kinds: wanted.kind.map(|it| vec![it.to_owned()]),
            filters: &filters,
            counts: if wanted.is_full { Counts::All(&sets) } else { Counts::None },
            limit: wanted.limit,
            offset: wanted.offset,
            sort: wanted.sort,
        };
        match self.search.query(&query).await {
            Ok(hits) => {
                if wanted.is_full {
                    found.facets = self.facets(viewer, &hits).await?;
                    let names = self.names(db, viewer, asked, &hits).await;
                    found.names = or_nothing(names);
                }
                let meant = match hits.meant.clone() {
                    None if hits.found == 0 => or_nothing(self.with_a_word_less(&query).await),
                    meant => meant,
                };
                found.did_you_mean = meant.map(|it| with_filters(&it, asked));
                self.show_hits(db, viewer, &asked.words, hits, &mut found).await?;
            }
            Err(error) => {
                tracing::warn!(%error, "search.engine_away");
                self.find_alike(db, viewer, asked, wanted, &mut found).await?;
            }
        }
        Ok(found)
    }

    /// Adds the cards of `hits` to what was found.
    async fn show_hits(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        words: &str,
        hits: Hits,
        found: &mut Found,
    ) -> Result<()> {
        let ids: Vec<ItemId> = hits.hits.iter().map(|it| ItemId(it.id)).collect();
        let in_overview = hits.hits.iter().filter(|it| it.matched == Some(Matched::Overview));
        let in_overview: Vec<Uuid> = in_overview.map(|it| it.id).collect();
        let overviews: HashMap<ItemId, String> = if in_overview.is_empty() || words.is_empty() {
            HashMap::new()
        } else {
            let rows = store::own::list_overviews(db, &viewer.scope, &in_overview).await?;
            rows.into_iter().collect()
        };
        let mut matched: HashMap<Uuid, Matched> =
            hits.hits.into_iter().filter_map(|it| Some((it.id, it.matched?))).collect();
        let cards = item::cards_of_ids(db, viewer, &ids).await?;
        // What the engine does not know yet to be gone, or kept from the person, is not counted either.
        found.found = hits.found.saturating_sub((ids.len() - cards.len()) as u64);
        found.hits = cards
            .into_iter()
            .map(|item| SearchHit {
                pieces: pieces(&item.title, words),
                matched: matched
                    .remove(&item.id.0)
                    .and_then(|it| explained(it, words, overviews.get(&item.id))),
                item,
            })
            .collect();
        Ok(())
    }

    /// Without the engine: titles alike. Filters and counts are the engine's.
    async fn find_alike(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        asked: &Asked,
        wanted: SearchFor<'_>,
        found: &mut Found,
    ) -> Result<()> {
        found.is_limited = true;
        found.ignored.extend(asked.filters.iter().map(|it| it.written.clone()));
        found.filters.clear();
        if asked.words.is_empty() || wanted.offset > 0 {
            return Ok(());
        }
        let (scope, limit): (&LibraryScope, i64) = (&viewer.scope, wanted.limit as i64);
        let ids = store::list_alike(db, scope, &asked.words, wanted.kind, limit).await?;
        let cards = item::cards_of_ids(db, viewer, &ids).await?;
        found.found = cards.len() as u64;
        let hit = |item: item::ItemCard| SearchHit {
            pieces: pieces(&item.title, &asked.words),
            matched: None,
            item,
        };
        found.hits = cards.into_iter().map(hit).collect();
        Ok(())
    }

    /// Where nothing is found: the words without the one without which most is.
    async fn with_a_word_less(&self, query: &Query<'_>) -> Result<Option<String>> {
        let words: Vec<&str> = query.text.split_whitespace().collect();
        if !(2..=MAX_LEFT_OUT).contains(&words.len()) {
            return Ok(None);
        }
        let mut best: Option<(u64, String)> = None;
        for left_out in 0..words.len() {
            let kept: Vec<&str> =
                (0..words.len()).filter(|it| *it != left_out).map(|it| words[it]).collect();
            let text = kept.join(" ");
            let query =
                Query { text: &text, counts: Counts::None, limit: 1, offset: 0, ..query.clone() };
            let hits = self.search.query(&query).await?;
            let is_exact = hits.meant.is_none() && hits.found > 0;
            if is_exact && best.as_ref().is_none_or(|(most, _)| hits.found > *most) {
                best = Some((hits.found, text));
            }
        }
        Ok(best.map(|(_, text)| text))
    }

    /// Names like the words that somebody may see: not where only the nearly right is found beside what is right.
    async fn names(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        asked: &Asked,
        items: &Hits,
    ) -> Result<Vec<NameHit>> {
        if asked.words.is_empty() || !asked.filters.is_empty() {
            return Ok(Vec::new());
        }
        let all = Guard::default();
        let query = Query { guard: &all, ..names_query(viewer, &asked.words, &[]) };
        let hits = self.search.query(&query).await?;
        if hits.meant.is_some() && items.found > 0 && items.meant.is_none() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = hits.hits.iter().map(|it| it.id).collect();
        let seen = store::names::list_seen_names(db, &viewer.scope, &ids).await?;
        let mut seen: HashMap<Uuid, (String, String)> =
            seen.into_iter().map(|(id, kind, name)| (id, (kind, name))).collect();
        let mut portraits = people::store::list_portraits_unscoped(db, viewer.area, &ids).await?;
        let names = ids.into_iter().filter_map(|id| {
            let (kind, name) = seen.remove(&id)?;
            let facet = match kind.as_str() {
                "person" | "collection" => None,
                "mood" => Some(Facet::Tag),
                kind => Facet::of_key(kind),
            };
            Some(NameHit {
                id,
                pieces: pieces(&name, &asked.words),
                portrait: portraits.remove(&id),
                query: facet.map(|it| written(it, &name)),
                kind,
            })
        });
        Ok(names.take(MAX_NAMES).collect())
    }

    /// The counts as pages show them.
    async fn facets(&self, viewer: &Viewer, hits: &Hits) -> Result<Vec<FacetView>> {
        let mut facets: Vec<FacetView> = Vec::new();
        for counts in hits.facets.iter().filter(|it| !it.values.is_empty()) {
            facets.push(if counts.facet == Facet::Library {
                self.library_counts(viewer, counts).await?
            } else {
                counted(counts)
            });
        }
        let [watched, in_progress, favourite] = hits.in_sets[..] else { return Ok(facets) };
        let of = |own: Own, count: u64| FacetValue {
            value: own.key().to_owned(),
            count,
            query: format!("is:{}", own.key()),
        };
        let values = [
            of(Own::Watched, watched),
            of(Own::Unwatched, hits.found.saturating_sub(watched)),
            of(Own::InProgress, in_progress),
            of(Own::Favourite, favourite),
        ];
        let values: Vec<FacetValue> = values.into_iter().filter(|it| it.count > 0).collect();
        if !values.is_empty() {
            facets.push(FacetView { key: "is".to_owned(), values });
        }
        Ok(facets)
    }

    /// Libraries are called by their names.
    async fn library_counts(&self, viewer: &Viewer, counts: &FacetCounts) -> Result<FacetView> {
        let names = self.library_names_unscoped().await?;
        let names: HashMap<String, String> = names
            .into_iter()
            .filter(|(id, _)| viewer.scope.contains(*id))
            .map(|(id, name)| (id.0.to_string(), name))
            .collect();
        let values = counts.values.iter().filter_map(|(id, count)| {
            let name = names.get(id)?;
            let query = written(Facet::Library, name);
            Some(FacetValue { value: name.clone(), count: *count, query })
        });
        Ok(FacetView { key: Facet::Library.key().to_owned(), values: values.collect() })
    }
}

/// The sets that are counted; what is not watched is the rest.
const COUNTED_OWN: [Own; 3] = [Own::Watched, Own::InProgress, Own::Favourite];

/// The text, if anybody would type it.
pub(super) fn checked(text: &str) -> Result<&str> {
    if text.chars().count() > MAX_QUERY || text.contains('\0') {
        return Err(Error::invalid("q", format!("at most {MAX_QUERY} letters")));
    }
    Ok(text.trim())
}

/// A question for names in what the person may see.
pub(super) fn names_query<'a>(
    viewer: &'a Viewer,
    words: &'a str,
    filters: &'a [Filter],
) -> Query<'a> {
    Query {
        text: words,
        libraries: viewer.scope.ids(),
        // Names have no marks: whoever finds them asks PostgreSQL whether they may be seen.
        guard: viewer.scope.marks(),
        of: Of::Names,
        kinds: None,
        filters,
        counts: Counts::None,
        limit: PROPOSED_NAMES,
        offset: 0,
        sort: None,
    }
}

fn counted(counts: &FacetCounts) -> FacetView {
    let values = counts.values.iter().map(|(value, count)| FacetValue {
        query: written(counts.facet, value),
        value: value.clone(),
        count: *count,
    });
    FacetView { key: counts.facet.key().to_owned(), values: values.collect() }
}

/// What an engine that went away between two questions cannot add to what it found.
fn or_nothing<T: Default>(added: Result<T>) -> T {
    added.unwrap_or_else(|error| {
        tracing::warn!(%error, "search.engine_away");
        T::default()
    })
}

fn with_filters(words: &str, asked: &Asked) -> String {
    let filters = asked.filters.iter().map(|it| it.written.as_str());
    std::iter::once(words).chain(filters).collect::<Vec<_>>().join(" ")
}

fn pieces(text: &str, words: &str) -> Vec<TextPiece> {
    search::pieces(text, words).into_iter().map(TextPiece::from).collect()
}

impl From<search::Piece> for TextPiece {
    fn from(search::Piece { text, is_match }: search::Piece) -> Self {
        Self { text, is_match }
    }
}

fn explained(matched: Matched, words: &str, overview: Option<&String>) -> Option<SearchMatch> {
    let (place, pieces) = match matched {
        Matched::Title(name) => ("title", pieces(&name, words)),
        Matched::Person(name) => ("person", pieces(&name, words)),
        Matched::Character(name) => ("character", pieces(&name, words)),
        Matched::Label(name) => ("label", pieces(&name, words)),
        Matched::Overview => {
            let excerpt = search::excerpt(overview?, words, EXCERPT);
            ("overview", excerpt.into_iter().map(TextPiece::from).collect())
        }
    };
    Some(SearchMatch { place: place.to_owned(), pieces })
}
