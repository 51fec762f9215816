//! SQL that puts made-up content into a test's database.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::id::{FileId, ImageId, ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::at;

/// An item to put in.
#[derive(Clone, Copy)]
pub(crate) struct NewItem<'a> {
    pub library: LibraryId,
    pub kind: &'a str,
    pub form: &'a str,
    /// The group right above and the root.
    pub parent: Option<(ItemId, ItemId)>,
    pub number: Option<i32>,
    pub parent_number: Option<i32>,
    pub title: &'a str,
    pub year: Option<i32>,
    pub released_on: Option<NaiveDate>,
    pub runtime_ms: Option<i64>,
    pub rating: Option<f32>,
    pub added_at: DateTime<Utc>,
}

impl<'a> NewItem<'a> {
    pub fn film(library: LibraryId, title: &'a str) -> Self {
        Self {
            library,
            kind: "movie",
            form: "video",
            parent: None,
            number: None,
            parent_number: None,
            title,
            year: None,
            released_on: None,
            runtime_ms: Some(3_600_000),
            rating: None,
            added_at: at(1),
        }
    }
}

pub(crate) async fn insert_library(db: &mut PgConnection, name: &str) -> LibraryId {
    let sql = "INSERT INTO library (kind, name) VALUES ('movies', $1) RETURNING id";
    LibraryId(sqlx::query_scalar(sql).bind(name).fetch_one(db).await.expect("a library"))
}

pub(crate) async fn insert_item(db: &mut PgConnection, id: ItemId, new: NewItem<'_>) -> ItemId {
    let sql = "
        INSERT INTO item (
            id, library_id, kind, form, parent_id, root_id, is_top, identity, number, parent_number, title, sort_title,
            year, released_on, runtime_ms, rating, added_at
        )
        VALUES ($1, $2, $3, $4, $5, COALESCE($6, $1), $5 IS NULL, $7, $8, $9, $7, lower($7), $10, $11, $12, $13, $14)";
    sqlx::query(sql)
        .bind(id.0)
        .bind(new.library.0)
        .bind(new.kind)
        .bind(new.form)
        .bind(new.parent.map(|it| it.0.0))
        .bind(new.parent.map(|it| it.1.0))
        .bind(new.title)
        .bind(new.number)
        .bind(new.parent_number)
        .bind(new.year)
        .bind(new.released_on)
        .bind(new.runtime_ms)
        .bind(new.rating)
        .bind(new.added_at)
        .execute(&mut *db)
        .await
        .expect("an item");
    let said = serde_json::json!({ "facts": { "title": new.title, "year": new.year } });
    sqlx::query("INSERT INTO item_source (item_id, source, facts) VALUES ($1, 'name', $2)")
        .bind(id.0)
        .bind(said)
        .execute(db)
        .await
        .expect("what its name says");
    id
}

/// A library of series.
pub(crate) async fn insert_shows(db: &mut PgConnection, name: &str) -> LibraryId {
    let sql = "INSERT INTO library (kind, name) VALUES ('shows', $1) RETURNING id";
    LibraryId(sqlx::query_scalar(sql).bind(name).fetch_one(db).await.expect("a library"))
}

/// The only text of a query about an item.
pub(crate) async fn text(db: &mut PgConnection, sql: &'static str, item: ItemId) -> Option<String> {
    sqlx::query_scalar(sql).bind(item.0).fetch_one(db).await.expect(sql)
}

/// A page of a statement's plan, put together from constants.
pub(crate) async fn plan(db: &mut PgConnection, sql: &'static str, ids: &[Uuid]) -> String {
    let rows: Vec<String> = sqlx::query_scalar(sql).bind(ids).fetch_all(db).await.expect(sql);
    rows.join("\n")
}

