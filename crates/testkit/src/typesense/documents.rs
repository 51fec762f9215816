//! A collection and its documents.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Refusal;
use super::filter::Filter;
use super::schema::Schema;

#[derive(Debug)]
pub(super) struct Collection {
    pub schema: Schema,
    pub documents: BTreeMap<String, Value>,
    next_id: u64,
}

/// Only these fields of a document, by commas; all if none are named.
pub(super) fn some_of(document: &Value, fields: &str) -> Value {
    let mut document = document.clone();
    if let (Some(all), false) = (document.as_object_mut(), fields.is_empty()) {
        all.retain(|name, _| fields.split(',').any(|it| it.trim() == name));
    }
    document
}

impl Collection {
    pub fn new(schema: Schema) -> Self {
        Self { schema, documents: BTreeMap::new(), next_id: 0 }
    }

    pub fn name(&self) -> &str {
        &self.schema.name
    }

    pub fn describe(&self) -> Value {
        let mut described = self.schema.source.clone();
        described["num_documents"] = json!(self.documents.len());
        described["created_at"] = json!(0);
        described["default_sorting_field"] = json!(self.schema.default_sorting_field);
        described
    }

    /// Takes one line of an import; says what is wrong with it.
    pub fn import(&mut self, line: &str, may_replace: bool) -> Result<(), String> {
        let mut document: Value = serde_json::from_str(line).map_err(|_| "Bad JSON.")?;
        if !document.is_object() {
            return Err("Bad JSON.".into());
        }
        self.schema.check(&document)?;
        let id = document["id"].as_str().map_or_else(|| self.next_id.to_string(), str::to_owned);
        if !may_replace && self.documents.contains_key(&id) {
            return Err(format!("A document with id {id} already exists."));
        }
        document["id"] = json!(id);
        self.next_id += 1;
        self.documents.insert(id, document);
        Ok(())
    }

    pub fn delete_where(&mut self, filter_by: &str) -> Result<usize, Refusal> {
        let filter = Filter::parse(filter_by, &self.schema)?;
        let before = self.documents.len();
        self.documents.retain(|_, it| !filter.matches(it));
        Ok(before - self.documents.len())
    }
}
