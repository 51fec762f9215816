//! What is there and what is missed: files, the items that play them, and the items above.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::describe::store::out::note_change;
use crate::{artwork, personal};

/// Items are at most this deep: series, season, episode.
const MAX_DEPTH: usize = 4;

/// Marks files of a folder as missing, except those that meanwhile were found elsewhere. Returns how many, and the items they
/// have a part in.
pub async fn miss_files(
    db: &mut PgConnection,
    folder: Uuid,
    files: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(i64, Vec<Uuid>)> {
    let files = &sqlx::query_scalar!(
        r#"
        UPDATE file SET missing_since = $2
        WHERE id = ANY($1) AND missing_since IS NULL AND folder_id = $3
        RETURNING id
        "#,
        files,
        now,
        folder,
    )
    .fetch_all(&mut *db)
    .await?;
    // A picture that was taken away is taken for unwanted.
    sqlx::query!("DELETE FROM image WHERE file_id = ANY($1) AND source = 'local'", files)
        .execute(&mut *db)
        .await?;
    let items = sqlx::query_scalar!(
        "SELECT DISTINCT item_id FROM item_file WHERE file_id = ANY($1)",
        files
    )
    .fetch_all(db)
    .await?;
    Ok((files.len() as i64, items))
}

/// Sets or clears `missing_since` of `items` and of the items above them by what is there now.
async fn refresh(db: &mut PgConnection, items: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let mut level = items.to_vec();
    for _ in 0..MAX_DEPTH {
        if level.is_empty() {
            break;
        }
        sqlx::query!(
            r#"
            WITH it AS (
                SELECT item.id, CASE WHEN item.form = 'group'
                    THEN EXISTS (SELECT FROM item AS child
                                 WHERE child.parent_id = item.id AND child.missing_since IS NULL)
                    ELSE EXISTS (SELECT FROM item_file JOIN file ON file.id = item_file.file_id
                                 WHERE item_file.item_id = item.id AND item_file.role = 'main'
                                   AND file.missing_since IS NULL)
                    END AS is_here
                FROM item WHERE item.id = ANY($1)
            )
            UPDATE item
            SET missing_since = CASE WHEN it.is_here THEN NULL ELSE $2::timestamptz END
            FROM it
            WHERE item.id = it.id AND it.is_here = (item.missing_since IS NOT NULL)
            "#,
            &level,
            now,
        )
        .execute(&mut *db)
        .await?;
        level = sqlx::query_scalar!(
            r#"SELECT DISTINCT parent_id AS "id!" FROM item WHERE id = ANY($1) AND parent_id IS NOT NULL"#,
            &level,
        )
        .fetch_all(&mut *db)
        .await?;
    }
    Ok(())
}

/// Sets what follows when the files of `items` came or went: presence, counts, search, caches.
pub async fn settle(
    db: &mut PgConnection,
    library: LibraryId,
    items: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    settle_with_new(db, library, items, &New::default(), now).await
}

/// Items that were made in this transaction, nobody having made anything of them before, with all that is above them.
#[derive(Debug, Default)]
pub struct New {
    pub items: Vec<Uuid>,
    /// The topmost of those that have others below them.
    pub groups: Vec<ItemId>,
}

/// As [`settle`], and for new items what they need of it.
pub async fn settle_with_new(
    db: &mut PgConnection,
    library: LibraryId,
    items: &[Uuid],
    new: &New,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut roots = new.groups.clone();
    if !items.is_empty() {
        refresh(db, items, now).await?;
        let old = sqlx::query_scalar!(
            r#"SELECT DISTINCT root_id AS "root_id: ItemId" FROM item WHERE id = ANY($1)"#,
            items,
        )
        .fetch_all(&mut *db)
        .await?;
        roots.extend(old);
        artwork::reconsider(db, items).await?;
    }
    if !roots.is_empty() {
        personal::recount(db, &roots).await?;
    }
    let changed: Vec<Uuid> = items.iter().chain(&new.items).copied().collect();
    note_change(db, library, &changed).await
}