/// `count` items of a library, spread over all sorts, with ties.
pub(crate) async fn insert_many_items(db: &mut PgConnection, library: LibraryId, count: i32) {
    let sql = "
        INSERT INTO item (
            library_id, kind, form, root_id, id, is_top, identity, title, sort_title, year, released_on, runtime_ms,
            rating, added_at
        )
        SELECT
            $1, 'movie', 'video', made.id, made.id, TRUE, 'm' || n, 'Film ' || n, 'film ' || md5((n / 2)::text),
            1950 + n % 70,
            CASE WHEN n % 3 = 0 THEN make_date(1950 + n % 70, 1 + n % 12, 1) END,
            CASE WHEN n % 5 > 0 THEN 60000 * (n % 180) END,
            CASE WHEN n % 4 > 0 THEN (n % 100) / 10.0 END,
            TIMESTAMPTZ '2026-01-01' + (n % 500) * INTERVAL '1 hour'
        FROM (SELECT n, uuidv7() AS id FROM generate_series(1, $2) AS n) AS made";
    sqlx::query(sql).bind(library.0).bind(count).execute(db).await.expect("items");
}

/// Every root of the library played by the person, at different times.
pub(crate) async fn insert_plays_of_all(db: &mut PgConnection, person: Uuid, library: LibraryId) {
    let sql = "
        INSERT INTO progress (person_id, item_id, item_key, is_played, play_count, last_played_at)
        SELECT $1, id, kind || ':' || identity, TRUE, 1, added_at + (right(identity, 1))::int * INTERVAL '1 minute'
        FROM item WHERE library_id = $2";
    sqlx::query(sql).bind(person).bind(library.0).execute(&mut *db).await.expect("progress");
    let roots = sqlx::query_scalar("SELECT id FROM item WHERE library_id = $1 AND is_top");
    let roots: Vec<ItemId> = roots.bind(library.0).fetch_all(&mut *db).await.expect("roots");
    crate::personal::recount(db, &roots).await.expect("counted");
}

pub(crate) async fn analyze(db: &mut PgConnection) {
    for table in ["item", "progress", "group_progress", "favourite", "image"] {
        let sql = sqlx::AssertSqlSafe(format!("ANALYZE {table}"));
        sqlx::query(sql).execute(&mut *db).await.expect("analyzed");
    }
}

/// A folder with a file in it that plays for the item.
pub(crate) async fn insert_file(
    db: &mut PgConnection,
    library: LibraryId,
    item: ItemId,
    path: &str,
    role: &str,
) -> FileId {
    let folder: Uuid = sqlx::query_scalar(
        "INSERT INTO library_folder (library_id, path) VALUES ($1, '/media')
        ON CONFLICT (library_id, path) DO UPDATE SET path = excluded.path RETURNING id",
    )
    .bind(library.0)
    .fetch_one(&mut *db)
    .await
    .expect("a folder");
    let file: Uuid = sqlx::query_scalar(
        "INSERT INTO file (library_id, folder_id, path, size_bytes, modified_ns, inode, device, class, container)
        VALUES ($1, $2, $3, 1000, 0, 0, 0, 'video', 'matroska') RETURNING id",
    )
    .bind(library.0)
    .bind(folder)
    .bind(path)
    .fetch_one(&mut *db)
    .await
    .expect("a file");
    sqlx::query("INSERT INTO item_file (item_id, file_id, role) VALUES ($1, $2, $3)")
        .bind(item.0)
        .bind(file)
        .bind(role)
        .execute(db)
        .await
        .expect("a file of the item");
    FileId(file)
}

pub(crate) async fn insert_image(
    db: &mut PgConnection,
    item: ItemId,
    role: &str,
    hash: &[u8],
) -> ImageId {
    let sql = "
        INSERT INTO image (item_id, role, source, content_hash, mime, width, height, blurhash, color)
        VALUES ($1, $2, 'local', $3, 'image/png', 400, 600, 'L00000fQfQfQfQfQfQfQfQfQfQfQ', '#101010') RETURNING id";
    ImageId(
        sqlx::query_scalar(sql)
            .bind(item.0)
            .bind(role)
            .bind(hash)
            .fetch_one(db)
            .await
            .expect("an image"),
    )
}

