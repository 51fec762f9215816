//! The collection's fields and a document's form in it.

use kernel::{Error, Result};
use serde_json::{Value, json};

use crate::document::Entry;

/// A collection for our documents. `card` is no field of it: kept and given back, not indexed.
pub(super) fn collection(name: &str) -> Value {
    json!({
        "name": name,
        "fields": [
            { "name": "library_id", "type": "string" },
            { "name": "kind", "type": "string", "facet": true },
            { "name": "titles", "type": "string[]" },
            { "name": "joined", "type": "string[]" },
            { "name": "people", "type": "string[]" },
            { "name": "tags", "type": "string[]" },
            { "name": "overview", "type": "string" },
            { "name": "popularity", "type": "float" },
            { "name": "added_at", "type": "int64" },
            { "name": "marks", "type": "int64[]" },
        ],
        "default_sorting_field": "popularity",
    })
}

pub(super) fn document(entry: &Entry) -> Result<Value> {
    let card = serde_json::to_string(&entry.card)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("writing a card")))?;
    Ok(json!({
        "id": entry.card.id,
        "library_id": entry.library_id,
        "kind": entry.card.kind,
        "titles": entry.titles,
        "joined": entry.joined,
        "people": entry.people,
        "tags": entry.tags,
        "overview": entry.overview,
        "popularity": entry.card.popularity,
        "added_at": entry.card.added_at,
        "marks": entry.marks,
        "card": card,
    }))
}
