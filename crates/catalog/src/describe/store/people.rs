//! Cast and crew. One person is one row: told by what providers call them, else by their name.

use std::collections::HashMap;

use kernel::Result;
use kernel::id::ItemId;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A person as a credit names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Named {
    /// The folded name.
    pub identity: String,
    pub name: String,
    pub sort_name: String,
    /// The first of their ids at providers, `provider` and `value`; every credit of one source has the same provider.
    pub id: Option<(String, String)>,
}

/// The rows of people, made where there are none.
pub async fn find_or_insert_people(
    db: &mut PgConnection,
    people: &[Named],
) -> Result<HashMap<Named, Uuid>> {
    let mut found = find_by_id(db, people).await?;
    let rest: Vec<&Named> = people.iter().filter(|it| !found.contains_key(*it)).collect();
    if rest.is_empty() {
        return Ok(found);
    }
    // Somebody known by the same name is the same person, unless the provider calls that one by another id.
    let identities: Vec<String> = rest.iter().map(|it| it.identity.clone()).collect();
    let providers: Vec<String> =
        rest.iter().map(|it| it.id.as_ref().map(|id| id.0.clone()).unwrap_or_default()).collect();
    let namesakes = sqlx::query!(
        r#"
        SELECT DISTINCT it.identity AS "identity!", it.provider AS "provider!", person.id
        FROM UNNEST($1::text[], $2::text[]) AS it (identity, provider)
        JOIN person ON person.identity = it.identity
        WHERE NOT EXISTS (
            SELECT FROM person_external_id AS other
            WHERE other.person_id = person.id AND other.provider = it.provider)
        "#,
        &identities,
        &providers,
    )
    .fetch_all(&mut *db)
    .await?;
    let namesakes: HashMap<(String, String), Uuid> =
        namesakes.into_iter().map(|it| ((it.identity, it.provider), it.id)).collect();
    let mut taken: HashMap<Uuid, &Named> = HashMap::new();
    let mut new: Vec<&Named> = Vec::new();
    for named in rest {
        let provider = named.id.as_ref().map(|it| it.0.clone()).unwrap_or_default();
        let namesake = namesakes.get(&(named.identity.clone(), provider));
        match namesake.filter(|id| taken.get(*id).is_none_or(|it| it.id == named.id)) {
            Some(id) => {
                taken.insert(*id, named);
                found.insert(named.clone(), *id);
            }
            None => new.push(named),
        }
    }
    insert(db, &new, &mut found).await?;
    insert_ids(db, &found).await?;
    // Another writer may have been first with an id: its row is the person.
    found.extend(find_by_id(db, people).await?);
    Ok(found)
}

async fn find_by_id(db: &mut PgConnection, people: &[Named]) -> Result<HashMap<Named, Uuid>> {
    let (providers, values): (Vec<String>, Vec<String>) =
        people.iter().filter_map(|it| it.id.clone()).unzip();
    if providers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"
        SELECT known.provider, known.value, known.person_id
        FROM UNNEST($1::text[], $2::text[]) AS it (provider, value)
        JOIN person_external_id AS known ON known.provider = it.provider AND known.value = it.value
        "#,
        &providers,
        &values,
    )
    .fetch_all(db)
    .await?;
    let known: HashMap<(String, String), Uuid> =
        rows.into_iter().map(|it| ((it.provider, it.value), it.person_id)).collect();
    let found = people.iter().filter_map(|it| {
        let id = known.get(it.id.as_ref()?)?;
        Some((it.clone(), *id))
    });
    Ok(found.collect())
}

async fn insert(
    db: &mut PgConnection,
    new: &[&Named],
    found: &mut HashMap<Named, Uuid>,
) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    // The name is the identity of the first of that name; further ones are told by their id.
    let by_id = |it: &Named| it.id.as_ref().map(|(provider, value)| format!("{provider}:{value}"));
    let mut identities: Vec<String> = new.iter().map(|it| it.identity.clone()).collect();
    let held =
        sqlx::query_scalar!("SELECT identity FROM person WHERE identity = ANY($1)", &identities)
            .fetch_all(&mut *db)
            .await?;
    let mut held: std::collections::HashSet<String> = held.into_iter().collect();
    for (identity, named) in identities.iter_mut().zip(new) {
        if held.contains(identity)
            && let Some(own) = by_id(named)
        {
            *identity = own;
        }
        held.insert(identity.clone());
    }
    let names: Vec<String> = new.iter().map(|it| it.name.clone()).collect();
    let sort_names: Vec<String> = new.iter().map(|it| it.sort_name.clone()).collect();
    // In one order everywhere, so that two writers never wait for each other. The update of nothing gives back the row of
    // somebody who was inserted by another meanwhile.
    let rows = sqlx::query!(
        r#"
        INSERT INTO person (identity, name, sort_name)
        SELECT DISTINCT ON (it.identity) it.identity, it.name, it.sort_name
        FROM UNNEST($1::text[], $2::text[], $3::text[]) AS it (identity, name, sort_name)
        ORDER BY it.identity, it.name
        ON CONFLICT ON CONSTRAINT person_identity_unique DO UPDATE SET identity = EXCLUDED.identity
        RETURNING identity, id
        "#,
        &identities,
        &names,
        &sort_names,
    )
    .fetch_all(db)
    .await?;
    let ids: HashMap<String, Uuid> = rows.into_iter().map(|it| (it.identity, it.id)).collect();
    for (identity, named) in identities.iter().zip(new) {
        if let Some(id) = ids.get(identity) {
            found.insert((*named).clone(), *id);
        }
    }
    Ok(())
}

async fn insert_ids(db: &mut PgConnection, found: &HashMap<Named, Uuid>) -> Result<()> {
    let (mut providers, mut values, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for (named, person) in found {
        if let Some((provider, value)) = &named.id {
            providers.push(provider.clone());
            values.push(value.clone());
            people.push(*person);
        }
    }
    if people.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO person_external_id (provider, value, person_id)
        SELECT DISTINCT ON (it.provider, it.value) it.provider, it.value, it.person_id
        FROM UNNEST($1::text[], $2::text[], $3::uuid[]) AS it (provider, value, person_id)
        ORDER BY it.provider, it.value
        ON CONFLICT ON CONSTRAINT person_external_id_pkey DO NOTHING
        "#,
        &providers,
        &values,
        &people,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One person's part in an item.
#[derive(Debug, Serialize)]
pub struct CreditRow {
    pub item_id: ItemId,
    pub position: i16,
    pub person_id: Uuid,
    pub role: &'static str,
    pub character: Option<String>,
}

/// Makes `rows` the cast and crew of `items`, but where a person locked them.
pub async fn replace_credits(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[CreditRow],
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        DELETE FROM credit
        USING item
        WHERE credit.item_id = ANY($1) AND item.id = credit.item_id AND NOT 'credits' = ANY(item.locked)
        "#,
        items,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO credit (item_id, position, person_id, role, character)
        SELECT it.item_id, it.position, it.person_id, it.role, it.character
        FROM jsonb_to_recordset($1) AS it (
            item_id uuid, position smallint, person_id uuid, role text, character text)
        JOIN item ON item.id = it.item_id AND NOT 'credits' = ANY(item.locked)
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}