/// Runs a statement that no store has, to make a situation.
pub(crate) async fn run(db: &mut PgConnection, sql: &'static str, item: ItemId) {
    sqlx::query(sql).bind(item.0).execute(db).await.expect(sql);
}

/// A picture that a provider knows.
pub(crate) async fn insert_remote_image(
    db: &mut PgConnection,
    item: ItemId,
    role: &str,
    rank: i16,
    url: &str,
) -> ImageId {
    let sql = "
        INSERT INTO image (item_id, role, source, rank, url) VALUES ($1, $2, 'remote', $3, $4) RETURNING id";
    let id =
        sqlx::query_scalar(sql).bind(item.0).bind(role).bind(rank).bind(url).fetch_one(db).await;
    ImageId(id.expect("an image"))
}

/// Somebody in the cast of an item.
pub(crate) async fn insert_credit(db: &mut PgConnection, item: ItemId, name: &str) -> Uuid {
    let sql = "
        WITH person AS (INSERT INTO person (name, sort_name, identity) VALUES ($2, $2, $2) RETURNING id)
        INSERT INTO credit (item_id, position, person_id, role)
        SELECT $1, 0, id, 'actor' FROM person RETURNING person_id";
    sqlx::query_scalar(sql).bind(item.0).bind(name).fetch_one(db).await.expect("a credit")
}

/// A portrait that a provider knows.
pub(crate) async fn insert_remote_portrait(
    db: &mut PgConnection,
    person: Uuid,
    url: &str,
) -> ImageId {
    let sql = "
        INSERT INTO image (person_id, role, source, rank, url) VALUES ($1, 'portrait', 'remote', 200, $2)
        RETURNING id";
    ImageId(sqlx::query_scalar(sql).bind(person).bind(url).fetch_one(db).await.expect("an image"))
}

/// What is known of a picture, or what it waits for, in words.
pub(crate) async fn find_image_state(
    db: &mut PgConnection,
    image: ImageId,
    now: DateTime<Utc>,
) -> String {
    let sql = "
        SELECT CASE
            WHEN content_hash IS NOT NULL
                THEN concat(mime, ' ', width, 'x', height, ' ', length(content_hash), ' ', color)
            WHEN fetch_after = 'infinity' AND problem IS NULL THEN 'waits for somebody'
            WHEN fetch_after = 'infinity' THEN concat('in vain: ', problem)
            WHEN fetch_after = '-infinity' THEN 'waits'
            ELSE concat('again in ', round(extract(epoch FROM fetch_after - $2) / 60), ' min: ', problem) END
        FROM image WHERE id = $1";
    sqlx::query_scalar(sql).bind(image.0).bind(now).fetch_one(db).await.expect("its state")
}

/// The folders of a library whose scan is asked for; empty text for the library.
pub(crate) async fn list_asked(db: &mut PgConnection, library: LibraryId) -> Vec<String> {
    let sql = "SELECT folder FROM scan_request WHERE library_id = $1 ORDER BY folder";
    sqlx::query_scalar(sql).bind(library.0).fetch_all(db).await.expect("requests")
}

/// A library over `folder` that was made and scanned some days ago.
pub(crate) async fn make_scanned(db: &mut PgConnection, folder: &str) -> LibraryId {
    let library = insert_library(db, "Films").await;
    let sql =
        "UPDATE library SET created_at = $2, scheduled_at = $2, last_scanned_at = $2 WHERE id = $1";
    sqlx::query(sql).bind(library.0).bind(at(20)).execute(&mut *db).await.expect("scanned");
    sqlx::query("INSERT INTO library_folder (library_id, path) VALUES ($1, $2)")
        .bind(library.0)
        .bind(folder)
        .execute(db)
        .await
        .expect("a folder");
    library
}
