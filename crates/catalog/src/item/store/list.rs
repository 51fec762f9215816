//! The one list of items with its filters and sorts: SQL put together from the constants below, never from input.
//!
//! With one library in scope the index of the sort gives the rows in order. With several, each library gives its own
//! first rows in order and only those few are merged, so that no list costs more because a library grew.

use kernel::id::PersonId;
use kernel::{LibraryScope, Limit, Result};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, FromRow as _, PgConnection, Postgres, Row as _};
use uuid::Uuid;

use super::ItemRow;
use crate::item::list::{Direction, ItemFilter, ItemSort, Place, SortKey, prefix_range};

/// The columns of [`ItemRow`].
const COLUMNS: &str = "item.id, item.kind, item.form, item.library_id, item.parent_id, item.root_id, item.title, \
    item.sort_title, item.year, item.released_on, item.runtime_ms, item.number, item.number_end, item.parent_number, \
    item.watch_order, item.added_at, item.missing_since, item.child_count, item.leaf_count";

/// What is listed, in which order, from where on.
pub struct Wanted<'a> {
    pub filter: &'a ItemFilter,
    pub sort: ItemSort,
    pub direction: Direction,
    pub after: Option<&'a Place>,
}

/// Where a sort finds its rows.
struct Source {
    from: &'static str,
    library: &'static str,
    condition: &'static str,
    /// As it stands in the index.
    key: &'static str,
    id: &'static str,
}

const TOP: &str = "item.is_top AND item.missing_since IS NULL";
const CHILD: &str = "item.parent_id = $12 AND item.missing_since IS NULL";

fn source(sort: ItemSort, filter: &ItemFilter) -> Source {
    let of_item = |key| Source {
        from: "item",
        library: "item.library_id",
        condition: if filter.parent_id.is_some() { CHILD } else { TOP },
        key,
        id: "item.id",
    };
    match sort {
        ItemSort::Title => of_item("item.sort_title"),
        ItemSort::AddedAt => of_item("item.added_at"),
        ItemSort::ReleasedOn => {
            of_item("COALESCE(item.released_on, make_date(COALESCE(item.year, 1), 1, 1))")
        }
        ItemSort::RuntimeMs => of_item("COALESCE(item.runtime_ms, 0)"),
        ItemSort::Rating => of_item("COALESCE(item.rating, 0)"),
        // Children are few: theirs may be looked up and sorted.
        ItemSort::LastPlayedAt if filter.parent_id.is_some() => Source {
            from: "item JOIN progress ON progress.person_id = $2 AND progress.item_id = item.id",
            library: "item.library_id",
            condition: "item.parent_id = $12 AND item.missing_since IS NULL AND progress.last_played_at IS NOT NULL",
            key: "progress.last_played_at",
            id: "item.id",
        },
        ItemSort::LastPlayedAt => Source {
            from: "group_progress AS played JOIN item ON item.id = played.item_id",
            library: "played.library_id",
            condition: "played.person_id = $2 AND played.is_root AND played.last_played_at IS NOT NULL \
                AND item.library_id = played.library_id AND item.is_top AND item.missing_since IS NULL",
            key: "played.last_played_at",
            id: "played.item_id",
        },
    }
}

/// A leaf is played when its progress says so, a group when all its leaves are.
const PLAYED: &str = "(EXISTS (SELECT FROM progress AS own WHERE own.person_id = $2 AND own.item_id = item.id \
    AND own.is_played) OR (item.form = 'group' AND EXISTS (SELECT FROM group_progress AS whole \
    WHERE whole.person_id = $2 AND whole.item_id = item.id AND item.leaf_count > 0 \
    AND whole.played_count >= item.leaf_count)))";
const FAVOURITE: &str =
    "EXISTS (SELECT FROM favourite WHERE favourite.person_id = $2 AND favourite.item_id = item.id)";
/// Of the guard of a scope.
const ALLOWED: &str = "allows(item.marks, $13)";
const GENRE: &str = "EXISTS (SELECT FROM item_label WHERE item_label.item_id = item.id \
    AND item_label.label_id = ANY($7))";

fn conditions(filter: &ItemFilter) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |is_wanted: bool, condition: &str| {
        if is_wanted {
            found.push(condition.to_owned());
        }
    };
    add(filter.kind.is_some(), "item.kind = $6");
    add(filter.genre.is_some(), GENRE);
    add(filter.year_from.is_some(), "item.year >= $8");
    add(filter.year_to.is_some(), "item.year <= $9");
    add(filter.played == Some(true), PLAYED);
    add(filter.played == Some(false), &format!("NOT {PLAYED}"));
    add(filter.favourite, FAVOURITE);
    if let Some(start) = &filter.starts_with {
        add(true, "item.sort_title >= $10");
        add(prefix_range(start).1.is_some(), "item.sort_title < $11");
    }
    found
}

