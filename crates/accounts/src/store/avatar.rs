//! SQL of people's pictures.

use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

use crate::avatar::Avatar;

/// Puts a picture in place of the one there was.
pub(crate) async fn write_avatar(
    db: &mut PgConnection,
    person: PersonId,
    avatar: &Avatar,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.avatar (person_id, version, picture) VALUES ($1, $2, $3)
        ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, picture = excluded.picture
        "#,
        person.0,
        avatar.version,
        avatar.picture,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn find_avatar(db: &mut PgConnection, person: PersonId) -> Result<Option<Avatar>> {
    let avatar = sqlx::query_as!(
        Avatar,
        "SELECT version, picture FROM core.avatar WHERE person_id = $1",
        person.0
    );
    Ok(avatar.fetch_optional(db).await?)
}

pub(crate) async fn delete_avatar(db: &mut PgConnection, person: PersonId) -> Result<bool> {
    let gone = sqlx::query!("DELETE FROM core.avatar WHERE person_id = $1", person.0);
    Ok(gone.execute(db).await?.rows_affected() > 0)
}
