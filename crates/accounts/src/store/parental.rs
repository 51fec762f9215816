//! SQL of what people are kept from.

use kernel::id::PersonId;
use kernel::{BuiltInRole, Guard, Parental, Result};
use sqlx::PgConnection;

use crate::role::id_of;

/// What the columns say of what somebody is kept from, as marks of items.
pub(crate) fn guard(
    max_age: Option<i16>,
    hides_unrated: bool,
    (blocked, allowed): (&[i64], &[i64]),
) -> Guard {
    let max_age = max_age.and_then(|it| it.try_into().ok());
    Parental { max_age, hides_unrated, ..Parental::default() }.guard(blocked, allowed)
}

/// Keeps `person` from what `by`, who lets them in, is kept from; administrators aside, who decide it for everybody.
pub(crate) async fn inherit(db: &mut PgConnection, by: PersonId, person: PersonId) -> Result<()> {
    sqlx::query!(
        "
        UPDATE core.person
        SET max_age = it.max_age, hides_unrated = it.hides_unrated, blocked_tags = it.blocked_tags,
            allowed_tags = it.allowed_tags, hours = it.hours,
            leaving_needs_pin = it.leaving_needs_pin
        FROM core.person AS it
        WHERE person.id = $2 AND it.id = $1 AND it.role_id <> $3
        ",
        by.0,
        person.0,
        id_of(BuiltInRole::Admin).0,
    )
    .execute(db)
    .await?;
    Ok(())
}
