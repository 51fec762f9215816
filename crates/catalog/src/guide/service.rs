//! Which episodes are not there.

use std::collections::HashSet;

use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Result, Viewer};
use metadata::Facts;
use metadata::described::{EpisodeDescribed, EpisodeOrder};
use postgres::Reading;

use super::MissingEpisode;
use super::store::{self, GuideRow, LeafRow};
use crate::describe::LibraryMetadata;
use crate::describe::source::{Guide, Ordering, Place, ordering};
use crate::{Catalog, cursor};

impl Catalog {
    /// The episodes of a series or season that are not there, in the order that the series counts by.
    pub async fn list_missing(
        &self,
        viewer: &Viewer,
        id: ItemId,
        with_specials: bool,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<MissingEpisode>> {
        let after: Option<(i32, i32)> = cursor.map(cursor::decode).transpose()?;
        let read = |mut db: Reading| async move {
            let item = store::find_series(&mut db, &viewer.scope, id).await?;
            let item = item.ok_or(Error::NotFound("item"))?;
            if !item.is_group {
                return Ok(None);
            }
            let rows = store::list_guides_unscoped(&mut db, item.root_id).await?;
            let leaves = store::list_leaves(&mut db, &viewer.scope, item.root_id).await?;
            let orders = store::list_orders_unscoped(&mut db, item.root_id).await?;
            Ok(Some((item, rows, leaves, orders)))
        };
        let Some((item, rows, leaves, orders)) = self.reading(read).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        // The strongest source that knows episodes at all is the one that tells which there are.
        let order = self.sources.order(&LibraryMetadata::of(&item.settings));
        let place =
            |row: &GuideRow| order.iter().position(|it| *it == row.source).unwrap_or(usize::MAX);
        let Some(source) = rows.iter().min_by_key(|it| place(it)).map(|it| it.source.clone())
        else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let orders = orders.into_iter().find(|it| it.0 == source).map(|it| it.1);
        let orders = orders.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
        let today = self.clock.now().date_naive();
        let season = item.number.filter(|_| item.id != item.root_id);
        let kind = ordering(&item.episode_order).flatten();
        let mut missing =
            missing(rows.into_iter().filter(|it| it.source == source), orders, kind, &leaves);
        missing.retain(|it| {
            season
                .map_or(with_specials || it.season_number != 0, |season| season == it.season_number)
                && after.is_none_or(|after| (it.season_number, it.episode_number) > after)
        });
        for episode in &mut missing {
            episode.is_upcoming = episode.released_on.is_none_or(|it| it > today);
        }
        missing.truncate(usize::try_from(limit.probe()).unwrap_or(usize::MAX));
        Ok(Page::of(missing, limit, |it| (it.season_number, it.episode_number)))
    }
}

/// The episodes of a guide of which nothing is there, numbered as `kind` counts. Pure.
fn missing(
    rows: impl Iterator<Item = GuideRow>,
    orders: Vec<EpisodeOrder>,
    kind: Ordering,
    leaves: &[LeafRow],
) -> Vec<MissingEpisode> {
    let mut overviews = std::collections::HashMap::new();
    let episodes: Vec<EpisodeDescribed> = rows
        .map(|row| {
            overviews.insert((row.season, row.number), row.overview);
            let facts = Facts {
                title: row.title,
                released_on: row.released_on,
                absolute_number: row.absolute_number,
                ..Facts::default()
            };
            EpisodeDescribed { season: row.season, number: row.number, facts, ..Default::default() }
        })
        .collect();
    let guide = Guide { episodes, orders, ..Guide::default() };
    let here: HashSet<(i32, i32)> = leaves
        .iter()
        .flat_map(|leaf| {
            let place = Place {
                season: leaf.season,
                number: leaf.number,
                number_end: leaf.number_end,
                absolute: leaf.absolute_number,
                aired_on: leaf.aired_on,
            };
            guide.find(place, kind)
        })
        .map(|it| (it.season, it.number))
        .collect();
    let slots = kind.and_then(|kind| guide.orders.iter().find(|it| it.kind == kind));
    let mut missing: Vec<MissingEpisode> = guide
        .episodes
        .iter()
        .filter(|it| !here.contains(&(it.season, it.number)))
        .filter_map(|it| {
            let (season, number) = match slots.filter(|_| it.season != 0) {
                Some(order) => {
                    let is_it = |slot: &&metadata::described::OrderSlot| {
                        slot.aired_season == it.season && slot.aired_number == it.number
                    };
                    let slot = order.slots.iter().find(is_it)?;
                    (slot.season, slot.number)
                }
                None => (it.season, it.number),
            };
            Some(MissingEpisode {
                season_number: season,
                episode_number: number,
                title: it.facts.title.clone(),
                overview: overviews.get(&(it.season, it.number)).cloned().flatten(),
                released_on: it.facts.released_on,
                is_upcoming: false,
            })
        })
        .collect();
    missing.sort_by_key(|it| (it.season_number, it.episode_number));
    missing.dedup_by_key(|it| (it.season_number, it.episode_number));
    missing
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use metadata::described::{OrderKind, OrderSlot};

    use super::*;

    fn row(season: i32, number: i32) -> GuideRow {
        GuideRow {
            source: "tvdb".to_owned(),
            season,
            number,
            absolute_number: None,
            released_on: NaiveDate::from_ymd_opt(2020, 1, number as u32),
            title: Some(format!("{season}x{number}")),
            overview: None,
        }
    }

    fn leaf(season: i32, number: i32, number_end: Option<i32>) -> LeafRow {
        LeafRow {
            season: Some(season),
            number: Some(number),
            number_end,
            absolute_number: None,
            aired_on: None,
        }
    }

    fn titles(found: Vec<MissingEpisode>) -> Vec<String> {
        found.into_iter().filter_map(|it| it.title).collect()
    }

    #[test]
    fn what_is_there_in_any_way_is_not_missing() {
        let rows = [row(0, 1), row(1, 1), row(1, 2), row(1, 3), row(2, 1)];
        let by_day = LeafRow {
            season: Some(2020),
            number: None,
            number_end: None,
            absolute_number: None,
            aired_on: NaiveDate::from_ymd_opt(2020, 1, 3),
        };
        let found = missing(rows.into_iter(), Vec::new(), None, &[leaf(1, 1, Some(2)), by_day]);
        assert_eq!(titles(found), ["0x1", "2x1"]);
    }

    #[test]
    fn another_order_counts_for_both_sides() {
        let slot =
            |number, aired_number| OrderSlot { season: 1, number, aired_season: 1, aired_number };
        let order =
            EpisodeOrder { kind: OrderKind::Dvd, name: None, slots: vec![slot(1, 2), slot(2, 1)] };
        let rows = [row(1, 1), row(1, 2)];
        let found =
            missing(rows.into_iter(), vec![order], Some(OrderKind::Dvd), &[leaf(1, 1, None)]);
        assert_eq!((found[0].episode_number, found[0].title.as_deref()), (2, Some("1x1")));
        assert_eq!(found.len(), 1);
    }
}
