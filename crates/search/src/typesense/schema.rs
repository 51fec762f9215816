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
        { "name": "sort_title", "type": "string", "sort": true },
    ]);
    let vector =
        json!({ "name": VECTOR, "type": "float[]", "num_dim": DIMENSIONS, "optional": true });
    if let Some(fields) = fields.as_array_mut() {
        fields.push(vector);
    }
    // What has no year comes last in either direction, so there is a field for each, which has an end for those.
    let ordered = [YEAR, RATING].into_iter().flat_map(|it| [it.up, it.down]);
    for name in ordered {
        if let Some(fields) = fields.as_array_mut() {
            fields.push(json!({ "name": name, "type": "int64" }));
        }
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

/// The fields of a number that hits are sorted by.
pub(super) struct Ordered {
    /// From the smallest; what has none comes last.
    pub up: &'static str,
    /// From the largest; what has none comes last.
    pub down: &'static str,
}

pub(super) const YEAR: Ordered = Ordered { up: "year_up", down: "year_down" };
pub(super) const RATING: Ordered = Ordered { up: "rating_up", down: "rating_down" };
/// No year and no rating is larger, or smaller when negative.
const NONE: i64 = 1 << 32;

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
        "sort_title": entry.sort_title,
        // Larger than a number of JSON can be everywhere.
        "digest": format!("{:016x}", entry.digest),
        "card": card,
    });
    for (field, number) in [(YEAR, entry.year), (RATING, entry.card.rating)] {
        document[field.up] = number.unwrap_or(NONE).into();
        document[field.down] = number.unwrap_or(-NONE).into();
    }
    for (name, number) in [("year", entry.year), ("rating", entry.card.rating), ("age", entry.age)]
    {
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
