//! What is near to something, by the vector field.

use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{schema, seen};
use crate::document::compared_in;
use crate::likeness::{Near, Neighbour, Vector};

/// The search for what is nearest. Where few documents pass the filter, all of them are looked at.
pub(super) fn search(collection: &str, vector: &Vector, near: &Near<'_>, limit: usize) -> Value {
    let libraries: Vec<String> = near.libraries.iter().map(compared_in).collect();
    let numbers: Vec<String> = vector.numbers().iter().map(i8::to_string).collect();
    json!({
        "collection": collection,
        "q": "*",
        "vector_query": format!("{}:([{}], k: {limit})", schema::VECTOR, numbers.join(",")),
        "filter_by": seen(&libraries, near.guard).join(" && "),
        "include_fields": "id",
        "page": 1,
        "per_page": limit,
    })
}

/// The answer's documents, the nearest first.
pub(super) fn neighbours(answer: Value) -> Result<Vec<Neighbour>> {
    let answer: Answer = serde_json::from_value(answer).map_err(|error| {
        Error::Internal(anyhow::Error::new(error).context("an answer of Typesense"))
    })?;
    let near = |it: Hit| Neighbour { id: it.document.id, likeness: 1.0 - it.vector_distance };
    let mut found: Vec<Neighbour> = answer.hits.into_iter().map(near).collect();
    found.sort_by(|one, other| {
        other.likeness.total_cmp(&one.likeness).then_with(|| one.id.cmp(&other.id))
    });
    Ok(found)
}

#[derive(Deserialize)]
struct Answer {
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    document: Id,
    vector_distance: f32,
}

#[derive(Deserialize)]
struct Id {
    id: Uuid,
}
