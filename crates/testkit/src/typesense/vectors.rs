//! Search by a vector: `field:([1.0, 2.0], k:10)`. Every document is looked at, where Typesense follows its graph.

use serde_json::{Value, json};

use super::documents::Collection;
use super::schema::Field;
use super::{Refusal, bad_request, not_found};

/// A `vector_query`, checked.
pub(super) struct VectorQuery<'a> {
    field: &'a Field,
    numbers: Vec<f64>,
    /// How many are found at most; all that pass the filter, if left out.
    k: Option<usize>,
}

impl<'a> VectorQuery<'a> {
    pub fn parse(text: &str, collection: &'a Collection) -> Result<Self, Refusal> {
        let malformed = || bad_request("Malformed vector query string.");
        let (name, rest) = text.split_once(':').ok_or_else(malformed)?;
        let field = collection.schema.field(name.trim());
        let field = field.filter(|it| it.n_dimensions.is_some()).ok_or_else(|| {
            not_found(format!("Field `{}` does not have a vector query index.", name.trim()))
        })?;
        let rest = rest.trim().strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        let rest = rest.and_then(|it| it.trim().strip_prefix('[')).ok_or_else(malformed)?;
        let (numbers, options) = rest.split_once(']').ok_or_else(malformed)?;
        let numbers: Vec<f64> = numbers
            .split(',')
            .map(|it| it.trim().parse().map_err(|_| malformed()))
            .collect::<Result<_, _>>()?;
        if Some(numbers.len()) != field.n_dimensions {
            let expected = field.n_dimensions.unwrap_or_default();
            return Err(bad_request(format!(
                "Query field `{}` must have {expected} dimensions.",
                field.name
            )));
        }
        let mut k = None;
        for option in options.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, value) = option.split_once(':').ok_or_else(malformed)?;
            match name.trim() {
                "k" => k = Some(value.trim().parse().map_err(|_| malformed())?),
                _ => return Err(malformed()),
            }
        }
        Ok(Self { field, numbers, k })
    }

    /// The documents that have such a vector, the nearest first, each with its distance.
    pub fn find<'d>(&self, documents: Vec<&'d Value>) -> Vec<(f64, &'d Value)> {
        let distance = |document: &Value| {
            let other = document[&self.field.name].as_array()?;
            let other: Vec<f64> = other.iter().filter_map(Value::as_f64).collect();
            Some(1.0 - cosine(&self.numbers, &other))
        };
        let mut found: Vec<(f64, &Value)> =
            documents.into_iter().filter_map(|it| Some((distance(it)?, it))).collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        found.truncate(self.k.unwrap_or(found.len()));
        found
    }
}

fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let dot = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

/// Says what is wrong with the vector of a document.
pub(super) fn check(field: &Field, value: &Value) -> Result<(), String> {
    let length = value.as_array().map(Vec::len);
    match field.n_dimensions {
        Some(expected) if length != Some(expected) => {
            Err(format!("Field `{}` must have {expected} dimensions.", field.name))
        }
        _ => Ok(()),
    }
}

/// A hit of such a search.
pub(super) fn hit(document: &Value, distance: f64) -> Value {
    json!({ "document": document, "vector_distance": distance, "highlight": {}, "highlights": [] })
}
