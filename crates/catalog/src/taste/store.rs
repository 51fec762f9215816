//! SQL of taste and choices.

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId, PersonId};
use kernel::{LibraryScope, Result};
use media::decide::{SubtitleMode, Taste};
use serde_json::Value;
use sqlx::PgConnection;

/// What a person chose for an item and for all of its series, still as it is kept.
#[derive(Debug)]
pub struct ChoiceRow {
    pub file_id: Option<FileId>,
    pub audio: Option<Value>,
    pub subtitle: Option<Value>,
    pub retimings: Option<Value>,
    pub original: Option<String>,
}

/// Served by `taste_pkey`.
pub async fn find_taste(db: &mut PgConnection, person: PersonId) -> Result<Option<Taste>> {
    let row = sqlx::query!(
        "
        SELECT audio_languages, prefers_original, subtitles, subtitle_languages, prefers_hearing_impaired
        FROM taste
        WHERE person_id = $1
        ",
        person.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Taste {
        audio_languages: it.audio_languages,
        prefers_original: it.prefers_original,
        subtitles: SubtitleMode::ALL
            .into_iter()
            .find(|mode| mode.as_str() == it.subtitles)
            .unwrap_or_default(),
        subtitle_languages: it.subtitle_languages,
        prefers_hearing_impaired: it.prefers_hearing_impaired,
    }))
}

/// Keeps a person's taste in place of what was kept.
pub async fn upsert_taste(
    db: &mut PgConnection,
    person: PersonId,
    taste: &Taste,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO taste (
            person_id, audio_languages, prefers_original, subtitles, subtitle_languages, prefers_hearing_impaired,
            updated_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT taste_pkey DO UPDATE SET
            audio_languages = excluded.audio_languages,
            prefers_original = excluded.prefers_original,
            subtitles = excluded.subtitles,
            subtitle_languages = excluded.subtitle_languages,
            prefers_hearing_impaired = excluded.prefers_hearing_impaired,
            updated_at = excluded.updated_at
        ",
        person.0,
        &taste.audio_languages,
        taste.prefers_original,
        taste.subtitles.as_str(),
        &taste.subtitle_languages,
        taste.prefers_hearing_impaired,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether the item exists for `scope`.
pub async fn has_item(db: &mut PgConnection, scope: &LibraryScope, item: ItemId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM item WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)) AS "has_item!""#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_one(db)
    .await?;
    Ok(found)
}

/// The person's choices for an item that exists for `scope`, and the language it was made in. Served by `choice_pkey`.
pub async fn find_choice(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    item: ItemId,
) -> Result<Option<ChoiceRow>> {
    let row = sqlx::query_as!(
        ChoiceRow,
        r#"
        SELECT
            own.file_id AS "file_id?: FileId", whole.audio AS "audio?", whole.subtitle AS "subtitle?",
            own.retimings AS "retimings?",
            COALESCE(about.details->>'original_language', whole_about.details->>'original_language') AS original
        FROM item
        LEFT JOIN choice AS own ON own.person_id = $3 AND own.item_id = item.id
        LEFT JOIN choice AS whole ON whole.person_id = $3 AND whole.item_id = item.root_id
        LEFT JOIN item_about AS about ON about.item_id = item.id
        LEFT JOIN item_about AS whole_about ON whole_about.item_id = item.root_id
        WHERE item.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $4)
        "#,
        item.0,
        scope.ids(),
        person.0,
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Keeps the version of an item. A part of a film is no version of it, and changes nothing.
pub async fn upsert_version(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    file: FileId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO choice (person_id, item_id, item_key, file_id, updated_at)
        SELECT $1, item.id, item.kind || ':' || item.identity, $3, $4
        FROM item
        JOIN item_file ON item_file.item_id = item.id AND item_file.file_id = $3 AND item_file.part IS NULL
        WHERE item.id = $2
        ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE
        SET file_id = excluded.file_id, updated_at = excluded.updated_at
        ",
        person.0,
        item.0,
        file.0,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps sound and subtitle for all that an item belongs to; what is `None` stays.
pub async fn upsert_streams(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    audio: Option<Value>,
    subtitle: Option<Value>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO choice AS known (person_id, item_id, item_key, audio, subtitle, updated_at)
        SELECT $1, root.id, root.kind || ':' || root.identity, $3, $4, $5
        FROM item
        JOIN item AS root ON root.id = item.root_id
        WHERE item.id = $2
        ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE
        SET audio = COALESCE(excluded.audio, known.audio),
            subtitle = COALESCE(excluded.subtitle, known.subtitle),
            updated_at = excluded.updated_at
        ",
        person.0,
        item.0,
        audio,
        subtitle,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps when a subtitle of one of an item's files shows; `None` forgets it.
pub async fn upsert_retiming(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    key: &str,
    by: Option<Value>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO choice AS known (person_id, item_id, item_key, retimings, updated_at)
        SELECT
            $1, item.id, item.kind || ':' || item.identity,
            jsonb_strip_nulls(jsonb_build_object($3::text, $4::jsonb)), $5
        FROM item
        WHERE item.id = $2
        ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE
        SET retimings = jsonb_strip_nulls(
                COALESCE(known.retimings, '{}') || jsonb_build_object($3::text, $4::jsonb)),
            updated_at = excluded.updated_at
        ",
        person.0,
        item.0,
        key,
        by,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}
