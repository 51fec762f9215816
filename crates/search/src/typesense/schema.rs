//! The collection's fields and a document's form in it.

use kernel::{Error, Result};
use serde_json::{Value, json};

use crate::document::Entry;
use crate::facet::Facet;
use crate::fold::fold;
use crate::likeness::DIMENSIONS;

/// A collection for our documents. `card` and `digest` are no fields of it: kept and
/// given back, not indexed.
pub(super) fn collection(name: &str) -> Value {
    let mut fields = json!([
        { "name": "library_id", "type": "string[]" },
        { "name": "kind", "type": "string" },
        { "name": "titles", "type": "string[]" },
        { "name": "joined", "type": "string[]" },
        { "name": "numbered", "type": "string[]" },
        { "name": "people", "type": "string[]" },
        { "name": "tags", "type": "string[]" },
        { "name": "overview", "type": "string" },
        { "name": "popularity", "type": "float" },
        { "name": "added_at", "type": "int64" },
        { "name": "marks", "type": "int64[]" },
        { "name": "year", "type": "int64", "optional": true },
        { "name": "rating", "type": "int64", "optional": true },
        { "name": "age", "type": "int64", "optional": true },
    ]);
    let vector =
        json!({ "name": VECTOR, "type": "float[]", "num_dim": DIMENSIONS, "optional": true });
    if let Some(fields) = fields.as_array_mut() {
        fields.push(vector);
    }
    for facet in Facet::ALL {
        let mut add = |field: Value| fields.as_array_mut().map(|it| it.push(field));
        add(json!({ "name": folded(facet), "type": "string[]", "optional": true }));
        if facet.is_counted() {
            let name = written(facet);
            add(json!({ "name": name, "type": "string[]", "optional": true, "facet": true }));
        }
    }
    json!({ "name": name, "fields": fields, "default_sorting_field": "popularity" })
}

/// The field of what a document is like.
pub(super) const VECTOR: &str = "vector";

/// The field by whose values is filtered.
pub(super) fn folded(facet: Facet) -> String {
    format!("is_{}", facet.key())
}

/// The field whose values are counted.
pub(super) fn written(facet: Facet) -> String {
    format!("has_{}", facet.key())
}

pub(super) fn document(entry: &Entry) -> Result<Value> {
    let card = serde_json::to_string(&entry.card)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("writing a card")))?;
    let mut document = json!({
        "id": entry.card.id,
        "library_id": entry.libraries,
        "kind": entry.card.kind,
        "titles": entry.titles,
        "joined": entry.joined,
        "numbered": entry.numbered,
        "people": entry.people,
        "tags": entry.tags,
        "overview": entry.overview,
        "popularity": entry.card.popularity,
        "added_at": entry.card.added_at,
        "marks": entry.marks,
        // Larger than a number of JSON can be everywhere.
        "digest": format!("{:016x}", entry.digest),
        "card": card,
    });
    for (name, number) in [("year", entry.year), ("rating", entry.rating), ("age", entry.age)] {
        if let Some(number) = number {
            document[name] = number.into();
        }
    }
    if let Some(vector) = &entry.vector {
        document[VECTOR] = vector.numbers().iter().copied().collect();
    }
    for facet in Facet::ALL {
        let values: Vec<&str> = entry
            .facets
            .iter()
            .filter(|(of, _)| *of == facet)
            .map(|(_, value)| value.as_str())
            .collect();
        if values.is_empty() {
            continue;
        }
        document[folded(facet)] = values.iter().map(|it| fold(it)).collect();
        if facet.is_counted() {
            document[written(facet)] = json!(values);
        }
    }
    Ok(document)
}
