//! SQL by which what people made of one item becomes theirs of another.

use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Gives what people made of `from[n]` to `to[n]`, because they are one thing. Where a person has made something of both,
/// what they did last counts, and what was played stays played.
///
/// Call it in the transaction that deletes the items, before [`super::recount`].
pub async fn carry_over(db: &mut PgConnection, from: &[Uuid], to: &[Uuid]) -> Result<()> {
    // Several may go into one: the one changed last is the truth.
    sqlx::query!(
        "
        INSERT INTO progress AS own (person_id, item_id, item_key, position_ms, duration_ms, is_played, play_count,
                                     last_played_at, file_id, updated_at)
        SELECT DISTINCT ON (progress.person_id, item.id)
            progress.person_id, item.id, item.kind || ':' || item.identity, progress.position_ms, progress.duration_ms,
            bool_or(progress.is_played) OVER every, sum(progress.play_count) OVER every, progress.last_played_at,
            progress.file_id, progress.updated_at
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN progress ON progress.item_id = it.old_id
        JOIN item ON item.id = it.new_id
        WINDOW every AS (PARTITION BY progress.person_id, item.id)
        ORDER BY progress.person_id, item.id, progress.updated_at DESC
        ON CONFLICT ON CONSTRAINT progress_pkey DO UPDATE
        SET is_played = own.is_played OR EXCLUDED.is_played,
            play_count = own.play_count + EXCLUDED.play_count,
            position_ms = CASE WHEN EXCLUDED.updated_at > own.updated_at THEN EXCLUDED.position_ms ELSE own.position_ms END,
            duration_ms = CASE WHEN EXCLUDED.updated_at > own.updated_at THEN EXCLUDED.duration_ms ELSE own.duration_ms END,
            file_id = CASE WHEN EXCLUDED.updated_at > own.updated_at THEN EXCLUDED.file_id ELSE own.file_id END,
            last_played_at = GREATEST(own.last_played_at, EXCLUDED.last_played_at),
            updated_at = GREATEST(own.updated_at, EXCLUDED.updated_at)
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM progress WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!(
        "
        INSERT INTO favourite (person_id, item_id, item_key, created_at)
        SELECT DISTINCT ON (favourite.person_id, item.id)
            favourite.person_id, item.id, item.kind || ':' || item.identity, favourite.created_at
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN favourite ON favourite.item_id = it.old_id
        JOIN item ON item.id = it.new_id
        ORDER BY favourite.person_id, item.id, favourite.created_at
        ON CONFLICT ON CONSTRAINT favourite_pkey DO NOTHING
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM favourite WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!(
        "
        INSERT INTO rating AS own (person_id, item_id, item_key, value, rated_at)
        SELECT DISTINCT ON (rating.person_id, item.id)
            rating.person_id, item.id, item.kind || ':' || item.identity, rating.value, rating.rated_at
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN rating ON rating.item_id = it.old_id
        JOIN item ON item.id = it.new_id
        ORDER BY rating.person_id, item.id, rating.rated_at DESC
        ON CONFLICT ON CONSTRAINT rating_pkey DO UPDATE
        SET value = EXCLUDED.value, rated_at = EXCLUDED.rated_at
        WHERE EXCLUDED.rated_at > own.rated_at
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM rating WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!(
        "
        INSERT INTO hidden (person_id, item_id, item_key, created_at)
        SELECT DISTINCT ON (hidden.person_id, item.id)
            hidden.person_id, item.id, item.kind || ':' || item.identity, hidden.created_at
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN hidden ON hidden.item_id = it.old_id
        JOIN item ON item.id = it.new_id
        ORDER BY hidden.person_id, item.id, hidden.created_at
        ON CONFLICT ON CONSTRAINT hidden_pkey DO NOTHING
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM hidden WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!(
        "
        INSERT INTO choice AS own (
            person_id, item_id, item_key, file_id, audio, subtitle, retimings, updated_at
        )
        SELECT DISTINCT ON (choice.person_id, item.id)
            choice.person_id, item.id, item.kind || ':' || item.identity, choice.file_id, choice.audio, choice.subtitle,
            choice.retimings, choice.updated_at
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN choice ON choice.item_id = it.old_id
        JOIN item ON item.id = it.new_id
        ORDER BY choice.person_id, item.id, choice.updated_at DESC
        ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE
        SET file_id = EXCLUDED.file_id, audio = EXCLUDED.audio, subtitle = EXCLUDED.subtitle,
            retimings = EXCLUDED.retimings, updated_at = EXCLUDED.updated_at
        WHERE EXCLUDED.updated_at > own.updated_at
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM choice WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!(
        "
        UPDATE play_event SET item_id = item.id, item_key = item.kind || ':' || item.identity
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN item ON item.id = it.new_id
        WHERE play_event.item_id = it.old_id
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        DELETE FROM collection_item
        USING UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        WHERE collection_item.item_id = it.old_id AND EXISTS (
            SELECT FROM collection_item AS own
            WHERE own.collection_id = collection_item.collection_id AND own.item_id = it.new_id)
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE collection_item SET item_id = item.id, item_key = item.kind || ':' || item.identity
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN item ON item.id = it.new_id
        WHERE collection_item.item_id = it.old_id
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE playlist_entry SET item_id = item.id, item_key = item.kind || ':' || item.identity
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN item ON item.id = it.new_id
        WHERE playlist_entry.item_id = it.old_id
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM group_progress WHERE item_id = ANY($1)", from).execute(db).await?;
    Ok(())
}
