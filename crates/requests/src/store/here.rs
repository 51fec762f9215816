//! SQL of what is here: requests beside the items of the ordinary catalog.

use kernel::id::{ItemId, PersonId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

use super::LibraryKinds;
use crate::request::{Kind, RequestId};

/// Items that one title may be: in several libraries, or called the same.
const MAX_ITEMS: i64 = 20;

/// One id of a title that is looked for, with the title's place among others.
#[derive(Clone, Debug, Default)]
pub(crate) struct AskedIds {
    places: Vec<i32>,
    kinds: Vec<String>,
    providers: Vec<String>,
    values: Vec<String>,
}

impl AskedIds {
    /// Adds an id of the title at `place`.
    pub fn push(&mut self, place: i32, kind: Kind, provider: &str, value: &str) {
        self.places.push(place);
        self.kinds.push(kind.name().to_owned());
        self.providers.push(provider.to_owned());
        self.values.push(value.to_owned());
    }
}

/// The items in the scope that have one of these ids, with the place of their title. Served by `external_id_value_idx`.
pub(crate) async fn list_items_with_ids(
    db: &mut PgConnection,
    scope: &LibraryScope,
    kinds: &LibraryKinds,
    asked: &AskedIds,
) -> Result<Vec<(i32, ItemId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (asked.place) asked.place AS "place!", item.id AS "id: ItemId"
        FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[]) AS asked (place, kind, provider, value)
        JOIN catalog.external_id ON external_id.provider = asked.provider AND external_id.value = asked.value
        JOIN catalog.item ON item.id = external_id.item_id
        JOIN catalog.library ON library.id = item.library_id
        WHERE item.library_id = ANY($5) AND catalog.allows(item.marks, $6)
          AND item.is_top AND item.missing_since IS NULL
          AND library.kind = ANY(CASE asked.kind WHEN 'movie' THEN $7::text[] ELSE $8::text[] END)
        ORDER BY asked.place, item.id
        "#,
        &asked.places,
        &asked.kinds,
        &asked.providers,
        &asked.values,
        scope.ids(),
        scope.guard(),
        &kinds.movie,
        &kinds.series,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.place, it.id)).collect())
}

/// Of the titles with these ids those that are asked for: the place of each, whether `person` asked, and whether anybody
/// still waits. Served by `known_as_pkey` and `wish_pkey`.
pub(crate) async fn list_asked_for(
    db: &mut PgConnection,
    person: PersonId,
    asked: &AskedIds,
) -> Result<Vec<(i32, bool, bool)>> {
    let rows = sqlx::query!(
        r#"
        SELECT asked.place AS "place!",
               bool_or(EXISTS (
                   SELECT FROM requests.wish WHERE wish.request_id = request.id AND wish.person_id = $5
               )) AS "is_mine!",
               bool_or(request.here_at IS NULL AND EXISTS (
                   SELECT FROM requests.wish WHERE wish.request_id = request.id
               )) AS "is_open!"
        FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[]) AS asked (place, kind, provider, value)
        JOIN requests.known_as ON known_as.kind = asked.kind AND known_as.provider = asked.provider
         AND known_as.value = asked.value
        JOIN requests.request ON request.id = known_as.request_id
        GROUP BY asked.place
        "#,
        &asked.places,
        &asked.kinds,
        &asked.providers,
        &asked.values,
        person.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.place, it.is_mine, it.is_open)).collect())
}

/// The items in the scope that a request is about, and that have the seasons asked for; by its ids, or by title and year
/// where it has none. Served by `external_id_value_idx` and `item_title_idx`.
pub(crate) async fn list_items_of(
    db: &mut PgConnection,
    scope: &LibraryScope,
    kinds: &LibraryKinds,
    id: RequestId,
    seasons: &[i32],
) -> Result<Vec<ItemId>> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT item.id AS "id: ItemId"
        FROM requests.request
        CROSS JOIN LATERAL (
            SELECT external_id.item_id AS id
            FROM requests.known_as
            JOIN catalog.external_id
              ON external_id.provider = known_as.provider AND external_id.value = known_as.value
            WHERE known_as.request_id = request.id
            UNION
            SELECT called.id
            FROM catalog.library AS place
            JOIN catalog.item AS called ON called.library_id = place.id
            WHERE request.is_by_title AND called.is_top AND called.missing_since IS NULL
              AND called.sort_title = request.sort_title AND called.year = request.year
        ) AS found
        JOIN catalog.item ON item.id = found.id
        JOIN catalog.library ON library.id = item.library_id
        WHERE request.id = $1 AND item.library_id = ANY($2) AND catalog.allows(item.marks, $3)
          AND item.is_top AND item.missing_since IS NULL
          AND library.kind = ANY(CASE request.kind WHEN 'movie' THEN $4::text[] ELSE $5::text[] END)
          AND NOT EXISTS (
              SELECT FROM unnest($6::integer[]) AS wanted (number)
              WHERE NOT EXISTS (
                  SELECT FROM catalog.item AS season
                  WHERE season.parent_id = item.id AND season.form = 'group' AND season.number = wanted.number
                    AND season.missing_since IS NULL
              )
          )
        ORDER BY item.id
        LIMIT $7
        "#,
        id.0,
        scope.ids(),
        scope.guard(),
        &kinds.movie,
        &kinds.series,
        seasons,
        MAX_ITEMS,
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// Somebody who waits for a title of which there is something in some library.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub request_id: RequestId,
    pub person_id: PersonId,
    pub seasons: Vec<i32>,
    /// Whether anything of the title is anywhere.
    pub is_anywhere: bool,
}

/// Those who wait, from behind `after` on, with whether there is anything of their titles in any library: who may see it is
/// asked next. Served by `wish_open_idx`.
pub(crate) async fn list_open_unscoped(
    db: &mut PgConnection,
    after: Option<(RequestId, PersonId)>,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let rows = sqlx::query_as!(
        Candidate,
        r#"
        SELECT open.request_id AS "request_id!: RequestId", open.person_id AS "person_id!: PersonId",
               open.seasons AS "seasons!",
               (
                   EXISTS (
                       SELECT FROM requests.known_as
                       JOIN catalog.external_id
                         ON external_id.provider = known_as.provider AND external_id.value = known_as.value
                       WHERE known_as.request_id = open.request_id
                   )
                   OR EXISTS (
                       SELECT FROM requests.request
                       CROSS JOIN catalog.library
                       JOIN catalog.item ON item.library_id = library.id
                       WHERE request.id = open.request_id AND request.is_by_title
                         AND item.is_top AND item.missing_since IS NULL
                         AND item.sort_title = request.sort_title AND item.year = request.year
                   )
               ) AS "is_anywhere!"
        FROM (
            SELECT request_id, person_id, seasons
            FROM requests.wish
            WHERE here_at IS NULL
              AND ($1::uuid IS NULL OR (request_id, person_id) > ($1, $2::uuid))
            ORDER BY request_id, person_id
            LIMIT $3
        ) AS open
        ORDER BY open.request_id, open.person_id
        "#,
        after.map(|it| it.0.0),
        after.map(|it| it.1.0),
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}
