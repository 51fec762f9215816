//! SQL by which what people made of an item finds it again.

use kernel::Result;
use kernel::id::ItemId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Gives items that were just made what people once made of them, by their key: the thing came back, in this library or
/// in another. What hangs on an item that still exists stays with it.
///
/// Call it in the transaction that made the items, before [`super::recount`]. Returns the items that somebody had begun to
/// play: those it must count.
pub async fn adopt(db: &mut PgConnection, items: &[ItemId]) -> Result<Vec<ItemId>> {
    let items: Vec<Uuid> = items.iter().map(|it| it.0).collect();
    // Of several vanished items with one key, a person may have a row on each: the one changed last is the truth, and the
    // others stay with their vanished items.
    let begun = sqlx::query_scalar!(
        r#"
        UPDATE progress
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (progress.person_id, item.id)
                item.id AS new_id, progress.person_id, progress.item_id
            FROM item
            JOIN progress ON progress.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = progress.item_id)
            ORDER BY progress.person_id, item.id, progress.updated_at DESC
        ) AS lost
        WHERE progress.person_id = lost.person_id
          AND progress.item_id = lost.item_id
          AND NOT EXISTS (
              SELECT FROM progress AS own WHERE own.person_id = lost.person_id AND own.item_id = lost.new_id
          )
        RETURNING progress.item_id AS "item_id: ItemId"
        "#,
        &items,
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE favourite
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (favourite.person_id, item.id)
                item.id AS new_id, favourite.person_id, favourite.item_id
            FROM item
            JOIN favourite ON favourite.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = favourite.item_id)
            ORDER BY favourite.person_id, item.id, favourite.created_at DESC
        ) AS lost
        WHERE favourite.person_id = lost.person_id
          AND favourite.item_id = lost.item_id
          AND NOT EXISTS (
              SELECT FROM favourite AS own WHERE own.person_id = lost.person_id AND own.item_id = lost.new_id
          )
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE rating
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (rating.person_id, item.id)
                item.id AS new_id, rating.person_id, rating.item_id
            FROM item
            JOIN rating ON rating.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = rating.item_id)
            ORDER BY rating.person_id, item.id, rating.rated_at DESC
        ) AS lost
        WHERE rating.person_id = lost.person_id
          AND rating.item_id = lost.item_id
          AND NOT EXISTS (
              SELECT FROM rating AS own WHERE own.person_id = lost.person_id AND own.item_id = lost.new_id
          )
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE hidden
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (hidden.person_id, item.id)
                item.id AS new_id, hidden.person_id, hidden.item_id
            FROM item
            JOIN hidden ON hidden.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = hidden.item_id)
            ORDER BY hidden.person_id, item.id, hidden.created_at DESC
        ) AS lost
        WHERE hidden.person_id = lost.person_id
          AND hidden.item_id = lost.item_id
          AND NOT EXISTS (
              SELECT FROM hidden AS own WHERE own.person_id = lost.person_id AND own.item_id = lost.new_id
          )
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE choice
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (choice.person_id, item.id)
                item.id AS new_id, choice.person_id, choice.item_id
            FROM item
            JOIN choice ON choice.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = choice.item_id)
            ORDER BY choice.person_id, item.id, choice.updated_at DESC
        ) AS lost
        WHERE choice.person_id = lost.person_id
          AND choice.item_id = lost.item_id
          AND NOT EXISTS (
              SELECT FROM choice AS own WHERE own.person_id = lost.person_id AND own.item_id = lost.new_id
          )
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE play_event
        SET item_id = item.id
        FROM item
        WHERE item.id = ANY($1)
          AND play_event.item_key = item.kind || ':' || item.identity
          AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = play_event.item_id)
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE collection_item
        SET item_id = item.id
        FROM item
        WHERE item.id = ANY($1)
          AND collection_item.item_key = item.kind || ':' || item.identity
          AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = collection_item.item_id)
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE playlist_entry
        SET item_id = item.id
        FROM item
        WHERE item.id = ANY($1)
          AND playlist_entry.item_key = item.kind || ':' || item.identity
          AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = playlist_entry.item_id)
        ",
        &items,
    )
    .execute(&mut *db)
    .await?;
    // Of several vanished items with one key, the one that somebody chose for last.
    sqlx::query!(
        "
        UPDATE chosen_image
        SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (item.id) item.id AS new_id, chosen_image.item_id
            FROM item
            JOIN chosen_image ON chosen_image.item_key = item.kind || ':' || item.identity
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = chosen_image.item_id)
            ORDER BY item.id, chosen_image.created_at DESC
        ) AS lost
        WHERE chosen_image.item_id = lost.item_id
        ",
        &items,
    )
    .execute(db)
    .await?;
    Ok(begun)
}
