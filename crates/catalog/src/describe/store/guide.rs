//! What providers know of the seasons and episodes of series, whether they are there or not.

use std::collections::HashMap;

use kernel::Result;
use kernel::id::ItemId;
use metadata::described::{EpisodeDescribed, SeasonDescribed};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::describe::source::Guide;

#[derive(Serialize)]
struct SeasonRow<'a> {
    season: i32,
    facts: &'a SeasonDescribed,
}

#[derive(Serialize)]
struct EpisodeRow<'a> {
    season: i32,
    number: i32,
    absolute_number: Option<i32>,
    released_on: Option<chrono::NaiveDate>,
    title: Option<&'a str>,
    facts: &'a EpisodeDescribed,
}

/// Makes `seasons` and `episodes` the guide of `source` to a series.
pub async fn replace_guide(
    db: &mut PgConnection,
    series: ItemId,
    source: &str,
    seasons: &[SeasonDescribed],
    episodes: &[EpisodeDescribed],
) -> Result<()> {
    let season_rows: Vec<SeasonRow<'_>> =
        seasons.iter().map(|it| SeasonRow { season: it.number, facts: it }).collect();
    let episode_rows: Vec<EpisodeRow<'_>> = episodes
        .iter()
        .map(|it| EpisodeRow {
            season: it.season,
            number: it.number,
            absolute_number: it.facts.absolute_number,
            released_on: it.facts.released_on,
            title: it.facts.title.as_deref(),
            facts: it,
        })
        .collect();
    sqlx::query!("DELETE FROM season_guide WHERE series_id = $1 AND source = $2", series.0, source)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "DELETE FROM episode_guide WHERE series_id = $1 AND source = $2",
        series.0,
        source
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO season_guide (series_id, source, season, facts)
        SELECT DISTINCT ON (it.season) $1::uuid, $2, it.season, it.facts
        FROM jsonb_to_recordset($3) AS it (season integer, facts jsonb)
        ORDER BY it.season
        "#,
        series.0,
        source,
        Json(&season_rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO episode_guide (series_id, source, season, number, absolute_number, released_on, title, facts)
        SELECT DISTINCT ON (it.season, it.number)
            $1::uuid, $2, it.season, it.number, it.absolute_number, it.released_on, it.title, it.facts
        FROM jsonb_to_recordset($3) AS it (
            season integer, number integer, absolute_number integer, released_on date, title text, facts jsonb)
        ORDER BY it.season, it.number
        "#,
        series.0,
        source,
        Json(&episode_rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The guides to these series, by series. Their other orders stand with the series' sources.
pub async fn list_guides_unscoped(
    db: &mut PgConnection,
    series: &[Uuid],
) -> Result<HashMap<ItemId, Vec<Guide>>> {
    let mut guides: HashMap<(ItemId, String), Guide> = HashMap::new();
    let seasons = sqlx::query!(
        r#"
        SELECT series_id AS "series_id: ItemId", source, facts
        FROM season_guide
        WHERE series_id = ANY($1)
        ORDER BY series_id, source, season
        "#,
        series,
    )
    .fetch_all(&mut *db)
    .await?;
    for row in seasons {
        let key = (row.series_id, row.source);
        let guide = guides.entry(key).or_default();
        guide.seasons.extend(serde_json::from_value::<SeasonDescribed>(row.facts));
    }
    let episodes = sqlx::query!(
        r#"
        SELECT series_id AS "series_id: ItemId", source, facts
        FROM episode_guide
        WHERE series_id = ANY($1)
        ORDER BY series_id, source, season, number
        "#,
        series,
    )
    .fetch_all(db)
    .await?;
    for row in episodes {
        let key = (row.series_id, row.source);
        let guide = guides.entry(key).or_default();
        guide.episodes.extend(serde_json::from_value::<EpisodeDescribed>(row.facts));
    }
    let mut by_series: HashMap<ItemId, Vec<Guide>> = HashMap::new();
    for ((series, source), guide) in guides {
        by_series.entry(series).or_default().push(Guide { source, ..guide });
    }
    Ok(by_series)
}
