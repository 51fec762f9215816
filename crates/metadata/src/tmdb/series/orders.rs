//! Other orders of the episodes: TMDb's episode groups.

use serde::Deserialize;

use crate::client::Client;
use crate::described::{EpisodeOrder, OrderKind, OrderSlot};
use crate::document::{Many, Number, Text};
use crate::tmdb::DETAIL_IS_FRESH;
use crate::{Locale, ProviderError};

/// A group as the list of a series has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupRow {
    id: Text,
    #[serde(rename = "type")]
    kind: Number,
    episode_count: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Group {
    name: Text,
    groups: Many<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    name: Text,
    order: Number,
    episodes: Many<Slot>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Slot {
    season_number: Number,
    episode_number: Number,
    order: Number,
}

/// Asks for one order of each kind: of several the one with most episodes.
pub(super) async fn ask(
    client: &Client,
    rows: &[GroupRow],
    locale: &Locale,
) -> Result<Vec<EpisodeOrder>, ProviderError> {
    let mut orders = Vec::new();
    for (number, kind) in [(2, OrderKind::Absolute), (3, OrderKind::Dvd), (5, OrderKind::Story)] {
        let largest = rows
            .iter()
            .filter(|it| it.kind.int() == Some(number))
            .max_by_key(|it| it.episode_count.int());
        let Some(id) = largest.and_then(|it| it.id.get()) else { continue };
        let query = [("language", locale.language.as_str())];
        let path = format!("tv/episode_group/{id}");
        match client.get::<Group>(&path, &query, DETAIL_IS_FRESH).await {
            Ok(group) => orders.extend(read(&group, kind)),
            Err(ProviderError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(orders)
}

fn read(group: &Group, kind: OrderKind) -> Option<EpisodeOrder> {
    let mut parts: Vec<&Part> = group.groups.iter().collect();
    parts.sort_by_key(|it| it.order.int());
    let mut slots: Vec<OrderSlot> = Vec::new();
    for part in parts {
        let mut episodes: Vec<&Slot> = part.episodes.iter().collect();
        episodes.sort_by_key(|it| it.order.int());
        let season = season(part);
        let is_counted_through = kind == OrderKind::Absolute && season != 0;
        for (episode, position) in episodes.into_iter().zip(1..) {
            let (Some(aired_season), Some(aired_number)) =
                (episode.season_number.int(), episode.episode_number.int())
            else {
                continue;
            };
            let counted = slots.iter().filter(|it| it.season != 0).count() as i32 + 1;
            let (season, number) =
                if is_counted_through { (1, counted) } else { (season, position) };
            slots.push(OrderSlot { season, number, aired_season, aired_number });
        }
    }
    let name = group.name.get().map(str::to_owned);
    (!slots.is_empty()).then_some(EpisodeOrder { kind, name, slots })
}

/// The number a part's name ends in (`Season 2`, `Volume 2`), else its place; specials are 0.
fn season(part: &Part) -> i32 {
    let name = part.name.get().unwrap_or_default();
    if name.to_ascii_lowercase().contains("special") {
        return 0;
    }
    let last = name.rsplit(' ').next().and_then(|it| it.parse().ok());
    last.filter(|it| (1..1000).contains(it)).or(part.order.int()).unwrap_or(1).max(1)
}