/// The statement for a list in `scope`.
fn list_sql(wanted: &Wanted<'_>, scope: &LibraryScope) -> String {
    let (n_libraries, is_guarded) = (scope.ids().len(), scope.is_guarded());
    let Source { from, library, condition, key, id } = source(wanted.sort, wanted.filter);
    let (direction, beyond) = match wanted.direction {
        Direction::Asc => ("ASC", ">"),
        Direction::Desc => ("DESC", "<"),
    };
    let mut conditions = conditions(wanted.filter);
    if wanted.after.is_some() {
        conditions.push(format!("({key}, {id}) {beyond} ($4, $5)"));
    }
    if is_guarded {
        conditions.push(ALLOWED.to_owned());
    }
    conditions.push(condition.to_owned());
    let conditions = conditions.join(" AND ");
    let of_library = |which: &str| {
        format!(
            "SELECT {COLUMNS}, {key} AS sort_key FROM {from} WHERE {library} = {which} AND {conditions} \
            ORDER BY {key} {direction}, {id} {direction} LIMIT $3"
        )
    };
    if n_libraries == 1 {
        return of_library("($1::uuid[])[1]");
    }
    format!(
        "SELECT page.* FROM unnest($1::uuid[]) AS scope (library_id) CROSS JOIN LATERAL ({}) AS page \
        ORDER BY page.sort_key {direction}, page.id {direction} LIMIT $3",
        of_library("scope.library_id"),
    )
}

/// Items of the libraries in `scope`, each with its place in the order. One more than the page holds.
pub async fn list_items(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    wanted: &Wanted<'_>,
    limit: Limit,
) -> Result<Vec<(Place, ItemRow)>> {
    let Wanted { sort, direction, .. } = *wanted;
    let genres = match &wanted.filter.genre {
        Some(genre) => list_genres(db, genre).await?,
        None => Vec::new(),
    };
    let sql = list_sql(wanted, scope);
    let rows = bound(sql, scope, person, wanted, &genres, limit).fetch_all(db).await?;
    let placed = rows.iter().map(|row| {
        let item = ItemRow::from_row(row)?;
        Ok((Place { sort, direction, key: key_of(sort, row)?, id: item.id }, item))
    });
    placed.collect()
}

/// The genres of this name. Looked up first, so that the list's plan knows how frequent they are.
async fn list_genres(db: &mut PgConnection, name: &str) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM label WHERE kind = 'genre' AND lower(name) = lower($1)",
        name,
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}

/// The statement with its parameters; it uses some of them.
fn bound<'q>(
    sql: String,
    scope: &'q LibraryScope,
    person: PersonId,
    wanted: &'q Wanted<'q>,
    genres: &'q [Uuid],
    limit: Limit,
) -> Query<'q, Postgres, PgArguments> {
    let Wanted { filter, after, .. } = *wanted;
    let (from, to) = filter.starts_with.as_deref().map(prefix_range).unwrap_or_default();
    // How many rows a filter leaves depends on its values: walking the sort's index is best for a frequent genre, worst for
    // a rare one. A kept statement would soon be given one plan for all values.
    let depends_on_values = filter.genre.is_some()
        || filter.year_from.is_some()
        || filter.year_to.is_some()
        || scope.is_guarded();
    let query = sqlx::query(AssertSqlSafe(sql))
        .persistent(!depends_on_values)
        .bind(scope.ids())
        .bind(person.0)
        .bind(limit.probe());
    let query = match after.map(|it| it.key.clone()) {
        None => query.bind(None::<String>),
        Some(SortKey::Text(key)) => query.bind(key),
        Some(SortKey::Time(key)) => query.bind(key),
        Some(SortKey::Date(key)) => query.bind(key),
        Some(SortKey::Whole(key)) => query.bind(key),
        Some(SortKey::Real(key)) => query.bind(key),
    };
    query
        .bind(after.map(|it| it.id.0))
        .bind(filter.kind.as_deref())
        .bind(genres)
        .bind(filter.year_from)
        .bind(filter.year_to)
        .bind(from)
        .bind(to)
        .bind(filter.parent_id.map(|it| it.0))
        .bind(scope.guard())
}

fn key_of(sort: ItemSort, row: &PgRow) -> sqlx::Result<SortKey> {
    match sort {
        ItemSort::Title => row.try_get("sort_key").map(SortKey::Text),
        ItemSort::AddedAt | ItemSort::LastPlayedAt => row.try_get("sort_key").map(SortKey::Time),
        ItemSort::ReleasedOn => row.try_get("sort_key").map(SortKey::Date),
        ItemSort::RuntimeMs => row.try_get("sort_key").map(SortKey::Whole),
        ItemSort::Rating => row.try_get("sort_key").map(SortKey::Real),
    }
}

#[cfg(test)]
mod tests;
