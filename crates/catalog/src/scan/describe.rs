//! Writes what local metadata says of the items of a batch.

use kernel::Result;
use kernel::id::ItemId;
use metadata::{Facts, age_rating};
use sqlx::PgConnection;
use uuid::Uuid;

use super::identity::{Node, Origin};
use super::rows::clean;
use super::store::describe::{
    CreditRow, FactRow, LabelRow, PictureRow, PortraitRow, describe_items, replace_credits,
    replace_labels, replace_pictures, replace_portraits, upsert_external_ids,
};
use super::write::file_id;
use crate::kind::{FileRole, ImageRole};

/// A cover inside a file is shown where no picture lies beside it.
const EMBEDDED_RANK: i16 = 100;

/// Writes the `facts` of `nodes`, one for each; `files` are all files of the batch.
pub async fn describe(
    db: &mut PgConnection,
    nodes: &[Node<'_>],
    facts: &[Facts],
    files: &[Uuid],
) -> Result<()> {
    // An item that two units make is described by the first.
    let pairs: Vec<(&Node<'_>, &Facts)> =
        nodes.iter().zip(facts).filter(|(node, _)| node.origin != Origin::Repeated).collect();
    let rows: Vec<FactRow> = pairs.iter().map(|(node, facts)| fact_row(node.id, facts)).collect();
    describe_items(db, &rows).await?;
    let labels: Vec<LabelRow> =
        pairs.iter().flat_map(|(node, facts)| label_rows(node.id, facts)).collect();
    if !labels.is_empty() {
        replace_labels(db, &labels).await?;
    }
    let credits: Vec<CreditRow> =
        pairs.iter().flat_map(|(node, facts)| credit_rows(node.id, facts)).collect();
    if !credits.is_empty() {
        replace_credits(db, &credits).await?;
    }
    write_ids(db, &pairs).await?;
    let pictures: Vec<PictureRow> = nodes.iter().flat_map(picture_rows).collect();
    replace_pictures(db, files, &pictures).await?;
    let portraits: Vec<PortraitRow> = nodes.iter().flat_map(portrait_rows).collect();
    replace_portraits(db, files, &portraits).await
}

fn fact_row(id: ItemId, facts: &Facts) -> FactRow {
    let text = |it: &Option<String>| it.as_deref().map(clean);
    let title = text(&facts.title);
    let sort_title =
        facts.sort_title.as_ref().or(title.as_ref()).map(|it| naming::sort_title(&clean(it)));
    FactRow {
        id,
        sort_title,
        title,
        original_title: text(&facts.original_title),
        tagline: text(&facts.tagline),
        overview: text(&facts.overview),
        year: facts.year.or_else(|| facts.released_on.map(|it| chrono::Datelike::year(&it))),
        released_on: facts.released_on,
        ended_on: facts.ended_on,
        runtime_ms: facts.runtime_ms,
        rating: facts.rating,
        content_rating: text(&facts.content_rating),
        content_rating_age: facts.content_rating.as_deref().and_then(age_rating::age),
    }
}

fn label_rows(item_id: ItemId, facts: &Facts) -> Vec<LabelRow> {
    let lists = [
        ("genre", "genres", &facts.genres),
        ("tag", "tags", &facts.tags),
        ("studio", "studios", &facts.studios),
        ("country", "countries", &facts.countries),
    ];
    let mut rows = Vec::new();
    for (kind, field, names) in lists {
        for (name, position) in names.iter().zip(0_i16..) {
            let name = clean(name);
            let identity = naming::fold(&name);
            if !identity.is_empty() {
                rows.push(LabelRow { item_id, kind, field, name, identity, position });
            }
        }
    }
    rows
}

fn credit_rows(item_id: ItemId, facts: &Facts) -> Vec<CreditRow> {
    let credits = facts.credits.iter().zip(0_i16..);
    credits
        .filter_map(|(credit, position)| {
            let name = clean(&credit.name);
            let identity = naming::fold(&name);
            let sort_name = naming::sort_title(&name);
            (!identity.is_empty()).then(|| CreditRow {
                item_id,
                position,
                role: credit.role.as_str(),
                character: credit.character.as_deref().map(clean),
                name,
                sort_name,
                identity,
            })
        })
        .collect()
}

/// Ids in a name were put there to settle the matter: they win over those of an NFO file.
async fn write_ids(db: &mut PgConnection, pairs: &[(&Node<'_>, &Facts)]) -> Result<()> {
    let (mut items, mut providers, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (node, facts) in pairs {
        let mut ids = facts.ids.clone();
        ids.extend(
            node.candidate.ids.iter().map(|(provider, id)| ((*provider).to_owned(), id.clone())),
        );
        for (provider, value) in ids {
            items.push(node.id.0);
            providers.push(provider);
            values.push(clean(&value));
        }
    }
    if items.is_empty() {
        return Ok(());
    }
    upsert_external_ids(db, &items, &providers, &values).await
}

fn picture_rows(node: &Node<'_>) -> Vec<PictureRow> {
    let candidate = node.candidate;
    let mut rows: Vec<PictureRow> = Vec::new();
    for ((role, position), rank) in candidate.artwork.iter().zip(0_i16..) {
        let file_id = file_id(node, *position).0;
        rows.push(PictureRow {
            item_id: node.id,
            role: role.as_str(),
            source: "local",
            rank,
            file_id,
        });
    }
    for file in candidate.files.iter().filter(|it| it.role == FileRole::Main) {
        let reading = node.unit.readings.get(file.position).and_then(Option::as_ref);
        let cover = reading.and_then(|it| it.probe.as_ref()?.cover.as_ref());
        // Only a cover that lies in one piece can be copied out without decoding the whole tag.
        if cover.is_some_and(|it| it.offset.is_some() && it.size_bytes.is_some()) {
            let role = if node.parent.is_none() { ImageRole::Poster } else { ImageRole::Thumb };
            let file_id = file_id(node, file.position).0;
            let (role, source) = (role.as_str(), "embedded");
            rows.push(PictureRow { item_id: node.id, role, source, rank: EMBEDDED_RANK, file_id });
        }
    }
    rows
}

fn portrait_rows(node: &Node<'_>) -> Vec<PortraitRow> {
    let portraits = node.candidate.portraits.iter();
    portraits
        .map(|(name, position)| PortraitRow {
            item_id: node.id,
            name: clean(name),
            file_id: file_id(node, *position).0,
        })
        .collect()
}
