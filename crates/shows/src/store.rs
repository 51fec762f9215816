//! All SQL of shows.

use catalog::kind::Described;
use kernel::Result;
use metadata::Status;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::series::Numbering;
use crate::{EPISODE, SERIES};

/// Writes what only shows have; what local metadata leaves open stays.
pub async fn upsert_details(db: &mut PgConnection, items: &[Described<'_>]) -> Result<()> {
    upsert_series(db, items).await?;
    upsert_episodes(db, items).await
}

async fn upsert_series(db: &mut PgConnection, items: &[Described<'_>]) -> Result<()> {
    let series: Vec<_> = items.iter().filter(|it| it.candidate.kind == SERIES).collect();
    let ids: Vec<Uuid> = series.iter().map(|it| it.item_id.0).collect();
    let status: Vec<Option<&str>> =
        series.iter().map(|it| it.facts.status.map(Status::as_str)).collect();
    let numbering: Vec<&str> =
        series.iter().map(|it| Numbering::of(it.candidate).as_str()).collect();
    sqlx::query!(
        r#"
        INSERT INTO shows.series (item_id, status, numbering)
        SELECT DISTINCT ON (it.item_id) it.item_id, it.status, it.numbering
        FROM UNNEST($1::uuid[], $2::text[], $3::text[]) AS it (item_id, status, numbering)
        ORDER BY it.item_id, it.status
        ON CONFLICT ON CONSTRAINT series_pkey DO UPDATE
        SET status = COALESCE(EXCLUDED.status, series.status), numbering = EXCLUDED.numbering
        "#,
        &ids,
        &status as &[Option<&str>],
        &numbering as &[&str],
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn upsert_episodes(db: &mut PgConnection, items: &[Described<'_>]) -> Result<()> {
    let episodes: Vec<_> = items.iter().filter(|it| it.candidate.kind == EPISODE).collect();
    let ids: Vec<Uuid> = episodes.iter().map(|it| it.item_id.0).collect();
    let before = |it: &&Described<'_>| it.facts.airs_before;
    let before_season: Vec<Option<i32>> =
        episodes.iter().map(|it| before(it).map(|(season, _)| season)).collect();
    let before_episode: Vec<Option<i32>> =
        episodes.iter().map(|it| before(it).and_then(|(_, episode)| episode)).collect();
    let after_season: Vec<Option<i32>> =
        episodes.iter().map(|it| it.facts.airs_after_season).collect();
    sqlx::query!(
        r#"
        INSERT INTO shows.episode (item_id, airs_before_season, airs_before_episode, airs_after_season)
        SELECT DISTINCT ON (it.item_id) it.item_id, it.before_season, it.before_episode, it.after_season
        FROM UNNEST($1::uuid[], $2::integer[], $3::integer[], $4::integer[])
            AS it (item_id, before_season, before_episode, after_season)
        ORDER BY it.item_id
        ON CONFLICT ON CONSTRAINT episode_pkey DO UPDATE
        SET airs_before_season = COALESCE(EXCLUDED.airs_before_season, episode.airs_before_season),
            airs_before_episode = COALESCE(EXCLUDED.airs_before_episode, episode.airs_before_episode),
            airs_after_season = COALESCE(EXCLUDED.airs_after_season, episode.airs_after_season)
        "#,
        &ids,
        &before_season as &[Option<i32>],
        &before_episode as &[Option<i32>],
        &after_season as &[Option<i32>],
    )
    .execute(db)
    .await?;
    Ok(())
}
