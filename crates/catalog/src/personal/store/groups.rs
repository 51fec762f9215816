//! SQL of what is derived from progress: how far people are with groups.
//!
//! [`recount`] is the only writer of `group_progress` and of the counts on `item`.

use kernel::Result;
use kernel::id::{ItemId, PersonId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Derives everything that hangs on which leaves these roots have: their counts, and how far each person is.
///
/// Call it with the roots of all items that were added, came back, went missing or moved, in that transaction.
pub async fn recount(db: &mut PgConnection, roots: &[ItemId]) -> Result<()> {
    let roots: Vec<Uuid> = roots.iter().map(|it| it.0).collect();
    count_leaves(db, &roots).await?;
    count_plays(db, &roots, None).await
}

/// Derives how far one person is with these roots: after their progress changed.
pub async fn recount_person(db: &mut PgConnection, person: PersonId, root: ItemId) -> Result<()> {
    count_plays(db, &[root.0], Some(person)).await
}

/// Derives how far one person is with all of these roots.
pub async fn recount_roots(
    db: &mut PgConnection,
    person: PersonId,
    roots: &[ItemId],
) -> Result<()> {
    let roots: Vec<Uuid> = roots.iter().map(|it| it.0).collect();
    count_plays(db, &roots, Some(person)).await
}

/// Notes on an item's groups that the person did something in them just now. Enough where nothing became played.
pub async fn touch_groups(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO group_progress AS known (person_id, item_id, library_id, is_root, last_played_at)
        SELECT $1, whole.id, whole.library_id, whole.id = whole.root_id, $3
        FROM item
        JOIN item AS whole ON whole.id IN (item.root_id, item.parent_id)
        WHERE item.id = $2
        ON CONFLICT (person_id, item_id) DO UPDATE SET last_played_at = excluded.last_played_at
        ",
        person.0,
        item.0,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Children, leaves and the newest leaf of these roots and of the groups below them.
async fn count_leaves(db: &mut PgConnection, roots: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "
        WITH leaf AS (
            SELECT root_id, parent_id, added_at
            FROM item
            WHERE root_id = ANY($1) AND form <> 'group' AND missing_since IS NULL
        ),
        counted AS (
            SELECT root_id AS id, count(*) AS leaves, max(added_at) AS newest_at FROM leaf GROUP BY root_id
            UNION ALL
            SELECT parent_id, count(*), max(added_at) FROM leaf WHERE parent_id <> root_id GROUP BY parent_id
        ),
        whole AS (
            SELECT id FROM item WHERE id = ANY($1)
            UNION
            SELECT id FROM item WHERE parent_id = ANY($1) AND form = 'group'
        ),
        child AS (
            SELECT below.parent_id AS id, count(*) AS children
            FROM whole
            JOIN item AS below ON below.parent_id = whole.id
            WHERE below.missing_since IS NULL
            GROUP BY below.parent_id
        ),
        fresh AS (
            SELECT
                whole.id, COALESCE(counted.leaves, 0) AS leaves, COALESCE(child.children, 0) AS children,
                counted.newest_at
            FROM whole
            LEFT JOIN counted ON counted.id = whole.id
            LEFT JOIN child ON child.id = whole.id
        )
        UPDATE item
        SET leaf_count = fresh.leaves, child_count = fresh.children, newest_at = fresh.newest_at
        FROM fresh
        WHERE item.id = fresh.id
          AND (item.leaf_count, item.child_count, item.newest_at)
              IS DISTINCT FROM (fresh.leaves, fresh.children, fresh.newest_at)
        ",
        roots,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How far people, or one person, are with these roots and the groups below them: all of it anew from progress.
async fn count_plays(
    db: &mut PgConnection,
    roots: &[Uuid],
    person: Option<PersonId>,
) -> Result<()> {
    let person = person.map(|it| it.0);
    sqlx::query!(
        "
        DELETE FROM group_progress
        WHERE item_id IN (
            SELECT unnest($1::uuid[])
            UNION ALL
            SELECT id FROM item WHERE parent_id = ANY($1) AND form = 'group'
        )
          AND ($2::uuid IS NULL OR person_id = $2)
        ",
        roots,
        person,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        WITH seen AS (
            SELECT
                progress.person_id, leaf.library_id, leaf.root_id, leaf.parent_id, leaf.watch_order,
                leaf.parent_number IS NOT DISTINCT FROM 0 AS is_special,
                progress.is_played, progress.last_played_at
            FROM item AS leaf
            JOIN progress ON progress.item_id = leaf.id
            WHERE leaf.root_id = ANY($1)
              AND leaf.form <> 'group'
              AND leaf.missing_since IS NULL
              AND ($2::uuid IS NULL OR progress.person_id = $2)
        ),
        counted AS (
            SELECT
                person_id, root_id AS item_id, library_id, TRUE AS is_root,
                count(*) FILTER (WHERE is_played) AS played_count,
                max(last_played_at) AS last_played_at,
                max(watch_order) FILTER (WHERE is_played AND NOT is_special) AS reached
            FROM seen
            GROUP BY person_id, root_id, library_id
            UNION ALL
            SELECT
                person_id, parent_id, library_id, FALSE, count(*) FILTER (WHERE is_played), max(last_played_at), NULL
            FROM seen
            WHERE parent_id <> root_id
            GROUP BY person_id, parent_id, library_id
        )
        INSERT INTO group_progress (
            person_id, item_id, library_id, is_root, played_count, last_played_at, next_item_id
        )
        SELECT
            counted.person_id, counted.item_id, counted.library_id, counted.is_root, counted.played_count,
            counted.last_played_at,
            (
                SELECT next.id
                FROM (
                    (
                        SELECT leaf.id, leaf.watch_order, 2 * leaf.watch_order + 1 AS place
                        FROM item AS leaf
                        LEFT JOIN progress ON progress.item_id = leaf.id AND progress.person_id = counted.person_id
                        WHERE leaf.root_id = counted.item_id
                          AND leaf.form <> 'group'
                          AND leaf.missing_since IS NULL
                          AND leaf.parent_number IS DISTINCT FROM 0
                          AND leaf.watch_order > counted.reached
                          AND progress.is_played IS NOT TRUE
                        ORDER BY leaf.watch_order, leaf.id
                        LIMIT 1
                    )
                    UNION ALL
                    SELECT placed.id, placed.watch_order, placed.place
                    FROM placed_special AS placed
                    LEFT JOIN progress ON progress.item_id = placed.id AND progress.person_id = counted.person_id
                    WHERE placed.root_id = counted.item_id
                      AND placed.place > 2 * counted.reached + 1
                      AND progress.is_played IS NOT TRUE
                ) AS next
                ORDER BY next.place, next.watch_order, next.id
                LIMIT 1
            )
        FROM counted
        ON CONFLICT (person_id, item_id) DO UPDATE SET
            played_count = excluded.played_count,
            last_played_at = excluded.last_played_at,
            next_item_id = excluded.next_item_id
        ",
        roots,
        person,
    )
    .execute(db)
    .await?;
    Ok(())
}
